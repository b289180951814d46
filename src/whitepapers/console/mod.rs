//! What organizers see of whitepapers: who asked for them, and what their forms ask.

mod form;
mod requests;

use actix_web::web::ServiceConfig;

pub(crate) use requests::{PaperRow, mail_state, paper_rows};

use crate::web::at;

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            at("/organizer/papers/{slug}/form")
                .get(form::page)
                .post(form::save_fields),
        )
        .service(at("/organizer/papers/{slug}/form/order").post(form::shift))
        .service(
            at("/organizer/papers/{slug}/form/questions/{id}")
                .get(form::question)
                .post(form::save),
        )
        .service(at("/organizer/papers/{slug}/form/questions/{id}/delete").post(form::delete))
        .service(at("/organizer/requests").get(requests::moved))
        .service(at("/organizer/requests.csv").get(requests::moved))
        .service(at("/organizer/requests/{id}/release").post(requests::release))
        .service(at("/organizer/requests/{id}/again").post(requests::again));
}
