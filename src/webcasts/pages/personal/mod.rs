//! The visitor's own page of a registration: see, change, cancel, calendar. The link is the key.

mod edit_form;
mod page;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;

use crate::db::DbError;
use crate::mail::Person;
use crate::mail::calendar::Method;
use crate::values::{LinkPurpose, PublicId};
use crate::web::form::AnswersForm;
use crate::web::{Answer, AppState, Visitor, WebError, ok, see_other};
use crate::webcasts::change::{self, Edited, TakenAgain};
use crate::webcasts::release::Released;
use crate::webcasts::replay::watch_after_all;
use crate::webcasts::waiting::OfferTaken;
use crate::webcasts::{Availability, RegistrationState, Seat, SeatStanding, Session, mails, store};
use edit_form::EditForm;
use page::draw;

/// Why a cancelled seat cannot be taken again now.
const FULL: &str =
    "This session is full. A place may become free: try it again later from the page of your registration.";

/// `GET /registrations/{token}`
pub(super) async fn show(
    state: web::Data<AppState>,
    visitor: Visitor,
    request: HttpRequest,
    token: web::Path<String>,
) -> Answer {
    let seat = open(&state, &token, LinkPurpose::Registration).await?;
    note_opened(&state, seat.id).await?;
    let form = EditForm::of(&mut state.db.read().await?, &seat).await?;
    let flash = page::flash(
        request.query_string(),
        seat.state,
        seat.session.ends_at <= state.clock.now(),
    );
    ok(&draw(&state, &visitor, seat, form, flash).await?)
}

/// `GET /registrations/{token}/calendar.ics`
pub(super) async fn own_calendar(state: web::Data<AppState>, token: web::Path<String>) -> Answer {
    calendar(&state, &open(&state, &token, LinkPurpose::Registration).await?)
}

/// `GET /calendar/{token}`: the same by the link in a mail.
pub(super) async fn mailed_calendar(state: web::Data<AppState>, token: web::Path<String>) -> Answer {
    calendar(&state, &open(&state, &token, LinkPurpose::Calendar).await?)
}

fn calendar(state: &AppState, seat: &Seat) -> Answer {
    if seat.state != RegistrationState::Registered {
        return Err(WebError::NotFound);
    }
    let sender = state.config.mail_from.as_ref().map(Person::from);
    let organizer = sender.unwrap_or_else(|| Person::nameless(seat.email.clone()));
    let entry = mails::calendar_entry(state, seat, organizer);
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8; method=PUBLISH")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"webcast.ics\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(entry.write(Method::Publish)))
}

/// `POST /registrations/{token}/confirm`: takes the place that was held back, if one is free, or that is kept for it.
pub(super) async fn confirm(state: web::Data<AppState>, token: web::Path<String>) -> Answer {
    let seat = open(&state, &token, LinkPurpose::Registration).await?;
    let done = |what: &str| Ok(see_other(&format!("/registrations/{token}?done={what}")));
    let now = state.clock.now();
    if seat.state == RegistrationState::Offered {
        return take_offer(&state, &token, seat).await;
    }
    if !matches!(seat.standing(now), SeatStanding::Held(_)) {
        return done("confirmed");
    }
    let released = state
        .db
        .write(move |tx| {
            let seat = seat.clone();
            Box::pin(async move { change::confirm_place(tx, &seat, now).await })
        })
        .await?;
    state.bell.ring();
    match released {
        Released::Yes | Released::NotHeld => done("confirmed"),
        Released::Waits => done("waits"),
        Released::NoPlace => done("full"),
    }
}

/// Takes the place that is kept for it.
async fn take_offer(state: &AppState, token: &str, seat: Seat) -> Answer {
    let now = state.clock.now();
    let write = state.db.write(move |tx| {
        let seat = seat.clone();
        Box::pin(async move { change::take_offer(tx, &seat, now).await })
    });
    let done = match write.await? {
        OfferTaken::Yes => "confirmed",
        OfferTaken::Over => "over-offer",
    };
    state.bell.ring();
    Ok(see_other(&format!("/registrations/{token}?done={done}")))
}

/// `POST /registrations/{token}/edit`
pub(super) async fn edit(
    state: web::Data<AppState>,
    visitor: Visitor,
    token: web::Path<String>,
    AnswersForm(form): AnswersForm,
) -> Answer {
    let seat = open(&state, &token, LinkPurpose::Registration).await?;
    let unsaved = || Ok(see_other(&format!("/registrations/{token}?done=unsaved")));
    if !seat.state.can_be_edited() {
        return unsaved();
    }
    let wanted = match edit_form::parse(&state, &seat, &form).await? {
        Ok(wanted) => wanted,
        Err(mistaken) => return refuse(&state, &visitor, seat, mistaken).await,
    };
    let now = state.clock.now();
    let (job_seat, job_wanted) = (seat.clone(), wanted.clone());
    let saved = state
        .db
        .write(move |tx| {
            let (seat, wanted) = (job_seat.clone(), job_wanted.clone());
            Box::pin(async move { change::edit(tx, &seat, &wanted, now).await })
        })
        .await?;
    match saved {
        Edited::Saved => {
            state.bell.ring();
            Ok(see_other(&format!("/registrations/{token}?done=saved")))
        }
        Edited::Cancelled => unsaved(),
        Edited::Full => {
            let why = "This session is full by now. Choose another one.";
            let mistaken = EditForm::again(&mut state.db.read().await?, &seat, &form, why).await?;
            refuse(&state, &visitor, seat, mistaken).await
        }
        Edited::FormChanged => {
            let mistaken = EditForm::changed(&mut state.db.read().await?, &seat, &form).await?;
            refuse(&state, &visitor, seat, mistaken).await
        }
    }
}

