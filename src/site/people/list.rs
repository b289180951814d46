//! `/organizer/people`: find one. The newest, those of whom a word begins as it was typed, and those who are registered.

use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::PATH;
use crate::console::list::{self, next_page};
use crate::console::{Console, ConsoleFrame, MenuEntry, words as console_words};
use crate::contacts::roster::{self, After, PersonLine};
use crate::contacts::words;
use crate::db::{Conn, DbError, instant};
use crate::framed;
use crate::organizers::acts::Act;
use crate::values::{EmailAddress, Slug, Zone};
use crate::web::layout::{Badge, Field, Layout, Tone, When};
use crate::web::{Answer, WebError, ok, time};
use crate::webcasts::RegistrationState;
use crate::webcasts::roster::{SeatFilter, SessionOption, choices, people};

/// Sessions to choose from.
const SESSIONS: i64 = 200;

#[derive(Template)]
#[template(path = "console/people/list.html")]
struct PeoplePage {
    layout: Layout,
    frame: ConsoleFrame,
    search: Field,
    webcasts: Vec<ListChoice>,
    sessions: Vec<ListChoice>,
    states: Vec<ListChoice>,
    people: Vec<PersonRow>,
    next_page: Option<String>,
    /// Something was asked for.
    is_filtered: bool,
    may_add: bool,
}

framed!(PeoplePage);

/// An entry of a list to choose from.
struct ListChoice {
    value: String,
    label: String,
    chosen: bool,
}

struct PersonRow {
    path: String,
    name: String,
    email: String,
    company: String,
    state: Badge,
    since: When,
}

/// What the page may be asked with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PeopleQuery {
    q: String,
    webcast: String,
    session: String,
    state: String,
    /// The person, or the registration, that the page before ended with,
    after: Option<String>,
    /// and the word they were found by.
    word: String,
}

/// A page of people, and what its last row is called in the address of the next one.
type PageOfPeople = (Vec<PersonLine>, Option<(String, String)>);

/// `GET /organizer/people`
pub(super) async fn page(console: Console, wanted: Query<PeopleQuery>) -> Answer {
    // Who sees initials alone must not find out names by guessing their beginnings.
    let search = if console.hides_people() {
        Field::default()
    } else {
        Field::of(wanted.q.trim())
    };
    let conn = &mut console.state.db.read().await?;
    let options = choices(conn, SESSIONS).await?;
    let (lines, last) = match filter(conn, &wanted).await? {
        Some(filter) => find(conn, &wanted, &search.value, &filter).await?,
        None => (Vec::new(), None),
    };
    let next_page = last.map(|(after, word)| next_of(&wanted, &search.value, &after, &word));
    let (layout, frame) = console.page(MenuEntry::People, "People");
    ok(&PeoplePage {
        layout,
        frame,
        people: lines
            .into_iter()
            .map(|line| row(&console, line))
            .collect::<Result<_, _>>()?,
        next_page,
        is_filtered: ![&search.value, &wanted.webcast, &wanted.session, &wanted.state]
            .iter()
            .all(|value| value.is_empty()),
        webcasts: webcasts(&options, &wanted.webcast),
        sessions: sessions(&options, &wanted)?,
        states: states(&wanted.state),
        may_add: console.may(Act::ChangePeople),
        search,
    })
}

/// `None`: there is no such webcast or session, so nobody has it.
async fn filter(conn: &mut Conn, wanted: &PeopleQuery) -> Result<Option<SeatFilter>, WebError> {
    let given = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let slug = given(&wanted.webcast).map(|slug| Slug::parse(&slug)).transpose();
    let session = given(&wanted.session).map(|id| list::id(&id)).transpose();
    let state = given(&wanted.state).map(|state| RegistrationState::parse(&state).ok_or(WebError::NotFound));
    let slug = slug.map_err(|_| WebError::NotFound)?;
    Ok(SeatFilter::find(conn, slug.as_ref(), session?, state.transpose()?).await?)
}

