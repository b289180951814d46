//! `/organizer/webcasts/{slug}/sessions`: when it is aired, and one more.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use jiff::Timestamp;

use super::session_form::SessionForm;
use super::workspace::{NextStep, Tab, Workspace, WorkspaceHead};
use crate::console::busy::form_again;
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, words};
use crate::framed;
use crate::values::{HourCycle, Zone};
use crate::web::layout::{Badge, Layout, When};
use crate::web::{Answer, Form, ok, page as answer, see_other, time};
use crate::webcasts::change::programme::{self, AddedSession};
use crate::webcasts::pages::availability_state;
use crate::webcasts::series::Series;
use crate::webcasts::{Session, SessionState, store};

#[derive(Template)]
#[template(path = "console/webcasts/sessions.html")]
struct SessionsPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    series: Vec<SeriesLine>,
    sessions: Vec<SessionCard>,
}

framed!(SessionsPage);

struct SeriesLine {
    path: String,
    /// "Every 2 weeks on Friday at 11:00, Los Angeles time"
    words: String,
    /// "Until 2027-06-25. Not on 2026-12-25."
    notes: String,
}

/// What the last act did.
const DONE: [(&str, &str); 2] = [
    ("begun", "The series has begun. Its next airings stand below."),
    ("series", "The series is saved."),
];

struct SessionCard {
    path: String,
    start: When,
    zone: String,
    state: Badge,
    places: String,
    join: &'static str,
    /// "20:00 in Berlin, 14:00 in New York"; empty for what is over.
    elsewhere: String,
}

#[derive(Template)]
#[template(path = "console/webcasts/add_session.html")]
struct AddSessionPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    form: SessionForm,
}

framed!(AddSessionPage);

/// `GET /organizer/webcasts/{slug}/sessions`
pub(super) async fn page(console: Console, slug: Path<String>, done: Query<Done>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let series = store::series_of(&mut console.state.db.read().await?, workspace.webcast.id).await?;
    let (layout, frame, head) = workspace.page(&console, Tab::Sessions);
    let now = console.state.clock.now();
    let card = |session: &Session| SessionCard {
        path: format!("{}/sessions/{}", workspace.path(), session.public_id),
        start: time::in_sentence(session.starts_at, &session.zone, HourCycle::H23),
        zone: time::zone_in_words(session.starts_at, &session.zone),
        state: availability_state(session.availability(now)),
        places: match session.capacity {
            Some(capacity) => format!(
                "{} of {} places taken",
                words::grouped(session.seats_taken),
                words::grouped(capacity)
            ),
            None => "no limit of places".to_owned(),
        },
        elsewhere: if session.ends_at > now {
            in_four_cities(session.starts_at, &session.zone)
        } else {
            String::new()
        },
        join: if session.join_url.is_some() {
            "join address set"
        } else {
            "no join address yet"
        },
    };
    ok(&SessionsPage {
        series: series
            .iter()
            .map(|series| series_line(&workspace, series, now))
            .collect(),
        sessions: in_order(&workspace.sessions, now).into_iter().map(card).collect(),
        layout,
        frame: frame.with(done.said(&DONE)),
        head,
    })
}

/// Those ahead, the next one first; then those that are over, the last one first.
fn in_order(sessions: &[Session], now: Timestamp) -> Vec<&Session> {
    let (mut ahead, mut over): (Vec<&Session>, Vec<&Session>) =
        sessions.iter().partition(|session| session.ends_at > now);
    ahead.sort_by_key(|session| session.starts_at);
    over.sort_by_key(|session| std::cmp::Reverse(session.starts_at));
    ahead.into_iter().chain(over).collect()
}

