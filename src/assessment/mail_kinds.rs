//! The kinds of mail about assessments: what the outbox calls them, and how urgent they are.

use crate::mail::{self, Kind, Priority};

/// The report as a PDF, with the private link.
pub const REPORT: Kind = Kind::new("assessment-report", Priority::Paper);
/// "You asked to be reminded", 90 days later.
pub const REMINDER: Kind = Kind::new("assessment-reminder", Priority::Reminder).with_purpose(mail::Purpose::AskedFor);
/// One partner asks the other for its view.
pub const INVITATION: Kind = Kind::new("assessment-invitation", Priority::Answer);

/// All kinds of mail about assessments.
pub const KINDS: [Kind; 3] = [REPORT, REMINDER, INVITATION];
