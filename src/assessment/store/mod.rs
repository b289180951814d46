//! The assessment in the database: one file for each subject.

pub(crate) mod assessments;
pub(crate) mod contact_requests;
pub(crate) mod counts;
pub(crate) mod invitations;
pub(crate) mod mail;
pub(crate) mod results;
pub(crate) mod rounds;
mod row;
pub(crate) mod snapshots;
