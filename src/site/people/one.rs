//! `/organizer/people/{id}`: one person: who they are, what they have with us now, and how it came.

use actix_web::web::Path;
use askama::Template;
use jiff::Timestamp;

use super::list::confirmed;
use crate::assessment::store::contact_requests;
use crate::console::{Console, ConsoleFrame, MenuEntry, list};
use crate::contacts::roster::{self, ContactDetails};
use crate::db::{Conn, DbError, instant};
use crate::framed;
use crate::mail::outbox::{self, Filter};
use crate::mail::suppressions;
use crate::site::mail::MailRow;
use crate::values::{EmailAddress, Zone};
use crate::web::layout::{Badge, Layout, Tone, When};
use crate::web::{Answer, WebError, ok, time};
use crate::webcasts::console::session_path;
use crate::webcasts::roster::PersonsSeat;
use crate::{webcasts, whitepapers};

/// Mails that are listed.
const MAILS: i64 = 50;

#[derive(Template)]
#[template(path = "console/people/one.html")]
struct PersonPage {
    layout: Layout,
    frame: ConsoleFrame,
    name: String,
    email: String,
    state: Badge,
    since: When,
    /// Whether they agreed to more mail, in words.
    news: String,
    /// Why their address gets no mail, or not every mail.
    stopped: Vec<&'static str>,
    seats: Vec<PersonsSeatRow>,
    events: Vec<Event>,
    mails: Vec<MailRow>,
}

framed!(PersonPage);

/// A registration as it stands.
struct PersonsSeatRow {
    path: String,
    title: String,
    start: When,
    zone: String,
    state: Badge,
}

/// Something that happened.
struct Event {
    at: When,
    what: String,
    /// Where it leads.
    path: Option<String>,
}

/// `GET /organizer/people/{id}`
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    let conn = &mut console.state.db.read().await?;
    let person = roster::person(conn, list::id(&raw)?).await?.ok_or(WebError::NotFound)?;
    let seats = webcasts::roster::of_person(conn, person.id).await?;
    let requests = whitepapers::roster::of_person(conn, person.id).await?;
    let agreed = seats.iter().map(|seat| seat.consent_at);
    let agreed = agreed
        .chain(requests.iter().map(|request| request.consent_at))
        .flatten()
        .max();
    let mut happened = of_seats(&seats)?;
    happened.extend(requests.into_iter().map(|request| {
        let downloads = match request.downloads {
            0 => String::new(),
            1 => ", downloaded once by link".to_owned(),
            many => format!(", downloaded {many} times by link"),
        };
        let path = format!("/organizer/papers?whitepaper={}", request.slug);
        (
            request.created_at,
            format!("Asked for {}{downloads}", request.title),
            Some(path),
        )
    }));
    for at in contact_requests::of_person(conn, person.id).await? {
        let path = "/organizer/assessment".to_owned();
        happened.push((at, "Wants to talk about their result".to_owned(), Some(path)));
    }
    happened.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let events = happened.into_iter().map(|(at, what, path)| {
        Ok::<_, DbError>(Event {
            at: console.stored_moment(at)?,
            what,
            path,
        })
    });
    let (layout, frame) = console.page(MenuEntry::People, person.name.clone());
    ok(&PersonPage {
        layout,
        frame: frame.below("/organizer/people", "People"),
        state: confirmed(person.confirmed_at.is_some()),
        since: console.stored_moment(person.created_at)?,
        news: match agreed {
            Some(at) => format!("yes, since {}", console.stored_moment(at)?.text),
            None => "no".to_owned(),
        },
        stopped: stopped(conn, &person, console.state.clock.now()).await?,
        events: events.collect::<Result<_, _>>()?,
        seats: seats.into_iter().map(seat_row).collect::<Result<_, _>>()?,
        mails: mails(conn, &console, &person).await?,
        name: person.name,
        email: person.email,
    })
}

/// What happened, when, and where it leads.
type Happened = (i64, String, Option<String>);

fn of_seats(seats: &[PersonsSeat]) -> Result<Vec<Happened>, DbError> {
    let mut happened = Vec::new();
    for seat in seats {
        let path = Some(session_path(&seat.slug, &seat.session)?);
        let source = seat.utm_source.as_ref().or(seat.referrer.as_ref());
        let from = source.map_or_else(String::new, |source| format!(", from {source}"));
        let registered = format!("Registered for {}{from}", seat.title);
        happened.push((seat.created_at, registered, path.clone()));
        if let Some(at) = seat.cancelled_at {
            happened.push((at, format!("Cancelled {}", seat.title), path.clone()));
        }
        if let Some(at) = seat.joined_at {
            happened.push((at, format!("Joined {}", seat.title), path));
        }
    }
    Ok(happened)
}

fn seat_row(seat: PersonsSeat) -> Result<PersonsSeatRow, DbError> {
    let (zone, start) = (Zone::stored(&seat.time_zone), instant(seat.starts_at)?);
    let (tone, word) = match seat.state.as_str() {
        "registered" => (Tone::Good, "Registered"),
        "held" => (Tone::Warn, "Held"),
        _ => (Tone::Idle, "Cancelled"),
    };
    Ok(PersonsSeatRow {
        path: session_path(&seat.slug, &seat.session)?,
        start: time::in_table(start, &zone),
        zone: time::zone_in_words(start, &zone),
        state: Badge {
            tone,
            word: word.to_owned(),
        },
        title: seat.title,
    })
}

async fn stopped(conn: &mut Conn, person: &ContactDetails, now: Timestamp) -> Result<Vec<&'static str>, DbError> {
    let mut reasons = suppressions::reasons(conn, std::slice::from_ref(&person.email_key), now).await?;
    let reasons = reasons.remove(&person.email_key).unwrap_or_default();
    Ok(reasons.into_iter().map(|(reason, _)| reason.sentence()).collect())
}

async fn mails(conn: &mut Conn, console: &Console, person: &ContactDetails) -> Result<Vec<MailRow>, DbError> {
    let filter = Filter {
        recipient: Some(EmailAddress::parse(&person.email).map_err(DbError::stored)?),
        ..Filter::default()
    };
    let rows = outbox::list(conn, &filter, MAILS).await?;
    rows.iter().map(|row| MailRow::of(row, console)).collect()
}
