//! `GET /webcasts`

use actix_web::web;
use askama::Template;
use jiff::Timestamp;

use super::{availability_state, session_time};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::values::HourCycle;
use crate::web::layout::{Badge, Layout, Section, SessionTime};
use crate::web::{Answer, AppState, Share, Visitor, ok};
use crate::webcasts::{Availability, Session, SessionState, Webcast, store};

/// Sessions that were aired, in the list. Older ones are found at their webcast.
const MOST_PAST: i64 = 100;

#[derive(Template)]
#[template(path = "webcasts/list.html")]
struct WebcastListPage {
    layout: Layout,
    /// Webcasts with a session ahead.
    upcoming: Vec<UpcomingWebcast>,
    /// Sessions that were aired, newest first.
    past: Vec<PastWebcast>,
}

framed!(WebcastListPage);

struct UpcomingWebcast {
    slug: String,
    title: String,
    summary: String,
    /// The next session.
    time: SessionTime,
    /// How many sessions come after it.
    more_sessions: usize,
    state: Badge,
}

struct PastWebcast {
    slug: String,
    title: String,
    aired: SessionTime,
    /// It is reached by the personal link, so the list only says that there is one.
    replay: bool,
}

pub(super) async fn show(state: web::Data<AppState>, visitor: Visitor) -> Answer {
    let hours = visitor.hours;
    let now = state.clock.now();
    let mut upcoming = Vec::new();
    let mut past = Vec::new();
    for (webcast, sessions) in webcasts_with_sessions(&mut state.db.read().await?, now, MOST_PAST).await? {
        let (over, ahead): (Vec<_>, Vec<_>) = sessions.into_iter().partition(|session| session.ends_at <= now);
        upcoming.extend(upcoming_webcast(&webcast, &ahead, hours, now));
        let aired = over.iter().filter(|session| session.state != SessionState::Cancelled);
        past.extend(aired.map(|session| (session.starts_at, past_webcast(&webcast, session, hours))));
    }
    upcoming.sort_by_key(|(start, _)| *start);
    past.sort_by_key(|(start, _)| std::cmp::Reverse(*start));
    let share = Share::of_page(&state, "/webcasts");
    let mut layout = state
        .layout(Section::Webcasts, "Webcasts")
        .seen_by(&visitor)
        .shared_as(share);
    "Free webcasts: what is next, and what was aired.".clone_into(&mut layout.description);
    ok(&WebcastListPage {
        layout,
        upcoming: upcoming.into_iter().map(|(_, item)| item).collect(),
        past: past.into_iter().map(|(_, item)| item).collect(),
    })
}

fn upcoming_webcast(
    webcast: &Webcast,
    ahead: &[Session],
    hours: HourCycle,
    now: Timestamp,
) -> Option<(Timestamp, UpcomingWebcast)> {
    let aired: Vec<&Session> = ahead
        .iter()
        .filter(|session| session.state != SessionState::Cancelled)
        .collect();
    let open = aired
        .iter()
        .find(|session| session.availability(now) == Availability::Open);
    let next = open.or(aired.first())?;
    let item = UpcomingWebcast {
        slug: webcast.slug.to_string(),
        title: webcast.text.title.clone(),
        summary: webcast.text.summary.clone(),
        time: session_time(next, hours),
        more_sessions: aired.len() - 1,
        state: availability_state(next.availability(now)),
    };
    Some((next.starts_at, item))
}

fn past_webcast(webcast: &Webcast, session: &Session, hours: HourCycle) -> PastWebcast {
    PastWebcast {
        slug: webcast.slug.to_string(),
        title: webcast.text.title.clone(),
        aired: session_time(session, hours),
        replay: session.replay_url.is_some(),
    }
}

async fn webcasts_with_sessions(
    conn: &mut Conn,
    now: Timestamp,
    past: i64,
) -> Result<Vec<(Webcast, Vec<Session>)>, DbError> {
    let webcasts = store::public_webcasts(conn).await?;
    let sessions = store::sessions_around(conn, now, past).await?;
    let of = |webcast: &Webcast| {
        sessions
            .iter()
            .filter(|s| s.webcast_id == webcast.id)
            .cloned()
            .collect()
    };
    Ok(webcasts
        .into_iter()
        .map(|webcast| {
            let sessions = of(&webcast);
            (webcast, sessions)
        })
        .collect())
}

/// The session that the front page names: the next one that is open, else the next one.
pub(crate) async fn next_session(conn: &mut Conn, now: Timestamp) -> Result<Option<(Webcast, Session)>, DbError> {
    let all = webcasts_with_sessions(conn, now, 0).await?;
    let ahead = all.into_iter().flat_map(|(webcast, sessions)| {
        let ahead = sessions.into_iter().filter(move |session| session.ends_at > now);
        ahead.map(move |session| (webcast.clone(), session))
    });
    Ok(ahead
        .filter(|(_, session)| session.state != SessionState::Cancelled)
        .min_by_key(|(_, session)| (session.availability(now) != Availability::Open, session.starts_at)))
}
