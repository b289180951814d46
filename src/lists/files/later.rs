//! Files that take so long that nobody should wait for them: written beside the pages, kept for a day for whoever asked, who
//! is mailed when one is there.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::audit::Actor;
use crate::console::downloads;
use crate::db::{Db, DbError, Tx};
use crate::export::{ExportError, FileProgress, Spool, data_directory};
use crate::lists::ListPlace;
use crate::organizers::mails::enqueue_file_ready;
use crate::schedule::{self, Work};
use crate::values::PublicId;
use crate::web::{AppState, Form};

use super::making::{self, FileWanted};
use super::store::{self, ExportFile, NewExportFile};

/// As the schedule knows it.
const EXPORT: &str = "export_file";
/// How often it is noted how many rows are written.
const NOTED_EVERY: Duration = Duration::from_secs(2);
/// How often it is looked for files whose time is over.
const FORGET_EVERY: Duration = Duration::from_mins(10);

/// Where such files are.
pub(crate) fn directory(db: &Db) -> PathBuf {
    data_directory(db).join("commonground-exports")
}

/// Remembers a file and has it written.
pub(crate) async fn begin(tx: &mut Tx, new: &NewExportFile, now: jiff::Timestamp) -> Result<PublicId, DbError> {
    let (id, name) = store::insert(tx, new, now).await?;
    schedule::store::put(tx, EXPORT, &id.to_string(), now).await?;
    Ok(name)
}

/// The work that writes them.
#[must_use]
pub(crate) fn work(state: &AppState) -> Work {
    let state = state.clone();
    Work::once(EXPORT, move |due| {
        let state = state.clone();
        Box::pin(async move {
            let id = due.subject.parse().map_err(DbError::stored)?;
            write(&state, id).await
        })
    })
}

async fn write(state: &AppState, id: i64) -> Result<(), DbError> {
    let Some(file) = store::by_id(&mut state.db.read().await?, id).await? else {
        return Ok(());
    };
    if file.state != store::WAITING {
        return Ok(());
    }
    match spool(state, &file).await {
        Ok(Some(spool)) => keep(state, &file, spool).await,
        Ok(None) => fail(state, id, "What it was of is not there any more.").await,
        // Tried again, as all due work is.
        Err(ExportError::Db(error)) => Err(error),
        Err(error) => {
            tracing::warn!(%error, "a file could not be written");
            fail(state, id, &error.to_string()).await
        }
    }
}

/// Writes it, and notes now and then how far it is.
async fn spool(state: &AppState, file: &ExportFile) -> Result<Option<Spool>, ExportError> {
    let Some(mut wanted) = wanted(file) else {
        return Ok(None);
    };
    let rows = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&rows);
    wanted.options.progress = Some(FileProgress(Arc::new(move |rows, _| {
        told.store(rows, Ordering::Relaxed);
    })));
    let actor = Actor::Organizer(file.organizer_id);
    let mut written = Box::pin(making::make(&state.db, &wanted, actor, state.clock.now()));
    loop {
        tokio::select! {
            spool = &mut written => return spool,
            () = tokio::time::sleep(NOTED_EVERY) => {
                let (id, rows) = (file.id, count(rows.load(Ordering::Relaxed)));
                state.db.write(move |tx| Box::pin(store::note_rows(tx, id, rows))).await?;
            }
        }
    }
}

fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What its address asks for.
fn wanted(file: &ExportFile) -> Option<FileWanted> {
    let place = ListPlace::parse(&file.list)?;
    let asked = Form::decode(file.query.as_bytes());
    let (_, ending) = file.name.rsplit_once('.')?;
    let options = downloads::options(ending, &asked).ok()?;
    FileWanted::read(place, &asked, options).ok()
}

