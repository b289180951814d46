//! `/organizer/webcasts/{slug}/sessions/{id}/decide`: some of those who ask or wait for a place are accepted, or not. They
//! are told, so it is looked at first.

use actix_web::web::Path;

use crate::console::preview::MailPreview;
use crate::console::review::{self, Review};
use crate::console::{Console, MenuEntry, list};
use crate::db::Conn;
use crate::values::PublicId;
use crate::web::layout::When;
use crate::web::{Answer, Form, WebError, see_other};
use crate::webcasts::change::organizing::{Decided, Decision, decide};
use crate::webcasts::mails::preview_of_decision;
use crate::webcasts::roster::{self, SeatLine};
use crate::webcasts::{RegistrationState, Seat, Session, store};

/// Before the id in the name of a field.
const SEAT: &str = "seat_";
/// Whom a review names.
const NAMED: usize = 5;
/// What a form of this page says besides.
const ACCEPT: &str = "accept";
const BEYOND: &str = "beyond";

/// So many are decided of at once.
const MOST: i64 = 100;

/// Somebody without a place.
pub(super) struct WaitingRow {
    pub(super) id: String,
    /// Their own page.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) since: When,
}

/// Those of a session who stand so, in the order in which they came.
pub(super) async fn waiting_rows(
    conn: &mut Conn,
    console: &Console,
    session: &Session,
    state: RegistrationState,
) -> Result<Vec<WaitingRow>, WebError> {
    let lines = roster::waiting(conn, session.id, state, MOST).await?;
    let row = |line: SeatLine| {
        Ok(WaitingRow {
            id: list::shown_id(&line.public_id)?,
            path: format!("/organizer/people/{}", list::shown_id(&line.person)?),
            name: console.name(&line.name),
            email: console.address(&line.email),
            since: console.stored_moment(line.created_at)?,
        })
    };
    lines.into_iter().map(row).collect()
}

/// What became of them, as the session's page says it.
pub(super) fn said(what: &str) -> Option<&'static str> {
    match what {
        "accepted" => Some("They have a place now, and are told."),
        "rejected" => Some("They are told that they get no place."),
        "some-wait" => Some("No more places were free: some wait for one, and are told so."),
        "some-meanwhile" => Some("Some of them stood otherwise by now. With them nothing was done."),
        "nobody" => Some("Nobody was chosen."),
        "waits" => Some("It was let through. No place was free, so it waits."),
        _ => None,
    }
}

/// What was chosen, and of whom.
struct Chosen {
    decision: Decision,
    seats: Vec<PublicId>,
}

impl Chosen {
    fn read(form: &Form) -> Result<Self, WebError> {
        let seats = form.names().filter_map(|name| name.strip_prefix(SEAT)).map(list::id);
        Ok(Self {
            decision: match form.text("decision") {
                ACCEPT => Decision::Accept {
                    beyond: form.text(BEYOND) == "yes",
                },
                _ => Decision::Reject,
            },
            seats: seats.collect::<Result<_, _>>()?,
        })
    }
}

/// `POST /organizer/webcasts/{slug}/sessions/{id}/decide`
pub(super) async fn review(console: Console, at: Path<(String, String)>, form: Form) -> Answer {
    let path = format!("/organizer/webcasts/{}/sessions/{}", at.0, list::id(&at.1)?);
    let Chosen { decision, seats } = Chosen::read(&form)?;
    let mut found: Vec<Seat> = Vec::new();
    let conn = &mut console.state.db.read().await?;
    for id in &seats {
        found.extend(store::seat_by_public_id(conn, *id).await?);
    }
    let Some(first) = found.first() else {
        return Ok(see_other(&format!("{path}?saved=nobody#asking-title")));
    };
    let people = Console::people(i64::try_from(found.len()).unwrap_or(i64::MAX));
    let (what, button) = match decision {
        Decision::Accept { beyond } => (
            what_acceptance_means(first, found.len(), beyond),
            format!("Accept and tell {people}"),
        ),
        Decision::Reject => (
            "They get no place.".to_owned(),
            format!("Do not accept, and tell {people}"),
        ),
    };
    let mut hidden: Vec<(String, String)> = seats
        .iter()
        .map(|id| (format!("{SEAT}{id}"), "yes".to_owned()))
        .collect();
    for name in ["decision", BEYOND] {
        hidden.push((name.to_owned(), form.text(name).to_owned()));
    }
    let names = found.iter().take(NAMED).map(|seat| console.name(seat.name.whole()));
    let review = Review {
        what,
        who: names.collect(),
        count: people,
        when: "As soon as you press the button.",
        mail: MailPreview::from(preview_of_decision(&console.state, first, decision == Decision::Reject)),
        action: format!("{path}/decide/send"),
        hidden,
        button,
        back: path,
    };
    let (layout, frame) = console.page(MenuEntry::Webcasts, "Who gets a place");
    review::page((layout, frame.below("/organizer/webcasts", "Webcasts")), review)
}

/// Whether there are places for all of them.
fn what_acceptance_means(first: &Seat, count: usize, beyond: bool) -> String {
    let left = first.session.seats_left().and_then(|left| usize::try_from(left).ok());
    match left {
        Some(left) if left < count && beyond => {
            format!("They get a place, {} more than there are.", count - left)
        }
        Some(0) => "No place is free: they wait for one.".to_owned(),
        Some(left) if left < count => {
            format!("{left} of them get a place. The others wait for one: no more are free.")
        }
        _ => "They get a place.".to_owned(),
    }
}

/// `POST /organizer/webcasts/{slug}/sessions/{id}/decide/send`
pub(super) async fn send(console: Console, at: Path<(String, String)>, form: Form) -> Answer {
    let session = list::id(&at.1)?;
    let Chosen { decision, seats } = Chosen::read(&form)?;
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let (seats, who) = (seats.clone(), who.clone());
        Box::pin(async move { decide(tx, session, &seats, decision, &who, now).await })
    });
    let decided = write.await?;
    console.state.bell.ring();
    let path = format!("/organizer/webcasts/{}/sessions/{session}", at.0);
    Ok(see_other(&format!("{path}?saved={}", done(decided))))
}

fn done(decided: Decided) -> &'static str {
    match decided {
        Decided { meanwhile: 1.., .. } => "some-meanwhile",
        Decided { waiting: 1.., .. } => "some-wait",
        Decided { rejected: 1.., .. } => "rejected",
        _ => "accepted",
    }
}
