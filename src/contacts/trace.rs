//! Where a contact leaves traces. Each feature says so of itself and `app` hands it in, so that this module names no
//! table of another.

use std::sync::Arc;

/// What one feature keeps of a contact.
#[derive(Debug, Clone, Copy)]
pub struct Trace {
    /// A table with a `contact_id`.
    pub table: &'static str,
    /// True where it holds only what stands in `contacts`, too: it keeps nobody.
    pub is_derived: bool,
}

impl Trace {
    /// One that keeps its contact.
    #[must_use]
    pub const fn of(table: &'static str) -> Self {
        Self {
            table,
            is_derived: false,
        }
    }
}

/// What this module keeps of a contact itself.
pub const WORDS: Trace = Trace {
    table: "search_words",
    is_derived: true,
};

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
