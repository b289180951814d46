//! Before a series changes: whom it tells, what goes, and what stays although the series does not fall on its day any more.

use askama::Template;
use jiff::Timestamp;

use super::telling::{first_seat, mail_or_nothing, moment, names};
use super::workspace::Workspace;
use crate::console::preview::MailPreview;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::framed;
use crate::web::WebError;
use crate::web::layout::Layout;
use crate::webcasts::change::SessionUpdate;
use crate::webcasts::mails::preview_of_change;
use crate::webcasts::roster;
use crate::webcasts::series::{AiringChange, AiringOfSeries, Series, SeriesPlan};
use crate::webcasts::{Session, store};

#[derive(Template)]
#[template(path = "console/webcasts/series_review.html")]
pub(super) struct SeriesReviewPage {
    layout: Layout,
    frame: ConsoleFrame,
    /// Whose time moves, and who is told.
    told: Option<Told>,
    /// With people: path and when.
    staying: Vec<(String, String)>,
    /// How many go, in words.
    going: Option<String>,
    action: String,
    hidden: Vec<(String, String)>,
    button: String,
    back: String,
}

framed!(SeriesReviewPage);

struct Told {
    what: String,
    who: Vec<String>,
    count: String,
    mail: MailPreview,
}

/// What becomes of the airings of a series.
#[derive(Default)]
struct SeriesOutcome {
    moved: Vec<(Session, SessionUpdate)>,
    leaving: Vec<Session>,
}

impl SeriesOutcome {
    fn of(series: &Series, plan: &SeriesPlan, airings: Vec<AiringOfSeries>, now: Timestamp) -> Self {
        let mut outcome = Self::default();
        for airing in airings {
            match series.plan.change_of(plan, &airing, now) {
                AiringChange::Update(update) if update.moves(&airing.session) => {
                    outcome.moved.push((airing.session, *update));
                }
                AiringChange::Leave { .. } => outcome.leaving.push(airing.session),
                AiringChange::Keep | AiringChange::Update(_) => {}
            }
        }
        outcome
    }
}

/// The page; `None` where nobody is registered for what moves or leaves the series.
pub(super) async fn review(
    console: &Console,
    workspace: &Workspace,
    series: &Series,
    plan: &SeriesPlan,
    hidden: Vec<(String, String)>,
) -> Result<Option<SeriesReviewPage>, WebError> {
    let now = console.state.clock.now();
    let airings = store::airings_of(&mut console.state.db.read().await?, series.id, plan.rule.first).await?;
    let outcome = SeriesOutcome::of(series, plan, airings, now);
    let told = told(console, &outcome).await?;
    let (mut staying, mut going) = (Vec::new(), 0);
    for session in &outcome.leaving {
        let reached = roster::reached(&mut console.state.db.read().await?, &[session.id]).await?;
        if reached.count > 0 {
            let path = format!("{}/sessions/{}", workspace.path(), session.public_id);
            let people = Console::people(reached.count);
            staying.push((path, format!("{}: {people}", moment(session))));
        } else {
            going += 1;
        }
    }
    if told.is_none() && staying.is_empty() {
        return Ok(None);
    }
    let back = format!("{}/series/{}", workspace.path(), series.public_id);
    let (layout, frame) = console.page(MenuEntry::Webcasts, "Change the series");
    Ok(Some(SeriesReviewPage {
        layout,
        frame: frame.below("/organizer/webcasts", "Webcasts").below(
            format!("{}/sessions", workspace.path()),
            workspace.webcast.text.title.clone(),
        ),
        button: match &told {
            Some(told) => format!("Change the series and tell {}", told.count),
            None => "Change the series".to_owned(),
        },
        told,
        staying,
        going: match going {
            0 => None,
            1 => Some("One session that nobody is registered for goes.".to_owned()),
            some => Some(format!("{some} sessions that nobody is registered for go.")),
        },
        action: format!("{back}/send"),
        hidden,
        back,
    }))
}

async fn told(console: &Console, outcome: &SeriesOutcome) -> Result<Option<Told>, WebError> {
    let ids: Vec<i64> = outcome.moved.iter().map(|(session, _)| session.id).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let conn = &mut console.state.db.read().await?;
    let reached = roster::reached(conn, &ids).await?;
    let Some(seat) = first_seat(conn, &reached).await? else {
        return Ok(None);
    };
    let Some((session, update)) = outcome.moved.iter().find(|(session, _)| session.id == seat.session.id) else {
        return Ok(None);
    };
    let changed = Session {
        starts_at: update.starts_at,
        ends_at: update.ends_at,
        zone: update.zone.clone(),
        ..session.clone()
    };
    let airings = match outcome.moved.len() {
        1 => "One airing moves".to_owned(),
        some => format!("{some} airings move"),
    };
    Ok(Some(Told {
        what: format!(
            "{airings}. The first of those that people are registered for, {}, becomes {}.",
            moment(session),
            moment(&changed)
        ),
        who: names(console, &reached),
        count: Console::people(reached.count),
        mail: mail_or_nothing(Some(preview_of_change(&console.state, &seat, &changed))),
    }))
}
