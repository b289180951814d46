//! `/organizer/people`: everybody who left an address, what each has with us, and what organizers do about them.

mod add;
mod edit;
mod erase;
mod merge;
mod notes;
mod one;
mod person_file;
mod tags;

use actix_web::web::ServiceConfig;

use crate::web::at;

/// Where the list is; a person's page is below it.
const PATH: &str = "/organizer/people";

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/people/new").get(add::page).post(add::save))
        .service(at("/organizer/people/{id}").get(one::page))
        .service(at("/organizer/people/{id}/edit").get(edit::page).post(edit::save))
        .service(at("/organizer/people/{id}/erase").get(erase::page).post(erase::save))
        .service(at("/organizer/people/{id}/merge").get(merge::page).post(merge::save))
        .service(at("/organizer/erasures/{fingerprint}").get(erase::receipt))
        .service(at("/organizer/receipts.txt").get(erase::receipts))
        .service(at("/organizer/people/{id}/data.{ending}").get(person_file::send))
        .service(at("/organizer/people/{id}/notes").post(notes::add))
        .service(at("/organizer/people/{id}/tags").post(tags::change))
        .service(at("/organizer/notes/{id}/delete").post(notes::delete));
}
