//! Team mode, for whoever opens a round: `/assessment/rounds` opens one, `/assessment/rounds/{token}` adds places,
//! closes it, and shows what may be shown. The same address with a place's token is that respondent's way in.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::place;
use super::team::{TeamReport, team_report};
use crate::assessment::jobs::rounds as jobs;
use crate::assessment::links;
use crate::assessment::model::answers::Side;
use crate::assessment::model::round::{MOST_PLACES, Place, Round};
use crate::assessment::pages::taking::form_id;
use crate::assessment::pages::taking::start::PartiesForm;
use crate::assessment::pages::{day, layout};
use crate::assessment::store::rounds;
use crate::assessment::words::bank::Bank;
use crate::framed;
use crate::values::{LinkPurpose, PublicId};
use crate::web::gate::Admission;
use crate::web::layout::{Keeping, Layout, Section, When};
use crate::web::{Answer, AppState, Form, Share, Visitor, WebError, ok, page, see_other, too_many};

/// Places that one click may add.
const MOST_AT_ONCE: i64 = 50;

#[derive(Template)]
#[template(path = "assessment/round_start.html")]
struct RoundStartPage {
    layout: Layout,
    /// A round was deleted a moment ago.
    deleted: bool,
    /// Why the last post was not taken, where it is no mistake in a field.
    problem: Option<String>,
    form: PartiesForm,
}

framed!(RoundStartPage);

#[derive(Template)]
#[template(path = "assessment/round.html")]
struct RoundPage {
    layout: Layout,
    title: String,
    token: String,
    round_url: String,
    sides: [SidePlaces; 2],
    closed_on: Option<When>,
    /// What the closed round says.
    report: Option<TeamReport>,
    /// The round after this one.
    next_path: Option<String>,
    kept_until: When,
    flash: Option<&'static str>,
    /// What is wrong with the last post.
    problem: Option<String>,
    form_id: String,
}

framed!(RoundPage);

/// The places of one side.
struct SidePlaces {
    key: &'static str,
    name: String,
    /// Links that nobody used yet, absolute. Used ones are not shown: whoever opened the round must not know who
    /// answered what.
    free: Vec<String>,
    used: usize,
}

/// `GET /assessment/rounds`
pub(crate) async fn ask(state: Data<AppState>, visitor: Visitor, request: HttpRequest) -> Answer {
    let mut shown = start_page(&state, &visitor, PartiesForm::new(&state));
    shown.deleted = request.query_string() == "done=deleted";
    ok(&shown)
}

fn start_page(state: &AppState, visitor: &Visitor, form: PartiesForm) -> RoundStartPage {
    let mut layout = Layout {
        keeping: Keeping::Drawn,
        ..state.layout(Section::Assessment, "Answer as two teams")
    }
    .seen_by(visitor)
    .shared_as(Share::of_page(state, "/assessment/rounds"));
    "Several people on each side of a partnership answer, and you see where the two sides differ."
        .clone_into(&mut layout.description);
    RoundStartPage {
        layout,
        deleted: false,
        problem: None,
        form,
    }
}

/// `POST /assessment/rounds`
pub(crate) async fn open(state: Data<AppState>, visitor: Visitor, admission: Admission, form: Form) -> Answer {
    let (id, parties) = match PartiesForm::parse(&state, &form) {
        Ok(parsed) => parsed,
        Err(mistaken) => {
            return page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &start_page(&state, &visitor, *mistaken),
            );
        }
    };
    if let Some(wait) = admission.refused() {
        let mut again = start_page(&state, &visitor, PartiesForm::typed(&state, &form));
        again.problem = Some(too_many::sentence(wait));
        return too_many::answer(page(StatusCode::TOO_MANY_REQUESTS, &again), wait);
    }
    let now = state.clock.now();
    state
        .db
        .write(move |tx| {
            let parties = parties.clone();
            Box::pin(async move { jobs::open(tx, id, &parties, now).await })
        })
        .await?;
    Ok(see_other(&links::round_path(&state, id)))
}

/// `GET /assessment/rounds/{token}`
pub(crate) async fn show(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    request: HttpRequest,
    token: Path<String>,
) -> Answer {
    if let Some(link) = state.links.read(LinkPurpose::AssessmentPlace, &token) {
        return place::show(&state, token.into_inner(), link).await;
    }
    let round = find(&state, &token).await?;
    ok(&draw(&state, &bank, &round, &token, flash(request.query_string())).await?)
}

