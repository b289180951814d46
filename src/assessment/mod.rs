//! The alignment self-assessment: who rates what, how it is scored and said.
//!
//! One person rates both sides of a partnership on twenty statements, four for each of five factors.
//!
//! | place | holds |
//! |---|---|
//! | `model` | what is stored: an assessment with its answers, an invitation of the partner, a round of several |
//! | `scoring` | answers to figures, all pure: one view, two side by side (`paired`), several (`team`), others (`benchmark`, `averages`) |
//! | `words` | figures to sentences: the item bank with its texts, and the readings that page, PDF and mail share |
//! | `charts`, `report` | the same as pictures on pages, and as a PDF |
//! | `store` | SQL, one file for each subject |
//! | `jobs` | what changes something, at the write door; and what runs by itself |
//! | `pages` | what respondents see: `taking` the cards, the `result`, `comparing` with the partner, `rounds` of teams |
//! | `console` | what organizers see |
//! | `mails` | what its mails say |
//! | `links` | the links of all these |

pub(crate) mod charts;
pub(crate) mod console;
pub mod jobs;
pub(crate) mod links;
pub mod mails;
pub mod model;
pub(crate) mod pages;
pub mod report;
pub mod scoring;
pub(crate) mod store;
pub mod words;

use jiff::SignedDuration;

pub use model::parties::{CustomerSide, Parties, Relationship};

/// How much of what it set out to do the partnership has done so far. Asked once, not in the index.
pub const PROGRESS: [(&str, &str); 6] = [
    ("nothing", "Nothing yet"),
    ("little", "A little"),
    ("half", "About half"),
    ("most", "Most"),
    ("all", "All or more"),
    ("early", "Too early to say"),
];

/// Whether one would start this partnership again today. Asked once, not in the index.
pub const AGAIN: [(&str, &str); 5] = [
    ("definitely_not", "Definitely not"),
    ("probably_not", "Probably not"),
    ("not_sure", "Not sure"),
    ("probably", "Probably"),
    ("definitely", "Definitely"),
];

/// Longest answer to "what is this partnership for", in characters.
pub const PURPOSE_CHARACTERS: usize = 140;

/// A draft is kept this long after its last change.
pub const DRAFT_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A result is kept this long: 24 months.
pub const RESULT_LIFE: SignedDuration = SignedDuration::from_hours(730 * 24);
/// An invitation is open this long.
pub const INVITATION_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// When to look again.
pub const REMIND_AFTER: SignedDuration = SignedDuration::from_hours(90 * 24);
/// A smaller change than this, in points of the index, is no clear change.
pub const CLEAR_CHANGE: f64 = 8.0;
/// "Don't know" about the partner from here on is a finding of its own.
pub const PARTNER_UNKNOWN: usize = 5;
