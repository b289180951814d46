//! `/organizer/mail`: what does not go, and what was not delivered, by its cause. Nothing is repeated here that one can do
//! nothing about; the server's own words stand behind "Details".

use std::time::Duration;

use actix_web::web::{Data, Query};
use askama::Template;
use jiff::SignedDuration;

use super::MailRow;
use crate::audit::Actor;
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry, words};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::mail::advice::what_to_do;
use crate::mail::outbox::{self, Filter, MailState, OutboxRow};
use crate::organizers::SignedIn;
use crate::organizers::acts::Act;
use crate::web::layout::Layout;
use crate::web::{Answer, AppState, Form, WebError, ok, see_other};

/// Mails of one cause that are listed; the others are found under "Sent".
const LISTED: usize = 20;
/// Mails that are looked at for their cause.
const LOOKED_AT: i64 = 200;
/// Mail that waits longer than this does not get out.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// Nothing waits longer for another try.
const WAITS_AT_MOST: Duration = Duration::from_hours(24);

/// What the last act did.
const DONE: [(&str, &str); 3] = [
    ("check", "The mail server is tried again now."),
    ("again", "They go again now."),
    ("released", "They go now."),
];

#[derive(Template)]
#[template(path = "console/mail/trouble.html")]
struct TroublePage {
    layout: Layout,
    frame: ConsoleFrame,
    causes: Vec<Cause>,
    may_act: bool,
}

framed!(TroublePage);

/// Why mails are where they are.
struct Cause {
    title: String,
    /// In one sentence, and what to do.
    words: String,
    button: Option<Button>,
    mails: Vec<MailRow>,
    /// Where the others of this cause are, and how many are listed.
    all: Option<String>,
}

/// What can be done about all of one cause.
struct Button {
    action: &'static str,
    /// Sent along: which mails.
    state: &'static str,
    label: &'static str,
}

/// `GET /organizer/mail`
pub(super) async fn page(console: Console, done: Query<Done>) -> Answer {
    let conn = &mut console.state.db.read().await?;
    let counts = outbox::counts(conn).await?;
    let count = |state| outbox::count_in(&counts, state);
    let waiting = count(MailState::Queued) + count(MailState::Sending);
    let mut causes: Vec<Cause> = of_the_way(conn, &console.state, waiting).await?.into_iter().collect();
    causes.extend(not_delivered(conn, &console).await?);
    causes.extend(unclear(conn, &console).await?);
    causes.extend(held(count(MailState::Held)));
    let (layout, frame) = console.page(MenuEntry::Mail, "Mail");
    ok(&TroublePage {
        layout,
        frame: frame.with(done.said(&DONE)),
        causes,
        may_act: console.may(Act::HandleMail),
    })
}

/// Whether mail gets out at all; and what waits though others pass.
async fn of_the_way(conn: &mut Conn, state: &AppState, waiting: i64) -> Result<Option<Cause>, DbError> {
    let cause = |title: String, words: String| Cause {
        title,
        words,
        button: Some(Button {
            action: "/organizer/mail/check",
            state: "",
            label: "Check again",
        }),
        mails: Vec::new(),
        all: (waiting > 0).then(|| "/organizer/mail/sent?state=queued".to_owned()),
    };
    if state.config.smtp_url.is_none() {
        let words = "Whoever runs this server sets smtp_url and mail_from and restarts it. What is kept is sent then.";
        return Ok(Some(Cause {
            button: None,
            ..cause(format!("No mail server is set: {}", waits(waiting)), words.to_owned())
        }));
    }
    if let Some((reply, wait)) = state.route.shut() {
        let said = said(reply.code > 0, &reply.to_string());
        let words = format!(
            "{said} Nothing is lost: the next try is {}. For whoever runs this server: {}.",
            in_minutes(wait),
            what_to_do(&reply)
        );
        return Ok(Some(cause(format!("Mail does not go out: {}", waits(waiting)), words)));
    }
    let now = state.clock.now();
    if let Some(since) = outbox::waiting_since(conn).await?
        && now.duration_since(since) > PATIENCE
    {
        let words = "Nothing is lost; they go once the mail server takes them. Whoever runs this server sees what is wrong \
                     with “commonground doctor”.";
        let title = format!("Mail has been waiting for {}", ago(now.duration_since(since)));
        return Ok(Some(cause(title, words.to_owned())));
    }
    let refused = outbox::refused(conn).await?;
    Ok(refused.map(|refused| {
        let title = match refused.count {
            1 => "1 mail waits for another try".to_owned(),
            count => format!("{} mails wait for another try", words::count(count)),
        };
        cause(title, said(refused.is_answer(), &refused.reply()))
    }))
}

fn waits(waiting: i64) -> String {
    match waiting {
        0 => "nothing waits".to_owned(),
        1 => "1 mail waits".to_owned(),
        more => format!("{} mails wait", words::count(more)),
    }
}

