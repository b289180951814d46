//! `/organizer/webcasts`: those that are ahead, the drafts, and those that are over.

use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::workspace;
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry, words};
use crate::contacts::words::fold;
use crate::db::{DbError, instant};
use crate::framed;
use crate::organizers::acts::Act;
use crate::values::Zone;
use crate::web::layout::{Badge, Layout, When};
use crate::web::{Answer, ok, time};
use crate::webcasts::WebcastState;
use crate::webcasts::roster::{self, ProgrammeLine};

/// Webcasts that are listed.
const MOST: i64 = 200;
/// Those that are looked through where something is asked for.
const MOST_SEARCHED: i64 = 2_000;

/// What the last act did.
const DONE: [(&str, &str); 2] = [
    ("deleted", "The draft is deleted."),
    ("presenter", "They are deleted, picture and all."),
];

#[derive(Template)]
#[template(path = "console/webcasts/list.html")]
struct WebcastsPage {
    layout: Layout,
    frame: ConsoleFrame,
    groups: Vec<Group>,
    /// What was asked for.
    wanted: WebcastsQuery,
    may_add: bool,
}

framed!(WebcastsPage);

/// Webcasts that stand alike.
struct Group {
    id: &'static str,
    title: &'static str,
    rows: Vec<ProgrammeRow>,
}

struct ProgrammeRow {
    path: String,
    title: String,
    state: Badge,
    /// The session that is next, or was last.
    session: Option<(When, String)>,
    /// "and 2 more sessions"
    more: Option<String>,
    registered: String,
    /// "72 left"; empty without a limit.
    left: String,
    lacks_join_url: bool,
    /// Held back: how many.
    held: Option<String>,
}

/// What the list may be asked with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct WebcastsQuery {
    /// In the title, in whatever case.
    q: String,
    /// A group.
    state: String,
    /// Of the session that is next, or was last.
    year: String,
}

impl WebcastsQuery {
    /// Templates ask this to mark what was chosen.
    fn is_state(&self, group: &str) -> bool {
        self.state == group
    }

    fn asks(&self) -> bool {
        !(self.q.trim().is_empty() && self.state.is_empty() && self.year.trim().is_empty())
    }

    /// Whether a webcast of this group is looked for. What is no group and no year finds all.
    fn takes(&self, group: &str, line: &ProgrammeLine) -> Result<bool, DbError> {
        let of_state = !GROUPS.iter().any(|(id, _)| *id == self.state) || group == self.state;
        let of_year = match self.year.trim().parse::<i16>() {
            Ok(year) => match (line.starts_at, &line.time_zone) {
                (Some(start), Some(zone)) => Zone::stored(zone).at(instant(start)?).year() == year,
                _ => false,
            },
            Err(_) => true,
        };
        Ok(of_state && of_year && fold(&line.title).contains(&fold(self.q.trim())))
    }
}

/// The groups, in their order.
const GROUPS: [(&str, &str); 3] = [("ahead", "Upcoming"), ("drafts", "Drafts"), ("over", "Ended")];

/// `GET /organizer/webcasts`
pub(super) async fn page(console: Console, done: Query<Done>, wanted: Query<WebcastsQuery>) -> Answer {
    let now = console.state.clock.now();
    let most = if wanted.asks() { MOST_SEARCHED } else { MOST };
    let lines = roster::programmes(&mut console.state.db.read().await?, now, most).await?;
    let mut groups = GROUPS.map(|(id, title)| (id, title, Vec::new()));
    for line in lines {
        let state = WebcastState::parse(&line.state).ok_or_else(|| DbError::stored("webcast state"))?;
        let which = match (state, line.is_ahead) {
            (WebcastState::Draft, _) => 1,
            (WebcastState::Published, true) => 0,
            _ => 2,
        };
        if let Some((id, _, rows)) = groups.get_mut(which)
            && wanted.takes(id, &line)?
        {
            rows.push(row(line, state)?);
        }
    }
    let (layout, frame) = console.page(MenuEntry::Webcasts, "Webcasts");
    let groups = groups.into_iter().filter(|(.., rows)| !rows.is_empty());
    ok(&WebcastsPage {
        layout,
        frame: frame.with(done.said(&DONE)),
        groups: groups.map(|(id, title, rows)| Group { id, title, rows }).collect(),
        wanted: wanted.into_inner(),
        may_add: console.may(Act::ChangeWebcasts),
    })
}

fn row(line: ProgrammeLine, state: WebcastState) -> Result<ProgrammeRow, DbError> {
    let session = match (line.starts_at, &line.time_zone) {
        (Some(start), Some(zone)) => {
            let (start, zone) = (instant(start)?, Zone::stored(zone));
            Some((time::in_table(start, &zone), time::zone_in_words(start, &zone)))
        }
        _ => None,
    };
    Ok(ProgrammeRow {
        path: format!("/organizer/webcasts/{}", line.slug),
        state: workspace::state(state, line.is_ahead),
        session,
        more: match line.sessions {
            0 | 1 => None,
            2 => Some("and 1 more session".to_owned()),
            many => Some(format!("and {} more sessions", words::grouped(many - 1))),
        },
        registered: words::count(line.registered),
        left: match (line.capacity, line.seats_taken) {
            (Some(capacity), Some(taken)) if line.is_ahead => {
                format!("{} left", words::grouped((capacity - taken).max(0)))
            }
            _ => String::new(),
        },
        lacks_join_url: line.is_ahead && !line.has_join_url,
        held: (line.held > 0).then(|| words::count(line.held)),
        title: line.title,
    })
}
