//! Doing it: a few rows in one job, until all are in. A kill in between loses nothing and brings nothing twice: how far it has
//! come is kept in the transaction of what was put in.

use std::sync::Arc;

use jiff::Timestamp;

use super::matched::{Attendant, Matched};
use super::plan::{ImportPlan, bad_lines};
use super::put::{self, Target};
use super::store::{self, BadLine, DONE, GOING, ImportRow, UNDOING, UNDONE, Unmatched};
use super::{BadRow, ImportKind, PersonRow};
use crate::audit::{self, Actor, Entry};
use crate::contacts::Traces;
use crate::contacts::words::fold;
use crate::db::{DbError, Turns, Tx};
use crate::questions::FormOwner;
use crate::questions::store::questions_of;
use crate::schedule::{self, Work};
use crate::undo::UNDO_FOR;
use crate::uploads::Table;
use crate::values::{EmailAddress, PublicId};
use crate::web::AppState;
use crate::webcasts::Session;

/// As the schedule knows it.
const IMPORT: &str = "import";
/// Rows in one job: those who register meanwhile wait for no more.
const STEP: usize = 200;
/// Rows in one statement. SQLite looks a parameter's name up by going through all of them: a statement eight times as long takes
/// sixty times as long.
const TOGETHER: usize = 25;
/// Then they have their turn, so many times as long as the job took.
const TURNS: u32 = 4;
/// Of what can be undone no more.
const FORGET_EVERY: std::time::Duration = std::time::Duration::from_mins(10);

/// The work that goes on with what has begun.
#[must_use]
pub(crate) fn work(state: &AppState, traces: &Traces) -> Work {
    let (state, traces) = (state.clone(), traces.clone());
    Work::once(IMPORT, move |due| {
        let (state, traces) = (state.clone(), traces.clone());
        Box::pin(async move {
            let id = due.subject.parse().map_err(DbError::stored)?;
            run(&state, &traces, id).await
        })
    })
}

/// The work that forgets old ones.
#[must_use]
pub(crate) fn forget(state: &AppState) -> Work {
    let state = state.clone();
    Work::every("import_forget", FORGET_EVERY, move || {
        let state = state.clone();
        Box::pin(async move {
            let now = state.clock.now();
            if state.db.write(move |tx| Box::pin(store::forget_old(tx, now))).await? > 0 {
                state.db.forget_deleted().await;
            }
            Ok::<_, DbError>(())
        })
    })
}

/// Begins it, and notes it in the audit log. False: it has begun already.
pub(crate) async fn begin(tx: &mut Tx, row: &ImportRow, now: Timestamp) -> Result<bool, DbError> {
    if !store::go(tx, row.id, store::READ, GOING).await? {
        return Ok(false);
    }
    note(tx, row, "import.begin", row.kind.clone(), now).await?;
    schedule::store::put(tx, IMPORT, &row.id.to_string(), now).await?;
    Ok(true)
}

/// Begins to undo it. False: it is too late.
pub(crate) async fn begin_to_undo(tx: &mut Tx, row: &ImportRow, now: Timestamp) -> Result<bool, DbError> {
    let can = row.undo_until.is_some_and(|until| until > now.as_microsecond());
    if !can || !store::go(tx, row.id, DONE, UNDOING).await? {
        return Ok(false);
    }
    note(tx, row, "import.undo", row.kind.clone(), now).await?;
    schedule::store::put(tx, IMPORT, &row.id.to_string(), now).await?;
    Ok(true)
}

async fn note(
    tx: &mut Tx,
    row: &ImportRow,
    action: &'static str,
    detail: String,
    now: Timestamp,
) -> Result<(), DbError> {
    let name = PublicId::from_slice(&row.public_id).ok_or_else(|| DbError::stored("the name of an import"))?;
    let entry = Entry {
        actor: Actor::Organizer(row.organizer_id),
        action,
        subject: name.to_string(),
        detail,
    };
    audit::record(tx, &entry, now).await
}