/// Those whose address is bad apart from those that were refused for another reason.
async fn not_delivered(conn: &mut Conn, console: &Console) -> Result<Vec<Cause>, DbError> {
    let rows = in_state(conn, MailState::Failed).await?;
    let (addresses, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.blames_address());
    let causes = [
        (
            addresses,
            "The address takes no mail",
            "The mailbox does not exist or is shut. Correct the address with the person, then send it again.",
        ),
        (
            others,
            "The mail server would not take it",
            "It was refused for good, or later and later until its time was over. Its words stand at each mail.",
        ),
    ];
    let causes = causes.into_iter().filter(|(rows, ..)| !rows.is_empty());
    causes
        .map(|(rows, title, words)| {
            Ok(Cause {
                title: format!("{title}: {}", mails(rows.len())),
                words: words.to_owned(),
                button: Some(Button {
                    action: "/organizer/mail/again",
                    state: "failed",
                    label: "Send all that were not delivered again",
                }),
                all: (rows.len() > LISTED).then(|| "/organizer/mail/sent?state=failed".to_owned()),
                mails: listed(&rows, console)?,
            })
        })
        .collect()
}

async fn unclear(conn: &mut Conn, console: &Console) -> Result<Option<Cause>, DbError> {
    let rows = in_state(conn, MailState::Unknown).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let rows: Vec<&OutboxRow> = rows.iter().collect();
    Ok(Some(Cause {
        title: format!("Unclear: {}", mails(rows.len())),
        words: "The connection broke after the mail was handed over, several times. It may have arrived. Send it again if it \
                matters more that it comes than that it comes once."
            .to_owned(),
        button: Some(Button {
            action: "/organizer/mail/again",
            state: "unknown",
            label: "Send them again",
        }),
        all: (rows.len() > LISTED).then(|| "/organizer/mail/sent?state=unknown".to_owned()),
        mails: listed(&rows, console)?,
    }))
}

fn held(count: i64) -> Option<Cause> {
    (count > 0).then(|| Cause {
        title: format!("Held after a restore: {}", words::count(count)),
        words: "They waited when the backup was made. Some may have gone since then; whoever got one gets it twice."
            .to_owned(),
        button: Some(Button {
            action: "/organizer/mail/again",
            state: "held",
            label: "Release all",
        }),
        mails: Vec::new(),
        all: Some("/organizer/mail/sent?state=held".to_owned()),
    })
}

async fn in_state(conn: &mut Conn, state: MailState) -> Result<Vec<OutboxRow>, DbError> {
    let filter = Filter {
        state: Some(state),
        ..Filter::default()
    };
    outbox::list(conn, &filter, LOOKED_AT).await
}

fn listed(rows: &[&OutboxRow], console: &Console) -> Result<Vec<MailRow>, DbError> {
    rows.iter().take(LISTED).map(|row| MailRow::of(row, console)).collect()
}

fn mails(count: usize) -> String {
    let most = usize::try_from(LOOKED_AT).unwrap_or(usize::MAX);
    match count {
        1 => "1 mail".to_owned(),
        count if count == most => format!("{count} mails and more"),
        count => format!("{count} mails"),
    }
}

/// What was answered, or what happened instead of an answer.
fn said(is_answer: bool, words: &str) -> String {
    let words = words.trim_end_matches('.');
    if is_answer {
        format!("The mail server says: {words}.")
    } else {
        format!("{words}.")
    }
}

fn in_minutes(wait: Duration) -> String {
    match wait.as_secs().div_ceil(60) {
        0 | 1 => "within a minute".to_owned(),
        minutes => format!("in {minutes} minutes"),
    }
}

fn ago(time: SignedDuration) -> String {
    match time.as_mins() {
        minutes if minutes < 120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes / 60),
    }
}

/// `POST /organizer/mail/check`: the mail server is tried at once, with what waits for another try.
pub(super) async fn check(state: Data<AppState>, _: SignedIn) -> Answer {
    let now = state.clock.now();
    state
        .db
        .write(move |tx| Box::pin(async move { outbox::hurry_refused(tx, WAITS_AT_MOST, now).await }))
        .await?;
    state.route.try_now();
    state.bell.ring();
    Ok(see_other("/organizer/mail?done=check"))
}

/// `POST /organizer/mail/again`: all that are in one kind of trouble, at most so many at once.
pub(super) async fn again(state: Data<AppState>, who: SignedIn, form: Form) -> Answer {
    let (actor, now) = (Actor::from(&who.0), state.clock.now());
    let wanted: MailState = form.text("state").parse().map_err(|_| WebError::BadRequest)?;
    let done = match wanted {
        MailState::Held => {
            state
                .db
                .write(move |tx| Box::pin(outbox::release_held(tx, actor, now)))
                .await?;
            "released"
        }
        MailState::Failed | MailState::Unknown => {
            let rows = in_state(&mut state.db.read().await?, wanted).await?;
            let names: Vec<String> = rows.into_iter().map(|row| row.key).collect();
            state
                .db
                .write(move |tx| {
                    let names = names.clone();
                    Box::pin(async move {
                        for name in &names {
                            outbox::act(tx, outbox::MailAct::Retry, name, actor, now).await?;
                        }
                        Ok(())
                    })
                })
                .await?;
            "again"
        }
        _ => return Err(WebError::BadRequest),
    };
    state.route.try_now();
    state.bell.ring();
    Ok(see_other(&format!("/organizer/mail?done={done}")))
}
