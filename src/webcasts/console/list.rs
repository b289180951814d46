//! `/organizer/webcasts`: every session of every webcast.

use askama::Template;
use jiff::Timestamp;

use super::session_path;
use crate::console::{Console, ConsoleFrame, MenuEntry, words};
use crate::db::{DbError, instant};
use crate::framed;
use crate::values::Zone;
use crate::web::layout::{Badge, Layout, When};
use crate::web::{Answer, ok, time};
use crate::webcasts::Availability;
use crate::webcasts::pages::availability_state;
use crate::webcasts::roster::{self, SessionLine};

/// Sessions that are listed.
const SESSIONS: i64 = 100;

#[derive(Template)]
#[template(path = "console/webcasts/list.html")]
struct WebcastsPage {
    layout: Layout,
    frame: ConsoleFrame,
    sessions: Vec<SessionListRow>,
}

framed!(WebcastsPage);

struct SessionListRow {
    path: String,
    webcast: String,
    start: When,
    zone: String,
    state: Badge,
    registered: String,
    /// "–" without a limit.
    capacity: String,
    joined: String,
    lacks_join_url: bool,
    /// Held back: how many.
    held: Option<String>,
}

/// `GET /organizer/webcasts`
pub(super) async fn page(console: Console) -> Answer {
    let now = console.state.clock.now();
    let lines = roster::sessions(&mut console.state.db.read().await?, None, SESSIONS).await?;
    let (layout, frame) = console.page(MenuEntry::Webcasts, "Webcasts");
    ok(&WebcastsPage {
        sessions: lines.into_iter().map(|line| row(line, now)).collect::<Result<_, _>>()?,
        layout,
        frame,
    })
}

fn row(line: SessionLine, now: Timestamp) -> Result<SessionListRow, DbError> {
    let (zone, start) = (Zone::stored(&line.time_zone), instant(line.starts_at)?);
    let availability = line.availability(now)?;
    let is_ahead = !matches!(availability, Availability::Past | Availability::Cancelled);
    Ok(SessionListRow {
        path: session_path(&line.slug, &line.public_id)?,
        start: time::in_table(start, &zone),
        zone: time::zone_in_words(start, &zone),
        state: availability_state(availability),
        registered: words::count(line.registered),
        capacity: line.capacity.map_or("–".to_owned(), words::grouped),
        joined: words::count(line.joined),
        lacks_join_url: is_ahead && line.join_url.is_none(),
        held: (line.held > 0).then(|| words::count(line.held)),
        webcast: line.title,
    })
}
