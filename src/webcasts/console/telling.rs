//! What reaches those who are registered is looked at first: a session that is moved, one that is called off, a webcast that is
//! cancelled. Each page names how many are told and shows the mail.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use jiff::Timestamp;

use super::overview::session_of;
use super::workspace::{Tab, Workspace, WorkspaceHead};
use crate::console::preview::MailPreview;
use crate::console::review::{self, Review};
use crate::console::{Console, ConsoleFrame, MenuEntry, list};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::mail::Composed;
use crate::values::{HourCycle, Zone};
use crate::web::layout::{Field, Layout, Mistake, mistakes};
use crate::web::{Answer, Form, WebError, ok, page as answer, see_other, time};
use crate::webcasts::change::{SessionUpdate, programme};
use crate::webcasts::mails::preview_of_change;
use crate::webcasts::roster::{self, Reached};
use crate::webcasts::{Seat, Session, SessionState, WebcastState, store};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 300;
/// When mails go to everybody.
const AT_ONCE: &str = "As soon as you press the button, a few hundred at a time.";
/// Hours at which people sleep.
const NIGHT: std::ops::Range<i8> = 0..6;

#[derive(Template)]
#[template(path = "console/webcasts/call_off.html")]
struct CallOffPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    /// What is called off, as a sentence.
    what: String,
    reason: Field,
    action: String,
    back: String,
    mistakes: Vec<Mistake>,
}

framed!(CallOffPage);

/// What is called off.
enum Off {
    Session(Box<Session>),
    Webcast,
}

/// The review of a session that is moved; `hidden` brings the form along.
pub(super) async fn review_move(
    console: &Console,
    path: &str,
    session: &Session,
    update: &SessionUpdate,
    hidden: Vec<(String, String)>,
) -> Answer {
    let conn = &mut console.state.db.read().await?;
    let reached = roster::reached(conn, &[session.id]).await?;
    let changed = Session {
        starts_at: update.starts_at,
        ends_at: update.ends_at,
        zone: update.zone.clone(),
        ..session.clone()
    };
    let zones = roster::zones(conn, session.id).await?;
    let what = format!(
        "{} becomes {}.{}",
        moment(session),
        moment(&changed),
        at_night(&zones, session.starts_at, update.starts_at)
    );
    let seat = first_seat(conn, &reached).await?;
    let mail = seat
        .as_ref()
        .map(|seat| preview_of_change(&console.state, seat, &changed));
    let people = Console::people(reached.count);
    let review = Review {
        what,
        who: names(console, &reached),
        count: people.clone(),
        when: AT_ONCE,
        mail: mail_or_nothing(mail),
        action: format!("{path}/send"),
        hidden,
        button: format!("Move it and tell {people}"),
        back: path.to_owned(),
    };
    let (layout, frame) = console.page(MenuEntry::Webcasts, "Move the session");
    review::page((layout, frame.below("/organizer/webcasts", "Webcasts")), review)
}

/// When a session is aired, in words.
pub(super) fn moment(session: &Session) -> String {
    let start = time::in_sentence(session.starts_at, &session.zone, HourCycle::H23).text;
    format!("{start}, {}", time::zone_in_words(session.starts_at, &session.zone))
}

/// Of how many it is told who would have to get up for it: " It would be 04:00 for 3 of them."
fn at_night(zones: &[(String, i64)], before: Timestamp, after: Timestamp) -> String {
    let mut hours: Vec<(String, i64)> = Vec::new();
    for (name, count) in zones {
        let Ok(zone) = Zone::parse(name) else { continue };
        let is_night = |at| NIGHT.contains(&zone.at(at).hour());
        if is_night(after) && !is_night(before) {
            let clock = zone.at(after).strftime("%H:%M").to_string();
            match hours.iter_mut().find(|(known, _)| *known == clock) {
                Some((_, sum)) => *sum += count,
                None => hours.push((clock, *count)),
            }
        }
    }
    hours.sort();
    let said = hours
        .iter()
        .map(|(clock, count)| format!(" It would be {clock} for {count} of them."));
    said.collect()
}

pub(super) fn names(console: &Console, reached: &Reached) -> Vec<String> {
    reached.names.iter().map(|name| console.name(name)).collect()
}

