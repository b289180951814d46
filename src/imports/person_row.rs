//! A row of a list of people as values.

use std::borrow::Cow;

use csv::StringRecord;
use jiff::Timestamp;

use super::cells::{said, shown, unguarded, yes_or_no};
use super::columns::OurColumn;
use super::countries::country;
use super::dates::{DateOrder, moment};
use super::mapping::Mapping;
use crate::contacts::{Channel, Origin, PersonFields};
use crate::values::{Country, EmailAddress, HttpUrl, Label, PersonName, PhoneNumber, Zone, squeeze_text};

/// Longest tag, in characters.
const LONGEST_TAG: usize = 40;
/// Most tags of a person.
const MOST_TAGS: usize = 50;
/// Longest note and longest answer, in characters.
const LONGEST_TEXT: usize = 2_000;

/// Digits of a telephone number that may have the code of its country without a +.
const SHORTEST_WITH_CODE: usize = 11;

/// A person as a row has them.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// The row in a spreadsheet.
    pub line: u32,
    /// Who it is.
    pub email: EmailAddress,
    /// Where no column has it: what stands before the @.
    pub name: PersonName,
    /// What else is known of them.
    pub person: PersonFields,
    /// Each once.
    pub tags: Vec<String>,
    /// Plain text.
    pub note: Option<String>,
    /// When they registered.
    pub registered_at: Option<Timestamp>,
    /// Their own way in to another service.
    pub join_url: Option<HttpUrl>,
    /// Where they came from.
    pub origin: Origin,
    /// What they agreed to, where the row says when and where.
    pub consent: Option<ImportedConsent>,
    /// Key of a question and what stands in its column, in the order of the columns.
    pub answers: Vec<(String, String)>,
}

/// A consent that was given elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedConsent {
    /// When.
    pub at: Timestamp,
    /// Where, in the words of the file.
    pub source: String,
}

/// A row that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The row in a spreadsheet.
    pub line: u32,
    /// What is wrong, in a sentence that begins with the column.
    pub reason: String,
}

/// A cell that was left out of a row that is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowWarning {
    /// The row in a spreadsheet.
    pub line: u32,
    /// What was left out and why, in a sentence that begins with the column.
    pub text: String,
}

/// How the dates of a column are read.
#[derive(Debug, Clone)]
pub(super) struct DateColumn {
    pub(super) order: DateOrder,
    pub(super) zone: Zone,
}

/// What reading a row takes besides the row.
pub(super) struct RowReader<'r> {
    pub(super) mapping: &'r Mapping,
    pub(super) registered_at: DateColumn,
    pub(super) consent_at: DateColumn,
    pub(super) now: Timestamp,
    /// What was left out of the rows so far.
    pub(super) warnings: Vec<RowWarning>,
    /// The row that is being read.
    pub(super) line: u32,
}

