//! A list as a file: the one way from rows to a file, whichever list it is and whoever asks.

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};

use super::{Column, ExportError, FileShape, FirstRows, Options, Spool, SpoolWriter};
use crate::db::{Conn, Db, DbError};

/// A list that can be a file.
pub(crate) trait ExportedList: Sync {
    /// One row, as it is read.
    type Row: Send + Sync;

    /// What is in it; the sheets of a workbook are called so.
    fn name(&self) -> &'static str;

    /// All columns that there are.
    fn columns(&self) -> &[Column<Self::Row>];

    /// Every row, as one moment saw them.
    fn rows<'c>(&'c self, conn: &'c mut Conn) -> BoxStream<'c, Result<Self::Row, sqlx::Error>>;

    /// How many there are.
    fn count<'c>(&'c self, conn: &'c mut Conn) -> BoxFuture<'c, Result<i64, DbError>>;
}

/// Writes it to a spool file.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub(crate) async fn write<L: ExportedList>(db: &Db, list: &L, options: &Options) -> Result<Spool, ExportError> {
    let mut conn = db.read().await?;
    let all = options.choose(list.columns())?;
    let expected = list.count(&mut conn).await?;
    let shape = FileShape {
        format: options.format,
        name: list.name(),
        zone: options.zone.clone(),
    };
    let mut filled = vec![true; all.len()];
    if options.leave_out_empty {
        filled = filled_columns(&mut conn, list, &all).await?;
    }
    'anew: loop {
        let columns = chosen(&all, &filled, true);
        let left_out = chosen(&all, &filled, false);
        let mut writer = SpoolWriter::open(db, expected, columns, &shape)?.telling(options.progress.clone());
        let mut rows = list.rows(&mut conn);
        while let Some(row) = rows.try_next().await? {
            // Something came between the two readings.
            if left_out.iter().any(|column| !column.is_empty(&row)) {
                note_filled(&mut filled, &all, &row);
                continue 'anew;
            }
            writer.push(&row).await?;
        }
        return writer.finish().await;
    }
}

fn chosen<'c, R>(all: &[&'c Column<R>], filled: &[bool], are_filled: bool) -> Vec<&'c Column<R>> {
    let pairs = all.iter().zip(filled);
    pairs
        .filter(|(_, is_filled)| **is_filled == are_filled)
        .map(|(column, _)| *column)
        .collect()
}

fn note_filled<R>(filled: &mut [bool], columns: &[&Column<R>], row: &R) {
    for (is_filled, column) in filled.iter_mut().zip(columns) {
        *is_filled = *is_filled || !column.is_empty(row);
    }
}

/// Which of the columns have something in any row. The rows are read twice for it.
async fn filled_columns<L: ExportedList>(
    conn: &mut Conn,
    list: &L,
    columns: &[&Column<L::Row>],
) -> Result<Vec<bool>, ExportError> {
    let mut filled = vec![false; columns.len()];
    let mut rows = list.rows(conn);
    while let Some(row) = rows.try_next().await? {
        note_filled(&mut filled, columns, &row);
        if filled.iter().all(|is_filled| *is_filled) {
            break;
        }
    }
    Ok(filled)
}

/// What the file begins with, and which columns there are.
///
/// # Errors
/// See [`ExportError`].
pub(crate) async fn first_rows<L: ExportedList>(
    db: &Db,
    list: &L,
    options: &Options,
) -> Result<FirstRows, ExportError> {
    let mut conn = db.read().await?;
    let first: Vec<L::Row> = list.rows(&mut conn).take(FirstRows::MOST).try_collect().await?;
    FirstRows::of(list.columns(), options, &first)
}
