//! The pages that cross features: the front page, the organizers' overview, the mail that is owed, the demo's mails.

mod demo;
pub(crate) mod front;
mod outbox;
mod overview;

use actix_web::web::{ServiceConfig, get, post, resource};

/// The organizers' pages, and the demo's. The front page has its own routes.
pub fn routes(app: &mut ServiceConfig) {
    app.service(resource("/organizer").route(get().to(overview::page)))
        .service(resource("/organizer/outbox").route(get().to(outbox::list)))
        .service(resource("/organizer/outbox/{name}").route(get().to(outbox::mail)))
        .service(resource("/organizer/outbox/{name}/retry").route(post().to(outbox::retry)))
        .service(resource("/organizer/outbox/{name}/cancel").route(post().to(outbox::cancel)))
        .configure(demo::routes);
}
