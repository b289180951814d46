//! What organizers see of webcasts: the list, a new one, the workspace of one with its sessions, and what they do to one
//! seat.

mod confirmation;
mod cover;
mod deciding;
mod figures;
mod form;
mod guests;
mod list;
mod moving;
mod new;
mod overview;
mod presenter;
mod run;
mod seat;
mod series;
mod series_form;
mod series_review;
mod session;
mod session_form;
mod sessions;
mod speakers;
mod telling;
mod text;
mod way_in;
mod workspace;

use std::fmt::Display;

use actix_web::web::ServiceConfig;

use crate::console;
use crate::db::DbError;
use crate::values::PublicId;
use crate::web::at;

pub(crate) use workspace::{NextStep, Tab, Workspace, WorkspaceHead};

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/organizer/webcasts").get(list::page))
        .service(at("/organizer/webcasts/new").get(new::page).post(new::save))
        .service(at("/organizer/webcasts/{slug}").get(overview::page))
        .service(at("/organizer/webcasts/{slug}/publish").post(overview::publish))
        .service(at("/organizer/webcasts/{slug}/unpublish").post(overview::unpublish))
        .service(at("/organizer/webcasts/{slug}/duplicate").post(overview::duplicate))
        .service(at("/organizer/webcasts/{slug}/delete").post(overview::delete))
        .service(at("/organizer/webcasts/{slug}/cancel").get(telling::webcast_page))
        .service(at("/organizer/webcasts/{slug}/cancel/review").post(telling::webcast_review))
        .service(at("/organizer/webcasts/{slug}/cancel/send").post(telling::webcast_send))
        .service(at("/organizer/webcasts/{slug}/page").get(text::page).post(text::save))
        .service(at("/organizer/webcasts/{slug}/page/publish").post(text::publish))
        .service(at("/organizer/webcasts/{slug}/page/send").post(text::send))
        .service(at("/organizer/webcasts/{slug}/page/discard").post(text::discard))
        .service(
            at("/organizer/webcasts/{slug}/cover")
                .get(cover::page)
                .post(cover::choose),
        )
        .service(at("/organizer/webcasts/{slug}/cover/picture").post(cover::put_picture))
        .service(at("/organizer/webcasts/{slug}/card.png").get(cover::card))
        .service(
            at("/organizer/webcasts/{slug}/guests")
                .get(guests::page)
                .post(guests::save),
        )
        .service(
            at("/organizer/webcasts/{slug}/form")
                .get(form::page)
                .post(form::save_fields),
        )
        .service(at("/organizer/webcasts/{slug}/form/order").post(form::shift))
        .service(
            at("/organizer/webcasts/{slug}/form/questions/{id}")
                .get(form::question)
                .post(form::save),
        )
        .service(at("/organizer/webcasts/{slug}/form/questions/{id}/delete").post(form::delete))
        .service(at("/organizer/webcasts/{slug}/sessions").get(sessions::page))
        .service(
            at("/organizer/webcasts/{slug}/sessions/new")
                .get(sessions::new)
                .post(sessions::add),
        )
        .service(
            at("/organizer/webcasts/{slug}/sessions/{id}")
                .get(session::page)
                .post(session::change),
        )
        .service(at("/organizer/webcasts/{slug}/sessions/{id}/send").post(session::send))
        .service(at("/organizer/webcasts/{slug}/sessions/{id}/decide").post(deciding::review))
        .service(at("/organizer/webcasts/{slug}/sessions/{id}/decide/send").post(deciding::send))
        .service(at("/organizer/webcasts/{slug}/sessions/{id}/cancel").get(telling::session_page))
        .service(at("/organizer/webcasts/{slug}/sessions/{id}/cancel/review").post(telling::session_review))
        .service(at("/organizer/webcasts/{slug}/sessions/{id}/cancel/send").post(telling::session_send))
        .service(
            at("/organizer/webcasts/{slug}/series/{id}")
                .get(series::page)
                .post(series::save),
        )
        .service(at("/organizer/webcasts/{slug}/series/{id}/send").post(series::send))
        .service(at("/organizer/webcasts/{slug}/preview").get(text::preview))
        .service(
            at("/organizer/webcasts/{slug}/confirmation")
                .get(confirmation::page)
                .post(confirmation::seen),
        )
        .service(
            at("/organizer/webcasts/{slug}/speakers")
                .get(speakers::page)
                .post(speakers::arrange),
        )
        .service(at("/organizer/webcasts/{slug}/speakers/known").post(speakers::add_known))
        .service(at("/organizer/webcasts/{slug}/speakers/new").post(speakers::add_new))
        .service(
            at("/organizer/presenters/{id}")
                .get(presenter::page)
                .post(presenter::save),
        )
        .service(at("/organizer/presenters/{id}/picture").post(presenter::put_picture))
        .service(at("/organizer/presenters/{id}/picture/remove").post(presenter::remove_picture))
        .service(at("/organizer/presenters/{id}/delete").post(presenter::delete))
        .service(at("/organizer/webcasts/{slug}/run/{id}").get(run::page))
        .service(at("/organizer/webcasts/{slug}/run/{id}/doors").post(run::open))
        .service(at("/organizer/webcasts/{slug}/run/{id}/address").post(run::change_address))
        .service(at("/organizer/registrations/{id}/way-in").post(way_in::page))
        .service(at("/organizer/sessions/{id}").get(session::moved))
        .service(at("/organizer/sessions/{id}/attendees.csv").get(session::moved_file))
        .service(at("/organizer/registrations/{id}/release").post(session::release))
        .service(at("/organizer/registrations/{id}/cancel").post(seat::cancel))
        .service(at("/organizer/registrations/{id}/again").post(seat::again))
        .service(at("/organizer/registrations/{id}/move").get(moving::page))
        .service(at("/organizer/registrations/{id}/move/review").post(moving::review))
        .service(at("/organizer/registrations/{id}/move/send").post(moving::send));
}

/// Where the page for a session's day is.
pub(crate) fn run_path(slug: impl Display, session: PublicId) -> String {
    format!("/organizer/webcasts/{slug}/run/{session}")
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
