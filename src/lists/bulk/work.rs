//! Doing it: a hundred rows in one job, until all are done. A kill in between loses nothing: the act is kept with how far it
//! has come, in the same transaction as what was done.

use std::time::Instant;

use jiff::Timestamp;

use super::kinds::BulkKind;
use super::selection::Selection;
use super::store::{self, BulkRow, DONE, GOING, NewBulkAct, UNDOING, UNDONE};
use crate::audit::{self, Actor, Entry};
use crate::contacts::store::tags;
use crate::db::{DbError, Tx};
use crate::lists::ListPlace;
use crate::organizers::{self, Organizer};
use crate::schedule::{self, Work};
use crate::values::PublicId;
use crate::web::AppState;
use crate::webcasts::change::organizing::{self, Decision};
use crate::webcasts::release::{self, Released};
use crate::{webcasts, whitepapers};

/// As the schedule knows it.
const BULK: &str = "bulk_act";
/// Rows in one job: those who register meanwhile wait for no more.
const STEP: i64 = 100;
/// Then they have their turn, so many times as long as the job took.
const TURNS: u32 = 2;

/// The work that goes on with what has begun.
#[must_use]
pub(crate) fn work(state: &AppState) -> Work {
    let state = state.clone();
    Work::once(BULK, move |due| {
        let state = state.clone();
        Box::pin(async move {
            let id = due.subject.parse().map_err(DbError::stored)?;
            loop {
                let began = Instant::now();
                if step(&state, id).await? {
                    return Ok(());
                }
                tokio::time::sleep(began.elapsed().saturating_mul(TURNS)).await;
            }
        })
    })
}

/// Keeps an act that is to be done, and notes it in the audit log. Gives its row and its name.
pub(crate) async fn begin(
    tx: &mut Tx,
    act: &NewBulkAct,
    detail: &str,
    now: Timestamp,
) -> Result<(i64, PublicId), DbError> {
    let (id, name) = store::insert(tx, act, now).await?;
    let entry = Entry {
        actor: Actor::Organizer(act.organizer),
        action: act.kind.action(),
        subject: act.place.clone(),
        detail: detail.to_owned(),
    };
    audit::record(tx, &entry, now).await?;
    schedule::store::put(tx, BULK, &id.to_string(), now).await?;
    Ok((id, name))
}

/// Begins to undo it. False: it is too late.
pub(crate) async fn begin_to_undo(
    tx: &mut Tx,
    name: PublicId,
    who: &Organizer,
    now: Timestamp,
) -> Result<Option<i64>, DbError> {
    let Some(id) = store::begin_to_undo(tx, name, now).await? else {
        return Ok(None);
    };
    let entry = Entry {
        actor: Actor::from(who),
        action: "undo",
        subject: name.to_string(),
        detail: "bulk".to_owned(),
    };
    audit::record(tx, &entry, now).await?;
    schedule::store::put(tx, BULK, &id.to_string(), now).await?;
    Ok(Some(id))
}

/// Does the next rows, or undoes them. True: it is over.
pub(crate) async fn step(state: &AppState, id: i64) -> Result<bool, DbError> {
    let now = state.clock.now();
    let is_over = state
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(act) = store::hold(tx, id).await? else {
                    return Ok(true);
                };
                match act.state.as_str() {
                    GOING => go_on(tx, act, now).await,
                    UNDOING => undo(tx, act, now).await,
                    DONE | UNDONE => Ok(true),
                    _ => Err(DbError::stored("the state of a bulk act")),
                }
            })
        })
        .await?;
    state.bell.ring();
    Ok(is_over)
}

/// An act with its words read.
struct BulkAct {
    kind: BulkKind,
    place: ListPlace,
    word: String,
    who: Organizer,
    now: Timestamp,
}

async fn read(tx: &mut Tx, act: &BulkRow, now: Timestamp) -> Result<BulkAct, DbError> {
    let who = organizers::store::by_ids(tx, &[act.organizer_id]).await?.pop();
    Ok(BulkAct {
        kind: BulkKind::parse(&act.kind).ok_or_else(|| DbError::stored("the kind of a bulk act"))?,
        place: ListPlace::parse(&act.place).ok_or_else(|| DbError::stored("the list of a bulk act"))?,
        word: act.word.clone(),
        who: who.ok_or_else(|| DbError::stored("the organizer of a bulk act"))?,
        now,
    })
}

