//! What organizers read of papers and requests: lists a page at a time, bounded counts, and all of it for
//! an export.

mod exported;
mod filter;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;

use super::mails::KINDS;
use crate::contacts::roster::{ListedPerson, listed_person};
use crate::db::listing::in_order;
use crate::db::{Conn, DbError, micros, sql};
use crate::on_db;
use crate::tallies::{TalliedTable, Tally, day_of_column, source_of};

pub(crate) use exported::{RequestExportRow, RequestsExported, owner};
pub(crate) use filter::{REQUESTED, RequestFilter, RequestsWanted, asked_for};

/// Nobody reads more digits than this: counting ends one above it.
const COUNTED: i64 = 10_000;
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A paper in a list, with what is counted of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct PaperLine {
    /// Its page.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Requests, at most one above ten thousand.
    pub requests: i64,
    /// Requests of the last seven days, at most one above ten thousand.
    pub last_week: i64,
    /// Downloads by link, of the newest ten thousand requests.
    pub downloads: i64,
    /// Requests that are held back, at most one above ten thousand.
    pub held: i64,
}

/// All papers, the newest first.
pub(crate) async fn papers(conn: &mut Conn, now: Timestamp) -> Result<Vec<PaperLine>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT w.slug, w.title,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM requests r WHERE r.whitepaper_id = w.id LIMIT $1) AS many) AS requests,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM requests r
                                        WHERE r.whitepaper_id = w.id AND r.created_at > $2 LIMIT $1) AS week) AS last_week,
                (SELECT CAST(COALESCE(SUM(newest.downloads), 0) AS BIGINT)
                   FROM (SELECT r.downloads FROM requests r WHERE r.whitepaper_id = w.id
                          ORDER BY r.id DESC LIMIT $1) AS newest) AS downloads,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM requests r
                                        WHERE r.whitepaper_id = w.id AND r.state = 'held' LIMIT $1) AS back) AS held
           FROM whitepapers w ORDER BY w.id DESC")
        .bind(COUNTED + 1)
        .bind(micros(now.saturating_sub(WEEK).unwrap_or(now)))
        .fetch_all(c)
        .await)?)
}

/// Papers with requests that are held back: slug, title, how many.
pub(crate) async fn held(conn: &mut Conn) -> Result<Vec<(String, String, i64)>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT w.slug, w.title, COUNT(*) FROM requests r JOIN whitepapers w ON w.id = r.whitepaper_id
          WHERE r.state = 'held' GROUP BY w.slug, w.title ORDER BY w.slug")
        .fetch_all(c)
        .await)?)
}

/// Requests, by the day they were made. One that is held back is added when it is let through.
pub(crate) const REQUESTS: TalliedTable = TalliedTable {
    name: "requests",
    between: |conn, from, to| tallied(conn, from, to).boxed(),
};

/// The tallies of the requests after one row, up to another one.
pub(crate) async fn tallied(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<Tally>, DbError> {
    let text = format!(
        "SELECT {day} AS day, CAST(0 AS BIGINT) AS webcast_id, CAST(0 AS BIGINT) AS session_id, {source} AS source,
                CAST(0 AS BIGINT) AS registered, CAST(0 AS BIGINT) AS attended, COUNT(*) AS requests
           FROM requests r
          WHERE r.id > $1 AND r.id <= $2 AND r.state <> 'held' GROUP BY 1, 4",
        day = day_of_column("r.created_at"),
        source = source_of("r"),
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(from).bind(to).fetch_all(c).await)?)
}

/// What one person has with us: a request.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct PersonsRequest {
    /// Inside only.
    pub id: i64,
    /// The request.
    pub public_id: Vec<u8>,
    /// requested, held.
    pub state: String,
    /// The paper's page.
    pub slug: String,
    /// The paper's title.
    pub title: String,
    /// When it was first asked for.
    pub created_at: i64,
    /// Downloads by link.
    pub downloads: i64,
}

/// All requests of a person, the newest first.
pub(crate) async fn of_person(conn: &mut Conn, contact_id: i64) -> Result<Vec<PersonsRequest>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT r.id, r.public_id, r.state, w.slug, w.title, r.created_at, r.downloads
           FROM requests r JOIN whitepapers w ON w.id = r.whitepaper_id
          WHERE r.contact_id = $1 ORDER BY r.id DESC")
        .bind(contact_id)
        .fetch_all(c)
        .await)?)
}

/// A request in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct RequestLine {
    /// Its row.
    pub id: i64,
    /// The request; the next page starts after it.
    pub public_id: Vec<u8>,
    /// As given.
    pub name: String,
    /// Who asked.
    #[sqlx(flatten)]
    pub person: ListedPerson,
    /// The paper's title.
    pub paper: String,
    /// When it was made.
    pub created_at: i64,
    /// requested, held.
    pub state: String,
    /// What became of the last mail about it, while its row is kept.
    pub mail: Option<String>,
    /// By the personal link.
    pub downloads: i64,
    /// The campaign, else the site that led here, else nothing.
    pub source: String,
}

/// Requests of these rows, in this order.
pub(crate) async fn requests(conn: &mut Conn, ids: &[i64], now: Timestamp) -> Result<Vec<RequestLine>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT r.id, r.public_id, r.name, w.title AS paper, r.created_at, r.state, r.downloads, {source} AS source,
                (SELECT o.state FROM outbox o WHERE o.subject_id = r.id AND o.kind IN {kinds}
                  ORDER BY o.id DESC LIMIT 1) AS mail, {person}
           FROM requests r
           JOIN contacts c ON c.id = r.contact_id
           JOIN whitepapers w ON w.id = r.whitepaper_id
          WHERE r.id IN ({placeholders})",
        source = source_of("r"),
        placeholders = sql::placeholders(ids.len()),
        kinds = sql::rows(1, KINDS.len(), ids.len()),
        person = listed_person(conn, Some("r"), &format!("${}", ids.len() + KINDS.len() + 1)),
    );
    let rows: Vec<RequestLine> = on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        let query = ids.iter().fold(query, |query, id| query.bind(*id));
        let query = KINDS.iter().fold(query, |query, kind| query.bind(kind.name));
        query.bind(micros(now)).fetch_all(c).await
    })?;
    Ok(in_order(rows, ids, |row| row.id))
}
