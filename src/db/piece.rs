//! Pieces of a statement that are put together at run time: a text with a `?` for each value, and the values.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};

use super::{Conn, DbError};
use crate::on_db;

/// What is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SqlValue {
    /// A row's id, a moment, a number.
    Int(i64),
    /// A text.
    Text(String),
    /// A public id.
    Bytes(Vec<u8>),
}

/// A query with values bound to it, in their order.
#[macro_export]
macro_rules! bind_all {
    ($query:expr, $values:expr) => {
        $values.into_iter().fold($query, |query, value| match value {
            $crate::db::piece::SqlValue::Int(value) => query.bind(value),
            $crate::db::piece::SqlValue::Text(value) => query.bind(value),
            $crate::db::piece::SqlValue::Bytes(value) => query.bind(value),
        })
    };
}

/// A piece. Its text is our own; what comes from outside is a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SqlPiece {
    text: String,
    values: Vec<SqlValue>,
}

impl SqlPiece {
    /// A text, with a `?` for each value that is added by [`with`](Self::with).
    #[must_use]
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            values: Vec::new(),
        }
    }

    /// The value of the next `?`.
    #[must_use]
    pub(crate) fn with(mut self, value: SqlValue) -> Self {
        self.values.push(value);
        self
    }

    /// The same with a text behind it.
    #[must_use]
    pub(crate) fn then(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// The same with a piece behind it.
    #[must_use]
    pub(crate) fn and_then(mut self, piece: &Self) -> Self {
        self.text.push_str(&piece.text);
        self.values.extend_from_slice(&piece.values);
        self
    }

    /// The same with all of these behind it, each after this text.
    #[must_use]
    pub(crate) fn each<'p>(self, before: &str, pieces: impl IntoIterator<Item = &'p Self>) -> Self {
        pieces
            .into_iter()
            .fold(self, |all, piece| all.then(before).and_then(piece))
    }

    /// The text with numbered placeholders, as both databases know them, and the values in their order.
    #[must_use]
    pub(crate) fn numbered(self) -> (String, Vec<SqlValue>) {
        let mut text = String::with_capacity(self.text.len() + 8 * self.values.len());
        for (number, part) in self.text.split('?').enumerate() {
            if number > 0 {
                text.push('$');
                text.push_str(&number.to_string());
            }
            text.push_str(part);
        }
        (text, self.values)
    }

    /// All rows of it as a statement.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn fetch_all<T>(self, conn: &mut Conn) -> Result<Vec<T>, DbError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let (text, values) = self.numbered();
        Ok(on_db!(conn, c => {
            let query = sqlx::query_as(AssertSqlSafe(text));
            bind_all!(query, values).fetch_all(c).await
        })?)
    }

    /// The number in the first column of its first row, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn number(self, conn: &mut Conn) -> Result<Option<i64>, DbError> {
        let rows: Vec<(i64,)> = self.fetch_all(conn).await?;
        Ok(rows.first().map(|row| row.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_in_the_order_of_their_marks() {
        let state = SqlPiece::new("state = ?").with(SqlValue::Text("held".to_owned()));
        let session = SqlPiece::new("session_id = ?").with(SqlValue::Int(7));
        let all = SqlPiece::new("SELECT id FROM registrations WHERE id > ?")
            .with(SqlValue::Int(1))
            .each(" AND ", [&state, &session])
            .then(" LIMIT 5");
        let (text, values) = all.numbered();
        assert_eq!(
            text,
            "SELECT id FROM registrations WHERE id > $1 AND state = $2 AND session_id = $3 LIMIT 5"
        );
        assert_eq!(
            values,
            [SqlValue::Int(1), SqlValue::Text("held".to_owned()), SqlValue::Int(7)]
        );
    }
}
