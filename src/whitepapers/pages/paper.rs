//! `GET /whitepapers/{slug}`, the form's post, and the page of thanks.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::pictures;
use crate::contacts::AgreedTo;
use crate::contacts::pages::{address, looks_like_a_program, source};
use crate::db::DbError;
use crate::framed;
use crate::questions::store::{count_ruled_out, design_of};
use crate::questions::{AskedForm, Design, FormOwner, FormRefused};
use crate::values::Slug;
use crate::web::form::AnswersForm;
use crate::web::gate::Admission;
use crate::web::layout::{Field, Layout, Mistake, Picture, Section};
use crate::web::trail::Trail;
use crate::web::{
    Answer, AppState, AskedWording, CARD_SIZE, Form, JsonLd, Share, Visitor, WebError, fragment, ok, page, see_other,
    too_many,
};
use crate::whitepapers::request::{self, Requested};
use crate::whitepapers::store::{self, NewRequest};
use crate::whitepapers::{ContentsLine, Edition, Whitepaper};

#[derive(Template)]
#[template(path = "whitepapers/page.html")]
struct PaperPage {
    layout: Layout,
    slug: String,
    title: String,
    summary: String,
    /// Paragraphs.
    description: Vec<String>,
    /// "12 pages, PDF, 640 kB".
    facts: String,
    contents: Vec<ContentsLine>,
    /// Cover and first page.
    sheets: Vec<Picture>,
    /// `None`: no edition is published, the form is left out.
    form: Option<RequestForm>,
}

framed!(PaperPage);

/// The form that asks for a paper.
#[derive(Default)]
pub(super) struct RequestForm {
    pub(super) email: Field,
    /// Name, fields of a person, questions.
    pub(super) asked: AskedForm,
    pub(super) time_zone: String,
    pub(super) consent: bool,
    pub(super) consent_asked: Arc<AskedWording>,
    /// Where the visitor came from, carried along.
    pub(super) hidden: Vec<(&'static str, String)>,
}

impl RequestForm {
    /// An empty one.
    pub(super) fn new(state: &AppState, design: &Design, trail: &Trail) -> Self {
        Self {
            asked: AskedForm::empty(design),
            consent_asked: state.consent.now(),
            hidden: trail.fields(),
            ..Self::default()
        }
    }

    fn typed(state: &AppState, design: &Design, form: &Form, refused: &FormRefused) -> Self {
        Self {
            asked: AskedForm::filled(design, form, refused),
            email: address::shown(form, "email"),
            time_zone: form.text("time_zone").to_owned(),
            consent: form.is_checked("consent"),
            consent_asked: state.consent.now(),
            hidden: Trail::posted(form).fields(),
        }
    }

    fn mistakes(&self) -> Vec<Mistake> {
        self.asked.mistakes(&self.email)
    }
}

/// `GET /whitepapers/{slug}`
pub(super) async fn show(state: web::Data<AppState>, visitor: Visitor, slug: web::Path<String>) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let asks = Asks::find(&state, &slug).await?;
    let form = RequestForm::new(&state, &asks.design, &visitor.trail);
    ok(&draw(&state, &visitor, asks.paper, form).await?)
}

/// `GET /whitepapers/{slug}/request`: somebody reloaded after a refused post.
pub(super) async fn back_to_form(visitor: Visitor, slug: web::Path<String>) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    Ok(see_other(&visitor.trail.link(&format!("/whitepapers/{slug}#request"))))
}

/// `POST /whitepapers/{slug}/request`
pub(super) async fn request(
    state: web::Data<AppState>,
    request: HttpRequest,
    visitor: Visitor,
    slug: web::Path<String>,
    admission: Admission,
    AnswersForm(form): AnswersForm,
) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let asks = Asks::find(&state, &slug).await?;
    let wanted = match parse(&state, &request, &slug, &asks.design, &form) {
        Ok(wanted) => wanted,
        Err((mistaken, refused)) => {
            note_ruled_out(&state, refused, &admission);
            let drawn = draw(&state, &visitor, asks.paper, *mistaken).await?;
            return page(StatusCode::UNPROCESSABLE_ENTITY, &drawn);
        }
    };
    if let Some(wait) = admission.refused() {
        let again = asks.again(&state, &form, too_many::sentence(wait));
        let again = page(
            StatusCode::TOO_MANY_REQUESTS,
            &draw(&state, &visitor, asks.paper, again).await?,
        );
        return too_many::answer(again, wait);
    }
    let (limit, now) = (state.config.rate_limit_recipient, state.clock.now());
    let email = wanted.email.to_string();
    let outcome = state
        .db
        .write(move |tx| {
            let wanted = wanted.clone();
            Box::pin(async move { request::request(tx, &wanted, limit, now).await })
        })
        .await;
    match outcome {
        Ok(Requested::Thanks) => {
            state.bell.ring();
            let path = Trail::posted(&form).link(&format!("/whitepapers/{slug}/thanks"));
            Ok(see_other(&format!("{path}#{}", fragment(&email))))
        }
        Ok(Requested::Unavailable) => Err(WebError::NotFound),
        Err(error) if error.is_passing() => keep_what_was_typed(&state, &visitor, asks, &form, error).await,
        Err(error) => Err(error.into()),
    }
}

/// `GET /whitepapers/{slug}/thanks`
pub(super) async fn thanks(state: web::Data<AppState>, visitor: Visitor, slug: web::Path<String>) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    let paper = store::whitepaper_by_slug(&mut state.db.read().await?, &slug)
        .await?
        .ok_or(WebError::NotFound)?;
    ok(&RequestThanksPage {
        layout: state
            .personal_layout(Section::Whitepapers, "Thank you")
            .seen_by(&visitor),
        title: paper.title,
        mail_from: state.config.mail_from.as_ref().map(|from| from.address.to_string()),
        demo: state.caught.is_some(),
    })
}

