//! Team mode: several people answer for each side of one partnership.

use jiff::Timestamp;

use crate::assessment::Parties;
use crate::assessment::model::answers::Side;
use crate::values::PublicId;

/// Places that one round may have.
pub(crate) const MOST_PLACES: i64 = 200;

/// One round of answers. Whoever opened it closes it; nothing is shown before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Round {
    /// The row.
    pub id: i64,
    /// Its link carries it.
    pub public_id: PublicId,
    /// The round before.
    pub previous_id: Option<i64>,
    /// 1 for the first.
    pub number: i64,
    /// The two sides, as who opened it calls them.
    pub parties: Parties,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// It is erased then.
    pub keep_until: Timestamp,
}

impl Round {
    /// The two sides, with names that mean one side to everybody.
    #[must_use]
    pub(crate) fn parties_for_all(&self) -> Parties {
        self.parties
            .for_both(("The opening side", "The other side"))
            .for_others()
    }
}

/// One respondent's place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// The row.
    pub id: i64,
    /// Its link carries it.
    pub public_id: PublicId,
    /// The round.
    pub round_id: i64,
    /// Which side its respondent is on.
    pub side: Side,
    /// What its respondent answers with.
    pub assessment_id: Option<i64>,
    /// True once the link was used.
    pub used: bool,
    /// The name to be shown where few answered, agreed to.
    pub name: Option<String>,
    /// It counted in the closed round and was erased since.
    pub withdrawn: bool,
}
