//! `/organizer/mail/{name}`: one mail, what became of it, how it would read, and what can be done.

use actix_web::web::{Data, Path, Query};
use askama::Template;

use super::{MailRow, path_of};
use crate::assessment;
use crate::audit::{self, Actor};
use crate::console::flash::Done;
use crate::console::preview::MailPreview;
use crate::console::{Console, ConsoleFrame, MenuEntry, moved_to};
use crate::framed;
use crate::mail::Composers;
use crate::mail::outbox::{self, MailState};
use crate::organizers::acts::Act;
use crate::organizers::{Organizer, SignedIn};
use crate::web::layout::{Layout, When};
use crate::web::{Answer, AppState, WebError, ok, see_other};

/// What the last act did.
const DONE: [(&str, &str); 3] = [
    ("retry", "The mail goes again now."),
    ("cancel", "The mail is stopped."),
    (
        "late",
        "The mail was not changed: something else happened to it meanwhile.",
    ),
];

#[derive(Template)]
#[template(path = "console/mail/one.html")]
struct MailPage {
    layout: Layout,
    frame: ConsoleFrame,
    mail: MailRow,
    message_id: String,
    deadline: Option<When>,
    handed_over: Option<When>,
    /// As it would be sent now.
    preview: Option<MailPreview>,
}

framed!(MailPage);

/// `GET /organizer/mail/{name}`
pub(super) async fn page(
    console: Console,
    composers: Data<Composers>,
    name: Path<String>,
    done: Query<Done>,
) -> Answer {
    let mut conn = console.state.db.read().await?;
    let row = outbox::find(&mut conn, &name).await?.ok_or(WebError::NotFound)?;
    let claimed = outbox::owed(&mut conn, &name).await?;
    let is_final = row.ended_at()?.is_some();
    let preview = match &claimed {
        Some(claimed) if !is_final && may_preview(&console, &claimed.kind) => {
            note_preview(&console, &row.key);
            composers.preview(&mut conn, claimed).await?
        }
        _ => None,
    };
    let mail = MailRow::of(&row, &console)?;
    let handed_over = if row.state == MailState::Sent {
        row.ended_at()?
    } else {
        None
    };
    let (layout, frame) = console.page(MenuEntry::Mail, mail.kind.clone());
    ok(&MailPage {
        layout,
        frame: frame.below("/organizer/mail", "Mail").with(done.said(&DONE)),
        message_id: claimed
            .map(|claimed| claimed.message_id().to_owned())
            .unwrap_or_default(),
        deadline: row
            .deadline()?
            .filter(|_| handed_over.is_none())
            .map(|at| console.moment(at)),
        handed_over: handed_over.map(|at| console.moment(at)),
        preview: preview.map(MailPreview::from),
        mail,
    })
}

/// `GET /organizer/outbox/{name}`: where it was before.
pub(super) async fn moved(_: SignedIn, name: Path<String>) -> Answer {
    Ok(moved_to(&path_of(&name)))
}

/// Mails about assessments tell of results: those who only look do not see them. Every mail tells a name.
fn may_preview(console: &Console, kind: &str) -> bool {
    if console.hides_people() {
        return false;
    }
    console.may(Act::HandleMail) || !assessment::mails::kinds::KINDS.iter().any(|about| about.name == kind)
}

fn note_preview(console: &Console, mail: &str) {
    let (actor, subject, now) = (Actor::from(&console.who), mail.to_owned(), console.state.clock.now());
    console.state.note("a preview", move |tx| {
        let entry = audit::Entry {
            actor,
            action: "outbox.preview",
            subject: subject.clone(),
            detail: String::new(),
        };
        Box::pin(async move { audit::record(tx, &entry, now).await })
    });
}

/// `POST /organizer/mail/{name}/retry`
pub(super) async fn retry(state: Data<AppState>, who: SignedIn, name: Path<String>) -> Answer {
    change(&state, &who.0, name.into_inner(), outbox::MailAct::Retry).await
}

/// `POST /organizer/mail/{name}/cancel`
pub(super) async fn cancel(state: Data<AppState>, who: SignedIn, name: Path<String>) -> Answer {
    change(&state, &who.0, name.into_inner(), outbox::MailAct::Cancel).await
}

async fn change(app: &AppState, who: &Organizer, name: String, what: outbox::MailAct) -> Answer {
    if outbox::find(&mut app.db.read().await?, &name).await?.is_none() {
        return Err(WebError::NotFound);
    }
    let path = path_of(&name);
    let (now, actor) = (app.clock.now(), Actor::from(who));
    let changed = app
        .db
        .write(move |tx| {
            let name = name.clone();
            Box::pin(async move { outbox::act(tx, what, &name, actor, now).await })
        })
        .await?;
    app.bell.ring();
    if what == outbox::MailAct::Retry {
        app.route.try_now();
    }
    let done = match (changed, what) {
        (false, _) => "late",
        (true, outbox::MailAct::Retry) => "retry",
        (true, outbox::MailAct::Cancel) => "cancel",
    };
    Ok(see_other(&format!("{path}?done={done}")))
}
