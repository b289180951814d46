//! `/organizer/settings`: what owners set for everybody.

mod legal;
mod retention;
mod team;

use actix_web::web::ServiceConfig;

use crate::web::at;

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/settings/team").get(team::page).post(team::save))
        .service(at("/organizer/settings/legal").get(legal::page).post(legal::save))
        .service(
            at("/organizer/settings/retention")
                .get(retention::page)
                .post(retention::save),
        );
}
