//! The columns that are read, by the keys and headings that files of this program have.

use std::fmt;

/// What a column of a file tells of a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OurColumn {
    /// The address; without it nothing is read.
    Email,
    /// The name as a whole.
    FullName,
    /// The name in two parts.
    FirstName,
    /// See `FirstName`.
    LastName,
    /// Where they work.
    Company,
    /// As what.
    JobTitle,
    /// With the code of its country, or of the country in the row.
    Phone,
    /// By its code or name.
    Country,
    /// Several, with commas or semicolons between them.
    Tags,
    /// What organizers wrote about them.
    Note,
    /// When they registered.
    RegisteredAt,
    /// The way in that another service gave them.
    JoinUrl,
    /// The campaign.
    UtmSource,
    /// See `UtmSource`.
    UtmMedium,
    /// See `UtmSource`.
    UtmCampaign,
    /// See `UtmSource`.
    UtmTerm,
    /// See `UtmSource`.
    UtmContent,
    /// The site that led to the form.
    Referrer,
    /// Whether they agreed to be written to.
    Consent,
    /// When they did.
    ConsentAt,
    /// Where they did.
    ConsentSource,
    /// An answer, by the key of its question.
    Question(String),
}

/// Marks the key of a question among those of columns.
const QUESTION: &str = "q_";
/// Longest key of a question.
const LONGEST_KEY: usize = 100;

impl OurColumn {
    /// All but the questions, in the order in which they are offered.
    pub const FIXED: [Self; 21] = [
        Self::Email,
        Self::FullName,
        Self::FirstName,
        Self::LastName,
        Self::Company,
        Self::JobTitle,
        Self::Phone,
        Self::Country,
        Self::Tags,
        Self::Note,
        Self::RegisteredAt,
        Self::JoinUrl,
        Self::UtmSource,
        Self::UtmMedium,
        Self::UtmCampaign,
        Self::UtmTerm,
        Self::UtmContent,
        Self::Referrer,
        Self::Consent,
        Self::ConsentAt,
        Self::ConsentSource,
    ];

    /// As it is stored, and as files of this program have it.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Question(key) => format!("{QUESTION}{key}"),
            fixed => fixed.words().0.to_owned(),
        }
    }

    /// Reads a key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        if let Some(question) = key.strip_prefix(QUESTION) {
            let is_key = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
            let is_one = !question.is_empty() && question.len() <= LONGEST_KEY && question.chars().all(is_key);
            return is_one.then(|| Self::Question(question.to_owned()));
        }
        Self::FIXED.into_iter().find(|column| column.words().0 == key)
    }

    /// As people read it.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Question(key) => format!("Answer to {key}"),
            fixed => fixed.words().1.to_owned(),
        }
    }

    /// Key and label.
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Email => ("email", "Email"),
            Self::FullName => ("full_name", "Full name"),
            Self::FirstName => ("first_name", "First name"),
            Self::LastName => ("last_name", "Last name"),
            Self::Company => ("company", "Company"),
            Self::JobTitle => ("job_title", "Job title"),
            Self::Phone => ("phone", "Phone"),
            Self::Country => ("country", "Country"),
            Self::Tags => ("tags", "Tags"),
            Self::Note => ("notes", "Notes"),
            Self::RegisteredAt => ("registered_at", "Registered at"),
            Self::JoinUrl => ("join_url", "Join link"),
            Self::UtmSource => ("utm_source", "utm_source"),
            Self::UtmMedium => ("utm_medium", "utm_medium"),
            Self::UtmCampaign => ("utm_campaign", "utm_campaign"),
            Self::UtmTerm => ("utm_term", "utm_term"),
            Self::UtmContent => ("utm_content", "utm_content"),
            Self::Referrer => ("referrer", "Referrer"),
            Self::Consent => ("consent_marketing", "Marketing consent"),
            Self::ConsentAt => ("consent_at", "Consent at"),
            Self::ConsentSource => ("consent_source", "Consent source"),
            Self::Question(_) => ("", ""),
        }
    }
}

impl fmt::Display for OurColumn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back() {
        for column in OurColumn::FIXED
            .into_iter()
            .chain([OurColumn::Question("diet-2".to_owned())])
        {
            assert_eq!(OurColumn::parse(&column.key()), Some(column));
        }
        for key in ["", "q_", "q_A b", "shoe_size"] {
            assert_eq!(OurColumn::parse(key), None, "{key}");
        }
    }
}
