//! The pages that cross features: the front page, the organizers' overview, the mail that is owed, the demo's mails.

mod demo;
pub(crate) mod front;
mod outbox;
mod overview;
mod sitemap;

use actix_web::web::ServiceConfig;

use crate::web::at;

/// The organizers' pages, and the demo's. The front page has its own routes.
pub fn routes(app: &mut ServiceConfig) {
    app.service(at("/sitemap.xml").get(sitemap::sitemap))
        .service(at("/robots.txt").get(sitemap::robots))
        .service(at("/organizer").get(overview::page))
        .service(at("/organizer/outbox").get(outbox::list))
        .service(at("/organizer/outbox/{name}").get(outbox::mail))
        .service(at("/organizer/outbox/{name}/retry").post(outbox::retry))
        .service(at("/organizer/outbox/{name}/cancel").post(outbox::cancel))
        .configure(demo::routes);
}
