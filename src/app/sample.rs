//! Finished assessments for the demo, so that figures and comparison have something to show. All are marked as sample
//! data, and `serve` never makes any.

use jiff::{SignedDuration, Timestamp};

use crate::assessment::jobs::answering::{self, Posted};
use crate::assessment::jobs::benchmark;
use crate::assessment::model::answers::{Answers, FactorAnswers, ItemAnswer, Rating};
use crate::assessment::model::assessment::AnsweredAs;
use crate::assessment::model::factor::PerFactor;
use crate::assessment::store::assessments::{self, NewAssessment};
use crate::assessment::{Parties, Relationship};
use crate::db::{Db, DbError, Tx, settings};
use crate::values::PublicId;

/// The marker: how many are in, and in the end when that was.
const SAMPLED: &str = "sample_assessments";
/// How many of each kind.
const COUNTS: [(Relationship, u32); 3] = [
    (Relationship::Partner, 120),
    (Relationship::Internal, 40),
    (Relationship::Customer, 12),
];
/// Stored by one job.
const AT_ONCE: usize = 20;

/// Puts them in, once. After a stop in between it goes on where it was.
pub(super) async fn put_in(db: &Db, now: Timestamp) -> Result<(), DbError> {
    let kept = settings::find(&mut db.read().await?, SAMPLED).await?;
    let mut done = match kept.as_deref().map(str::parse::<usize>) {
        None => 0,
        Some(Ok(done)) => done,
        Some(Err(_)) => return Ok(()),
    };
    let all = all();
    for batch in all.get(done..).unwrap_or_default().chunks(AT_ONCE) {
        done += batch.len();
        put_some(db, batch.to_vec(), done, now).await?;
    }
    benchmark::rebuild(db, now).await?;
    db.write(move |tx| Box::pin(async move { settings::put(tx, SAMPLED, &now.to_string()).await }))
        .await
}

fn all() -> Vec<(Relationship, u32)> {
    let of = |(relationship, count)| (0..count).map(move |number| (relationship, number));
    COUNTS.into_iter().flat_map(of).collect()
}

/// With them, that so many are in.
async fn put_some(db: &Db, batch: Vec<(Relationship, u32)>, done: usize, now: Timestamp) -> Result<(), DbError> {
    db.write(move |tx| {
        let batch = batch.clone();
        Box::pin(async move {
            for (relationship, number) in batch {
                put_one(tx, relationship, number, now).await?;
            }
            settings::put(tx, SAMPLED, &done.to_string()).await
        })
    })
    .await
}

async fn put_one(tx: &mut Tx, relationship: Relationship, number: u32, now: Timestamp) -> Result<(), DbError> {
    let (us, partner) = Parties::default_names(relationship, None);
    let new = NewAssessment {
        public_id: PublicId::random(),
        first_id: None,
        answered_as: AnsweredAs::Alone,
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
    answering::save(tx, new.public_id, &posted, at).await?;
    answering::finish(tx, id, at).await?;
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
                Rating::new(u8::try_from(points).unwrap_or(0)).map_or(ItemAnswer::DontKnow, ItemAnswer::Rated)
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
    use crate::config::DatabaseUrl;
    use crate::on_db;

    #[test]
    fn samples_are_spread_and_always_the_same() {
        let index = |number| score(&answers(number)).whole.unwrap().index;
        let all: Vec<f64> = (0..120).map(index).collect();
        let below = |bound: f64| all.iter().filter(|index| **index < bound).count();
        assert!((10..60).contains(&below(40.0)), "{} below 40", below(40.0));
        assert!((60..115).contains(&below(75.0)), "{} below 75", below(75.0));
        assert_eq!(format!("{:.3}", index(7)), "20.400");
    }

    #[tokio::test]
    async fn a_stop_in_between_doubles_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", directory.path().join("demo.db").display());
        let db = Db::open(&DatabaseUrl::parse(&url).unwrap()).await.unwrap();
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 50);
        put_some(&db, all()[..30].to_vec(), 30, now).await.unwrap();
        for _ in 0..2 {
            put_in(&db, now).await.unwrap();
            let conn = &mut db.read().await.unwrap();
            let count: i64 =
                on_db!(conn, c => sqlx::query_scalar("SELECT COUNT(*) FROM assessments").fetch_one(c).await).unwrap();
            assert_eq!(count, 172);
        }
    }
}
