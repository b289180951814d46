//! Requests of two people who are one.

use crate::db::{Conn, DbError, Tx};
use crate::on_db;
use crate::values::Link;
use crate::whitepapers::Request;

use super::requests::request_by_public_id;

/// Adds what is known of the one that goes to the one that stays, and takes it away; its link leads on.
pub async fn join_requests(tx: &mut Tx, stays: i64, goes: i64) -> Result<(), DbError> {
    for text in [
        "UPDATE answers SET request_id = $1
          WHERE request_id = $2 AND question_id NOT IN (SELECT k.question_id FROM answers k WHERE k.request_id = $1)",
        "UPDATE requests
            SET times = requests.times + o.times, downloads = requests.downloads + o.downloads,
                link_until = CASE WHEN o.link_until > requests.link_until THEN o.link_until ELSE requests.link_until END,
                last_download_at = CASE WHEN requests.last_download_at IS NULL OR o.last_download_at > requests.last_download_at
                                        THEN o.last_download_at ELSE requests.last_download_at END,
                state = CASE WHEN o.state = 'requested' THEN o.state ELSE requests.state END,
                first_name = COALESCE(requests.first_name, o.first_name),
                last_name = COALESCE(requests.last_name, o.last_name),
                company = COALESCE(requests.company, o.company), job_title = COALESCE(requests.job_title, o.job_title),
                phone = COALESCE(requests.phone, o.phone), country = COALESCE(requests.country, o.country),
                consent_at = COALESCE(requests.consent_at, o.consent_at),
                consent_version = COALESCE(requests.consent_version, o.consent_version)
           FROM requests AS o WHERE requests.id = $1 AND o.id = $2",
        "UPDATE merged_requests SET request_id = $1 WHERE request_id = $2",
        "INSERT INTO merged_requests (public_id, link_generation, request_id)
         SELECT public_id, link_generation, $1 FROM requests WHERE id = $2",
        "DELETE FROM requests WHERE id = $2 AND id <> $1",
    ] {
        on_db!(tx, c => sqlx::query(text).bind(stays).bind(goes).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Gives all requests of one contact to another.
pub async fn pass_on_requests(tx: &mut Tx, from: i64, into: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE requests SET contact_id = $2 WHERE contact_id = $1")
        .bind(from)
        .bind(into)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The request that a link opens: its own, or the one that it was joined with.
pub async fn request_of_link(conn: &mut Conn, link: Link) -> Result<Option<Request>, DbError> {
    if let Some(request) = request_by_public_id(conn, link.id).await? {
        return Ok(Some(request).filter(|request| request.link_generation == link.generation));
    }
    let joined: Option<Vec<u8>> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT r.public_id FROM merged_requests m JOIN requests r ON r.id = m.request_id
          WHERE m.public_id = $1 AND m.link_generation = $2")
        .bind(link.id.as_bytes())
        .bind(link.generation)
        .fetch_optional(c)
        .await)?;
    match joined {
        Some(id) => request_by_public_id(conn, id.try_into().map_err(DbError::stored)?).await,
        None => Ok(None),
    }
}
