//! What respondents see, from the first page to the joint report. Every page belongs to a link; none needs an account.

mod comparing;
mod contact;
mod downloads;
mod invitation;
mod invite;
mod joint;
mod mine;
mod questions;
mod results;
mod rounds;
mod seat;
mod start;
mod team;

use actix_web::web::{ServiceConfig, get, post, resource};

use super::assessment::Assessment;
use super::links;
use super::store::assessments;
use crate::values::{Purpose, Zone};
use crate::web::layout::{Layout, Section, When};
use crate::web::{AppState, WebError, time};

/// The routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/assessment")
                .route(get().to(start::show))
                .route(post().to(start::begin)),
        )
        .service(resource("/assessment/results/{token}").route(get().to(results::show)))
        .service(resource("/assessment/results/{token}/report.pdf").route(get().to(results::report)))
        .service(resource("/assessment/invitations/over").route(get().to(invitation::not_open)))
        .service(resource("/assessment/invitations/declined").route(get().to(invitation::declined)))
        .service(resource("/assessment/invitations/refused").route(get().to(invitation::refused)))
        .service(
            resource("/assessment/invitations/{token}")
                .route(get().to(invitation::show))
                .route(post().to(invitation::answer)),
        )
        .service(resource("/assessment/joint/{token}").route(get().to(joint::show)))
        .service(resource("/assessment/joint/{token}/report.pdf").route(get().to(joint::report)))
        .service(
            resource("/assessment/rounds")
                .route(get().to(rounds::ask))
                .route(post().to(rounds::open)),
        )
        .service(
            resource("/assessment/rounds/{token}")
                .route(get().to(rounds::show))
                .route(post().to(rounds::change)),
        )
        .service(resource("/assessment/deleted").route(get().to(mine::deleted)))
        .service(
            resource("/assessment/{token}")
                .route(get().to(questions::show))
                .route(post().to(questions::save)),
        )
        .service(
            resource("/assessment/{token}/check")
                .route(get().to(questions::check))
                .route(post().to(questions::finish_all_the_same)),
        )
        .service(resource("/assessment/{token}/mine").route(get().to(mine::show)))
        .service(resource("/assessment/{token}/answers.json").route(get().to(downloads::json)))
        .service(resource("/assessment/{token}/answers.csv").route(get().to(downloads::csv)))
        .service(resource("/assessment/{token}/mail").route(post().to(contact::mail)))
        .service(resource("/assessment/{token}/talk").route(post().to(contact::talk)))
        .service(resource("/assessment/{token}/talk/remove").route(post().to(contact::remove_talk)))
        .service(resource("/assessment/{token}/benchmark").route(post().to(mine::benchmark)))
        .service(resource("/assessment/{token}/keep").route(post().to(mine::keep)))
        .service(resource("/assessment/{token}/view-link").route(post().to(mine::renew_view_link)))
        .service(resource("/assessment/{token}/again").route(post().to(mine::again)))
        .service(resource("/assessment/{token}/name").route(post().to(seat::set_name)))
        .service(
            resource("/assessment/{token}/delete")
                .route(get().to(mine::ask_to_delete))
                .route(post().to(mine::delete)),
        )
        .service(resource("/assessment/{token}/invite").route(post().to(invite::invite)))
        .service(resource("/assessment/{token}/share").route(post().to(invite::share)))
        .service(resource("/assessment/{token}/withdraw").route(post().to(invite::withdraw)));
}

/// The assessment that a private link opens. Forged, foreign and erased ones look the same.
async fn open(state: &AppState, token: &str) -> Result<Assessment, WebError> {
    let link = state
        .links
        .read(Purpose::AssessmentEdit, token)
        .filter(|link| link.generation == 0)
        .ok_or(WebError::LinkExpired)?;
    let found = assessments::by_public_id(&mut state.db.read().await?, link.id).await?;
    found
        .filter(|found| found.keep_until > state.clock.now())
        .ok_or(WebError::LinkExpired)
}

/// The same, finished; a draft leads to its cards.
async fn open_finished(state: &AppState, token: &str) -> Result<Assessment, WebError> {
    let assessment = open(state, token).await?;
    if assessment.is_finished() {
        Ok(assessment)
    } else {
        Err(WebError::GoTo(links::edit_path(state, assessment.public_id)))
    }
}

/// The frame of a page that belongs to a link.
fn layout(state: &AppState, title: impl Into<String>) -> Layout {
    state.personal_layout(Section::Assessment, title)
}

/// A day as it is read: "November 24, 2028".
fn day(at: jiff::Timestamp) -> When {
    let mut when = time::in_sentence(at, &Zone::utc());
    when.text = at.strftime("%B %-d, %Y").to_string();
    when
}
