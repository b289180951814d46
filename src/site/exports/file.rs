//! A file by its address: made and sent at once, or written beside the pages where it takes long.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use jiff::Timestamp;

use super::PATH;
use crate::audit::Actor;
use crate::console::{downloads, list};
use crate::export::{FileFormat, Spool};
use crate::lists::files::store::{self, NewExportFile};
use crate::lists::files::{self, FileWanted};
use crate::lists::{ListPlace, store as lists};
use crate::organizers::{self, Organizer, SignedIn};
use crate::values::Slug;
use crate::web::{Answer, AppState, Form, WebError, see_other};
use crate::webcasts::roster;

/// Workbooks with more rows are written beside the pages.
const AT_ONCE: i64 = 50_000;
/// A switch of the address that only programs set: the file is sent however long it takes.
const WAIT: &str = "wait";

/// `GET /organizer/exports/attendees.{ending}`
pub(super) async fn attendees(
    state: Data<AppState>,
    who: SignedIn,
    ending: Path<String>,
    request: HttpRequest,
) -> Answer {
    let asked = Form::decode(request.query_string().as_bytes());
    let place = ListPlace::Attendees(webcast_of(&state, &asked).await?);
    send(&state, &who.0, place, &ending, &asked).await
}

/// The webcast that is named, or that of the session.
async fn webcast_of(state: &AppState, asked: &Form) -> Result<Slug, WebError> {
    let slug = match asked.text("session") {
        "" => asked.text("webcast").to_owned(),
        session => {
            let conn = &mut state.db.read().await?;
            let line = roster::sessions(conn, Some(list::id(session)?), 1).await?.pop();
            line.ok_or(WebError::NotFound)?.slug
        }
    };
    Slug::parse(&slug).map_err(|_| WebError::NotFound)
}

/// `GET /organizer/exports/requests.{ending}`
pub(super) async fn requests(
    state: Data<AppState>,
    who: SignedIn,
    ending: Path<String>,
    request: HttpRequest,
) -> Answer {
    let asked = Form::decode(request.query_string().as_bytes());
    let paper = match asked.text("whitepaper") {
        "" => None,
        slug => Some(Slug::parse(slug).map_err(|_| WebError::NotFound)?),
    };
    send(&state, &who.0, ListPlace::Requests(paper), &ending, &asked).await
}

/// `GET /organizer/exports/people.{ending}`: for whoever typed the password a moment ago; others are led to the page.
pub(super) async fn people(state: Data<AppState>, who: SignedIn, ending: Path<String>, request: HttpRequest) -> Answer {
    let query = request.query_string();
    if !organizers::typed_password(&state, &request).await? {
        let join = if query.is_empty() { "" } else { "&" };
        return Ok(see_other(&format!("{PATH}?list=people{join}{query}")));
    }
    send(
        &state,
        &who.0,
        ListPlace::People,
        &ending,
        &Form::decode(query.as_bytes()),
    )
    .await
}

/// `POST /organizer/exports/people`: asks for the password, and leads to the file.
pub(super) async fn everybody(_: SignedIn, form: Form) -> Answer {
    let to = Some(form.text("to")).filter(|to| to.starts_with("/organizer/exports/people."));
    Ok(see_other(to.unwrap_or("/organizer/exports?list=people")))
}

async fn send(state: &AppState, who: &Organizer, place: ListPlace, ending: &str, asked: &Form) -> Answer {
    let now = state.clock.now();
    let options = downloads::options(ending, asked)?;
    let (format, chosen) = (options.format, options.columns.join(","));
    let wanted = FileWanted::read(place.clone(), asked, options)?;
    let name = format!("{}-{}.{}", wanted.name(), now.strftime("%Y-%m-%d"), format.ending());
    let file = NewExportFile {
        organizer: who.id,
        list: place.key(),
        query: address(asked),
        name,
        expected: 0,
        sent: None,
    };
    if format == FileFormat::Xlsx && !downloads::is_ticked(asked, WAIT) {
        let expected = files::count(&state.db, &wanted, now).await.map_err(WebError::Db)?;
        if expected > AT_ONCE {
            return write_later(state, NewExportFile { expected, ..file }, now).await;
        }
    }
    let spool = files::make(&state.db, &wanted, Actor::from(who), now).await;
    let spool = spool.map_err(downloads::explain)?.ok_or(WebError::NotFound)?;
    remember(state, file.clone(), &spool, &place, chosen, now).await?;
    Ok(downloads::send(spool, &file.name, format))
}

/// As it stands behind the question mark, in our own writing.
fn address(asked: &Form) -> String {
    let filled = asked.fields().filter(|(_, value)| !value.is_empty());
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(filled)
        .finish()
}

async fn write_later(state: &AppState, file: NewExportFile, now: Timestamp) -> Answer {
    let write = state.db.write(move |tx| {
        let file = file.clone();
        Box::pin(async move { files::begin(tx, &file, now).await })
    });
    let name = write.await?;
    state.bell.ring();
    Ok(see_other(&format!("/organizer/exports/files/{name}")))
}

/// Remembers what was sent, and the columns that were chosen for it.
async fn remember(
    state: &AppState,
    file: NewExportFile,
    spool: &Spool,
    place: &ListPlace,
    chosen: String,
    now: Timestamp,
) -> Result<(), WebError> {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let file = NewExportFile {
        sent: Some((count(spool.rows()), count(spool.bytes()))),
        expected: count(spool.rows()),
        ..file
    };
    let columns_of = format!("file {}", place.kind());
    let write = state.db.write(move |tx| {
        let (file, columns_of, chosen) = (file.clone(), columns_of.clone(), chosen.clone());
        Box::pin(async move {
            store::insert(tx, &file, now).await?;
            if !chosen.is_empty() {
                lists::choose_columns(tx, file.organizer, &columns_of, &chosen).await?;
            }
            Ok(())
        })
    });
    Ok(write.await?)
}
