//! Where a contact leaves traces. Each feature says so of itself and `app` hands it in, so that this module names no
//! table of another.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::merge::MergedPeople;
use super::record::RecordPart;
use crate::db::{DbError, Tx};
use crate::values::EmailAddress;

/// An organizer corrected what is known of a person.
#[derive(Debug, Clone)]
pub struct PersonChange {
    /// The person's row.
    pub contact_id: i64,
    /// What they were called before.
    pub old_name: String,
    /// What they are called.
    pub name: String,
    /// What else changed: column, what stood there, what stands there.
    pub fields: Vec<FieldChange>,
    /// Where mail goes now, where that is elsewhere.
    pub address: Option<AddressChange>,
}

/// Another value of a person's field; what features keep of it has the same column.
#[derive(Debug, Clone)]
pub struct FieldChange {
    /// Where it stands.
    pub column: &'static str,
    /// What stood there.
    pub old: Option<String>,
    /// What stands there.
    pub new: Option<String>,
}

/// Another address.
#[derive(Debug, Clone)]
pub struct AddressChange {
    /// The one before, where its owner had confirmed it: it has calendar entries to be taken back.
    pub confirmed: Option<EmailAddress>,
    /// The new one.
    pub new: EmailAddress,
    /// Whether it gets at once what the one before was sent.
    pub send: bool,
}

/// What a feature does when an organizer corrects a person: what it keeps of them follows.
pub(crate) type Follow = for<'t> fn(&'t mut Tx, &'t PersonChange, Timestamp) -> BoxFuture<'t, Result<(), DbError>>;

/// Somebody who is erased: all that is known by their address, or by a row of theirs.
#[derive(Debug, Clone)]
pub struct ErasedPerson {
    /// Their row, held; `None` where only their address is left somewhere.
    pub contact_id: Option<i64>,
    /// [`EmailAddress::key`].
    pub address_key: String,
    /// What they are called.
    pub name: Option<String>,
}

/// What a feature does when somebody is erased. Gives how many rows of its table went. A table of which nothing is said goes
/// with the contact's row.
pub(crate) type EraseTrace = for<'t> fn(&'t mut Tx, &'t ErasedPerson, Timestamp) -> BoxFuture<'t, Result<u64, DbError>>;

/// What a feature does when two people are one. A table of which nothing is said has its rows given to whoever stays.
pub(crate) type JoinTrace = for<'t> fn(&'t mut Tx, &'t MergedPeople, Timestamp) -> BoxFuture<'t, Result<(), DbError>>;

/// By what a row is somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceOf {
    /// It names its contact, and keeps them.
    Contact,
    /// It names its contact, and says nothing of its own.
    Derived,
    /// It holds an address, of a contact or of nobody: this expression is an [`EmailAddress::key`].
    Address(&'static str),
    /// It may hold anybody: whoever is erased, all of it goes.
    Anybody,
}

/// What one feature keeps of a contact.
#[derive(Debug, Clone, Copy)]
pub struct Trace {
    /// The table.
    pub table: &'static str,
    /// By what its rows are somebody's.
    pub of: TraceOf,
    /// One of them, and several, as organizers call them; none where they are not counted.
    pub called: Option<(&'static str, &'static str)>,
    /// What happens to it when the person is corrected.
    pub(crate) follow: Option<Follow>,
    /// What happens to it when the person is erased.
    pub(crate) erase: Option<EraseTrace>,
    /// What happens to it when the person and another one are one.
    pub(crate) join: Option<JoinTrace>,
    /// What is told of it to the person.
    pub(crate) told: &'static [RecordPart],
}

impl Trace {
    /// One that keeps its contact.
    #[must_use]
    pub const fn of(table: &'static str) -> Self {
        Self::new(table, TraceOf::Contact)
    }

    /// One that keeps nobody.
    #[must_use]
    pub const fn derived(table: &'static str) -> Self {
        Self::new(table, TraceOf::Derived)
    }

    /// One that is found by the address alone.
    #[must_use]
    pub(crate) const fn of_address(table: &'static str, key: &'static str, erase: EraseTrace) -> Self {
        Self::new(table, TraceOf::Address(key)).erased_by(erase)
    }

    /// One that may hold anybody.
    #[must_use]
    pub(crate) const fn of_anybody(table: &'static str, erase: EraseTrace) -> Self {
        Self::new(table, TraceOf::Anybody).erased_by(erase)
    }

    const fn new(table: &'static str, of: TraceOf) -> Self {
        Self {
            table,
            of,
            called: None,
            follow: None,
            erase: None,
            join: None,
            told: &[],
        }
    }

    /// The same, and its rows are counted under these words.
    #[must_use]
    pub const fn called(self, one: &'static str, several: &'static str) -> Self {
        Self {
            called: Some((one, several)),
            ..self
        }
    }

    /// The same, and this is done when two people are one.
    #[must_use]
    pub(crate) const fn joined_by(self, join: JoinTrace) -> Self {
        Self {
            join: Some(join),
            ..self
        }
    }

    /// The same, and this is told of it to whoever asks what is kept of them.
    #[must_use]
    pub const fn telling(self, told: &'static [RecordPart]) -> Self {
        Self { told, ..self }
    }

    /// The same, and this is done when somebody is erased.
    #[must_use]
    pub(crate) const fn erased_by(self, erase: EraseTrace) -> Self {
        Self {
            erase: Some(erase),
            ..self
        }
    }

    /// The same, and it follows corrections.
    #[must_use]
    pub(crate) const fn following(self, follow: Follow) -> Self {
        Self {
            follow: Some(follow),
            ..self
        }
    }
}

/// All of them.
#[derive(Debug, Clone)]
pub struct Traces(Arc<[Trace]>);

impl Traces {
    /// Those of all features.
    #[must_use]
    pub fn new(traces: &[Trace]) -> Self {
        Self(traces.into())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Trace> {
        self.0.iter()
    }

    /// "Nothing refers to the contact in this placeholder", for a WHERE.
    #[must_use]
    pub(super) fn unused(&self, contact: &str) -> String {
        self.without(contact, &[])
    }

    /// The same, whatever these tables hold.
    #[must_use]
    pub(crate) fn without(&self, contact: &str, but: &[&str]) -> String {
        let each: Vec<String> = self
            .0
            .iter()
            .filter(|trace| trace.of == TraceOf::Contact && !but.contains(&trace.table))
            .map(|trace| {
                format!(
                    "NOT EXISTS (SELECT 1 FROM {} WHERE contact_id = {contact})",
                    trace.table
                )
            })
            .collect();
        each.join(" AND ")
    }
}
