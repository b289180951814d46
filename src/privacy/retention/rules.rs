//! The rules: what is removed, and by what it is old.

use crate::contacts::Traces;

/// In what a rule is counted on pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetentionUnit {
    /// Days.
    Day,
    /// Months, of a twelfth of a year.
    Month,
}

impl RetentionUnit {
    pub(crate) const fn in_words(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// What becomes of what is old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removed {
    /// People, with everything tied to them.
    People,
    /// Registrations, with answers and attendance, and what was mailed about them.
    Registrations,
    /// Requests, with answers, and what was mailed about them.
    Requests,
    /// When somebody was there; that they were there stays.
    Attendance,
    /// Rows of a table, which nothing hangs on.
    Rows(&'static str),
}

/// Rows that are old: `?1` is the moment that they are compared with, `?2` is now.
#[derive(Debug, Clone)]
pub(crate) struct Older {
    /// The table, with the name `x`.
    pub table: &'static str,
    /// What holds of an old row.
    pub holds: String,
}

/// A rule.
pub(crate) struct RetentionRule {
    /// Stored, and the name of its fields.
    pub name: &'static str,
    /// What it is about.
    pub label: &'static str,
    /// What is erased when: a sentence for organizers.
    pub what: &'static str,
    /// The same on the privacy page; `{}` is for how long.
    pub promise: &'static str,
    /// Counted as these.
    pub rows: (&'static str, &'static str),
    /// In what it is set.
    pub unit: RetentionUnit,
    /// What is proposed.
    pub usual_days: i64,
    pub(super) older: fn(&Traces) -> Older,
    pub(super) removed: Removed,
}

impl std::fmt::Debug for RetentionRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RetentionRule")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Days of so many months.
const fn months(months: i64) -> i64 {
    (months * 365 + 6) / 12
}

impl RetentionRule {
    /// A number of its unit in days.
    pub(crate) const fn days(&self, number: i64) -> i64 {
        match self.unit {
            RetentionUnit::Day => number,
            RetentionUnit::Month => months(number),
        }
    }

    /// Days in its unit.
    pub(crate) const fn shown(&self, days: i64) -> i64 {
        match self.unit {
            RetentionUnit::Day => days,
            RetentionUnit::Month => (days * 12 + 182) / 365,
        }
    }
}

fn of_session_before(column: &str) -> String {
    // The sign keeps a database from sorting all of them by each step: it goes through the rows in their order.
    format!("+x.{column} IN (SELECT s.id FROM sessions s WHERE s.ends_at < ?1)")
}

/// All of them, in the order in which they are looked at.
pub(crate) static RULES: [RetentionRule; 7] = [
    RetentionRule {
        name: "registrations",
        label: "Registrations",
        what: "With answers and attendance, so long after their session.",
        promise: "Registrations, with answers and attendance, are erased {} after their session.",
        rows: ("registration", "registrations"),
        unit: RetentionUnit::Month,
        usual_days: months(12),
        older: |_| Older {
            table: "registrations",
            holds: of_session_before("session_id"),
        },
        removed: Removed::Registrations,
    },
    RetentionRule {
        name: "requests",
        label: "Requests for papers",
        what: "With answers, so long after the paper was last asked for, mailed or downloaded.",
        promise: "Requests for papers are erased {} after the paper was last asked for or downloaded.",
        rows: ("request", "requests"),
        unit: RetentionUnit::Month,
        usual_days: months(12),
        older: |_| Older {
            table: "requests",
            holds: "x.created_at < ?1 AND COALESCE(x.mailed_at, 0) < ?1 AND COALESCE(x.last_download_at, 0) < ?1"
                .to_owned(),
        },
        removed: Removed::Requests,
    },
    RetentionRule {
        name: "talks",
        label: "Wishes to talk",
        what: "Name and address of those who wanted to talk about a result, so long after they said so.",
        promise: "Who asked us to talk about a result is forgotten after {}.",
        rows: ("wish", "wishes"),
        unit: RetentionUnit::Month,
        usual_days: months(12),
        older: |_| Older {
            table: "assessment_talks",
            holds: "x.created_at < ?1".to_owned(),
        },
        removed: Removed::Rows("assessment_talks"),
    },
    RetentionRule {
        name: "unconfirmed",
        label: "People who never confirmed",
        what: "With everything tied to them, so long after they came. Not those whose session is ahead, and not those whom an organizer or an import put in.",
        promise: "Who never used a link from our mails is erased after {}.",
        rows: ("person", "people"),
        unit: RetentionUnit::Day,
        usual_days: 60,
        older: |_| Older {
            table: "contacts",
            holds: "x.confirmed_at IS NULL AND x.changed_at IS NULL AND x.created_at < ?1
                    AND NOT EXISTS (SELECT 1 FROM registrations r JOIN sessions s ON s.id = r.session_id
                                     WHERE r.contact_id = x.id AND s.ends_at > ?2)"
                .to_owned(),
        },
        removed: Removed::People,
    },
    RetentionRule {
        name: "contacts",
        label: "People without anything",
        what: "With notes and tags, so long after they came or were changed: who has no registration, no request, and no wish to talk. Not those who agreed to news.",
        promise: "Who has neither registration nor request left, and did not agree to news, is erased after {}.",
        rows: ("person", "people"),
        unit: RetentionUnit::Month,
        usual_days: months(12),
        older: |traces| Older {
            table: "contacts",
            holds: format!(
                "x.created_at < ?1 AND COALESCE(x.changed_at, 0) < ?1
                 AND COALESCE((SELECT k.act FROM consents k WHERE k.contact_id = x.id AND k.purpose = 'marketing'
                                ORDER BY k.at DESC, k.id DESC LIMIT 1), '') <> 'given' AND {}",
                // Notes and tags go with their person.
                traces.without("x.id", &["notes", "contact_tags"])
            ),
        },
        removed: Removed::People,
    },
    RetentionRule {
        name: "attendance",
        label: "Times of attendance",
        what: "When somebody came and left, so long after the session. That they were there stays with the registration.",
        promise: "When you came to a session and left it is erased {} after it.",
        rows: ("time", "times"),
        unit: RetentionUnit::Month,
        usual_days: months(6),
        older: |_| Older {
            table: "attendance",
            holds: of_session_before("session_id"),
        },
        removed: Removed::Attendance,
    },
    RetentionRule {
        name: "audit",
        label: "Audit log",
        what: "Who did what in the console, so long after it was done.",
        promise: "What organizers did is noted for {}.",
        rows: ("line", "lines"),
        unit: RetentionUnit::Month,
        usual_days: months(24),
        older: |_| Older {
            table: "audit_log",
            holds: "x.at < ?1".to_owned(),
        },
        removed: Removed::Rows("audit_log"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_come_back_as_they_were_set() {
        for rule in &RULES {
            for number in 1..=120 {
                assert_eq!(rule.shown(rule.days(number)), number, "{}", rule.name);
            }
        }
    }
}
