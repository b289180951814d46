//! Two people who are one: everything of the one goes to the other, whose address stays. Links of both work on.

use jiff::Timestamp;

use super::store::{details, erasures, merges};
use super::{TraceOf, Traces};
use crate::audit::{self, Actor, Entry};
use crate::db::{DbError, Tx};
use crate::organizers::Organizer;
use crate::values::{EmailAddress, PublicId};

/// Who goes, and who stays.
#[derive(Debug, Clone)]
pub struct MergedPeople {
    /// The row that goes.
    pub from: i64,
    /// [`EmailAddress::key`] of the address that goes.
    pub from_key: String,
    /// The row that stays.
    pub into: i64,
    /// The address that stays.
    pub into_email: EmailAddress,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merged {
    /// They are one.
    Yes,
    /// One of them is gone, or they are one already.
    Gone,
}

/// Merges them. The order in which rows are held is that of their ids, whoever goes.
pub(crate) async fn merge(
    tx: &mut Tx,
    from: PublicId,
    into: PublicId,
    traces: &Traces,
    who: &Organizer,
    now: Timestamp,
) -> Result<Merged, DbError> {
    let (Some(going), Some(staying)) = (details::person(tx, from).await?, details::person(tx, into).await?) else {
        return Ok(Merged::Gone);
    };
    if going.id == staying.id {
        return Ok(Merged::Gone);
    }
    for id in [going.id.min(staying.id), going.id.max(staying.id)] {
        details::hold(tx, id).await?;
    }
    // Read again: somebody else may have been quicker.
    if details::person(tx, from).await?.is_none() {
        return Ok(Merged::Gone);
    }
    let people = MergedPeople {
        from: going.id,
        from_key: going.email_key,
        into: staying.id,
        into_email: EmailAddress::parse(&staying.email).map_err(DbError::stored)?,
    };
    for trace in traces.iter() {
        match trace.join {
            Some(join) => join(tx, &people, now).await?,
            None if matches!(trace.of, TraceOf::Contact | TraceOf::Derived) => {
                merges::pass_on(tx, trace.table, &people).await?;
            }
            None => {}
        }
    }
    merges::fill_up(tx, &people, who.id, now).await?;
    merges::note(tx, from, people.into, now).await?;
    erasures::delete_contact(tx, people.from).await?;
    super::store::words::keep_of(tx, people.into).await?;
    let entry = Entry {
        actor: Actor::from(who),
        action: "person.merge",
        subject: into.to_string(),
        detail: from.to_string(),
    };
    audit::record(tx, &entry, now).await?;
    Ok(Merged::Yes)
}
