//! Doing it: some rows in one job, until all are done. A kill in between loses nothing: the act is kept with how far it
//! has come, in the same transaction as what was done.

use jiff::Timestamp;

use super::kinds::BulkKind;
use super::selection::Selection;
use super::store::{self, ASKED, BulkRow, DONE, GOING, NewBulkAct, UNDOING, UNDONE};
use crate::audit::{self, Actor, Entry};
use crate::contacts::Traces;
use crate::contacts::erase::{self, Erase, ErasedBy};
use crate::contacts::store::{erasures, tags};
use crate::db::{DbError, Turns, Tx};
use crate::lists::{ListPlace, files};
use crate::organizers::{self, Organizer};
use crate::schedule::{self, Work};
use crate::values::{LinkKey, PublicId};
use crate::web::AppState;
use crate::webcasts::change::organizing::{self, Decision};
use crate::webcasts::release::{self, Released};
use crate::{webcasts, whitepapers};

/// As the schedule knows it.
const BULK: &str = "bulk_act";
/// Rows in one job: those who register meanwhile wait for no more.
const STEP: i64 = 100;
/// Of people who are erased: each has rows in many tables.
const ERASED: i64 = 20;
/// Then they have their turn, so many times as long as the job took.
const TURNS: u32 = 2;

/// The work that goes on with what has begun.
#[must_use]
pub(crate) fn work(state: &AppState, traces: &Traces) -> Work {
    let (state, traces) = (state.clone(), traces.clone());
    Work::once(BULK, move |due| {
        let (state, traces) = (state.clone(), traces.clone());
        Box::pin(async move {
            let id = due.subject.parse().map_err(DbError::stored)?;
            let mut turns = Turns::new(&state.db);
            while !step(&state, &traces, id).await? {
                turns.give(TURNS).await;
            }
            Ok(())
        })
    })
}

/// Keeps an act until its organizer has said once more that it is to be done. Gives its name.
pub(crate) async fn ask(tx: &mut Tx, act: &NewBulkAct, now: Timestamp) -> Result<PublicId, DbError> {
    Ok(store::insert(tx, act, ASKED, now).await?.1)
}

/// Begins one that was asked for, and notes it in the audit log. False: it has begun already.
pub(crate) async fn begin_asked(tx: &mut Tx, act: &BulkRow, detail: &str, now: Timestamp) -> Result<bool, DbError> {
    if !store::go(tx, act.id, ASKED, GOING).await? {
        return Ok(false);
    }
    let kind = BulkKind::parse(&act.kind).ok_or_else(|| DbError::stored("the kind of a bulk act"))?;
    note(tx, (kind, act.organizer_id, &act.place), detail, now).await?;
    schedule::store::put(tx, BULK, &act.id.to_string(), now).await?;
    Ok(true)
}

/// Keeps an act that is to be done, and notes it in the audit log. Gives its row and its name.
pub(crate) async fn begin(
    tx: &mut Tx,
    act: &NewBulkAct,
    detail: &str,
    now: Timestamp,
) -> Result<(i64, PublicId), DbError> {
    let (id, name) = store::insert(tx, act, GOING, now).await?;
    note(tx, (act.kind, act.organizer, &act.place), detail, now).await?;
    schedule::store::put(tx, BULK, &id.to_string(), now).await?;
    Ok((id, name))
}

async fn note(
    tx: &mut Tx,
    (kind, organizer, place): (BulkKind, i64, &str),
    detail: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let entry = Entry {
        actor: Actor::Organizer(organizer),
        action: kind.action(),
        subject: place.to_owned(),
        detail: detail.to_owned(),
    };
    audit::record(tx, &entry, now).await
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
pub(crate) async fn step(state: &AppState, traces: &Traces, id: i64) -> Result<bool, DbError> {
    let now = state.clock.now();
    let (traces, links) = (traces.clone(), state.links.clone());
    let write = state.db.write(move |tx| {
        let (traces, links) = (traces.clone(), links.clone());
        Box::pin(async move {
            let Some(row) = store::hold(tx, id).await? else {
                return Ok(BulkStep::NothingLeft);
            };
            let act = BulkAct::read(tx, &row, (traces, links), now).await?;
            match row.state.as_str() {
                GOING => go_on(tx, &act, row).await,
                UNDOING => undo(tx, &act, &row).await,
                ASKED | DONE | UNDONE => Ok(BulkStep::NothingLeft),
                _ => Err(DbError::stored("the state of a bulk act")),
            }
        })
    });
    let step = write.await?;
    if step == BulkStep::AllErased {
        files::remove_all(&state.db).await;
        state.db.forget_deleted().await;
    }
    state.bell.ring();
    Ok(step != BulkStep::GoesOn)
}

/// How it stands after a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BulkStep {
    GoesOn,
    NothingLeft,
    /// The same, and what they left in files goes too.
    AllErased,
}

