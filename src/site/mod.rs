//! The pages that belong to no single feature: the front page, and what organizers see.

mod demo;
mod downloads;
pub mod exports;
pub mod front;
pub mod mail_change;
mod outbox;
mod overview;
mod release;
mod requests;
mod session;
mod session_form;
mod store;

use actix_web::web::{ServiceConfig, get, post, resource};
use jiff::Timestamp;

use crate::db::DbError;
use crate::values::{PublicId, Zone};
use crate::web::layout::When;
use crate::web::{WebError, time};

/// Rows on one page of a list.
const PAGE: usize = 50;
/// The same, and one to see whether there are more.
const PAGE_AND_ONE: i64 = 51;
/// Counting ends here.
const COUNTED: i64 = 10_000;

/// The organizers' pages, and the demo's. The front page has its own routes.
pub fn routes(app: &mut ServiceConfig) {
    app.service(resource("/organizer").route(get().to(overview::page)))
        .service(
            resource("/organizer/sessions/{id}")
                .route(get().to(session::page))
                .route(post().to(session::change)),
        )
        .service(resource("/organizer/sessions/{id}/attendees.csv").route(get().to(downloads::attendees)))
        .service(resource("/organizer/requests").route(get().to(requests::page)))
        .service(resource("/organizer/requests.csv").route(get().to(downloads::requests)))
        .service(resource("/organizer/outbox").route(get().to(outbox::list)))
        .service(resource("/organizer/outbox/{name}").route(get().to(outbox::mail)))
        .service(resource("/organizer/outbox/{name}/retry").route(post().to(outbox::retry)))
        .service(resource("/organizer/outbox/{name}/cancel").route(post().to(outbox::cancel)))
        .service(resource("/organizer/registrations/{id}/release").route(post().to(release::registration)))
        .service(resource("/organizer/requests/{id}/release").route(post().to(release::request)))
        .configure(demo::routes);
}

/// "1,204", or "more than 10,000".
fn in_words(count: i64) -> String {
    if count > COUNTED {
        return format!("more than {}", grouped(COUNTED));
    }
    grouped(count)
}

fn grouped(count: i64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A stored moment in a list, in UTC: these lists are about many places.
fn moment(at: i64) -> Result<When, DbError> {
    Ok(in_list(crate::db::instant(at)?))
}

fn in_list(at: Timestamp) -> When {
    time::in_table(at, &Zone::utc())
}

/// A public id out of an address.
fn id(raw: &str) -> Result<PublicId, WebError> {
    PublicId::parse(raw).ok_or(WebError::NotFound)
}

/// A public id out of a row.
fn shown_id(bytes: &[u8]) -> Result<String, DbError> {
    let id = PublicId::from_slice(bytes).ok_or_else(|| DbError::stored("a public id has 16 bytes"))?;
    Ok(id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_readable() {
        for (count, words) in [
            (0, "0"),
            (999, "999"),
            (1_204, "1,204"),
            (10_000, "10,000"),
            (10_001, "more than 10,000"),
        ] {
            assert_eq!(in_words(count), words);
        }
    }
}
