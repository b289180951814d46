//! What organizers see of whitepapers: who asked for them.

mod requests;

use actix_web::web::{ServiceConfig, get, post, resource};

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/organizer/requests").route(get().to(requests::page)))
        .service(resource("/organizer/requests.csv").route(get().to(requests::file)))
        .service(resource("/organizer/requests/{id}/release").route(post().to(requests::release)));
}
