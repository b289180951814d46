//! `/registrations/{token}/erase` and `/registrations/{token}/data.json`: whoever has a personal link takes what is kept of
//! them along, or has it erased.

use actix_web::web::{Data, Path, ServiceConfig};
use askama::Template;

use crate::audit::Actor;
use crate::console::downloads;
use crate::contacts::Traces;
use crate::contacts::erase::{self, ErasedBy};
use crate::contacts::roster;
use crate::framed;
use crate::privacy::{self, Erasing, PersonFile, Taker};
use crate::values::LinkPurpose;
use crate::web::layout::{Layout, Section};
use crate::web::{Answer, AppState, WebError, at, ok, see_other};
use crate::webcasts::pages::open_seat;

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/registrations/{token}/erase").get(ask).post(erase))
        .service(at("/registrations/{token}/data.{ending}").get(take))
        .service(at("/erased").get(erased));
}

#[derive(Template)]
#[template(path = "privacy/erase.html")]
struct AskPage {
    layout: Layout,
    token: String,
    email: String,
    kept: Vec<String>,
}

framed!(AskPage);

/// `GET /registrations/{token}/erase`
async fn ask(state: Data<AppState>, traces: Data<Traces>, token: Path<String>) -> Answer {
    let seat = open_seat(&state, &token, LinkPurpose::Registration).await?;
    let kept = erase::kept(&mut state.db.read().await?, seat.contact_id, &traces).await?;
    ok(&AskPage {
        layout: state.personal_layout(Section::Webcasts, "Erase what you keep about me"),
        token: token.into_inner(),
        email: seat.email.to_string(),
        kept: kept.in_words_for_visitors(),
    })
}

/// `POST /registrations/{token}/erase`: at once and for good.
async fn erase(state: Data<AppState>, traces: Data<Traces>, token: Path<String>) -> Answer {
    let seat = open_seat(&state, &token, LinkPurpose::Registration).await?;
    let with = Erasing {
        db: &state.db,
        links: &state.links,
        traces: &traces,
        now: state.clock.now(),
    };
    privacy::erase(&with, &seat.email.key(), ErasedBy::Visitor).await?;
    state.bell.ring();
    Ok(see_other("/erased"))
}

#[derive(Template)]
#[template(path = "privacy/erased.html")]
struct GonePage {
    layout: Layout,
}

framed!(GonePage);

/// `GET /erased`
async fn erased(state: Data<AppState>) -> Answer {
    ok(&GonePage {
        layout: state.personal_layout(Section::None, "What we kept about you is erased"),
    })
}

/// `GET /registrations/{token}/data.{ending}`
async fn take(state: Data<AppState>, traces: Data<Traces>, path: Path<(String, String)>) -> Answer {
    let (token, ending) = path.into_inner();
    let file = PersonFile::of_ending(&ending).ok_or(WebError::NotFound)?;
    let seat = open_seat(&state, &token, LinkPurpose::Registration).await?;
    let taker = Taker {
        contact_id: seat.contact_id,
        person: roster::page_of(&mut state.db.read().await?, seat.contact_id).await?,
        actor: Actor::Visitor,
    };
    let bytes = file.make(&state.db, &traces, taker, state.clock.now()).await?;
    Ok(downloads::send_whole(
        bytes,
        &format!("my-data.{ending}"),
        file.media_type(),
    ))
}
