//! All seats of an export.

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use sqlx::AssertSqlSafe;

use crate::contacts::PersonFields;
use crate::db::{Conn, DbError, micros, sql};
use crate::mail::suppressions;
use crate::on_db;
use crate::questions::FormOwner;
use crate::questions::store::answers_as_json;
use crate::values::{PublicId, Slug};

/// Which seats an export has.
#[derive(Debug, Clone)]
pub(crate) struct ExportFilter {
    /// Of this webcast.
    pub webcast: Slug,
    /// Of this session only.
    pub session: Option<PublicId>,
    /// Also those that were given back.
    pub cancelled: bool,
    /// Also those that are held back.
    pub held: bool,
    /// Only of people with a confirmed address who agreed to more mail, and have not taken it back.
    pub agreed: bool,
    /// Only those that were made since.
    pub since: Option<Timestamp>,
}

/// One seat with one time that its owner was there; a seat comes once for each such time, or once. Its fields stand in the
/// order of [`export`]'s array.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SeatExportRow {
    /// Inside only: tells one seat's rows from the next one's.
    pub id: i64,
    /// The registration.
    #[serde(deserialize_with = "from_hex")]
    pub public_id: Vec<u8>,
    /// As given.
    pub name: String,
    /// What else was said of the person; what organizers know of them where it was not said.
    pub person: PersonFields,
    /// See [`answers_as_json`].
    pub answers: Option<String>,
    /// Where mail goes.
    pub email: String,
    /// The webcast's title.
    pub webcast: String,
    /// The session's start.
    pub starts_at: i64,
    /// Its end.
    pub ends_at: i64,
    /// Where its clock hangs.
    pub session_tz: String,
    /// registered, held, cancelled.
    pub state: String,
    /// When it was made.
    pub created_at: i64,
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
    /// What organizers call them, with "; " between.
    pub tags: Option<String>,
    /// When it was given back.
    pub cancelled_at: Option<i64>,
    /// Why.
    pub cancel_reason: Option<String>,
    /// Why mail does not reach them, the worst reason; see [`suppressions::trouble`].
    pub mail_trouble: Option<String>,
    /// join, replay, import, organizer.
    pub source: Option<String>,
    /// Came.
    pub from_at: Option<i64>,
    /// Went, where known.
    pub to_at: Option<i64>,
}

/// What was said with a registration `r`, or is known of its contact `c`.
const PERSON: &str = "r.first_name, r.last_name, COALESCE(r.company, c.company), COALESCE(r.job_title, c.job_title), \
                      COALESCE(r.phone, c.phone), COALESCE(r.country, c.country)";

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let digits = <&str>::deserialize(deserializer)?;
    let bytes = digits.as_bytes().chunks(2).map(|byte| {
        let byte = std::str::from_utf8(byte).unwrap_or_default();
        u8::from_str_radix(byte, 16).map_err(serde::de::Error::custom)
    });
    bytes.collect()
}

/// Whose form the seats of a webcast were filled in with. `None`: there is no such webcast.
pub(crate) async fn owner(conn: &mut Conn, webcast: &Slug) -> Result<Option<FormOwner>, DbError> {
    let id: Option<i64> = on_db!(conn, c => sqlx::query_scalar("SELECT id FROM webcasts WHERE slug = $1")
        .bind(webcast.as_str())
        .fetch_optional(c)
        .await)?;
    Ok(id.map(FormOwner::Webcast))
}

/// Every seat of an export, as one moment saw them, seat by seat. Each row is one array that the database writes: a million
/// rows are there in a third of the time that their columns, each by itself, would take.
pub(crate) fn export<'c>(
    conn: &'c mut Conn,
    filter: &ExportFilter,
    has_questions: bool,
    now: Timestamp,
) -> BoxStream<'c, Result<SeatExportRow, sqlx::Error>> {
    let slug = filter.webcast.as_str().to_owned();
    let (cancelled, held) = (i64::from(filter.cancelled), i64::from(filter.held));
    let (since, agreed) = (filter.since.map_or(0, micros), i64::from(filter.agreed));
    let session = filter.session.map(|id| id.as_bytes().to_vec());
    let answers = if has_questions {
        // With nothing behind it SQLite would take it for an array within the array.
        format!("{} || ''", answers_as_json(conn, "registration_id", "r"))
    } else {
        "CAST(NULL AS TEXT)".to_owned()
    };
    let (array, public_id) = (sql::json_array(conn), sql::hex(conn, "r.public_id"));
    let text = format!(
        "SELECT CAST({array}(
                r.id, {public_id}, r.name, {array}({PERSON}), {answers}, c.email, w.title, s.starts_at, s.ends_at,
                s.time_zone, r.state, r.created_at, c.confirmed_at, r.utm_source, r.utm_medium,
                r.utm_campaign, r.utm_term, r.utm_content, r.referrer, r.channel, r.consent_at, r.consent_version,
                r.locale, r.time_zone,
                (SELECT {tags} FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.contact_id = c.id),
                r.cancelled_at, r.cancel_reason, {trouble}, a.source, a.from_at, a.to_at) AS TEXT)
           FROM registrations r
           JOIN contacts c ON c.id = r.contact_id
           JOIN webcasts w ON w.id = r.webcast_id
           JOIN sessions s ON s.id = r.session_id
           LEFT JOIN attendance a ON a.registration_id = r.id AND a.session_id = r.session_id
          WHERE r.webcast_id = (SELECT id FROM webcasts WHERE slug = $1)
            AND (CAST($2 AS BYTEA) IS NULL OR s.public_id = $2)
            AND ($3 = 1 OR r.state NOT IN ('cancelled', 'rejected')) AND ($5 = 1 OR r.state <> 'held')
            AND r.created_at >= $6
            AND ($7 = 0 OR (c.confirmed_at IS NOT NULL
                            AND (SELECT k.act FROM consents k WHERE k.contact_id = c.id AND k.purpose = 'marketing'
                                  ORDER BY k.at DESC, k.id DESC LIMIT 1) IN ('given', 'confirmed')
                            AND NOT EXISTS (SELECT 1 FROM suppressions u
                                             WHERE u.address_key = c.email_key AND u.reason IN ('unsubscribed', 'complained'))))
          ORDER BY r.id, a.from_at",
        trouble = suppressions::trouble("c.email_key", "$4"),
        tags = sql::joined(conn, "t.name", "t.name")
    );
    let rows: BoxStream<'c, Result<String, sqlx::Error>> = on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text))
        .bind(slug)
        .bind(session)
        .bind(cancelled)
        .bind(micros(now))
        .bind(held)
        .bind(since)
        .bind(agreed)
        .fetch(c));
    rows.map(|row| serde_json::from_str(&row?).map_err(|error| sqlx::Error::Decode(error.into())))
        .boxed()
}

/// About how many seats an export has, for the room it needs.
pub(crate) async fn count(conn: &mut Conn, webcast: &Slug) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM registrations WHERE webcast_id = (SELECT id FROM webcasts WHERE slug = $1)")
        .bind(webcast.as_str())
        .fetch_one(c)
        .await)?)
}
