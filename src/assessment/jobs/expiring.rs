//! What is over by itself: results and rounds whose time has come, invitations that nobody took up.

use jiff::Timestamp;

use super::{comparing, keeping};
use crate::assessment::store::{assessments, invitations, rounds};
use crate::contacts::Traces;
use crate::db::{Db, DbError};

/// Rows of each kind that one turn ends.
const AT_ONCE: i64 = 200;

/// Ends what is over by now. Gives how many rows were erased or ended.
///
/// # Errors
/// When the database fails.
pub async fn expire(db: &Db, traces: &Traces, now: Timestamp) -> Result<usize, DbError> {
    let mut ended = 0;
    loop {
        let conn = &mut db.read().await?;
        let old = assessments::expired(conn, now, AT_ONCE).await?;
        let over = rounds::expired(conn, now, AT_ONCE).await?;
        let unanswered = invitations::expired_with_mail(conn, now, AT_ONCE).await?;
        if old.is_empty() && over.is_empty() && unanswered.is_empty() {
            break;
        }
        ended += old.len() + over.len() + unanswered.len();
        for id in old {
            let traces = traces.clone();
            db.write(move |tx| {
                let traces = traces.clone();
                Box::pin(async move { keeping::erase(tx, id, &traces).await })
            })
            .await?;
        }
        for id in over {
            db.write(move |tx| Box::pin(rounds::erase(tx, id))).await?;
        }
        for id in unanswered {
            db.write(move |tx| Box::pin(comparing::expire(tx, id))).await?;
        }
    }
    db.write(move |tx| Box::pin(invitations::forget_names(tx, now))).await?;
    if ended > 0 {
        db.forget_deleted().await;
    }
    Ok(ended)
}
