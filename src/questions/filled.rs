//! Reading a posted form by its design: all mistakes at once; answers to what was not asked are dropped.

use super::one_answer::read_answer;
use super::store::KeptAnswer;
use super::{Condition, Design, FieldMode, NameFields, PersonField, Question, QuestionKind};
use crate::contacts::PersonFields;
use crate::values::{Country, Label, PersonName, PhoneNumber, Problem, is_blank};
use crate::web::Form;

/// What was filled in, checked.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// [`Design::version`] that it was read by.
    pub version: i64,
    /// What the person said of themselves.
    pub person: PersonFields,
    /// The answers, in the order of the questions.
    pub answers: Vec<FilledAnswer>,
}

/// An answer; of a question with several, one each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledAnswer {
    /// The question.
    pub question_id: i64,
    /// From 0, where there are several.
    pub position: i64,
    /// As it is shown and exported.
    pub value: String,
    /// For lists and figures: the key of what was chosen; empty for what was written, since an index of it would cost more
    /// than it is worth.
    pub value_key: String,
}

/// Why a form was not taken.
#[derive(Debug, Clone, Default)]
pub struct FormRefused {
    /// Fields, and what is wrong with each.
    pub problems: Vec<(String, String)>,
    /// Questions that rule out whoever answers so.
    pub ruled_out: Vec<i64>,
}

impl FormRefused {
    /// What is wrong with a field.
    #[must_use]
    pub fn problem(&self, field: &str) -> Option<&String> {
        self.problems
            .iter()
            .find_map(|(id, problem)| (id == field).then_some(problem))
    }

    /// Whether nothing is wrong but that they cannot come.
    #[must_use]
    pub fn is_ruled_out(&self) -> bool {
        !self.ruled_out.is_empty() && self.ruled_out.len() == self.problems.len()
    }
}

impl Design {
    /// Reads name, fields and answers.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn read(&self, form: &Form) -> Result<(PersonName, Filled), FormRefused> {
        let mut reader = AnswerReader {
            form,
            home: None,
            refused: FormRefused::default(),
        };
        let mut filled = Filled {
            version: self.version,
            ..Filled::default()
        };
        let name = reader.name(self.fields.names, &mut filled.person);
        // The country comes before the telephone, which is read with it.
        for field in PersonField::ALL {
            let mode = self.fields.mode(field);
            if mode != FieldMode::Off {
                *slot(&mut filled.person, field) = reader.field(field, mode);
                reader.look_for_home(filled.person.country.as_deref());
            }
        }
        for question in &self.questions {
            if is_asked(question.asked_if.as_ref(), self, &filled.answers) {
                reader.question(question, &mut filled.answers);
            }
        }
        match name {
            Some(name) if reader.refused.problems.is_empty() => Ok((name, filled)),
            _ => Err(reader.refused),
        }
    }

    /// What somebody who changes their answers was not shown stays as it was: a field that the form has no more, an answer
    /// that can be chosen no more, a consent to other words than today's.
    pub fn keep_unasked(&self, filled: &mut Filled, kept: &[KeptAnswer], person: &PersonFields, is_same_name: bool) {
        if self.fields.names == NameFields::Whole && is_same_name {
            filled.person.first_name.clone_from(&person.first_name);
            filled.person.last_name.clone_from(&person.last_name);
        }
        let mut person = person.clone();
        for field in PersonField::ALL {
            if self.fields.mode(field) == FieldMode::Off {
                *slot(&mut filled.person, field) = slot(&mut person, field).take();
            }
        }
        for question in &self.questions {
            if filled.answers.iter().any(|answer| answer.question_id == question.id) {
                continue;
            }
            let unseen = kept
                .iter()
                .filter(|answer| answer.question_id == question.id && !question.shows(answer));
            filled
                .answers
                .extend(unseen.zip(0..).map(|(answer, position)| FilledAnswer {
                    question_id: question.id,
                    position,
                    value: answer.value.clone(),
                    value_key: answer.value_key.clone(),
                }));
        }
    }
}

fn slot(person: &mut PersonFields, field: PersonField) -> &mut Option<String> {
    match field {
        PersonField::Company => &mut person.company,
        PersonField::JobTitle => &mut person.job_title,
        PersonField::Country => &mut person.country,
        PersonField::Phone => &mut person.phone,
    }
}

/// By what was answered before it.
fn is_asked(condition: Option<&Condition>, design: &Design, answers: &[FilledAnswer]) -> bool {
    let Some(condition) = condition else { return true };
    let Some(earlier) = design.question(&condition.key) else {
        return false;
    };
    answers
        .iter()
        .any(|answer| answer.question_id == earlier.id && answer.value_key == condition.is)
}

struct AnswerReader<'f> {
    form: &'f Form,
    /// The country that was answered last, by which a national telephone number is read.
    home: Option<&'static Country>,
    refused: FormRefused,
}

