//! `/organizer/people`: find one. The newest, or those of whom a word begins as it was typed.

use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use crate::console::list::{self, next_page};
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::contacts::roster::{self, After, PersonLine};
use crate::contacts::words;
use crate::db::{Conn, DbError};
use crate::framed;
use crate::values::EmailAddress;
use crate::web::layout::{Badge, Field, Layout, Tone, When};
use crate::web::{Answer, WebError, ok};

const PATH: &str = "/organizer/people";

#[derive(Template)]
#[template(path = "console/people/list.html")]
struct PeoplePage {
    layout: Layout,
    frame: ConsoleFrame,
    search: Field,
    people: Vec<PersonRow>,
    next_page: Option<String>,
}

framed!(PeoplePage);

struct PersonRow {
    path: String,
    name: String,
    email: String,
    state: Badge,
    since: When,
}

/// What the page may be asked with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PeopleQuery {
    q: String,
    /// The person that the page before ended with,
    after: Option<String>,
    /// and the word they were found by.
    word: String,
}

/// `GET /organizer/people`
pub(super) async fn page(console: Console, wanted: Query<PeopleQuery>) -> Answer {
    let search = Field::of(wanted.q.trim());
    let conn = &mut console.state.db.read().await?;
    let mut lines = find(conn, &wanted, &search.value).await?;
    let next_page = match list::cut(&mut lines) {
        Some(last) => Some(next_of(&search.value, last)?),
        None => None,
    };
    let (layout, frame) = console.page(MenuEntry::People, "People");
    ok(&PeoplePage {
        layout,
        frame,
        people: lines
            .into_iter()
            .map(|line| row(&console, line))
            .collect::<Result<_, _>>()?,
        next_page,
        search,
    })
}

async fn find(conn: &mut Conn, wanted: &PeopleQuery, typed: &str) -> Result<Vec<PersonLine>, WebError> {
    let after = wanted.after.as_deref().map(list::id).transpose()?;
    if typed.is_empty() {
        return Ok(roster::newest(conn, after, list::READ).await?);
    }
    // Before their words are kept, too.
    if let Ok(address) = EmailAddress::parse(typed)
        && let Some(person) = roster::by_address(conn, &address.key()).await?
    {
        return Ok(vec![person]);
    }
    let after = after.map(|person| After {
        word: wanted.word.clone(),
        person,
    });
    Ok(roster::by_words(conn, &words::typed(typed), after.as_ref(), list::READ).await?)
}

fn next_of(typed: &str, last: &PersonLine) -> Result<String, DbError> {
    let after = list::shown_id(&last.public_id)?;
    let filters = [("q", typed), ("word", last.word.as_str())];
    let filters: Vec<(&str, &str)> = filters.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    Ok(next_page(PATH, &filters, &after))
}

fn row(console: &Console, line: PersonLine) -> Result<PersonRow, DbError> {
    Ok(PersonRow {
        path: format!("{PATH}/{}", list::shown_id(&line.public_id)?),
        state: confirmed(line.confirmed_at.is_some()),
        since: console.stored_moment(line.created_at)?,
        name: line.name,
        email: line.email,
    })
}

/// Whether somebody who reads the mails of the address has shown themselves.
pub(super) fn confirmed(is_confirmed: bool) -> Badge {
    let (tone, word) = if is_confirmed {
        (Tone::Good, "Confirmed")
    } else {
        (Tone::Idle, "Not confirmed")
    };
    Badge {
        tone,
        word: word.to_owned(),
    }
}