/// Goes on until it is over.
///
/// # Errors
/// When the database fails.
async fn run(state: &AppState, traces: &Traces, id: i64) -> Result<(), DbError> {
    let (row, plan, table) = {
        let conn = &mut state.db.read().await?;
        let Some(row) = store::by_id(conn, id).await? else {
            return Ok(());
        };
        let plan = ImportPlan::read(conn, &row).await?;
        let table = store::table_of(conn, id).await?;
        (row, plan, table)
    };
    match (row.state.as_str(), table) {
        (GOING, Some(table)) => {
            let table = Arc::new(table);
            match plan.kind {
                ImportKind::Attendance(_) => attend(state, &plan, &table).await?,
                _ => put_all(state, &plan, &table, row.after_line).await?,
            }
            finish(state, id).await
        }
        (GOING, None) => finish(state, id).await,
        (UNDOING, _) => undo(state, traces, &plan).await,
        _ => Ok(()),
    }
}

async fn finish(state: &AppState, id: i64) -> Result<(), DbError> {
    let now = state.clock.now();
    let write = state.db.write(move |tx| {
        Box::pin(async move {
            let Some(row) = store::hold(tx, id).await?.filter(|row| row.state == GOING) else {
                return Ok(());
            };
            store::forget_parts(tx, id).await?;
            store::finish(tx, id, now + UNDO_FOR).await?;
            let counts = format!(
                "{} new, {} known, {} not taken",
                row.new_rows, row.known_rows, row.bad_rows
            );
            note(tx, &row, "import.end", counts, now).await
        })
    });
    write.await?;
    state.db.forget_deleted().await;
    state.bell.ring();
    Ok(())
}

/// People and registrations.
async fn put_all(state: &AppState, plan: &ImportPlan, table: &Arc<Table>, after_line: i64) -> Result<(), DbError> {
    let now = state.clock.now();
    let target = Arc::new(target(state, plan).await?);
    let (planned, rows) = (plan.clone(), Arc::clone(table));
    let read = tokio::task::spawn_blocking(move || planned.people(&rows, now)).await;
    let read = read.map_err(DbError::stored)?;
    if after_line == 0 {
        keep_bad(state, plan, table, &read.bad).await?;
    }
    let good: Vec<PersonRow> = read
        .good
        .into_iter()
        .filter(|row| i64::from(row.line) > after_line)
        .collect();
    let mut turns = Turns::new(&state.db);
    for rows in good.chunks(STEP) {
        let (target, rows, table) = (Arc::clone(&target), Arc::new(rows.to_vec()), Arc::clone(table));
        let goes_on = state.db.write(move |tx| {
            let (target, rows, table) = (Arc::clone(&target), Arc::clone(&rows), Arc::clone(&table));
            Box::pin(async move { step(tx, &target, &rows, &table, now).await })
        });
        if !goes_on.await? {
            return Ok(());
        }
        state.bell.ring();
        turns.give(TURNS).await;
    }
    Ok(())
}

/// What its rows have in common.
async fn target(state: &AppState, plan: &ImportPlan) -> Result<Target, DbError> {
    let session = match (plan.kind, &plan.session) {
        (ImportKind::Registrations, Some(session)) => {
            let conn = &mut state.db.read().await?;
            let questions = questions_of(conn, FormOwner::Webcast(session.webcast_id)).await?;
            Some((session.clone(), questions))
        }
        _ => None,
    };
    Ok(Target {
        import: plan.id,
        organizer: plan.organizer,
        session,
        tell: plan.choices.tell,
        links: state.links.clone(),
    })
}

/// Rows of one job. False: it goes on elsewhere, or is over.
async fn step(
    tx: &mut Tx,
    target: &Target,
    rows: &[PersonRow],
    table: &Table,
    now: Timestamp,
) -> Result<bool, DbError> {
    let Some(mut row) = store::hold(tx, target.import).await?.filter(|row| row.state == GOING) else {
        return Ok(false);
    };
    let is_next = rows.first().is_some_and(|first| i64::from(first.line) > row.after_line);
    if !is_next {
        return Ok(false);
    }
    let mut lines = Vec::new();
    for rows in rows.chunks(TOGETHER) {
        let done = put::put(tx, target, rows, now).await?;
        row.new_rows += done.new;
        row.known_rows += done.known;
        lines.extend(bad_lines(table, &done.bad));
        lines.extend(done.erased.iter().map(|line| put::erased_line(*line)));
    }
    row.bad_rows += i64::try_from(lines.len()).unwrap_or(i64::MAX);
    row.after_line = rows.last().map_or(row.after_line, |last| i64::from(last.line));
    store::keep_bad(tx, target.import, &lines).await?;
    store::advance(tx, &row).await?;
    Ok(true)
}

