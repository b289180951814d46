//! What a list is asked for: every filter, the order and the page, as they stand in its address. What can be read there can
//! be shared, saved, exported, and done something to.

use jiff::Timestamp;

use super::place::ListPlace;
use crate::assessment;
use crate::contacts::roster::{MailStanding, PersonFilter};
use crate::db::listing::{ListCondition, ListOrder, ListPart, Listing, PEOPLE};
use crate::db::{Conn, DbError};
use crate::values::{PublicId, Slug};
use crate::web::{Form, WebError};
use crate::webcasts::RegistrationState;
use crate::webcasts::attendance::Attended;
use crate::webcasts::roster::{SEATS, SeatFilter, SeatsWanted};
use crate::whitepapers::RequestState;
use crate::whitepapers::roster::{REQUESTED, RequestFilter, RequestsWanted, asked_for};

/// Filters by their name in an address, besides `a_<key>`: one answer to one question.
const FILTERS: [&str; 12] = [
    "q",
    "webcast",
    "session",
    "state",
    "attendance",
    "source",
    "confirmed",
    "mail",
    "consent",
    "tag",
    "whitepaper",
    "talk",
];
/// Before the key of a question.
pub(crate) const ANSWER: &str = "a_";
/// Longest value that is looked at, in bytes.
const LONGEST: usize = 400;

/// It, parsed.
#[derive(Debug, Clone)]
pub(crate) struct ListQuery {
    /// Which list.
    pub place: ListPlace,
    /// What is asked of registrations,
    pub seats: SeatsWanted,
    /// of requests,
    pub requests: RequestsWanted,
    /// and of people.
    pub people: PersonFilter,
    /// Of people: who asked for this paper,
    paper: Option<Slug>,
    /// and who wants to talk about a result.
    talk: bool,
    /// Its order.
    pub order: ListOrder,
    /// The row that the page before ended with.
    pub after: Option<PublicId>,
    /// Filters as they were given, with a value.
    filters: Vec<(String, String)>,
}

type ListedRows = (Option<ListPart>, Vec<ListCondition>);

impl ListQuery {
    /// Reads it. What this list has no filter for is no filter.
    ///
    /// # Errors
    /// 404 for a value that there is not.
    pub(crate) fn read(place: ListPlace, form: &Form) -> Result<Self, WebError> {
        let filters = filters_of(&place, form);
        let value = |name: &str| {
            let found = filters.iter().find(|(filter, _)| filter == name);
            found.map(|(_, value)| value.as_str())
        };
        let answers = filters
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(ANSWER)?.to_owned(), value.clone())));
        let answers: Vec<(String, String)> = answers.collect();
        let source = value("source").map(str::to_owned);
        let people = PersonFilter {
            typed: value("q").unwrap_or_default().to_owned(),
            confirmed: read(value("confirmed"), yes_or_no)?,
            mail: read(value("mail"), MailStanding::parse)?,
            agreed: read(value("consent"), yes_or_no)?,
            tag: value("tag").map(str::to_owned),
        };
        let mut query = Self {
            seats: SeatsWanted::default(),
            requests: RequestsWanted::default(),
            people,
            paper: None,
            talk: read(value("talk"), yes_or_no)?.unwrap_or(false),
            order: read(Some(form.text("sort")).filter(|raw| !raw.is_empty()), ListOrder::parse)?.unwrap_or_default(),
            after: read(Some(form.text("after")).filter(|raw| !raw.is_empty()), PublicId::parse)?,
            place,
            filters: filters.clone(),
        };
        let paper = read(value("whitepaper"), |raw| Slug::parse(raw).ok())?;
        match &query.place {
            ListPlace::Requests(only) => {
                query.requests = RequestsWanted {
                    paper: only.clone().or(paper),
                    state: read(value("state"), RequestState::parse)?,
                    source,
                    answers,
                };
            }
            place => {
                let webcast = read(value("webcast"), |raw| Slug::parse(raw).ok())?;
                let only = match place {
                    ListPlace::Attendees(webcast) => Some(webcast.clone()),
                    _ => None,
                };
                query.seats = SeatsWanted {
                    webcast: only.or(webcast),
                    session: read(value("session"), PublicId::parse)?,
                    state: read(value("state"), RegistrationState::parse)?,
                    attendance: read(value("attendance"), Attended::parse)?,
                    source,
                    answers,
                };
                query.paper = paper;
            }
        }
        Ok(query)
    }

    /// Reads what stands behind the question mark of an address.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn of_address(place: ListPlace, query: &str) -> Result<Self, WebError> {
        Self::read(place, &Form::decode(query.as_bytes()))
    }

    /// By which filters it was narrowed, for the audit log: not whom somebody searched for, nor what organizers or people wrote.
    pub(crate) fn narrowed_in_words(&self) -> Vec<String> {
        let filters = self.filters.iter();
        filters
            .map(|(name, value)| match name.as_str() {
                "q" => "by a search".to_owned(),
                "tag" => "by a tag".to_owned(),
                name if name.starts_with(ANSWER) => "by an answer".to_owned(),
                name => format!("{name} {value}"),
            })
            .collect()
    }

    /// Filters with their values, in their order.
    pub(crate) fn filters(&self) -> &[(String, String)] {
        &self.filters
    }

    /// The value of a filter; empty where it is not set.
    pub(crate) fn value(&self, name: &str) -> &str {
        let found = self.filters.iter().find(|(filter, _)| filter == name);
        found.map_or("", |(_, value)| value)
    }

    /// Filters and order, as they stand behind the question mark, without those of this name.
    pub(crate) fn address_without(&self, without: &str) -> String {
        let mut address = url::form_urlencoded::Serializer::new(String::new());
        address.extend_pairs(self.filters.iter().filter(|(name, _)| name != without));
        if self.order != ListOrder::default() && without != "sort" {
            address.append_pair("sort", self.order.as_str());
        }
        address.finish()
    }

    /// All of them.
    pub(crate) fn address(&self) -> String {
        self.address_without("")
    }

    /// Where it is, with this behind its filters.
    pub(crate) fn path_with(&self, more: &str) -> String {
        let parts = [self.address(), more.to_owned()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() {
            self.place.path()
        } else {
            format!("{}?{}", self.place.path(), parts.join("&"))
        }
    }

    /// The same in another order, from the start.
    pub(crate) fn sorted(&self, order: ListOrder) -> Self {
        Self {
            order,
            after: None,
            ..self.clone()
        }
    }

    /// The same without a filter.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn without(&self, filter: &str) -> Result<Self, WebError> {
        Self::of_address(self.place.clone(), &self.address_without(filter))
    }

    /// Which rows. `None`: what is asked for is not there, so nobody has it.
    pub(crate) async fn listing(&self, conn: &mut Conn, now: Timestamp) -> Result<Option<Listing>, DbError> {
        let of = match &self.place {
            ListPlace::People => PEOPLE,
            ListPlace::Attendees(_) => SEATS,
            ListPlace::Requests(_) => REQUESTED,
        };
        let Some((part, mut conditions)) = self.rows(conn).await? else {
            return Ok(None);
        };
        conditions.extend(self.people.conditions(conn, of.person, now).await?);
        if let Some(paper) = &self.paper {
            let Some(asked) = asked_for(conn, of.person, paper).await? else {
                return Ok(None);
            };
            conditions.push(asked);
        }
        if self.talk {
            conditions.push(assessment::store::contact_requests::wants_to_talk(of.person));
        }
        Ok(Some(Listing {
            of,
            part,
            conditions,
            order: self.order,
        }))
    }

    /// The part of a table, and what must be true of its rows.
    async fn rows(&self, conn: &mut Conn) -> Result<Option<ListedRows>, DbError> {
        if let ListPlace::Requests(_) = self.place {
            let found = RequestFilter::find(conn, &self.requests).await?;
            return Ok(found.map(|filter| (filter.part, filter.conditions)));
        }
        let Some(filter) = SeatFilter::find(conn, &self.seats).await? else {
            return Ok(None);
        };
        Ok(Some(match self.place {
            ListPlace::People => (None, filter.of_people(conn)),
            _ => (filter.part(), filter.conditions(conn)),
        }))
    }
}

