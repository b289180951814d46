//! Posts that nobody signed in may send, or that need the password first. What was typed is carried along as hidden fields
//! of the form that asks for it, and comes back afterwards; nothing of it is stored.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, web};
use askama::Template;

use super::password::PasswordPage;
use super::safe_path;
use super::sign_in::SignInPage;
use crate::framed;
use crate::organizers::acts::ActRules;
use crate::organizers::guard;
use crate::web::form::{BROUGHT_BACK, LongForm};
use crate::web::layout::{Layout, Section};
use crate::web::{Answer, AppState, Form, OurPage, WebError, page, upload};

/// Fields of a carried form begin so.
const CARRIED: &str = "typed.";
/// Where it was posted to, and whether it is a form that is shown again before it counts.
const POSTED_TO: &str = "posted_to";
const IS_FORM: &str = "is_form";

/// A post that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interrupted {
    to: String,
    is_form: bool,
    fields: Vec<(String, String)>,
}

impl Interrupted {
    fn of(request: &HttpRequest, form: &Form, is_form: bool) -> Self {
        let to = request
            .uri()
            .path_and_query()
            .map_or_else(String::new, ToString::to_string);
        let fields = form.fields().filter(|(name, _)| !name.contains("password"));
        Self {
            to,
            is_form,
            fields: fields
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    /// Out of the form that carried it along.
    pub(super) fn carried(form: &Form) -> Option<Self> {
        let to = form.text(POSTED_TO);
        if to.is_empty() || safe_path(to) != to {
            return None;
        }
        let fields = form.fields().filter_map(|(name, value)| {
            let name = name.strip_prefix(CARRIED)?;
            Some((name.to_owned(), value.to_owned()))
        });
        Some(Self {
            to: to.to_owned(),
            is_form: form.has(IS_FORM),
            fields: fields.collect(),
        })
    }

    /// As hidden fields of the form that carries it along.
    pub(super) fn hidden(&self) -> Vec<(String, String)> {
        let is_form = self.is_form.then(|| (IS_FORM.to_owned(), "yes".to_owned()));
        let fields = self
            .fields
            .iter()
            .map(|(name, value)| (format!("{CARRIED}{name}"), value.clone()));
        std::iter::once((POSTED_TO.to_owned(), self.to.clone()))
            .chain(is_form)
            .chain(fields)
            .collect()
    }

    /// The page that sends it again: a filled form is shown, anything else is done.
    pub(super) fn go_on(self, state: &AppState) -> Answer {
        let brought_back = self.is_form.then(|| (BROUGHT_BACK.to_owned(), "yes".to_owned()));
        page(
            StatusCode::OK,
            &GoOnPage {
                layout: state.personal_layout(Section::None, "You are signed in"),
                is_form: self.is_form,
                hidden: self.fields.into_iter().chain(brought_back).collect(),
                to: self.to,
            },
        )
    }
}

#[derive(Template)]
#[template(path = "organizers/go_on.html")]
struct GoOnPage {
    layout: Layout,
    to: String,
    is_form: bool,
    hidden: Vec<(String, String)>,
}

framed!(GoOnPage);

/// The middleware. Where the database cannot say who is there, the handler says so.
///
/// # Errors
/// Carries on what the layers beneath answer with.
pub(crate) async fn carry_along<B: MessageBody + 'static>(
    state: web::Data<AppState>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody + 'static>, Error> {
    match asks_first(&state, &mut request).await {
        Ok(None) => Ok(next.call(request).await?.map_into_left_body()),
        Ok(Some(answer)) => Ok(request.into_response(answer).map_into_right_body()),
        Err(error) => Ok(request.error_response(error).map_into_right_body()),
    }
}

/// The page that asks who is there, where a post needs to know.
async fn asks_first(
    state: &web::Data<AppState>,
    request: &mut ServiceRequest,
) -> Result<Option<actix_web::HttpResponse>, WebError> {
    if request.method() != Method::POST {
        return Ok(None);
    }
    let route = request.match_pattern().unwrap_or_default();
    let rules = request.app_data::<web::Data<ActRules>>().cloned();
    let Some(rule) = rules.and_then(|rules| rules.find("POST", &route)) else {
        return Ok(None);
    };
    if OurPage::require(request.request()).is_err() {
        return Ok(None);
    }
    let found = guard::find_sign_in(state, request.request()).await?;
    let asks_for_password = match &found {
        Some(found) => rule.act.needs_password() && !found.is_fresh && found.organizer.role.may(rule.act),
        None => false,
    };
    if found.is_some() && !asks_for_password {
        return Ok(None);
    }
    // A file is not carried along: it is chosen again.
    if upload::boundary(request.request()).is_some() {
        return page(StatusCode::FORBIDDEN, &SignInPage::instead(state)).map(Some);
    }
    let LongForm(form) = request.extract::<LongForm>().await?;
    let interrupted = Interrupted::of(request.request(), &form, rule.is_form);
    let answer = if asks_for_password {
        page(StatusCode::FORBIDDEN, &PasswordPage::before(state, &interrupted))
    } else {
        page(StatusCode::FORBIDDEN, &SignInPage::before(state, &interrupted))
    };
    answer.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_as_it_was() {
        let interrupted = Interrupted {
            to: "/organizer/people/new".to_owned(),
            is_form: true,
            fields: vec![
                ("name".to_owned(), "Ünal & Co <x>".to_owned()),
                ("note".to_owned(), "two\r\nlines".to_owned()),
            ],
        };
        let posted = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(interrupted.hidden())
            .append_pair("email", "olga@example.org")
            .append_pair("password", "secret")
            .finish();
        assert_eq!(
            Interrupted::carried(&Form::decode(posted.as_bytes())),
            Some(interrupted)
        );
        for bad in [
            "posted_to=https://evil.example",
            "posted_to=//evil.example",
            "posted_to=/webcasts",
            "posted_to=",
            "x=1",
        ] {
            assert_eq!(Interrupted::carried(&Form::decode(bad.as_bytes())), None, "{bad}");
        }
    }
}
