//! What organizers change of a session: one job at the write door. Everybody is told where its time moved.

use jiff::Timestamp;

use crate::audit::{self, Actor, Entry};
use crate::clock::Clock;
use crate::db::{DbError, Tx};
use crate::values::{HttpUrl, PublicId, Zone};
use crate::webcasts::entry::EntryRule;
use crate::webcasts::window::RegistrationWindow;
use crate::webcasts::{Session, SessionState, fan_out, store, waiting};

/// What an organizer may change of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionUpdate {
    /// Start.
    pub starts_at: Timestamp,
    /// End.
    pub ends_at: Timestamp,
    /// Where its clock hangs.
    pub zone: Zone,
    /// Where it is aired.
    pub join_url: Option<HttpUrl>,
    /// Where it can be watched afterwards.
    pub replay_url: Option<HttpUrl>,
    /// Most seats.
    pub capacity: Option<i64>,
    /// Whether it takes registrations.
    pub state: SessionState,
    /// When it takes them.
    pub window: RegistrationWindow,
    /// How one comes to a place.
    pub entry: EntryRule,
}

impl SessionUpdate {
    /// As it is.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        Self {
            starts_at: session.starts_at,
            ends_at: session.ends_at,
            zone: session.zone.clone(),
            join_url: session.join_url.clone(),
            replay_url: session.replay_url.clone(),
            capacity: session.capacity,
            state: session.state,
            window: session.window,
            entry: session.entry,
        }
    }

    /// Whether calendars have to hear of it.
    #[must_use]
    pub fn moves(&self, session: &Session) -> bool {
        self.starts_at != session.starts_at || self.ends_at != session.ends_at || self.zone != session.zone
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionChanged {
    /// It is saved.
    Yes,
    /// It is not there any more.
    Gone,
    /// Somebody else saved after this form was opened.
    Meanwhile,
}

/// Changes the session as it is now, and has everybody told where its time moved. `version` is the
/// [`Session::version`] that the form was filled in from; empty where a script posts.
pub async fn change_session(
    tx: &mut Tx,
    id: PublicId,
    update: &SessionUpdate,
    version: &str,
    actor: Actor,
    clock: &Clock,
) -> Result<SessionChanged, DbError> {
    let now = clock.now();
    let Some(before) = store::hold_session(tx, id).await? else {
        return Ok(SessionChanged::Gone);
    };
    let changed = changed_fields(&before, update);
    if changed.is_empty() {
        return Ok(SessionChanged::Yes);
    }
    if !version.is_empty() && version != before.version() {
        return Ok(SessionChanged::Meanwhile);
    }
    let announce = update.moves(&before) && update.ends_at > now;
    store::update_session(tx, before.id, update, announce, now).await?;
    if announce {
        // Read while the row is held: whoever registered with the old time did so earlier than this.
        fan_out::begin(tx, before.id, before.starts_at, clock.now()).await?;
    }
    let entry = Entry {
        actor,
        action: "session.change",
        subject: id.to_string(),
        detail: changed.join(", "),
    };
    audit::record(tx, &entry, now).await?;
    // More places than before go to those who wait, in their turn.
    waiting::give_turns(tx, id, now).await?;
    Ok(SessionChanged::Yes)
}

/// Opens the way in before its time. False: it is open already, or the session is called off or over.
pub async fn open_doors(tx: &mut Tx, id: PublicId, actor: Actor, now: Timestamp) -> Result<bool, DbError> {
    let opened = store::open_doors(tx, id, now).await?;
    if opened {
        let entry = Entry {
            actor,
            action: "session.open-doors",
            subject: id.to_string(),
            detail: String::new(),
        };
        audit::record(tx, &entry, now).await?;
    }
    Ok(opened)
}

fn changed_fields(before: &Session, update: &SessionUpdate) -> Vec<&'static str> {
    [
        ("start", before.starts_at != update.starts_at),
        ("end", before.ends_at != update.ends_at),
        ("time_zone", before.zone != update.zone),
        ("join_url", before.join_url != update.join_url),
        ("replay_url", before.replay_url != update.replay_url),
        ("capacity", before.capacity != update.capacity),
        ("state", before.state != update.state),
        ("opens_at", before.window.opens_at != update.window.opens_at),
        ("closes_at", before.window.closes_at != update.window.closes_at),
        ("approval", before.entry.approval != update.entry.approval),
        ("waiting_list", before.entry.waiting_list != update.entry.waiting_list),
        (
            "offer_minutes",
            before.entry.offer_minutes != update.entry.offer_minutes,
        ),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}
