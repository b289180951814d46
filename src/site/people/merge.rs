//! `/organizer/people/{id}/merge`: two people who are one. First the other one is found, then both are looked at, then they are
//! merged.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::PATH;
use crate::console::{Console, ConsoleFrame, MenuEntry, list};
use crate::contacts::Traces;
use crate::contacts::erase;
use crate::contacts::merge::{self, Merged};
use crate::contacts::roster;
use crate::contacts::store::details::{self, ContactDetails};
use crate::db::Conn;
use crate::framed;
use crate::lists::{ListPlace, ListQuery};
use crate::values::{Country, PublicId};
use crate::web::layout::{Badge, Layout};
use crate::web::{Answer, Form, WebError, ok, page as shown, see_other};

/// People who are offered.
const OFFERED: i64 = 20;

#[derive(Template)]
#[template(path = "console/people/merge.html")]
struct MergePage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    name: String,
    /// What was looked for.
    search: String,
    found: Vec<FoundPerson>,
    /// Both, once the other one is chosen: this one first.
    both: Vec<OneOfBoth>,
    mistake: Option<&'static str>,
}

framed!(MergePage);

struct FoundPerson {
    id: String,
    name: String,
    email: String,
    company: Option<String>,
}

/// One of the two, as they are known.
struct OneOfBoth {
    id: String,
    name: String,
    email: String,
    state: Badge,
    facts: Vec<(&'static str, String)>,
    kept: Vec<String>,
}

/// `GET /organizer/people/{id}/merge`; with `?q=` who is found, with `?with=` both.
pub(super) async fn page(console: Console, traces: Data<Traces>, raw: Path<String>, request: HttpRequest) -> Answer {
    let asked = Form::decode(request.query_string().as_bytes());
    ok(&draw(&console, &traces, list::id(&raw)?, &asked).await?)
}

async fn draw(console: &Console, traces: &Traces, id: PublicId, asked: &Form) -> Result<MergePage, WebError> {
    let conn = &mut console.state.db.read().await?;
    let person = details::person(conn, id).await?.ok_or(WebError::NotFound)?;
    let (layout, frame) = console.page(MenuEntry::People, format!("Merge {}", person.name));
    let path = format!("{PATH}/{id}");
    let mut both = Vec::new();
    if asked.is_filled("with") {
        let other = details::person(conn, list::id(asked.text("with"))?).await?;
        let other = other.filter(|other| other.id != person.id).ok_or(WebError::NotFound)?;
        for one in [&person, &other] {
            both.push(one_of_both(conn, one, traces).await?);
        }
    }
    let search = asked.text("q").trim().to_owned();
    let found = if both.is_empty() && !search.is_empty() {
        find(console, conn, &search, person.id).await?
    } else {
        Vec::new()
    };
    Ok(MergePage {
        layout,
        frame: frame.below(PATH, "People").below(path.clone(), person.name.clone()),
        path,
        name: person.name,
        search,
        found,
        both,
        mistake: None,
    })
}

async fn find(console: &Console, conn: &mut Conn, search: &str, but: i64) -> Result<Vec<FoundPerson>, WebError> {
    let now = console.state.clock.now();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", search)
        .finish();
    let listing = ListQuery::of_address(ListPlace::People, &query)?
        .listing(conn, now)
        .await?;
    let Some(listing) = listing else {
        return Ok(Vec::new());
    };
    let ids = listing.first(conn, OFFERED).await?;
    let lines = roster::people(conn, &ids, now).await?;
    lines
        .into_iter()
        .filter(|line| line.id != but)
        .map(|line| {
            Ok(FoundPerson {
                id: list::shown_id(&line.person.page)?,
                name: line.name,
                email: line.person.email,
                company: line.person.company,
            })
        })
        .collect()
}

async fn one_of_both(conn: &mut Conn, person: &ContactDetails, traces: &Traces) -> Result<OneOfBoth, WebError> {
    let country = person.country.as_deref().and_then(|code| Country::parse(code).ok());
    let facts = [
        ("Company", person.company.clone()),
        ("Job title", person.job_title.clone()),
        ("Telephone", person.phone.clone()),
        ("Country", country.map(|country| country.name.to_owned())),
    ];
    Ok(OneOfBoth {
        id: list::shown_id(&person.public_id)?,
        name: person.name.clone(),
        email: person.email.clone(),
        state: super::one::standing(person),
        facts: facts
            .into_iter()
            .filter_map(|(what, value)| Some((what, value?)))
            .collect(),
        kept: erase::kept(conn, person.id, traces).await?.in_words(),
    })
}

/// `POST /organizer/people/{id}/merge`: `with` is the other one, `keep` who stays.
pub(super) async fn save(console: Console, traces: Data<Traces>, raw: Path<String>, form: Form) -> Answer {
    let (one, other) = (list::id(&raw)?, list::id(form.text("with"))?);
    let keep = PublicId::parse(form.text("keep")).filter(|keep| [one, other].contains(keep));
    let Some(keep) = keep else {
        let mut page = draw(&console, &traces, one, &form).await?;
        page.mistake = Some("Choose whose address stays.");
        return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let goes = if keep == one { other } else { one };
    let (who, now, traces) = (console.who.clone(), console.state.clock.now(), traces.get_ref().clone());
    let write = console.state.db.write(move |tx| {
        let (who, traces) = (who.clone(), traces.clone());
        Box::pin(async move { merge::merge(tx, goes, keep, &traces, &who, now).await })
    });
    match write.await? {
        Merged::Yes => {
            console.state.bell.ring();
            Ok(see_other(&format!("{PATH}/{keep}?done=merged")))
        }
        Merged::Gone => Ok(see_other(&format!("{PATH}/{one}?done=meanwhile"))),
    }
}