/// Keeps rows that cannot be read, below the headings of the file.
async fn keep_bad(state: &AppState, plan: &ImportPlan, table: &Table, bad: &[BadRow]) -> Result<(), DbError> {
    let id = plan.id;
    let headings = plan.kind.header(table).and_then(|header| table.rows().get(header));
    let headings = headings.map(|row| {
        let reason = "reason".to_owned();
        put::bad_line(&BadRow { line: 0, reason }, row)
    });
    let lines: Arc<Vec<BadLine>> = Arc::new(headings.into_iter().chain(bad_lines(table, bad)).collect());
    for start in (0..lines.len()).step_by(STEP) {
        let lines = Arc::clone(&lines);
        let write = state.db.write(move |tx| {
            let lines = Arc::clone(&lines);
            Box::pin(async move {
                let piece = lines.get(start..lines.len().min(start + STEP)).unwrap_or_default();
                store::keep_bad(tx, id, piece).await
            })
        });
        write.await?;
    }
    let bad = i64::try_from(bad.len()).unwrap_or(i64::MAX);
    let write = state.db.write(move |tx| {
        Box::pin(async move {
            if let Some(mut row) = store::hold(tx, id).await? {
                row.bad_rows = bad;
                store::advance(tx, &row).await?;
            }
            Ok(())
        })
    });
    write.await
}

/// Who was there.
async fn attend(state: &AppState, plan: &ImportPlan, table: &Arc<Table>) -> Result<(), DbError> {
    let Some(session) = plan.session.clone() else {
        return Ok(());
    };
    let (matched, bad) = plan.attendance(&mut state.db.read().await?, table).await?;
    keep_bad(state, plan, table, &bad).await?;
    let Matched { found, unmatched, .. } = matched;
    let (id, now) = (plan.id, state.clock.now());
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let found = Arc::new(found);
    for start in (0..found.len()).step_by(STEP) {
        let (found, session) = (Arc::clone(&found), session.id);
        let write = state.db.write(move |tx| {
            let found = Arc::clone(&found);
            Box::pin(async move {
                for (registration, stays) in found.get(start..found.len().min(start + STEP)).unwrap_or_default() {
                    store::put_stays(tx, id, (*registration, session), stays).await?;
                }
                Ok(())
            })
        });
        write.await?;
    }
    let unmatched = Arc::new(unmatched);
    let write = state.db.write(move |tx| {
        let (unmatched, session) = (Arc::clone(&unmatched), session.clone());
        Box::pin(async move { end_attending(tx, id, &session, count, &unmatched, now).await })
    });
    write.await
}

async fn end_attending(
    tx: &mut Tx,
    id: i64,
    session: &Session,
    found: i64,
    unmatched: &[Attendant],
    now: Timestamp,
) -> Result<(), DbError> {
    let Some(mut row) = store::hold(tx, id)
        .await?
        .filter(|row| row.state == GOING && row.after_line == 0)
    else {
        return Ok(());
    };
    for one in unmatched {
        let new = Unmatched {
            id: 0,
            public_id: PublicId::random().as_bytes().to_vec(),
            import_id: id,
            session_id: session.id,
            name: one.name.clone(),
            name_key: fold(&one.name),
            email: one.email.as_ref().map(ToString::to_string).unwrap_or_default(),
            email_key: one.email.as_ref().map(EmailAddress::key).unwrap_or_default(),
            stays: serde_json::to_string(&one.stays).map_err(DbError::stored)?,
        };
        store::insert_unmatched(tx, &new).await?;
    }
    store::decide_absences(tx, session.id, true, now).await?;
    row.known_rows = found;
    row.after_line = 1;
    store::advance(tx, &row).await
}

/// Takes back what nobody has touched since.
async fn undo(state: &AppState, traces: &Traces, plan: &ImportPlan) -> Result<(), DbError> {
    let now = state.clock.now();
    loop {
        let (id, plan, traces) = (plan.id, plan.clone(), traces.clone());
        let is_over = state.db.write(move |tx| {
            let (plan, traces) = (plan.clone(), traces.clone());
            Box::pin(async move {
                if store::hold(tx, id).await?.is_none_or(|row| row.state != UNDOING) {
                    return Ok(true);
                }
                super::undoing::step(tx, &plan, &traces, now).await
            })
        });
        if is_over.await? {
            break;
        }
    }
    let id = plan.id;
    state
        .db
        .write(move |tx| Box::pin(store::go(tx, id, UNDOING, UNDONE)))
        .await?;
    state.db.forget_deleted().await;
    Ok(())
}
