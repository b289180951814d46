//! An assessment that somebody was asked for, taken up once: by the invitation of a partner, by a place in a round.

use jiff::Timestamp;

use crate::assessment::Parties;
use crate::assessment::model::assessment::{AnsweredAs, Assessment};
use crate::assessment::store::assessments::{self, NewAssessment};
use crate::db::{DbError, Tx};
use crate::values::PublicId;

/// What came of taking one up.
#[derive(Clone, Debug, PartialEq)]
pub enum TakenUp {
    /// This post began the assessment, or the same form did before.
    Yes(Box<Assessment>),
    /// It is over, or somebody took it up already.
    No,
}

/// Begins the assessment of a form; gives its row. `None`: the form began one before.
pub(super) async fn begin(
    tx: &mut Tx,
    form: PublicId,
    answered_as: AnsweredAs,
    parties: Parties,
    now: Timestamp,
) -> Result<Option<i64>, DbError> {
    let new = NewAssessment {
        public_id: form,
        first_id: None,
        answered_as,
        parties,
    };
    assessments::insert(tx, &new, now).await
}

/// The assessment in this row, where this form began it: a double click begins once and leads to the same page.
pub(super) async fn begun_by(tx: &mut Tx, assessment_id: Option<i64>, form: PublicId) -> Result<TakenUp, DbError> {
    let Some(id) = assessment_id else {
        return Ok(TakenUp::No);
    };
    let begun = assessments::by_id(tx, id).await?;
    let same = begun.filter(|begun| begun.public_id == form);
    Ok(same.map_or(TakenUp::No, |begun| TakenUp::Yes(Box::new(begun))))
}
