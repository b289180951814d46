//! Questions that many ask, ready to be taken over.

use super::QuestionKind;

/// A question with its answers.
pub(super) struct ReadyQuestion {
    pub(super) kind: QuestionKind,
    pub(super) label: &'static str,
    pub(super) options: &'static [&'static str],
}

/// All of them. Company, job title, telephone and country are none: they are fields of a person.
pub(super) const READY: [ReadyQuestion; 5] = [
    ReadyQuestion {
        kind: QuestionKind::LongText,
        label: "What would you like to know?",
        options: &[],
    },
    ReadyQuestion {
        kind: QuestionKind::OneOf,
        label: "How did you hear of this?",
        options: &[
            "A colleague",
            "A partner",
            "Newsletter",
            "Social media",
            "Search",
            "Elsewhere",
        ],
    },
    ReadyQuestion {
        kind: QuestionKind::OneOf,
        label: "How many people work at your company?",
        options: &["1 to 9", "10 to 49", "50 to 249", "250 to 999", "1,000 or more"],
    },
    ReadyQuestion {
        kind: QuestionKind::YesNo,
        label: "Is your company in a partnership now?",
        options: &[],
    },
    ReadyQuestion {
        kind: QuestionKind::Consent,
        label: "Share my name and address with the speakers.",
        options: &[],
    },
];
