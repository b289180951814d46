//! The form in which a visitor changes their registration.

use crate::db::{Conn, DbError};
use crate::questions::store::{AnswerOf, KeptAnswer, answers_of, design_of};
use crate::questions::{AskedForm, Design, Filled, FormOwner, FormRefused, as_filled_in};
use crate::values::{PersonName, PublicId, Zone};
use crate::web::layout::{Field, Mistake, mistakes};
use crate::web::{AppState, Form, WebError};
use crate::webcasts::change::Edit;
use crate::webcasts::pages::webcast::SessionChoice;
use crate::webcasts::{Availability, RegistrationState, Seat, Session, store};

/// Why a form is shown again that was read by what is asked no more.
const CHANGED: &str = "The form was changed since you opened this page. Please look through it and save again.";

#[derive(Default)]
pub(super) struct EditForm {
    /// Name, fields of a person, questions.
    pub(super) asked: AskedForm,
    /// What the form asks: see [`Design::version`]. A post that does not name it leaves the answers as they are.
    pub(super) answers: i64,
    pub(super) session: Field,
    /// One entry or none: the choice is left out.
    pub(super) sessions: Vec<SessionChoice>,
    pub(super) time_zone: Field,
    pub(super) zones: Vec<String>,
}

/// What the form asks of this seat, and what was answered.
struct AskedOfSeat {
    design: Design,
    answers: Vec<KeptAnswer>,
}

impl AskedOfSeat {
    async fn of(conn: &mut Conn, seat: &Seat) -> Result<Self, DbError> {
        let version = store::form_version(conn, &seat.slug).await?;
        let design = design_of(conn, FormOwner::Webcast(seat.webcast_id), version.unwrap_or_default()).await?;
        let answers = if design.asks_more() {
            answers_of(conn, AnswerOf::Registration(seat.id)).await?
        } else {
            Vec::new()
        };
        Ok(Self { design, answers })
    }

    /// What was answered, under this name.
    fn kept(&self, seat: &Seat, name: &str) -> Form {
        as_filled_in(&self.design, name, &seat.person, &self.answers)
    }

    fn form(&self, filled: &Form, refused: &FormRefused) -> EditForm {
        EditForm {
            asked: AskedForm::filled(&self.design, filled, refused),
            answers: self.design.version,
            ..EditForm::default()
        }
    }

    /// As it was filled in. What comes without answers leaves those that there are.
    fn typed(&self, seat: &Seat, form: &Form, refused: &FormRefused) -> EditForm {
        let asked = if form.has("answers") {
            self.form(form, refused)
        } else {
            self.form(&self.kept(seat, form.text("name")), refused)
        };
        EditForm {
            session: Field::of(form.text("session")),
            time_zone: Field::of(form.text("time_zone")),
            ..asked
        }
    }
}

impl EditForm {
    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        let session = mistakes(&[("session", &self.session)]);
        let zone = mistakes(&[("time_zone", &self.time_zone)]);
        let asked = self.asked.mistakes(&Field::default());
        session.into_iter().chain(asked).chain(zone).collect()
    }

    /// With what is stored.
    pub(super) async fn of(conn: &mut Conn, seat: &Seat) -> Result<Self, DbError> {
        let standing = AskedOfSeat::of(conn, seat).await?;
        let kept = standing.kept(seat, seat.name.whole());
        Ok(Self {
            session: Field::of(seat.session.public_id.to_string()),
            time_zone: Field::of(seat.zone.as_ref().map(Zone::name).unwrap_or_default()),
            ..standing.form(&kept, &FormRefused::default())
        })
    }

    /// As it was filled in, with why it is to be sent again.
    pub(super) async fn again(conn: &mut Conn, seat: &Seat, form: &Form, why: &str) -> Result<Self, DbError> {
        let standing = AskedOfSeat::of(conn, seat).await?;
        let mut typed = standing.typed(seat, form, &FormRefused::default());
        typed.session.error = Some(why.to_owned());
        Ok(typed)
    }

    /// The same, where it was read by what is asked no more.
    pub(super) async fn changed(conn: &mut Conn, seat: &Seat, form: &Form) -> Result<Self, DbError> {
        Self::again(conn, seat, form, CHANGED).await
    }
}

/// What is to change, or the form again with all that is wrong with it.
pub(super) async fn parse(state: &AppState, seat: &Seat, form: &Form) -> Result<Result<Edit, EditForm>, WebError> {
    let standing = AskedOfSeat::of(&mut state.db.read().await?, seat).await?;
    let asked = read_asked(&standing, seat, form);
    let session = wanted_session(state, seat, form.text("session")).await?;
    let zone = match form.text("time_zone") {
        _ if !form.has("time_zone") => Ok(seat.zone.clone()),
        "" => Ok(None),
        raw => Zone::parse(raw).map(Some),
    };
    let is_old = form.has("answers") && form.text("answers") != standing.design.version.to_string();
    let session = if is_old { Err(CHANGED) } else { session };
    match (asked, session, zone) {
        (Ok((name, filled)), Ok(session), Ok(zone)) => Ok(Ok(Edit {
            name,
            filled,
            session,
            zone,
            consent: form.is_checked("consent"),
        })),
        (asked, session, zone) => {
            let mut mistaken = standing.typed(seat, form, &asked.err().unwrap_or_default());
            mistaken.session.error = session.err().map(str::to_owned);
            mistaken.time_zone.error = zone.err().map(|problem| problem.to_string());
            Ok(Err(mistaken))
        }
    }
}

/// The button that applies what a later post said brings a name alone: the answers stay as they are.
fn read_asked(standing: &AskedOfSeat, seat: &Seat, form: &Form) -> Result<(PersonName, Option<Filled>), FormRefused> {
    if form.has("answers") {
        let (name, mut filled) = standing.design.read(form)?;
        standing.design.keep_unasked(
            &mut filled,
            &standing.answers,
            &seat.person,
            name.as_str() == seat.name.whole(),
        );
        return Ok((name, Some(filled)));
    }
    let name = PersonName::parse(form.text("name"));
    name.map(|name| (name, None)).map_err(|problem| FormRefused {
        problems: vec![("name".to_owned(), problem.to_string())],
        ..FormRefused::default()
    })
}

async fn wanted_session(state: &AppState, seat: &Seat, raw: &str) -> Result<Result<Session, &'static str>, WebError> {
    if raw.is_empty() || raw == seat.session.public_id.to_string() {
        return Ok(Ok(seat.session.clone()));
    }
    // Whoever waits has a turn in one session, and would begin anew in another one.
    if seat.state != RegistrationState::Registered {
        return Ok(Err(
            "Take your request back first, then register for the other session.",
        ));
    }
    let Some(id) = PublicId::parse(raw) else {
        return Ok(Err("Choose one of the sessions."));
    };
    let session = store::session_by_public_id(&mut state.db.read().await?, id).await?;
    let Some(session) = session.filter(|session| session.webcast_id == seat.webcast_id) else {
        return Ok(Err("Choose one of the sessions."));
    };
    Ok(match session.availability(state.clock.now()) {
        Availability::Open => Ok(session),
        Availability::Full => Err("This session is full. Choose another one."),
        Availability::Early => Err("Registration for this session is not open yet. Choose another one."),
        _ => Err("This session takes no registrations any more. Choose another one."),
    })
}