pub(super) async fn first_seat(conn: &mut Conn, reached: &Reached) -> Result<Option<Seat>, DbError> {
    let Some(first) = reached.first else { return Ok(None) };
    Ok(store::seats_by_ids(conn, &[first]).await?.pop())
}

pub(super) fn mail_or_nothing(mail: Option<Composed>) -> MailPreview {
    mail.unwrap_or_else(|| Composed::Skip("Nobody is registered, so no mail goes.".to_owned()))
        .into()
}

/// `GET /organizer/webcasts/{slug}/sessions/{id}/cancel`
pub(super) async fn session_page(console: Console, at: Path<(String, String)>) -> Answer {
    let (workspace, session) = load(&console, &at).await?;
    ok(&draw(
        &console,
        &workspace,
        &Off::Session(Box::new(session)),
        Field::default(),
    ))
}

/// `GET /organizer/webcasts/{slug}/cancel`
pub(super) async fn webcast_page(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    ok(&draw(&console, &workspace, &Off::Webcast, Field::default()))
}

/// `POST /organizer/webcasts/{slug}/sessions/{id}/cancel/review`
pub(super) async fn session_review(console: Console, at: Path<(String, String)>, form: Form) -> Answer {
    let (workspace, session) = load(&console, &at).await?;
    review_off(&console, &workspace, Off::Session(Box::new(session)), &form).await
}

/// `POST /organizer/webcasts/{slug}/cancel/review`
pub(super) async fn webcast_review(console: Console, slug: Path<String>, form: Form) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    review_off(&console, &workspace, Off::Webcast, &form).await
}

/// `POST /organizer/webcasts/{slug}/sessions/{id}/cancel/send`
pub(super) async fn session_send(console: Console, at: Path<(String, String)>, form: Form) -> Answer {
    let (workspace, session) = load(&console, &at).await?;
    let path = format!("{}/sessions/{}", workspace.path(), session.public_id);
    let reason = reason(&form).map_err(WebError::Unprocessable)?;
    let (who, clock) = (console.who.clone(), console.state.clock.clone());
    let write = console.state.db.write(move |tx| {
        let (session, reason, who, clock) = (session.clone(), reason.clone(), who.clone(), clock.clone());
        Box::pin(async move { programme::call_off_session(tx, &session, reason.as_deref(), &who, &clock).await })
    });
    let done = if write.await? { "off" } else { "meanwhile" };
    console.state.bell.ring();
    Ok(see_other(&format!("{path}?saved={done}")))
}

/// `POST /organizer/webcasts/{slug}/cancel/send`
pub(super) async fn webcast_send(console: Console, slug: Path<String>, form: Form) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let path = workspace.path();
    let reason = reason(&form).map_err(WebError::Unprocessable)?;
    let (webcast, who, clock) = (workspace.webcast, console.who.clone(), console.state.clock.clone());
    let write = console.state.db.write(move |tx| {
        let (webcast, reason, who, clock) = (webcast.clone(), reason.clone(), who.clone(), clock.clone());
        Box::pin(async move { programme::call_off(tx, &webcast, reason.as_deref(), &who, &clock).await })
    });
    let done = if write.await? { "cancelled" } else { "meanwhile" };
    console.state.bell.ring();
    Ok(see_other(&format!("{path}?done={done}")))
}

async fn load(console: &Console, at: &(String, String)) -> Result<(Workspace, Session), WebError> {
    let workspace = Workspace::load(console, &at.0).await?;
    let session = session_of(console, &workspace, list::id(&at.1)?).await?;
    Ok((workspace, session))
}

/// One sentence for those who are told, or none.
fn reason(form: &Form) -> Result<Option<String>, String> {
    let words = form.text("reason").split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > LONGEST_REASON {
        return Err(format!("Enter at most {LONGEST_REASON} characters."));
    }
    if words.chars().any(char::is_control) {
        return Err("Enter it without control characters.".to_owned());
    }
    Ok((!words.is_empty()).then_some(words))
}

