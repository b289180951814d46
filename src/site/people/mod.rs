//! `/organizer/people`: everybody who left an address, and what each has with us.

mod list;
mod one;

use actix_web::web::ServiceConfig;

use crate::web::at;

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/people").get(list::page))
        .service(at("/organizer/people/{id}").get(one::page));
}
