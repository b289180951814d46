//! `…/form`: what a form asks, for organizers. Webcasts and papers bring what stands above it and where it is.

mod page;
mod question;

use actix_web::http::StatusCode;
use serde::Deserialize;

pub(crate) use page::{page, save_fields, shift};
pub(crate) use question::{delete, question, save};

use super::change::{FormOf, SavedQuestion};
use crate::console::{Console, ConsoleFrame};
use crate::db::{Conn, DbError};
use crate::organizers::acts::Act;
use crate::web::layout::Layout;

/// A form on an organizer's desk.
pub(crate) struct FormDesk {
    /// Who is at it.
    pub console: Console,
    /// The form.
    pub form: FormOf,
    /// Its version when it was read.
    pub version: i64,
    /// Where its page is: "…/form".
    pub path: String,
    /// Where one sees it as visitors do.
    pub preview: String,
    /// Who may change it.
    pub act: Act,
    /// Layout and frame of its pages.
    pub layout: Layout,
    pub frame: ConsoleFrame,
    /// What stands above them, as HTML.
    pub head: String,
}

/// Of which kind a new question is, or which ready one it is made of.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct NewQuestion {
    kind: Option<String>,
    ready: Option<usize>,
}

impl FormDesk {
    fn may_edit(&self) -> bool {
        self.console.may(self.act)
    }

    async fn design(&self, conn: &mut Conn) -> Result<super::Design, DbError> {
        super::store::design_of(conn, self.form.owner, self.version).await
    }
}

/// Why it was not done, in words; `None`: it was.
fn refusal(saved: &SavedQuestion) -> Option<String> {
    Some(match saved {
        SavedQuestion::Yes => return None,
        SavedQuestion::TooMany => format!(
            "A form has at most {} questions. Delete one first.",
            super::MOST_QUESTIONS
        ),
        SavedQuestion::Meanwhile => {
            "Somebody else changed this question since you opened it. Look at what it says now before you save again."
                .to_owned()
        }
        SavedQuestion::Gone => "This question is not asked any more.".to_owned(),
        SavedQuestion::NotEarlier => "Choose an answer to a question that comes before this one.".to_owned(),
        SavedQuestion::NeededBy(label) => {
            format!("“{label}” is asked only after a certain answer to this question. Change that one first.")
        }
    })
}

/// A refused act is not found where its question is gone.
fn status(saved: &SavedQuestion) -> StatusCode {
    match saved {
        SavedQuestion::Meanwhile => StatusCode::CONFLICT,
        SavedQuestion::Gone => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
