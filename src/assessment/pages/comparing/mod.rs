//! Comparing with the partner: asking, being asked, what each side shares, and the joint report.

pub(crate) mod invitation;
pub(crate) mod invite;
pub(crate) mod joint;
pub(crate) mod standing;
