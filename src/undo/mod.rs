//! What was done at once and can be undone for a while. An act is a row that says what to turn back; a feature knows how,
//! and `app` hands that in by the act's kind. What pages say of it stands in `console`.

mod store;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::audit::{self, Actor, Entry};
use crate::db::{DbError, Tx};
use crate::organizers::Organizer;
use crate::values::PublicId;

pub(crate) use store::{ActRow, find, forget_old};

/// For so long an act can be undone.
pub(crate) const UNDO_FOR: SignedDuration = SignedDuration::from_mins(10);

/// An act that was done, to be kept.
pub(crate) struct NewAct<'a> {
    /// Its kind: one of those that `app` registers.
    pub kind: &'static str,
    /// The page that it was done on, a path.
    pub page: String,
    /// The mail that tells of it.
    pub mail: Option<&'a str>,
    /// Who did it.
    pub organizer: &'a Organizer,
}

/// Keeps an act with what turns it back, and notes it in the audit log. Gives its name.
pub(crate) async fn keep(
    tx: &mut Tx,
    act: &NewAct<'_>,
    inverse: &impl Serialize,
    now: Timestamp,
) -> Result<PublicId, DbError> {
    let id = PublicId::random();
    let inverse = serde_json::to_string(inverse).map_err(DbError::stored)?;
    store::insert(tx, id, act, &inverse, now).await?;
    let entry = Entry {
        actor: Actor::from(act.organizer),
        action: act.kind,
        subject: id.to_string(),
        detail: act.page.clone(),
    };
    audit::record(tx, &entry, now).await?;
    Ok(id)
}

/// What became of undoing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undone {
    /// All is as it was.
    Yes,
    /// Something else changed it since.
    Changed,
    /// The place is somebody else's by now.
    NoPlace,
    /// Its time is over, or it was undone already.
    TooLate,
}

impl Undone {
    /// As it stands in the address of the page that follows.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "undone",
            Self::Changed => "changed",
            Self::NoPlace => "no-place",
            Self::TooLate => "too-late",
        }
    }
}

/// Turns an act back, in one job with everything else that belongs to it.
pub(crate) type TurnBack = for<'t> fn(&'t mut Tx, &'t ActRow, Timestamp) -> BoxFuture<'t, Result<Undone, DbError>>;

/// A kind of act: what the page says of it, and how it is turned back.
#[derive(Clone, Copy)]
pub(crate) struct UndoKind {
    /// Stored; also the action in the audit log.
    pub name: &'static str,
    /// "The place is cancelled."
    pub said: &'static str,
    /// How.
    pub turn_back: TurnBack,
}

/// All kinds, handed in by `app`.
#[derive(Clone, Copy)]
pub(crate) struct UndoKinds(pub &'static [UndoKind]);

impl UndoKinds {
    /// The kind of this name.
    pub(crate) fn of(self, name: &str) -> Option<&'static UndoKind> {
        self.0.iter().find(|kind| kind.name == name)
    }
}

impl ActRow {
    /// What its kind wrote down for itself.
    pub(crate) fn inverse<T: DeserializeOwned>(&self) -> Result<T, DbError> {
        serde_json::from_str(&self.inverse).map_err(DbError::stored)
    }
}

/// Undoes an act. Gives the page that it was done on, and what became of it.
pub(crate) async fn undo(
    tx: &mut Tx,
    kinds: UndoKinds,
    id: PublicId,
    who: &Organizer,
    now: Timestamp,
) -> Result<Option<(String, Undone)>, DbError> {
    let Some(row) = store::hold(tx, id).await? else {
        return Ok(None);
    };
    if !row.can_be_undone(now) {
        return Ok(Some((row.page, Undone::TooLate)));
    }
    let kind = kinds
        .of(&row.kind)
        .ok_or_else(|| DbError::stored("an act of no kind"))?;
    let undone = (kind.turn_back)(tx, &row, now).await?;
    if undone == Undone::Yes {
        store::note_undone(tx, id, who.id, now).await?;
        let entry = Entry {
            actor: Actor::from(who),
            action: "undo",
            subject: id.to_string(),
            detail: row.kind,
        };
        audit::record(tx, &entry, now).await?;
    }
    Ok(Some((row.page, undone)))
}
