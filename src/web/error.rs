//! The one boundary that turns errors into pages. What a visitor sees never leaks what went wrong inside:
//! a short reference leads from the page to the log.

use std::fmt;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use super::form;
use super::layout::Layout;
use super::too_many;
use crate::db::DbError;
use crate::framed;
use crate::values::{in_hex, random_bytes};

/// Why a handler gave no page of its own.
#[derive(Debug)]
pub enum WebError {
    /// 400: could not be read.
    BadRequest,
    /// 403: posted from another site.
    ForeignForm,
    /// 403: signed in, but without the right; who cannot do what, and whom to ask.
    NotAllowed(String),
    /// 404: nothing here.
    NotFound,
    /// 404: a personal link that is wrong, revoked or over.
    LinkExpired,
    /// 405.
    WrongMethod,
    /// 408: the body did not come in time.
    TooSlow,
    /// 415: something else than a form was posted.
    NotAForm,
    /// 413, with the limit in bytes.
    TooLarge(usize),
    /// 422, with what to do.
    Unprocessable(String),
    /// 429, with how long to wait.
    TooMany(Duration),
    /// 303 to another page of ours: sign in first.
    GoTo(String),
    /// The database failed.
    Db(DbError),
    /// Everything else; the words go to the log only.
    Internal(String),
}

impl WebError {
    /// A fault of ours.
    pub fn internal(error: impl fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::ForeignForm | Self::NotAllowed(_) => StatusCode::FORBIDDEN,
            Self::NotFound | Self::LinkExpired => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::GoTo(_) => StatusCode::SEE_OTHER,
            Self::Db(error) if error.is_passing() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Db(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::BadRequest | Self::TooSlow | Self::GoTo(_) => Fault::BadRequest,
            Self::ForeignForm => Fault::ForeignForm,
            Self::NotAllowed(message) => Fault::NotAllowed {
                message: message.clone(),
            },
            Self::NotFound => Fault::NotFound,
            Self::LinkExpired => Fault::LinkExpired,
            Self::WrongMethod => Fault::WrongMethod,
            Self::NotAForm => Fault::NotAForm,
            Self::TooLarge(bytes) => Fault::TooLarge {
                limit: kilobytes(*bytes),
            },
            Self::Unprocessable(message) => Fault::Unprocessable {
                message: message.clone(),
            },
            Self::TooMany(wait) => Fault::TooMany {
                again: too_many::in_words(*wait),
            },
            Self::Db(error) if error.is_passing() => {
                tracing::warn!(%error, "the database could not serve a request");
                Fault::Unavailable
            }
            Self::Db(error) => Fault::internal(error),
            Self::Internal(error) => Fault::internal(error),
        }
    }
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for WebError {}

impl From<DbError> for WebError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Carries the [`Fault`] to [`frame`](super::frame), which knows the organization and draws the page.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        match self {
            Self::GoTo(path) => {
                response.insert_header((header::LOCATION, path.as_str()));
                return response.finish();
            }
            Self::TooMany(wait) => {
                response.insert_header((header::RETRY_AFTER, wait.as_secs().max(1).to_string()));
            }
            Self::Db(error) if error.is_passing() => {
                response.insert_header((header::RETRY_AFTER, "5"));
            }
            // What is left of the body must not be read as the next request.
            Self::TooLarge(_) | Self::TooSlow => {
                response.force_close();
            }
            _ => {}
        }
        let mut response = response.finish();
        response.extensions_mut().insert(self.fault());
        response
    }
}

fn kilobytes(bytes: usize) -> String {
    format!("{} kB", bytes / 1_000)
}

/// Every error page: what happened, and a way onward.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    /// The frame; its title is [`Fault::title`].
    pub layout: Layout,
    /// What went wrong.
    pub fault: Fault,
}

framed!(ErrorPage);

/// What went wrong, seen from outside.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The server could not read what was sent.
    BadRequest,
    /// A form that was sent from another site.
    ForeignForm,
    /// Signed in, but without the right to do this.
    NotAllowed {
        /// Who cannot do what, and whom to ask.
        message: String,
    },
    /// Nothing here.
    NotFound,
    /// A personal link that was changed, cancelled or has run out.
    LinkExpired,
    /// Not with this method.
    WrongMethod,
    /// Something else than a form was posted.
    NotAForm,
    /// More than the limit, as it is read: "64 kB".
    TooLarge {
        /// The limit in words.
        limit: String,
    },
    /// No form can be shown again.
    Unprocessable {
        /// What to do.
        message: String,
    },
    /// When to try again, as it is read: "in about 2 minutes".
    TooMany {
        /// When, in words.
        again: String,
    },
    /// Ours; the reference also stands in the log.
    Internal {
        /// What to quote.
        reference: String,
    },
    /// The database is busy or unreachable.
    Unavailable,
}

impl Fault {
    /// Logs a fault of ours under a new reference.
    pub(super) fn internal(error: impl fmt::Display) -> Self {
        let reference = in_hex(&random_bytes::<4>());
        tracing::error!(reference, %error, "a request failed");
        Self::Internal { reference }
    }

    /// What the page for an answer without one of its own says.
    pub(super) fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND => Some(Self::NotFound),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::WrongMethod),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Self::NotAForm),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge {
                limit: kilobytes(form::MAX_BYTES),
            }),
            status if status.is_server_error() => Some(Self::internal(status)),
            status if status.is_client_error() => Some(Self::BadRequest),
            _ => None,
        }
    }

    /// Whether the way onward leads back among organizers' pages.
    #[must_use]
    pub(crate) fn is_of_the_console(&self) -> bool {
        matches!(self, Self::NotAllowed { .. })
    }

    /// The page's title and headline.
    #[must_use]
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::BadRequest => "We could not read that",
            Self::ForeignForm => "This form came from another place",
            Self::NotAllowed { .. } => "You may not do this",
            Self::NotFound => "This page is not here",
            Self::LinkExpired => "This link no longer works",
            Self::WrongMethod => "This page cannot be used that way",
            Self::NotAForm => "We take forms here",
            Self::TooLarge { .. } => "That is too much to send",
            Self::Unprocessable { .. } => "That did not work",
            Self::TooMany { .. } => "Too many attempts",
            Self::Internal { .. } => "Something broke on our side",
            Self::Unavailable => "We cannot do this right now",
        }
    }
}
