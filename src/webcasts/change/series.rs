//! What organizers do to a series, and the making of its airings: ten ahead, by due work. Each is one job at the write
//! door.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::session::change_session;
use super::text::note;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::db::{DbError, Tx};
use crate::organizers::Organizer;
use crate::schedule::Work;
use crate::values::PublicId;
use crate::web::AppState;
use crate::webcasts::series::{AHEAD, AiringChange, AiringOfSeries, Series, SeriesPlan};
use crate::webcasts::store::{self, NewSession};
use crate::webcasts::{Webcast, WebcastState};

/// How often it is looked whether airings are to be made.
const EVERY: Duration = Duration::from_hours(1);

/// What became of a series that was to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeriesSaved {
    /// It is.
    Yes,
    /// No day of it is ahead.
    NoDay,
    /// Somebody else changed it since the form was opened.
    Meanwhile,
    /// It is not there, or its webcast is called off.
    Gone,
}

/// The work that makes airings.
pub(crate) fn work(state: &AppState) -> Work {
    let state = state.clone();
    Work::every("series", EVERY, move || {
        let state = state.clone();
        Box::pin(async move { make_all(&state).await })
    })
}

/// Makes what is to be made of every series, one by one.
///
/// # Errors
/// When the database fails.
pub(crate) async fn make_all(state: &AppState) -> Result<(), DbError> {
    let now = state.clock.now();
    // A day earlier than UTC's: somewhere it is still yesterday.
    let today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let yesterday = today.yesterday().unwrap_or(today);
    for id in store::series_that_go_on(&mut state.db.read().await?, yesterday).await? {
        let write = state
            .db
            .write(move |tx| Box::pin(async move { make_ahead(tx, id, now).await.map(drop) }));
        write.await?;
    }
    Ok(())
}

/// Begins a series, with its first airings. A second click on the button begins nothing.
pub(crate) async fn begin(
    tx: &mut Tx,
    webcast: &Webcast,
    plan: &SeriesPlan,
    who: &Organizer,
    now: Timestamp,
) -> Result<SeriesSaved, DbError> {
    if !goes_on(tx, webcast.id).await? {
        return Ok(SeriesSaved::Gone);
    }
    if store::series_of(tx, webcast.id)
        .await?
        .iter()
        .any(|series| series.plan == *plan)
    {
        return Ok(SeriesSaved::Yes);
    }
    let today = plan.zone.at(now).date();
    if next_airing(plan, today, now).is_none() {
        return Ok(SeriesSaved::NoDay);
    }
    let id = store::insert_series(tx, webcast.id, plan).await?;
    make_ahead(tx, id, now).await?;
    note(tx, who, "series.add", &webcast.slug, now).await?;
    Ok(SeriesSaved::Yes)
}

/// Holds a webcast until the transaction ends. False: it is called off, or gone.
async fn goes_on(tx: &mut Tx, webcast_id: i64) -> Result<bool, DbError> {
    let state = store::hold_webcast(tx, webcast_id).await?;
    Ok(state.is_some_and(|state| state != WebcastState::Cancelled))
}

/// The first day on which it is not over.
fn next_airing(plan: &SeriesPlan, from: Date, now: Timestamp) -> Option<Date> {
    plan.days(from)
        .find(|day| plan.times_on(*day).is_some_and(|(_, ends_at)| ends_at > now))
}

/// Makes airings until [`AHEAD`] of them are ahead; gives how many. A day that has one has it for good, whatever became of
/// it.
pub(crate) async fn make_ahead(tx: &mut Tx, id: PublicId, now: Timestamp) -> Result<usize, DbError> {
    let Some(webcast_id) = store::webcast_of_series(tx, id).await? else {
        return Ok(0);
    };
    if !goes_on(tx, webcast_id).await? {
        return Ok(0);
    }
    let Some(series) = store::hold_series(tx, id).await? else {
        return Ok(0);
    };
    let plan = &series.plan;
    let ahead = usize::try_from(store::count_airings(tx, series.id, now).await?).unwrap_or(AHEAD);
    let today = plan.zone.at(now).date();
    let next = series.made_until.and_then(|day| day.tomorrow().ok());
    let from = next.map_or(today, |next| next.max(today));
    let taken: Vec<Date> = store::airings_of(tx, series.id, from)
        .await?
        .into_iter()
        .map(|airing| airing.day)
        .collect();
    let free = plan.days(from).filter(|day| !taken.contains(day));
    let mut made = 0;
    let mut last = None;
    for day in free {
        if ahead + made >= AHEAD {
            break;
        }
        last = Some(day);
        if make(tx, &series, day, now).await? {
            made += 1;
        }
    }
    if let Some(last) = last {
        store::note_made(tx, series.id, last).await?;
    }
    Ok(made)
}

