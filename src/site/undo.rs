//! `POST /organizer/undo/{id}`: turns back what was done a moment ago.

use actix_web::web::Path;

use crate::console::{Console, list};
use crate::undo;
use crate::web::{Answer, see_other};

/// Leads back to the page that it was done on, which says what became of it.
pub(super) async fn undo(console: Console, raw: Path<String>) -> Answer {
    let id = list::id(&raw)?;
    let (kinds, who, now) = (console.undo_kinds, console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let who = who.clone();
        Box::pin(async move { undo::undo(tx, kinds, id, &who, now).await })
    });
    let undone = write.await?;
    console.state.bell.ring();
    Ok(see_other(&match undone {
        Some((page, undone)) => format!("{page}?done={}", undone.as_str()),
        // Forgotten, with the page it was done on.
        None => "/organizer?done=too-late".to_owned(),
    }))
}
