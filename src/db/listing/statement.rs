//! The statements of a list.

use super::{FoundBy, ListCondition, ListOrder, ListedTable, Listing, Matches};
use crate::db::piece::{SqlPiece, SqlValue};
use crate::db::{Conn, DbError};
use crate::values::PublicId;

/// So many are few: they are collected.
const FEW: i64 = 5_000;
/// Nobody reads more digits: counting ends one above it.
const COUNTED: i64 = 10_000;
/// Where matches are among many others, so many rows are looked at to count them.
const LOOKED_AT: i64 = 10_000;

/// How the rows are found.
#[derive(Debug, Clone, Copy)]
enum Way<'l> {
    Collect(&'l FoundBy),
    Walk,
}

impl Listing {
    /// The ids of a page, in order, after the row of this name.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn page(&self, conn: &mut Conn, after: Option<PublicId>, limit: i64) -> Result<Vec<i64>, DbError> {
        let after = match after {
            Some(id) => self.place_of(conn, id).await?,
            None => None,
        };
        let way = self.way(conn).await?;
        let mut query = self.select(self.of.id, way, self.order);
        if let Some(after) = &after {
            query = query.then(" AND ").and_then(after);
        }
        query = query.then(&self.sorted()).then(" LIMIT ?").with(SqlValue::Int(limit));
        ids(conn, query).await
    }

    /// The ids of the next rows in the order in which they came, after a row: for work that goes through all of them.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn next(&self, conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<i64>, DbError> {
        let way = self.way(conn).await?;
        let id = self.of.id;
        let query = self
            .select(id, way, ListOrder::Oldest)
            .then(&format!(" AND {id} > ? ORDER BY {id} LIMIT ?"))
            .with(SqlValue::Int(after))
            .with(SqlValue::Int(limit));
        ids(conn, query).await
    }

    /// How many match, as far as that is worth counting.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn matches(&self, conn: &mut Conn) -> Result<Matches, DbError> {
        let way = self.way(conn).await?;
        let (query, floor) = match (way, self.conditions.as_slice()) {
            (
                Way::Walk,
                [
                    ListCondition {
                        found: Some(FoundBy::Exactly(rows)),
                        ..
                    },
                ],
            ) => (
                SqlPiece::new("SELECT 1 AS one FROM (")
                    .and_then(rows)
                    .then(") AS found"),
                None,
            ),
            (Way::Collect(_), _) | (_, []) => (self.select("1 AS one", way, ListOrder::Newest), None),
            // Those that match are somewhere among the others: the newest are looked at.
            _ => {
                let floor = self.floor(conn).await?;
                let query = self.select("1 AS one", way, ListOrder::Newest);
                match floor {
                    Some(floor) => (
                        query
                            .then(&format!(" AND {} >= ?", self.of.id))
                            .with(SqlValue::Int(floor)),
                        Some(floor),
                    ),
                    None => (query, None),
                }
            }
        };
        let count = count_to(conn, query, COUNTED + 1).await?;
        Ok(if count > COUNTED {
            Matches::MoreThan(COUNTED)
        } else if floor.is_some() {
            Matches::MoreThan(count)
        } else {
            Matches::Exactly(count)
        })
    }

    /// How many match, however long it takes.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count(&self, conn: &mut Conn) -> Result<i64, DbError> {
        let way = self.way(conn).await?;
        count_to(conn, self.select("1 AS one", way, ListOrder::Newest), i64::MAX).await
    }

    /// Collects where a condition holds for few, else walks.
    async fn way(&self, conn: &mut Conn) -> Result<Way<'_>, DbError> {
        let mut fewest = (FEW, Way::Walk);
        for found in self.all().filter_map(|condition| condition.found.as_ref()) {
            let query = SqlPiece::new("SELECT 1 AS one FROM (")
                .and_then(found.query())
                .then(") AS found");
            let count = count_to(conn, query, fewest.0).await?;
            if count < fewest.0 {
                fewest = (count, Way::Collect(found));
            }
        }
        Ok(fewest.1)
    }

    /// `SELECT … FROM … WHERE …` with all conditions. The order of the tables is the one in which they are read: SQLite keeps
    /// to that for CROSS JOIN, PostgreSQL knows better.
    fn select(&self, columns: &str, way: Way<'_>, order: ListOrder) -> SqlPiece {
        let with_person =
            self.of.is_people() || order.key().is_some() || self.all().any(|condition| condition.needs_person);
        let ListedTable { table, id, person, .. } = self.of;
        let mut joins: Vec<String> = Vec::new();
        let mut select = SqlPiece::new(format!("SELECT {columns} FROM "));
        match way {
            Way::Collect(FoundBy::Exactly(rows) | FoundBy::Rows(rows)) => {
                select = select
                    .then("(SELECT DISTINCT id FROM (")
                    .and_then(rows)
                    .then(") AS e) AS f CROSS JOIN ");
                joins.push(format!("{id} = f.id"));
            }
            Way::Collect(FoundBy::People(people)) => {
                select = select
                    .then("(SELECT DISTINCT id FROM (")
                    .and_then(people)
                    .then(") AS e) AS f CROSS JOIN ");
                joins.push(format!("{person} = f.id"));
            }
            Way::Walk => {}
        }
        let walks_people = matches!(way, Way::Walk) && order.key().is_some();
        select = match (self.of.is_people(), with_person, walks_people) {
            (true, ..) | (_, false, _) => select.then(table),
            (false, true, true) => select.then("contacts c CROSS JOIN ").then(table),
            (false, true, false) => select.then(table).then(" CROSS JOIN contacts c"),
        };
        if with_person && !self.of.is_people() {
            joins.push(format!("c.id = {person}"));
        }
        select = select.then(" WHERE 1 = 1");
        for join in joins {
            select = select.then(" AND ").then(&join);
        }
        select.each(" AND ", self.all().map(|condition| &condition.holds))
    }

    fn all(&self) -> impl Iterator<Item = &ListCondition> {
        self.part.iter().chain(&self.conditions)
    }

    fn sorted(&self) -> String {
        let down = if self.order.is_down() { " DESC" } else { "" };
        let columns: Vec<String> = self.columns().iter().map(|column| format!("{column}{down}")).collect();
        format!(" ORDER BY {}", columns.join(", "))
    }

    /// What it is sorted by.
    fn columns(&self) -> Vec<&'static str> {
        match self.order.key() {
            None => vec![self.of.id],
            Some(key) if self.of.is_people() => vec![key, "c.id"],
            Some(key) => vec![key, "c.id", self.of.id],
        }
    }

    /// "Behind this row in the order". Nothing where it is gone: the list begins anew.
    async fn place_of(&self, conn: &mut Conn, row: PublicId) -> Result<Option<SqlPiece>, DbError> {
        let ListedTable {
            table,
            id,
            public_id,
            person,
        } = self.of;
        let key = self.order.key().unwrap_or("''");
        let from = if self.of.is_people() {
            table.to_owned()
        } else {
            format!("{table} JOIN contacts c ON c.id = {person}")
        };
        let found: Vec<(String, i64, i64)> =
            SqlPiece::new(format!("SELECT {key}, c.id, {id} FROM {from} WHERE {public_id} = ?"))
                .with(SqlValue::Bytes(row.as_bytes().to_vec()))
                .fetch_all(conn)
                .await?;
        let Some((key, person, row)) = found.into_iter().next() else {
            return Ok(None);
        };
        let behind = if self.order.is_down() { "<" } else { ">" };
        let columns = self.columns();
        let marks = vec!["?"; columns.len()].join(", ");
        let place = SqlPiece::new(format!("({}) {behind} ({marks})", columns.join(", ")));
        Ok(Some(match columns.len() {
            1 => place.with(SqlValue::Int(row)),
            2 => place.with(SqlValue::Text(key)).with(SqlValue::Int(person)),
            _ => place
                .with(SqlValue::Text(key))
                .with(SqlValue::Int(person))
                .with(SqlValue::Int(row)),
        }))
    }

    /// The row down to which matches are counted: the one so many before the newest. `None`: there are fewer.
    async fn floor(&self, conn: &mut Conn) -> Result<Option<i64>, DbError> {
        let part = self.part.as_ref().and_then(|part| part.found.as_ref());
        let rows = part.map_or_else(
            || SqlPiece::new(format!("SELECT {} AS id FROM {}", self.of.id, self.of.table)),
            |part| part.query().clone(),
        );
        SqlPiece::new("SELECT id FROM (")
            .and_then(&rows)
            .then(") AS looked ORDER BY id DESC LIMIT 1 OFFSET ?")
            .with(SqlValue::Int(LOOKED_AT))
            .number(conn)
            .await
    }
}

async fn ids(conn: &mut Conn, query: SqlPiece) -> Result<Vec<i64>, DbError> {
    let rows: Vec<(i64,)> = query.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// How many rows a query has, at most so many.
async fn count_to(conn: &mut Conn, query: SqlPiece, most: i64) -> Result<i64, DbError> {
    let count = SqlPiece::new("SELECT COUNT(*) FROM (")
        .and_then(&query)
        .then(" LIMIT ?) AS many")
        .with(SqlValue::Int(most));
    Ok(count.number(conn).await?.unwrap_or(0))
}
