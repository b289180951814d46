//! Choosing an act, looking at it first where people outside hear of it, and seeing how far it is.

mod erase;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Data, Path, ServiceConfig};
use askama::Template;
use jiff::Timestamp;

use crate::console::flash::{Flash, UndoButton};
use crate::console::preview::MailPreview;
use crate::console::review::{self, Review};
use crate::console::{Console, ConsoleFrame, MenuEntry, list};
use crate::contacts::Traces;
use crate::db::{Conn, DbError, micros};
use crate::framed;
use crate::lists::bulk::store::{self, ASKED, BulkRow, DONE, GOING, NewBulkAct, UNDONE};
use crate::lists::bulk::{self as work, ALL, BulkKind, ROW, Selection};
use crate::lists::{ListPlace, ListQuery};
use crate::organizers::acts::Act;
use crate::values::{Label, PublicId};
use crate::web::layout::Layout;
use crate::web::{Answer, AppState, Form, WebError, at, ok, see_other};
use crate::webcasts::mails::preview_of_bulk;
use crate::{webcasts, whitepapers};

/// Where they are.
const PATH: &str = "/organizer/bulk";
/// Whom a review names.
const NAMED: i64 = 5;
/// Longest tag, in characters.
const LONGEST_TAG: usize = 40;
/// How often the page of an act that is going reads itself again, in seconds.
const AGAIN: &str = "2";

#[derive(Template)]
#[template(path = "console/bulk.html")]
struct BulkPage {
    layout: Layout,
    frame: ConsoleFrame,
    /// "So far: 1,200 people."
    standing: String,
    back: String,
}

framed!(BulkPage);

/// What is to be done, and to which rows.
struct Wanted {
    kind: BulkKind,
    place: ListPlace,
    selection: Selection,
    tag: String,
    /// The list as it was shown.
    list: ListQuery,
}

impl Wanted {
    /// `Err` within: where the list says what the form lacks.
    fn read(console: &Console, form: &Form) -> Result<Result<Self, String>, WebError> {
        let place = ListPlace::parse(form.text("list")).ok_or(WebError::NotFound)?;
        let kind = BulkKind::parse(form.text("act")).filter(|kind| kind.is_of(&place));
        let kind = kind.filter(|kind| console.may(kind.act())).ok_or(WebError::NotFound)?;
        let list = ListQuery::of_address(place.clone(), form.text("query"))?;
        let Some(selection) = Selection::read(&place, form)? else {
            return Ok(Err(list.path_with("done=nobody")));
        };
        let tag = Label::parse(form.text("tag"))
            .ok()
            .filter(|tag| tag.as_str().chars().count() <= LONGEST_TAG);
        let tag = match (kind.takes_tag(), tag) {
            (true, None) => return Ok(Err(list.path_with("done=tag"))),
            (true, Some(tag)) => tag.as_str().to_owned(),
            (false, _) => String::new(),
        };
        Ok(Ok(Self {
            kind,
            place,
            selection,
            tag,
            list,
        }))
    }

    /// The same as fields of a form.
    fn hidden(&self) -> Vec<(String, String)> {
        let mut fields = vec![
            ("list".to_owned(), self.place.key()),
            ("act".to_owned(), self.kind.as_str().to_owned()),
            ("query".to_owned(), self.list.address()),
        ];
        match &self.selection {
            Selection::Rows(rows) => fields.extend(rows.iter().map(|row| (ROW.to_owned(), row.clone()))),
            Selection::Matching { as_of, .. } => {
                fields.push((ALL.to_owned(), "yes".to_owned()));
                fields.push(("as_of".to_owned(), as_of.to_string()));
            }
        }
        fields
    }

    /// The act, as it is kept.
    fn act(&self, console: &Console) -> Result<NewBulkAct, WebError> {
        Ok(NewBulkAct {
            organizer: console.who.id,
            kind: self.kind,
            place: self.place.key(),
            chosen: serde_json::to_string(&self.selection).map_err(WebError::internal)?,
            word: self.tag.clone(),
        })
    }
}

/// For the audit log: how many, and by which filters, but not whom somebody searched for.
fn detail(list: &ListQuery, selection: &Selection, count: i64) -> String {
    match selection {
        Selection::Rows(_) => format!("{count} rows that were ticked"),
        Selection::Matching { .. } => format!("{count} rows that match {}", list.narrowed_in_words().join(", ")),
    }
}

