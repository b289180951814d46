//! The files of the last day, for whoever asked for them.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use askama::Template;

use super::PATH;
use crate::console::{Console, ConsoleFrame, MenuEntry, downloads, list, words};
use crate::db::DbError;
use crate::export::{CsvStyle, FileFormat, Spool};
use crate::framed;
use crate::lists::files;
use crate::lists::files::store::{self, DONE, ExportFile, WAITING};
use crate::organizers::SignedIn;
use crate::web::layout::{Layout, When};
use crate::web::{Answer, AppState, WebError, ok};

/// Files that are listed.
const MOST: i64 = 20;
/// How often the page of one that is being written reads itself again, in seconds.
const AGAIN: &str = "3";

#[derive(Template)]
#[template(path = "console/export_file.html")]
struct FilePage {
    layout: Layout,
    frame: ConsoleFrame,
    file: PastFile,
}

framed!(FilePage);

/// A file, ready to print.
pub(super) struct PastFile {
    pub name: String,
    pub asked: When,
    pub is_waiting: bool,
    /// "120,000 of about 1,000,000 rows", "1,204 rows, 230 kB"
    pub standing: String,
    /// Why there is none.
    pub problem: Option<String>,
    /// Its own page, while it is written.
    pub page: Option<String>,
    /// Where it is fetched.
    pub download: Option<String>,
    /// Where it is made anew, as the list is now.
    pub again: String,
    /// The share that is written, in percent.
    pub percent: i64,
}

/// The last ones of whoever looks.
pub(super) async fn past_files(console: &Console) -> Result<Vec<PastFile>, DbError> {
    let conn = &mut console.state.db.read().await?;
    let files = store::latest(conn, console.who.id, MOST).await?;
    files.iter().map(|file| past(console, file)).collect()
}

fn past(console: &Console, file: &ExportFile) -> Result<PastFile, DbError> {
    let own = format!("{PATH}/files/{}", list::shown_id(&file.public_id)?);
    let (kind, _) = file.list.split_once(' ').unwrap_or((&file.list, ""));
    let ending = file.name.rsplit_once('.').map_or("csv", |(_, ending)| ending);
    let is_waiting = file.state == WAITING;
    let standing = match file.state.as_str() {
        WAITING => format!(
            "{} of about {} rows",
            words::grouped(file.rows),
            words::grouped(file.expected)
        ),
        DONE => format!("{} rows, {}", words::grouped(file.rows), words::bytes(file.bytes)),
        _ => "Not written".to_owned(),
    };
    Ok(PastFile {
        name: file.name.clone(),
        asked: console.stored_moment(file.created_at)?,
        standing,
        problem: file.problem.clone(),
        download: file.file.as_ref().map(|_| format!("{own}/file")),
        page: is_waiting.then_some(own),
        again: format!("{PATH}/{kind}.{ending}?{}", file.query),
        percent: (file.rows * 100).checked_div(file.expected).unwrap_or(0).min(99),
        is_waiting,
    })
}

/// `GET /organizer/exports/files/{id}`: how far it is, or where it is fetched.
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    let found = store::find(&mut console.state.db.read().await?, console.who.id, list::id(&raw)?).await?;
    let file = past(&console, &found.ok_or(WebError::NotFound)?)?;
    let (layout, frame) = console.page(MenuEntry::People, "A file");
    let is_waiting = file.is_waiting;
    let mut page = ok(&FilePage {
        layout,
        frame: frame.below("/organizer/people", "People").below(PATH, "Export"),
        file,
    })?;
    if is_waiting {
        let (again, value) = (HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
        page.headers_mut().insert(again, value);
    }
    Ok(page)
}

/// `GET /organizer/exports/files/{id}/file`
pub(super) async fn file(state: Data<AppState>, who: SignedIn, raw: Path<String>) -> Answer {
    let found = store::find(&mut state.db.read().await?, who.0.id, list::id(&raw)?).await?;
    let found = found.ok_or(WebError::NotFound)?;
    let kept = found.file.ok_or(WebError::NotFound)?;
    let rows = u64::try_from(found.rows).unwrap_or(0);
    let path = files::directory(&state.db).join(kept);
    let spool = Spool::kept(&path, rows).await.map_err(|error| {
        tracing::warn!(%error, "a kept file cannot be read");
        WebError::Unprocessable(
            "The file is not here any more: it was written by another copy of the program, or its day is over. Ask for \
             it once more."
                .to_owned(),
        )
    })?;
    let ending = found.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let format = FileFormat::of_ending(ending, CsvStyle::default()).ok_or(WebError::NotFound)?;
    Ok(downloads::send(spool, &found.name, format))
}
