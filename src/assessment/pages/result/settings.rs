//! What a respondent decides about their result: comparison, how long it is kept, the link for others, a new start.

use actix_web::web::{Data, Path};
use jiff::SignedDuration;

use super::mine::{PERIODS, back};
use crate::assessment::RESULT_LIFE;
use crate::assessment::jobs::keeping;
use crate::assessment::model::assessment::AnsweredAs;
use crate::assessment::pages::taking::{form_id, questions};
use crate::assessment::pages::{open, open_finished};
use crate::assessment::store::assessments::{self, NewAssessment};
use crate::values::MAX_GENERATION;
use crate::web::{Answer, AppState, Form, WebError};

/// `POST /assessment/{token}/benchmark`
pub(crate) async fn set_benchmark(state: Data<AppState>, token: Path<String>, form: Form) -> Answer {
    let assessment = open_finished(&state, &token).await?;
    let (id, wanted) = (assessment.id, form.is_checked("benchmark"));
    state
        .db
        .write(move |tx| Box::pin(assessments::set_in_benchmark(tx, id, wanted)))
        .await?;
    let done = if wanted { "benchmark" } else { "no-benchmark" };
    Ok(back(&state, &assessment, done))
}

/// `POST /assessment/{token}/keep`
pub(crate) async fn keep(state: Data<AppState>, token: Path<String>, form: Form) -> Answer {
    let assessment = open_finished(&state, &token).await?;
    let period = PERIODS.into_iter().find(|(key, _, _)| *key == form.text("months"));
    let Some((_, _, days)) = period else {
        return Err(WebError::Unprocessable(
            "Choose how long we keep the result.".to_owned(),
        ));
    };
    let now = state.clock.now();
    let longest = assessment.finished_at.unwrap_or(now) + RESULT_LIFE;
    let (id, until) = (assessment.id, longest.min(now + SignedDuration::from_hours(days * 24)));
    let forgot = state
        .db
        .write(move |tx| Box::pin(async move { keeping::keep_until(tx, id, until).await }))
        .await?;
    if forgot {
        state.db.forget_deleted().await;
    }
    Ok(back(
        &state,
        &assessment,
        if forgot { "kept-no-reminder" } else { "kept" },
    ))
}

/// `POST /assessment/{token}/view-link`: the old link to show to others stops working.
pub(crate) async fn renew_view_link(state: Data<AppState>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    let id = assessment.id;
    let renewed = state
        .db
        .write(move |tx| Box::pin(assessments::renew_view_link(tx, id, MAX_GENERATION)))
        .await?;
    if !renewed {
        return Err(WebError::Unprocessable(
            "This link was renewed as often as it can be. Answer again to get another one.".to_owned(),
        ));
    }
    Ok(back(&state, &assessment, "renewed"))
}

/// `POST /assessment/{token}/again`: the same partnership, answered anew.
pub(crate) async fn again(state: Data<AppState>, token: Path<String>, form: Form) -> Answer {
    let assessment = open_finished(&state, &token).await?;
    let new = NewAssessment {
        public_id: form_id::read(&state, &form),
        first_id: Some(assessment.first_id.unwrap_or(assessment.id)),
        answered_as: AnsweredAs::Alone,
        parties: assessment.parties.clone(),
    };
    let (id, now) = (new.public_id, state.clock.now());
    state
        .db
        .write(move |tx| {
            let new = new.clone();
            Box::pin(async move { assessments::insert(tx, &new, now).await })
        })
        .await?;
    Ok(questions::begun(&state, id))
}