/// An act with its words read.
struct BulkAct {
    kind: BulkKind,
    place: ListPlace,
    word: String,
    who: Organizer,
    traces: Traces,
    links: LinkKey,
    now: Timestamp,
}

async fn go_on(tx: &mut Tx, act: &BulkAct, mut row: BulkRow) -> Result<BulkStep, DbError> {
    let selection: Selection = serde_json::from_str(&row.chosen).map_err(DbError::stored)?;
    let listing = selection.listing(tx, &act.place, act.now).await?;
    let (erases, now) = (act.kind == BulkKind::Erase, act.now);
    let together = if erases { ERASED } else { STEP };
    let rows = match listing {
        Some(listing) => listing.next(tx, row.after_row, together).await?,
        None => Vec::new(),
    };
    let changed = act.do_to(tx, &rows).await?;
    let count = |rows: &[i64]| i64::try_from(rows.len()).unwrap_or(i64::MAX);
    row.done += count(&changed);
    // Of somebody with several rows in the list, all went with the first.
    if !erases {
        row.left_alone += count(&rows) - count(&changed);
    }
    if act.kind.can_be_undone() {
        store::keep_changed(tx, row.id, &changed).await?;
    }
    let is_over = count(&rows) < together;
    row.after_row = rows.last().copied().unwrap_or(row.after_row);
    store::advance(tx, &row).await?;
    if is_over {
        store::finish(tx, row.id, act.kind.can_be_undone() && row.done > 0, now).await?;
    }
    Ok(match (is_over, erases) {
        (false, _) => BulkStep::GoesOn,
        (true, false) => BulkStep::NothingLeft,
        (true, true) => BulkStep::AllErased,
    })
}

async fn undo(tx: &mut Tx, act: &BulkAct, row: &BulkRow) -> Result<BulkStep, DbError> {
    let rows = store::changed(tx, row.id, STEP).await?;
    let Some(last) = rows.last() else {
        store::go(tx, row.id, UNDOING, UNDONE).await?;
        return Ok(BulkStep::NothingLeft);
    };
    act.undo(tx, &rows).await?;
    store::forget_changed(tx, row.id, *last).await?;
    Ok(BulkStep::GoesOn)
}

impl BulkAct {
    async fn read(
        tx: &mut Tx,
        row: &BulkRow,
        (traces, links): (Traces, LinkKey),
        now: Timestamp,
    ) -> Result<Self, DbError> {
        let who = organizers::store::by_ids(tx, &[row.organizer_id]).await?.pop();
        Ok(Self {
            kind: BulkKind::parse(&row.kind).ok_or_else(|| DbError::stored("the kind of a bulk act"))?,
            place: ListPlace::parse(&row.place).ok_or_else(|| DbError::stored("the list of a bulk act"))?,
            word: row.word.clone(),
            who: who.ok_or_else(|| DbError::stored("the organizer of a bulk act"))?,
            traces,
            links,
            now,
        })
    }

    /// Does it to rows of the list; gives those that it changed.
    async fn do_to(&self, tx: &mut Tx, rows: &[i64]) -> Result<Vec<i64>, DbError> {
        match (self.kind, &self.place) {
            (BulkKind::Tag | BulkKind::Untag, _) => self.tag(tx, rows).await,
            (BulkKind::Erase, _) => self.erase(tx, rows).await,
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

    /// Gives the rows of the people who are no more.
    async fn erase(&self, tx: &mut Tx, rows: &[i64]) -> Result<Vec<i64>, DbError> {
        let mut erased = Vec::new();
        for person in store::people_of(tx, &self.place, rows).await? {
            let Some(address_key) = erasures::address_of(tx, person).await? else {
                continue;
            };
            let wanted = Erase {
                fingerprint: self.links.fingerprint_of_key(&address_key),
                address_key,
                by: ErasedBy::Organizer(self.who.id),
            };
            if erase::erase(tx, &wanted, &self.traces, self.now).await?.is_some() {
                erased.push(person);
            }
        }
        Ok(erased)
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