/// `POST /organizer/bulk`: looked at first where people hear of it or are erased, else done.
pub(super) async fn choose(console: Console, traces: Data<Traces>, form: Form) -> Answer {
    let wanted = match Wanted::read(&console, &form)? {
        Ok(wanted) => wanted,
        Err(back) => return Ok(see_other(&back)),
    };
    if wanted.kind == BulkKind::Erase {
        return erase::ask(&console, &wanted).await;
    }
    if wanted.kind.tells() {
        return look(&console, &wanted).await;
    }
    go(&console, &traces, &wanted).await
}

/// `POST /organizer/bulk/send`
pub(super) async fn send(console: Console, traces: Data<Traces>, form: Form) -> Answer {
    match Wanted::read(&console, &form)? {
        Ok(wanted) if wanted.kind == BulkKind::Erase => erase::ask(&console, &wanted).await,
        Ok(wanted) => go(&console, &traces, &wanted).await,
        Err(back) => Ok(see_other(&back)),
    }
}

async fn look(console: &Console, wanted: &Wanted) -> Answer {
    let now = console.state.clock.now();
    let conn = &mut console.state.db.read().await?;
    let (count, first) = first_of(conn, &wanted.selection, &wanted.place, now).await?;
    if count == 0 {
        return Ok(see_other(&wanted.list.path_with("done=nobody")));
    }
    let people = Console::people(count);
    let review = Review {
        what: wanted.kind.what(&wanted.place).to_owned(),
        who: names(conn, console, &wanted.place, &first).await?,
        count: people.clone(),
        when: "As soon as you press the button; many, one after the other.",
        mail: preview(console, conn, wanted, &first).await?,
        action: "/organizer/bulk/send".to_owned(),
        hidden: wanted.hidden(),
        button: wanted.kind.send(&people),
        back: wanted.list.path_with(""),
    };
    let page = console.page(MenuEntry::People, "Before they are told");
    review::page(page, review)
}

/// How many rows are chosen, and the first of them.
async fn first_of(
    conn: &mut Conn,
    selection: &Selection,
    place: &ListPlace,
    now: Timestamp,
) -> Result<(i64, Vec<i64>), DbError> {
    Ok(match selection.listing(conn, place, now).await? {
        Some(listing) => (listing.count(conn).await?, listing.next(conn, 0, NAMED).await?),
        None => (0, Vec::new()),
    })
}

async fn names(conn: &mut Conn, console: &Console, place: &ListPlace, rows: &[i64]) -> Result<Vec<String>, DbError> {
    let people = store::people_of(conn, place, rows).await?;
    let names = store::names(conn, &people).await?;
    Ok(names.iter().map(|name| console.name(name)).collect())
}

/// The mail as the first of them gets it.
async fn preview(console: &Console, conn: &mut Conn, wanted: &Wanted, rows: &[i64]) -> Result<MailPreview, WebError> {
    if let ListPlace::Requests(_) = wanted.place {
        let first = whitepapers::store::requests_by_ids(conn, rows).await?;
        let first = first.into_iter().next().ok_or(WebError::NotFound)?;
        let paper = whitepapers::store::whitepaper_by_slug(conn, &first.slug).await?;
        let paper = paper.ok_or(WebError::NotFound)?;
        return Ok(MailPreview::from(whitepapers::mails::preview(
            &console.state,
            &first,
            paper,
        )));
    }
    let seats = webcasts::store::seats_by_ids(conn, rows).await?;
    let first = seats.into_iter().min_by_key(|seat| seat.id).ok_or(WebError::NotFound)?;
    let is_cancelled = wanted.kind == BulkKind::Cancel;
    let is_given = matches!(wanted.kind, BulkKind::Accept | BulkKind::LetThrough);
    Ok(MailPreview::from(preview_of_bulk(
        &console.state,
        &first,
        is_cancelled,
        is_given,
    )))
}

