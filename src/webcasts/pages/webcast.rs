//! `GET /webcasts/{slug}`, the form's post, and the page of thanks.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::{availability_state, places_note, session_time};
use crate::contacts::CONSENT;
use crate::contacts::pages::{address, looks_like_a_program, source};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::values::{PersonName, PublicId, Slug};
use crate::web::gate::Admission;
use crate::web::layout::{Badge, Field, Layout, Mistake, Section, SessionTime, mistakes};
use crate::web::{Answer, AppState, Form, WebError, ok, page, see_other, too_many};
use crate::webcasts::batch::{Post, RegistrationBatch};
use crate::webcasts::register::{self, Registered};
use crate::webcasts::store::{self, NewSeat};
use crate::webcasts::{Availability, Session, SessionState, Speaker, Webcast};

#[derive(Template)]
#[template(path = "webcasts/page.html")]
struct WebcastPage {
    layout: Layout,
    slug: String,
    title: String,
    summary: String,
    /// Paragraphs.
    description: Vec<String>,
    speakers: Vec<Speaker>,
    upcoming: Vec<SessionItem>,
    past: Vec<SessionItem>,
    registering: Registering,
}

framed!(WebcastPage);

/// One session on the webcast's page.
struct SessionItem {
    time: SessionTime,
    state: Badge,
    /// "12 places left", "Replay available".
    note: Option<String>,
}

/// Whether the form is shown, and why not.
enum Registering {
    Open(Box<RegisterForm>),
    /// All sessions ahead are full.
    Full,
    /// There are sessions ahead, but registration is closed.
    Closed,
    /// Every session is over.
    PastOnly,
}

#[derive(Default)]
struct RegisterForm {
    name: Field,
    email: Field,
    /// The error of the choice; the value is the chosen session's id.
    session: Field,
    /// One: hidden field. Several: radio buttons.
    sessions: Vec<SessionChoice>,
    time_zone: String,
    consent: bool,
    consent_text: &'static str,
    /// Where the visitor came from, carried along.
    hidden: Vec<(&'static str, String)>,
}

impl RegisterForm {
    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[("session", &self.session), ("name", &self.name), ("email", &self.email)])
    }
}

/// A session that can be chosen in a form, or is shown there as taken.
pub(super) struct SessionChoice {
    pub(super) id: String,
    pub(super) time: SessionTime,
    pub(super) selectable: bool,
    pub(super) note: Option<String>,
    pub(super) chosen: bool,
}

/// `GET /webcasts/{slug}`
pub(super) async fn show(state: web::Data<AppState>, request: HttpRequest, slug: web::Path<String>) -> Answer {
    let programme = Programme::load(&state, &slug).await?;
    let form = RegisterForm {
        hidden: source::fields(&request),
        ..RegisterForm::default()
    };
    ok(&programme.page(&state, form))
}

/// `GET /webcasts/{slug}/register`: somebody reloaded after a refused post.
pub(super) async fn back_to_form(slug: web::Path<String>) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    Ok(see_other(&format!("/webcasts/{slug}#register")))
}

/// `POST /webcasts/{slug}/register`
pub(super) async fn take_registration(
    state: web::Data<AppState>,
    registrations: web::Data<RegistrationBatch>,
    request: HttpRequest,
    slug: web::Path<String>,
    admission: Admission,
    form: Form,
) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let seat = match parse(&state, &request, &slug, &form).await? {
        Ok(seat) => seat,
        Err(mistaken) => return refuse(&state, &slug, mistaken, StatusCode::UNPROCESSABLE_ENTITY).await,
    };
    if let Some(wait) = admission.refused() {
        let mut again = typed(&form);
        again.session.error = Some(too_many::sentence(wait));
        return too_many::answer(refuse(&state, &slug, again, StatusCode::TOO_MANY_REQUESTS).await, wait);
    }
    let (limit, now) = (state.config.rate_limit_recipient, state.clock.now());
    let post = Post {
        seat: seat.clone(),
        limit,
        now,
    };
    match registrations.register(post).await {
        Ok(Registered::Thanks) => {
            state.bell.ring();
            Ok(see_other(&format!("/webcasts/{slug}/thanks")))
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
            let mut mistaken = typed(&form);
            mistaken.session.error = Some(unavailable(why).to_owned());
            refuse(&state, &slug, mistaken, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) if error.is_passing() => keep_what_was_typed(&state, &slug, &form, error).await,
        Err(error) => Err(error.into()),
    }
}

/// `GET /webcasts/{slug}/thanks`
pub(super) async fn thanks(state: web::Data<AppState>, slug: web::Path<String>) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let webcast = store::webcast_by_slug(&mut state.db.read().await?, &slug)
        .await?
        .ok_or(WebError::NotFound)?;
    ok(&RegisterThanksPage {
        layout: state.personal_layout(Section::Webcasts, "Thank you"),
        slug: slug.to_string(),
        title: webcast.title,
        mail_from: state.config.mail_from.as_ref().map(|from| from.address.to_string()),
        demo: state.caught.is_some(),
    })
}

/// The same words for everybody.
#[derive(Template)]
#[template(path = "webcasts/thanks.html")]
struct RegisterThanksPage {
    layout: Layout,
    slug: String,
    title: String,
    /// From which address the mail comes, if one is set.
    mail_from: Option<String>,
    demo: bool,
}

