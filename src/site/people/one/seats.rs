//! What a person has with us now: registrations and papers, with what can be done about each.

use jiff::Timestamp;

use crate::console::{Console, list, words};
use crate::db::{Conn, DbError, instant};
use crate::organizers::acts::Act;
use crate::questions::store::{AnswerOf, answers_in_words};
use crate::values::Zone;
use crate::web::layout::{Badge, When};
use crate::web::time;
use crate::webcasts::change::organizing::says_how_it_stands;
use crate::webcasts::console::session_path;
use crate::webcasts::mails::kinds;
use crate::webcasts::roster::PersonsSeat;
use crate::webcasts::{self, RegistrationState, Seat};
use crate::whitepapers;
use crate::whitepapers::roster::PersonsRequest;

/// All of it; the rows as they were read, too, for what happened.
pub(super) struct PersonHas {
    pub(super) seats: Vec<SeatRowOfPerson>,
    pub(super) papers: Vec<PaperRowOfPerson>,
    pub(super) read_seats: Vec<PersonsSeat>,
    pub(super) read_requests: Vec<PersonsRequest>,
}

/// A registration as it stands.
pub(super) struct SeatRowOfPerson {
    /// Its session's page.
    pub(super) path: String,
    pub(super) title: String,
    pub(super) start: When,
    pub(super) zone: String,
    pub(super) state: Badge,
    /// Where its buttons post to.
    pub(super) action: String,
    /// What is sent again: "Send the confirmation again".
    pub(super) again: Option<&'static str>,
    pub(super) can_move: bool,
    pub(super) can_cancel: bool,
    pub(super) can_release: bool,
    /// Questions and answers.
    pub(super) answers: Vec<(String, String)>,
}

/// A paper that was asked for.
pub(super) struct PaperRowOfPerson {
    pub(super) path: String,
    pub(super) title: String,
    pub(super) asked: When,
    pub(super) state: Badge,
    /// Where its button posts to.
    pub(super) action: String,
    pub(super) can_send: bool,
    pub(super) can_release: bool,
    /// Questions and answers.
    pub(super) answers: Vec<(String, String)>,
}

/// Reads it.
pub(super) async fn find(conn: &mut Conn, console: &Console, contact_id: i64) -> Result<PersonHas, DbError> {
    let now = console.state.clock.now();
    let read_seats = webcasts::roster::of_person(conn, contact_id).await?;
    let read_requests = whitepapers::roster::of_person(conn, contact_id).await?;
    let whole = webcasts::store::seats_of_contact(conn, contact_id).await?;
    let mut seats = Vec::with_capacity(read_seats.len());
    for line in &read_seats {
        let seat = whole.iter().find(|seat| seat.public_id.as_bytes() == line.public_id);
        let mut row = seat_row(console, line, seat, now)?;
        row.answers = answers(conn, console, seat.map(|seat| AnswerOf::Registration(seat.id))).await?;
        seats.push(row);
    }
    let mut papers = Vec::with_capacity(read_requests.len());
    for line in &read_requests {
        let mut row = paper_row(console, line)?;
        row.answers = answers(conn, console, Some(AnswerOf::Request(line.id))).await?;
        papers.push(row);
    }
    Ok(PersonHas {
        seats,
        papers,
        read_seats,
        read_requests,
    })
}

/// Those who only look read no answers.
async fn answers(conn: &mut Conn, console: &Console, of: Option<AnswerOf>) -> Result<Vec<(String, String)>, DbError> {
    match of.filter(|_| console.may(Act::ChangePeople)) {
        Some(of) => answers_in_words(conn, of).await,
        None => Ok(Vec::new()),
    }
}

fn seat_row(
    console: &Console,
    line: &PersonsSeat,
    seat: Option<&Seat>,
    now: Timestamp,
) -> Result<SeatRowOfPerson, DbError> {
    let (zone, start) = (Zone::stored(&line.time_zone), instant(line.starts_at)?);
    let may = console.may(Act::ChangeWebcasts);
    let seat = seat.filter(|_| may);
    let is_ahead = seat.is_some_and(|seat| seat.session.ends_at > now);
    let stands = |state| seat.is_some_and(|seat| seat.state == state);
    let has_place = stands(RegistrationState::Registered);
    let waits = [
        RegistrationState::Offered,
        RegistrationState::Waitlisted,
        RegistrationState::Pending,
    ]
    .into_iter()
    .any(stands);
    let is_replay = seat.is_some_and(|seat| seat.is_replay);
    Ok(SeatRowOfPerson {
        path: session_path(&line.slug, &line.session)?,
        title: line.title.clone(),
        start: time::in_table(start, &zone),
        zone: time::zone_in_words(start, &zone),
        state: words::seat_state(&line.state),
        action: format!("/organizer/registrations/{}", list::shown_id(&line.public_id)?),
        again: seat.and_then(|seat| says_how_it_stands(seat, now)).map(again),
        can_move: has_place && is_ahead && !is_replay,
        can_cancel: (has_place && (is_ahead || is_replay)) || stands(RegistrationState::Held) || (waits && is_ahead),
        can_release: stands(RegistrationState::Held),
        answers: Vec::new(),
    })
}

fn again(kind: crate::mail::Kind) -> &'static str {
    if kind == kinds::REPLAY_LINK {
        "Send the link to the recording again"
    } else if kind == kinds::PLACE_HELD {
        "Send the question again"
    } else if kind == kinds::OFFERED {
        "Send the offer again"
    } else if kind == kinds::WAITING || kind == kinds::PENDING {
        "Send again where they stand"
    } else {
        "Send the confirmation again"
    }
}

fn paper_row(console: &Console, line: &PersonsRequest) -> Result<PaperRowOfPerson, DbError> {
    let may = console.may(Act::ChangePapers);
    let is_held = line.state == "held";
    Ok(PaperRowOfPerson {
        path: format!("/organizer/papers?whitepaper={}", line.slug),
        title: line.title.clone(),
        asked: console.stored_moment(line.created_at)?,
        state: words::request_state(&line.state),
        action: format!("/organizer/requests/{}", list::shown_id(&line.public_id)?),
        can_send: may && !is_held,
        can_release: may && is_held,
        answers: Vec::new(),
    })
}
