//! People by what they have: a registration for this webcast or session, or one that stands so.

use sqlx::AssertSqlSafe;

use crate::contacts::roster::{FEW, PersonLine};
use crate::db::sql::NEWEST;
use crate::db::{Conn, DbError};
use crate::on_db;
use crate::values::{PublicId, Slug};
use crate::webcasts::RegistrationState;

/// Which people. Rows and states stand in it as our own code writes them, so that each text has its indexes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SeatFilter {
    webcast: Option<i64>,
    session: Option<i64>,
    state: Option<RegistrationState>,
    /// So few registrations are like that that a search starts from them.
    is_rare: bool,
}

/// Somebody in such a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SeatHolder {
    /// Who.
    #[sqlx(flatten)]
    pub person: PersonLine,
    /// The registration by which they are found: the next page starts after it.
    pub seat: Vec<u8>,
}

impl SeatFilter {
    /// What the address of a list asks for. `None`: there is no such webcast or session.
    pub(crate) async fn find(
        conn: &mut Conn,
        webcast: Option<&Slug>,
        session: Option<PublicId>,
        state: Option<RegistrationState>,
    ) -> Result<Option<Self>, DbError> {
        let mut filter = Self {
            state,
            ..Self::default()
        };
        if let Some(slug) = webcast {
            filter.webcast = on_db!(conn, c => sqlx::query_scalar("SELECT id FROM webcasts WHERE slug = $1")
                .bind(slug.as_str())
                .fetch_optional(c)
                .await)?;
            if filter.webcast.is_none() {
                return Ok(None);
            }
        }
        if let Some(id) = session {
            filter.session = on_db!(conn, c => sqlx::query_scalar("SELECT id FROM sessions WHERE public_id = $1")
                .bind(id.as_bytes())
                .fetch_optional(c)
                .await)?;
            if filter.session.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(filter))
    }

    /// The same for a search, which needs to know how many it leaves.
    pub(crate) async fn counted(mut self, conn: &mut Conn) -> Result<Self, DbError> {
        if !self.is_empty() {
            let text = format!(
                "SELECT COUNT(*) FROM (SELECT 1 AS one FROM registrations r WHERE {} LIMIT {FEW}) AS few",
                self.of("r")
            );
            let count: i64 = on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(c).await)?;
            self.is_rare = count < FEW;
        }
        Ok(self)
    }

    /// Whether it leaves anybody out.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// "The contact in this column has such a registration", for a WHERE; empty where all have.
    pub(crate) fn has_one(&self, contact: &str) -> String {
        let is_such = self.of("r");
        match (self.is_empty(), self.is_rare) {
            (true, _) => String::new(),
            (_, true) => format!("{contact} IN (SELECT r.contact_id FROM registrations r WHERE {is_such})"),
            (_, false) => {
                format!("EXISTS (SELECT 1 FROM registrations r WHERE r.contact_id = {contact} AND {is_such} LIMIT 1)")
            }
        }
    }

    /// What is true of the registration `row`.
    fn of(&self, row: &str) -> String {
        let rows = [("webcast_id", self.webcast), ("session_id", self.session)];
        let rows = rows
            .iter()
            .filter_map(|(column, id)| id.map(|id| format!("{row}.{column} = {id}")));
        let state = self.state.map(|state| format!("{row}.state = '{}'", state.as_str()));
        rows.chain(state).collect::<Vec<_>>().join(" AND ")
    }
}

/// A page of those with such a registration, the newest first, after the registration `after`. Each person once.
pub(crate) async fn people(
    conn: &mut Conn,
    filter: &SeatFilter,
    after: Option<PublicId>,
    limit: i64,
) -> Result<Vec<SeatHolder>, DbError> {
    // Somebody has one registration for a webcast, but may have several that stand alike.
    let once = if filter.webcast.is_some() || filter.session.is_some() {
        String::new()
    } else {
        format!(
            " AND NOT EXISTS (SELECT 1 FROM registrations n WHERE n.contact_id = r.contact_id AND n.id > r.id AND {})",
            filter.of("n")
        )
    };
    let text = format!(
        "SELECT c.public_id, c.name, c.email, c.company, c.confirmed_at, c.created_at, '' AS word, r.public_id AS seat
           FROM registrations r JOIN contacts c ON c.id = r.contact_id
          WHERE r.id < COALESCE((SELECT id FROM registrations WHERE public_id = $1), {NEWEST}) AND {}{once}
          ORDER BY r.id DESC LIMIT $2",
        filter.of("r")
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(after.map(|id| id.as_bytes().to_vec()))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// A session to choose from.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SessionOption {
    /// The session.
    pub public_id: Vec<u8>,
    /// The webcast's page.
    pub slug: String,
    /// The webcast's title.
    pub title: String,
    /// Start.
    pub starts_at: i64,
    /// End.
    pub ends_at: i64,
    /// Where its clock hangs.
    pub time_zone: String,
}

/// Sessions to choose from, the latest start first.
pub(crate) async fn choices(conn: &mut Conn, limit: i64) -> Result<Vec<SessionOption>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT s.public_id, w.slug, w.title, s.starts_at, s.ends_at, s.time_zone
           FROM sessions s JOIN webcasts w ON w.id = s.webcast_id
          ORDER BY s.starts_at DESC, s.id DESC LIMIT $1")
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