impl RowReader<'_> {
    /// Reads a row.
    ///
    /// # Errors
    /// Says why it cannot be imported.
    pub(super) fn read(&mut self, row: &StringRecord) -> Result<PersonRow, BadRow> {
        let (email, pasted_name) = self.email(row)?;
        let (name, first_name, last_name) = self.name(row, &email, &pasted_name)?;
        let home = self.country(row);
        let person = PersonFields {
            first_name,
            last_name,
            company: self.label(row, &OurColumn::Company),
            job_title: self.label(row, &OurColumn::JobTitle),
            phone: self.phone(row, home),
            country: home.map(|home| home.code.to_owned()),
        };
        Ok(PersonRow {
            line: self.line,
            email,
            name,
            person,
            tags: self.tags(row),
            note: self.note(row),
            registered_at: self.registered_at(row),
            join_url: self.join_url(row),
            origin: self.origin(row),
            consent: self.consent(row),
            answers: self.answers(row),
        })
    }

    /// What stands in a column.
    fn cell(&self, row: &StringRecord, column: &OurColumn) -> String {
        unguarded(said(self.mapping.cell(row, column)))
    }

    fn bad(&self, column: &OurColumn, wrong: &str) -> BadRow {
        BadRow {
            line: self.line,
            reason: format!("{column}: {wrong}"),
        }
    }

    fn warn(&mut self, column: &OurColumn, wrong: &str) {
        let (line, text) = (self.line, format!("{column}: {wrong}"));
        self.warnings.push(RowWarning { line, text });
    }

    /// The address, and the name that was pasted with it.
    fn email(&self, row: &StringRecord) -> Result<(EmailAddress, String), BadRow> {
        let column = OurColumn::Email;
        let cell = self.cell(row, &column);
        if cell.is_empty() {
            return Err(self.bad(&column, "the cell is empty."));
        }
        let email = EmailAddress::read(&cell).map_err(|misread| {
            let meant = misread.meant.first().map(|meant| format!(" Perhaps {meant} is meant."));
            let wrong = format!(
                "{} is not an e-mail address.{}",
                shown(&cell),
                meant.unwrap_or_default()
            );
            self.bad(&column, &wrong)
        })?;
        let before = cell.split_once('<').map_or("", |(name, _)| name);
        Ok((email, before.trim().trim_matches(['"', '\'']).trim().to_owned()))
    }

    /// The name, and its parts where there are two.
    fn name(
        &self,
        row: &StringRecord,
        email: &EmailAddress,
        pasted: &str,
    ) -> Result<(PersonName, Option<String>, Option<String>), BadRow> {
        let part = |column: OurColumn| match self.cell(row, &column) {
            cell if cell.is_empty() => Ok(None),
            cell => self.parsed_name(&column, &cell).map(Some),
        };
        let (first, last) = (part(OurColumn::FirstName)?, part(OurColumn::LastName)?);
        let whole = self.cell(row, &OurColumn::FullName);
        let name = match (&first, &last) {
            _ if !whole.is_empty() => self.parsed_name(&OurColumn::FullName, &whole)?,
            (Some(first), Some(last)) => self.parsed_name(&OurColumn::LastName, &format!("{first} {last}"))?,
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) if !pasted.is_empty() => self.parsed_name(&OurColumn::Email, pasted)?,
            (None, None) => {
                let local = email.as_str().split('@').next().unwrap_or_default();
                self.parsed_name(&OurColumn::Email, local)?
            }
        };
        let text = |name: Option<PersonName>| name.map(|name| name.to_string());
        Ok((name, text(first), text(last)))
    }

    fn parsed_name(&self, column: &OurColumn, cell: &str) -> Result<PersonName, BadRow> {
        PersonName::parse(cell).map_err(|problem| {
            // The sentence is one for whoever types their own name.
            let advice = problem.message().replace("your name", "the name");
            self.bad(column, &format!("{} is not taken as a name. {advice}", shown(cell)))
        })
    }

    fn country(&mut self, row: &StringRecord) -> Option<&'static Country> {
        let cell = self.cell(row, &OurColumn::Country);
        let found = country(&cell);
        if found.is_none() && !cell.is_empty() {
            let wrong = format!("{} is not a country that is known. It was left out.", shown(&cell));
            self.warn(&OurColumn::Country, &wrong);
        }
        found
    }

    fn phone(&mut self, row: &StringRecord, home: Option<&'static Country>) -> Option<String> {
        let cell = self.cell(row, &OurColumn::Phone);
        if cell.is_empty() {
            return None;
        }
        let number = PhoneNumber::parse(&with_plus(&cell, home), home).ok();
        if number.is_none() {
            let advice = if home.is_none() {
                " Write it with + and the code of its country."
            } else {
                ""
            };
            let wrong = format!(
                "{} is not read as a telephone number. It was left out.{advice}",
                shown(&cell)
            );
            self.warn(&OurColumn::Phone, &wrong);
        }
        number.map(|number| number.to_string())
    }

    fn label(&self, row: &StringRecord, column: &OurColumn) -> Option<String> {
        Label::lenient(&self.cell(row, column)).map(|label| label.as_str().to_owned())
    }

    fn tags(&mut self, row: &StringRecord) -> Vec<String> {
        let cell = self.cell(row, &OurColumn::Tags);
        let mut tags: Vec<String> = Vec::new();
        for raw in cell.split([';', ',', '\n']) {
            let Some(tag) = Label::lenient(raw) else { continue };
            let tag = tag.as_str();
            if tag.chars().count() > LONGEST_TAG {
                let wrong = format!(
                    "{} was left out. A tag has at most {LONGEST_TAG} characters.",
                    shown(tag)
                );
                self.warn(&OurColumn::Tags, &wrong);
            } else if !tags.iter().any(|other| other == tag) {
                tags.push(tag.to_owned());
            }
        }
        if tags.len() > MOST_TAGS {
            self.warn(
                &OurColumn::Tags,
                &format!("Those after the first {MOST_TAGS} were left out."),
            );
            tags.truncate(MOST_TAGS);
        }
        tags
    }

    fn note(&mut self, row: &StringRecord) -> Option<String> {
        let cell = self.cell(row, &OurColumn::Note);
        let note = cut(&cell);
        if note.len() < cell.len() {
            self.warn(
                &OurColumn::Note,
                &format!("What follows the first {LONGEST_TEXT} characters was left out."),
            );
        }
        squeeze_text(note, LONGEST_TEXT).ok().filter(|note| !note.is_empty())
    }

    fn registered_at(&mut self, row: &StringRecord) -> Option<Timestamp> {
        let column = OurColumn::RegisteredAt;
        let cell = self.cell(row, &column);
        self.past_moment(&column, &cell, &self.registered_at.clone(), "It was left out.")
    }

    /// A moment that is over; what is none is warned of.
    fn past_moment(&mut self, column: &OurColumn, cell: &str, dates: &DateColumn, so: &str) -> Option<Timestamp> {
        if cell.is_empty() {
            return None;
        }
        match moment(cell, dates.order, &dates.zone) {
            Some(at) if at <= self.now => Some(at),
            Some(_) => {
                self.warn(column, &format!("{} is in the future. {so}", shown(cell)));
                None
            }
            None => {
                self.warn(column, &format!("{} is not read as a date. {so}", shown(cell)));
                None
            }
        }
    }

    fn join_url(&mut self, row: &StringRecord) -> Option<HttpUrl> {
        let cell = self.cell(row, &OurColumn::JoinUrl);
        let url = HttpUrl::parse(&cell).ok();
        if url.is_none() && !cell.is_empty() {
            let wrong = format!("{} is not a web address. It was left out.", shown(&cell));
            self.warn(&OurColumn::JoinUrl, &wrong);
        }
        url
    }

    fn origin(&self, row: &StringRecord) -> Origin {
        Origin {
            channel: Channel::Organizer,
            utm_source: self.label(row, &OurColumn::UtmSource),
            utm_medium: self.label(row, &OurColumn::UtmMedium),
            utm_campaign: self.label(row, &OurColumn::UtmCampaign),
            utm_term: self.label(row, &OurColumn::UtmTerm),
            utm_content: self.label(row, &OurColumn::UtmContent),
            referrer: self.label(row, &OurColumn::Referrer),
            time_zone: None,
            locale: None,
        }
    }

    /// Only a consent of which it is known when and where it was given.
    fn consent(&mut self, row: &StringRecord) -> Option<ImportedConsent> {
        const SO: &str = "The consent was left out.";
        let column = OurColumn::Consent;
        let cell = self.cell(row, &column);
        match yes_or_no(&cell) {
            Some(true) => {}
            Some(false) => return None,
            None => {
                self.warn(&column, &format!("{} is neither yes nor no. {SO}", shown(&cell)));
                return None;
            }
        }
        let at = self.cell(row, &OurColumn::ConsentAt);
        if at.is_empty() {
            self.warn(&OurColumn::ConsentAt, &format!("the cell is empty. {SO}"));
            return None;
        }
        let at = self.past_moment(&OurColumn::ConsentAt, &at, &self.consent_at.clone(), SO)?;
        let Some(source) = self.label(row, &OurColumn::ConsentSource) else {
            self.warn(&OurColumn::ConsentSource, &format!("the cell is empty. {SO}"));
            return None;
        };
        Some(ImportedConsent { at, source })
    }

    fn answers(&self, row: &StringRecord) -> Vec<(String, String)> {
        let questions = self.mapping.questions();
        let answers = questions.map(|(index, key)| {
            let cell = said(row.get(index).unwrap_or_default());
            (key.to_owned(), unguarded(cell))
        });
        answers.filter(|(_, answer)| !answer.is_empty()).collect()
    }
}

/// A number whose + a spreadsheet took away: too long for one inside the country, and with its code.
fn with_plus<'c>(cell: &'c str, home: Option<&Country>) -> Cow<'c, str> {
    let is_whole = cell.len() >= SHORTEST_WITH_CODE && cell.bytes().all(|byte| byte.is_ascii_digit());
    let code = home.map(Country::calling_code).filter(|code| !code.is_empty());
    if is_whole && code.is_some_and(|code| cell.starts_with(code)) {
        format!("+{cell}").into()
    } else {
        cell.into()
    }
}

/// No more than a note may have.
fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(LONGEST_TEXT).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}
