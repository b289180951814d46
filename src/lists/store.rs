//! What organizers keep of lists: the columns that they chose, and views that they look at again.

use crate::db::{Conn, DbError, Tx};
use crate::on_db;
use crate::values::PublicId;

/// Most views of one organizer in one kind of list.
const MOST: i64 = 30;

/// A view that was saved.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SavedView {
    pub public_id: Vec<u8>,
    pub name: String,
    /// What stands behind the question mark.
    pub query: String,
    /// Whether it is one's own.
    pub is_own: bool,
    /// Whether all organizers see it.
    pub is_shared: bool,
}

/// One's own views of a list, and those that are shared, by name.
pub(crate) async fn views(conn: &mut Conn, organizer: i64, place: &str) -> Result<Vec<SavedView>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT public_id, name, query, organizer_id = $1 AS is_own, shared = 1 AS is_shared FROM saved_views
          WHERE place = $2 AND (organizer_id = $1 OR shared = 1) ORDER BY name, id LIMIT 100")
        .bind(organizer)
        .bind(place)
        .fetch_all(c)
        .await)?)
}

/// Keeps a view; one's own of the same name gives way. False: there are too many.
pub(crate) async fn keep_view(
    tx: &mut Tx,
    organizer: i64,
    place: &str,
    name: &str,
    query: &str,
    shared: bool,
) -> Result<bool, DbError> {
    let kept = on_db!(tx, c => sqlx::query(
        "INSERT INTO saved_views (public_id, organizer_id, place, name, query, shared)
         SELECT $1, $2, $3, $4, $5, $6
          WHERE (SELECT COUNT(*) FROM saved_views WHERE organizer_id = $2 AND place = $3 AND name <> $4) < $7
         ON CONFLICT (organizer_id, place, name) DO UPDATE SET query = excluded.query, shared = excluded.shared")
        .bind(PublicId::random().as_bytes())
        .bind(organizer)
        .bind(place)
        .bind(name)
        .bind(query)
        .bind(i64::from(shared))
        .bind(MOST)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(kept == 1)
}

/// Forgets one's own view.
pub(crate) async fn forget_view(tx: &mut Tx, organizer: i64, id: PublicId) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM saved_views WHERE public_id = $1 AND organizer_id = $2")
        .bind(id.as_bytes())
        .bind(organizer)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The columns that an organizer chose for a kind of list or file, with commas between their keys.
pub(crate) async fn chosen_columns(conn: &mut Conn, organizer: i64, place: &str) -> Result<Option<String>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT columns FROM chosen_columns WHERE organizer_id = $1 AND place = $2")
        .bind(organizer)
        .bind(place)
        .fetch_optional(c)
        .await)?)
}

/// Keeps them.
pub(crate) async fn choose_columns(tx: &mut Tx, organizer: i64, place: &str, columns: &str) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO chosen_columns (organizer_id, place, columns) VALUES ($1, $2, $3)
         ON CONFLICT (organizer_id, place) DO UPDATE SET columns = excluded.columns")
        .bind(organizer)
        .bind(place)
        .bind(columns)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Sources that people came from, to choose from, the most frequent first; of a webcast, or of all.
pub(crate) async fn sources(conn: &mut Conn, webcast: Option<&str>, limit: i64) -> Result<Vec<String>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT t.source FROM tallies t
          WHERE t.source <> '' AND (CAST($1 AS TEXT) IS NULL OR t.webcast_id = (SELECT w.id FROM webcasts w WHERE w.slug = $1))
          GROUP BY t.source ORDER BY SUM(t.registered + t.requests) DESC, t.source LIMIT $2")
        .bind(webcast)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
