//! Reading rows by their keys, the same for every table of the feature.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};

use crate::db::{Conn, DbError, sql};
use crate::on_db;
use crate::values::PublicId;

/// A row that both databases give.
pub(super) trait StoredRow: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> StoredRow for R {}

/// The row that `select` finds with a public id as `$1`, as what it stands for.
pub(super) async fn by_public_id<R, T>(conn: &mut Conn, select: String, id: PublicId) -> Result<Option<T>, DbError>
where
    R: StoredRow,
    T: TryFrom<R, Error = DbError>,
{
    let row: Option<R> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(select))
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    row.map(T::try_from).transpose()
}

/// The row that `select` finds with a number as `$1`, as what it stands for.
pub(super) async fn by_id<R, T>(conn: &mut Conn, select: String, id: i64) -> Result<Option<T>, DbError>
where
    R: StoredRow,
    T: TryFrom<R, Error = DbError>,
{
    let row: Option<R> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(select)).bind(id).fetch_optional(c).await)?;
    row.map(T::try_from).transpose()
}

/// The rows of these numbers, in no particular order; `select` ends before its WHERE.
pub(super) async fn by_ids<R, T>(conn: &mut Conn, select: String, ids: &[i64]) -> Result<Vec<T>, DbError>
where
    R: StoredRow,
    T: TryFrom<R, Error = DbError>,
{
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("{select} WHERE id IN ({})", sql::placeholders(ids.len()));
    let rows: Vec<R> = on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?;
    rows.into_iter().map(T::try_from).collect()
}
