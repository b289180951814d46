//! `/organizer/bulk/{id}/erase`: many are erased at once. What was chosen is kept under a name, so that it outlives the question
//! for a password and for a word.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::{PATH, Wanted, detail, first_of, first_step, names};
use crate::console::{Console, ConsoleFrame, MenuEntry, list};
use crate::contacts::Traces;
use crate::framed;
use crate::lists::bulk::store::{self, ASKED, BulkRow};
use crate::lists::bulk::{self as work, Selection};
use crate::lists::{ListPlace, ListQuery};
use crate::values::PublicId;
use crate::web::layout::{Field, Layout};
use crate::web::{Answer, Form, WebError, ok, page as shown, see_other};

/// What is typed to go on.
const WORD: &str = "erase";

#[derive(Template)]
#[template(path = "console/people/erase_many.html")]
struct EraseManyPage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    /// The first of them.
    names: Vec<String>,
    /// "28 people"
    count: String,
    /// Whether the list has rows of something else than people, of whom all goes.
    is_of_rows: bool,
    typed: Field,
    back: String,
}

framed!(EraseManyPage);

/// An act that its organizer is asked about.
struct AskedAct {
    row: BulkRow,
    name: PublicId,
    place: ListPlace,
    selection: Selection,
    list: ListQuery,
}

impl AskedAct {
    /// Of the organizer who asks. `Err` within: where it is by now.
    async fn find(console: &Console, name: PublicId) -> Result<Result<Self, String>, WebError> {
        let row = store::find(&mut console.state.db.read().await?, name).await?;
        let row = row.filter(|row| row.organizer_id == console.who.id);
        let row = row.ok_or(WebError::NotFound)?;
        if row.state != ASKED {
            return Ok(Err(format!("{PATH}/{name}")));
        }
        let place = ListPlace::parse(&row.place).ok_or(WebError::NotFound)?;
        let selection: Selection = serde_json::from_str(&row.chosen).map_err(WebError::internal)?;
        let address = match &selection {
            Selection::Rows(_) => "",
            Selection::Matching { address, .. } => address,
        };
        Ok(Ok(Self {
            list: ListQuery::of_address(place.clone(), address)?,
            row,
            name,
            place,
            selection,
        }))
    }
}

/// Keeps what was chosen, and leads to the question.
pub(super) async fn ask(console: &Console, wanted: &Wanted) -> Answer {
    let (act, now) = (Arc::new(wanted.act(console)?), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let act = Arc::clone(&act);
        Box::pin(async move { work::ask(tx, &act, now).await })
    });
    let name = write.await?;
    Ok(see_other(&format!("{PATH}/{name}/erase")))
}

/// `GET /organizer/bulk/{id}/erase`
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    match AskedAct::find(&console, list::id(&raw)?).await? {
        Ok(asked) => draw(&console, &asked, StatusCode::OK, Field::default(), false).await,
        Err(elsewhere) => Ok(see_other(&elsewhere)),
    }
}

async fn draw(console: &Console, asked: &AskedAct, status: StatusCode, typed: Field, is_back: bool) -> Answer {
    let conn = &mut console.state.db.read().await?;
    let (count, first) = first_of(conn, &asked.selection, &asked.place, console.state.clock.now()).await?;
    if count == 0 {
        return Ok(see_other(&asked.list.path_with("done=nobody")));
    }
    let count = Console::people(count);
    let (layout, frame) = console.page(MenuEntry::People, format!("Erase {count}"));
    let page = EraseManyPage {
        layout,
        frame: if is_back { frame.brought_back() } else { frame },
        path: format!("{PATH}/{}/erase", asked.name),
        names: names(conn, console, &asked.place, &first).await?,
        count,
        is_of_rows: asked.place != ListPlace::People,
        typed,
        back: asked.list.path_with(""),
    };
    if status == StatusCode::OK {
        return ok(&page);
    }
    shown(status, &page)
}

/// `POST /organizer/bulk/{id}/erase`
pub(super) async fn save(console: Console, traces: Data<Traces>, raw: Path<String>, form: Form) -> Answer {
    let asked = match AskedAct::find(&console, list::id(&raw)?).await? {
        Ok(asked) => asked,
        Err(elsewhere) => return Ok(see_other(&elsewhere)),
    };
    let typed = form.text("word").trim();
    if form.is_brought_back() {
        return draw(&console, &asked, StatusCode::OK, Field::of(typed), true).await;
    }
    if !typed.eq_ignore_ascii_case(WORD) {
        let field = Field {
            value: typed.to_owned(),
            error: Some(format!("Type {WORD} to erase them.")),
            ..Field::default()
        };
        return draw(&console, &asked, StatusCode::UNPROCESSABLE_ENTITY, field, false).await;
    }
    let (state, now) = (&console.state, console.state.clock.now());
    let (count, _) = first_of(&mut state.db.read().await?, &asked.selection, &asked.place, now).await?;
    let AskedAct {
        row,
        name,
        list,
        selection,
        ..
    } = asked;
    let (id, detail) = (row.id, detail(&list, &selection, count));
    let row = Arc::new(row);
    let write = state.db.write(move |tx| {
        let (row, detail) = (Arc::clone(&row), detail.clone());
        Box::pin(async move { work::begin_asked(tx, &row, &detail, now).await })
    });
    if !write.await? {
        return Ok(see_other(&format!("{PATH}/{name}")));
    }
    first_step(state, &traces, id, name, &list).await
}
