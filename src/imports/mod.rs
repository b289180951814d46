//! Lists of people and reports of who was there, as other programs write them: what a file is, which of its columns is
//! which of ours, and its rows as values. Pure reading: nothing is stored here.

mod attendance_file;
mod cells;
mod columns;
mod countries;
mod dates;
mod headings;
mod kind;
mod mapping;
mod people;
mod person_row;

pub use attendance_file::{AttendanceFile, Registrant, Stay, read as read_attendance};
pub use columns::OurColumn;
pub use dates::{DateOrder, moment};
pub use headings::guess;
pub use kind::{ImportKind, Service};
pub use mapping::Mapping;
pub use people::{PeopleRead, ReadOptions, read_all};
pub use person_row::{BadRow, ImportedConsent, PersonRow, RowWarning};
