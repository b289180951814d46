//! Team mode, for whoever opens a round: `/assessment/rounds` opens one, `/assessment/rounds/{token}` adds seats,
//! closes it, and shows what may be shown. The same address with a seat's token is that respondent's way in.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;

use super::start::PartiesForm;
use super::team::{TeamReport, team_report};
use super::{day, layout, seat};
use crate::assessment::answers::Side;
use crate::assessment::bank::Bank;
use crate::assessment::links;
use crate::assessment::round::{MOST_SEATS, Round, Seat};
use crate::assessment::store::rounds;
use crate::contacts::visitor::{self, Gate};
use crate::contacts::wait::too_many;
use crate::db::{DbError, Tx};
use crate::values::{PublicId, Purpose};
use crate::web::layout::{Layout, Section, When};
use crate::web::{Answer, AppState, Form, WebError, ok, page, see_other};

/// Seats that one click may add.
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

#[derive(Template)]
#[template(path = "assessment/round.html")]
struct RoundPage {
    layout: Layout,
    title: String,
    token: String,
    round_url: String,
    sides: [SideSeats; 2],
    closed_on: Option<When>,
    /// What the closed round says.
    report: Option<TeamReport>,
    /// The round after this one.
    next_path: Option<String>,
    kept_until: When,
    flash: Option<&'static str>,
    /// What is wrong with the last post.
    problem: Option<String>,
    draft: String,
}

/// The seats of one side.
struct SideSeats {
    key: &'static str,
    name: String,
    /// Links that nobody used yet, absolute. Used ones are not shown: whoever opened the round must not know who
    /// answered what.
    free: Vec<String>,
    used: usize,
}

/// `GET /assessment/rounds`
pub(super) async fn ask(state: Data<AppState>, request: HttpRequest) -> Answer {
    let mut shown = start_page(&state, PartiesForm::new(&state));
    shown.deleted = request.query_string() == "done=deleted";
    ok(&shown)
}

fn start_page(state: &AppState, form: PartiesForm) -> RoundStartPage {
    RoundStartPage {
        layout: state.layout(Section::Assessment, "Answer as two teams"),
        deleted: false,
        problem: None,
        form,
    }
}

/// `POST /assessment/rounds`
pub(super) async fn open(state: Data<AppState>, request: HttpRequest, form: Form) -> Answer {
    let (draft, parties) = match PartiesForm::parse(&state, &form) {
        Ok(parsed) => parsed,
        Err(mistaken) => return page(StatusCode::UNPROCESSABLE_ENTITY, &start_page(&state, *mistaken)),
    };
    let gate = Gate::wide(&state, &request, "assessment-round");
    if let Err(wait) = gate.pass().await {
        let mut again = start_page(&state, PartiesForm::typed(&state, &form));
        again.problem = Some(too_many(wait));
        return visitor::too_many(page(StatusCode::TOO_MANY_REQUESTS, &again), wait);
    }
    let now = state.clock.now();
    state
        .db
        .write(move |tx| {
            let parties = parties.clone();
            Box::pin(async move { rounds::open(tx, draft, &parties, now).await })
        })
        .await?;
    gate.charge_if(true);
    Ok(see_other(&links::round_path(&state, draft)))
}

/// `GET /assessment/rounds/{token}`
pub(super) async fn show(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    request: HttpRequest,
    token: Path<String>,
) -> Answer {
    if let Some(link) = state.links.read(Purpose::AssessmentSeat, &token) {
        return seat::show(&state, token.into_inner(), link).await;
    }
    let round = find(&state, &token).await?;
    ok(&draw(&state, &bank, &round, &token, flash(request.query_string())).await?)
}

