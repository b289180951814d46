//! The assessment in the database: one file for each of its tables' subjects.

pub mod assessments;
pub mod benchmarks;
pub mod counts;
pub mod erase;
pub mod figures;
pub mod invitations;
pub mod mail;
pub mod rounds;
mod row;
pub mod talks;