framed!(RegisterThanksPage);

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
            suspicious: looks_like_a_program(form),
        })),
        (name, email, session) => {
            let mut mistaken = typed(form);
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
    let webcast = store::webcast_by_slug(conn, slug).await?.ok_or(WebError::NotFound)?;
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
    let mut open = that_are(Availability::Open);
    Ok(match (open.next(), open.next()) {
        (Some(only), None) => Ok(only.public_id),
        (None, _) => shut()
            .map(|session| session.public_id)
            .ok_or("No session takes registrations now."),
        _ => Err("Choose one of the sessions."),
    })
}

/// The form as it was filled in.
fn typed(form: &Form) -> RegisterForm {
    RegisterForm {
        name: Field::of(form.text("name")),
        email: address::shown(form, "email"),
        session: Field::of(form.text("session")),
        time_zone: form.text("time_zone").to_owned(),
        consent: form.is_checked("consent"),
        hidden: source::fields_again(form),
        ..RegisterForm::default()
    }
}

fn unavailable(why: Option<Availability>) -> &'static str {
    match why {
        Some(Availability::Full) => "This session is full. Choose another one, if there is one.",
        Some(Availability::Past) => "This session is over. Choose another one, if there is one.",
        Some(Availability::Cancelled) => "This session was called off. Choose another one, if there is one.",
        Some(Availability::Closed) => "Registration for this session is closed.",
        Some(Availability::Open) => "This session took no registration just now. Please send the form again.",
        None => "This is not a session of this webcast. Choose one of those below.",
    }
}

async fn refuse(state: &AppState, slug: &Slug, form: RegisterForm, status: StatusCode) -> Answer {
    let programme = Programme::load(state, slug.as_str()).await?;
    page(status, &programme.page(state, form))
}

/// The database cannot write now: the form comes back filled in, if it can at least read.
async fn keep_what_was_typed(state: &AppState, slug: &Slug, form: &Form, error: DbError) -> Answer {
    tracing::warn!(%error, "a registration could not be stored");
    let mut again = typed(form);
    again.session.error = Some("We could not store this just now. Please send the form again in a moment.".to_owned());
    match refuse(state, slug, again, StatusCode::SERVICE_UNAVAILABLE).await {
        Ok(answer) => Ok(too_many::retry_after(answer, 5)),
        Err(_) => Err(error.into()),
    }
}

/// A webcast with all that its page shows.
struct Programme {
    webcast: Webcast,
    speakers: Vec<Speaker>,
    sessions: Vec<Session>,
}

impl Programme {
    async fn load(state: &AppState, slug: &str) -> Result<Self, WebError> {
        let slug = Slug::parse(slug).map_err(|_| WebError::NotFound)?;
        let conn: &mut Conn = &mut state.db.read().await?;
        let webcast = store::webcast_by_slug(conn, &slug).await?.ok_or(WebError::NotFound)?;
        Ok(Self {
            speakers: store::speakers_of(conn, webcast.id).await?,
            sessions: store::sessions_of(conn, webcast.id).await?,
            webcast,
        })
    }

    fn page(self, state: &AppState, form: RegisterForm) -> WebcastPage {
        let now = state.clock.now();
        let aired = |session: &&Session| session.state != SessionState::Cancelled;
        let (over, ahead): (Vec<&Session>, Vec<&Session>) = self
            .sessions
            .iter()
            .filter(aired)
            .partition(|session| session.ends_at <= now);
        let registering = registering(&ahead, form, now);
        let line = |session: &&Session| {
            let availability = session.availability(now);
            let replay = (availability == Availability::Past && session.replay_url.is_some())
                .then(|| "Replay available".to_owned());
            SessionItem {
                time: session_time(session),
                state: availability_state(availability),
                note: places_note(session, availability).or(replay),
            }
        };
        let mut layout = state.layout(Section::Webcasts, self.webcast.title.clone());
        layout.description.clone_from(&self.webcast.summary);
        WebcastPage {
            layout,
            slug: self.webcast.slug.to_string(),
            upcoming: ahead.iter().map(line).collect(),
            past: over.iter().rev().map(line).collect(),
            title: self.webcast.title,
            summary: self.webcast.summary,
            description: paragraphs(&self.webcast.description),
            speakers: self.speakers,
            registering,
        }
    }
}

fn registering(ahead: &[&Session], mut form: RegisterForm, now: jiff::Timestamp) -> Registering {
    let offers: Vec<Availability> = ahead.iter().map(|session| session.availability(now)).collect();
    // A form that was filled in comes back whatever happened meanwhile, with what it was refused for.
    let was_posted = form.session.error.is_some() || form.name.error.is_some() || form.email.error.is_some();
    if !was_posted && !offers.contains(&Availability::Open) {
        return if offers.is_empty() {
            Registering::PastOnly
        } else if offers.contains(&Availability::Full) {
            Registering::Full
        } else {
            Registering::Closed
        };
    }
    let only = offers.iter().filter(|offer| **offer == Availability::Open).count() == 1;
    form.sessions = ahead
        .iter()
        .zip(&offers)
        .map(|(session, offer)| choice(session, *offer, &form.session.value, only))
        .collect();
    form.consent_text = CONSENT.text;
    Registering::Open(Box::new(form))
}

pub(super) fn choice(session: &Session, offer: Availability, chosen: &str, only: bool) -> SessionChoice {
    let id = session.public_id.to_string();
    let selectable = offer == Availability::Open;
    SessionChoice {
        time: session_time(session),
        note: match offer {
            Availability::Full => Some("full".to_owned()),
            Availability::Closed => Some("closed".to_owned()),
            _ => places_note(session, offer),
        },
        chosen: id == chosen || (only && selectable && chosen.is_empty()),
        selectable,
        id,
    }
}

/// Text with blank lines between paragraphs.
fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n")
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .map(str::to_owned)
        .collect()
}
