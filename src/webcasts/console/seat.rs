//! What an organizer does to one seat: cancel it, send its mail again. Each leads back to its holder's page.

use actix_web::web::{Data, Path};

use crate::audit::{self, Actor, Entry};
use crate::console::flash::done_path;
use crate::console::list;
use crate::contacts::person_page;
use crate::organizers::SignedIn;
use crate::values::PublicId;
use crate::web::{Answer, AppState, WebError, see_other};
use crate::webcasts::change::organizing::{self, SeatOutcome, SeatWish};
use crate::webcasts::{Seat, store};

/// `POST /organizer/registrations/{id}/cancel`
pub(super) async fn cancel(state: Data<AppState>, who: SignedIn, raw: Path<String>) -> Answer {
    let (_, page) = find(&state, list::id(&raw)?).await?;
    change(&state, who, &page, SeatWish::Cancel(list::id(&raw)?)).await
}

/// Does it, and leads to the page with what became of it.
pub(super) async fn change(state: &AppState, who: SignedIn, page: &str, wish: SeatWish) -> Answer {
    let (now, organizer, on) = (state.clock.now(), who.0, page.to_owned());
    let outcome = state
        .db
        .write(move |tx| {
            let (organizer, on) = (organizer.clone(), on.clone());
            Box::pin(async move { organizing::change(tx, wish, &organizer, &on, now).await })
        })
        .await?;
    state.bell.ring();
    Ok(see_other(&match outcome {
        SeatOutcome::Done(act) => done_path(page, act),
        SeatOutcome::Meanwhile => format!("{page}?done=meanwhile"),
        SeatOutcome::NoPlace => format!("{page}?done=full"),
    }))
}

/// `POST /organizer/registrations/{id}/again`
pub(super) async fn again(state: Data<AppState>, who: SignedIn, raw: Path<String>) -> Answer {
    let (seat, page) = find(&state, list::id(&raw)?).await?;
    let (actor, now) = (Actor::from(&who.0), state.clock.now());
    let went = state
        .db
        .write(move |tx| {
            let seat = seat.clone();
            Box::pin(async move {
                let goes = organizing::tell_again(tx, &seat, now).await?;
                if goes {
                    let entry = Entry {
                        actor,
                        action: "registration.mail-again",
                        subject: seat.public_id.to_string(),
                        detail: String::new(),
                    };
                    audit::record(tx, &entry, now).await?;
                }
                Ok(goes)
            })
        })
        .await?;
    state.bell.ring();
    let done = if went { "again" } else { "often" };
    Ok(see_other(&format!("{page}?done={done}")))
}

/// The seat, and its holder's page.
pub(super) async fn find(state: &AppState, id: PublicId) -> Result<(Seat, String), WebError> {
    let conn = &mut state.db.read().await?;
    let seat = store::seat_by_public_id(conn, id).await?.ok_or(WebError::NotFound)?;
    let page = person_page(conn, seat.contact_id).await?;
    Ok((seat, page))
}