async fn go_on(tx: &mut Tx, mut row: BulkRow, now: Timestamp) -> Result<bool, DbError> {
    let act = read(tx, &row, now).await?;
    let selection: Selection = serde_json::from_str(&row.chosen).map_err(DbError::stored)?;
    let listing = selection.listing(tx, &act.place, now).await?;
    let rows = match listing {
        Some(listing) => listing.next(tx, row.after_row, STEP).await?,
        None => Vec::new(),
    };
    let changed = act.do_to(tx, &rows).await?;
    let count = |rows: &[i64]| i64::try_from(rows.len()).unwrap_or(i64::MAX);
    row.done += count(&changed);
    row.left_alone += count(&rows) - count(&changed);
    if !act.kind.tells() {
        store::keep_changed(tx, row.id, &changed).await?;
    }
    let is_over = count(&rows) < STEP;
    row.after_row = rows.last().copied().unwrap_or(row.after_row);
    store::advance(tx, &row).await?;
    if is_over {
        store::finish(tx, row.id, !act.kind.tells() && row.done > 0, now).await?;
    }
    Ok(is_over)
}

async fn undo(tx: &mut Tx, row: BulkRow, now: Timestamp) -> Result<bool, DbError> {
    let act = read(tx, &row, now).await?;
    let rows = store::changed(tx, row.id, STEP).await?;
    let Some(last) = rows.last() else {
        store::note_undone(tx, row.id).await?;
        return Ok(true);
    };
    act.undo(tx, &rows).await?;
    store::forget_changed(tx, row.id, *last).await?;
    Ok(false)
}

impl BulkAct {
    /// Does it to rows of the list; gives those that it changed.
    async fn do_to(&self, tx: &mut Tx, rows: &[i64]) -> Result<Vec<i64>, DbError> {
        match (self.kind, &self.place) {
            (BulkKind::Tag | BulkKind::Untag, _) => self.tag(tx, rows).await,
            (_, ListPlace::Requests(_)) => self.do_to_requests(tx, rows).await,
            (BulkKind::MarkAttended, _) => {
                let mut changed = Vec::new();
                for row in rows {
                    if webcasts::store::mark_attended(tx, *row).await? {
                        changed.push(*row);
                    }
                }
                Ok(changed)
            }
            _ => self.do_to_seats(tx, rows).await,
        }
    }

    async fn do_to_seats(&self, tx: &mut Tx, rows: &[i64]) -> Result<Vec<i64>, DbError> {
        let mut changed = Vec::new();
        for row in rows {
            let Some(seat) = webcasts::store::seats_by_ids(tx, &[*row]).await?.pop() else {
                continue;
            };
            let id = seat.public_id;
            let is_done = match self.kind {
                BulkKind::LetThrough => {
                    let released = release::release(tx, &seat, self.now).await?;
                    matches!(released, Released::Yes | Released::Waits)
                }
                BulkKind::Accept => {
                    let (decision, session) = (Decision::Accept { beyond: false }, seat.session.public_id);
                    let decided = organizing::decide(tx, session, &[id], decision, &self.who, self.now).await?;
                    decided.meanwhile == 0
                }
                BulkKind::Cancel => organizing::cancel(tx, id, self.now).await?,
                _ => organizing::tell_again(tx, &seat, self.now).await?,
            };
            if is_done {
                changed.push(*row);
            }
        }
        Ok(changed)
    }

    async fn do_to_requests(&self, tx: &mut Tx, rows: &[i64]) -> Result<Vec<i64>, DbError> {
        let mut changed = Vec::new();
        for row in rows {
            let Some(asked) = whitepapers::store::requests_by_ids(tx, &[*row]).await?.pop() else {
                continue;
            };
            let is_done = match self.kind {
                BulkKind::LetThrough => whitepapers::request::release(tx, &asked, self.now).await?,
                _ => whitepapers::request::send_again(tx, &asked, self.now).await?,
            };
            if is_done {
                changed.push(*row);
            }
        }
        Ok(changed)
    }

    /// Gives the rows of the people whom it changed.
    async fn tag(&self, tx: &mut Tx, rows: &[i64]) -> Result<Vec<i64>, DbError> {
        let mut changed = Vec::new();
        for person in store::people_of(tx, &self.place, rows).await? {
            let is_done = match self.kind {
                BulkKind::Tag => tags::put_to(tx, person, &self.word, self.now).await? == tags::Tagged::Yes,
                _ => tags::take_from(tx, person, &self.word).await?,
            };
            if is_done {
                changed.push(person);
            }
        }
        Ok(changed)
    }

    async fn undo(&self, tx: &mut Tx, rows: &[i64]) -> Result<(), DbError> {
        for row in rows {
            match self.kind {
                BulkKind::Tag => {
                    tags::take_from(tx, *row, &self.word).await?;
                }
                BulkKind::Untag => {
                    tags::put_to(tx, *row, &self.word, self.now).await?;
                }
                BulkKind::MarkAttended => webcasts::store::unmark_attended(tx, *row).await?,
                _ => {}
            }
        }
        Ok(())
    }
}
