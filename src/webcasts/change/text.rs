//! What organizers write of a webcast. A page that everybody sees keeps its text until the changes are published.

use jiff::Timestamp;

use crate::audit::{self, Actor, Entry};
use crate::clock::Clock;
use crate::db::{Conn, DbError, Tx};
use crate::organizers::Organizer;
use crate::values::Slug;
use crate::webcasts::change::cover;
use crate::webcasts::store::{self, VersionedText};
use crate::webcasts::text::WebcastText;
use crate::webcasts::{SessionState, Webcast, WebcastState, fan_out, may_have};

/// What became of a text that was written.
#[derive(Debug, Clone)]
pub(crate) enum TextOutcome {
    /// It is kept.
    Yes,
    /// Somebody else wrote meanwhile: this.
    Meanwhile(Box<VersionedText>),
    /// Another page has the address, had it, or it is one of ours.
    SlugTaken,
}

/// A text that an organizer wrote.
#[derive(Debug, Clone)]
pub(crate) struct WantedText {
    /// What it says.
    pub text: WebcastText,
    /// The address of the page.
    pub slug: Slug,
    /// The version it was filled in from; `None` where a script posts.
    pub version: Option<i64>,
}

/// What the form is filled in from: what is written for the next time, or what everybody sees.
pub(crate) async fn current(conn: &mut Conn, webcast_id: i64) -> Result<VersionedText, DbError> {
    match store::draft_text(conn, webcast_id).await? {
        Some(draft) => Ok(draft),
        None => store::live_text(conn, webcast_id).await,
    }
}

/// Keeps a text: at once where only organizers see the page, else for the next time it is published. The cover is chosen
/// elsewhere, and stays.
pub(crate) async fn write(
    tx: &mut Tx,
    webcast: &Webcast,
    wanted: &WantedText,
    who: &Organizer,
    now: Timestamp,
) -> Result<TextOutcome, DbError> {
    let state = store::hold_webcast(tx, webcast.id).await?;
    let before = current(tx, webcast.id).await?;
    let text = WebcastText {
        cover: before.text.cover,
        ..wanted.text.clone()
    };
    let same = before.text == text;
    if !same && wanted.version.is_some_and(|version| version != before.version) {
        return Ok(TextOutcome::Meanwhile(Box::new(before)));
    }
    if wanted.slug != webcast.slug
        && (!may_have(&wanted.slug) || !store::change_slug(tx, webcast.id, &webcast.slug, &wanted.slug).await?)
    {
        return Ok(TextOutcome::SlugTaken);
    }
    if !same && state == Some(WebcastState::Draft) {
        store::put_text(tx, webcast.id, &text).await?;
    } else if !same {
        store::put_draft_text(tx, webcast.id, &text, before.version + 1, who.id, now).await?;
    }
    note(tx, who, "webcast.write", &wanted.slug, now).await?;
    Ok(TextOutcome::Yes)
}

/// Shows everybody what was written. Where the title is another one, those who are registered for a session ahead are told:
/// it stands in their calendars. False: nothing was written, or somebody published it before.
pub(crate) async fn publish_text(
    tx: &mut Tx,
    webcast: &Webcast,
    who: &Organizer,
    clock: &Clock,
) -> Result<bool, DbError> {
    let now = clock.now();
    store::hold_webcast(tx, webcast.id).await?;
    let Some((before, text)) = take_over(tx, webcast.id).await? else {
        return Ok(false);
    };
    if text.title != before.title {
        for session in store::sessions_of(tx, webcast.id).await? {
            if session.ends_at > now && session.state != SessionState::Cancelled {
                store::hold_session(tx, session.public_id).await?;
                store::raise_sequence(tx, session.id).await?;
                fan_out::begin(tx, session.id, session.starts_at, clock.now()).await?;
            }
        }
    }
    note(tx, who, "webcast.publish-text", &webcast.slug, now).await?;
    Ok(true)
}

/// Makes what was written for the next time the text of the page; gives the one before, and it. `None`: nothing was.
pub(super) async fn take_over(tx: &mut Tx, webcast_id: i64) -> Result<Option<(WebcastText, WebcastText)>, DbError> {
    let Some(VersionedText { text, .. }) = store::draft_text(tx, webcast_id).await? else {
        return Ok(None);
    };
    let before = store::live_text(tx, webcast_id).await?.text;
    store::put_text(tx, webcast_id, &text).await?;
    store::drop_draft_text(tx, webcast_id).await?;
    cover::forget_unless(tx, before.cover, text.cover).await?;
    Ok(Some((before, text)))
}

/// Forgets what was written for the next time.
pub(crate) async fn discard(tx: &mut Tx, webcast: &Webcast, who: &Organizer, now: Timestamp) -> Result<(), DbError> {
    store::hold_webcast(tx, webcast.id).await?;
    let written = current(tx, webcast.id).await?.text;
    let live = store::live_text(tx, webcast.id).await?.text;
    store::drop_draft_text(tx, webcast.id).await?;
    cover::forget_unless(tx, written.cover, live.cover).await?;
    note(tx, who, "webcast.discard-text", &webcast.slug, now).await
}

pub(super) async fn note(
    tx: &mut Tx,
    who: &Organizer,
    action: &'static str,
    slug: &Slug,
    now: Timestamp,
) -> Result<(), DbError> {
    let entry = Entry {
        actor: Actor::from(who),
        action,
        subject: slug.to_string(),
        detail: String::new(),
    };
    audit::record(tx, &entry, now).await
}
