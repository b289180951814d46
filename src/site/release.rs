//! Letting go what was held for review: a registration or a request whose form a program may have filled in.

use actix_web::web;

use crate::organizers::audit::{self, Actor, Entry};
use crate::organizers::{Editor, Organizer};
use crate::values::PublicId;
use crate::web::{Answer, AppState, WebError, see_other};
use crate::{webcasts, whitepapers};

/// `POST /organizer/registrations/{id}/release`
pub(super) async fn registration(state: web::Data<AppState>, who: Editor, id: web::Path<String>) -> Answer {
    let id = PublicId::parse(&id).ok_or(WebError::NotFound)?;
    let seat = webcasts::store::seat_by_public_id(&mut state.db.read().await?, id).await?;
    let seat = seat.ok_or(WebError::NotFound)?;
    let back = format!("/organizer/sessions/{}", seat.session.public_id);
    let now = state.clock.now();
    let write = state.db.write(move |tx| {
        let (seat, entry) = (seat.clone(), entry("registration.release", &who.0, id));
        Box::pin(async move {
            if webcasts::register::release(tx, &seat, now).await? {
                audit::record(tx, &entry, now).await?;
            }
            Ok(())
        })
    });
    write.await?;
    state.bell.ring();
    Ok(see_other(&back))
}

/// `POST /organizer/requests/{id}/release`
pub(super) async fn request(state: web::Data<AppState>, who: Editor, id: web::Path<String>) -> Answer {
    let id = PublicId::parse(&id).ok_or(WebError::NotFound)?;
    let request = whitepapers::store::request_by_public_id(&mut state.db.read().await?, id).await?;
    let request = request.ok_or(WebError::NotFound)?;
    let now = state.clock.now();
    let write = state.db.write(move |tx| {
        let (request, entry) = (request.clone(), entry("request.release", &who.0, id));
        Box::pin(async move {
            if whitepapers::request::release(tx, &request, now).await? {
                audit::record(tx, &entry, now).await?;
            }
            Ok(())
        })
    });
    write.await?;
    state.bell.ring();
    Ok(see_other("/organizer/requests"))
}

fn entry(action: &'static str, who: &Organizer, subject: PublicId) -> Entry {
    Entry {
        actor: Actor::Organizer(who.id),
        action,
        subject: subject.to_string(),
        detail: String::new(),
    }
}
