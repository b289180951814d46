//! What respondents see, from the first page to the joint report. Every page belongs to a link; none needs an account.

mod comparing;
mod result;
mod rounds;
mod taking;

use actix_web::web::{ServiceConfig, get, post, resource};

use super::links;
use super::store::assessments;
use crate::assessment::model::assessment::Assessment;
use crate::values::{LinkPurpose, Zone};
use crate::web::layout::{Layout, Section, When};
use crate::web::{AppState, WebError, time};

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    named(config);
    of_one(config);
}

/// What begins with a word. It comes first: a word could be taken for a private link.
fn named(config: &mut ServiceConfig) {
    config
        .service(
            resource("/assessment")
                .route(get().to(taking::start::show))
                .route(post().to(taking::start::begin)),
        )
        .service(resource("/assessment/results/{token}").route(get().to(result::results::show)))
        .service(resource("/assessment/results/{token}/report.pdf").route(get().to(result::results::report)))
        .service(resource("/assessment/invitations/over").route(get().to(comparing::invitation::not_open)))
        .service(resource("/assessment/invitations/declined").route(get().to(comparing::invitation::declined)))
        .service(resource("/assessment/invitations/refused").route(get().to(comparing::invitation::refused)))
        .service(
            resource("/assessment/invitations/{token}")
                .route(get().to(comparing::invitation::show))
                .route(post().to(comparing::invitation::answer)),
        )
        .service(resource("/assessment/joint/{token}").route(get().to(comparing::joint::show)))
        .service(resource("/assessment/joint/{token}/report.pdf").route(get().to(comparing::joint::report)))
        .service(
            resource("/assessment/rounds")
                .route(get().to(rounds::round::ask))
                .route(post().to(rounds::round::open)),
        )
        .service(
            resource("/assessment/rounds/{token}")
                .route(get().to(rounds::round::show))
                .route(post().to(rounds::round::change)),
        )
        .service(resource("/assessment/deleted").route(get().to(result::deleting::deleted)));
}

/// What begins with the private link of one assessment.
fn of_one(config: &mut ServiceConfig) {
    config
        .service(
            resource("/assessment/{token}")
                .route(get().to(taking::questions::show))
                .route(post().to(taking::questions::save)),
        )
        .service(
            resource("/assessment/{token}/check")
                .route(get().to(taking::questions::check))
                .route(post().to(taking::questions::finish_all_the_same)),
        )
        .service(resource("/assessment/{token}/mine").route(get().to(result::mine::show)))
        .service(resource("/assessment/{token}/answers.json").route(get().to(result::downloads::json)))
        .service(resource("/assessment/{token}/answers.csv").route(get().to(result::downloads::csv)))
        .service(resource("/assessment/{token}/mail").route(post().to(result::contact::mail)))
        .service(resource("/assessment/{token}/talk").route(post().to(result::contact::talk)))
        .service(resource("/assessment/{token}/talk/remove").route(post().to(result::contact::remove_talk)))
        .service(resource("/assessment/{token}/benchmark").route(post().to(result::settings::set_benchmark)))
        .service(resource("/assessment/{token}/keep").route(post().to(result::settings::keep)))
        .service(resource("/assessment/{token}/view-link").route(post().to(result::settings::renew_view_link)))
        .service(resource("/assessment/{token}/again").route(post().to(result::settings::again)))
        .service(resource("/assessment/{token}/name").route(post().to(rounds::place::set_name)))
        .service(
            resource("/assessment/{token}/delete")
                .route(get().to(result::deleting::ask_to_delete))
                .route(post().to(result::deleting::delete)),
        )
        .service(resource("/assessment/{token}/invite").route(post().to(comparing::invite::invite)))
        .service(resource("/assessment/{token}/share").route(post().to(comparing::invite::share)))
        .service(resource("/assessment/{token}/withdraw").route(post().to(comparing::invite::withdraw)));
}

/// The assessment that a private link opens. Forged, foreign and erased ones look the same.
async fn open(state: &AppState, token: &str) -> Result<Assessment, WebError> {
    let link = state
        .links
        .read(LinkPurpose::AssessmentEdit, token)
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