/// `POST /assessment/rounds/{token}`: `do` is `places`, `close`, `next` or `delete`.
pub(crate) async fn change(state: Data<AppState>, bank: Data<Arc<Bank>>, token: Path<String>, form: Form) -> Answer {
    if let Some(link) = state.links.read(LinkPurpose::AssessmentPlace, &token) {
        return place::take(&state, token.into_inner(), link, &form).await;
    }
    let round = find(&state, &token).await?;
    let path = links::round_path(&state, round.public_id);
    match form.text("do") {
        "seats" => {
            if let Some(problem) = add_places(&state, &round, &form).await? {
                let mut shown = draw(&state, &bank, &round, &token, None).await?;
                shown.problem = Some(problem);
                return page(StatusCode::UNPROCESSABLE_ENTITY, &shown);
            }
            Ok(see_other(&format!("{path}?done=seats")))
        }
        "close" => {
            let (id, now) = (round.id, state.clock.now());
            state
                .db
                .write(move |tx| Box::pin(async move { jobs::close(tx, id, now).await }))
                .await?;
            Ok(see_other(&format!("{path}?done=closed")))
        }
        "next" => open_next(&state, round, form_id::read(&state, &form)).await,
        "delete" => {
            let id = round.id;
            state.db.write(move |tx| Box::pin(rounds::erase(tx, id))).await?;
            state.db.forget_deleted().await;
            Ok(see_other("/assessment/rounds?done=deleted"))
        }
        _ => Err(WebError::Unprocessable("Choose what to do with this round.".to_owned())),
    }
}

async fn find(state: &AppState, token: &str) -> Result<Round, WebError> {
    let link = state
        .links
        .read(LinkPurpose::AssessmentRound, token)
        .filter(|link| link.generation == 0)
        .ok_or(WebError::LinkExpired)?;
    let found = rounds::by_public_id(&mut state.db.read().await?, link.id).await?;
    found
        .filter(|round| round.keep_until > state.clock.now())
        .ok_or(WebError::LinkExpired)
}

/// What is wrong, where it is.
async fn add_places(state: &AppState, round: &Round, form: &Form) -> Result<Option<String>, WebError> {
    let side = Side::parse(form.text("side"));
    let count = form.text("count").trim().parse::<i64>().ok();
    let (Some(side), Some(count @ 1..=MOST_AT_ONCE)) = (side, count) else {
        return Ok(Some(format!("Choose a side, and from 1 to {MOST_AT_ONCE} links.")));
    };
    let (id, now) = (round.id, state.clock.now());
    let added = state
        .db
        .write(move |tx| Box::pin(async move { jobs::add_places(tx, id, side, count, now).await }))
        .await?;
    Ok((!added).then(|| {
        format!("A round takes up to {MOST_PLACES} links while it is open. Close this one and open the next.")
    }))
}

async fn open_next(state: &AppState, round: Round, form: PublicId) -> Answer {
    if round.closed_at.is_none() {
        return Err(WebError::Unprocessable("Close this round first.".to_owned()));
    }
    let (job, now) = (round.clone(), state.clock.now());
    let opened = state
        .db
        .write(move |tx| {
            let round = job.clone();
            Box::pin(async move { jobs::open_next(tx, &round, form, now).await })
        })
        .await?;
    let next = match opened {
        Some(next) => Some(next),
        None => rounds::next(&mut state.db.read().await?, round.id).await?,
    };
    let next = next.ok_or(WebError::LinkExpired)?;
    Ok(see_other(&links::round_path(state, next.public_id)))
}

async fn draw(
    state: &AppState,
    bank: &Bank,
    round: &Round,
    token: &str,
    flash: Option<&'static str>,
) -> Result<RoundPage, WebError> {
    let conn = &mut state.db.read().await?;
    let places = rounds::places(conn, round.id).await?;
    let next = rounds::next(conn, round.id).await?;
    let report = match round.closed_at {
        Some(_) => {
            let counted = rounds::counted(conn, round).await?;
            Some(team_report(bank, round, &places, &counted))
        }
        None => None,
    };
    let path = links::round_path(state, round.public_id);
    Ok(RoundPage {
        layout: layout(state, links::round_title(round)),
        title: links::round_title(round),
        token: token.to_owned(),
        round_url: state.config.public_url.link(&path),
        sides: [Side::Us, Side::Partner].map(|side| side_places(state, round, &places, side)),
        closed_on: round.closed_at.map(day),
        report,
        next_path: next.map(|next| links::round_path(state, next.public_id)),
        kept_until: day(round.keep_until),
        flash,
        problem: None,
        form_id: form_id::fresh(state),
    })
}

fn side_places(state: &AppState, round: &Round, places: &[Place], side: Side) -> SidePlaces {
    let of_side = || places.iter().filter(move |place| place.side == side);
    let free = of_side().filter(|place| !place.used);
    SidePlaces {
        key: side.key(),
        name: round.parties_for_all().name(side).to_owned(),
        free: free
            .map(|place| state.config.public_url.link(&links::place_path(state, place)))
            .collect(),
        used: of_side().filter(|place| place.used).count(),
    }
}

fn flash(query: &str) -> Option<&'static str> {
    match Form::decode(query.as_bytes()).text("done") {
        "seats" => Some("The links are made. Each works once: give one to each person."),
        "closed" => Some("The round is closed. This is what may be shown of it."),
        _ => None,
    }
}
