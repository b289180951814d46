//! What organizers see of whitepapers: who asked for them.

mod requests;

use actix_web::web::ServiceConfig;

use crate::web::at;

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/organizer/requests").get(requests::page))
        .service(at("/organizer/requests.csv").get(requests::file))
        .service(at("/organizer/requests/{id}/release").post(requests::release));
}