async fn go(console: &Console, traces: &Traces, wanted: &Wanted) -> Answer {
    let state = &console.state;
    let now = state.clock.now();
    let conn = &mut state.db.read().await?;
    let (count, _) = first_of(conn, &wanted.selection, &wanted.place, now).await?;
    let act = std::sync::Arc::new(wanted.act(console)?);
    let detail = detail(&wanted.list, &wanted.selection, count);
    let write = state.db.write(move |tx| {
        let (act, detail) = (act.clone(), detail.clone());
        Box::pin(async move { work::begin(tx, &act, &detail, now).await })
    });
    let (id, name) = write.await?;
    first_step(state, traces, id, name, &wanted.list).await
}

/// A few are done at once; for more there is a page that says how far it is.
async fn first_step(state: &AppState, traces: &Traces, id: i64, name: PublicId, list: &ListQuery) -> Answer {
    if work::step(state, traces, id).await? {
        return Ok(see_other(&list.path_with(&format!("bulk={name}"))));
    }
    Ok(see_other(&format!("{PATH}/{name}")))
}

/// `GET /organizer/bulk/{id}`
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    let name = list::id(&raw)?;
    let act = store::find(&mut console.state.db.read().await?, name).await?;
    let act = act.ok_or(WebError::NotFound)?;
    let place = ListPlace::parse(&act.place).ok_or(WebError::NotFound)?;
    if act.state == ASKED {
        return Ok(see_other(&format!("{PATH}/{name}/erase")));
    }
    let is_going = act.state != DONE && act.state != UNDONE;
    if !is_going {
        return Ok(see_other(&format!("{}?bulk={name}", place.path())));
    }
    let (layout, frame) = console.page(MenuEntry::People, "On its way");
    let mut page = ok(&BulkPage {
        layout,
        frame,
        standing: said(&act),
        back: place.path(),
    })?;
    let (again, value) = (HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
    page.headers_mut().insert(again, value);
    Ok(page)
}

/// `POST /organizer/bulk/{id}/undo`
pub(super) async fn undo(console: Console, traces: Data<Traces>, raw: Path<String>) -> Answer {
    let name = list::id(&raw)?;
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let found = store::find(&mut console.state.db.read().await?, name).await?;
    let act = found.ok_or(WebError::NotFound)?;
    let place = ListPlace::parse(&act.place).ok_or(WebError::NotFound)?;
    let write = console.state.db.write(move |tx| {
        let who = who.clone();
        Box::pin(async move { work::begin_to_undo(tx, name, &who, now).await })
    });
    if let Some(id) = write.await? {
        // One step undoes, the next one sees that nothing is left.
        for _ in 0..2 {
            if work::step(&console.state, &traces, id).await? {
                return Ok(see_other(&format!("{}?bulk={name}", place.path())));
            }
        }
        return Ok(see_other(&format!("{PATH}/{name}")));
    }
    Ok(see_other(&format!("{}?bulk={name}", place.path())))
}

/// The line above the list that an act was done on.
pub(super) async fn flash(console: &Console, raw: &str) -> Result<Option<Flash>, WebError> {
    let Some(name) = PublicId::parse(raw) else {
        return Ok(None);
    };
    let Some(act) = store::find(&mut console.state.db.read().await?, name).await? else {
        return Ok(None);
    };
    let now = micros(console.state.clock.now());
    let can_undo = act.state == DONE && act.undo_until.is_some_and(|until| until > now);
    Ok(Some(Flash {
        words: said(&act),
        undo: (can_undo && console.may(Act::ChangePeople)).then(|| UndoButton {
            path: format!("{PATH}/{name}/undo"),
            label: "Undo",
        }),
    }))
}

fn said(act: &BulkRow) -> String {
    let people = Console::people(act.done);
    match act.state.as_str() {
        GOING => format!("So far: {people}."),
        UNDONE => "Undone. All is as it was.".to_owned(),
        DONE => {
            let kind = BulkKind::parse(&act.kind);
            let done = kind.map(|kind| kind.done(&people, act.done == 1)).unwrap_or_default();
            match act.left_alone {
                0 => done,
                alone => format!("{done} Left as they were, because it did not apply: {alone}."),
            }
        }
        _ => "It is being undone.".to_owned(),
    }
}

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/bulk").post(choose))
        .service(at("/organizer/bulk/send").post(send))
        .service(at("/organizer/bulk/{id}").get(page))
        .service(at("/organizer/bulk/{id}/erase").get(erase::page).post(erase::save))
        .service(at("/organizer/bulk/{id}/undo").post(undo));
}
