//! Erasing an assessment: the one place that knows all that hangs on it.

use super::{assessments, benchmarks, invitations, mail, rounds, talks};
use crate::db::{DbError, Tx};
use crate::on_db;

/// Erases it with all that hangs on it: figures, invitations and joint reports, its place in a round, mail about it.
pub async fn assessment(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    rounds::note_withdrawal(tx, id).await?;
    invitations::leave(tx, id).await?;
    mail::forget_about_assessment(tx, id).await?;
    talks::remove(tx, id).await?;
    if let Some(found) = assessments::by_id(tx, id).await? {
        benchmarks::pass_on(tx, &found).await?;
    }
    pass_on_first(tx, id).await?;
    on_db!(tx, c => sqlx::query("DELETE FROM assessments WHERE id = $1").bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Where it was the first of a row of repeats, the next one is from now on.
async fn pass_on_first(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let heir: Option<i64> = on_db!(tx, c => sqlx::query_scalar("SELECT MIN(id) FROM assessments WHERE first_id = $1")
        .bind(id)
        .fetch_one(c)
        .await)?;
    on_db!(tx, c => sqlx::query(
        "UPDATE assessments SET first_id = CASE WHEN id = $2 THEN NULL ELSE $2 END WHERE first_id = $1")
        .bind(id)
        .bind(heir)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
