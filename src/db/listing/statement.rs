//! The statements of a list.

use super::{FoundBy, ListCondition, ListOrder, ListPart, ListedTable, Listing, Matches};
use crate::db::piece::{SqlPiece, SqlValue};
use crate::db::{Conn, DbError, sql};
use crate::values::PublicId;

/// So many are few: they are collected.
const FEW: i64 = 5_000;
/// Nobody reads more digits: counting ends one above it.
const COUNTED: i64 = 10_000;
/// Where matches are among many others, so many rows are looked at to count them.
const LOOKED_AT: i64 = 2_000;

/// How the rows are found.
#[derive(Debug, Clone)]
enum Way {
    Collect(FoundBy),
    Walk,
}

/// Where a row stands in the order.
struct RowPlace {
    row: i64,
    /// True of the rows behind it.
    behind: SqlPiece,
}

impl Listing {
    /// The ids of a page, in order, after the row of this name; and how many match, as far as that is worth counting.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn page_and_count(
        &self,
        conn: &mut Conn,
        after: Option<PublicId>,
        limit: i64,
    ) -> Result<(Vec<i64>, Matches), DbError> {
        let place = match after {
            Some(id) => self.place_of(conn, id).await?,
            None => None,
        };
        let way = self.way(conn).await?;
        if let Way::Walk = way {
            let page = self.page_from(conn, &way, place, limit).await?;
            return Ok((page, self.matches(conn, &way).await?));
        }
        // They are few: all of them are read.
        let all = self.select(conn, self.of.id, &way, self.order).then(&self.sorted());
        let all = ids(conn, all).await?;
        let from = place.and_then(|place| all.iter().position(|id| *id == place.row));
        let limit = usize::try_from(limit).unwrap_or_default();
        let page = all.iter().skip(from.map_or(0, |from| from + 1)).take(limit).copied();
        Ok((
            page.collect(),
            Matches::Exactly(i64::try_from(all.len()).unwrap_or(i64::MAX)),
        ))
    }

    /// The ids of the first page.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn first(&self, conn: &mut Conn, limit: i64) -> Result<Vec<i64>, DbError> {
        let way = self.way(conn).await?;
        self.page_from(conn, &way, None, limit).await
    }

    async fn page_from(
        &self,
        conn: &mut Conn,
        way: &Way,
        place: Option<RowPlace>,
        limit: i64,
    ) -> Result<Vec<i64>, DbError> {
        let mut query = self.select(conn, self.of.id, way, self.order);
        if let Some(place) = place {
            query = query.then(" AND ").and_then(&place.behind);
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
            .select(conn, id, &way, ListOrder::Oldest)
            .then(&format!(" AND {id} > ? ORDER BY {id} LIMIT ?"))
            .with(SqlValue::Int(after))
            .with(SqlValue::Int(limit));
        ids(conn, query).await
    }

    /// How many match where that is worth counting, of a list that is walked.
    async fn matches(&self, conn: &mut Conn, way: &Way) -> Result<Matches, DbError> {
        let all = |conn: &Conn| self.select(conn, "1 AS one", way, ListOrder::Newest);
        let (query, floor) = match self.conditions.as_slice() {
            [] => (all(conn), None),
            [
                ListCondition {
                    found: Some(FoundBy::Exactly(rows)),
                    ..
                },
            ] => {
                let rows = SqlPiece::new("SELECT 1 AS one FROM (")
                    .and_then(rows)
                    .then(") AS found");
                (rows, None)
            }
            // Those that match are somewhere among the others: the newest are looked at.
            _ => match self.floor(conn).await? {
                Some(floor) => {
                    let looked_at = all(conn).then(&format!(" AND {} >= ?", self.of.id));
                    (looked_at.with(SqlValue::Int(floor)), Some(floor))
                }
                None => (all(conn), None),
            },
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
        count_to(conn, self.select(conn, "1 AS one", &way, ListOrder::Newest), i64::MAX).await
    }

    /// Collects where a condition holds for few, else walks.
    async fn way(&self, conn: &mut Conn) -> Result<Way, DbError> {
        let part = self.part.map(|part| FoundBy::Exactly(part.rows(self.of)));
        let found = self.conditions.iter().filter_map(|condition| condition.found.clone());
        let mut fewest = (FEW, Way::Walk);
        for found in part.into_iter().chain(found) {
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
    fn select(&self, conn: &Conn, columns: &str, way: &Way, order: ListOrder) -> SqlPiece {
        let ListedTable { table, id, person, .. } = self.of;
        let needs_person = self.conditions.iter().any(|condition| condition.needs_person);
        let with_person = !self.of.is_people() && (order.key().is_some() || needs_person);
        let walks_people = with_person && order.key().is_some();
        let mut select = SqlPiece::new(format!("SELECT {columns} FROM "));
        let mut joins = vec!["1 = 1".to_owned()];
        if let Way::Collect(found) = way {
            select = select
                .then("(SELECT DISTINCT id FROM (")
                .and_then(found.query())
                .then(") AS e) AS f CROSS JOIN ");
            let column = if matches!(found, FoundBy::People(_)) {
                person
            } else {
                id
            };
            joins.push(format!("{column} = f.id"));
        }
        select = match (way, with_person) {
            (_, false) => select.then(table),
            (Way::Walk, true) if walks_people => select.then("contacts c CROSS JOIN ").then(table),
            (_, true) => select.then(table).then(" CROSS JOIN contacts c"),
        };
        if with_person {
            joins.push(format!("c.id = {person}"));
        }
        if let Some(ListPart { column, row }) = self.part {
            // Its index is of use where its own rows are walked; elsewhere it would lead away from the few that were found.
            let is_walked = matches!(way, Way::Walk) && !walks_people;
            let column = if is_walked {
                column.to_owned()
            } else {
                sql::without_index(conn, column)
            };
            joins.push(format!("{column} = {row}"));
        }
        select
            .then(" WHERE ")
            .then(&joins.join(" AND "))
            .each(" AND ", self.conditions.iter().map(|condition| &condition.holds))
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

    /// Where the row of this name stands. Nothing where it is gone: the list begins anew.
    async fn place_of(&self, conn: &mut Conn, row: PublicId) -> Result<Option<RowPlace>, DbError> {
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
        let behind = match columns.len() {
            1 => place.with(SqlValue::Int(row)),
            2 => place.with(SqlValue::Text(key)).with(SqlValue::Int(person)),
            _ => place
                .with(SqlValue::Text(key))
                .with(SqlValue::Int(person))
                .with(SqlValue::Int(row)),
        };
        Ok(Some(RowPlace { row, behind }))
    }

    /// The row down to which matches are counted: the one so many before the newest. `None`: there are fewer.
    async fn floor(&self, conn: &mut Conn) -> Result<Option<i64>, DbError> {
        let rows = self.part.map_or_else(
            || SqlPiece::new(format!("SELECT {} AS id FROM {}", self.of.id, self.of.table)),
            |part| part.rows(self.of),
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
