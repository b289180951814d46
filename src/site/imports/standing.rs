//! The fourth step: how far it is, and what became of it. What was not taken is a file; who is nobody that we know of can be
//! matched by hand.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Path;
use askama::Template;

use super::find;
use crate::console::{Console, ConsoleFrame, MenuEntry, downloads, list, words};
use crate::db::micros;
use crate::export::{CsvStyle, csv};
use crate::framed;
use crate::imports::plan::ImportPlan;
use crate::imports::store::{self, DONE, GOING, ImportRow, UNDOING, UNDONE};
use crate::imports::{self, ImportKind, MatchedByHand};
use crate::values::EmailAddress;
use crate::web::layout::Layout;
use crate::web::{Answer, Form, WebError, ok, see_other};

/// Seconds until the page looks again.
const AGAIN: &str = "2";
/// People who are listed to be matched.
const MATCHED: i64 = 200;
/// Addresses that are offered.
const OFFERED: usize = 500;
/// Most rows of the file of those that were not taken.
const ROWS: i64 = 250_000;

#[derive(Template)]
#[template(path = "console/imports/standing.html")]
struct StandingPage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    is_going: bool,
    standing: Vec<String>,
    /// Rows that were not taken can be fetched.
    has_bad: bool,
    can_undo: bool,
    /// Where what came of it is.
    list: Option<String>,
    unmatched: Vec<UnmatchedRow>,
    addresses: Vec<String>,
}

framed!(StandingPage);

/// Somebody who is nobody that we know of.
struct UnmatchedRow {
    id: String,
    name: String,
    email: String,
    minutes: i64,
}

#[derive(Template)]
#[template(path = "console/imports/gone.html")]
struct GoneImportPage {
    layout: Layout,
    frame: ConsoleFrame,
}

framed!(GoneImportPage);

/// What was sent is not there any more.
pub(super) fn gone(console: &Console, _: String) -> Answer {
    let (layout, frame) = console.page(MenuEntry::People, "Import");
    ok(&GoneImportPage {
        layout,
        frame: frame.below("/organizer/people", "People").below(super::PATH, "Import"),
    })
}

/// How far it is, or what became of it.
pub(super) async fn page(console: &Console, row: ImportRow, path: String) -> Answer {
    draw(console, row, path, None).await
}

