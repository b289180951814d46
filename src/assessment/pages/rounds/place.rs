//! A respondent's way into a round: a link that works once.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::assessment::jobs::{TakenUp, rounds as jobs};
use crate::assessment::pages::result::mine::{self, ContactForm, back};
use crate::assessment::pages::taking::{form_id, questions};
use crate::assessment::pages::{layout, open};
use crate::assessment::store::rounds;
use crate::assessment::words::bank::Bank;
use crate::assessment::{Parties, links};
use crate::framed;
use crate::values::{Link, PersonName};
use crate::web::layout::{Field, Layout};
use crate::web::{Answer, AppState, Form, WebError, ok, page, see_other};

#[derive(Template)]
#[template(path = "assessment/place.html")]
struct PlacePage {
    layout: Layout,
    title: String,
    token: String,
    form_id: String,
    /// The sides as this respondent calls them.
    parties: Parties,
    named: bool,
    name: Field,
}

framed!(PlacePage);

/// Why a place cannot be taken.
#[derive(Template)]
#[template(path = "assessment/place_over.html")]
struct PlaceOverPage {
    layout: Layout,
    /// The round is closed; else the link was used.
    closed: bool,
}

framed!(PlaceOverPage);

/// `GET` with a place's token.
pub(crate) async fn show(state: &AppState, token: String, link: Link) -> Answer {
    match place_page(state, token, link).await? {
        Ok(shown) => ok(&shown),
        Err(closed) => over(state, closed),
    }
}

/// `Err`: it cannot be taken; true where the round is closed.
async fn place_page(state: &AppState, token: String, link: Link) -> Result<Result<PlacePage, bool>, WebError> {
    let conn = &mut state.db.read().await?;
    let found = rounds::place_by_public_id(conn, link.id).await?;
    let place = found.filter(|_| link.generation == 0).ok_or(WebError::LinkExpired)?;
    let round = rounds::by_id(conn, place.round_id)
        .await?
        .ok_or(WebError::LinkExpired)?;
    if place.used || round.closed_at.is_some() {
        return Ok(Err(!place.used));
    }
    Ok(Ok(PlacePage {
        layout: layout(state, links::round_title(&round)),
        title: links::round_title(&round),
        token,
        form_id: form_id::fresh(state),
        parties: round.parties.seen_from(place.side).for_others(),
        named: false,
        name: Field::default(),
    }))
}

/// `POST` with a place's token: the respondent begins.
pub(crate) async fn take(state: &AppState, token: String, link: Link, form: &Form) -> Answer {
    let name = match agreed_name(form, None) {
        Ok(name) => name,
        Err(problem) => {
            let path = format!("/assessment/rounds/{token}");
            let Ok(mut again) = place_page(state, token, link).await? else {
                return Ok(see_other(&path));
            };
            again.named = form.is_checked("named");
            again.name = Field {
                error: Some(problem),
                ..Field::of(form.text("name"))
            };
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let (id, now) = (form_id::read(state, form), state.clock.now());
    let outcome = state
        .db
        .write(move |tx| {
            let name = name.clone();
            Box::pin(async move { jobs::take_place(tx, link.id, id, name.as_deref(), now).await })
        })
        .await?;
    match outcome {
        TakenUp::Yes(begun) => Ok(questions::begun(state, begun.public_id)),
        // The page says which of the two it is.
        TakenUp::No => Ok(see_other(&format!("/assessment/rounds/{token}"))),
    }
}

/// The name to be shown where few answer; only with the box ticked. A name without the tick is told, except the one that
/// is `shown` so far: that is how it is taken back.
fn agreed_name(form: &Form, shown: Option<&str>) -> Result<Option<String>, String> {
    let typed = form.text("name").trim();
    if !form.is_checked("named") {
        return if typed.is_empty() || Some(typed) == shown {
            Ok(None)
        } else {
            Err("Tick the box to have the name shown, or empty this field.".to_owned())
        };
    }
    let name = PersonName::parse(typed).map_err(|problem| problem.to_string())?;
    Ok(Some(name.as_str().to_owned()))
}

fn over(state: &AppState, closed: bool) -> Answer {
    let title = if closed {
        "This round is closed"
    } else {
        "This link was used"
    };
    ok(&PlaceOverPage {
        layout: layout(state, title),
        closed,
    })
}

/// `POST /assessment/{token}/name`: agrees to be named, or takes that back.
pub(crate) async fn set_name(state: Data<AppState>, bank: Data<Arc<Bank>>, token: Path<String>, form: Form) -> Answer {
    let assessment = open(&state, &token).await?;
    let place = rounds::place_of_assessment(&mut state.db.read().await?, assessment.id).await?;
    let place = place.ok_or(WebError::LinkExpired)?;
    let name = match agreed_name(&form, place.name.as_deref()) {
        Ok(name) => name,
        Err(problem) => {
            let typed = ContactForm {
                seat_name: Field {
                    error: Some(problem),
                    ..Field::of(form.text("name"))
                },
                seat_named: form.is_checked("named"),
                ..ContactForm::default()
            };
            return mine::refuse(&state, &bank, &assessment, typed).await;
        }
    };
    let id = place.id;
    let changed = state
        .db
        .write(move |tx| {
            let name = name.clone();
            Box::pin(async move { rounds::set_name(tx, id, name.as_deref()).await })
        })
        .await?;
    state.db.forget_deleted().await;
    Ok(back(&state, &assessment, if changed { "named" } else { "name-late" }))
}
