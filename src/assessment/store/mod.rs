//! The assessment in the database: one file for each subject.

pub mod assessments;
pub mod contact_requests;
pub mod counts;
pub mod invitations;
pub mod mail;
pub mod results;
pub mod rounds;
mod row;
pub mod snapshots;
