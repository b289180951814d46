//! `/organizer/mail/sent`: did they get it? All mails, newest first, by address, kind and state.

use actix_web::HttpRequest;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::{MailRow, kind_in_words};
use crate::assessment::mails::kinds as assessment_kinds;
use crate::console::list::{self, next_page};
use crate::console::{Console, ConsoleFrame, MenuEntry, moved_to, words};
use crate::framed;
use crate::mail::Kind;
use crate::mail::outbox::{self, Filter, MailState};
use crate::organizers::SignedIn;
use crate::values::EmailAddress;
use crate::web::layout::{Field, Layout};
use crate::web::{Answer, WebError, ok};
use crate::{organizers, webcasts, whitepapers};

const PATH: &str = "/organizer/mail/sent";

#[derive(Template)]
#[template(path = "console/mail/sent.html")]
struct SentPage {
    layout: Layout,
    frame: ConsoleFrame,
    address: Field,
    states: Vec<FilterChoice>,
    kinds: Vec<FilterChoice>,
    mails: Vec<MailRow>,
    /// Something was asked for.
    filtered: bool,
    next_page: Option<String>,
}

framed!(SentPage);

/// An entry of a list to choose from.
struct FilterChoice {
    value: &'static str,
    label: String,
    chosen: bool,
}

/// What the page may be asked with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SentQuery {
    to: String,
    state: String,
    kind: String,
    after: Option<String>,
}

/// `GET /organizer/mail/sent`
pub(super) async fn page(console: Console, wanted: Query<SentQuery>) -> Answer {
    let state = match wanted.state.as_str() {
        "" => None,
        word => Some(word.parse::<MailState>().map_err(|_| WebError::NotFound)?),
    };
    let kind = kinds().find(|kind| kind.name == wanted.kind);
    // Who sees initials alone must not find out whether an address is known.
    let mut address = if console.hides_people() {
        Field::default()
    } else {
        Field::of(wanted.to.trim())
    };
    let to = (!address.value.is_empty()).then(|| EmailAddress::parse(&address.value));
    if matches!(to, Some(Err(_))) {
        address.error = Some("Enter the whole address, like name@example.org.".to_owned());
    }
    let is_wrong = address.error.is_some() || (kind.is_none() && !wanted.kind.is_empty());
    let filter = Filter {
        state,
        recipient: to.and_then(Result::ok),
        kind: kind.map(|kind| kind.name.to_owned()),
        after: wanted.after.clone(),
        ..Filter::default()
    };
    let mut rows = if is_wrong {
        Vec::new()
    } else {
        outbox::list(&mut console.state.db.read().await?, &filter, list::READ).await?
    };
    let filters: Vec<(&str, &str)> = [
        ("to", address.value.as_str()),
        ("state", wanted.state.as_str()),
        ("kind", wanted.kind.as_str()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect();
    let next_page = list::cut(&mut rows).map(|last| next_page(PATH, &filters, &last.key));
    let (layout, frame) = console.page(MenuEntry::Mail, "Sent mail");
    ok(&SentPage {
        layout,
        frame: frame.below("/organizer/mail", "Mail"),
        states: states(state),
        kinds: kinds()
            .map(|known| FilterChoice {
                value: known.name,
                label: kind_in_words(known.name),
                chosen: kind.is_some_and(|kind| kind.name == known.name),
            })
            .collect(),
        mails: rows
            .iter()
            .map(|row| MailRow::of(row, &console))
            .collect::<Result<_, _>>()?,
        filtered: !filters.is_empty(),
        next_page,
        address,
    })
}

fn states(chosen: Option<MailState>) -> Vec<FilterChoice> {
    let states = MailState::ALL.into_iter().filter(|state| *state != MailState::Sending);
    states
        .map(|state| FilterChoice {
            value: state.name(),
            label: match state {
                MailState::Skipped => "Stopped: not needed any more".to_owned(),
                MailState::Cancelled => "Stopped by somebody".to_owned(),
                other => words::mail_state(other).to_owned(),
            },
            chosen: chosen == Some(state),
        })
        .collect()
}

/// Every kind of mail there is.
fn kinds() -> impl Iterator<Item = &'static Kind> {
    webcasts::mails::kinds::KINDS
        .iter()
        .chain(&whitepapers::mails::KINDS)
        .chain(&assessment_kinds::KINDS)
        .chain(&organizers::mails::KINDS)
}

/// `GET /organizer/outbox`: where it was before.
pub(super) async fn moved(_: SignedIn, request: HttpRequest) -> Answer {
    Ok(moved_to(&match request.query_string() {
        "" => PATH.to_owned(),
        query => format!("{PATH}?{query}"),
    }))
}