/// Puts it where it is fetched from, and says so to whoever asked.
async fn keep(state: &AppState, file: &ExportFile, spool: Spool) -> Result<(), DbError> {
    let (rows, bytes) = (count(spool.rows()), count(spool.bytes()));
    let public_id = PublicId::from_slice(&file.public_id).ok_or_else(|| DbError::stored("the name of a file"))?;
    let name = public_id.to_string();
    let directory = directory(&state.db);
    if let Err(error) = spool.keep(&directory, &name).await {
        tracing::warn!(%error, "a file could not be kept");
        return fail(state, file.id, "The disk did not take it.").await;
    }
    let (id, organizer, now) = (file.id, file.organizer_id, state.clock.now());
    let kept = name.clone();
    let write = state.db.write(move |tx| {
        let name = name.clone();
        Box::pin(async move {
            let is_wanted = store::note_done(tx, id, rows, bytes, &name).await?;
            if is_wanted {
                enqueue_file_ready(tx, organizer, public_id, now).await?;
            }
            Ok(is_wanted)
        })
    });
    if write.await? {
        state.bell.ring();
    } else {
        // Somebody was erased meanwhile who may be in it.
        remove(&directory.join(kept)).await;
    }
    Ok(())
}

async fn remove(file: &Path) {
    if let Err(error) = tokio::fs::remove_file(file).await {
        tracing::warn!(%error, "a file could not be removed");
    }
}

/// Removes every file that is kept: somebody was erased who may be in any.
pub(crate) async fn remove_all(db: &Db) {
    if let Err(error) = try_to_remove_all(db).await {
        // Nobody can open them any more; they are removed with the next that are old.
        tracing::warn!(%error, "files of lists could not be removed after an erasure");
    }
}

async fn try_to_remove_all(db: &Db) -> std::io::Result<()> {
    let mut files = match tokio::fs::read_dir(directory(db)).await {
        Ok(files) => files,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    while let Some(file) = files.next_entry().await? {
        tokio::fs::remove_file(file.path()).await?;
    }
    Ok(())
}

async fn fail(state: &AppState, id: i64, problem: &str) -> Result<(), DbError> {
    let problem = problem.to_owned();
    state
        .db
        .write(move |tx| {
            let problem = problem.clone();
            Box::pin(async move { store::note_failed(tx, id, &problem).await })
        })
        .await
}

/// The work that takes away those whose time is over, and what a kill left behind.
#[must_use]
pub(crate) fn forget(state: &AppState) -> Work {
    let state = state.clone();
    Work::every("export_forget", FORGET_EVERY, move || {
        let state = state.clone();
        Box::pin(async move { forget_old(&state).await })
    })
}

/// Takes them away, now.
///
/// # Errors
/// When the database fails.
pub(crate) async fn forget_old(state: &AppState) -> Result<(), DbError> {
    let now = state.clock.now();
    state.db.write(move |tx| Box::pin(store::forget_old(tx, now))).await?;
    let kept = store::kept_files(&mut state.db.read().await?).await?;
    if let Err(error) = remove_others(&directory(&state.db), &kept).await {
        tracing::warn!(%error, "old files could not be removed");
    }
    Ok(())
}

async fn remove_others(directory: &Path, kept: &[String]) -> std::io::Result<()> {
    let mut files = match tokio::fs::read_dir(directory).await {
        Ok(files) => files,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    while let Some(file) = files.next_entry().await? {
        let name = file.file_name();
        let is_kept = name.to_str().is_some_and(|name| kept.iter().any(|kept| kept == name));
        // One that is just being written is remembered once it is whole.
        if !is_kept && !is_young(&file).await? {
            tokio::fs::remove_file(file.path()).await?;
        }
    }
    Ok(())
}

async fn is_young(file: &tokio::fs::DirEntry) -> std::io::Result<bool> {
    const WRITTEN_WITHIN: Duration = Duration::from_mins(30);
    let modified = file.metadata().await?.modified()?;
    Ok(modified.elapsed().unwrap_or_default() < WRITTEN_WITHIN)
}
