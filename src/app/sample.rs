//! Finished assessments for the demo, so that figures and comparison have something to show. All are marked as sample
//! data, and `serve` never makes any.

use jiff::{SignedDuration, Timestamp};

use crate::assessment::answers::{Answer, Answers, FactorAnswers, Rating};
use crate::assessment::factor::PerFactor;
use crate::assessment::store::assessments::{self, NewAssessment, Posted};
use crate::assessment::store::benchmarks;
use crate::assessment::{Parties, Relationship};
use crate::db::{Db, DbError, Tx, settings};
use crate::values::PublicId;

/// The marker; its value is when.
const SAMPLED: &str = "sample_assessments";
/// How many of each kind.
const COUNTS: [(Relationship, u32); 3] = [
    (Relationship::Partner, 120),
    (Relationship::Internal, 40),
    (Relationship::Customer, 12),
];
/// Stored by one job.
const AT_ONCE: u32 = 20;

/// Puts them in, once.
pub(super) async fn put_in(db: &Db, now: Timestamp) -> Result<(), DbError> {
    if settings::find(&mut db.read().await?, SAMPLED).await?.is_some() {
        return Ok(());
    }
    for (relationship, count) in COUNTS {
        for first in (0..count).step_by(AT_ONCE as usize) {
            let numbers = first..count.min(first + AT_ONCE);
            db.write(move |tx| {
                let numbers = numbers.clone();
                Box::pin(async move {
                    for number in numbers {
                        put_one(tx, relationship, number, now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        }
    }
    db.write(move |tx| Box::pin(async move { settings::put_first(tx, SAMPLED, &now.to_string()).await }))
        .await?;
    benchmarks::rebuild(db, now).await?;
    Ok(())
}

async fn put_one(tx: &mut Tx, relationship: Relationship, number: u32, now: Timestamp) -> Result<(), DbError> {
    let (us, partner) = Parties::default_names(relationship, None);
    let new = NewAssessment {
        public_id: PublicId::random(),
        first_id: None,
        parties: Parties {
            relationship,
            side: (relationship == Relationship::Customer).then_some(crate::assessment::CustomerSide::Supplier),
            us: us.to_owned(),
            partner: partner.to_owned(),
        },
    };
    // Spread over the last twelve weeks.
    let at = now - SignedDuration::from_hours(i64::from(number * 17 % 84) * 24);
    let Some(id) = assessments::insert(tx, &new, at).await? else {
        return Ok(());
    };
    let answers = answers(number);
    let posted = Posted {
        seen: None,
        answers: PerFactor::from_fn(|factor| Some(*answers.get(factor))),
        closing: None,
        pace: None,
    };
    assessments::save(tx, new.public_id, &posted, at).await?;
    assessments::finish(tx, id, at).await?;
    assessments::mark_as_sample(tx, id).await
}

/// Answers around a level that differs from one to the next. The same number gives the same answers.
fn answers(number: u32) -> Answers {
    let mut state = number.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut dice = move |sides: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % sides
    };
    let level = 1 + dice(3);
    Answers::from_fn(|_| {
        let (ours, theirs) = (dice(2), dice(3));
        let mut side = |lift: u32| {
            std::array::from_fn(|_| {
                let points = (level + lift + dice(3)).saturating_sub(1).min(u32::from(Rating::MOST));
                Rating::new(u8::try_from(points).unwrap_or(0)).map_or(Answer::DontKnow, Answer::Rated)
            })
        };
        FactorAnswers {
            us: side(ours),
            partner: side(u32::from(theirs == 0)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::scoring::score;

    #[test]
    fn samples_are_spread_and_always_the_same() {
        let index = |number| score(&answers(number)).whole.unwrap().index;
        let all: Vec<f64> = (0..120).map(index).collect();
        let below = |bound: f64| all.iter().filter(|index| **index < bound).count();
        assert!((10..60).contains(&below(40.0)), "{} below 40", below(40.0));
        assert!((60..115).contains(&below(75.0)), "{} below 75", below(75.0));
        assert!((index(7) - index(7)).abs() < f64::EPSILON);
    }
}
