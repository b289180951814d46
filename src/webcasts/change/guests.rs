//! Who may come to a webcast, as organizers set it. It holds at once.

use jiff::Timestamp;

use super::text::note;
use crate::db::{DbError, Tx};
use crate::organizers::Organizer;
use crate::webcasts::guests::GuestRule;
use crate::webcasts::{Webcast, store};

/// A rule that an organizer sets.
#[derive(Debug, Clone)]
pub(crate) struct WantedGuests {
    /// The rule.
    pub rule: GuestRule,
    /// Whom to put on the list, by the keys of their addresses.
    pub invited: Vec<String>,
    /// Whether those who are on it are taken off before.
    pub anew: bool,
}

/// Sets it. Who is registered already stays.
pub(crate) async fn set(
    tx: &mut Tx,
    webcast: &Webcast,
    wanted: &WantedGuests,
    who: &Organizer,
    now: Timestamp,
) -> Result<(), DbError> {
    store::hold_webcast(tx, webcast.id).await?;
    store::put_guest_rule(tx, webcast.id, &wanted.rule).await?;
    if wanted.anew {
        store::forget_invited(tx, webcast.id).await?;
    }
    store::invite(tx, webcast.id, &wanted.invited).await?;
    note(tx, who, "webcast.guests", &webcast.slug, now).await
}
