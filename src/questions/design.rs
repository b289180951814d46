//! All that a form asks.

use super::Question;

/// What a form asks, in its order.
#[derive(Debug, Clone, Default)]
pub struct Design {
    /// Rises with every change; 0: nothing was ever set, name and address alone are asked for.
    pub version: i64,
    /// Which fields it has.
    pub fields: FormFields,
    /// Organizers' own questions, without the deleted ones.
    pub questions: Vec<Question>,
}

/// The fields of a form besides the address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FormFields {
    /// How it asks for the name.
    pub names: NameFields,
    modes: [FieldMode; PersonField::ALL.len()],
}

/// How a form asks for the name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NameFields {
    /// In one field.
    #[default]
    Whole,
    /// In two.
    FirstAndLast,
}

/// A field of a person that can be asked for; it is theirs, and never a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonField {
    /// Where they work.
    Company,
    /// As what.
    JobTitle,
    /// In which country; read before the telephone, whose numbers hang on it.
    Country,
    /// How to call them.
    Phone,
}

/// Whether a field is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FieldMode {
    /// It is not.
    #[default]
    Off,
    /// It may be left empty.
    Optional,
    /// It must be filled in.
    Required,
}

impl NameFields {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::FirstAndLast => "first_last",
        }
    }

    /// Reads it.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Whole, Self::FirstAndLast]
            .into_iter()
            .find(|names| names.as_str() == raw)
    }
}

impl PersonField {
    /// All of them, in their order on a form.
    pub const ALL: [Self; 4] = [Self::Company, Self::JobTitle, Self::Country, Self::Phone];

    /// As it is stored, and the field of the form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::JobTitle => "job_title",
            Self::Country => "country",
            Self::Phone => "phone",
        }
    }

    /// As organizers read it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Company => "Company",
            Self::JobTitle => "Job title",
            Self::Country => "Country",
            Self::Phone => "Telephone",
        }
    }
}

impl FieldMode {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    /// Reads it.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Off, Self::Optional, Self::Required]
            .into_iter()
            .find(|mode| mode.as_str() == raw)
    }
}

impl FormFields {
    /// Whether it asks for this field.
    #[must_use]
    pub fn mode(&self, field: PersonField) -> FieldMode {
        let mut modes = PersonField::ALL.into_iter().zip(self.modes);
        modes
            .find_map(|(known, mode)| (known == field).then_some(mode))
            .unwrap_or_default()
    }

    /// The same with this field asked for so.
    #[must_use]
    pub fn with(mut self, field: PersonField, mode: FieldMode) -> Self {
        for (known, slot) in PersonField::ALL.into_iter().zip(&mut self.modes) {
            if known == field {
                *slot = mode;
            }
        }
        self
    }
}

impl Design {
    /// The question of a key.
    #[must_use]
    pub fn question(&self, key: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.key == key)
    }

    /// Whether it asks for more than name and address.
    #[must_use]
    pub fn asks_more(&self) -> bool {
        self.fields != FormFields::default() || !self.questions.is_empty()
    }
}
