//! Erasing somebody: in the database in one job, then in files and in the write-ahead log.

use jiff::Timestamp;

use super::receipts::Receipt;
use crate::contacts::Traces;
use crate::contacts::erase::{self, Erase, ErasedBy, Kept};
use crate::db::{Db, DbError};
use crate::lists;
use crate::values::LinkKey;

/// What erasing needs, whoever asks for it.
pub(crate) struct Erasing<'a> {
    /// Where.
    pub db: &'a Db,
    /// Makes fingerprints.
    pub links: &'a LinkKey,
    /// What is kept of a contact.
    pub traces: &'a Traces,
    /// When.
    pub now: Timestamp,
}

/// Somebody who was erased.
pub(crate) struct ErasedForGood {
    /// What went.
    pub gone: Kept,
    /// For whoever keeps a file of it.
    pub receipt: Receipt,
}

/// Erases whoever has this address, by its key. `None`: nothing is kept of it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn erase(
    with: &Erasing<'_>,
    address_key: &str,
    by: ErasedBy,
) -> Result<Option<ErasedForGood>, DbError> {
    let receipt = Receipt::new(with.now, with.links.fingerprint_of_key(address_key));
    let wanted = Erase {
        address_key: address_key.to_owned(),
        fingerprint: receipt.fingerprint.clone(),
        by,
    };
    let (traces, now) = (with.traces.clone(), with.now);
    let write = with.db.write(move |tx| {
        let (wanted, traces) = (wanted.clone(), traces.clone());
        Box::pin(async move { erase::erase(tx, &wanted, &traces, now).await })
    });
    let Some(gone) = write.await? else {
        return Ok(None);
    };
    lists::files::remove_all(with.db).await;
    with.db.forget_deleted().await;
    Ok(Some(ErasedForGood { gone, receipt }))
}
