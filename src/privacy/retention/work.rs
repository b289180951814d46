//! The work that removes what is old: by small jobs, between which everybody else has their turn.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::rules::{Older, Removed};
use super::{KeptFor, all, store};
use crate::audit::{self, Actor, Entry};
use crate::contacts::{Traces, erase};
use crate::db::{Db, DbError, Turns, Tx};
use crate::mail::{Kind, outbox};
use crate::schedule::Work;
use crate::web::AppState;
use crate::{webcasts, whitepapers};

/// How often it is looked for.
const EVERY: Duration = Duration::from_hours(1);
/// Rows in one job.
const STEP: i64 = 100;
/// People in one job: each has rows in many tables.
const PEOPLE: i64 = 20;
/// Then the others have their turn, so many times as long as the job took.
const TURNS: u32 = 3;

/// The work.
#[must_use]
pub(crate) fn work(state: &AppState, traces: &Traces) -> Work {
    let (state, traces) = (state.clone(), traces.clone());
    Work::every("retention", EVERY, move || {
        let (state, traces) = (state.clone(), traces.clone());
        Box::pin(async move { run(&state.db, &traces, state.clock.now()).await.map(drop) })
    })
}

/// Removes all that is old by the rules that are on, now; gives how much by rule.
///
/// # Errors
/// When the database fails.
pub(crate) async fn run(db: &Db, traces: &Traces, now: Timestamp) -> Result<Vec<(&'static str, u64)>, DbError> {
    let rules = all(&mut db.read().await?).await?;
    let mut removed = Vec::new();
    for kept in rules.into_iter().filter(|kept| kept.is_on) {
        let count = remove_all(db, traces, kept, now).await?;
        if count > 0 {
            removed.push((kept.rule.name, count));
            note(db, kept, count, now).await?;
        }
    }
    if !removed.is_empty() {
        db.forget_deleted().await;
    }
    Ok(removed)
}

/// One job's input.
struct RetentionStep {
    kept: KeptFor,
    older: Older,
    moments: (Timestamp, Timestamp),
    ids: Vec<i64>,
    traces: Traces,
}

async fn remove_all(db: &Db, traces: &Traces, kept: KeptFor, now: Timestamp) -> Result<u64, DbError> {
    let (older, moments) = ((kept.rule.older)(traces), (kept.before(now), now));
    let limit = if kept.rule.removed == Removed::People {
        PEOPLE
    } else {
        STEP
    };
    let (mut after, mut removed) = (0, 0);
    let mut turns = Turns::new(db);
    loop {
        let ids = store::next(&mut db.read().await?, &older, moments, after, limit).await?;
        let Some(last) = ids.last() else {
            return Ok(removed);
        };
        after = *last;
        let step = Arc::new(RetentionStep {
            kept,
            older: older.clone(),
            moments,
            ids,
            traces: traces.clone(),
        });
        let write = db.write(move |tx| {
            let step = Arc::clone(&step);
            Box::pin(async move { step.run(tx).await })
        });
        removed += write.await?;
        turns.give(TURNS).await;
    }
}

impl RetentionStep {
    async fn run(&self, tx: &mut Tx) -> Result<u64, DbError> {
        let ids = store::still(tx, &self.older, self.moments, &self.ids).await?;
        match self.kept.rule.removed {
            Removed::People => self.erase_people(tx, &ids).await,
            Removed::Registrations => with_mails(tx, "registrations", &webcasts::mails::kinds::KINDS, &ids).await,
            Removed::Requests => with_mails(tx, "requests", &whitepapers::mails::KINDS, &ids).await,
            Removed::Attendance => webcasts::store::forget_times(tx, &ids).await,
            Removed::Rows(table) => store::delete(tx, table, &ids).await,
        }
    }

    async fn erase_people(&self, tx: &mut Tx, ids: &[i64]) -> Result<u64, DbError> {
        let (_, now) = self.moments;
        for id in ids {
            erase::erase_contact(tx, *id, &self.traces, now).await?;
        }
        Ok(ids.len() as u64)
    }
}

async fn with_mails(tx: &mut Tx, table: &str, kinds: &[Kind], ids: &[i64]) -> Result<u64, DbError> {
    outbox::forget_about_rows(tx, kinds, ids).await?;
    store::delete(tx, table, ids).await
}

async fn note(db: &Db, kept: KeptFor, count: u64, now: Timestamp) -> Result<(), DbError> {
    let write = db.write(move |tx| {
        let entry = Entry {
            actor: Actor::Program,
            action: "retention.erase",
            subject: kept.rule.name.to_owned(),
            detail: format!("{count} older than {}", kept.in_words()),
        };
        Box::pin(async move { audit::record(tx, &entry, now).await })
    });
    write.await
}
