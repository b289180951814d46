//! What the last act did, said once above the page it led back to: `?done=…`, and `?act=…` for what can be undone.

use serde::Deserialize;

use super::Console;
use crate::db::{Conn, DbError};
use crate::mail::outbox;
use crate::organizers::acts::Act;
use crate::undo;
use crate::values::PublicId;

/// The line above a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flash {
    /// What was done.
    pub words: String,
    /// The button that undoes it.
    pub undo: Option<UndoButton>,
}

/// A button that undoes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UndoButton {
    /// Where it posts to.
    pub path: String,
    /// What it says.
    pub label: &'static str,
}

impl From<String> for Flash {
    fn from(words: String) -> Self {
        Self { words, undo: None }
    }
}

impl From<&str> for Flash {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

/// The part of an address that says what was done.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Done {
    done: Option<String>,
    act: Option<String>,
}

impl Done {
    /// The sentence for it, out of those that the page knows. What it does not know, it does not say.
    #[must_use]
    pub(crate) fn said(&self, sentences: &[(&str, &str)]) -> Option<String> {
        let done = self.done.as_deref()?;
        let known = sentences.iter().find(|(key, _)| *key == done)?;
        Some(known.1.to_owned())
    }

    /// The same for a page whose acts can be undone; `page` is its path.
    pub(crate) async fn flash(
        &self,
        conn: &mut Conn,
        console: &Console,
        page: &str,
        sentences: &[(&str, &str)],
    ) -> Result<Option<Flash>, DbError> {
        match &self.act {
            Some(act) => of_act(conn, console, page, act).await,
            None => Ok(self.said(sentences).or_else(|| self.said(&UNDONE)).map(Flash::from)),
        }
    }
}

/// What a page says after undoing.
const UNDONE: [(&str, &str); 4] = [
    ("undone", "Undone. All is as it was."),
    (
        "changed",
        "It was not undone: something else was changed since. Below is how it stands now.",
    ),
    (
        "no-place",
        "It was not undone: the place is somebody else’s by now. Give the session more places first.",
    ),
    (
        "too-late",
        "It was not undone: that was done too long ago, or it was undone already.",
    ),
];

/// The page, with a line that says what was done and a button that undoes it.
pub(crate) fn done_path(page: &str, act: PublicId) -> String {
    format!("{page}?act={act}")
}

/// The line for an act. Nothing for one that nobody knows, or that was done on another page.
async fn of_act(conn: &mut Conn, console: &Console, page: &str, act: &str) -> Result<Option<Flash>, DbError> {
    let Some(id) = PublicId::parse(act) else {
        return Ok(None);
    };
    let Some(row) = undo::find(conn, id).await?.filter(|row| row.page == page) else {
        return Ok(None);
    };
    let Some(kind) = console.undo_kinds.of(&row.kind) else {
        return Ok(None);
    };
    let waits = match &row.mail {
        Some(mail) => outbox::is_waiting(conn, mail).await?,
        None => true,
    };
    let told = match (&row.mail, waits) {
        (None, _) => "",
        (Some(_), true) => " The mail about it goes in a minute.",
        (Some(_), false) => " The mail about it has gone.",
    };
    let can_undo = console.may(Act::ChangePeople) && row.can_be_undone(console.state.clock.now());
    Ok(Some(Flash {
        words: format!("{}{told}", kind.said),
        undo: can_undo.then(|| UndoButton {
            path: format!("/organizer/undo/{id}"),
            label: if waits { "Undo" } else { "Undo and tell them" },
        }),
    }))
}
