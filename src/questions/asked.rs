//! What a visitor is asked, ready to print: fields with what was filled in and what is wrong with it.

use super::store::KeptAnswer;
use super::{AnswerOption, Condition, Design, FieldMode, FormRefused, NameFields, PersonField, Question, QuestionKind};
use crate::contacts::PersonFields;
use crate::values::Country;
use crate::web::Form;
use crate::web::layout::{Field, Mistake, mistakes};

/// A list of answers longer than this is a menu.
const MOST_AS_BUTTONS: usize = 7;

/// All that a form asks besides address and session.
#[derive(Debug, Clone, Default)]
pub(crate) struct AskedForm {
    /// The name: one field, or two.
    pub(crate) names: Vec<AskedField>,
    /// Fields of a person, then questions.
    pub(crate) fields: Vec<AskedField>,
}

/// One field.
#[derive(Debug, Clone)]
pub(crate) struct AskedField {
    /// Name and id: `company`, `q_budget`.
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) help: String,
    pub(crate) required: bool,
    pub(crate) input: AskedInput,
    pub(crate) field: Field,
    pub(crate) asked_if: Option<AskedIf>,
}

/// How it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AskedInput {
    /// In a line; type, inputmode and autocomplete of HTML.
    Line {
        kind: &'static str,
        mode: &'static str,
        autocomplete: &'static str,
    },
    /// In several lines.
    Lines,
    /// By one of the buttons.
    Buttons(Vec<AskedEntry>),
    /// By any of the boxes.
    Boxes(Vec<AskedEntry>),
    /// By an entry of a menu.
    Menu {
        entries: Vec<AskedEntry>,
        autocomplete: &'static str,
    },
    /// By a box.
    Box { checked: bool },
}

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedEntry {
    /// Of the field; empty: no answer.
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is: bool,
}

/// To whom it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedIf {
    /// The field of an earlier question, and the value it must have.
    pub(crate) field: String,
    pub(crate) value: String,
    /// "Only if the answer to “…” is “…”."
    pub(crate) words: String,
}

impl AskedForm {
    /// As it is filled in, with what it was refused for.
    pub(crate) fn filled(design: &Design, form: &Form, refused: &FormRefused) -> Self {
        let person = PersonField::ALL.into_iter().filter_map(|field| {
            let mode = design.fields.mode(field);
            (mode != FieldMode::Off).then(|| person_field(field, mode, form))
        });
        let questions = design
            .questions
            .iter()
            .map(|question| question_field(question, design, form));
        let mut asked = Self {
            names: names(design.fields.names, form),
            fields: person.chain(questions).collect(),
        };
        for field in asked.names.iter_mut().chain(&mut asked.fields) {
            field.field.error = refused.problem(&field.id).cloned();
        }
        asked
    }

    /// As nobody has filled it in yet.
    pub(crate) fn empty(design: &Design) -> Self {
        Self::filled(design, &Form::default(), &FormRefused::default())
    }

    /// What is wrong with a form that asks for the address between the two.
    pub(crate) fn mistakes(&self, email: &Field) -> Vec<Mistake> {
        let email = mistakes(&[("email", email)]);
        mistakes_of(&self.names)
            .chain(email)
            .chain(mistakes_of(&self.fields))
            .collect()
    }
}

fn mistakes_of(fields: &[AskedField]) -> impl Iterator<Item = Mistake> {
    fields.iter().filter_map(|asked| {
        Some(Mistake {
            field: asked.id.clone(),
            message: asked.field.error.clone()?,
        })
    })
}

impl AskedField {
    /// What a reader of screens says besides the label.
    pub(crate) fn described(&self) -> String {
        let ids = [(self.field.error.is_some(), "problem"), (!self.help.is_empty(), "help")];
        let ids: Vec<String> = ids
            .iter()
            .filter(|(is_there, _)| *is_there)
            .map(|(_, end)| format!("{}-{end}", self.id))
            .collect();
        match ids.as_slice() {
            [] => String::new(),
            ids => format!(" aria-describedby=\"{}\"", ids.join(" ")),
        }
    }
}

/// What is kept of an earlier answer, as a form that was filled in with it.
pub(crate) fn as_filled_in(design: &Design, name: &str, person: &PersonFields, answers: &[KeptAnswer]) -> Form {
    let mut fields = vec![("name".to_owned(), name.to_owned())];
    let parts = [
        ("first_name", &person.first_name),
        ("last_name", &person.last_name),
        ("company", &person.company),
        ("job_title", &person.job_title),
        ("country", &person.country),
        ("phone", &person.phone),
    ];
    fields.extend(
        parts
            .into_iter()
            .filter_map(|(id, value)| Some((id.to_owned(), value.clone()?))),
    );
    for question in &design.questions {
        let of_it = answers
            .iter()
            .filter(|answer| answer.question_id == question.id && question.shows(answer));
        fields.extend(of_it.map(|answer| {
            let value = match question.kind {
                QuestionKind::OneOf | QuestionKind::ManyOf => &answer.value_key,
                _ => &answer.value,
            };
            (question.field(), value.clone())
        }));
    }
    Form::of(fields)
}