async fn draw(console: &Console, row: ImportRow, path: String, said: Option<&'static str>) -> Answer {
    let conn = &mut console.state.db.read().await?;
    let plan = ImportPlan::read(conn, &row).await?;
    let is_attendance = matches!(plan.kind, ImportKind::Attendance(_));
    let is_going = row.state == GOING || row.state == UNDOING;
    let is_done = row.state == DONE;
    let mut unmatched = Vec::new();
    let mut addresses = Vec::new();
    if is_done && is_attendance {
        for one in store::unmatched(conn, row.id, MATCHED).await? {
            unmatched.push(UnmatchedRow {
                id: list::shown_id(&one.public_id)?,
                minutes: minutes(&one.stays),
                name: one.name,
                email: one.email,
            });
        }
        if let Some(session) = plan.session.as_ref().filter(|_| !unmatched.is_empty()) {
            let seat_holders = store::seat_holders(conn, session.id).await?;
            addresses = seat_holders
                .into_iter()
                .take(OFFERED)
                .map(|one| one.email_key)
                .collect();
        }
    }
    let list = match (&plan.session, is_done) {
        (Some(session), true) => {
            let slug = crate::webcasts::store::slug_of(conn, session.webcast_id).await?;
            Some(format!(
                "/organizer/webcasts/{slug}/people?session={}",
                session.public_id
            ))
        }
        (None, true) => Some("/organizer/people".to_owned()),
        _ => None,
    };
    let now = micros(console.state.clock.now());
    let (layout, frame) = console.page(MenuEntry::People, "Import");
    let mut answer = ok(&StandingPage {
        layout,
        frame: frame
            .below("/organizer/people", "People")
            .below(super::PATH, "Import")
            .with(said),
        path,
        is_going,
        standing: standing(&row, is_attendance),
        has_bad: row.bad_rows > 0 && !store::bad_lines(conn, row.id, 1).await?.is_empty(),
        can_undo: is_done && row.undo_until.is_some_and(|until| until > now),
        list,
        unmatched,
        addresses,
    })?;
    if is_going {
        let (again, value) = (HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
        answer.headers_mut().insert(again, value);
    }
    Ok(answer)
}

fn minutes(stays: &str) -> i64 {
    let stays: Vec<(i64, i64)> = serde_json::from_str(stays).unwrap_or_default();
    stays.iter().map(|(from, to)| to - from).sum::<i64>() / 60_000_000
}

fn standing(row: &ImportRow, is_attendance: bool) -> Vec<String> {
    let number = words::grouped;
    match row.state.as_str() {
        GOING => vec![format!(
            "So far: {} new, {} known.",
            number(row.new_rows),
            number(row.known_rows)
        )],
        UNDOING => vec!["It is being undone.".to_owned()],
        UNDONE => vec!["Undone. Who was touched since is still there.".to_owned()],
        _ if is_attendance => vec![format!(
            "The attendance of {} is noted. Who was registered and is not in the report was not there.",
            Console::people(row.known_rows)
        )],
        _ => {
            let mut said = vec![
                format!("New: {}.", number(row.new_rows)),
                format!("Known before: {}.", number(row.known_rows)),
            ];
            if row.bad_rows > 0 {
                said.push(format!("Not taken: {}.", number(row.bad_rows)));
            }
            said
        }
    }
}

/// `POST /organizer/people/import/{id}/undo`
pub(super) async fn undo(console: Console, raw: Path<String>) -> Answer {
    let (row, path) = find(&console, &raw).await?;
    let now = console.state.clock.now();
    let (job, shown) = (row.clone(), row);
    let write = console.state.db.write(move |tx| {
        let row = job.clone();
        Box::pin(async move { imports::begin_to_undo(tx, &row, now).await })
    });
    if write.await? {
        return Ok(see_other(&path));
    }
    draw(&console, shown, path, Some("It is too late to undo this.")).await
}

/// `POST /organizer/people/import/{id}/match`: `one` of the report is the holder of `email`.
pub(super) async fn match_one(console: Console, raw: Path<String>, form: Form) -> Answer {
    let (row, path) = find(&console, &raw).await?;
    let one = list::id(form.text("one"))?;
    let Ok(email) = EmailAddress::parse(form.text("email").trim()) else {
        return draw(
            &console,
            row,
            path,
            Some("Nothing was noted: write the whole address of somebody who is registered."),
        )
        .await;
    };
    let now = console.state.clock.now();
    let (job, shown) = (row.clone(), row);
    let write = console.state.db.write(move |tx| {
        let (row, key) = (job.clone(), email.key());
        Box::pin(async move { imports::match_by_hand(tx, &row, one, &key, now).await })
    });
    let said = match write.await? {
        MatchedByHand::Yes => "Noted. The next report of this webcast knows them.",
        MatchedByHand::NotRegistered => "Nothing was noted: nobody with this address is registered for the session.",
        MatchedByHand::Gone => "It is known already who that was.",
    };
    draw(&console, shown, path, Some(said)).await
}

/// `GET /organizer/people/import/{id}/not-taken.csv`
pub(super) async fn not_taken(console: Console, raw: Path<String>) -> Answer {
    let (row, _) = find(&console, &raw).await?;
    let lines = store::bad_lines(&mut console.state.db.read().await?, row.id, ROWS).await?;
    if lines.is_empty() {
        return Err(WebError::NotFound);
    }
    let mut rows: Vec<Vec<String>> = Vec::with_capacity(lines.len());
    let mut width = 0;
    for line in lines {
        let mut cells: Vec<String> = serde_json::from_str(&line.cells).unwrap_or_default();
        width = width.max(cells.len());
        cells.resize(width, String::new());
        cells.push(line.reason);
        rows.push(cells);
    }
    let mut file = csv::MARK.as_bytes().to_vec();
    file.extend(csv::encode(&rows, CsvStyle::default()).map_err(WebError::internal)?);
    Ok(downloads::send_whole(file, "not-taken.csv", "text/csv; charset=utf-8"))
}
