//! Has tables read: text here, beside the other work; workbooks by a helper.

use std::io;

use tokio::task::spawn_blocking;

use super::{MOST_TABLE_BYTES, Table, UnreadableTable, foreign, text};
use crate::uploads::PictureReader;
use crate::uploads::helper::{ROWS, why_no_rows};
use crate::uploads::helpers::{Helpers, Unmade};

/// Most bytes of the rows that a helper makes of a workbook.
const MOST_ANSWERED: u64 = 64 * 1024 * 1024;

/// Has tables read.
#[derive(Debug, Clone)]
pub struct TableReader {
    helpers: Helpers,
}

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// What was sent is to blame.
    #[error(transparent)]
    Unreadable(#[from] UnreadableTable),
    /// Others had files read all the time.
    #[error("Others are sending files just now. Send yours again in a moment.")]
    Busy,
    /// The helper could not be started.
    #[error("the helper for tables cannot be started: {0}")]
    Helper(#[from] io::Error),
}

impl From<Unmade> for TableError {
    fn from(why: Unmade) -> Self {
        match why {
            Unmade::Busy => Self::Busy,
            Unmade::Slow => Self::Unreadable(UnreadableTable::Heavy),
            Unmade::Failed(error) => Self::Helper(error),
        }
    }
}

impl TableReader {
    /// With the helpers of another reader: both together start no more of them than one alone.
    #[must_use]
    pub fn beside(pictures: &PictureReader) -> Self {
        Self {
            helpers: pictures.helpers(),
        }
    }

    /// Makes rows of what was sent.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn read(&self, bytes: &[u8]) -> Result<Table, TableError> {
        if bytes.len() > MOST_TABLE_BYTES {
            return Err(UnreadableTable::Bytes.into());
        }
        foreign::refuse(bytes)?;
        let table = if foreign::is_zip(bytes) {
            let made = self.rows_of_workbook(bytes).await?;
            spawn_blocking(move || text::read_made(&made)).await
        } else {
            let bytes = bytes.to_vec();
            spawn_blocking(move || text::read(&bytes)).await
        };
        Ok(table.map_err(io::Error::other)??)
    }

    /// As CSV.
    async fn rows_of_workbook(&self, bytes: &[u8]) -> Result<Vec<u8>, TableError> {
        let (status, made) = self.helpers.make(ROWS, bytes, MOST_ANSWERED).await?;
        if made.len() as u64 == MOST_ANSWERED {
            return Err(UnreadableTable::Heavy.into());
        }
        if !status.success() {
            return Err(why_no_rows(status.code())?.into());
        }
        Ok(made)
    }
}
