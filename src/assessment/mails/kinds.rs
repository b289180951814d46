//! The kinds of mail about assessments: what the outbox calls them, and how urgent they are. They are forgotten sooner
//! than others: nobody gave an address for anything else.

use std::time::Duration;

use crate::mail::{self, Kind, Priority};

/// Addresses go this long after the mail.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// The report as a PDF, with the private link.
pub const REPORT: Kind = Kind::new("assessment-report", Priority::Paper).kept_for(KEPT);
/// "You asked to be reminded", 90 days later.
pub const REMINDER: Kind = Kind::new("assessment-reminder", Priority::Reminder)
    .with_purpose(mail::MailPurpose::AskedFor)
    .kept_for(KEPT);
/// One partner asks the other for its view.
pub const INVITATION: Kind = Kind::new("assessment-invitation", Priority::Answer).kept_for(KEPT);

/// All kinds of mail about assessments.
pub const KINDS: [Kind; 3] = [REPORT, REMINDER, INVITATION];
