//! `/organizer/mail`: what was not delivered, what was sent, who gets no mail, and one mail.

mod one;
mod sent;
mod stopped;
mod trouble;

use actix_web::web::ServiceConfig;

use crate::console::{Console, words};
use crate::db::DbError;
use crate::mail::outbox::{MailState, OutboxRow};
use crate::organizers::acts::Act;
use crate::web::at;
use crate::web::layout::{Badge, When};

/// The routes, and where they were before.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/mail").get(trouble::page))
        .service(at("/organizer/mail/check").post(trouble::check))
        .service(at("/organizer/mail/again").post(trouble::again))
        .service(at("/organizer/mail/sent").get(sent::page))
        .service(
            at("/organizer/mail/do-not-mail")
                .get(stopped::page)
                .post(stopped::release),
        )
        .service(at("/organizer/mail/{name}").get(one::page))
        .service(at("/organizer/mail/{name}/retry").post(one::retry))
        .service(at("/organizer/mail/{name}/cancel").post(one::cancel))
        .service(at("/organizer/outbox").get(sent::moved))
        .service(at("/organizer/outbox/{name}").get(one::moved));
}

/// A mail, as lists and its own page show it.
pub(super) struct MailRow {
    pub path: String,
    pub kind: String,
    pub recipient: String,
    pub state: Badge,
    pub attempts: String,
    pub queued: When,
    /// When it is tried next.
    pub next: Option<When>,
    pub reply: Option<String>,
    pub can_retry: bool,
    pub can_cancel: bool,
}

impl MailRow {
    pub(super) fn of(row: &OutboxRow, console: &Console) -> Result<Self, DbError> {
        let may = console.may(Act::HandleMail);
        let reply = row.reply();
        Ok(Self {
            path: path_of(&row.key),
            kind: kind_in_words(&row.kind),
            recipient: console.address(&row.recipient),
            state: words::mail_badge(row.state),
            attempts: match row.ambiguous {
                0 => row.attempts.to_string(),
                ambiguous => format!("{} ({ambiguous} may have arrived)", row.attempts),
            },
            queued: console.moment(row.created_at()?),
            next: if row.state == MailState::Queued {
                Some(console.moment(row.next_at()?))
            } else {
                None
            },
            reply: (!reply.is_empty()).then_some(reply),
            can_retry: may && row.state.can_retry(),
            can_cancel: may && row.state.can_cancel(),
        })
    }
}

/// "session-update" reads "Session update".
fn kind_in_words(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Where a mail's page is.
fn path_of(name: &str) -> String {
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("/organizer/mail/{name}")
}