fn names(names: NameFields, form: &Form) -> Vec<AskedField> {
    let field = |id: &str, label: &str, autocomplete: &'static str, typed: &str| AskedField {
        id: id.to_owned(),
        label: label.to_owned(),
        help: String::new(),
        required: true,
        input: line("text", "", autocomplete),
        field: Field::of(typed),
        asked_if: None,
    };
    match names {
        NameFields::Whole => vec![field("name", "Your name", "name", form.text("name"))],
        NameFields::FirstAndLast => {
            // Whoever gave a whole name before finds it as it was.
            let (first, last) = match (form.text("first_name"), form.text("last_name"), form.text("name")) {
                ("", "", whole) => ("", whole),
                (first, last, _) => (first, last),
            };
            vec![
                field("first_name", "First name", "given-name", first),
                field("last_name", "Last name", "family-name", last),
            ]
        }
    }
}

fn line(kind: &'static str, mode: &'static str, autocomplete: &'static str) -> AskedInput {
    AskedInput::Line {
        kind,
        mode,
        autocomplete,
    }
}

fn person_field(field: PersonField, mode: FieldMode, form: &Form) -> AskedField {
    let id = field.as_str();
    let typed = form.text(id);
    AskedField {
        id: id.to_owned(),
        label: match field {
            PersonField::Company => "Your company",
            PersonField::JobTitle => "Your job title",
            PersonField::Country => "Your country",
            PersonField::Phone => "Your telephone number",
        }
        .to_owned(),
        help: String::new(),
        required: mode == FieldMode::Required,
        input: match field {
            PersonField::Company => line("text", "", "organization"),
            PersonField::JobTitle => line("text", "", "organization-title"),
            PersonField::Country => countries(typed, "country"),
            PersonField::Phone => line("tel", "", "tel"),
        },
        field: Field::of(typed),
        asked_if: None,
    }
}

fn question_field(question: &Question, design: &Design, form: &Form) -> AskedField {
    let id = question.field();
    let typed = form.text(&id);
    AskedField {
        label: question.label.clone(),
        help: question.help.clone(),
        required: question.required,
        input: match question.kind {
            QuestionKind::Text => line("text", "", "off"),
            QuestionKind::LongText => AskedInput::Lines,
            QuestionKind::Number => line("text", "decimal", "off"),
            QuestionKind::Date => line("date", "", "off"),
            QuestionKind::Phone => line("tel", "", "off"),
            QuestionKind::Country => countries(typed, "off"),
            QuestionKind::YesNo | QuestionKind::OneOf => one_of(question, typed),
            QuestionKind::ManyOf => {
                let posted: Vec<&str> = form.all(&id).collect();
                AskedInput::Boxes(entries(&question.options, |key| posted.contains(&key)))
            }
            QuestionKind::Consent => AskedInput::Box {
                checked: form.is_checked(&id),
            },
        },
        field: Field::of(typed),
        asked_if: question
            .asked_if
            .as_ref()
            .and_then(|condition| asked_if(condition, design)),
        id,
    }
}

/// One that may be left open can be opened again, too.
fn one_of(question: &Question, typed: &str) -> AskedInput {
    let mut answers = entries(&question.settled_answers(), |key| key == typed);
    let none = |label: &str| AskedEntry {
        value: String::new(),
        label: label.to_owned(),
        is: typed.is_empty(),
    };
    if answers.len() > MOST_AS_BUTTONS {
        answers.insert(0, none("Choose one"));
        return AskedInput::Menu {
            entries: answers,
            autocomplete: "off",
        };
    }
    if !question.required {
        answers.push(none("No answer"));
    }
    AskedInput::Buttons(answers)
}

fn entries(options: &[AnswerOption], is_chosen: impl Fn(&str) -> bool) -> Vec<AskedEntry> {
    let chosen = |option: &AnswerOption| AskedEntry {
        is: is_chosen(&option.key),
        value: option.key.clone(),
        label: option.label.clone(),
    };
    options.iter().map(chosen).collect()
}

fn countries(typed: &str, autocomplete: &'static str) -> AskedInput {
    let none = AskedEntry {
        value: String::new(),
        label: "Choose one".to_owned(),
        is: typed.is_empty(),
    };
    let entry = |country: &Country| AskedEntry {
        value: country.code.to_owned(),
        label: country.name.to_owned(),
        is: country.code.eq_ignore_ascii_case(typed.trim()),
    };
    AskedInput::Menu {
        entries: std::iter::once(none).chain(Country::list().iter().map(entry)).collect(),
        autocomplete,
    }
}

fn asked_if(condition: &Condition, design: &Design) -> Option<AskedIf> {
    let earlier = design.question(&condition.key)?;
    let answers = earlier.settled_answers();
    let answer = answers.iter().find(|answer| answer.key == condition.is)?;
    Some(AskedIf {
        field: earlier.field(),
        value: condition.is.clone(),
        words: format!("Only if “{}” is answered with “{}”.", earlier.label, answer.label),
    })
}