impl AnswerReader<'_> {
    fn refuse(&mut self, field: &str, problem: impl Into<String>) {
        self.refused.problems.push((field.to_owned(), problem.into()));
    }

    fn look_for_home(&mut self, code: Option<&str>) {
        self.home = code.and_then(|code| Country::parse(code).ok()).or(self.home);
    }

    /// What was read, or its mistake is noted.
    fn noted<T>(&mut self, field: &str, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.refuse(field, problem.message())).ok()
    }

    fn name(&mut self, names: NameFields, person: &mut PersonFields) -> Option<PersonName> {
        if names == NameFields::Whole {
            let name = PersonName::parse(self.form.text("name"));
            return self.noted("name", name);
        }
        let part = |field: &'static str, empty: &'static str| match self.form.text(field).trim() {
            "" => Err(Problem::new(empty)),
            raw => PersonName::parse(raw),
        };
        let first = part("first_name", "Enter your first name.");
        let last = part("last_name", "Enter your last name.");
        let (first, last) = (self.noted("first_name", first), self.noted("last_name", last));
        let (first, last) = (first?, last?);
        let whole = PersonName::parse(&format!("{first} {last}"));
        person.first_name = Some(first.to_string());
        person.last_name = Some(last.to_string());
        self.noted("last_name", whole)
    }

    fn field(&mut self, field: PersonField, mode: FieldMode) -> Option<String> {
        let (id, raw) = (field.as_str(), self.form.text(field.as_str()).trim());
        if raw.is_empty() {
            if mode == FieldMode::Required {
                self.refuse(
                    id,
                    match field {
                        PersonField::Company => "Enter the name of your company.",
                        PersonField::JobTitle => "Enter your job title.",
                        PersonField::Country => "Choose your country.",
                        PersonField::Phone => "Enter your telephone number.",
                    },
                );
            }
            return None;
        }
        let read = match field {
            PersonField::Company | PersonField::JobTitle => Label::parse(raw).map(|label| label.as_str().to_owned()),
            PersonField::Country => Country::parse(raw).map(|country| country.code.to_owned()),
            PersonField::Phone => PhoneNumber::parse(raw, self.home).map(|number| number.to_string()),
        };
        self.noted(id, read)
    }

    fn question(&mut self, question: &Question, answers: &mut Vec<FilledAnswer>) {
        let field = question.field();
        let posted = self.posted(question, &field);
        if posted.is_empty() {
            if question.required {
                self.refuse(&field, missing(question.kind));
            }
            return;
        }
        let read = posted
            .iter()
            .map(|raw| read_answer(question, raw, self.home))
            .collect::<Result<Vec<_>, _>>();
        let Some(values) = self.noted(&field, read) else { return };
        if question.kind == QuestionKind::Country {
            self.look_for_home(values.first().map(|(value, _)| value.as_str()));
        }
        if let Some(ineligible) = &question.ineligible
            && values.iter().any(|(_, key)| ineligible.answers.contains(key))
        {
            self.refused.ruled_out.push(question.id);
            self.refuse(&field, ineligible.words.as_str());
        }
        answers.extend(
            values
                .into_iter()
                .zip(0..)
                .map(|((value, value_key), position)| FilledAnswer {
                    question_id: question.id,
                    position,
                    value,
                    value_key,
                }),
        );
    }

    /// What was filled in: of a list that takes several, each once, in the list's order.
    fn posted(&self, question: &Question, field: &str) -> Vec<String> {
        let values = self.form.all(field).filter(|value| !is_blank(value));
        match question.kind {
            QuestionKind::ManyOf => {
                let posted: Vec<&str> = values.collect();
                let known = |key: &&str| question.options.iter().any(|option| option.key == *key);
                let chosen = question.options.iter().map(|option| option.key.as_str());
                let unknown = posted.iter().copied().filter(|key| !known(key));
                let chosen = chosen.filter(|key| posted.contains(key));
                chosen.chain(unknown).map(str::to_owned).collect()
            }
            _ => values.take(1).map(str::to_owned).collect(),
        }
    }
}

fn missing(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Text | QuestionKind::LongText => "Answer this question.",
        QuestionKind::Number => "Enter a number.",
        QuestionKind::Date => "Enter a date.",
        QuestionKind::YesNo => "Choose yes or no.",
        QuestionKind::OneOf => "Choose one of the answers.",
        QuestionKind::ManyOf => "Choose at least one of the answers.",
        QuestionKind::Country => "Choose a country.",
        QuestionKind::Phone => "Enter a telephone number.",
        QuestionKind::Consent => "Tick this box to go on.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(key: &str, kind: QuestionKind, asked_if: Option<(&str, &str)>) -> Question {
        Question {
            id: i64::from(key.as_bytes()[0]),
            public_id: crate::values::PublicId::random(),
            key: key.to_owned(),
            kind,
            label: key.to_owned(),
            help: String::new(),
            required: kind == QuestionKind::LongText,
            options: Vec::new(),
            retired: Vec::new(),
            asked_if: asked_if.map(|(key, is)| Condition {
                key: key.to_owned(),
                is: is.to_owned(),
            }),
            ineligible: None,
            version: 1,
        }
    }

    #[test]
    fn what_nobody_sees_is_no_answer() {
        let design = Design {
            questions: vec![question("text", QuestionKind::LongText, None)],
            ..Design::default()
        };
        let form = Form::of([
            ("name".to_owned(), "Ada".to_owned()),
            ("q_text".to_owned(), "\u{200b} \u{2060}".to_owned()),
        ]);
        assert_eq!(
            design.read(&form).unwrap_err().problem("q_text").unwrap(),
            "Answer this question."
        );
    }

    #[test]
    fn a_number_is_read_with_a_country_that_was_asked_for() {
        let design = Design {
            questions: vec![
                question("has", QuestionKind::YesNo, None),
                question("where", QuestionKind::Country, Some(("has", "yes"))),
                question("phone", QuestionKind::Phone, None),
            ],
            ..Design::default()
        };
        let read = |has: &str| {
            let fields = [
                ("name", "Ada"),
                ("q_has", has),
                ("q_where", "DE"),
                ("q_phone", "030 1234567"),
            ];
            design.read(&Form::of(
                fields.map(|(name, value)| (name.to_owned(), value.to_owned())),
            ))
        };
        let (_, filled) = read("yes").unwrap();
        assert_eq!(filled.answers.last().unwrap().value, "+49301234567");
        assert!(
            read("no")
                .unwrap_err()
                .problem("q_phone")
                .unwrap()
                .starts_with("Begin with +")
        );
    }
}
