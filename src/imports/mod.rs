//! Lists of people and reports of who was there, as other programs write them: what a file is, which of its columns is
//! which of ours, its rows as values, and what is made of them. Reading is pure; `store` keeps, `work` goes through the rows.

mod attendance_file;
mod by_hand;
mod cells;
mod choices;
mod columns;
mod countries;
mod dates;
mod headings;
mod kind;
mod mapping;
mod matched;
mod people;
mod person_row;
pub(crate) mod plan;
mod put;
pub(crate) mod store;
mod trace;
mod undoing;
mod work;

pub use attendance_file::{AttendanceFile, Registrant, Stay, read as read_attendance};
pub use choices::ImportChoices;
pub use columns::OurColumn;
pub use dates::{DateOrder, moment};
pub use headings::guess;
pub use kind::{ImportKind, Service};
pub use mapping::Mapping;
pub use people::{PeopleRead, ReadOptions, read_all};
pub use person_row::{BadRow, ImportedConsent, PersonRow, RowWarning};

pub(crate) use by_hand::{MatchedByHand, match_by_hand};
pub(crate) use trace::TRACES;
pub(crate) use work::{begin, begin_to_undo, forget, work};
