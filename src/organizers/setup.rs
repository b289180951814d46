//! Making the set-up link, by which the first owner's account is made.

use jiff::Timestamp;

use super::store;
use crate::db::{Db, DbError};
use crate::values::SecretToken;

/// What a starting server finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstLink {
    /// There is an owner: nothing to do.
    NotNeeded,
    /// The path of the link, to be shown once.
    New(String),
    /// One was made earlier and is still valid; only its hash is kept, so it cannot be shown again.
    Earlier,
}

/// The path of a new link in place of any other; `None` once there is an owner.
pub async fn new_link(db: &Db, now: Timestamp) -> Result<Option<String>, DbError> {
    put(db, false, now).await
}

/// Makes a link unless a valid one is there. For a starting server.
pub async fn first_link(db: &Db, now: Timestamp) -> Result<FirstLink, DbError> {
    if store::has_owner(&mut db.read().await?).await? {
        return Ok(FirstLink::NotNeeded);
    }
    Ok(put(db, true, now).await?.map_or(FirstLink::Earlier, FirstLink::New))
}

async fn put(db: &Db, only_if_none: bool, now: Timestamp) -> Result<Option<String>, DbError> {
    let token = SecretToken::random();
    let hash = token.hash();
    let kept = db
        .write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move { store::put_setup_link(tx, &hash, only_if_none, now).await })
        })
        .await?;
    Ok(kept.then(|| format!("/organizer/setup/{}", token.reveal())))
}
