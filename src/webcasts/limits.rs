//! How many registrations an hour one network may make for a webcast, where an organizer has set a number.

use super::store;
use crate::web::AppState;

/// Reads the numbers; those read before stay where the database does not answer.
pub(crate) async fn read_limits(state: &AppState) {
    let read = async {
        let rows = store::network_limits(&mut state.db.read().await?).await?;
        Ok::<_, crate::db::DbError>(
            rows.into_iter()
                .filter_map(|(slug, most)| Some((slug, u32::try_from(most).ok()?))),
        )
    };
    match read.await {
        Ok(limits) => state.own_limits.replace(limits.collect()),
        Err(error) => tracing::warn!(%error, "the limits of webcasts could not be read"),
    }
}