async fn review_off(console: &Console, workspace: &Workspace, off: Off, form: &Form) -> Answer {
    let reason = match reason(form) {
        Ok(reason) => reason,
        Err(problem) => {
            let field = Field {
                error: Some(problem),
                ..Field::of(form.text("reason"))
            };
            return answer(StatusCode::UNPROCESSABLE_ENTITY, &draw(console, workspace, &off, field));
        }
    };
    let now = console.state.clock.now();
    let sessions: Vec<i64> = match &off {
        Off::Session(session) => vec![session.id],
        Off::Webcast => workspace.ahead(now).map(|session| session.id).collect(),
    };
    let conn = &mut console.state.db.read().await?;
    let reached = roster::reached(conn, &sessions).await?;
    let seat = first_seat(conn, &reached).await?;
    let mail = seat.as_ref().map(|seat| {
        let changed = Session {
            state: SessionState::Cancelled,
            reason: reason.clone(),
            ..seat.session.clone()
        };
        preview_of_change(&console.state, seat, &changed)
    });
    let people = Console::people(reached.count);
    let path = path_of(workspace, &off);
    let review = Review {
        what: what(workspace, &off, now),
        button: if reached.count == 0 {
            "Call it off".to_owned()
        } else {
            format!("Call it off and tell {people}")
        },
        who: names(console, &reached),
        count: people,
        when: "As soon as you press the button, a few hundred at a time. This cannot be undone.",
        mail: mail_or_nothing(mail),
        action: format!("{path}/cancel/send"),
        hidden: vec![("reason".to_owned(), reason.unwrap_or_default())],
        back: format!("{path}/cancel"),
    };
    let (layout, frame, _) = workspace.page(console, Tab::Sessions);
    let layout = Layout {
        title: "Call it off".to_owned(),
        ..layout
    };
    review::page(
        (
            layout,
            frame.below(workspace.path(), workspace.webcast.text.title.clone()),
        ),
        review,
    )
}

fn path_of(workspace: &Workspace, off: &Off) -> String {
    match off {
        Off::Session(session) => format!("{}/sessions/{}", workspace.path(), session.public_id),
        Off::Webcast => workspace.path(),
    }
}

fn what(workspace: &Workspace, off: &Off, now: Timestamp) -> String {
    let title = &workspace.webcast.text.title;
    match off {
        Off::Session(session) => {
            let start = time::in_sentence(session.starts_at, &session.zone, HourCycle::H23).text;
            let zone = time::zone_in_words(session.starts_at, &session.zone);
            format!("The session on {start}, {zone}, of {title} is called off.")
        }
        Off::Webcast => match workspace.ahead(now).count() {
            1 => format!("{title} is cancelled, with the session that is ahead."),
            many => format!("{title} is cancelled, with the {many} sessions that are ahead."),
        },
    }
}

fn draw(console: &Console, workspace: &Workspace, off: &Off, reason: Field) -> CallOffPage {
    let (layout, frame, head) = workspace.page(console, Tab::Sessions);
    let path = path_of(workspace, off);
    let is_over = match off {
        Off::Session(session) => {
            session.ends_at <= console.state.clock.now() || session.state == SessionState::Cancelled
        }
        Off::Webcast => workspace.webcast.state != WebcastState::Published,
    };
    CallOffPage {
        frame: frame.below(workspace.path(), workspace.webcast.text.title.clone()),
        what: if is_over {
            String::new()
        } else {
            what(workspace, off, console.state.clock.now())
        },
        action: format!("{path}/cancel/review"),
        back: path,
        mistakes: mistakes(&[("reason", &reason)]),
        reason,
        layout: Layout {
            title: "Call it off".to_owned(),
            ..layout
        },
        head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_would_have_to_get_up_is_told() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let zones = [
            ("Europe/Berlin".to_owned(), 20),
            ("Asia/Tokyo".to_owned(), 3),
            ("Asia/Seoul".to_owned(), 2),
            ("Mars/Olympus".to_owned(), 9),
        ];
        let (morning, evening) = (at("2026-12-04T09:00:00Z"), at("2026-12-04T19:00:00Z"));
        assert_eq!(at_night(&zones, morning, evening), " It would be 04:00 for 5 of them.");
        assert_eq!(at_night(&zones, evening, morning), "");
        assert_eq!(
            at_night(&zones, evening, at("2026-12-04T20:00:00Z")),
            "",
            "it was night before, too"
        );
    }
}
