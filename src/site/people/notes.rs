//! Notes about a person: added at once, deleted with ten minutes to undo it.

use actix_web::web::{Data, Path};

use super::PATH;
use crate::console::flash::done_path;
use crate::console::list;
use crate::contacts::correct;
use crate::contacts::store::notes;
use crate::organizers::SignedIn;
use crate::web::{Answer, AppState, Form, WebError, see_other};

/// Longest note, in characters.
const LONGEST: usize = 10_000;

/// `POST /organizer/people/{id}/notes`
pub(super) async fn add(state: Data<AppState>, who: SignedIn, raw: Path<String>, form: Form) -> Answer {
    let (id, now) = (list::id(&raw)?, state.clock.now());
    let page = format!("{PATH}/{id}");
    let body = written(form.text("note"));
    if body.is_empty() {
        return Ok(see_other(&format!("{page}?done=empty")));
    }
    let added = state
        .db
        .write(move |tx| {
            let (body, who) = (body.clone(), who.0.clone());
            Box::pin(async move { correct::add_note(tx, id, &body, &who, now).await })
        })
        .await?;
    if added {
        Ok(see_other(&format!("{page}?done=noted")))
    } else {
        Err(WebError::NotFound)
    }
}

/// Plain text with its lines; what nobody can read goes.
fn written(raw: &str) -> String {
    let lines = raw.replace("\r\n", "\n").replace('\r', "\n");
    let readable = lines.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control());
    readable.take(LONGEST).collect::<String>().trim().to_owned()
}

/// `POST /organizer/notes/{id}/delete`
pub(super) async fn delete(state: Data<AppState>, who: SignedIn, raw: Path<String>) -> Answer {
    let (id, now) = (list::id(&raw)?, state.clock.now());
    let person = notes::person_of(&mut state.db.read().await?, id).await?;
    let page = format!("{PATH}/{}", person.ok_or(WebError::NotFound)?);
    let on = page.clone();
    let act = state
        .db
        .write(move |tx| {
            let (on, who) = (on.clone(), who.0.clone());
            Box::pin(async move { correct::delete_note(tx, id, on, &who, now).await })
        })
        .await?;
    Ok(see_other(&match act {
        Some(act) => done_path(&page, act),
        None => format!("{page}?done=meanwhile"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_keeps_its_lines_and_nothing_unreadable() {
        assert_eq!(written("  two\r\nlines\u{0}\u{7}\n"), "two\nlines");
        assert_eq!(written(" \r\n \u{1}"), "");
        assert_eq!(written(&"x".repeat(20_000)).len(), LONGEST);
    }
}
