//! A respondent's way into a round: a link that works once.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::mine::{self, ContactForm, back};
use super::{layout, open, questions};
use crate::assessment::Parties;
use crate::assessment::bank::Bank;
use crate::assessment::links;
use crate::assessment::store::rounds::{self, Taken};
use crate::values::{Link, PersonName};
use crate::web::layout::{Field, Layout};
use crate::web::{Answer, AppState, Form, WebError, ok, page, see_other};

#[derive(Template)]
#[template(path = "assessment/seat.html")]
struct SeatPage {
    layout: Layout,
    title: String,
    token: String,
    draft: String,
    /// The sides as this respondent calls them.
    parties: Parties,
    named: bool,
    name: Field,
}

/// Why a seat cannot be taken.
#[derive(Template)]
#[template(path = "assessment/seat_over.html")]
struct SeatOverPage {
    layout: Layout,
    /// The round is closed; else the link was used.
    closed: bool,
}

/// `GET` with a seat's token.
pub(super) async fn show(state: &AppState, token: String, link: Link) -> Answer {
    match seat_page(state, token, link).await? {
        Ok(shown) => ok(&shown),
        Err(closed) => over(state, closed),
    }
}

/// `Err`: it cannot be taken; true where the round is closed.
async fn seat_page(state: &AppState, token: String, link: Link) -> Result<Result<SeatPage, bool>, WebError> {
    let conn = &mut state.db.read().await?;
    let found = rounds::seat_by_public_id(conn, link.id).await?;
    let seat = found.filter(|_| link.generation == 0).ok_or(WebError::LinkExpired)?;
    let round = rounds::by_id(conn, seat.round_id).await?.ok_or(WebError::LinkExpired)?;
    if seat.used || round.closed_at.is_some() {
        return Ok(Err(!seat.used));
    }
    Ok(Ok(SeatPage {
        layout: layout(state, links::round_title(&round)),
        title: links::round_title(&round),
        token,
        draft: super::start::new_draft(state),
        parties: round.parties.seen_from(seat.side),
        named: false,
        name: Field::default(),
    }))
}

/// `POST` with a seat's token: the respondent begins.
pub(super) async fn take(state: &AppState, token: String, link: Link, form: &Form) -> Answer {
    let name = match agreed_name(form, None) {
        Ok(name) => name,
        Err(problem) => {
            let path = format!("/assessment/rounds/{token}");
            let Ok(mut again) = seat_page(state, token, link).await? else {
                return Ok(see_other(&path));
            };
            again.named = form.is_checked("named");
            again.name = Field {
                value: form.text("name").to_owned(),
                error: Some(problem),
            };
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let (draft, now) = (super::start::draft(state, form), state.clock.now());
    let outcome = state
        .db
        .write(move |tx| {
            let name = name.clone();
            Box::pin(async move { rounds::take_seat(tx, link.id, draft, name.as_deref(), now).await })
        })
        .await?;
    match outcome {
        Taken::Yes(begun) => Ok(questions::begun(state, begun.public_id)),
        // The page says which of the two it is.
        Taken::No | Taken::Closed => Ok(see_other(&format!("/assessment/rounds/{token}"))),
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
    ok(&SeatOverPage {
        layout: layout(state, title),
        closed,
    })
}

/// `POST /assessment/{token}/name`: agrees to be named, or takes that back.
pub(super) async fn set_name(state: Data<AppState>, bank: Data<Arc<Bank>>, token: Path<String>, form: Form) -> Answer {
    let assessment = open(&state, &token).await?;
    let seat = rounds::seat_of_assessment(&mut state.db.read().await?, assessment.id).await?;
    let seat = seat.ok_or(WebError::LinkExpired)?;
    let name = match agreed_name(&form, seat.name.as_deref()) {
        Ok(name) => name,
        Err(problem) => {
            let typed = ContactForm {
                seat_name: Field {
                    value: form.text("name").to_owned(),
                    error: Some(problem),
                },
                seat_named: form.is_checked("named"),
                ..ContactForm::default()
            };
            return mine::refuse(&state, &bank, &assessment, typed).await;
        }
    };
    let id = seat.id;
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
