//! Requests for whitepapers, and their downloads.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::store::consents;
use crate::contacts::{self, AgreedTo, Known, Origin, PersonChange};
use crate::db::{Conn, DbError, Tx, instant, micros, sql};
use crate::on_db;
use crate::questions::Filled;
use crate::values::{EmailAddress, PersonName, PublicId, Said, Slug};
use crate::whitepapers::{Request, RequestState};

/// A paper that somebody asks for.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// The paper's page that was posted to.
    pub slug: Slug,
    /// Who.
    pub name: PersonName,
    /// Where mail goes.
    pub email: EmailAddress,
    /// What else the form asked.
    pub filled: Filled,
    /// The marketing consent,
    pub consent: bool,
    /// and to which wording.
    pub agreed_to: AgreedTo,
    /// Where they came from.
    pub origin: Origin,
    /// True where a program may have filled in the form: an organizer looks at it first.
    pub suspicious: bool,
}

/// Puts the contact in, or finds it, if the paper can be asked for. `None`: it cannot, and nothing was
/// written.
pub async fn insert_contact(tx: &mut Tx, request: &NewRequest, now: Timestamp) -> Result<Option<Known>, DbError> {
    let text = contacts::store::upsert(
        1,
        1,
        "WHERE EXISTS (SELECT 1 FROM whitepapers w JOIN editions e ON e.whitepaper_id = w.id WHERE w.slug = $2)",
        "",
    );
    Ok(on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(micros(now))
        .bind(request.slug.as_str())
        .bind(request.email.as_str())
        .bind(request.email.key())
        .bind(request.name.as_str())
        .bind(PublicId::random().as_bytes().to_vec())
        .fetch_optional(c)
        .await)?)
}

/// Puts the request in; gives its row. `None`: this contact has asked for this paper before.
pub async fn insert_request(
    tx: &mut Tx,
    request: &NewRequest,
    contact_id: i64,
    public_id: PublicId,
    link_until: Timestamp,
    now: Timestamp,
) -> Result<Option<i64>, DbError> {
    let state = if request.suspicious {
        RequestState::Held
    } else {
        RequestState::Requested
    };
    let origin = &request.origin;
    let text = format!(
        "INSERT INTO requests (public_id, contact_id, whitepaper_id, name, state, time_zone, locale, utm_source,
                               utm_medium, utm_campaign, utm_term, utm_content, referrer, channel, consent_at,
                               consent_version, mailed_at, link_until, created_at)
         SELECT $1, $2, w.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                CASE WHEN CAST($14 AS BIGINT) IS NULL THEN NULL ELSE {} END, $16, $17, $18
           FROM whitepapers w WHERE w.slug = $19
         ON CONFLICT (contact_id, whitepaper_id) DO NOTHING
         RETURNING id",
        consents::version_agreed_to("$15")
    );
    Ok(on_db!(tx, c => sqlx::query_scalar(AssertSqlSafe(text))
        .bind(public_id.as_bytes())
        .bind(contact_id)
        .bind(request.name.as_str())
        .bind(state.as_str())
        .bind(origin.time_zone.as_deref())
        .bind(origin.locale.as_deref())
        .bind(origin.utm_source.as_deref())
        .bind(origin.utm_medium.as_deref())
        .bind(origin.utm_campaign.as_deref())
        .bind(origin.utm_term.as_deref())
        .bind(origin.utm_content.as_deref())
        .bind(origin.referrer.as_deref())
        .bind(origin.channel.as_str())
        .bind(request.consent.then(|| micros(now)))
        .bind(request.agreed_to.as_str())
        .bind((!request.suspicious).then(|| micros(now)))
        .bind(micros(link_until))
        .bind(micros(now))
        .bind(request.slug.as_str())
        .fetch_optional(c)
        .await)?)
}

#[derive(sqlx::FromRow)]
struct RequestRow {
    id: i64,
    public_id: Vec<u8>,
    link_generation: i64,
    contact_id: i64,
    email: String,
    confirmed_at: Option<i64>,
    own_name: Option<String>,
    name: String,
    state: String,
    times: i64,
    mailed_at: Option<i64>,
    repeated_at: Option<i64>,
    link_until: i64,
    whitepaper_id: i64,
    slug: String,
    title: String,
}

impl TryFrom<RequestRow> for Request {
    type Error = DbError;

    fn try_from(row: RequestRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            link_generation: row.link_generation,
            contact_id: row.contact_id,
            email: EmailAddress::parse(&row.email).map_err(DbError::stored)?,
            is_confirmed: row.confirmed_at.is_some(),
            is_own_name: row.own_name.as_deref() == Some(row.name.as_str()),
            name: Said::new(row.name),
            state: RequestState::parse(&row.state).ok_or_else(|| DbError::stored("request state"))?,
            times: row.times,
            mailed_at: row.mailed_at.map(instant).transpose()?,
            repeated_at: row.repeated_at.map(instant).transpose()?,
            link_until: instant(row.link_until)?,
            whitepaper_id: row.whitepaper_id,
            slug: Slug::parse(&row.slug).map_err(DbError::stored)?,
            title: row.title,
        })
    }
}

