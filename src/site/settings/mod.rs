//! `/organizer/settings`: what owners set for everybody, and everybody for themselves.

mod account;
mod audit;
mod front_page;
mod legal;
mod organization;
mod retention;
mod system;
mod team;

use actix_web::web::ServiceConfig;

use crate::web::at;

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.configure(team::routes)
        .configure(account::routes)
        .service(
            at("/organizer/settings/front-page")
                .get(front_page::page)
                .post(front_page::save),
        )
        .service(
            at("/organizer/settings/organization")
                .get(organization::page)
                .post(organization::save),
        )
        .service(at("/organizer/settings/audit").get(audit::page))
        .service(at("/organizer/settings/system").get(system::page))
        .service(at("/organizer/settings/system/backup").post(system::make_backup))
        .service(at("/organizer/settings/audit/log.csv").get(audit::file))
        .service(at("/organizer/settings/legal").get(legal::page).post(legal::save))
        .service(
            at("/organizer/settings/retention")
                .get(retention::page)
                .post(retention::save),
        );
}
