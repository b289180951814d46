//! What organizers see of webcasts: the list, one session with its attendees, and what they do to one seat.

mod list;
mod moving;
mod seat;
mod session;
mod session_form;

use actix_web::web::ServiceConfig;

use crate::console;
use crate::db::DbError;
use crate::web::at;

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/organizer/webcasts").get(list::page))
        .service(
            at("/organizer/webcasts/{slug}/sessions/{id}")
                .get(session::page)
                .post(session::change),
        )
        .service(at("/organizer/sessions/{id}").get(session::moved))
        .service(at("/organizer/sessions/{id}/attendees.csv").get(session::moved_file))
        .service(at("/organizer/exports/attendees.csv").get(session::attendees))
        .service(at("/organizer/registrations/{id}/release").post(session::release))
        .service(at("/organizer/registrations/{id}/cancel").post(seat::cancel))
        .service(at("/organizer/registrations/{id}/again").post(seat::again))
        .service(at("/organizer/registrations/{id}/move").get(moving::page))
        .service(at("/organizer/registrations/{id}/move/review").post(moving::review))
        .service(at("/organizer/registrations/{id}/move/send").post(moving::send));
}

/// Where a session's page is.
///
/// # Errors
/// When the row was not written by this program.
pub(crate) fn session_path(slug: &str, public_id: &[u8]) -> Result<String, DbError> {
    Ok(format!(
        "/organizer/webcasts/{slug}/sessions/{}",
        console::list::shown_id(public_id)?
    ))
}
