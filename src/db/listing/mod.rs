//! Lists at any size: which rows, in what order, a page at a time.
//!
//! There are two ways to the rows of a page. Where a condition holds for few rows, those are collected and sorted. Where
//! every condition holds for many, the index of the order is walked and what does not match is left out: the next fifty are
//! near then. Neither reads all rows of a long list. Which way it is, a count that ends early decides.

mod statement;

use super::piece::{SqlPiece, SqlValue};
use crate::values::PublicId;

/// What a list is made of. Rows are called `r`, unless they are people, and people `c`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedTable {
    /// `registrations r`
    pub table: &'static str,
    /// `r.id`: the order in which rows came
    pub id: &'static str,
    /// `r.public_id`
    pub public_id: &'static str,
    /// `r.contact_id`
    pub person: &'static str,
}

/// People themselves.
pub(crate) const PEOPLE: ListedTable = ListedTable {
    table: "contacts c",
    id: "c.id",
    public_id: "c.public_id",
    person: "c.id",
};

impl ListedTable {
    fn is_people(&self) -> bool {
        self.id == self.person
    }
}

/// Which rows: a condition over one row, and where it is known, how to find them all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListCondition {
    /// True of a row.
    pub holds: SqlPiece,
    /// A query for all for which it holds.
    pub found: Option<FoundBy>,
    /// It asks for what stands on the person, `c`.
    pub needs_person: bool,
}

/// A query for ids, in a column of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FoundBy {
    /// Of rows of the list: exactly those, without any of another list.
    Exactly(SqlPiece),
    /// Of rows, and perhaps of more.
    Rows(SqlPiece),
    /// Of people, and perhaps of more.
    People(SqlPiece),
}

impl FoundBy {
    fn query(&self) -> &SqlPiece {
        let (Self::Exactly(query) | Self::Rows(query) | Self::People(query)) = self;
        query
    }
}

impl ListCondition {
    /// One that such a query finds.
    #[must_use]
    pub(crate) fn found(holds: SqlPiece, found: FoundBy) -> Self {
        Self {
            holds,
            found: Some(found),
            needs_person: false,
        }
    }

    /// One that no query finds.
    #[must_use]
    pub(crate) fn walked(holds: SqlPiece) -> Self {
        Self {
            holds,
            found: None,
            needs_person: false,
        }
    }

    /// The rows of these names.
    #[must_use]
    pub(crate) fn named(of: ListedTable, names: &[PublicId]) -> Self {
        let marks = vec!["?"; names.len()].join(", ");
        let is_one = format!("{} IN ({marks})", of.public_id);
        let with_names = |text: String| {
            names.iter().fold(SqlPiece::new(text), |piece, name| {
                piece.with(SqlValue::Bytes(name.as_bytes().to_vec()))
            })
        };
        let rows = format!("SELECT {} AS id FROM {} WHERE {is_one}", of.id, of.table);
        Self::found(with_names(is_one), FoundBy::Rows(with_names(rows)))
    }

    /// Rows that were made until a moment, in microseconds.
    #[must_use]
    pub(crate) fn made_until(of: ListedTable, at: i64) -> Self {
        let row = of.id.split('.').next().unwrap_or_default();
        Self::walked(SqlPiece::new(format!("{row}.created_at <= ?")).with(SqlValue::Int(at)))
    }

    /// The same, where it asks for what stands on the person, `c`.
    #[must_use]
    pub(crate) fn with_person(mut self) -> Self {
        self.needs_person = true;
        self
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ListOrder {
    /// As they came, the last one first.
    #[default]
    Newest,
    /// As they came.
    Oldest,
    /// By name.
    Name,
    /// By name, backwards.
    NameDown,
    /// By address.
    Email,
    /// By address, backwards.
    EmailDown,
}

impl ListOrder {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Newest,
        Self::Oldest,
        Self::Name,
        Self::NameDown,
        Self::Email,
        Self::EmailDown,
    ];

    /// As it stands in the address of a list.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Name => "name",
            Self::NameDown => "-name",
            Self::Email => "email",
            Self::EmailDown => "-email",
        }
    }

    /// Reads it.
    #[must_use]
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_str() == raw)
    }

    fn is_down(self) -> bool {
        matches!(self, Self::Newest | Self::NameDown | Self::EmailDown)
    }

    /// The column of the person that it sorts by.
    fn key(self) -> Option<&'static str> {
        match self {
            Self::Newest | Self::Oldest => None,
            Self::Name | Self::NameDown => Some("c.sort_name"),
            Self::Email | Self::EmailDown => Some("c.email_key"),
        }
    }
}

/// How many match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matches {
    /// So many.
    Exactly(i64),
    /// More than so many.
    MoreThan(i64),
}

/// A part of a table that has an index of its own, in the order of its rows: one webcast of all registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListPart {
    /// `r.webcast_id`
    pub column: &'static str,
    /// The webcast.
    pub row: i64,
}

impl ListPart {
    /// True of a row of it.
    #[must_use]
    pub(crate) fn holds(self) -> SqlPiece {
        SqlPiece::new(format!("{} = {}", self.column, self.row))
    }

    /// A query for the ids of its rows.
    #[must_use]
    pub(crate) fn rows(self, of: ListedTable) -> SqlPiece {
        SqlPiece::new(format!("SELECT {} AS id FROM {} WHERE ", of.id, of.table)).and_then(&self.holds())
    }
}

/// A list: its rows, the conditions, the order.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    /// What of.
    pub of: ListedTable,
    /// Which part of its table; `None` for all.
    pub part: Option<ListPart>,
    /// All must hold.
    pub conditions: Vec<ListCondition>,
    /// The order of its pages.
    pub order: ListOrder,
}

/// Rows as they were read, in the order of their ids.
#[must_use]
pub(crate) fn in_order<R>(rows: Vec<R>, ids: &[i64], id: impl Fn(&R) -> i64) -> Vec<R> {
    let mut rows: Vec<(usize, R)> = rows
        .into_iter()
        .filter_map(|row| Some((ids.iter().position(|known| *known == id(&row))?, row)))
        .collect();
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}
