//! `/organizer`: what needs somebody, what is next, how it goes, what came lately.

mod figures;

use actix_web::web::{Data, Query};
use actix_web::{FromRequest, HttpRequest};
use askama::Template;
use jiff::Timestamp;

use self::figures::HomeFigures;
use super::start::FirstSteps;
use crate::console::flash::Done;
use crate::console::frame::Need;
use crate::console::{Console, ConsoleFrame, MenuEntry, list, words};
use crate::db::listing::{ListOrder, Listing};
use crate::db::size::{self, DatabaseSize};
use crate::db::{Conn, DbError, instant};
use crate::framed;
use crate::organizers;
use crate::values::{HourCycle, Zone};
use crate::web::layout::{Badge, Layout, Section, Tone, When};
use crate::web::{Answer, AppState, ok, time};
use crate::webcasts;
use crate::webcasts::pages::availability_state;
use crate::webcasts::roster::SessionLine;
use crate::whitepapers;
use crate::whitepapers::roster::REQUESTED;

/// Sessions that are listed.
const SESSIONS: i64 = 6;
/// News that are listed.
const NEWS: usize = 8;

#[derive(Template)]
#[template(path = "console/home.html")]
struct ConsoleHome {
    layout: Layout,
    frame: ConsoleFrame,
    needs: Vec<NeedRow>,
    /// How many of the first steps are done, of how many, until all are.
    first_steps: Option<(usize, usize)>,
    sessions: Vec<SessionAhead>,
    news: Vec<NewsRow>,
    /// `None`: they take too long to count.
    figures: Option<HomeFigures>,
    /// "41.2 MB, 0.3 MB more than a day ago"
    database: String,
}

framed!(ConsoleHome);

struct NeedRow {
    /// The class of its sign.
    tone: &'static str,
    sign: &'static str,
    words: String,
    button: &'static str,
    path: String,
}

struct SessionAhead {
    path: String,
    webcast: String,
    month: String,
    day: String,
    /// On the session's own clock, and on ours where that reads differently.
    when: String,
    state: Badge,
    registered: String,
    /// "72 places left"; empty without a limit.
    left: String,
}

struct NewsRow {
    who: String,
    /// Their page.
    path: String,
    what: String,
    at: When,
}

/// How to get the set-up link, while there is no owner.
#[derive(Template)]
#[template(path = "organizers/no_owner.html")]
struct NoOwnerPage {
    layout: Layout,
}

framed!(NoOwnerPage);

/// `GET /organizer`
pub(super) async fn page(state: Data<AppState>, request: HttpRequest, done: Query<Done>) -> Answer {
    if !organizers::store::has_owner(&mut state.db.read().await?).await? {
        return ok(&NoOwnerPage {
            layout: state.personal_layout(Section::None, "No owner yet"),
        });
    }
    let console = Console::extract(&request).await?;
    let now = state.clock.now();
    // Before a connection is taken for the rest: whoever holds one must not wait for another.
    let figures = figures::find(&state.db, now).await?;
    let mut conn = state.db.read().await?;
    let (layout, frame) = console.page(MenuEntry::Home, "Home");
    let flash = done.flash(&mut conn, &console, "/organizer", &[]).await?;
    let ahead = webcasts::roster::ahead(&mut conn, now, SESSIONS).await?;
    let sessions = ahead
        .into_iter()
        .map(|line| next_session(line, &console.around.zone, now));
    let steps = FirstSteps::find(&mut conn, &state, now).await?;
    ok(&ConsoleHome {
        first_steps: steps.map(|steps| steps.done()).filter(|(done, of)| done < of),
        sessions: sessions.collect::<Result<_, _>>()?,
        news: news(&mut conn, &console).await?,
        figures,
        database: in_words(size::find(&mut conn, now).await?),
        needs: console.around.needs.iter().map(need_row).collect(),
        layout,
        frame: frame.with(flash),
    })
}

fn need_row(need: &Need) -> NeedRow {
    let (tone, sign) = match need.tone {
        Tone::Wrong => ("wrong", "!"),
        Tone::Warn => ("warn", "!"),
        Tone::Good | Tone::Idle => ("idle", "›"),
    };
    NeedRow {
        tone,
        sign,
        words: need.words.clone(),
        button: need.button,
        path: need.path.clone(),
    }
}

fn next_session(line: SessionLine, ours: &Zone, now: Timestamp) -> Result<SessionAhead, DbError> {
    let (zone, start) = (Zone::stored(&line.time_zone), instant(line.starts_at)?);
    let there = zone.at(start);
    let here = ours.at(start);
    let own = time::in_sentence(start, &zone, HourCycle::H23).text;
    let when = if there.datetime() == here.datetime() {
        own
    } else {
        format!(
            "{own}, {} ({} here)",
            time::zone_in_words(start, &zone),
            here.strftime("%H:%M")
        )
    };
    Ok(SessionAhead {
        path: webcasts::console::session_path(&line.slug, &line.public_id)?,
        month: there.strftime("%b").to_string(),
        day: there.strftime("%-d").to_string(),
        when,
        state: availability_state(line.availability(now)?),
        registered: words::count(line.registered),
        left: match line.capacity {
            Some(capacity) => match (capacity - line.seats_taken).max(0) {
                1 => "1 place left".to_owned(),
                left => format!("{} places left", words::grouped(left)),
            },
            None => String::new(),
        },
        webcast: line.title,
    })
}

async fn news(conn: &mut Conn, console: &Console) -> Result<Vec<NewsRow>, DbError> {
    let most = i64::try_from(NEWS).unwrap_or(i64::MAX);
    let seats = webcasts::roster::latest(conn, most).await?;
    let newest = Listing {
        of: REQUESTED,
        part: None,
        conditions: Vec::new(),
        order: ListOrder::Newest,
    };
    let newest = newest.first(conn, most).await?;
    let requests = whitepapers::roster::requests(conn, &newest, console.state.clock.now()).await?;
    let seats = seats.into_iter().map(|seat| {
        (
            seat.created_at,
            seat.person,
            seat.name,
            format!("registered for {}", seat.title),
        )
    });
    let requests = requests.into_iter().map(|asked| {
        (
            asked.created_at,
            asked.person.page,
            asked.name,
            format!("asked for {}", asked.paper),
        )
    });
    let mut all: Vec<_> = seats.chain(requests).collect();
    all.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let rows = all.into_iter().take(NEWS).map(|(at, person, who, what)| {
        Ok(NewsRow {
            path: format!("/organizer/people/{}", list::shown_id(&person)?),
            who: console.name(&who),
            what,
            at: console.stored_moment(at)?,
        })
    });
    rows.collect()
}

fn in_words(size: DatabaseSize) -> String {
    let now = words::bytes(size.bytes);
    match size.grown {
        Some(grown) if grown > 0 => format!("{now}, {} more than a day ago", words::bytes(grown)),
        _ => now,
    }
}