/// The filters of a list that have a value, in their order.
fn filters_of(place: &ListPlace, form: &Form) -> Vec<(String, String)> {
    let missing: &[&str] = match place {
        ListPlace::People => &[],
        ListPlace::Attendees(_) => &["webcast"],
        ListPlace::Requests(None) => &["webcast", "session", "attendance"],
        ListPlace::Requests(Some(_)) => &["webcast", "session", "attendance", "whitepaper"],
    };
    let given = |name: &str| {
        // PostgreSQL keeps no text with a NUL in it, and nobody types the others.
        let value = form.text(name).replace(char::is_control, " ");
        let value = value.trim();
        (!value.is_empty() && value.len() <= LONGEST).then(|| (name.to_owned(), value.to_owned()))
    };
    let known = FILTERS
        .iter()
        .filter(|name| !missing.contains(name))
        .filter_map(|name| given(name));
    let answers = form.names().filter(|name| name.starts_with(ANSWER)).filter_map(given);
    let mut filters: Vec<(String, String)> = Vec::new();
    for filter in known.chain(answers) {
        if !filters.contains(&filter) {
            filters.push(filter);
        }
    }
    filters
}

fn read<T>(raw: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, WebError> {
    raw.map(|raw| parse(raw).ok_or(WebError::NotFound)).transpose()
}

fn yes_or_no(raw: &str) -> Option<bool> {
    match raw {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_all_of_it_and_nothing_else() {
        let place = ListPlace::Attendees(Slug::parse("on-partnering").unwrap());
        let address = "state=registered&attendance=attended&consent=yes&tag=hot+lead&a_role=sales&sort=-name";
        let query = ListQuery::of_address(place.clone(), &format!("{address}&webcast=other&colour=red&q=")).unwrap();
        assert_eq!(query.address(), address);
        assert_eq!(query.address_without("tag"), address.replace("&tag=hot+lead", ""));
        assert_eq!(query.seats.webcast.as_ref().map(Slug::as_str), Some("on-partnering"));
        for wrong in [
            "state=gone",
            "attendance=maybe",
            "sort=age",
            "after=x",
            "consent=perhaps",
        ] {
            assert!(ListQuery::of_address(place.clone(), wrong).is_err(), "{wrong}");
        }
    }
}