fn series_line(workspace: &Workspace, series: &Series, now: Timestamp) -> SeriesLine {
    let plan = &series.plan;
    let until = plan.until.map(|day| format!("Until {day}."));
    let days: Vec<String> = plan.exceptions.iter().map(ToString::to_string).collect();
    let except = (!days.is_empty()).then(|| format!("Not on {}.", days.join(", ")));
    let zone = time::zone_in_words(now, &plan.zone);
    let notes: Vec<String> = until.into_iter().chain(except).collect();
    SeriesLine {
        path: format!("{}/series/{}", workspace.path(), series.public_id),
        words: format!(
            "{} at {}, {}",
            plan.rule.in_words(),
            plan.rule.time.strftime("%H:%M"),
            // The hour stays, and so the difference to other clocks does not.
            zone.split(" (").next().unwrap_or(&zone)
        ),
        notes: notes.join(" "),
    }
}

/// `GET /organizer/webcasts/{slug}/sessions/new`
pub(super) async fn new(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let last = workspace.sessions.last();
    let zone = last.map_or_else(|| console.around.zone.clone(), |session| session.zone.clone());
    let minutes = last.map_or(60, Session::minutes);
    ok(&add_page(
        &console,
        &workspace,
        SessionForm::empty(&zone, &minutes.to_string()),
    ))
}

fn add_page(console: &Console, workspace: &Workspace, form: SessionForm) -> AddSessionPage {
    let (layout, frame, head) = workspace.page(console, Tab::Sessions);
    let frame = frame.below(workspace.path(), workspace.webcast.text.title.clone());
    AddSessionPage {
        layout,
        frame,
        head,
        form,
    }
}

/// `POST /organizer/webcasts/{slug}/sessions/new`
pub(super) async fn add(console: Console, slug: Path<String>, form: Form) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let now = console.state.clock.now();
    let mut typed = SessionForm::typed(&form);
    if form.is_brought_back() {
        let mut shown = add_page(&console, &workspace, typed);
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let wanted = typed.read(SessionState::Open);
    let wanted = wanted.filter(|wanted| wanted.ends_at > now || typed.is_past_meant(&form));
    let Some(wanted) = wanted else {
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &add_page(&console, &workspace, typed));
    };
    let (webcast, who) = (workspace.webcast.clone(), console.who.clone());
    let write = console.state.db.write(move |tx| {
        let (webcast, wanted, who) = (webcast.clone(), wanted.clone(), who.clone());
        Box::pin(async move { programme::add_session(tx, &webcast, &wanted, &who, now).await })
    });
    match write.await {
        Ok(AddedSession::Yes(id)) => Ok(see_other(&format!("{}/sessions/{id}?saved=added", workspace.path()))),
        Ok(AddedSession::CalledOff) => {
            typed.date.error =
                Some("This webcast is cancelled. Duplicate it, and add the session to the copy.".to_owned());
            answer(StatusCode::UNPROCESSABLE_ENTITY, &add_page(&console, &workspace, typed))
        }
        Err(error) => {
            let mut shown = add_page(&console, &workspace, typed);
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}

/// Four cities around the world, and what their clocks show then: "20:00 in Berlin, 14:00 in New York".
fn in_four_cities(at: Timestamp, own: &Zone) -> String {
    const CITIES: [&str; 4] = ["Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Tokyo"];
    let home = own.at(at).date();
    let said = CITIES.iter().filter_map(|name| {
        let zone = Zone::parse(name).ok()?;
        let there = zone.at(at);
        let city = name.split('/').next_back()?.replace('_', " ");
        let day = if there.date() == home {
            String::new()
        } else {
            format!("{} ", there.strftime("%a"))
        };
        Some(format!("{day}{} in {city}", there.strftime("%H:%M")))
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_is_many_hours() {
        let zone = Zone::parse("America/Los_Angeles").unwrap();
        assert_eq!(
            in_four_cities("2026-12-04T19:00:00Z".parse().unwrap(), &zone),
            "20:00 in Berlin, 14:00 in New York, 11:00 in Los Angeles, Sat 04:00 in Tokyo"
        );
    }
}
