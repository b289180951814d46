//! What organizers read of papers and requests: lists a page at a time, bounded counts, and all of it for
//! an export.

use futures_util::FutureExt;
use futures_util::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};
use sqlx::AssertSqlSafe;

use super::mails::KINDS;
use crate::contacts::PersonFields;
use crate::db::sql::NEWEST;
use crate::db::{Conn, DbError, micros, sql};
use crate::mail::suppressions;
use crate::on_db;
use crate::questions::FormOwner;
use crate::questions::store::answers_as_json;
use crate::tallies::{TalliedTable, Tally, day_of_column, source_of};
use crate::values::{PublicId, Slug};

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
    /// The request; the next page starts after it.
    pub public_id: Vec<u8>,
    /// Who asked: their page.
    pub person: Vec<u8>,
    /// As given.
    pub name: String,
    /// Where mail goes.
    pub email: String,
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
}

/// A page of requests, the newest first, after the request `after`; of one paper where that is given.
pub(crate) async fn requests(
    conn: &mut Conn,
    paper: Option<&Slug>,
    after: Option<PublicId>,
    limit: i64,
) -> Result<Vec<RequestLine>, DbError> {
    let text = format!(
        "SELECT r.public_id, c.public_id AS person, r.name, c.email, w.title AS paper, r.created_at, r.state, r.downloads,
                (SELECT o.state FROM outbox o WHERE o.subject_id = r.id AND o.kind IN {kinds}
                  ORDER BY o.id DESC LIMIT 1) AS mail
           FROM requests r
           JOIN contacts c ON c.id = r.contact_id
           JOIN whitepapers w ON w.id = r.whitepaper_id
          WHERE (CAST($1 AS TEXT) IS NULL OR w.slug = $1)
            AND r.id < COALESCE((SELECT id FROM requests WHERE public_id = $2), {NEWEST})
          ORDER BY r.id DESC LIMIT $3",
        kinds = sql::rows(1, KINDS.len(), 3)
    );
    Ok(on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text))
            .bind(paper.map(|slug| slug.as_str().to_owned()))
            .bind(after.map(|id| id.as_bytes().to_vec()))
            .bind(limit);
        KINDS.iter().fold(query, |query, kind| query.bind(kind.name)).fetch_all(c).await
    })?)
}

/// How many requests there are, at most one above ten thousand.
pub(crate) async fn count_requests(conn: &mut Conn, paper: Option<&Slug>) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM requests r
                                WHERE CAST($1 AS TEXT) IS NULL
                                   OR r.whitepaper_id = (SELECT id FROM whitepapers WHERE slug = $1)
                                LIMIT $2) AS many")
        .bind(paper.map(|slug| slug.as_str().to_owned()))
        .bind(COUNTED + 1)
        .fetch_one(c)
        .await)?)
}

/// A request in an export.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct RequestExportRow {
    /// What else was said of the person; what organizers know of them where it was not said.
    #[sqlx(flatten)]
    pub person: PersonFields,
    /// See [`answers_as_json`].
    pub answers: Option<String>,
    /// The request.
    pub public_id: Vec<u8>,
    /// As given.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// The paper's title.
    pub whitepaper: String,
    /// When it was made.
    pub created_at: i64,
    /// requested, held.
    pub state: String,
    /// How often it was asked for.
    pub times: i64,
    /// What became of the last mail about it, while its row is kept.
    pub mail: Option<String>,
    /// When the relay took that mail.
    pub mail_ended_at: Option<i64>,
    /// By the personal link.
    pub downloads: i64,
    /// The last of them.
    pub last_download_at: Option<i64>,
    /// When the address was confirmed.
    pub confirmed_at: Option<i64>,
    /// The campaign.
    pub utm_source: Option<String>,
    /// See `utm_source`.
    pub utm_medium: Option<String>,
    /// See `utm_source`.
    pub utm_campaign: Option<String>,
    /// See `utm_source`.
    pub utm_term: Option<String>,
    /// See `utm_source`.
    pub utm_content: Option<String>,
    /// The site that led here.
    pub referrer: Option<String>,
    /// form, import, organizer.
    pub channel: String,
    /// When marketing was agreed to.
    pub consent_at: Option<i64>,
    /// To which wording.
    pub consent_version: Option<String>,
    /// The visitor's language.
    pub locale: Option<String>,
    /// The visitor's zone.
    pub time_zone: Option<String>,
    /// Why mail does not reach them, the worst reason; see [`suppressions::trouble`].
    pub mail_trouble: Option<String>,
}

/// Whose form the requests for a paper were filled in with. `None`: there is no such paper.
pub(crate) async fn owner(conn: &mut Conn, paper: &Slug) -> Result<Option<FormOwner>, DbError> {
    let id: Option<i64> = on_db!(conn, c => sqlx::query_scalar("SELECT id FROM whitepapers WHERE slug = $1")
        .bind(paper.as_str())
        .fetch_optional(c)
        .await)?;
    Ok(id.map(FormOwner::Whitepaper))
}

/// Every request of an export, as one moment saw them.
pub(crate) fn export<'c>(
    conn: &'c mut Conn,
    paper: Option<&Slug>,
    has_questions: bool,
    now: Timestamp,
) -> BoxStream<'c, Result<RequestExportRow, sqlx::Error>> {
    let slug = paper.map(|slug| slug.as_str().to_owned());
    let answers = if has_questions {
        answers_as_json(conn, "request_id", "r")
    } else {
        "CAST(NULL AS TEXT)".to_owned()
    };
    let text = format!(
        "SELECT r.public_id, r.name, r.first_name, r.last_name, COALESCE(r.company, c.company) AS company,
                COALESCE(r.job_title, c.job_title) AS job_title, COALESCE(r.phone, c.phone) AS phone,
                COALESCE(r.country, c.country) AS country, {answers} AS answers, c.email, w.title AS whitepaper, r.created_at, r.state, r.times,
                o.state AS mail, CASE o.state WHEN 'sent' THEN o.ended_at END AS mail_ended_at,
                r.downloads, r.last_download_at, c.confirmed_at, r.utm_source, r.utm_medium, r.utm_campaign,
                r.utm_term, r.utm_content, r.referrer, r.channel, r.consent_at, r.consent_version, r.locale,
                r.time_zone,
                {trouble} AS mail_trouble
           FROM requests r
           JOIN contacts c ON c.id = r.contact_id
           JOIN whitepapers w ON w.id = r.whitepaper_id
           LEFT JOIN outbox o ON o.id = (SELECT MAX(p.id) FROM outbox p
                                          WHERE p.subject_id = r.id AND p.kind IN {kinds})
          WHERE CAST($1 AS TEXT) IS NULL OR w.slug = $1
          ORDER BY r.id",
        trouble = suppressions::trouble("c.email_key", "$2"),
        kinds = sql::rows(1, KINDS.len(), 2)
    );
    on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text)).bind(slug).bind(micros(now));
        KINDS.iter().fold(query, |query, kind| query.bind(kind.name)).fetch(c)
    })
}

/// About how many requests an export has at most, for the room it needs.
pub(crate) async fn count_export(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar("SELECT COUNT(*) FROM requests").fetch_one(c).await)?)
}
