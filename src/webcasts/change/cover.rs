//! The cover of a webcast. A picture belongs to one webcast; it goes when neither its page nor what is written for the next
//! time shows it.

use jiff::Timestamp;

use super::text::{current, note};
use crate::cards::Pattern;
use crate::db::{DbError, Tx};
use crate::organizers::Organizer;
use crate::uploads::SmallPicture;
use crate::webcasts::cover::Cover;
use crate::webcasts::text::WebcastText;
use crate::webcasts::{Webcast, WebcastState, store};

/// A cover that an organizer chose.
#[derive(Debug, Clone)]
pub(crate) enum WantedCover {
    /// None.
    Nothing,
    /// One of ours.
    Pattern(Pattern),
    /// Theirs.
    Picture(SmallPicture),
}

/// Chooses a cover: at once where only organizers see the page, else for the next time it is published.
pub(crate) async fn choose(
    tx: &mut Tx,
    webcast: &Webcast,
    wanted: &WantedCover,
    who: &Organizer,
    now: Timestamp,
) -> Result<(), DbError> {
    let state = store::hold_webcast(tx, webcast.id).await?;
    let live = store::live_text(tx, webcast.id).await?;
    let before = current(tx, webcast.id).await?;
    let cover = match wanted {
        WantedCover::Nothing => None,
        WantedCover::Pattern(pattern) => Some(Cover::Pattern(*pattern)),
        WantedCover::Picture(picture) => Some(Cover::Picture(store::put_picture(tx, picture, now).await?.1)),
    };
    if state == Some(WebcastState::Draft) {
        store::put_cover(tx, webcast.id, cover).await?;
        forget_unless(tx, before.text.cover, cover).await?;
    } else {
        let replaced = before.text.cover;
        let text = WebcastText { cover, ..before.text };
        // The same version: whoever has the text open has missed nothing.
        store::put_draft_text(tx, webcast.id, &text, before.version, who.id, now).await?;
        if replaced != live.text.cover {
            forget_unless(tx, replaced, cover).await?;
        }
    }
    note(tx, who, "webcast.cover", &webcast.slug, now).await
}

/// Forgets the picture of a cover, unless it is the one that is shown.
pub(super) async fn forget_unless(tx: &mut Tx, cover: Option<Cover>, shown: Option<Cover>) -> Result<(), DbError> {
    match cover.and_then(Cover::picture) {
        Some(id) if cover != shown => store::forget_picture(tx, id).await,
        _ => Ok(()),
    }
}

/// The same cover for another webcast, which has a picture of its own then.
pub(super) async fn copied(tx: &mut Tx, cover: Option<Cover>, now: Timestamp) -> Result<Option<Cover>, DbError> {
    match cover {
        Some(Cover::Picture(id)) => Ok(store::copy_picture(tx, id, now).await?.map(Cover::Picture)),
        other => Ok(other),
    }
}
