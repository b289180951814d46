//! Erasing a person, for good. What a calendar has of them is taken back by a mail of its own; everything else goes in one
//! job. What stays is a keyed hash of the address, so that no import brings them back, and numbers.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::store::{self, details, erasures};
use super::{ErasedPerson, Trace, TraceOf, Traces};
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, DbError, Tx};
use crate::values::in_hex;

/// Who has it done; stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErasedBy {
    /// An organizer.
    Organizer(i64),
    /// The person, by a link of theirs.
    Visitor,
    /// Whoever can run commands on the server.
    CommandLine,
}

impl ErasedBy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Organizer(_) => "organizer",
            Self::Visitor => "visitor",
            Self::CommandLine => "command line",
        }
    }

    const fn actor(self) -> Actor {
        match self {
            Self::Organizer(id) => Actor::Organizer(id),
            Self::Visitor => Actor::Visitor,
            Self::CommandLine => Actor::CommandLine,
        }
    }
}

/// Whom to erase.
#[derive(Debug, Clone)]
pub(crate) struct Erase {
    /// [`EmailAddress::key`](crate::values::EmailAddress::key).
    pub address_key: String,
    /// The keyed hash of it.
    pub fingerprint: Vec<u8>,
    /// Who has it done.
    pub by: ErasedBy,
}

/// What is known of somebody, or went: "2 registrations".
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(Vec<(Trace, u64)>);

impl Kept {
    /// "2 registrations" and "1 note", without what there is none of.
    pub(crate) fn in_words(&self) -> Vec<String> {
        let each = self.0.iter().filter_map(|(trace, count)| {
            let (one, several) = trace.called?;
            Some(format!("{count} {}", if *count == 1 { one } else { several }))
        });
        each.collect()
    }

    /// The same, without what organizers write about them.
    pub(crate) fn in_words_for_visitors(&self) -> Vec<String> {
        let theirs = |(trace, _): &&(Trace, u64)| trace.told.iter().any(|part| !part.is_internal);
        Self(self.0.iter().filter(theirs).copied().collect()).in_words()
    }

    fn add(&mut self, trace: Trace, count: u64) {
        if count > 0 {
            self.0.push((trace, count));
        }
    }

    /// Numbers by table.
    fn as_json(&self) -> String {
        let numbers: serde_json::Map<String, serde_json::Value> = self
            .0
            .iter()
            .map(|(trace, count)| (trace.table.to_owned(), (*count).into()))
            .collect();
        serde_json::Value::Object(numbers).to_string()
    }
}

/// The numbers of an erasure in words, as [`Kept::in_words`] has them.
pub(crate) fn counts_in_words(counts: &str, traces: &Traces) -> Vec<String> {
    let counts: BTreeMap<String, u64> = serde_json::from_str(counts).unwrap_or_default();
    let kept = traces
        .iter()
        .filter_map(|trace| Some((*trace, *counts.get(trace.table)?)));
    Kept(kept.collect()).in_words()
}

/// What is kept of a contact.
pub(crate) async fn kept(conn: &mut Conn, contact_id: i64, traces: &Traces) -> Result<Kept, DbError> {
    let mut kept = Kept::default();
    for trace in traces.iter() {
        let count = erasures::count(conn, trace, contact_id).await?;
        kept.add(*trace, u64::try_from(count).unwrap_or_default());
    }
    Ok(kept)
}

/// Erases all that is known by this address, and whose it is. Gives what went.
pub(crate) async fn erase_rows(
    tx: &mut Tx,
    address_key: &str,
    traces: &Traces,
    now: Timestamp,
) -> Result<(Kept, ErasedPerson), DbError> {
    let known = store::find_by_key(tx, address_key).await?.map(|known| known.id);
    let name = match known {
        Some(contact) => {
            details::hold(tx, contact).await?;
            erasures::name_of(tx, contact).await?
        }
        None => None,
    };
    let person = ErasedPerson {
        contact_id: known,
        address_key: address_key.to_owned(),
        name,
    };
    let mut gone = Kept::default();
    for trace in traces.iter().filter(|trace| trace.of != TraceOf::Anybody) {
        let count = match (trace.erase, person.contact_id) {
            (Some(erase), _) => erase(tx, &person, now).await?,
            (None, Some(contact)) => u64::try_from(erasures::count(tx, trace, contact).await?).unwrap_or_default(),
            (None, None) => 0,
        };
        gone.add(*trace, count);
    }
    if let Some(contact) = person.contact_id {
        erasures::delete_contact(tx, contact).await?;
    }
    Ok((gone, person))
}

/// The same for the contact of a row.
pub(crate) async fn erase_contact(tx: &mut Tx, contact: i64, traces: &Traces, now: Timestamp) -> Result<(), DbError> {
    if let Some(address) = erasures::address_of(tx, contact).await? {
        erase_rows(tx, &address, traces, now).await?;
    }
    Ok(())
}

/// Erases them. Gives what went; `None`: nothing is kept of this address.
pub(crate) async fn erase(
    tx: &mut Tx,
    wanted: &Erase,
    traces: &Traces,
    now: Timestamp,
) -> Result<Option<Kept>, DbError> {
    let (gone, person) = erase_rows(tx, &wanted.address_key, traces, now).await?;
    if person.contact_id.is_none() && gone.0.is_empty() {
        return Ok(None);
    }
    for trace in traces.iter().filter(|trace| trace.of == TraceOf::Anybody) {
        if let Some(erase) = trace.erase {
            erase(tx, &person, now).await?;
        }
    }
    erasures::note(tx, &wanted.fingerprint, wanted.by.as_str(), &gone.as_json(), now).await?;
    let entry = Entry {
        actor: wanted.by.actor(),
        action: "person.erase",
        // A part of the receipt: whoever has one finds the line, and nobody finds the person by it.
        subject: short(&wanted.fingerprint),
        detail: gone.in_words().join(", "),
    };
    audit::record(tx, &entry, now).await?;
    Ok(Some(gone))
}

/// The beginning of a fingerprint, which tells one from the other.
fn short(fingerprint: &[u8]) -> String {
    in_hex(fingerprint.iter().take(8))
}
