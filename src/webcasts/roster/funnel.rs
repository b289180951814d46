//! How far people came: registered, with an address they confirmed, seen.

use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError};
use crate::on_db;
use crate::webcasts::store::counts;

/// Of those who hold a place in one webcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Funnel {
    /// They hold a place.
    pub registered: i64,
    /// The address is theirs.
    pub confirmed: i64,
    /// They were seen in a session.
    pub joined: i64,
}

/// Counts them.
pub(crate) async fn funnel(conn: &mut Conn, webcast_id: i64) -> Result<Funnel, DbError> {
    let text = format!(
        "SELECT COUNT(*) AS registered, COUNT(c.confirmed_at) AS confirmed,
                (SELECT COUNT(DISTINCT a.registration_id)
                   FROM sessions s JOIN attendance a ON a.session_id = s.id JOIN registrations r ON r.id = a.registration_id
                  WHERE s.webcast_id = $1 AND a.source <> 'replay' AND {counts}) AS joined
           FROM registrations r JOIN contacts c ON c.id = r.contact_id
          WHERE r.webcast_id = $1 AND {counts}",
        counts = counts("r")
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(webcast_id).fetch_one(c).await)?)
}
