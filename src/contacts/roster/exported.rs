//! People in files: what stands of one beside each registration and each request, and people by themselves.

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use sqlx::AssertSqlSafe;

use super::{agreed, tags_of};
use crate::contacts::PersonFields;
use crate::db::listing::ListCondition;
use crate::db::piece::{SqlPiece, SqlValue};
use crate::db::{Conn, DbError, micros, sql};
use crate::mail::suppressions;
use crate::{bind_all, on_db};

/// The person of a registration or request. Its fields stand in the order of [`contact_array`].
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ExportedContact {
    /// What was said of them; what organizers know where it was not said.
    pub person: PersonFields,
    /// Where mail goes.
    pub email: String,
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
    /// What organizers call them, with "; " between.
    pub tags: Option<String>,
}

/// An [`ExportedContact`] as an array of JSON, of a registration or request `r` with its contact `c`. Its one `?` is the
/// moment.
pub(crate) fn contact_array(conn: &Conn) -> String {
    let array = sql::json_array(conn);
    format!(
        "{array}({array}(r.first_name, r.last_name, COALESCE(r.company, c.company), COALESCE(r.job_title, c.job_title),
                         COALESCE(r.phone, c.phone), COALESCE(r.country, c.country)),
                 c.email, c.confirmed_at, r.utm_source, r.utm_medium, r.utm_campaign, r.utm_term, r.utm_content,
                 r.referrer, r.channel, r.consent_at, r.consent_version, r.locale, r.time_zone, {trouble}, {tags})",
        trouble = suppressions::trouble("c.email_key", "?"),
        tags = tags_of(conn, "c.id"),
    )
}

/// A person by themselves. Fields as in [`people_rows`].
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PersonExportRow {
    /// Their page.
    #[serde(deserialize_with = "from_hex")]
    pub public_id: Vec<u8>,
    /// As given last, or as they confirmed it.
    pub name: String,
    /// What is known of them besides.
    pub person: PersonFields,
    /// Where mail goes.
    pub email: String,
    /// When the address was confirmed.
    pub confirmed_at: Option<i64>,
    /// When they first came.
    pub created_at: i64,
    /// Whether they agreed to more mail, and have not taken it back,
    pub agreed: i64,
    /// when that was last said,
    pub consent_at: Option<i64>,
    /// and to which wording.
    pub consent_version: Option<String>,
    /// Webcasts that they are registered for.
    pub registered: i64,
    /// Of them, those that they came to.
    pub attended: i64,
    /// Papers that they asked for.
    pub papers: i64,
    /// Why mail does not reach them.
    pub mail_trouble: Option<String>,
    /// What organizers call them, with "; " between.
    pub tags: Option<String>,
}

/// Bytes as a database writes them into JSON.
pub(crate) fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let digits = <&str>::deserialize(deserializer)?;
    let bytes = digits.as_bytes().chunks(2).map(|byte| {
        let byte = std::str::from_utf8(byte).unwrap_or_default();
        u8::from_str_radix(byte, 16).map_err(serde::de::Error::custom)
    });
    bytes.collect()
}

/// Reads arrays of JSON, a row each.
pub(crate) fn read_rows<'c, T>(
    rows: BoxStream<'c, Result<String, sqlx::Error>>,
) -> BoxStream<'c, Result<T, sqlx::Error>>
where
    T: serde::de::DeserializeOwned + Send + 'c,
{
    rows.map(|row| serde_json::from_str(&row?).map_err(|error| sqlx::Error::Decode(error.into())))
        .boxed()
}

fn all_of(conditions: &[ListCondition]) -> SqlPiece {
    SqlPiece::new(" WHERE 1 = 1").each(" AND ", conditions.iter().map(|condition| &condition.holds))
}

/// How many people match.
pub(crate) async fn count_people(conn: &mut Conn, conditions: &[ListCondition]) -> Result<i64, DbError> {
    let count = SqlPiece::new("SELECT COUNT(*) FROM contacts c").and_then(&all_of(conditions));
    Ok(count.number(conn).await?.unwrap_or(0))
}

/// Everybody who matches, in the order in which they came.
pub(crate) fn people_rows<'c>(
    conn: &'c mut Conn,
    conditions: &[ListCondition],
    now: Timestamp,
) -> BoxStream<'c, Result<PersonExportRow, sqlx::Error>> {
    let array = sql::json_array(conn);
    let consent = |column: &str| {
        format!(
            "(SELECT k.{column} FROM consents k WHERE k.contact_id = c.id AND k.purpose = 'marketing'
               ORDER BY k.at DESC, k.id DESC LIMIT 1)"
        )
    };
    let select = format!(
        "SELECT CAST({array}(
                {public_id}, c.name,
                {array}(c.first_name, c.last_name, c.company, c.job_title, c.phone, c.country),
                c.email, c.confirmed_at, c.created_at, CASE WHEN {agreed} THEN 1 ELSE 0 END, {consent_at},
                {consent_version},
                (SELECT COUNT(*) FROM registrations r WHERE r.contact_id = c.id AND r.state = 'registered'),
                (SELECT COUNT(*) FROM registrations r WHERE r.contact_id = c.id AND r.attendance = 'attended'),
                (SELECT COUNT(*) FROM requests q WHERE q.contact_id = c.id), {trouble}, {tags}) AS TEXT)
           FROM contacts c",
        public_id = sql::hex(conn, "c.public_id"),
        agreed = agreed(),
        consent_at = consent("at"),
        consent_version = consent("version"),
        trouble = suppressions::trouble("c.email_key", "?"),
        tags = tags_of(conn, "c.id"),
    );
    let (text, values) = SqlPiece::new(select)
        .with(SqlValue::Int(micros(now)))
        .and_then(&all_of(conditions))
        .then(" ORDER BY c.id")
        .numbered();
    read_rows(on_db!(conn, c => bind_all!(sqlx::query_scalar(AssertSqlSafe(text)), values).fetch(c)))
}
