//! Reading what a form posted: bounded in size and in time, field by field.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;

use super::WebError;

/// Most bytes of a form without files.
pub(super) const MAX_BYTES: usize = 64_000;

/// Most bytes of a form with a long text.
const LONG: usize = 512_000;

/// Most bytes of a form with answers: forty of 2,000 letters that take nine bytes each, and what else there is.
const ANSWERS: usize = 800_000;

/// A body that trickles in holds a connection for nothing: ten seconds, and one more for each 500 bytes.
const GRACE: Duration = Duration::from_secs(10);
const BYTES_PER_SECOND: usize = 500;

/// A field that our own page adds to what it brings back.
pub(crate) const BROUGHT_BACK: &str = "brought_back";

/// The fields of a posted form, in their order.
#[derive(Debug, Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Self {
        Self {
            fields: url::form_urlencoded::parse(bytes).into_owned().collect(),
        }
    }

    /// What was typed into a field; empty where the form had none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value)
    }

    /// Fields with these names and values.
    #[must_use]
    pub fn of(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            fields: fields.into_iter().collect(),
        }
    }

    /// All that was posted for a field that comes more than once.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields()
            .filter_map(move |(field, value)| (field == name).then_some(value))
    }

    /// Whether a field was posted, with or without a value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Whether a field came with two values that differ: no form of ours posts that.
    #[must_use]
    pub fn is_ambiguous(&self, name: &str) -> bool {
        let mut values = self
            .fields
            .iter()
            .filter(|(field, _)| field == name)
            .map(|(_, value)| value);
        let first = values.next();
        values.any(|value| Some(value) != first)
    }

    /// True for what was typed before a sign-in had ended and comes back after the next one: it is shown, not done.
    #[must_use]
    pub fn is_brought_back(&self) -> bool {
        self.has(BROUGHT_BACK)
    }

    /// Names and values, in the order they came.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The names of the fields, in the order they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// True for a checked box: ours post "yes". A program that posts "no" must not be taken to agree.
    #[must_use]
    pub fn is_checked(&self, name: &str) -> bool {
        matches!(self.text(name), "yes" | "on" | "true" | "1")
    }

    /// Whether anything at all was typed into a field.
    #[must_use]
    pub fn is_filled(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }
}

impl FromRequest for Form {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        read_form(request, payload, MAX_BYTES)
    }
}

/// A form with a long text in it: 20,000 letters take nine bytes each in some scripts.
#[derive(Debug, Clone, Default)]
pub(crate) struct LongForm(pub Form);

impl FromRequest for LongForm {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = read_form(request, payload, LONG);
        Box::pin(async move { form.await.map(Self) })
    }
}

/// A form that visitors fill in, with answers of some length to many questions.
#[derive(Debug, Clone, Default)]
pub(crate) struct AnswersForm(pub Form);

impl FromRequest for AnswersForm {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = read_form(request, payload, ANSWERS);
        Box::pin(async move { form.await.map(Self) })
    }
}

/// A form that carries another one along in hidden fields, beside its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct CarryingForm(pub Form);

impl FromRequest for CarryingForm {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = read_form(request, payload, LONG + MAX_BYTES);
        Box::pin(async move { form.await.map(Self) })
    }
}

fn read_form(
    request: &HttpRequest,
    payload: &mut Payload,
    most: usize,
) -> LocalBoxFuture<'static, Result<Form, WebError>> {
    let declared = declared(request);
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let payload = payload.take();
    Box::pin(async move {
        if declared.is_some_and(|length| length > most) {
            return Err(WebError::TooLarge(most));
        }
        if !is_form {
            return Err(WebError::NotAForm);
        }
        Ok(Form::decode(&read(payload, most, BYTES_PER_SECOND).await?))
    })
}

/// How long a request says that its body is.
pub(super) fn declared(request: &HttpRequest) -> Option<usize> {
    let length = request.headers().get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// The body of a request, of at most so many bytes, that comes at least so fast.
pub(super) async fn read(mut payload: Payload, most: usize, bytes_per_second: usize) -> Result<Vec<u8>, WebError> {
    let started = tokio::time::Instant::now();
    let mut body = Vec::new();
    loop {
        let earned = Duration::from_secs((body.len() / bytes_per_second) as u64);
        let chunk = tokio::time::timeout_at(started + GRACE + earned, payload.next())
            .await
            .map_err(|_| WebError::TooSlow)?;
        let Some(chunk) = chunk else { return Ok(body) };
        let chunk = chunk.map_err(|_| WebError::BadRequest)?;
        if body.len() + chunk.len() > most {
            return Err(WebError::TooLarge(most));
        }
        body.extend_from_slice(&chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_name() {
        let form = Form::decode(b"name=Ada+Lovelace&email=ada%40example.org&consent=yes&empty=&no=no");
        assert_eq!(form.text("name"), "Ada Lovelace");
        assert_eq!(form.text("email"), "ada@example.org");
        assert!(form.is_checked("consent"));
        assert!(!form.is_checked("empty") && !form.is_filled("empty"));
        assert!(!form.is_checked("no") && form.is_filled("no"));
        assert_eq!(form.text("missing"), "");
    }
}
