//! `/organizer/mail/do-not-mail`: who gets no mail, or not every mail, and why.

use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::audit::{self, Actor};
use crate::console::flash::Done;
use crate::console::list::{self, next_page};
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::db::DbError;
use crate::framed;
use crate::mail::suppressions::{self, StoppedAddress};
use crate::organizers::SignedIn;
use crate::organizers::acts::Act;
use crate::web::layout::{Layout, When};
use crate::web::{Answer, AppState, Form, WebError, ok, see_other};

const PATH: &str = "/organizer/mail/do-not-mail";

/// What the last act did.
const DONE: [(&str, &str); 2] = [
    ("released", "The address gets mail again."),
    ("gone", "It was released already."),
];

#[derive(Template)]
#[template(path = "console/mail/do_not_mail.html")]
struct StoppedPage {
    layout: Layout,
    frame: ConsoleFrame,
    rows: Vec<StoppedRow>,
    next_page: Option<String>,
    may_act: bool,
}

framed!(StoppedPage);

struct StoppedRow {
    /// Names it in the form.
    id: i64,
    address: String,
    why: &'static str,
    /// The server's words.
    detail: String,
    since: When,
    until: Option<When>,
    /// Its owner asked for it: nobody else lifts that.
    is_theirs: bool,
}

/// What the page may be asked with.
#[derive(Deserialize)]
pub(super) struct StoppedQuery {
    after: Option<i64>,
}

/// `GET /organizer/mail/do-not-mail`
pub(super) async fn page(console: Console, wanted: Query<StoppedQuery>, done: Query<Done>) -> Answer {
    let now = console.state.clock.now();
    let mut lines = suppressions::list(&mut console.state.db.read().await?, wanted.after, now, list::READ).await?;
    let next_page = list::cut(&mut lines).map(|last| next_page(PATH, &[], &last.id.to_string()));
    let (layout, frame) = console.page(MenuEntry::Mail, "Do not mail");
    ok(&StoppedPage {
        layout,
        frame: frame.below("/organizer/mail", "Mail").with(done.said(&DONE)),
        rows: lines
            .into_iter()
            .map(|line| row(&console, line))
            .collect::<Result<_, _>>()?,
        next_page,
        may_act: console.may(Act::HandleMail),
    })
}

fn row(console: &Console, line: StoppedAddress) -> Result<StoppedRow, DbError> {
    Ok(StoppedRow {
        id: line.id,
        why: line.reason.sentence(),
        is_theirs: line.reason.is_their_wish(),
        since: console.stored_moment(line.created_at)?,
        until: line.until.map(|at| console.stored_moment(at)).transpose()?,
        address: console.address(&line.address_key),
        detail: line.detail,
    })
}

/// `POST /organizer/mail/do-not-mail`: an address that came back gets mail again.
pub(super) async fn release(state: Data<AppState>, who: SignedIn, form: Form) -> Answer {
    let id: i64 = form.text("id").parse().map_err(|_| WebError::BadRequest)?;
    let (actor, now) = (Actor::from(&who.0), state.clock.now());
    let released = state
        .db
        .write(move |tx| {
            Box::pin(async move {
                let released = suppressions::release(tx, id).await?;
                if released {
                    let entry = audit::Entry {
                        actor,
                        action: "mail.release-address",
                        subject: String::new(),
                        detail: String::new(),
                    };
                    audit::record(tx, &entry, now).await?;
                }
                Ok(released)
            })
        })
        .await?;
    let done = if released { "released" } else { "gone" };
    Ok(see_other(&format!("{PATH}?done={done}")))
}
