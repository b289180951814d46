//! Somebody of a report of whom an organizer says who it was. It is remembered for the webcast's next reports.

use jiff::Timestamp;

use super::store::{self, ImportRow};
use crate::audit::{self, Actor, Entry};
use crate::db::{DbError, Tx};
use crate::values::PublicId;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchedByHand {
    /// It is noted.
    Yes,
    /// Nobody with this address is registered for the session.
    NotRegistered,
    /// It is known already who it was.
    Gone,
}

/// Says that somebody of a report is the holder of this address, by its key.
pub(crate) async fn match_by_hand(
    tx: &mut Tx,
    import: &ImportRow,
    one: PublicId,
    address_key: &str,
    now: Timestamp,
) -> Result<MatchedByHand, DbError> {
    let Some(unmatched) = store::unmatched_by_id(tx, import.id, one).await? else {
        return Ok(MatchedByHand::Gone);
    };
    let seat_holders = store::seat_holders(tx, unmatched.session_id).await?;
    let Some(holder) = seat_holders.iter().find(|holder| holder.email_key == address_key) else {
        return Ok(MatchedByHand::NotRegistered);
    };
    let stays: Vec<(i64, i64)> = serde_json::from_str(&unmatched.stays).map_err(DbError::stored)?;
    let seat = (holder.registration_id, unmatched.session_id);
    store::add_stays(tx, import.id, seat, &stays).await?;
    let alias = if unmatched.email_key.is_empty() {
        &unmatched.name_key
    } else {
        &unmatched.email_key
    };
    store::put_alias(tx, unmatched.session_id, alias, holder.contact_id).await?;
    store::delete_unmatched(tx, unmatched.id).await?;
    let entry = Entry {
        actor: Actor::Organizer(import.organizer_id),
        action: "import.match",
        subject: PublicId::from_slice(&import.public_id)
            .map(|name| name.to_string())
            .unwrap_or_default(),
        detail: String::new(),
    };
    audit::record(tx, &entry, now).await?;
    Ok(MatchedByHand::Yes)
}
