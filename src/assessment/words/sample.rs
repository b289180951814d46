//! A result to look at before one has answered: made-up figures, scored and worded as any other.

use super::bank::Bank;
use super::reading::{Reading, read};
use crate::assessment::model::factor::PerFactor;
use crate::assessment::scoring::{Sides, score_of_sides};
use crate::assessment::{Parties, Relationship};

/// A partnership that shares much, and one thing unevenly.
#[must_use]
pub(crate) fn sample_reading(bank: &Bank) -> Reading {
    let relationship = Relationship::Partner;
    let (us, partner) = Parties::default_names(relationship, None);
    let parties = Parties {
        relationship,
        side: None,
        us: us.to_owned(),
        partner: partner.to_owned(),
    };
    let sides = |us, partner| Sides {
        us: Some(us),
        partner: Some(partner),
    };
    let figures = PerFactor {
        risk: sides(81.25, 43.75),
        resources: sides(75.0, 62.5),
        rewards: sides(68.75, 75.0),
        vision: sides(87.5, 81.25),
        values: sides(75.0, 75.0),
    };
    read(bank, &parties, &score_of_sides(&figures))
}
