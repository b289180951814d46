//! `/organizer/people/{id}`: one person: who they are, what they have with us now, how it came, and what to do about it.

mod seats;
mod timeline;

use actix_web::web::{Path, Query};
use askama::Template;
use jiff::Timestamp;

use self::seats::{PaperRowOfPerson, SeatRowOfPerson};
use self::timeline::Event;
use super::PATH;
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry, list, moved_to};
use crate::contacts::store::consents::{self, ConsentLine};
use crate::contacts::store::details::{self, ContactDetails};
use crate::contacts::store::{merges, notes, tags};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::mail::outbox::{self, Filter};
use crate::mail::suppressions;
use crate::organizers::acts::Act;
use crate::site::lists::cells::confirmed;
use crate::site::mail::MailRow;
use crate::values::{Country, EmailAddress};
use crate::web::layout::{Badge, Layout, When};
use crate::web::{Answer, WebError, ok};

/// Mails that are listed.
const MAILS: i64 = 50;
/// Tags that are offered.
const KNOWN_TAGS: i64 = 200;

/// What the last act did.
const DONE: [(&str, &str); 13] = [
    ("merged", "They are one now."),
    ("saved", "Saved."),
    ("added", "They are in the list."),
    ("known", "They were in the list already. This is their page."),
    ("sent", "Saved. What they asked for goes to the new address now."),
    ("again", "The mail goes again now."),
    (
        "often",
        "It was not sent again: this mail went to them three times within a day. Try again tomorrow.",
    ),
    (
        "meanwhile",
        "Nothing was changed: something else happened meanwhile. Below is how it stands now.",
    ),
    (
        "full",
        "Nothing was changed: no place is left in that session. Give it more places first.",
    ),
    ("noted", "The note is kept."),
    ("empty", "The note was empty, so nothing was kept."),
    ("tagged", "The tags are saved."),
    (
        "tags",
        "The tag was not added: a tag has at most 40 characters in one line, and one person at most 50 tags.",
    ),
];

#[derive(Template)]
#[template(path = "console/people/one.html")]
struct PersonPage {
    layout: Layout,
    frame: ConsoleFrame,
    /// Its own address.
    path: String,
    name: String,
    email: String,
    company: Option<String>,
    job_title: Option<String>,
    phone: Option<String>,
    country: Option<&'static str>,
    state: Badge,
    since: When,
    /// Whether they agreed to more mail, in words.
    news: String,
    /// Why their address gets no mail, or not every mail.
    stopped: Vec<&'static str>,
    seats: Vec<SeatRowOfPerson>,
    papers: Vec<PaperRowOfPerson>,
    tags: Vec<String>,
    known_tags: Vec<String>,
    notes: Vec<NoteRow>,
    events: Vec<Event>,
    mails: Vec<MailRow>,
    /// False for those who only look.
    may_edit: bool,
    may_erase: bool,
}

framed!(PersonPage);

/// A note, as it is shown.
struct NoteRow {
    /// Where its button posts to.
    delete: String,
    author: String,
    body: String,
    at: When,
}

/// `GET /organizer/people/{id}`
pub(super) async fn page(console: Console, raw: Path<String>, done: Query<Done>) -> Answer {
    let conn = &mut console.state.db.read().await?;
    let id = list::id(&raw)?;
    let Some(person) = details::person(conn, id).await? else {
        // Somebody who was merged is found where they are now.
        let into = merges::leads_to(conn, id).await?.ok_or(WebError::NotFound)?;
        return Ok(moved_to(&format!("{PATH}/{into}")));
    };
    let path = format!("{PATH}/{}", list::shown_id(&person.public_id)?);
    let has = seats::find(conn, &console, person.id).await?;
    let agreed = consents::of_person(conn, person.id).await?;
    let flash = done.flash(conn, &console, &path, &DONE).await?;
    let may_edit = console.may(Act::ChangePeople);
    let name = console.name(&person.name);
    let (layout, frame) = console.page(MenuEntry::People, name.clone());
    ok(&PersonPage {
        layout,
        frame: frame.below(PATH, "People").with(flash),
        state: standing(&person),
        since: console.stored_moment(person.created_at)?,
        news: news(&console, &agreed)?,
        stopped: stopped(conn, &person, console.state.clock.now()).await?,
        events: timeline::find(conn, &console, &person, &has, &agreed).await?,
        seats: has.seats,
        papers: has.papers,
        tags: tags::of_person(conn, person.id).await?,
        known_tags: if may_edit {
            tags::known(conn, KNOWN_TAGS).await?
        } else {
            Vec::new()
        },
        notes: note_rows(conn, &console, &person).await?,
        mails: mails(conn, &console, &person).await?,
        email: console.address(&person.email),
        company: person.company,
        job_title: person.job_title,
        phone: person.phone.filter(|_| !console.hides_people()),
        country: person
            .country
            .and_then(|code| Country::parse(&code).ok())
            .map(|country| country.name),
        name,
        path,
        may_edit,
        may_erase: console.may(Act::Erase),
    })
}

/// Whether somebody has shown that they read the mail of their address.
pub(super) fn standing(person: &ContactDetails) -> Badge {
    confirmed(person.confirmed_at.is_some())
}

/// By what they said last.
fn news(console: &Console, agreed: &[ConsentLine]) -> Result<String, DbError> {
    Ok(match agreed.first() {
        Some(last) if last.is_given => {
            let since = console.stored_moment(last.at)?.text;
            format!("yes, since {since} (text {})", last.version)
        }
        Some(last) => format!("no, taken back {}", console.stored_moment(last.at)?.text),
        None => "no".to_owned(),
    })
}

async fn stopped(conn: &mut Conn, person: &ContactDetails, now: Timestamp) -> Result<Vec<&'static str>, DbError> {
    let mut reasons = suppressions::reasons(conn, std::slice::from_ref(&person.email_key), now).await?;
    let reasons = reasons.remove(&person.email_key).unwrap_or_default();
    Ok(reasons.into_iter().map(|(reason, _)| reason.sentence()).collect())
}

/// Those who see initials alone see no notes: people write names into them.
async fn note_rows(conn: &mut Conn, console: &Console, person: &ContactDetails) -> Result<Vec<NoteRow>, DbError> {
    if console.hides_people() {
        return Ok(Vec::new());
    }
    let notes = notes::of_person(conn, person.id).await?;
    let rows = notes.into_iter().map(|note| {
        Ok(NoteRow {
            delete: format!("/organizer/notes/{}/delete", list::shown_id(&note.public_id)?),
            at: console.stored_moment(note.created_at)?,
            author: note.author,
            body: note.body,
        })
    });
    rows.collect()
}

async fn mails(conn: &mut Conn, console: &Console, person: &ContactDetails) -> Result<Vec<MailRow>, DbError> {
    let filter = Filter {
        recipient: Some(EmailAddress::parse(&person.email).map_err(DbError::stored)?),
        ..Filter::default()
    };
    let rows = outbox::list(conn, &filter, MAILS).await?;
    rows.iter().map(|row| MailRow::of(row, console)).collect()
}
