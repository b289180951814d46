//! `/organizer/outbox`: the mail that is owed, what became of it, and what can be done.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::assessment;
use crate::audit::{self, Actor, Entry};
use crate::console::flash::Done;
use crate::console::list::{self, next_page};
use crate::console::{layout, words};
use crate::db::DbError;
use crate::framed;
use crate::mail::outbox::{self, Act, Counts, Filter, MailState, OutboxRow};
use crate::mail::{Composed, Composers, Message};
use crate::organizers::{Editor, Organizer, SignedIn};
use crate::web::layout::{Badge, Layout, Section, When};
use crate::web::{Answer, AppState, WebError, ok, see_other};

/// What the last act did.
const DONE: [(&str, &str); 3] = [
    ("retry", "The mail is tried again now."),
    ("cancel", "The mail is cancelled."),
    (
        "late",
        "The mail was not changed: something else happened to it meanwhile.",
    ),
];

#[derive(Template)]
#[template(path = "organizers/outbox.html")]
struct OutboxPage {
    layout: Layout,
    filters: Vec<OutboxFilter>,
    mails: Vec<MailRow>,
    next_page: Option<String>,
    flash: Option<String>,
}

framed!(OutboxPage);

struct OutboxFilter {
    /// Empty for all.
    state: String,
    label: String,
    count: String,
    current: bool,
}

struct MailRow {
    id: String,
    kind: String,
    recipient: String,
    state: Badge,
    attempts: String,
    queued: When,
    /// When it is tried next.
    next: Option<When>,
    reply: Option<String>,
    can_retry: bool,
    can_cancel: bool,
}

#[derive(Template)]
#[template(path = "organizers/mail.html")]
struct MailPage {
    layout: Layout,
    mail: MailRow,
    message_id: String,
    deadline: Option<When>,
    handed_over: Option<When>,
    /// As it would be sent now.
    preview: Option<MailPreview>,
    flash: Option<String>,
}

framed!(MailPage);

struct MailPreview {
    subject: String,
    text: String,
    attachments: Vec<String>,
}

/// What the pages may be asked with.
#[derive(Deserialize)]
pub(super) struct OutboxQuery {
    #[serde(default)]
    state: String,
    after: Option<String>,
}

/// `GET /organizer/outbox`
pub(super) async fn list(
    state: Data<AppState>,
    who: SignedIn,
    wanted: Query<OutboxQuery>,
    done: Query<Done>,
) -> Answer {
    let chosen: Option<MailState> = match wanted.state.as_str() {
        "" => None,
        word => Some(word.parse().map_err(|_| WebError::NotFound)?),
    };
    let filter = Filter {
        state: chosen,
        after: wanted.after.clone(),
        ..Filter::default()
    };
    let mut conn = state.db.read().await?;
    let counts = outbox::counts(&mut conn).await?;
    let mut rows = outbox::list(&mut conn, &filter, list::READ).await?;
    let next = list::cut(&mut rows).map(|last| {
        let filter = chosen.map(|state| ("state", state.name()));
        next_page("/organizer/outbox", filter.as_slice(), &last.key)
    });
    ok(&OutboxPage {
        layout: layout(&who.0, &state, Section::Outbox, "Outbox"),
        filters: filters(&counts, chosen),
        mails: rows.iter().map(|row| mail_row(row, &who.0)).collect::<Result<_, _>>()?,
        next_page: next,
        flash: done.said(&DONE),
    })
}

fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

fn filters(counts: &[Counts], chosen: Option<MailState>) -> Vec<OutboxFilter> {
    let all = OutboxFilter {
        state: String::new(),
        label: "all".to_owned(),
        count: String::new(),
        current: chosen.is_none(),
    };
    let each = MailState::ALL.into_iter().map(|state| OutboxFilter {
        state: state.name().to_owned(),
        label: words::mail_state(state).to_owned(),
        count: counts
            .iter()
            .find(|count| count.state == state)
            .map(|count| words::count(count.count))
            .unwrap_or_default(),
        current: chosen == Some(state),
    });
    std::iter::once(all).chain(each).collect()
}

fn mail_row(row: &OutboxRow, who: &Organizer) -> Result<MailRow, DbError> {
    let may_edit = who.role.may_edit();
    let reply = row.reply();
    Ok(MailRow {
        id: row.key.clone(),
        kind: kind(&row.kind),
        recipient: row.recipient.clone(),
        state: words::mail_badge(row.state),
        attempts: match row.ambiguous {
            0 => row.attempts.to_string(),
            ambiguous => format!("{} ({ambiguous} may have arrived)", row.attempts),
        },
        queued: words::moment(row.created_at()?),
        next: if row.state == MailState::Queued {
            Some(words::moment(row.next_at()?))
        } else {
            None
        },
        reply: (!reply.is_empty()).then_some(reply),
        can_retry: may_edit && row.state.can_retry(),
        can_cancel: may_edit && row.state.can_cancel(),
    })
}