/// `POST /assessment/rounds/{token}`: `do` is `seats`, `close`, `next` or `delete`.
pub(super) async fn change(state: Data<AppState>, bank: Data<Arc<Bank>>, token: Path<String>, form: Form) -> Answer {
    if let Some(link) = state.links.read(Purpose::AssessmentSeat, &token) {
        return seat::take(&state, token.into_inner(), link, &form).await;
    }
    let round = find(&state, &token).await?;
    let path = links::round_path(&state, round.public_id);
    match form.text("do") {
        "seats" => {
            if let Some(problem) = add_seats(&state, &round, &form).await? {
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
                .write(move |tx| Box::pin(async move { rounds::close(tx, id, now).await }))
                .await?;
            Ok(see_other(&format!("{path}?done=closed")))
        }
        "next" => open_next(&state, round, super::start::draft(&state, &form)).await,
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
        .read(Purpose::AssessmentRound, token)
        .filter(|link| link.generation == 0)
        .ok_or(WebError::LinkExpired)?;
    let found = rounds::by_public_id(&mut state.db.read().await?, link.id).await?;
    found
        .filter(|round| round.keep_until > state.clock.now())
        .ok_or(WebError::LinkExpired)
}

/// What is wrong, where it is.
async fn add_seats(state: &AppState, round: &Round, form: &Form) -> Result<Option<String>, WebError> {
    let side = Side::parse(form.text("side"));
    let count = form.text("count").trim().parse::<i64>().ok();
    let (Some(side), Some(count @ 1..=MOST_AT_ONCE)) = (side, count) else {
        return Ok(Some(format!("Choose a side, and from 1 to {MOST_AT_ONCE} links.")));
    };
    let (id, now) = (round.id, state.clock.now());
    let added = state
        .db
        .write(move |tx| Box::pin(async move { add_in(tx, id, side, count, now).await }))
        .await?;
    Ok((!added)
        .then(|| format!("A round takes up to {MOST_SEATS} links while it is open. Close this one and open the next.")))
}

async fn add_in(tx: &mut Tx, round_id: i64, side: Side, count: i64, now: Timestamp) -> Result<bool, DbError> {
    rounds::hold(tx, round_id).await?;
    let there = rounds::seats(tx, round_id).await?.len();
    if i64::try_from(there).unwrap_or(i64::MAX) + count > MOST_SEATS {
        return Ok(false);
    }
    for _ in 0..count {
        if !rounds::add_seat(tx, round_id, side, now).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn open_next(state: &AppState, round: Round, draft: PublicId) -> Answer {
    if round.closed_at.is_none() {
        return Err(WebError::Unprocessable("Close this round first.".to_owned()));
    }
    let (job, now) = (round.clone(), state.clock.now());
    let opened = state
        .db
        .write(move |tx| {
            let round = job.clone();
            Box::pin(async move { rounds::open_next(tx, &round, draft, now).await })
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
    let seats = rounds::seats(conn, round.id).await?;
    let next = rounds::next(conn, round.id).await?;
    let report = match round.closed_at {
        Some(_) => {
            let counted = rounds::counted(conn, round).await?;
            Some(team_report(bank, round, &seats, &counted))
        }
        None => None,
    };
    let path = links::round_path(state, round.public_id);
    Ok(RoundPage {
        layout: layout(state, links::round_title(round)),
        title: links::round_title(round),
        token: token.to_owned(),
        round_url: state.config.public_url.link(&path),
        sides: [Side::Us, Side::Partner].map(|side| side_seats(state, round, &seats, side)),
        closed_on: round.closed_at.map(day),
        report,
        next_path: next.map(|next| links::round_path(state, next.public_id)),
        kept_until: day(round.keep_until),
        flash,
        problem: None,
        draft: super::start::new_draft(state),
    })
}

fn side_seats(state: &AppState, round: &Round, seats: &[Seat], side: Side) -> SideSeats {
    let of_side = || seats.iter().filter(move |seat| seat.side == side);
    let free = of_side().filter(|seat| !seat.used);
    SideSeats {
        key: side.key(),
        name: round.parties_for_all().name(side).to_owned(),
        free: free
            .map(|seat| state.config.public_url.link(&links::seat_path(state, seat)))
            .collect(),
        used: of_side().filter(|seat| seat.used).count(),
    }
}

fn flash(query: &str) -> Option<&'static str> {
    match Form::decode(query.as_bytes()).text("done") {
        "seats" => Some("The links are made. Each works once: give one to each person."),
        "closed" => Some("The round is closed. This is what may be shown of it."),
        _ => None,
    }
}
