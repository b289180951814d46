//! `/organizer/people/{id}/erase`: an owner erases somebody, and gets a receipt.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::PATH;
use crate::console::{Console, ConsoleFrame, MenuEntry, downloads, list};
use crate::contacts::Traces;
use crate::contacts::erase::{self, ErasedBy};
use crate::contacts::store::details;
use crate::contacts::store::erasures;
use crate::framed;
use crate::privacy::{self, Erasing, Receipt};
use crate::values::PublicId;
use crate::web::layout::{Field, Layout, When};
use crate::web::{Answer, Form, WebError, ok, page as shown, see_other};

#[derive(Template)]
#[template(path = "console/people/erase.html")]
struct ErasePage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    name: String,
    email: String,
    /// "2 registrations"
    kept: Vec<String>,
    typed: Field,
}

framed!(ErasePage);

/// `GET /organizer/people/{id}/erase`
pub(super) async fn page(console: Console, traces: Data<Traces>, raw: Path<String>) -> Answer {
    ok(&draw(&console, &traces, list::id(&raw)?, Field::default()).await?)
}

async fn draw(console: &Console, traces: &Traces, id: PublicId, typed: Field) -> Result<ErasePage, WebError> {
    let conn = &mut console.state.db.read().await?;
    let person = details::person(conn, id).await?.ok_or(WebError::NotFound)?;
    let kept = erase::kept(conn, person.id, traces).await?;
    let (layout, frame) = console.page(MenuEntry::People, format!("Erase {}", person.name));
    let path = format!("{PATH}/{id}");
    Ok(ErasePage {
        layout,
        frame: frame.below(PATH, "People").below(path.clone(), person.name.clone()),
        path,
        name: person.name,
        email: person.email,
        kept: kept.in_words(),
        typed,
    })
}

/// `POST /organizer/people/{id}/erase`
pub(super) async fn save(console: Console, traces: Data<Traces>, raw: Path<String>, form: Form) -> Answer {
    let id = list::id(&raw)?;
    let person = details::person(&mut console.state.db.read().await?, id).await?;
    let person = person.ok_or(WebError::NotFound)?;
    let typed = form.text("email").trim();
    if !typed.eq_ignore_ascii_case(&person.email) {
        let field = Field {
            value: typed.to_owned(),
            error: Some(format!("Type the address to erase it: {}", person.email)),
            ..Field::default()
        };
        return shown(
            StatusCode::UNPROCESSABLE_ENTITY,
            &draw(&console, &traces, id, field).await?,
        );
    }
    let with = Erasing {
        db: &console.state.db,
        links: &console.state.links,
        traces: &traces,
        now: console.state.clock.now(),
    };
    let done = privacy::erase(&with, &person.email_key, ErasedBy::Organizer(console.who.id)).await?;
    console.state.bell.ring();
    let done = done.ok_or(WebError::NotFound)?;
    Ok(see_other(&format!("/organizer/erasures/{}", done.receipt.name())))
}

#[derive(Template)]
#[template(path = "console/people/erased.html")]
struct ErasedPage {
    layout: Layout,
    frame: ConsoleFrame,
    receipt: String,
    at: When,
    gone: Vec<String>,
}

framed!(ErasedPage);

/// `GET /organizer/erasures/{fingerprint}`: the receipt, to be printed.
pub(super) async fn receipt(console: Console, traces: Data<Traces>, name: Path<String>) -> Answer {
    let fingerprint = Receipt::fingerprint_of_name(&name).ok_or(WebError::NotFound)?;
    let erasure = erasures::find(&mut console.state.db.read().await?, &fingerprint).await?;
    let erasure = erasure.ok_or(WebError::NotFound)?;
    let (layout, frame) = console.page(MenuEntry::People, "Erased");
    let at = console.stored_moment(erasure.erased_at)?;
    ok(&ErasedPage {
        layout,
        frame: frame.below(PATH, "People"),
        gone: erase::counts_in_words(&erasure.counts, &traces),
        receipt: Receipt::try_from(erasure)?.to_string(),
        at,
    })
}

/// `GET /organizer/receipts.txt`: those of all who were erased, as `commonground erase --list` prints them.
pub(super) async fn receipts(console: Console) -> Answer {
    let receipts = Receipt::all(&console.state.db).await?;
    let mut lines: Vec<String> = receipts.iter().map(ToString::to_string).collect();
    lines.push(String::new());
    Ok(downloads::send_whole(
        lines.join("\n").into_bytes(),
        "receipts.txt",
        "text/plain; charset=utf-8",
    ))
}