/// "session-update" reads "Session update".
fn kind(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// `GET /organizer/outbox/{name}`
pub(super) async fn mail(
    app: Data<AppState>,
    composers: Data<Composers>,
    who: SignedIn,
    name: Path<String>,
    done: Query<Done>,
) -> Answer {
    let mut conn = app.db.read().await?;
    let row = outbox::find(&mut conn, &name).await?.ok_or(WebError::NotFound)?;
    let claimed = outbox::owed(&mut conn, &name).await?;
    let is_final = row.ended_at()?.is_some();
    let preview = match &claimed {
        Some(claimed) if !is_final && may_preview(&who.0, &claimed.kind) => {
            note_preview(&app, &who.0, &row.key);
            composers.preview(&mut conn, claimed).await?
        }
        _ => None,
    };
    let mail = mail_row(&row, &who.0)?;
    let handed_over = if row.state == MailState::Sent {
        row.ended_at()?
    } else {
        None
    };
    ok(&MailPage {
        layout: layout(&who.0, &app, Section::Outbox, mail.kind.clone()),
        message_id: claimed
            .map(|claimed| claimed.message_id().to_owned())
            .unwrap_or_default(),
        deadline: row.deadline()?.filter(|_| handed_over.is_none()).map(words::moment),
        handed_over: handed_over.map(words::moment),
        preview: preview.map(shown),
        flash: done.said(&DONE),
        mail,
    })
}

/// Mails about assessments tell of results: those who only look do not see them.
fn may_preview(who: &Organizer, kind: &str) -> bool {
    who.role.may_edit() || !assessment::mails::kinds::KINDS.iter().any(|about| about.name == kind)
}

fn note_preview(app: &AppState, who: &Organizer, mail: &str) {
    let (actor, subject, now) = (Actor::from(who), mail.to_owned(), app.clock.now());
    app.note("a preview", move |tx| {
        let entry = Entry {
            actor,
            action: "outbox.preview",
            subject: subject.clone(),
            detail: String::new(),
        };
        Box::pin(async move { audit::record(tx, &entry, now).await })
    });
}

fn shown(composed: Composed) -> MailPreview {
    match composed {
        Composed::Send(message) => MailPreview {
            attachments: attachments(&message),
            subject: message.subject,
            text: message.text,
        },
        Composed::Skip(reason) => MailPreview {
            subject: "There is nothing to send any more".to_owned(),
            text: reason,
            attachments: Vec::new(),
        },
        Composed::Poison(problem) => MailPreview {
            subject: "This mail cannot be written".to_owned(),
            text: problem,
            attachments: Vec::new(),
        },
    }
}

fn attachments(message: &Message) -> Vec<String> {
    let invitation = message.invitation.as_ref().map(|_| "invite.ics".to_owned());
    let file = message.file.as_ref().map(|file| file.name().to_owned());
    invitation.into_iter().chain(file).collect()
}

/// `POST /organizer/outbox/{name}/retry`
pub(super) async fn retry(state: Data<AppState>, who: Editor, name: Path<String>) -> Answer {
    change(&state, &who.0, name.into_inner(), Act::Retry).await
}

/// `POST /organizer/outbox/{name}/cancel`
pub(super) async fn cancel(state: Data<AppState>, who: Editor, name: Path<String>) -> Answer {
    change(&state, &who.0, name.into_inner(), Act::Cancel).await
}

async fn change(app: &AppState, who: &Organizer, name: String, what: Act) -> Answer {
    if outbox::find(&mut app.db.read().await?, &name).await?.is_none() {
        return Err(WebError::NotFound);
    }
    let path = format!("/organizer/outbox/{}", encoded(&name));
    let (now, actor) = (app.clock.now(), Actor::from(who));
    let changed = app
        .db
        .write(move |tx| {
            let name = name.clone();
            Box::pin(async move { outbox::act(tx, what, &name, actor, now).await })
        })
        .await?;
    app.bell.ring();
    if what == Act::Retry {
        app.route.try_now();
    }
    let done = match (changed, what) {
        (false, _) => "late",
        (true, Act::Retry) => "retry",
        (true, Act::Cancel) => "cancel",
    };
    Ok(see_other(&format!("{path}?done={done}")))
}
