//! What organizers see of webcasts: one session with its attendees.

mod session;
mod session_form;

use actix_web::web::{ServiceConfig, get, post, resource};

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/organizer/sessions/{id}")
                .route(get().to(session::page))
                .route(post().to(session::change)),
        )
        .service(resource("/organizer/sessions/{id}/attendees.csv").route(get().to(session::attendees)))
        .service(resource("/organizer/registrations/{id}/release").route(post().to(session::release)));
}