/// The request of a contact for a paper.
pub async fn request_by_contact(conn: &mut Conn, contact_id: i64, slug: &Slug) -> Result<Option<Request>, DbError> {
    let row: Option<RequestRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT * FROM paper_requests WHERE contact_id = $1 AND slug = $2")
        .bind(contact_id)
        .bind(slug.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(Request::try_from).transpose()
}

/// The request that a personal link opens.
pub async fn request_by_public_id(conn: &mut Conn, id: PublicId) -> Result<Option<Request>, DbError> {
    let row: Option<RequestRow> = on_db!(conn, c => sqlx::query_as("SELECT * FROM paper_requests WHERE public_id = $1")
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    row.map(Request::try_from).transpose()
}

/// The requests of these rows, in no particular order.
pub async fn requests_by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Request>, DbError> {
    let text = format!(
        "SELECT * FROM paper_requests WHERE id IN ({})",
        sql::placeholders(ids.len())
    );
    let rows: Vec<RequestRow> = on_db!(conn, c => {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?;
    rows.into_iter().map(Request::try_from).collect()
}

/// All requests of a contact, in the order they came.
pub async fn requests_of_contact(conn: &mut Conn, contact_id: i64) -> Result<Vec<Request>, DbError> {
    let rows: Vec<RequestRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT * FROM paper_requests WHERE contact_id = $1 ORDER BY id")
        .bind(contact_id)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(Request::try_from).collect()
}

/// Erases all requests of a contact, with their answers; gives how many.
pub async fn delete_requests_of(tx: &mut Tx, contact_id: i64) -> Result<u64, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM requests WHERE contact_id = $1")
        .bind(contact_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// Makes the personal links of all requests of a contact anew: those that were mailed open nothing any more.
pub async fn raise_links(tx: &mut Tx, contact_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE requests SET link_generation = link_generation + 1 WHERE contact_id = $1")
        .bind(contact_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Where a request has the name, or another field, as its person had it, it takes over the new one.
pub async fn correct(tx: &mut Tx, change: &PersonChange) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE requests SET name = $3, first_name = NULL, last_name = NULL WHERE contact_id = $1 AND name = $2 AND $3 <> $2")
        .bind(change.contact_id)
        .bind(&change.old_name)
        .bind(&change.name)
        .execute(c)
        .await
        .map(drop))?;
    for field in &change.fields {
        let text = format!(
            "UPDATE requests SET {0} = $3 WHERE contact_id = $1 AND {0} = $2",
            field.column
        );
        on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
            .bind(change.contact_id)
            .bind(field.old.as_deref())
            .bind(field.new.as_deref())
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Notes that the paper goes out again although nobody asked anew.
pub async fn renew_link(tx: &mut Tx, id: i64, link_until: Timestamp, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE requests SET mailed_at = $2, link_until = $3 WHERE id = $1")
        .bind(id)
        .bind(micros(now))
        .bind(micros(link_until))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Lets a held request through. False: it was not held.
pub async fn release(tx: &mut Tx, id: i64, link_until: Timestamp, now: Timestamp) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE requests SET state = 'requested', mailed_at = $2, link_until = $3 WHERE id = $1 AND state = 'held'")
        .bind(id)
        .bind(micros(now))
        .bind(micros(link_until))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Notes that the paper was asked for again, and that it goes out again as a whole.
pub async fn note_mailed(tx: &mut Tx, id: i64, link_until: Timestamp, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE requests SET state = 'requested', times = times + 1, mailed_at = $2, link_until = $3 WHERE id = $1")
        .bind(id)
        .bind(micros(now))
        .bind(micros(link_until))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes that the paper was asked for again, and when the mail with the link goes.
pub async fn note_repeat(tx: &mut Tx, id: i64, at: Timestamp, link_until: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE requests SET times = times + 1, repeated_at = $2, link_until = $3 WHERE id = $1")
        .bind(id)
        .bind(micros(at))
        .bind(micros(link_until))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Counts a download.
pub async fn count_download(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE requests SET downloads = downloads + 1, last_download_at = $2 WHERE id = $1")
        .bind(id)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// What a program may have posted gives way to a person's post for the same address: nobody was told of it. False: it is
/// not held back.
pub async fn give_way(tx: &mut Tx, id: i64) -> Result<bool, DbError> {
    let removed = on_db!(tx, c => sqlx::query("DELETE FROM requests WHERE id = $1 AND state = 'held'")
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(removed == 1)
}
