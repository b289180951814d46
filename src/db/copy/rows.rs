//! Tables, their columns, and rows on their way from one database to the other.

use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row, Sqlite, SqliteConnection};

use super::CopyError;
use crate::db::{Conn, Engine};

/// A batch on its way to PostgreSQL ends at so many rows or bytes.
const BATCH_ROWS: usize = 500;
const BATCH_BYTES: usize = 4_000_000;

pub(super) struct CopiedTable {
    pub(super) name: String,
    columns: Vec<CopiedColumn>,
}

struct CopiedColumn {
    name: String,
    kind: ColumnType,
}

/// What a column holds, whichever database it is in.
#[derive(Clone, Copy)]
enum ColumnType {
    Integer,
    Boolean,
    Real,
    Text,
    Bytes,
}

impl ColumnType {
    /// As PostgreSQL calls it.
    fn of(data_type: &str) -> Option<Self> {
        match data_type {
            "bigint" | "integer" | "smallint" => Some(Self::Integer),
            "boolean" => Some(Self::Boolean),
            "double precision" | "real" => Some(Self::Real),
            "text" | "character varying" => Some(Self::Text),
            "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }

    fn cast(self) -> &'static str {
        match self {
            Self::Integer => "bigint",
            Self::Boolean => "boolean",
            Self::Real => "double precision",
            Self::Text => "text",
            Self::Bytes => "bytea",
        }
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl CopiedTable {
    pub(super) fn quoted(&self) -> String {
        quote(&self.name)
    }

    fn list(&self, write: impl Fn(usize, &CopiedColumn) -> String) -> String {
        let written: Vec<String> = self.columns.iter().zip(1..).map(|(c, n)| write(n, c)).collect();
        written.join(", ")
    }

    fn names(&self) -> String {
        self.list(|_, column| quote(&column.name))
    }
}

/// Rows of a query on a schema: table, column, type.
fn collect(found: Vec<(String, String, String)>) -> Result<Vec<CopiedTable>, CopyError> {
    let mut tables: Vec<CopiedTable> = Vec::new();
    for (table, name, data_type) in found {
        let kind = ColumnType::of(&data_type).ok_or_else(|| CopyError::Schema(table.clone()))?;
        let column = CopiedColumn { name, kind };
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push(column),
            None => tables.push(CopiedTable {
                name: table,
                columns: vec![column],
            }),
        }
    }
    Ok(tables)
}

/// The tables of whichever database this is.
pub(super) async fn tables(conn: &mut Conn) -> Result<Vec<CopiedTable>, CopyError> {
    match conn.engine() {
        Engine::Sqlite(c) => sqlite_tables(c).await,
        Engine::Postgres(c) => postgres_tables(c).await,
    }
}

pub(super) async fn postgres_tables(connection: &mut PgConnection) -> Result<Vec<CopiedTable>, CopyError> {
    let found = sqlx::query_as(
        "SELECT c.table_name::text, c.column_name::text, c.data_type::text
         FROM information_schema.columns c
         JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
         WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
           AND c.table_name <> '_sqlx_migrations' AND c.is_generated = 'NEVER'
         ORDER BY c.table_name COLLATE \"C\", c.ordinal_position",
    )
    .fetch_all(connection)
    .await?;
    collect(found)
}

/// SQLite knows no booleans: [`same_schema`] compares names, and the kinds of the server's side count.
pub(super) async fn sqlite_tables(connection: &mut SqliteConnection) -> Result<Vec<CopiedTable>, CopyError> {
    let found = sqlx::query_as(
        "SELECT m.name, i.name, CASE i.type WHEN 'INTEGER' THEN 'bigint' WHEN 'REAL' THEN 'real'
                                            WHEN 'BLOB' THEN 'bytea' ELSE 'text' END
         FROM sqlite_master m JOIN pragma_table_info(m.name) i
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite^_%' ESCAPE '^' AND m.name <> '_sqlx_migrations'
         ORDER BY m.name, i.cid",
    )
    .fetch_all(connection)
    .await?;
    collect(found)
}

/// Both databases of one version have the same tables with the same columns.
pub(super) fn same_schema(ours: &[CopiedTable], theirs: &[CopiedTable]) -> Result<(), CopyError> {
    let shape = |tables: &[CopiedTable]| -> Vec<(String, Vec<String>)> {
        tables
            .iter()
            .map(|table| {
                let mut names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
                names.sort();
                (table.name.clone(), names)
            })
            .collect()
    };
    let (ours, theirs) = (shape(ours), shape(theirs));
    let odd = ours
        .iter()
        .find(|table| !theirs.contains(table))
        .or_else(|| theirs.iter().find(|table| !ours.contains(table)));
    match odd {
        Some((name, _)) => Err(CopyError::Schema(name.clone())),
        None => Ok(()),
    }
}

pub(super) async fn count_sqlite(connection: &mut SqliteConnection, table: &str) -> Result<i64, CopyError> {
    let statement = format!("SELECT COUNT(*) FROM {}", quote(table));
    Ok(sqlx::query_scalar(AssertSqlSafe(statement))
        .fetch_one(connection)
        .await?)
}

pub(super) async fn count_postgres(connection: &mut PgConnection, table: &str) -> Result<i64, CopyError> {
    let statement = format!("SELECT COUNT(*) FROM {}", quote(table));
    Ok(sqlx::query_scalar(AssertSqlSafe(statement))
        .fetch_one(connection)
        .await?)
}

/// Copies a table from a server into a file, row by row.
pub(super) async fn to_sqlite(
    source: &mut PgConnection,
    target: &mut SqliteConnection,
    table: &CopiedTable,
) -> Result<(), CopyError> {
    let name = table.quoted();
    // What a migration has put in would be there twice.
    let clear = format!("DELETE FROM {name}");
    sqlx::raw_sql(AssertSqlSafe(clear)).execute(&mut *target).await?;
    let read = table.list(|_, column| format!("{}::{}", quote(&column.name), column.kind.cast()));
    let read = format!("SELECT {read} FROM {name}");
    let marks = table.list(|n, _| format!("${n}"));
    let write = format!("INSERT INTO {name} ({}) VALUES ({marks})", table.names());
    let mut rows = sqlx::query(AssertSqlSafe(read)).fetch(source);
    while let Some(row) = rows.try_next().await? {
        let mut insert = sqlx::query(AssertSqlSafe(write.clone()));
        for (position, column) in table.columns.iter().enumerate() {
            insert = bind_one(insert, &row, position, column.kind)?;
        }
        insert.execute(&mut *target).await?;
    }
    Ok(())
}

type SqliteQuery<'q> = Query<'q, Sqlite, SqliteArguments>;

fn bind_one<'q>(
    insert: SqliteQuery<'q>,
    row: &PgRow,
    position: usize,
    kind: ColumnType,
) -> Result<SqliteQuery<'q>, sqlx::Error> {
    Ok(match kind {
        ColumnType::Integer => insert.bind(row.try_get::<Option<i64>, _>(position)?),
        ColumnType::Boolean => insert.bind(row.try_get::<Option<bool>, _>(position)?),
        ColumnType::Real => insert.bind(row.try_get::<Option<f64>, _>(position)?),
        ColumnType::Text => insert.bind(row.try_get::<Option<String>, _>(position)?),
        ColumnType::Bytes => insert.bind(row.try_get::<Option<Vec<u8>>, _>(position)?),
    })
}

