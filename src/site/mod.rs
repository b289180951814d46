//! The pages that cross features: the front page, the organizers' home, people and mail, the demo's mails.

mod bulk;
mod demo;
mod exports;
pub(crate) mod front;
mod home;
mod imports;
mod legal;
mod lists;
mod look;
mod mail;
pub(crate) mod needs;
mod own_data;
mod people;
mod session_options;
mod settings;
mod sitemap;
mod start;
mod undo;

use actix_web::web::ServiceConfig;

pub(crate) use legal::read_settings;

use crate::web::at;

/// The organizers' pages, and the demo's. The front page has its own routes.
pub fn routes(app: &mut ServiceConfig) {
    app.service(at("/sitemap.xml").get(sitemap::sitemap))
        .service(at("/robots.txt").get(sitemap::robots))
        .service(at("/organizer").get(home::page))
        .service(at("/organizer/start").get(start::page))
        .service(at("/organizer/start/test-mail").post(start::send_test))
        .service(at("/organizer/start/arrived").post(start::arrived))
        .service(at("/organizer/start/put-away").post(start::put_away))
        .service(at("/organizer/undo/{id}").post(undo::undo))
        .configure(mail::routes)
        .configure(lists::routes)
        .configure(bulk::routes)
        .configure(exports::routes)
        .configure(own_data::routes)
        .configure(imports::routes)
        .configure(people::routes)
        .configure(settings::routes)
        .configure(demo::routes);
}
