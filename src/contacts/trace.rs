//! Where a contact leaves traces. Each feature says so of itself and `app` hands it in, so that this module names no
//! table of another.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

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

/// What one feature keeps of a contact.
#[derive(Debug, Clone, Copy)]
pub struct Trace {
    /// A table with a `contact_id`.
    pub table: &'static str,
    /// True where it says nothing of its own: it keeps nobody.
    pub is_derived: bool,
    /// What happens to it when the person is corrected.
    pub(crate) follow: Option<Follow>,
}

impl Trace {
    /// One that keeps its contact.
    #[must_use]
    pub const fn of(table: &'static str) -> Self {
        Self {
            table,
            is_derived: false,
            follow: None,
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

    /// One that keeps nobody.
    #[must_use]
    pub const fn derived(table: &'static str) -> Self {
        Self {
            table,
            is_derived: true,
            follow: None,
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
        let each: Vec<String> = self
            .0
            .iter()
            .filter(|trace| !trace.is_derived)
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