/// Copies a table from a file into a server, some hundred rows a statement.
pub(super) async fn to_postgres(
    source: &mut SqliteConnection,
    target: &mut PgConnection,
    table: &CopiedTable,
) -> Result<(), CopyError> {
    let name = table.quoted();
    let read = format!("SELECT {} FROM {name}", table.names());
    let arrays = table.list(|n, column| format!("${n}::{}[]", column.kind.cast()));
    let write = format!(
        "INSERT INTO {name} ({}) OVERRIDING SYSTEM VALUE SELECT * FROM UNNEST({arrays})",
        table.names()
    );
    let mut rows = sqlx::query(AssertSqlSafe(read)).fetch(source);
    let mut batch = RowBatch::of(table);
    loop {
        let row = rows.try_next().await?;
        let done = row.is_none();
        if let Some(row) = row {
            batch.push(&row)?;
        }
        if batch.is_full() || (done && batch.rows > 0) {
            let full = std::mem::replace(&mut batch, RowBatch::of(table));
            full.bind(sqlx::query(AssertSqlSafe(write.clone())))
                .execute(&mut *target)
                .await?;
        }
        if done {
            return Ok(());
        }
    }
}

/// Rows, column by column: what `UNNEST` takes.
struct RowBatch {
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

enum Values {
    Integers(Vec<Option<i64>>),
    Booleans(Vec<Option<bool>>),
    Reals(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

type PgQuery<'q> = Query<'q, Postgres, PgArguments>;

impl RowBatch {
    fn of(table: &CopiedTable) -> Self {
        let empty = |column: &CopiedColumn| match column.kind {
            ColumnType::Integer => Values::Integers(Vec::new()),
            ColumnType::Boolean => Values::Booleans(Vec::new()),
            ColumnType::Real => Values::Reals(Vec::new()),
            ColumnType::Text => Values::Texts(Vec::new()),
            ColumnType::Bytes => Values::Bytes(Vec::new()),
        };
        Self {
            columns: table.columns.iter().map(empty).collect(),
            rows: 0,
            bytes: 0,
        }
    }

    fn push(&mut self, row: &SqliteRow) -> Result<(), sqlx::Error> {
        for (position, values) in self.columns.iter_mut().enumerate() {
            self.bytes += values.push(row, position)?;
        }
        self.rows += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    fn bind(self, insert: PgQuery<'_>) -> PgQuery<'_> {
        self.columns.into_iter().fold(insert, |insert, values| match values {
            Values::Integers(values) => insert.bind(values),
            Values::Booleans(values) => insert.bind(values),
            Values::Reals(values) => insert.bind(values),
            Values::Texts(values) => insert.bind(values),
            Values::Bytes(values) => insert.bind(values),
        })
    }
}

impl Values {
    /// Takes one cell, and says how many bytes it brought.
    fn push(&mut self, row: &SqliteRow, position: usize) -> Result<usize, sqlx::Error> {
        match self {
            Self::Integers(values) => values.push(row.try_get(position)?),
            Self::Booleans(values) => values.push(row.try_get::<Option<i64>, _>(position)?.map(|flag| flag != 0)),
            Self::Reals(values) => values.push(row.try_get(position)?),
            Self::Texts(values) => {
                let text: Option<String> = row.try_get(position)?;
                let bytes = text.as_ref().map_or(0, String::len);
                values.push(text);
                return Ok(bytes);
            }
            Self::Bytes(values) => {
                let blob: Option<Vec<u8>> = row.try_get(position)?;
                let bytes = blob.as_ref().map_or(0, Vec::len);
                values.push(blob);
                return Ok(bytes);
            }
        }
        Ok(8)
    }
}

/// Drops the foreign keys, so that tables may be filled in any order, and gives the statements that make
/// (and check) them again.
pub(super) async fn drop_references(connection: &mut PgConnection) -> Result<Vec<String>, CopyError> {
    let found: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
         FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut again = Vec::new();
    for (table, name, definition) in found {
        let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {name}");
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *connection).await?;
        again.push(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"));
    }
    Ok(again)
}

/// New rows get ids above those that came with the backup.
pub(super) async fn move_sequences(connection: &mut PgConnection, tables: &[CopiedTable]) -> Result<(), CopyError> {
    for table in tables {
        for column in &table.columns {
            let sequence: Option<String> = sqlx::query_scalar("SELECT pg_get_serial_sequence($1, $2)")
                .bind(table.quoted())
                .bind(&column.name)
                .fetch_one(&mut *connection)
                .await?;
            let Some(sequence) = sequence else { continue };
            let id = quote(&column.name);
            let next = format!(
                "SELECT setval($1::regclass, COALESCE(MAX({id}), 1), MAX({id}) IS NOT NULL) FROM {}",
                table.quoted()
            );
            sqlx::query(AssertSqlSafe(next))
                .bind(sequence)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}
