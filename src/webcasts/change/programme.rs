//! What organizers do to a webcast as a whole: make it, show it to everybody, make another one of it, call it off.

use jiff::{SignedDuration, Timestamp};

use crate::audit::{self, Actor, Entry};
use crate::clock::Clock;
use crate::db::{DbError, Tx};
use crate::organizers::Organizer;
use crate::questions::FormOwner;
use crate::questions::store::copy_form;
use crate::values::{HttpUrl, Label, PublicId, Slug, Zone};
use crate::webcasts::change::{SessionUpdate, cover, text};
use crate::webcasts::entry::EntryRule;
use crate::webcasts::store::{self, NewSession, NewWebcast};
use crate::webcasts::text::WebcastText;
use crate::webcasts::{Session, SessionState, Webcast, WebcastState, fan_out, may_have};

/// Addresses that are tried for one title.
const TRIED: u32 = 200;
/// A copy is aired so long after what it was made of.
const A_WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A webcast to be made, with its first session.
#[derive(Debug, Clone)]
pub(crate) struct NewProgramme {
    /// The title.
    pub title: Label,
    /// One sentence.
    pub summary: String,
    /// Start of the first session.
    pub starts_at: Timestamp,
    /// Its end.
    pub ends_at: Timestamp,
    /// Where its clock hangs.
    pub zone: Zone,
    /// Where it is aired.
    pub join_url: Option<HttpUrl>,
    /// Whether everybody sees it at once.
    pub publish: bool,
}

/// What keeps a webcast from being shown to everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// The sentence beneath its title.
    Summary,
    /// A session that is ahead.
    Session,
}

/// What became of showing it to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Publishing {
    /// Everybody sees it.
    Yes,
    /// Not before these are there.
    Lacks(Vec<Lack>),
    /// It is no draft any more.
    Meanwhile,
}

/// Makes it; gives its address.
pub(crate) async fn make(tx: &mut Tx, wanted: &NewProgramme, who: &Organizer, now: Timestamp) -> Result<Slug, DbError> {
    let text = WebcastText {
        title: wanted.title.as_str().to_owned(),
        summary: wanted.summary.clone(),
        ..WebcastText::default()
    };
    let state = if wanted.publish {
        WebcastState::Published
    } else {
        WebcastState::Draft
    };
    let (webcast_id, slug) = insert(tx, &text, state, now).await?;
    let session = NewSession {
        webcast_id,
        starts_at: wanted.starts_at,
        ends_at: wanted.ends_at,
        zone: &wanted.zone,
        join_url: wanted.join_url.as_ref(),
        capacity: None,
        entry: EntryRule::default(),
        airing: None,
    };
    store::insert_session(tx, &session, now).await?;
    let detail = if wanted.publish { "published" } else { "draft" };
    note(tx, who, "webcast.add", &slug, detail, now).await?;
    Ok(slug)
}

/// Under the address that its title suggests, or that with the first number that is free.
async fn insert(tx: &mut Tx, text: &WebcastText, state: WebcastState, now: Timestamp) -> Result<(i64, Slug), DbError> {
    let plain = match Slug::of_title(&text.title) {
        Some(slug) => slug,
        None => Slug::parse("webcast").map_err(DbError::stored)?,
    };
    let numbered = (2..TRIED).map(|number| plain.numbered(number));
    for slug in std::iter::once(plain.clone()).chain(numbered).filter(may_have) {
        if store::was_slug(tx, &slug).await? {
            continue;
        }
        let new = NewWebcast {
            slug: &slug,
            text,
            state,
        };
        if let Some(id) = store::insert_webcast(tx, &new, now).await? {
            return Ok((id, slug));
        }
    }
    Err(DbError::stored("there are too many webcasts of one title"))
}

/// What became of one more session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddedSession {
    /// It is there.
    Yes(PublicId),
    /// The webcast is called off.
    CalledOff,
}

/// Adds a session.
pub(crate) async fn add_session(
    tx: &mut Tx,
    webcast: &Webcast,
    wanted: &SessionUpdate,
    who: &Organizer,
    now: Timestamp,
) -> Result<AddedSession, DbError> {
    if webcast.state == WebcastState::Cancelled {
        return Ok(AddedSession::CalledOff);
    }
    let session = NewSession {
        webcast_id: webcast.id,
        starts_at: wanted.starts_at,
        ends_at: wanted.ends_at,
        zone: &wanted.zone,
        join_url: wanted.join_url.as_ref(),
        capacity: wanted.capacity,
        entry: wanted.entry,
        airing: None,
    };
    let id = store::insert_session(tx, &session, now).await?;
    note(tx, who, "session.add", &webcast.slug, &id.to_string(), now).await?;
    Ok(AddedSession::Yes(id))
}

/// What keeps it from being shown to everybody.
pub(crate) fn lacks(webcast: &Webcast, sessions: &[Session], now: Timestamp) -> Vec<Lack> {
    let is_ahead = |session: &Session| session.ends_at > now && session.state != SessionState::Cancelled;
    let summary = webcast.text.summary.trim().is_empty().then_some(Lack::Summary);
    let session = (!sessions.iter().any(is_ahead)).then_some(Lack::Session);
    summary.into_iter().chain(session).collect()
}

/// Shows a draft to everybody.
pub(crate) async fn publish(
    tx: &mut Tx,
    webcast: &Webcast,
    who: &Organizer,
    now: Timestamp,
) -> Result<Publishing, DbError> {
    let sessions = store::sessions_of(tx, webcast.id).await?;
    let lacks = lacks(webcast, &sessions, now);
    if !lacks.is_empty() {
        return Ok(Publishing::Lacks(lacks));
    }
    if !store::set_state(tx, webcast.id, WebcastState::Draft, WebcastState::Published).await? {
        return Ok(Publishing::Meanwhile);
    }
    note(tx, who, "webcast.publish", &webcast.slug, "", now).await?;
    Ok(Publishing::Yes)
}

