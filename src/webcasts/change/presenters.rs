//! What organizers do to those who speak.

use jiff::Timestamp;

use crate::audit::{self, Actor, Entry};
use crate::db::{DbError, Tx};
use crate::organizers::Organizer;
use crate::uploads::SmallPicture;
use crate::values::PublicId;
use crate::webcasts::presenter::{AboutPresenter, Presenter};
use crate::webcasts::{Webcast, store};

/// So many speak in one webcast at most.
pub(crate) const MOST_SPEAKERS: usize = 30;

/// What became of a change to somebody who speaks.
#[derive(Debug, Clone)]
pub(crate) enum PresenterOutcome {
    /// It is done.
    Yes,
    /// They are gone.
    Gone,
    /// Somebody else changed them meanwhile: this is how they are.
    Meanwhile(Box<Presenter>),
}

/// Puts somebody in and has them speak in a webcast, behind the others. `None`: enough speak there.
pub(crate) async fn add_new(
    tx: &mut Tx,
    webcast: &Webcast,
    about: &AboutPresenter,
    who: &Organizer,
    now: Timestamp,
) -> Result<Option<PublicId>, DbError> {
    if hold_speakers(tx, webcast).await?.len() >= MOST_SPEAKERS {
        return Ok(None);
    }
    let (id, public_id) = store::insert_presenter(tx, about).await?;
    append(tx, webcast, id).await?;
    note(tx, who, "presenter.add", public_id.to_string(), now).await?;
    Ok(Some(public_id))
}

/// Has somebody who is known speak in a webcast, behind the others. False: there is nobody such, or enough speak there.
pub(crate) async fn add_known(
    tx: &mut Tx,
    webcast: &Webcast,
    id: PublicId,
    who: &Organizer,
    now: Timestamp,
) -> Result<bool, DbError> {
    let Some(presenter) = store::hold_presenter(tx, id).await? else {
        return Ok(false);
    };
    if !append(tx, webcast, presenter.id).await? {
        return Ok(false);
    }
    note(tx, who, "webcast.speakers", webcast.slug.to_string(), now).await?;
    Ok(true)
}

/// False: enough speak there. Nobody speaks twice.
async fn append(tx: &mut Tx, webcast: &Webcast, presenter_id: i64) -> Result<bool, DbError> {
    let speakers = hold_speakers(tx, webcast).await?;
    if speakers.iter().any(|speaker| speaker.id == presenter_id) {
        return Ok(true);
    }
    if speakers.len() >= MOST_SPEAKERS {
        return Ok(false);
    }
    let ids: Vec<i64> = speakers
        .iter()
        .map(|speaker| speaker.id)
        .chain([presenter_id])
        .collect();
    store::put_speakers(tx, webcast.id, &ids).await?;
    Ok(true)
}

/// Those who speak; nobody else changes who does until the transaction ends.
async fn hold_speakers(tx: &mut Tx, webcast: &Webcast) -> Result<Vec<Presenter>, DbError> {
    store::hold_webcast(tx, webcast.id).await?;
    store::speakers_of(tx, webcast.id).await
}

/// Puts those who speak in this order and takes others away. Whoever was added meanwhile, and stands in neither list, stays
/// at the end.
pub(crate) async fn arrange(
    tx: &mut Tx,
    webcast: &Webcast,
    order: &[PublicId],
    removed: &[PublicId],
    who: &Organizer,
    now: Timestamp,
) -> Result<(), DbError> {
    let mut speakers = hold_speakers(tx, webcast).await?;
    speakers.retain(|speaker| !removed.contains(&speaker.public_id));
    let place = |id: PublicId| order.iter().position(|other| *other == id).unwrap_or(usize::MAX);
    speakers.sort_by_key(|speaker| place(speaker.public_id));
    let ids: Vec<i64> = speakers.iter().map(|speaker| speaker.id).collect();
    store::put_speakers(tx, webcast.id, &ids).await?;
    note(tx, who, "webcast.speakers", webcast.slug.to_string(), now).await
}

/// Changes what is said of somebody, on every page they stand on.
pub(crate) async fn correct(
    tx: &mut Tx,
    id: PublicId,
    about: &AboutPresenter,
    version: Option<i64>,
    who: &Organizer,
    now: Timestamp,
) -> Result<PresenterOutcome, DbError> {
    let Some(before) = store::hold_presenter(tx, id).await? else {
        return Ok(PresenterOutcome::Gone);
    };
    if before.about == *about {
        return Ok(PresenterOutcome::Yes);
    }
    if version.is_some_and(|version| version != before.version) {
        return Ok(PresenterOutcome::Meanwhile(Box::new(before)));
    }
    store::put_about(tx, before.id, about).await?;
    note(tx, who, "presenter.change", id.to_string(), now).await?;
    Ok(PresenterOutcome::Yes)
}

/// Gives somebody a picture, or takes it away. False: they are gone.
pub(crate) async fn picture(
    tx: &mut Tx,
    id: PublicId,
    picture: Option<&SmallPicture>,
    who: &Organizer,
    now: Timestamp,
) -> Result<bool, DbError> {
    let Some(presenter) = store::hold_presenter(tx, id).await? else {
        return Ok(false);
    };
    let row = match picture {
        Some(picture) => Some(store::put_picture(tx, picture, now).await?.0),
        None => None,
    };
    store::set_picture(tx, presenter.id, row).await?;
    note(tx, who, "presenter.picture", id.to_string(), now).await?;
    Ok(true)
}

/// Takes somebody away who speaks in no webcast. False: they do.
pub(crate) async fn delete(tx: &mut Tx, id: PublicId, who: &Organizer, now: Timestamp) -> Result<bool, DbError> {
    let Some(presenter) = store::hold_presenter(tx, id).await? else {
        return Ok(true);
    };
    if !store::webcasts_with(tx, presenter.id).await?.is_empty() {
        return Ok(false);
    }
    store::delete_presenter(tx, presenter.id).await?;
    note(tx, who, "presenter.delete", id.to_string(), now).await?;
    Ok(true)
}

async fn note(
    tx: &mut Tx,
    who: &Organizer,
    action: &'static str,
    subject: String,
    now: Timestamp,
) -> Result<(), DbError> {
    let entry = Entry {
        actor: Actor::from(who),
        action,
        subject,
        detail: String::new(),
    };
    audit::record(tx, &entry, now).await
}
