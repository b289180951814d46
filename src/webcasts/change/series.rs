//! What organizers do to a series, and the making of its airings: ten ahead, by due work. Each is one job at the write
//! door.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::session::change_session;
use super::text::note;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::db::{DbError, Tx};
use crate::organizers::Organizer;
use crate::schedule::Work;
use crate::values::PublicId;
use crate::web::AppState;
use crate::webcasts::series::{AHEAD, AiringChange, Series, SeriesPlan};
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

/// Begins a series, with its first airings.
pub(crate) async fn begin(
    tx: &mut Tx,
    webcast: &Webcast,
    plan: &SeriesPlan,
    who: &Organizer,
    now: Timestamp,
) -> Result<SeriesSaved, DbError> {
    if store::hold_webcast(tx, webcast.id).await? == Some(WebcastState::Cancelled) {
        return Ok(SeriesSaved::Gone);
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

/// The first day on which it is not over.
fn next_airing(plan: &SeriesPlan, from: Date, now: Timestamp) -> Option<Date> {
    plan.days(from)
        .find(|day| plan.times_on(*day).is_some_and(|(_, ends_at)| ends_at > now))
}

/// Makes airings until [`AHEAD`] of them are ahead; gives how many. A day that has one has it for good, whatever became of
/// it.
pub(crate) async fn make_ahead(tx: &mut Tx, id: PublicId, now: Timestamp) -> Result<usize, DbError> {
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
/// and everybody is told whose time moves. One whose day it does not fall on any more goes, unless somebody was registered
/// for it: then it stays as a session of its own.
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
    for airing in store::airings_of(tx, before.id, from).await? {
        if airing.session.ends_at <= now {
            continue;
        }
        match before.plan.change_of(plan, &airing) {
            AiringChange::Keep => {}
            AiringChange::Remove => store::leave_series(tx, airing.session.id).await?,
            AiringChange::Update(update) => {
                change_session(tx, airing.session.public_id, &update, "", Actor::from(who), clock).await?;
            }
        }
    }
    let made_until = from.checked_sub(1.day()).ok();
    store::put_plan(tx, before.id, plan, made_until).await?;
    make_ahead(tx, id, now).await?;
    note(tx, who, "series.change", &webcast.slug, now).await?;
    Ok(SeriesSaved::Yes)
}