/// Makes it a draft again, as long as nobody is registered for a session ahead. False: somebody is, or it is none that
/// everybody sees.
pub(crate) async fn unpublish(
    tx: &mut Tx,
    webcast: &Webcast,
    who: &Organizer,
    now: Timestamp,
) -> Result<bool, DbError> {
    let expected = store::count_expected(tx, webcast.id, now).await?;
    if expected > 0 || !store::set_state(tx, webcast.id, WebcastState::Published, WebcastState::Draft).await? {
        return Ok(false);
    }
    // Nobody sees it any more, so there is one text: the one that was written last.
    text::take_over(tx, webcast.id).await?;
    note(tx, who, "webcast.unpublish", &webcast.slug, "", now).await?;
    Ok(true)
}

/// Takes a draft away that nobody was registered for. False: there is none such.
pub(crate) async fn delete(tx: &mut Tx, webcast: &Webcast, who: &Organizer, now: Timestamp) -> Result<bool, DbError> {
    let deleted = store::delete_draft(tx, webcast.id).await?;
    if deleted {
        cover::forget_unless(tx, webcast.text.cover, None).await?;
        note(tx, who, "webcast.delete", &webcast.slug, "", now).await?;
    }
    Ok(deleted)
}

/// Makes a draft of the same text, speakers, guests and form, a week after its last session; nobody is registered for it.
pub(crate) async fn duplicate(
    tx: &mut Tx,
    webcast: &Webcast,
    who: &Organizer,
    now: Timestamp,
) -> Result<Slug, DbError> {
    let text = WebcastText {
        cover: cover::copied(tx, webcast.text.cover, now).await?,
        ..webcast.text.clone()
    };
    let (webcast_id, slug) = insert(tx, &text, WebcastState::Draft, now).await?;
    store::copy_guests(tx, webcast.id, webcast_id).await?;
    copy_form(tx, FormOwner::Webcast(webcast.id), FormOwner::Webcast(webcast_id), now).await?;
    let speakers = store::speakers_of(tx, webcast.id).await?;
    let speakers: Vec<i64> = speakers.iter().map(|speaker| speaker.id).collect();
    store::put_speakers(tx, webcast_id, &speakers).await?;
    let sessions = store::sessions_of(tx, webcast.id).await?;
    if let Some(last) = sessions.iter().max_by_key(|session| session.starts_at) {
        let starts_at = next_week(last, now);
        let session = NewSession {
            webcast_id,
            starts_at,
            ends_at: starts_at + last.ends_at.duration_since(last.starts_at),
            zone: &last.zone,
            join_url: None,
            capacity: last.capacity,
            entry: last.entry,
            airing: None,
        };
        store::insert_session(tx, &session, now).await?;
    }
    note(tx, who, "webcast.duplicate", &slug, webcast.slug.as_str(), now).await?;
    Ok(slug)
}

/// The same weekday and hour on the session's own clock, a week later or the first one that is ahead.
fn next_week(session: &Session, now: Timestamp) -> Timestamp {
    let mut local = session.zone.at(session.starts_at).datetime();
    loop {
        let Ok(later) = local.checked_add(A_WEEK) else {
            return session.starts_at;
        };
        local = later;
        match session.zone.rules().to_ambiguous_timestamp(local).compatible() {
            Ok(start) if start > now => return start,
            Ok(_) => {}
            Err(_) => return session.starts_at,
        }
    }
}

/// Calls one session off, and has everybody told who is registered for it. False: it was called off already, or is over.
pub(crate) async fn call_off_session(
    tx: &mut Tx,
    session: &Session,
    reason: Option<&str>,
    who: &Organizer,
    clock: &Clock,
) -> Result<bool, DbError> {
    let now = clock.now();
    store::hold_session(tx, session.public_id).await?;
    if session.ends_at <= now || !store::call_off(tx, session.id, reason, now).await? {
        return Ok(false);
    }
    // Read while the row is held: whoever registers later is refused.
    fan_out::begin(tx, session.id, session.starts_at, clock.now()).await?;
    let entry = Entry {
        actor: Actor::from(who),
        action: "session.cancel",
        subject: session.public_id.to_string(),
        detail: String::new(),
    };
    audit::record(tx, &entry, now).await?;
    Ok(true)
}

/// Calls off all of it that is ahead. False: it was called off already.
pub(crate) async fn call_off(
    tx: &mut Tx,
    webcast: &Webcast,
    reason: Option<&str>,
    who: &Organizer,
    clock: &Clock,
) -> Result<bool, DbError> {
    let now = clock.now();
    if !store::set_state(tx, webcast.id, WebcastState::Published, WebcastState::Cancelled).await? {
        return Ok(false);
    }
    for session in store::sessions_of(tx, webcast.id).await? {
        call_off_session(tx, &session, reason, who, clock).await?;
    }
    note(tx, who, "webcast.cancel", &webcast.slug, "", now).await?;
    Ok(true)
}

async fn note(
    tx: &mut Tx,
    who: &Organizer,
    action: &'static str,
    slug: &Slug,
    detail: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let entry = Entry {
        actor: Actor::from(who),
        action,
        subject: slug.to_string(),
        detail: detail.to_owned(),
    };
    audit::record(tx, &entry, now).await
}