/// The same words for everybody.
#[derive(Template)]
#[template(path = "whitepapers/thanks.html")]
struct RequestThanksPage {
    layout: Layout,
    title: String,
    mail_from: Option<String>,
    demo: bool,
}

framed!(RequestThanksPage);

/// All mistakes at once.
fn parse(
    state: &AppState,
    request: &HttpRequest,
    slug: &Slug,
    design: &Design,
    form: &Form,
) -> Result<NewRequest, (Box<RequestForm>, FormRefused)> {
    match (design.read(form), address::read(form, "email")) {
        (Ok((name, filled)), Ok(email)) => Ok(NewRequest {
            filled,
            slug: slug.clone(),
            name,
            email,
            consent: form.is_checked("consent"),
            agreed_to: AgreedTo::read(form.text("consent_version")),
            origin: source::read(request, form),
            suspicious: looks_like_a_program(form),
        }),
        (asked, email) => {
            // Who is ruled out is counted only where nothing else is wrong.
            let is_address_read = email.is_ok();
            let refused = asked.err().unwrap_or_default();
            let mut mistaken = RequestForm::typed(state, design, form, &refused);
            mistaken.email = email.err().unwrap_or(mistaken.email);
            let ruled_out = if is_address_read {
                refused
            } else {
                FormRefused::default()
            };
            Err((Box::new(mistaken), ruled_out))
        }
    }
}

/// A number a day, and nothing of the person.
fn note_ruled_out(state: &AppState, refused: FormRefused, admission: &Admission) {
    if !refused.is_ruled_out() || admission.refused().is_some() {
        return;
    }
    admission.keep();
    let now = state.clock.now();
    state.note("somebody who was ruled out", move |tx| {
        let questions = refused.ruled_out.clone();
        Box::pin(async move { count_ruled_out(tx, &questions, now).await })
    });
}

/// A paper with what its form asks.
struct Asks {
    paper: Whitepaper,
    design: Design,
}

impl Asks {
    async fn find(state: &AppState, slug: &Slug) -> Result<Self, WebError> {
        let conn = &mut state.db.read().await?;
        let paper = store::whitepaper_by_slug(conn, slug).await?.ok_or(WebError::NotFound)?;
        let design = design_of(conn, FormOwner::Whitepaper(paper.id), paper.form_version).await?;
        Ok(Self { paper, design })
    }

    /// The form as it was filled in, with why it is to be sent again.
    fn again(&self, state: &AppState, form: &Form, why: impl Into<String>) -> RequestForm {
        let mut again = RequestForm::typed(state, &self.design, form, &FormRefused::default());
        again.email.error = Some(why.into());
        again
    }
}

/// The database cannot write now: the form comes back filled in, if it can at least read.
async fn keep_what_was_typed(state: &AppState, visitor: &Visitor, asks: Asks, form: &Form, error: DbError) -> Answer {
    tracing::warn!(%error, "a request could not be stored");
    let again = asks.again(
        state,
        form,
        "We could not store this just now. Please send the form again in a moment.",
    );
    match draw(state, visitor, asks.paper, again).await {
        Ok(drawn) => Ok(too_many::retry_after(page(StatusCode::SERVICE_UNAVAILABLE, &drawn)?, 5)),
        Err(_) => Err(error.into()),
    }
}

async fn draw(
    state: &AppState,
    visitor: &Visitor,
    paper: Whitepaper,
    form: RequestForm,
) -> Result<PaperPage, WebError> {
    let conn = &mut state.db.read().await?;
    let sheets = match &paper.edition {
        Some(edition) => pictures(conn, edition).await?,
        None => Vec::new(),
    };
    let mut layout = state
        .layout(Section::Whitepapers, paper.title.clone())
        .seen_by(visitor)
        .changed_at(
            format!("/organizer/papers?whitepaper={}", paper.slug),
            "See who asked for it",
        )
        .shared_as(share(state, &paper));
    layout.description.clone_from(&paper.summary);
    let paragraphs = paper.description.split("\n\n").map(str::trim).filter(|p| !p.is_empty());
    Ok(PaperPage {
        layout,
        slug: paper.slug.to_string(),
        description: paragraphs.map(str::to_owned).collect(),
        facts: paper.edition.as_ref().map(Edition::facts).unwrap_or_default(),
        form: paper.edition.is_some().then_some(form),
        contents: paper.edition.map(|edition| edition.contents).unwrap_or_default(),
        title: paper.title,
        summary: paper.summary,
        sheets,
    })
}

/// The card, and the paper as a report (schema.org/Report).
fn share(state: &AppState, paper: &Whitepaper) -> Share {
    let url = state.config.public_url.link(&format!("/whitepapers/{}", paper.slug));
    let card = format!("{url}/card.png");
    let about = serde_json::json!({
        "@context": "https://schema.org",
        "@type": "Report",
        "name": paper.title,
        "abstract": paper.summary,
        "url": url,
        "image": card,
        "inLanguage": "en",
        "encodingFormat": "application/pdf",
        "isAccessibleForFree": true,
        "publisher": {"@type": "Organization", "name": state.organization().as_str()},
    });
    Share {
        card_alt: format!("Whitepaper: {}", paper.title),
        about: Some(JsonLd::new(&about)),
        title: None,
        card_size: CARD_SIZE,
        url,
        card,
    }
}
