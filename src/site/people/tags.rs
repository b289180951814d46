//! A person's tags: one is added or taken away at once.

use actix_web::web::{Data, Path};

use super::PATH;
use crate::console::list;
use crate::contacts::store::tags::{self, Tagged};
use crate::organizers::SignedIn;
use crate::values::Label;
use crate::web::{Answer, AppState, Form, WebError, see_other};

/// Longest tag, in characters.
const LONGEST: usize = 40;

/// `POST /organizer/people/{id}/tags`: the field `tag` is added, the field `remove` taken away.
pub(super) async fn change(state: Data<AppState>, _: SignedIn, raw: Path<String>, form: Form) -> Answer {
    let (id, now) = (list::id(&raw)?, state.clock.now());
    let page = format!("{PATH}/{id}");
    if form.has("remove") {
        let name = form.text("remove").to_owned();
        let write = state.db.write(move |tx| {
            let name = name.clone();
            Box::pin(async move { tags::take(tx, id, &name).await })
        });
        write.await?;
        return Ok(see_other(&format!("{page}?done=tagged")));
    }
    let Some(tag) = read(form.text("tag")) else {
        return Ok(see_other(&format!("{page}?done=tags")));
    };
    let write = state.db.write(move |tx| {
        let tag = tag.clone();
        Box::pin(async move { tags::put(tx, id, tag.as_str(), now).await })
    });
    match write.await? {
        Tagged::Yes | Tagged::Had => Ok(see_other(&format!("{page}?done=tagged"))),
        Tagged::TooMany => Ok(see_other(&format!("{page}?done=tags"))),
        Tagged::Unknown => Err(WebError::NotFound),
    }
}

fn read(raw: &str) -> Option<Label> {
    let tag = Label::parse(raw).ok()?;
    (tag.as_str().chars().count() <= LONGEST).then_some(tag)
}
