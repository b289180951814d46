//! Rounds of several for each side: opened, filled with places, closed, opened again.

use jiff::Timestamp;

use super::taking_up::{TakenUp, begin, begun_by};
use crate::assessment::Parties;
use crate::assessment::model::answers::Side;
use crate::assessment::model::assessment::AnsweredAs;
use crate::assessment::model::round::{MOST_PLACES, Round};
use crate::assessment::store::{assessments, rounds};
use crate::db::{DbError, Tx};
use crate::values::PublicId;

/// Opens a round; a form posted twice opens one.
pub(crate) async fn open(tx: &mut Tx, form: PublicId, parties: &Parties, now: Timestamp) -> Result<(), DbError> {
    rounds::insert(tx, form, None, 1, parties, now).await?;
    Ok(())
}

/// Adds places while the round is open. False: it is closed, or would have too many; what was added stays.
pub(crate) async fn add_places(
    tx: &mut Tx,
    round_id: i64,
    side: Side,
    count: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    rounds::hold(tx, round_id).await?;
    let there = rounds::places(tx, round_id).await?.len();
    if i64::try_from(there).unwrap_or(i64::MAX) + count > MOST_PLACES {
        return Ok(false);
    }
    for _ in 0..count {
        if !rounds::add_place(tx, round_id, side, now).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes a place: the respondent's assessment begins. `name`: agreed to be shown with the side where few answer.
pub(crate) async fn take_place(
    tx: &mut Tx,
    place: PublicId,
    form: PublicId,
    name: Option<&str>,
    now: Timestamp,
) -> Result<TakenUp, DbError> {
    let Some(found) = rounds::place_by_public_id(tx, place).await? else {
        return Ok(TakenUp::No);
    };
    let is_used = found.used || assessments::by_public_id(tx, form).await?.is_some();
    if !is_used {
        let round = rounds::by_id(tx, found.round_id).await?;
        let Some(round) = round.filter(|round| round.closed_at.is_none()) else {
            return Ok(TakenUp::No);
        };
        if rounds::use_place(tx, found.id, name, now).await? {
            let parties = round.parties.seen_from(found.side);
            let Some(id) = begin(tx, form, AnsweredAs::OneOfSeveral, parties, now).await? else {
                return Ok(TakenUp::No);
            };
            rounds::set_assessment(tx, found.id, id).await?;
            return begun_by(tx, Some(id), form).await;
        }
    }
    // Read again: a click of the same form may have been quicker.
    let taken = rounds::place_by_public_id(tx, place).await?;
    begun_by(tx, taken.and_then(|taken| taken.assessment_id), form).await
}

/// Closes a round: what was finished by now counts, and changes no more. False: it was closed before.
pub(crate) async fn close(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, DbError> {
    let closed = rounds::mark_closed(tx, id, now).await?;
    if closed {
        rounds::freeze_finished(tx, id).await?;
    }
    Ok(closed)
}

/// Opens the next round of a closed one; places whose answers came late, or not yet, go over to it. `None`: there is
/// one already.
pub(crate) async fn open_next(
    tx: &mut Tx,
    round: &Round,
    form: PublicId,
    now: Timestamp,
) -> Result<Option<Round>, DbError> {
    rounds::hold(tx, round.id).await?;
    if rounds::next(tx, round.id).await?.is_some() {
        return Ok(None);
    }
    let id = rounds::insert(tx, form, Some(round.id), round.number + 1, &round.parties, now).await?;
    let Some(id) = id else { return Ok(None) };
    rounds::move_open_places(tx, round.id, id).await?;
    rounds::by_id(tx, id).await
}
