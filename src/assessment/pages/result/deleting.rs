//! `/assessment/{token}/delete`: the respondent deletes what they answered.

use actix_web::web::{Data, Path};
use askama::Template;

use crate::assessment::jobs::keeping;
use crate::assessment::pages::comparing::standing::is_shared;
use crate::assessment::pages::{layout, open};
use crate::contacts::Traces;
use crate::framed;
use crate::web::layout::Layout;
use crate::web::{Answer, AppState, ok, see_other};

#[derive(Template)]
#[template(path = "assessment/delete.html")]
struct DeletePage {
    layout: Layout,
    token: String,
    title: String,
    /// A joint report or a round's result goes with it.
    shared: bool,
}

framed!(DeletePage);

#[derive(Template)]
#[template(path = "assessment/deleted.html")]
struct DeletedPage {
    layout: Layout,
}

framed!(DeletedPage);

/// `GET /assessment/{token}/delete`
pub(crate) async fn ask_to_delete(state: Data<AppState>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    ok(&DeletePage {
        layout: layout(&state, "Delete your answers"),
        token: token.into_inner(),
        title: format!("{} and {}", assessment.parties.us, assessment.parties.partner),
        shared: is_shared(&mut state.db.read().await?, &assessment, state.clock.now()).await?,
    })
}

/// `POST /assessment/{token}/delete`: at once and for good.
pub(crate) async fn delete(state: Data<AppState>, traces: Data<Traces>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    let id = assessment.id;
    state
        .db
        .write(move |tx| {
            let traces = Data::clone(&traces);
            Box::pin(async move { keeping::erase(tx, id, &traces).await })
        })
        .await?;
    state.db.forget_deleted().await;
    Ok(see_other("/assessment/deleted"))
}

/// `GET /assessment/deleted`
pub(crate) async fn deleted(state: Data<AppState>) -> Answer {
    ok(&DeletedPage {
        layout: layout(&state, "Your answers are deleted"),
    })
}
