//! What is kept of one person, as it is told.

use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;

use crate::contacts::record::{RecordField, RecordPart};
use crate::db::{Conn, DbError, instant, sql};
use crate::on_db;

/// The rows of a part, with its names.
pub(in crate::contacts) async fn rows(
    conn: &mut Conn,
    part: &RecordPart,
    contact_id: i64,
) -> Result<Vec<Map<String, Value>>, DbError> {
    let expressions: Vec<&str> = part.fields.iter().map(RecordField::expression).collect();
    let text = format!(
        "SELECT CAST({}({}) AS TEXT) FROM {}",
        sql::json_array(conn),
        expressions.join(", "),
        part.from
    );
    let rows: Vec<String> = on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text))
        .bind(contact_id)
        .fetch_all(c)
        .await)?;
    rows.iter().map(|row| named(part, row)).collect()
}

fn named(part: &RecordPart, row: &str) -> Result<Map<String, Value>, DbError> {
    let values: Vec<Value> = serde_json::from_str(row).map_err(DbError::stored)?;
    let pairs = part.fields.iter().zip(values);
    pairs
        .map(|(field, value)| Ok((field.name().to_owned(), told(field, value)?)))
        .collect()
}

fn told(field: &RecordField, value: Value) -> Result<Value, DbError> {
    Ok(match (field, value.as_i64()) {
        (RecordField::Time(..), Some(micros)) => instant(micros)?.to_string().into(),
        _ => value,
    })
}
