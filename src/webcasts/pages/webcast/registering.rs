//! `POST /webcasts/{slug}/register`: a place in a session, or the replay of one.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::Programme;
use super::form::{RegisterForm, newest_replay};
use crate::contacts::AgreedTo;
use crate::contacts::pages::{address, looks_like_a_program, source};
use crate::db::DbError;
use crate::questions::store::{count_ruled_out, design_of};
use crate::questions::{Design, FormOwner, FormRefused};
use crate::values::{PublicId, Slug};
use crate::web::form::AnswersForm;
use crate::web::gate::Admission;
use crate::web::layout::Field;
use crate::web::trail::Trail;
use crate::web::{Answer, AppState, Form, Visitor, WebError, fragment, page, see_other, too_many};
use crate::webcasts::Availability;
use crate::webcasts::batch::{Post, RegistrationDesk};
use crate::webcasts::guests::Refusal;
use crate::webcasts::register::{self, Promise, Registered};
use crate::webcasts::replay::{ReplayRequested, request_replay};
use crate::webcasts::store::{self, NewSeat};

/// A post with all that judges it.
struct PostedForm<'p> {
    state: &'p AppState,
    visitor: &'p Visitor,
    request: &'p HttpRequest,
    slug: &'p Slug,
    form: &'p Form,
}

/// What became of a post.
enum PostOutcome {
    /// Read, and looked at by the job.
    Looked(Box<NewSeat>, Registered),
    /// Mistakes.
    Mistaken(Mistaken),
    /// The gate lets nobody of this network in for so long.
    TooMany(Duration),
}

/// What is wrong with a post; the session's mistake stands for the whole form.
#[derive(Default)]
struct Mistaken {
    asked: FormRefused,
    email: Option<Field>,
    code: Option<String>,
    session: Option<String>,
}

/// Takes a registration, or shows the form again with all that is wrong.
pub(in crate::webcasts::pages) async fn take_registration(
    state: web::Data<AppState>,
    desk: web::Data<RegistrationDesk>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    admission: Admission,
    AnswersForm(form): AnswersForm,
) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let posted = PostedForm {
        state: &state,
        visitor: &visitor,
        request: &request,
        slug: &slug,
        form: &form,
    };
    let mut outcome = posted.attempt(&desk, &admission, &desk.designs.of(&slug)).await;
    // What the form asks may have changed since it was looked at here.
    if matches!(
        &outcome,
        Ok(PostOutcome::Mistaken(_) | PostOutcome::Looked(_, Registered::FormChanged))
    ) {
        let design = posted.look_again(&desk).await?;
        outcome = posted.attempt(&desk, &admission, &design).await;
    }
    match outcome {
        Ok(outcome) => posted.answer(outcome, &admission).await,
        Err(WebError::Db(error)) if error.is_passing() => posted.keep_what_was_typed(error).await,
        Err(error) => Err(error),
    }
}