/// Makes the airing of a day. False: it would be over.
async fn make(tx: &mut Tx, series: &Series, day: Date, now: Timestamp) -> Result<bool, DbError> {
    let Some((starts_at, ends_at)) = series.plan.times_on(day).filter(|(_, ends_at)| *ends_at > now) else {
        return Ok(false);
    };
    // One that stood there before is part of it from now on.
    if store::adopt_session(tx, series, day, starts_at).await? {
        return Ok(true);
    }
    let rule = &series.plan.rule;
    let join_url = rule.join_url();
    let session = NewSession {
        webcast_id: series.webcast_id,
        starts_at,
        ends_at,
        zone: &series.plan.zone,
        join_url: join_url.as_ref(),
        capacity: rule.capacity,
        entry: rule.entry(),
        airing: Some((series.id, day)),
    };
    store::insert_session(tx, &session, now).await?;
    Ok(true)
}

/// Changes a series from the first day of `plan` on: airings that nobody moved by hand take over what they have from it,
/// and everybody is told whose time moves. Where it has airings before that day, it ends there, and another one begins.
pub(crate) async fn change(
    tx: &mut Tx,
    webcast: &Webcast,
    id: PublicId,
    version: Option<i64>,
    plan: &SeriesPlan,
    who: &Organizer,
    clock: &Clock,
) -> Result<SeriesSaved, DbError> {
    let now = clock.now();
    if !goes_on(tx, webcast.id).await? {
        return Ok(SeriesSaved::Gone);
    }
    let Some(before) = store::hold_series(tx, id)
        .await?
        .filter(|series| series.webcast_id == webcast.id)
    else {
        return Ok(SeriesSaved::Gone);
    };
    if version.is_some_and(|version| version != before.version) {
        return Ok(SeriesSaved::Meanwhile);
    }
    let from = plan.rule.first;
    // Sessions are held in the order of their rows.
    let mut airings = store::airings_of(tx, before.id, from).await?;
    airings.sort_by_key(|airing| airing.session.id);
    for airing in airings {
        change_airing(tx, &before.plan, plan, airing.day, airing.session.public_id, who, clock).await?;
    }
    let today = before.plan.zone.at(now).date();
    let goes_on_before = before.plan.days(today).next().is_some_and(|next| next < from);
    if goes_on_before {
        store::put_plan(tx, before.id, &before.plan.until(from), before.made_until).await?;
        let next = store::insert_series(tx, webcast.id, plan).await?;
        if let Some(next) = store::hold_series(tx, next).await? {
            store::hand_over(tx, before.id, next.id, from).await?;
        }
        make_ahead(tx, id, now).await?;
        make_ahead(tx, next, now).await?;
    } else {
        store::put_plan(tx, before.id, plan, from.yesterday().ok()).await?;
        make_ahead(tx, id, now).await?;
    }
    note(tx, who, "series.change", &webcast.slug, now).await?;
    Ok(SeriesSaved::Yes)
}

/// Read while it is held: somebody may have called it off a moment ago.
async fn change_airing(
    tx: &mut Tx,
    before: &SeriesPlan,
    plan: &SeriesPlan,
    day: Date,
    id: PublicId,
    who: &Organizer,
    clock: &Clock,
) -> Result<(), DbError> {
    let Some(session) = store::hold_session(tx, id).await? else {
        return Ok(());
    };
    let row = session.id;
    match before.change_of(plan, &AiringOfSeries { session, day }, clock.now()) {
        AiringChange::Keep => {}
        AiringChange::Leave { is_plain } => {
            if !is_plain || !store::delete_empty_session(tx, row).await? {
                store::leave_series(tx, row).await?;
            }
        }
        AiringChange::Update(update) => {
            change_session(tx, id, &update, "", Actor::from(who), clock).await?;
        }
    }
    Ok(())
}
