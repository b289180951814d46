//! Moving one seat to another session of its webcast: choose, look at what its holder is told, then do it.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use jiff::Timestamp;

use super::seat;
use crate::console::review::{self, Review};
use crate::console::{Console, ConsoleFrame, MenuEntry, list, words};
use crate::framed;
use crate::organizers::SignedIn;
use crate::values::{HourCycle, PublicId};
use crate::web::layout::{Field, Layout, Mistake, When, mistakes};
use crate::web::{Answer, Form, WebError, ok, page as answer, time};
use crate::webcasts::change::organizing::SeatWish;
use crate::webcasts::mails::preview_of_move;
use crate::webcasts::{RegistrationState, Seat, Session, SessionState, store};

#[derive(Template)]
#[template(path = "console/webcasts/move.html")]
struct MovePage {
    layout: Layout,
    frame: ConsoleFrame,
    name: String,
    from: When,
    action: String,
    back: String,
    session: Field,
    choices: Vec<MoveChoice>,
    mistakes: Vec<Mistake>,
}

framed!(MovePage);

/// A session that the seat could be in.
struct MoveChoice {
    id: String,
    start: When,
    zone: String,
    /// "28 registered, 4 places left"
    note: String,
    chosen: bool,
    selectable: bool,
}

/// `GET /organizer/registrations/{id}/move`
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    let (seat, back) = movable(&console, &raw).await?;
    ok(&draw(&console, &seat, back, Field::default()).await?)
}

/// `POST /organizer/registrations/{id}/move/review`: what its holder reads before they do.
pub(super) async fn review(console: Console, raw: Path<String>, form: Form) -> Answer {
    let (seat, back) = movable(&console, &raw).await?;
    let sessions = others(&console, &seat).await?;
    let wanted = PublicId::parse(form.text("session"));
    let now = console.state.clock.now();
    let Some(to) = sessions.iter().find(|session| Some(session.public_id) == wanted) else {
        return refuse(&console, &seat, back, &form, "Choose a session.").await;
    };
    if !has_place(to, now) {
        return refuse(
            &console,
            &seat,
            back,
            &form,
            "No place is left there. Choose another session.",
        )
        .await;
    }
    let name = console.name(seat.name.whole());
    let start = time::in_sentence(to.starts_at, &to.zone, HourCycle::H23).text;
    let (layout, frame) = console.page(MenuEntry::People, "Move to another session");
    let frame = frame
        .below("/organizer/people", "People")
        .below(back.clone(), name.clone());
    let zone = time::zone_in_words(to.starts_at, &to.zone);
    let review = Review {
        what: format!("{name} moves to {start}, {zone}: {}.", seat.title),
        who: vec![name.clone()],
        count: Console::people(1),
        when: "One minute after you press the button. Until then it can be undone without a word.",
        mail: preview_of_move(&console.state, &seat, to).into(),
        action: format!("/organizer/registrations/{}/move/send", seat.public_id),
        hidden: vec![
            ("session".to_owned(), to.public_id.to_string()),
            ("from".to_owned(), seat.session.public_id.to_string()),
        ],
        button: format!("Move and tell {name}"),
        back: format!("/organizer/registrations/{}/move", seat.public_id),
    };
    review::page((layout, frame), review)
}

/// `POST /organizer/registrations/{id}/move/send`
pub(super) async fn send(console: Console, who: SignedIn, raw: Path<String>, form: Form) -> Answer {
    let id = list::id(&raw)?;
    let (_, page) = seat::find(&console.state, id).await?;
    let wish = SeatWish::Move {
        seat: id,
        from: list::id(form.text("from"))?,
        to: list::id(form.text("session"))?,
    };
    seat::change(&console.state, who, &page, wish).await
}

/// A seat that can be moved, and its holder's page.
async fn movable(console: &Console, raw: &str) -> Result<(Seat, String), WebError> {
    let (seat, back) = seat::find(&console.state, list::id(raw)?).await?;
    if seat.state == RegistrationState::Registered && !seat.is_replay {
        Ok((seat, back))
    } else {
        Err(WebError::Unprocessable(
            "Only somebody who is registered can be moved to another session. Go back to their page to see how it stands."
                .to_owned(),
        ))
    }
}

/// The other sessions of its webcast that are ahead.
async fn others(console: &Console, seat: &Seat) -> Result<Vec<Session>, WebError> {
    let now = console.state.clock.now();
    let all = store::sessions_of(&mut console.state.db.read().await?, seat.webcast_id).await?;
    let is_other = |session: &Session| {
        session.id != seat.session.id && session.ends_at > now && session.state != SessionState::Cancelled
    };
    Ok(all.into_iter().filter(is_other).collect())
}

fn has_place(session: &Session, now: Timestamp) -> bool {
    session.ends_at > now && session.seats_left() != Some(0)
}

async fn refuse(console: &Console, seat: &Seat, back: String, form: &Form, problem: &str) -> Answer {
    let field = Field {
        error: Some(problem.to_owned()),
        ..Field::of(form.text("session"))
    };
    let drawn = draw(console, seat, back, field).await?;
    answer(StatusCode::UNPROCESSABLE_ENTITY, &drawn)
}

async fn draw(console: &Console, seat: &Seat, back: String, session: Field) -> Result<MovePage, WebError> {
    let now = console.state.clock.now();
    let choices = others(console, seat).await?;
    let name = console.name(seat.name.whole());
    let (layout, frame) = console.page(MenuEntry::People, "Move to another session");
    Ok(MovePage {
        layout,
        frame: frame
            .below("/organizer/people", "People")
            .below(back.clone(), name.clone()),
        name,
        from: time::in_sentence(seat.session.starts_at, &seat.session.zone, HourCycle::H23),
        action: format!("/organizer/registrations/{}/move/review", seat.public_id),
        back,
        choices: choices
            .iter()
            .map(|choice| MoveChoice {
                id: choice.public_id.to_string(),
                start: time::in_sentence(choice.starts_at, &choice.zone, HourCycle::H23),
                zone: time::zone_in_words(choice.starts_at, &choice.zone),
                note: note(choice),
                chosen: session.value == choice.public_id.to_string(),
                selectable: has_place(choice, now),
            })
            .collect(),
        mistakes: mistakes(&[("session", &session)]),
        session,
    })
}

fn note(session: &Session) -> String {
    match session.seats_left() {
        None => String::new(),
        Some(0) => "full".to_owned(),
        Some(1) => "1 place left".to_owned(),
        Some(left) => format!("{} places left", words::grouped(left)),
    }
}
