//! Columns that are chosen and views that are saved: one's own, and kept.

use crate::lists::{ANSWER, ListPlace, ListQuery, store};
use actix_web::web::{Data, Path};

use super::columns;
use crate::console::list;
use crate::organizers::SignedIn;
use crate::values::Label;
use crate::web::{Answer, AppState, Form, WebError, see_other};

/// Longest name of a view, in characters.
const LONGEST: usize = 60;

/// The list that a form is about, as it was shown.
fn shown(form: &Form) -> Result<ListQuery, WebError> {
    let place = ListPlace::parse(form.text("list")).ok_or(WebError::NotFound)?;
    ListQuery::of_address(place, form.text("query"))
}

/// `POST /organizer/lists/columns`
pub(in crate::site) async fn choose(state: Data<AppState>, who: SignedIn, form: Form) -> Answer {
    let query = shown(&form)?;
    let all = columns::all(&query.place);
    let chosen: Vec<&str> = all
        .iter()
        .map(|column| column.key)
        .filter(|key| form.all("column").any(|ticked| ticked == *key))
        .collect();
    let (organizer, kind, chosen) = (who.0.id, query.place.kind(), chosen.join(","));
    state
        .db
        .write(move |tx| {
            let chosen = chosen.clone();
            Box::pin(async move { store::choose_columns(tx, organizer, kind, &chosen).await })
        })
        .await?;
    Ok(see_other(&query.path_with("done=columns")))
}

/// `POST /organizer/lists/views`
pub(in crate::site) async fn save(state: Data<AppState>, who: SignedIn, form: Form) -> Answer {
    let query = shown(&form)?;
    let name = Label::parse(form.text("name"))
        .ok()
        .filter(|name| name.as_str().chars().count() <= LONGEST);
    let Some(name) = name else {
        return Ok(see_other(&query.path_with("done=view-name")));
    };
    // A search is for one person, and would keep their name.
    let address = query.without("q")?.address();
    let (organizer, shared) = (who.0.id, form.is_checked("shared"));
    let place = place_of(&query);
    let write = state.db.write(move |tx| {
        let (place, name, address) = (place.clone(), name.clone(), address.clone());
        Box::pin(async move { store::keep_view(tx, organizer, &place, name.as_str(), &address, shared).await })
    });
    let done = if write.await? { "view" } else { "views" };
    Ok(see_other(&query.path_with(&format!("done={done}"))))
}

/// Where a view is of use: in every list of its kind, or where its session and questions are.
fn place_of(query: &ListQuery) -> String {
    let is_bound = |(name, _): &(String, String)| name == "session" || name.starts_with(ANSWER);
    if query.filters().iter().any(is_bound) {
        query.place.key()
    } else {
        query.place.kind().to_owned()
    }
}

/// `POST /organizer/views/{id}/forget`
pub(in crate::site) async fn forget(state: Data<AppState>, who: SignedIn, raw: Path<String>, form: Form) -> Answer {
    let (id, organizer) = (list::id(&raw)?, who.0.id);
    let place = ListPlace::parse(form.text("list")).ok_or(WebError::NotFound)?;
    state
        .db
        .write(move |tx| Box::pin(async move { store::forget_view(tx, organizer, id).await }))
        .await?;
    Ok(see_other(&format!("{}?done=forgotten", place.path())))
}
