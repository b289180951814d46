//! What becomes of somebody's registrations when an organizer corrects them.

use jiff::Timestamp;

use super::{is_seated, tell_again};
use crate::contacts::PersonChange;
use crate::db::{DbError, Tx};
use crate::mail::outbox;
use crate::webcasts::mails::kinds;
use crate::webcasts::store;

/// Registrations take over a new name. With another address the links of before open nothing any more, what waits goes to
/// the new one, and from the calendar of an address that was confirmed the entries are taken back.
pub(crate) async fn follow(tx: &mut Tx, change: &PersonChange, now: Timestamp) -> Result<(), DbError> {
    store::correct(tx, change).await?;
    let Some(address) = &change.address else {
        return Ok(());
    };
    store::raise_links(tx, change.contact_id).await?;
    let seats = store::seats_of_contact(tx, change.contact_id).await?;
    let ids: Vec<i64> = seats.iter().map(|seat| seat.id).collect();
    outbox::readdress(tx, &kinds::to_its_holder(), &ids, &address.new, now).await?;
    for seat in &seats {
        if let Some(old) = &address.confirmed
            && is_seated(seat)
            && seat.session.ends_at > now
        {
            kinds::enqueue_address_left(tx, old, seat, now).await?;
        }
        if address.send {
            tell_again(tx, seat, now).await?;
        }
    }
    Ok(())
}
