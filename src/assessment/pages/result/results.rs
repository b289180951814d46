//! `GET /assessment/results/{token}`: what may be shown to others. Figures, no answers, nothing to change.

use std::sync::Arc;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::assessment::charts::ResultCharts;
use crate::assessment::links;
use crate::assessment::model::assessment::Assessment;
use crate::assessment::pages::{day, layout};
use crate::assessment::report::{NAMELESS_SIDES, Paper, ReportError, result_pdf};
use crate::assessment::store::assessments;
use crate::assessment::words::bank::Bank;
use crate::assessment::words::reading::{Reading, read_own};
use crate::framed;
use crate::typesetting::Fonts;
use crate::values::LinkPurpose;
use crate::web::layout::{Layout, When};
use crate::web::{Answer, AppState, WebError, ok};

#[derive(Template)]
#[template(path = "assessment/results.html")]
struct ResultsPage {
    layout: Layout,
    reading: Reading,
    charts: ResultCharts,
    date: When,
    relationship: &'static str,
    report_path: String,
}

framed!(ResultsPage);

/// Which paper: `?paper=letter`, else A4.
#[derive(Deserialize)]
pub(crate) struct ReportQuery {
    paper: Option<String>,
}

impl ReportQuery {
    pub(crate) fn paper(&self) -> Paper {
        self.paper.as_deref().and_then(Paper::parse).unwrap_or(Paper::A4)
    }
}

/// `GET /assessment/results/{token}`
pub(crate) async fn show(state: Data<AppState>, bank: Data<Arc<Bank>>, token: Path<String>) -> Answer {
    let assessment = open_view(&state, &token).await?;
    let reading = read_own(&bank, &assessment);
    let title = format!("{} and {}", assessment.parties.us, assessment.parties.partner);
    ok(&ResultsPage {
        layout: layout(&state, title),
        charts: ResultCharts::new(&reading),
        reading,
        date: day(assessment.dated()),
        relationship: assessment.parties.relationship.in_words(),
        report_path: format!("/assessment/results/{token}/report.pdf"),
    })
}

/// `GET /assessment/results/{token}/report.pdf`
pub(crate) async fn report(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    fonts: Data<Fonts>,
    token: Path<String>,
    wanted: Query<ReportQuery>,
) -> Answer {
    let mut assessment = open_view(&state, &token).await?;
    let about = links::about(&state, &assessment);
    let paper = wanted.paper();
    pdf("alignment-report.pdf", move || {
        let (about, parties) = about.naming(&fonts, &assessment.parties, NAMELESS_SIDES);
        assessment.parties = parties;
        let reading = read_own(&bank, &assessment);
        result_pdf(&fonts, paper, &about, &reading)
    })
    .await
}

async fn open_view(state: &AppState, token: &str) -> Result<Assessment, WebError> {
    let link = state
        .links
        .read(LinkPurpose::AssessmentView, token)
        .ok_or(WebError::LinkExpired)?;
    let found = assessments::by_public_id(&mut state.db.read().await?, link.id).await?;
    let mut found = found
        .filter(|found| found.view_generation == link.generation && found.is_finished())
        .filter(|found| found.keep_until > state.clock.now())
        .ok_or(WebError::LinkExpired)?;
    found.parties = found.parties.for_others();
    Ok(found)
}

/// Draws a PDF beside the other requests, and answers with it.
pub(crate) async fn pdf(name: &str, draw: impl FnOnce() -> Result<Vec<u8>, ReportError> + Send + 'static) -> Answer {
    let drawn = web::block(draw).await.map_err(WebError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("content-disposition", format!("inline; filename=\"{name}\"")))
        .insert_header(("cache-control", "no-store"))
        .body(drawn.map_err(WebError::internal)?))
}
