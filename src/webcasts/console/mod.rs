//! What organizers see of webcasts: one session with its attendees.

mod session;
mod session_form;

use actix_web::web::ServiceConfig;

use crate::web::at;

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/organizer/sessions/{id}").get(session::page).post(session::change))
        .service(at("/organizer/sessions/{id}/attendees.csv").get(session::attendees))
        .service(at("/organizer/registrations/{id}/release").post(session::release));
}
