//! The first step: a file, or rows that are pasted.

use actix_web::http::StatusCode;
use askama::Template;

use super::PATH;
use crate::console::{Console, ConsoleFrame, MenuEntry, list, words};
use crate::db::DbError;
use crate::framed;
use crate::imports::store::{self, ImportRow, NewImport};
use crate::imports::{ImportChoices, ImportKind, Mapping};
use crate::uploads::{Table, TableError, TableReader};
use crate::web::layout::{Layout, When};
use crate::web::upload::SentTable;
use crate::web::{Answer, WebError, ok, page as shown, see_other};

/// Imports that are listed.
const LISTED: i64 = 30;
/// Longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 120;

#[derive(Template)]
#[template(path = "console/imports/start.html")]
struct ImportStartPage {
    layout: Layout,
    frame: ConsoleFrame,
    problem: Option<String>,
    past: Vec<PastImport>,
}

framed!(ImportStartPage);

/// An import of the last week.
struct PastImport {
    path: String,
    name: String,
    standing: String,
    at: When,
}

/// `GET /organizer/people/import`
pub(super) async fn page(console: Console) -> Answer {
    ok(&draw(&console, None).await?)
}

async fn draw(console: &Console, problem: Option<String>) -> Result<ImportStartPage, WebError> {
    let rows = store::latest(&mut console.state.db.read().await?, console.who.id, LISTED).await?;
    let past = rows.iter().map(|row| past_import(console, row));
    let (layout, frame) = console.page(MenuEntry::People, "Import");
    Ok(ImportStartPage {
        layout,
        frame: frame.below("/organizer/people", "People"),
        problem,
        past: past.collect::<Result<_, WebError>>()?,
    })
}

fn past_import(console: &Console, row: &ImportRow) -> Result<PastImport, WebError> {
    let kind = ImportKind::parse(&row.kind).map_or("", ImportKind::label);
    let standing = match row.state.as_str() {
        store::READ => "Not begun".to_owned(),
        store::GOING => "On its way".to_owned(),
        store::EMPTIED => "Gone, because somebody was erased".to_owned(),
        store::UNDOING | store::UNDONE => "Undone".to_owned(),
        _ => format!(
            "{} new, {} known, {} not taken",
            words::grouped(row.new_rows),
            words::grouped(row.known_rows),
            words::grouped(row.bad_rows)
        ),
    };
    Ok(PastImport {
        path: format!("{PATH}/{}", list::shown_id(&row.public_id)?),
        name: if row.file_name.is_empty() {
            format!("Pasted: {kind}")
        } else {
            format!("{}: {kind}", row.file_name)
        },
        standing,
        at: console.stored_moment(row.created_at)?,
    })
}

/// `POST /organizer/people/import`
pub(super) async fn send(console: Console, sent: Result<SentTable, WebError>) -> Answer {
    let sent = sent?;
    let refuse = async |problem: String| shown(StatusCode::UNPROCESSABLE_ENTITY, &draw(&console, Some(problem)).await?);
    if sent.bytes.is_empty() {
        return refuse("Choose a file, or paste rows into the field.".to_owned()).await;
    }
    let reader = TableReader::beside(&console.state.picture_reader);
    let table = match reader.read(&sent.bytes).await {
        Ok(table) => table,
        Err(why @ (TableError::Unreadable(_) | TableError::Busy)) => return refuse(why.to_string()).await,
        Err(error @ TableError::Helper(_)) => return Err(WebError::internal(error)),
    };
    let Some((kind, header)) = ImportKind::find(&table) else {
        return refuse(
            "No row has the heading of a column with e-mail addresses, such as Email. Add one above the rows, and send the file again."
                .to_owned(),
        )
        .await;
    };
    let name = keep(&console, &sent.file_name, kind, header, &table).await?;
    Ok(see_other(&format!("{PATH}/{name}")))
}

async fn keep(
    console: &Console,
    file_name: &str,
    kind: ImportKind,
    header: usize,
    table: &Table,
) -> Result<String, WebError> {
    let mapping = table.rows().get(header).and_then(|row| Mapping::of_header(row).ok());
    let new = NewImport {
        organizer: console.who.id,
        kind: kind.as_str().to_owned(),
        file_name: file_name
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_NAME)
            .collect(),
        mapping: mapping.map(|mapping| mapping.stored()).unwrap_or_default(),
        choices: serde_json::to_string(&ImportChoices::default()).map_err(WebError::internal)?,
    };
    let kept = std::sync::Arc::new((new, table.to_csv().map_err(WebError::internal)?));
    let now = console.state.clock.now();
    let write = console.state.db.write(move |tx| {
        let kept = std::sync::Arc::clone(&kept);
        Box::pin(async move {
            let (id, name) = store::insert(tx, &kept.0, now).await?;
            store::keep_parts(tx, id, &kept.1).await?;
            Ok::<_, DbError>(name)
        })
    });
    Ok(write.await?.to_string())
}
