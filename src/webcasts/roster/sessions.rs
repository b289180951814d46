//! Sessions: in lists, in need of somebody, and for scripts.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::COUNTED;
use crate::db::{Conn, DbError, instant, micros};
use crate::on_db;
use crate::values::PublicId;
use crate::webcasts::store::counts;
use crate::webcasts::window::RegistrationWindow;
use crate::webcasts::{Availability, SessionState, availability, seats_left};

/// A session in a list, with what is counted of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SessionLine {
    /// The session.
    pub public_id: Vec<u8>,
    /// The webcast's title.
    pub title: String,
    /// The webcast's page.
    pub slug: String,
    /// Start.
    pub starts_at: i64,
    /// End.
    pub ends_at: i64,
    /// Where its clock hangs.
    pub time_zone: String,
    /// Most seats.
    pub capacity: Option<i64>,
    /// Seats that count against it.
    pub seats_taken: i64,
    /// Whether it takes registrations.
    #[sqlx(try_from = "String")]
    pub state: SessionState,
    opens_at: Option<i64>,
    closes_at: Option<i64>,
    /// Seats that are taken, at most [`COUNTED`] and one.
    pub registered: i64,
    /// Registrations that are held back, at most [`COUNTED`] and one.
    pub held: i64,
    /// Seats seen joining, at most [`COUNTED`] and one.
    pub joined: i64,
}

impl SessionLine {
    /// What it offers now.
    ///
    /// # Errors
    /// When the row was not written by this program.
    pub(crate) fn availability(&self, now: Timestamp) -> Result<Availability, DbError> {
        let left = seats_left(self.capacity, self.seats_taken);
        let window = RegistrationWindow::stored(self.opens_at, self.closes_at)?;
        Ok(availability(self.state, &window, instant(self.ends_at)?, left, now))
    }
}

/// The columns of a [`SessionLine`]; `$1` is where counting ends.
fn session_lines() -> String {
    format!(
        "SELECT s.public_id, w.title, w.slug, s.starts_at, s.ends_at, s.time_zone, s.capacity, s.seats_taken, s.state,
                s.opens_at, s.closes_at,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM registrations r
                                        WHERE r.session_id = s.id AND {places} LIMIT $1) AS taken) AS registered,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM registrations r
                                        WHERE r.session_id = s.id AND r.state = 'held' LIMIT $1) AS back) AS held,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM attendance a JOIN registrations r ON r.id = a.registration_id
                                        WHERE a.session_id = s.id AND a.source <> 'replay' AND r.is_test = 0
                                        GROUP BY a.registration_id LIMIT $1) AS seen) AS joined
           FROM sessions s JOIN webcasts w ON w.id = s.webcast_id",
        places = counts("r")
    )
}

/// Sessions, the latest start first; one of them where `only` is given.
pub(crate) async fn sessions(conn: &mut Conn, only: Option<PublicId>, limit: i64) -> Result<Vec<SessionLine>, DbError> {
    let text = format!(
        "{} WHERE CAST($2 AS BYTEA) IS NULL OR s.public_id = $2 ORDER BY s.starts_at DESC, s.id DESC LIMIT $3",
        session_lines()
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(COUNTED + 1)
        .bind(only.map(|id| id.as_bytes().to_vec()))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// A session that needs somebody: why, the rules of `site` say.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SessionInNeed {
    /// The session.
    pub public_id: Vec<u8>,
    /// The webcast's page.
    pub slug: String,
    /// The webcast's title.
    pub title: String,
    /// Start.
    pub starts_at: i64,
    /// It is ahead, and nobody knows where it is aired.
    pub lacks_join_url: bool,
    /// It is over, and there is nothing to watch.
    pub lacks_replay: bool,
    /// Registrations that are held back, at most [`COUNTED`] and one.
    pub held: i64,
    /// Those that wait for an organizer, at most [`COUNTED`] and one.
    pub asking: i64,
}

/// From when to when something is missed.
pub(crate) struct Missed {
    /// A join address, of sessions that start before this.
    pub join_url_before: Timestamp,
    /// A recording, of sessions that ended in this time.
    pub replay: std::ops::Range<Timestamp>,
}

/// Sessions that need somebody, the next first.
pub(crate) async fn sessions_in_need(
    conn: &mut Conn,
    missed: &Missed,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<SessionInNeed>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT * FROM (
             SELECT s.public_id, w.slug, w.title, s.starts_at,
                    s.ends_at > $1 AND s.starts_at <= $2 AND s.join_url IS NULL AS lacks_join_url,
                    s.ends_at >= $3 AND s.ends_at < $4 AND s.replay_url IS NULL AS lacks_replay,
                    (SELECT COUNT(*) FROM (SELECT 1 AS one FROM registrations r
                                            WHERE r.state = 'held' AND r.session_id = s.id LIMIT $5) AS back) AS held,
                    (SELECT COUNT(*) FROM (SELECT 1 AS one FROM registrations r
                                            WHERE r.state = 'pending' AND r.session_id = s.id AND s.ends_at > $1
                                            LIMIT $5) AS ask) AS asking
               FROM sessions s JOIN webcasts w ON w.id = s.webcast_id
              WHERE w.state = 'published' AND s.state <> 'cancelled') AS n
          WHERE lacks_join_url OR lacks_replay OR held > 0 OR asking > 0
          ORDER BY starts_at LIMIT $6")
        .bind(micros(now))
        .bind(micros(missed.join_url_before))
        .bind(micros(missed.replay.start))
        .bind(micros(missed.replay.end))
        .bind(COUNTED + 1)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Where the clock of the session hangs that is next, or was last.
pub(crate) async fn zone_of_next(conn: &mut Conn, now: Timestamp) -> Result<Option<String>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT time_zone FROM sessions
          ORDER BY CASE WHEN ends_at > $1 THEN 0 ELSE 1 END, ABS(starts_at - $1) LIMIT 1")
        .bind(micros(now))
        .fetch_optional(c)
        .await)?)
}

/// A session for scripts, or a webcast that has none.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct ListedSession {
    /// The webcast's.
    pub slug: String,
    /// Of the session.
    pub public_id: Option<Vec<u8>>,
    /// Start.
    pub starts_at: Option<i64>,
    /// Where its clock hangs.
    pub time_zone: Option<String>,
    /// Whether it takes registrations.
    pub state: Option<String>,
    /// All registrations that take a place, without those of organizers.
    pub registered: i64,
    /// Most seats.
    pub capacity: Option<i64>,
}

/// Every session of every webcast, by webcast and start.
pub(crate) async fn list(conn: &mut Conn) -> Result<Vec<ListedSession>, DbError> {
    let text = format!(
        "SELECT w.slug, s.public_id, s.starts_at, s.time_zone, s.state, s.capacity,
                (SELECT COUNT(*) FROM registrations r WHERE r.session_id = s.id AND {places}) AS registered
           FROM webcasts w LEFT JOIN sessions s ON s.webcast_id = w.id
          ORDER BY w.slug, s.starts_at, s.id",
        places = counts("r")
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).fetch_all(c).await)?)
}

/// Sessions that are ahead, the next first.
pub(crate) async fn ahead(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<SessionLine>, DbError> {
    let text = format!(
        "{} WHERE s.ends_at > $2 AND w.state = 'published' ORDER BY s.starts_at, s.id LIMIT $3",
        session_lines()
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(COUNTED + 1)
        .bind(micros(now))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
