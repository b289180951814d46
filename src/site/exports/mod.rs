//! `/organizer/exports`: lists as files. What goes into one, its first rows, the file itself, and those of the last day.

mod file;
mod page;
mod past;

use actix_web::web::ServiceConfig;

use crate::web::at;

/// Where the page is; files are below it.
const PATH: &str = "/organizer/exports";

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/exports").get(page::page))
        .service(at("/organizer/exports/attendees.{ending}").get(file::attendees))
        .service(at("/organizer/exports/requests.{ending}").get(file::requests))
        .service(at("/organizer/exports/people.{ending}").get(file::people))
        .service(at("/organizer/exports/people").post(file::everybody))
        .service(at("/organizer/exports/files/{id}").get(past::page))
        .service(at("/organizer/exports/files/{id}/file").get(past::file));
}