async fn find(
    conn: &mut Conn,
    wanted: &PeopleQuery,
    typed: &str,
    filter: &SeatFilter,
) -> Result<PageOfPeople, WebError> {
    let after = wanted.after.as_deref().map(list::id).transpose()?;
    if typed.is_empty() && !filter.is_empty() {
        let mut holders = people(conn, filter, after, list::READ).await?;
        let last = list::cut(&mut holders)
            .map(|last| list::shown_id(&last.seat))
            .transpose()?;
        let lines = holders.into_iter().map(|holder| holder.person).collect();
        return Ok((lines, last.map(|last| (last, String::new()))));
    }
    let mut lines = if typed.is_empty() {
        roster::newest(conn, after, list::READ).await?
    } else {
        by_words(conn, wanted, typed, filter).await?
    };
    let last =
        list::cut(&mut lines).map(|last| Ok::<_, DbError>((list::shown_id(&last.public_id)?, last.word.clone())));
    let last = last.transpose()?;
    Ok((lines, last))
}

async fn by_words(
    conn: &mut Conn,
    wanted: &PeopleQuery,
    typed: &str,
    filter: &SeatFilter,
) -> Result<Vec<PersonLine>, WebError> {
    // Before their words are kept, too.
    if filter.is_empty()
        && let Ok(address) = EmailAddress::parse(typed)
        && let Some(person) = roster::by_address(conn, &address.key()).await?
    {
        return Ok(vec![person]);
    }
    let after = wanted.after.as_deref().map(list::id).transpose()?.map(|person| After {
        word: wanted.word.clone(),
        person,
    });
    let filter = filter.clone().counted(conn).await?;
    let narrowed = |contact: &str| filter.has_one(contact);
    Ok(roster::by_words(conn, &words::typed(typed), narrowed, after.as_ref(), list::READ).await?)
}

fn next_of(wanted: &PeopleQuery, typed: &str, after: &str, word: &str) -> String {
    let filters = [
        ("q", typed),
        ("webcast", &wanted.webcast),
        ("session", &wanted.session),
        ("state", &wanted.state),
        ("word", word),
    ];
    let filters: Vec<(&str, &str)> = filters.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    next_page(PATH, &filters, after)
}

fn webcasts(options: &[SessionOption], chosen: &str) -> Vec<ListChoice> {
    let mut webcasts: Vec<ListChoice> = Vec::new();
    for option in options {
        if !webcasts.iter().any(|known| known.value == option.slug) {
            webcasts.push(ListChoice {
                value: option.slug.clone(),
                label: option.title.clone(),
                chosen: option.slug == chosen,
            });
        }
    }
    webcasts
}

/// Those of the webcast that is chosen, or all.
fn sessions(options: &[SessionOption], wanted: &PeopleQuery) -> Result<Vec<ListChoice>, DbError> {
    let is_listed = |option: &&SessionOption| wanted.webcast.is_empty() || option.slug == wanted.webcast;
    let listed = options.iter().filter(is_listed).map(|option| {
        let (zone, start) = (Zone::stored(&option.time_zone), instant(option.starts_at)?);
        let value = list::shown_id(&option.public_id)?;
        Ok(ListChoice {
            label: if wanted.webcast.is_empty() {
                format!("{}, {}", time::in_table(start, &zone).text, option.title)
            } else {
                time::in_table(start, &zone).text
            },
            chosen: value == wanted.session,
            value,
        })
    });
    listed.collect()
}

fn states(chosen: &str) -> Vec<ListChoice> {
    let states = RegistrationState::ALL.into_iter().map(|state| ListChoice {
        value: state.as_str().to_owned(),
        label: console_words::seat_state(state.as_str()).word,
        chosen: state.as_str() == chosen,
    });
    states.collect()
}

fn row(console: &Console, line: PersonLine) -> Result<PersonRow, DbError> {
    Ok(PersonRow {
        path: format!("{PATH}/{}", list::shown_id(&line.public_id)?),
        state: confirmed(line.confirmed_at.is_some()),
        since: console.stored_moment(line.created_at)?,
        name: console.name(&line.name),
        email: console.address(&line.email),
        company: line.company.unwrap_or_default(),
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