/// `POST /registrations/{token}/cancel`
pub(super) async fn cancel(state: web::Data<AppState>, token: web::Path<String>) -> Answer {
    let seat = open(&state, &token, LinkPurpose::Registration).await?;
    let now = state.clock.now();
    if seat.state != RegistrationState::Cancelled && seat.session.ends_at <= now {
        // From a page that was opened earlier. A cancelled seat has no replay.
        return Ok(see_other(&format!("/registrations/{token}?done=over")));
    }
    state
        .db
        .write(move |tx| {
            let seat = seat.clone();
            Box::pin(async move { change::cancel(tx, &seat, now).await })
        })
        .await?;
    state.bell.ring();
    Ok(see_other(&format!("/registrations/{token}?done=cancelled")))
}

/// `POST /registrations/{token}/again`: takes the seat again after it was cancelled.
pub(super) async fn again(state: web::Data<AppState>, token: web::Path<String>) -> Answer {
    let seat = open(&state, &token, LinkPurpose::Registration).await?;
    let done = Ok(see_other(&format!("/registrations/{token}?done=again")));
    if !matches!(seat.standing(state.clock.now()), SeatStanding::None) || seat.state == RegistrationState::Rejected {
        // Two clicks on the button, and the first one may have taken the last seat.
        return done;
    }
    let now = state.clock.now();
    let sessions = store::sessions_of(&mut state.db.read().await?, seat.webcast_id).await?;
    let Some(session) = session_to_return_to(&seat, &sessions, now).cloned() else {
        let watched = seat.clone();
        let can_watch = state
            .db
            .write(move |tx| {
                let seat = watched.clone();
                Box::pin(async move { watch_after_all(tx, &seat, now).await })
            })
            .await?;
        if can_watch {
            return done;
        }
        return Err(WebError::Unprocessable(no_return(&sessions, now).to_owned()));
    };
    let had = state
        .db
        .write(move |tx| {
            let (seat, session) = (seat.clone(), session.clone());
            Box::pin(async move { change::take_again(tx, &seat, &session, now).await })
        })
        .await?;
    state.bell.ring();
    match had {
        TakenAgain::Place => done,
        TakenAgain::Waits => Ok(see_other(&format!("/registrations/{token}?done=waits"))),
        TakenAgain::Nothing => Err(WebError::Unprocessable(FULL.to_owned())),
    }
}

/// The seat that a link opens. Forged, revoked and unknown links look the same.
pub(crate) async fn open(state: &AppState, token: &str, purpose: LinkPurpose) -> Result<Seat, WebError> {
    let link = state.links.read(purpose, token).ok_or(WebError::LinkExpired)?;
    let seat = store::seat_of_link(&mut state.db.read().await?, link).await?;
    seat.ok_or(WebError::LinkExpired)
}

/// Weak evidence, noted once.
async fn note_opened(state: &AppState, id: i64) -> Result<(), DbError> {
    if store::was_opened(&mut state.db.read().await?, id).await? {
        return Ok(());
    }
    let now = state.clock.now();
    state.note("an opened page", move |tx| {
        Box::pin(async move { store::note_opened(tx, id, now).await })
    });
    Ok(())
}

/// Of those that are open: the one that a later sign-up named, the one it was for, or the next one.
fn session_to_return_to<'s>(seat: &Seat, sessions: &'s [Session], now: Timestamp) -> Option<&'s Session> {
    let open = || {
        sessions
            .iter()
            .filter(|session| session.availability(now).takes_somebody())
    };
    let named = seat
        .wanted
        .as_ref()
        .and_then(|wanted| PublicId::parse(wanted.session.as_deref()?));
    open()
        .find(|session| Some(session.public_id) == named)
        .or_else(|| open().find(|session| session.id == seat.session.id))
        .or_else(|| open().next())
}

/// Why a cancelled seat cannot be taken again.
fn no_return(sessions: &[Session], now: Timestamp) -> &'static str {
    if sessions
        .iter()
        .any(|session| session.availability(now) == Availability::Full)
    {
        FULL
    } else {
        "This webcast takes no registrations any more. Look at the other webcasts."
    }
}

async fn refuse(state: &AppState, visitor: &Visitor, seat: Seat, form: EditForm) -> Answer {
    let drawn = draw(state, visitor, seat, form, None).await?;
    crate::web::page(StatusCode::UNPROCESSABLE_ENTITY, &drawn)
}
