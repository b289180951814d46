//! `POST /webcasts/{slug}/register`: a place in a session, or the replay of one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::Programme;
use super::form::{RegisterForm, newest_replay};
use crate::contacts::pages::{address, looks_like_a_program, source};
use crate::db::DbError;
use crate::values::{PersonName, PublicId, Slug};
use crate::web::gate::Admission;
use crate::web::trail::Trail;
use crate::web::{Answer, AppState, Form, Visitor, WebError, fragment, page, see_other, too_many};
use crate::webcasts::Availability;
use crate::webcasts::batch::{Post, RegistrationBatch};
use crate::webcasts::guests::Refusal;
use crate::webcasts::register::{self, Promise, Registered};
use crate::webcasts::replay::{ReplayRequested, request_replay};
use crate::webcasts::store::{self, NewSeat};

/// Takes a registration, or shows the form again with all that is wrong.
pub(in crate::webcasts::pages) async fn take_registration(
    state: web::Data<AppState>,
    registrations: web::Data<RegistrationBatch>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    admission: Admission,
    form: Form,
) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let seat = match parse(&state, &request, &slug, &form).await? {
        Ok(seat) => seat,
        Err(mistaken) => return refuse(&state, &visitor, &slug, mistaken, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    if let Some(wait) = admission.refused() {
        let mut again = RegisterForm::typed(&form);
        again.session.error = Some(too_many::sentence(wait));
        return too_many::answer(
            refuse(&state, &visitor, &slug, again, StatusCode::TOO_MANY_REQUESTS).await,
            wait,
        );
    }
    let (limit, now) = (state.config.rate_limit_recipient, state.clock.now());
    let post = Post {
        seat: seat.clone(),
        limit,
        now,
    };
    match registrations.register(post).await {
        Ok(Registered::Thanks(promise)) => {
            state.bell.ring();
            Ok(see_other(&thanks_path(&seat, &form, promise)))
        }
        Ok(Registered::Refused(refusal)) => {
            // Whoever guesses does so a few times an hour.
            admission.keep();
            let mut mistaken = RegisterForm::typed(&form);
            let field = match refusal {
                Refusal::Code => &mut mistaken.code,
                Refusal::FreeMail | Refusal::Domain => &mut mistaken.email,
            };
            field.error = Some(refusal.to_string());
            refuse(&state, &visitor, &slug, mistaken, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Ok(Registered::Unavailable(Some(Availability::Past))) => {
            take_replay_request(&state, &visitor, seat, &form).await
        }
        Ok(Registered::Unavailable(why)) => {
            if why.is_some() {
                admission.keep();
            }
            // Beside the request, and for everybody: how long the answer takes tells nobody who holds a seat.
            state.note("a post for a session that is not open", move |tx| {
                let seat = seat.clone();
                Box::pin(async move { register::tell_holder(tx, &seat, limit, now).await })
            });
            let mut mistaken = RegisterForm::typed(&form);
            mistaken.session.error = Some(unavailable(why).to_owned());
            refuse(&state, &visitor, &slug, mistaken, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) if error.is_passing() => keep_what_was_typed(&state, &visitor, &slug, &form, error).await,
        Err(error) => Err(error.into()),
    }
}

/// The session is over: what is asked for is its recording.
async fn take_replay_request(state: &AppState, visitor: &Visitor, seat: NewSeat, form: &Form) -> Answer {
    let (limit, now) = (state.config.rate_limit_recipient, state.clock.now());
    let wanted = seat.clone();
    let requested = state
        .db
        .write(move |tx| {
            let wanted = wanted.clone();
            Box::pin(async move { request_replay(tx, &wanted, limit, now).await })
        })
        .await;
    match requested {
        Ok(ReplayRequested::Thanks) => {
            state.bell.ring();
            Ok(see_other(&thanks_path(&seat, form, Promise::Place)))
        }
        Ok(ReplayRequested::NoReplay) => {
            let mut mistaken = RegisterForm::typed(form);
            mistaken.session.error = Some(unavailable(Some(Availability::Past)).to_owned());
            refuse(state, visitor, &seat.slug, mistaken, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) if error.is_passing() => keep_what_was_typed(state, visitor, &seat.slug, form, error).await,
        Err(error) => Err(error.into()),
    }
}

/// The page of thanks shows the address from the fragment, which is not sent to any server.
fn thanks_path(seat: &NewSeat, form: &Form, promise: Promise) -> String {
    let promised = match promise.as_str() {
        "" => String::new(),
        promise => format!("&promise={promise}"),
    };
    let path = format!("/webcasts/{}/thanks?session={}{promised}", seat.slug, seat.session);
    format!("{}#{}", Trail::posted(form).link(&path), fragment(seat.email.as_str()))
}

/// All mistakes at once.
async fn parse(
    state: &AppState,
    request: &HttpRequest,
    slug: &Slug,
    form: &Form,
) -> Result<Result<NewSeat, RegisterForm>, WebError> {
    let name = PersonName::parse(form.text("name"));
    let email = address::read(form, "email");
    let session = chosen_session(state, slug, form.text("session")).await?;
    match (name, email, session) {
        (Ok(name), Ok(email), Ok(session)) => Ok(Ok(NewSeat {
            slug: slug.clone(),
            session,
            name,
            email,
            consent: form.is_checked("consent"),
            origin: source::read(request, form),
            network: state.links.hidden("network", &state.network_of(request).surroundings()),
            code: form.text("code").to_owned(),
            suspicious: looks_like_a_program(form),
        })),
        (name, email, session) => {
            let mut mistaken = RegisterForm::typed(form);
            mistaken.name.error = name.err().map(|problem| problem.to_string());
            mistaken.email = email.err().unwrap_or(mistaken.email);
            mistaken.session.error = session.err().map(str::to_owned);
            Ok(Err(mistaken))
        }
    }
}

/// The field is optional where exactly one session is open. Where none is, one ahead stands for all: so whoever holds
/// a seat in this webcast gets the links again.
async fn chosen_session(state: &AppState, slug: &Slug, raw: &str) -> Result<Result<PublicId, &'static str>, WebError> {
    if !raw.is_empty() {
        return Ok(PublicId::parse(raw).ok_or("Choose one of the sessions."));
    }
    let conn = &mut state.db.read().await?;
    let webcast = store::public_webcast(conn, slug).await?.ok_or(WebError::NotFound)?;
    let now = state.clock.now();
    let sessions = store::sessions_of(conn, webcast.id).await?;
    let that_are = |wanted| {
        sessions
            .iter()
            .filter(move |session| session.availability(now) == wanted)
    };
    let shut = || {
        that_are(Availability::Full)
            .chain(that_are(Availability::Closed))
            .next()
    };
    let replay = || newest_replay(that_are(Availability::Past));
    let mut open = sessions
        .iter()
        .filter(|session| session.availability(now).takes_somebody());
    Ok(match (open.next(), open.next()) {
        (Some(only), None) => Ok(only.public_id),
        (None, _) => shut()
            .or_else(replay)
            .map(|session| session.public_id)
            .ok_or("No session takes registrations now."),
        _ => Err("Choose one of the sessions."),
    })
}

fn unavailable(why: Option<Availability>) -> &'static str {
    match why {
        Some(Availability::Full) => "This session is full. Choose another one, if there is one.",
        Some(Availability::Past) => "This session is over. Choose another one, if there is one.",
        Some(Availability::Cancelled) => "This session was called off. Choose another one, if there is one.",
        Some(Availability::Early) => "Registration for this session is not open yet.",
        Some(Availability::Closed) => "Registration for this session is closed.",
        Some(Availability::Open | Availability::Waiting) => {
            "This session took no registration just now. Please send the form again."
        }
        None => "This is not a session of this webcast. Choose one of those below.",
    }
}

async fn refuse(state: &AppState, visitor: &Visitor, slug: &Slug, form: RegisterForm, status: StatusCode) -> Answer {
    let programme = Programme::load(state, slug.as_str()).await?;
    page(status, &programme.page(state, visitor, form))
}

/// The database cannot write now: the form comes back filled in, if it can at least read.
async fn keep_what_was_typed(state: &AppState, visitor: &Visitor, slug: &Slug, form: &Form, error: DbError) -> Answer {
    tracing::warn!(%error, "a registration could not be stored");
    let mut again = RegisterForm::typed(form);
    again.session.error = Some("We could not store this just now. Please send the form again in a moment.".to_owned());
    match refuse(state, visitor, slug, again, StatusCode::SERVICE_UNAVAILABLE).await {
        Ok(answer) => Ok(too_many::retry_after(answer, 5)),
        Err(_) => Err(error.into()),
    }
}