impl PostedForm<'_> {
    async fn attempt(
        &self,
        desk: &RegistrationDesk,
        admission: &Admission,
        design: &Design,
    ) -> Result<PostOutcome, WebError> {
        let seat = match self.parse(design).await? {
            Ok(seat) => seat,
            Err(mistaken) => {
                // Who is ruled out is counted, so the gate is asked first.
                let wait = admission.refused().filter(|_| mistaken.asked.is_ruled_out());
                return Ok(wait.map_or(PostOutcome::Mistaken(mistaken), PostOutcome::TooMany));
            }
        };
        if let Some(wait) = admission.refused() {
            return Ok(PostOutcome::TooMany(wait));
        }
        let post = Post {
            seat: seat.clone(),
            limit: self.state.config.rate_limit_recipient,
            now: self.state.clock.now(),
        };
        let registered = desk.batch.register(post).await?;
        Ok(PostOutcome::Looked(Box::new(seat), registered))
    }

    /// What the form asks now.
    async fn look_again(&self, desk: &RegistrationDesk) -> Result<Arc<Design>, WebError> {
        let conn = &mut self.state.db.read().await?;
        let webcast = store::public_webcast(conn, self.slug)
            .await?
            .ok_or(WebError::NotFound)?;
        let design = design_of(conn, FormOwner::Webcast(webcast.id), webcast.form_version).await?;
        Ok(desk.designs.keep(self.slug, design))
    }

    async fn answer(&self, outcome: PostOutcome, admission: &Admission) -> Answer {
        let (seat, registered) = match outcome {
            PostOutcome::Looked(seat, registered) => (seat, registered),
            PostOutcome::Mistaken(mistaken) => {
                // Who is ruled out is counted only where nothing else is wrong.
                if mistaken.email.is_none() && mistaken.session.is_none() {
                    self.note_ruled_out(&mistaken.asked, admission);
                }
                return self.refuse(mistaken, StatusCode::UNPROCESSABLE_ENTITY).await;
            }
            PostOutcome::TooMany(wait) => {
                let refused = self.refuse(
                    Mistaken::of_form(too_many::sentence(wait)),
                    StatusCode::TOO_MANY_REQUESTS,
                );
                return too_many::answer(refused.await, wait);
            }
        };
        match registered {
            Registered::Thanks(promise) => {
                self.state.bell.ring();
                Ok(see_other(&thanks_path(&seat, self.form, promise)))
            }
            Registered::Refused(refusal) => {
                // Whoever guesses does so a few times an hour.
                admission.keep();
                self.refuse(self.mistaken_guest(refusal), StatusCode::UNPROCESSABLE_ENTITY)
                    .await
            }
            Registered::FormChanged => {
                let changed = "The form was changed just now. Please look through it and send it again.";
                self.refuse(Mistaken::of_form(changed), StatusCode::UNPROCESSABLE_ENTITY)
                    .await
            }
            Registered::Unavailable(Some(Availability::Past)) => self.take_replay_request(*seat).await,
            Registered::Unavailable(why) => {
                if why.is_some() {
                    admission.keep();
                }
                self.tell_holder(*seat);
                self.refuse(Mistaken::of_form(unavailable(why)), StatusCode::UNPROCESSABLE_ENTITY)
                    .await
            }
        }
    }

    /// Beside the request, and for everybody: how long the answer takes tells nobody who holds a seat.
    fn tell_holder(&self, seat: NewSeat) {
        let (limit, now) = (self.state.config.rate_limit_recipient, self.state.clock.now());
        self.state.note("a post for a session that is not open", move |tx| {
            let seat = seat.clone();
            Box::pin(async move { register::tell_holder(tx, &seat, limit, now).await })
        });
    }

    /// A number a day, and nothing of the person.
    fn note_ruled_out(&self, refused: &FormRefused, admission: &Admission) {
        if !refused.is_ruled_out() {
            return;
        }
        admission.keep();
        let (questions, now) = (refused.ruled_out.clone(), self.state.clock.now());
        self.state.note("somebody who was ruled out", move |tx| {
            let questions = questions.clone();
            Box::pin(async move { count_ruled_out(tx, &questions, now).await })
        });
    }

    fn mistaken_guest(&self, refusal: Refusal) -> Mistaken {
        let problem = refusal.to_string();
        match refusal {
            Refusal::Code => Mistaken {
                code: Some(problem),
                ..Mistaken::default()
            },
            Refusal::FreeMail | Refusal::Domain => Mistaken {
                email: Some(Field {
                    error: Some(problem),
                    ..address::shown(self.form, "email")
                }),
                ..Mistaken::default()
            },
        }
    }

    /// The session is over: what is asked for is its recording.
    async fn take_replay_request(&self, seat: NewSeat) -> Answer {
        let (limit, now) = (self.state.config.rate_limit_recipient, self.state.clock.now());
        let wanted = seat.clone();
        let requested = self
            .state
            .db
            .write(move |tx| {
                let wanted = wanted.clone();
                Box::pin(async move { request_replay(tx, &wanted, limit, now).await })
            })
            .await;
        match requested {
            Ok(ReplayRequested::Thanks) => {
                self.state.bell.ring();
                Ok(see_other(&thanks_path(&seat, self.form, Promise::Place)))
            }
            Ok(ReplayRequested::NoReplay) => {
                let over = Mistaken::of_form(unavailable(Some(Availability::Past)));
                self.refuse(over, StatusCode::UNPROCESSABLE_ENTITY).await
            }
            Err(error) if error.is_passing() => self.keep_what_was_typed(error).await,
            Err(error) => Err(error.into()),
        }
    }

    /// All mistakes at once.
    async fn parse(&self, design: &Design) -> Result<Result<NewSeat, Mistaken>, WebError> {
        let asked = design.read(self.form);
        let email = address::read(self.form, "email");
        let session = chosen_session(self.state, self.slug, self.form.text("session")).await?;
        match (asked, email, session) {
            (Ok((name, filled)), Ok(email), Ok(session)) => Ok(Ok(NewSeat {
                slug: self.slug.clone(),
                session,
                name,
                email,
                filled,
                consent: self.form.is_checked("consent"),
                agreed_to: AgreedTo::read(self.form.text("consent_version")),
                origin: source::read(self.request, self.form),
                network: self
                    .state
                    .links
                    .hidden("network", &self.state.network_of(self.request).surroundings()),
                code: self.form.text("code").to_owned(),
                suspicious: looks_like_a_program(self.form),
            })),
            (asked, email, session) => Ok(Err(Mistaken {
                asked: asked.err().unwrap_or_default(),
                email: email.err(),
                code: None,
                session: session.err().map(str::to_owned),
            })),
        }
    }

    async fn refuse(&self, mistaken: Mistaken, status: StatusCode) -> Answer {
        let programme = Programme::load(self.state, self.slug.as_str()).await?;
        let mut form = RegisterForm::typed(self.state, &programme.design, self.form, &mistaken.asked);
        form.email = mistaken.email.unwrap_or(form.email);
        form.code.error = mistaken.code;
        form.session.error = mistaken.session;
        page(status, &programme.page(self.state, self.visitor, form))
    }

    /// The database cannot write now: the form comes back filled in, if it can at least read.
    async fn keep_what_was_typed(&self, error: DbError) -> Answer {
        tracing::warn!(%error, "a registration could not be stored");
        let again = "We could not store this just now. Please send the form again in a moment.";
        match self
            .refuse(Mistaken::of_form(again), StatusCode::SERVICE_UNAVAILABLE)
            .await
        {
            Ok(answer) => Ok(too_many::retry_after(answer, 5)),
            Err(_) => Err(error.into()),
        }
    }
}

impl Mistaken {
    /// What is no mistake of a field.
    fn of_form(sentence: impl Into<String>) -> Self {
        Self {
            session: Some(sentence.into()),
            ..Self::default()
        }
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
