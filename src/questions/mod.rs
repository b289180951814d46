//! What a form asks besides the address: the name as a whole or in two, fields of a person, and organizers' own questions;
//! how a posted form is read by it, and what was answered.
//!
//! A form belongs to a webcast or to a whitepaper. What it asks is its [`Design`], whose version rises with every change:
//! a form that was opened before is read by the one that is valid when it is posted.

mod asked;
pub mod change;
pub(crate) mod console;
mod design;
mod drafted;
mod filled;
mod known;
mod one_answer;
mod ready;
pub mod store;

pub(crate) use asked::{AskedForm, AskedInput, as_filled_in};
pub use design::{Design, FieldMode, FormFields, NameFields, PersonField};
pub use filled::{Filled, FilledAnswer, FormRefused};
pub(crate) use known::KnownDesigns;

use serde::{Deserialize, Serialize};

use crate::values::PublicId;

/// Most questions of a form.
pub const MOST_QUESTIONS: usize = 40;
/// Most answers to choose from.
pub const MOST_OPTIONS: usize = 60;

/// Whose form it is, by its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormOwner {
    /// The form that registers for a webcast.
    Webcast(i64),
    /// The form that asks for a paper.
    Whitepaper(i64),
}

/// A question that organizers ask.
#[derive(Debug, Clone)]
pub struct Question {
    /// The row.
    pub id: i64,
    /// Its page among organizers' carries it.
    pub public_id: PublicId,
    /// Made once of its first label; forms and files know it as `q_<key>`.
    pub key: String,
    /// What kind of answer it takes.
    pub kind: QuestionKind,
    /// The question itself; of a consent, what is agreed to.
    pub label: String,
    /// A sentence beneath it.
    pub help: String,
    /// Whether it must be answered where it is asked.
    pub required: bool,
    /// What can be chosen.
    pub options: Vec<AnswerOption>,
    /// What could be chosen once: their keys are never used again, since there may be answers with them.
    pub retired: Vec<AnswerOption>,
    /// To whom it is asked; `None`: everybody.
    pub asked_if: Option<Condition>,
    /// Who cannot come.
    pub ineligible: Option<Ineligible>,
    /// Rises with its wording.
    pub version: i64,
}

/// What kind of answer a question takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// With a point, where it has a fraction.
    Number,
    /// A day.
    Date,
    /// Yes or no.
    YesNo,
    /// One of several answers.
    OneOf,
    /// Any of several answers.
    ManyOf,
    /// One of the world's countries.
    Country,
    /// A telephone number.
    Phone,
    /// A box to tick, whose wordings are kept.
    Consent,
}

impl QuestionKind {
    /// All of them, in the order in which organizers choose.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::LongText,
        Self::OneOf,
        Self::ManyOf,
        Self::YesNo,
        Self::Number,
        Self::Date,
        Self::Country,
        Self::Phone,
        Self::Consent,
    ];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long_text",
            Self::Number => "number",
            Self::Date => "date",
            Self::YesNo => "yes_no",
            Self::OneOf => "one_of",
            Self::ManyOf => "many_of",
            Self::Country => "country",
            Self::Phone => "phone",
            Self::Consent => "consent",
        }
    }

    /// Reads a column or an address.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == raw)
    }

    /// As organizers read it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Text => "One line",
            Self::LongText => "Several lines",
            Self::Number => "Number",
            Self::Date => "Date",
            Self::YesNo => "Yes or no",
            Self::OneOf => "One of a list",
            Self::ManyOf => "Several of a list",
            Self::Country => "Country",
            Self::Phone => "Telephone",
            Self::Consent => "Consent",
        }
    }

    /// Whether organizers write down what can be chosen.
    #[must_use]
    pub fn has_options(self) -> bool {
        matches!(self, Self::OneOf | Self::ManyOf)
    }
}

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerOption {
    /// Kept when it is worded anew.
    pub key: String,
    /// As visitors read it.
    pub label: String,
}

/// One answer to one earlier question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The key of that question.
    pub key: String,
    /// The key of the answer.
    pub is: String,
}

/// Answers by which somebody cannot come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ineligible {
    /// Their keys.
    pub answers: Vec<String>,
    /// What they read.
    pub words: String,
}

impl Question {
    /// The field of the form.
    #[must_use]
    pub fn field(&self) -> String {
        format!("q_{}", self.key)
    }

    /// Whether its field shows an answer that was given before. Who agreed to other words has not agreed to these.
    #[must_use]
    pub fn shows(&self, answer: &store::KeptAnswer) -> bool {
        match self.kind {
            QuestionKind::Consent => answer.value_key == self.version.to_string(),
            QuestionKind::OneOf | QuestionKind::ManyOf => {
                self.options.iter().any(|option| option.key == answer.value_key)
            }
            _ => true,
        }
    }

    /// What can be answered, where that is settled: other questions and refusals can hang on it.
    #[must_use]
    pub fn settled_answers(&self) -> Vec<AnswerOption> {
        let answer = |key: &str, label: &str| AnswerOption {
            key: key.to_owned(),
            label: label.to_owned(),
        };
        match self.kind {
            QuestionKind::OneOf | QuestionKind::ManyOf => self.options.clone(),
            QuestionKind::YesNo => vec![answer("yes", "Yes"), answer("no", "No")],
            _ => Vec::new(),
        }
    }
}
