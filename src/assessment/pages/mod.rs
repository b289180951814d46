//! What respondents see, from the first page to the joint report. Every page belongs to a link; none needs an account.

mod comparing;
mod result;
mod rounds;
mod taking;

use actix_web::web::ServiceConfig;

use super::links;
use super::store::assessments;
use crate::assessment::model::assessment::Assessment;
use crate::values::{HourCycle, LinkPurpose, Zone};
use crate::web::layout::{Layout, Section, When};
use crate::web::{AppState, WebError, at, time};

/// The routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    named(config);
    of_one(config);
}

/// What begins with a word. It comes first: a word could be taken for a private link.
fn named(config: &mut ServiceConfig) {
    config
        .service(at("/assessment").get(taking::start::show).post(taking::start::begin))
        .service(at("/assessment/results/{token}").get(result::results::show))
        .service(at("/assessment/results/{token}/report.pdf").get(result::results::report))
        .service(at("/assessment/invitations/over").get(comparing::invitation::not_open))
        .service(at("/assessment/invitations/declined").get(comparing::invitation::declined))
        .service(at("/assessment/invitations/refused").get(comparing::invitation::refused))
        .service(
            at("/assessment/invitations/{token}")
                .get(comparing::invitation::show)
                .post(comparing::invitation::answer),
        )
        .service(at("/assessment/joint/{token}").get(comparing::joint::show))
        .service(at("/assessment/joint/{token}/report.pdf").get(comparing::joint::report))
        .service(
            at("/assessment/rounds")
                .get(rounds::round::ask)
                .post(rounds::round::open),
        )
        .service(
            at("/assessment/rounds/{token}")
                .get(rounds::round::show)
                .post(rounds::round::change),
        )
        .service(at("/assessment/deleted").get(result::deleting::deleted));
}

/// What begins with the private link of one assessment.
fn of_one(config: &mut ServiceConfig) {
    config
        .service(
            at("/assessment/{token}")
                .get(taking::questions::show)
                .post(taking::questions::save),
        )
        .service(
            at("/assessment/{token}/check")
                .get(taking::questions::check)
                .post(taking::questions::finish_all_the_same),
        )
        .service(at("/assessment/{token}/mine").get(result::mine::show))
        .service(at("/assessment/{token}/answers.json").get(result::downloads::json))
        .service(at("/assessment/{token}/answers.csv").get(result::downloads::csv))
        .service(at("/assessment/{token}/mail").post(result::contact::mail))
        .service(at("/assessment/{token}/talk").post(result::contact::talk))
        .service(at("/assessment/{token}/talk/remove").post(result::contact::remove_talk))
        .service(at("/assessment/{token}/benchmark").post(result::settings::set_benchmark))
        .service(at("/assessment/{token}/keep").post(result::settings::keep))
        .service(at("/assessment/{token}/view-link").post(result::settings::renew_view_link))
        .service(at("/assessment/{token}/again").post(result::settings::again))
        .service(at("/assessment/{token}/name").post(rounds::place::set_name))
        .service(
            at("/assessment/{token}/delete")
                .get(result::deleting::ask_to_delete)
                .post(result::deleting::delete),
        )
        .service(at("/assessment/{token}/invite").post(comparing::invite::invite))
        .service(at("/assessment/{token}/share").post(comparing::invite::share))
        .service(at("/assessment/{token}/withdraw").post(comparing::invite::withdraw));
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
    let mut when = time::in_sentence(at, &Zone::utc(), HourCycle::default());
    when.text = at.strftime("%B %-d, %Y").to_string();
    when
}
