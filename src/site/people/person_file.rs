//! `/organizer/people/{id}/data.json` and `.csv`: all that is kept of somebody who asks for it.

use actix_web::web::{Data, Path};

use crate::audit::Actor;
use crate::console::{downloads, list};
use crate::contacts::Traces;
use crate::contacts::store::details;
use crate::organizers::SignedIn;
use crate::privacy::{PersonFile, Taker};
use crate::web::{Answer, AppState, WebError};

/// Sends it.
pub(super) async fn send(
    state: Data<AppState>,
    traces: Data<Traces>,
    who: SignedIn,
    path: Path<(String, String)>,
) -> Answer {
    let (raw, ending) = path.into_inner();
    let file = PersonFile::of_ending(&ending).ok_or(WebError::NotFound)?;
    let id = list::id(&raw)?;
    let person = details::person(&mut state.db.read().await?, id)
        .await?
        .ok_or(WebError::NotFound)?;
    let taker = Taker {
        contact_id: person.id,
        person: id,
        actor: Actor::from(&who.0),
    };
    let bytes = file.make(&state.db, &traces, taker, state.clock.now()).await?;
    Ok(downloads::send_whole(
        bytes,
        &format!("person-{id}.{ending}"),
        file.media_type(),
    ))
}
