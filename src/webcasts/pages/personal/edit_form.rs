//! The form in which a visitor changes their registration.

use crate::db::{Conn, DbError};
use crate::questions::store::{AnswerOf, answers_of, design_of};
use crate::questions::{AskedForm, Design, Filled, FormOwner, FormRefused, as_filled_in};
use crate::values::{PersonName, PublicId, Zone};
use crate::web::layout::{Field, Mistake, mistakes};
use crate::web::{AppState, Form, WebError};
use crate::webcasts::change::Edit;
use crate::webcasts::pages::webcast::SessionChoice;
use crate::webcasts::{Availability, RegistrationState, Seat, Session, store};

#[derive(Default)]
pub(super) struct EditForm {
    /// Name, fields of a person, questions.
    pub(super) asked: AskedForm,
    pub(super) session: Field,
    /// One entry or none: the choice is left out.
    pub(super) sessions: Vec<SessionChoice>,
    pub(super) time_zone: Field,
    pub(super) zones: Vec<String>,
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
        let design = design_for(conn, seat).await?;
        let answers = if design.asks_more() {
            answers_of(conn, AnswerOf::Registration(seat.id)).await?
        } else {
            Vec::new()
        };
        let kept = as_filled_in(&design, seat.name.whole(), &seat.person, &answers);
        Ok(Self {
            asked: AskedForm::filled(&design, &kept, &FormRefused::default()),
            session: Field::of(seat.session.public_id.to_string()),
            time_zone: Field::of(seat.zone.as_ref().map(Zone::name).unwrap_or_default()),
            ..Self::default()
        })
    }

    /// As it was filled in.
    fn typed(design: &Design, form: &Form, refused: &FormRefused) -> Self {
        Self {
            asked: AskedForm::filled(design, form, refused),
            session: Field::of(form.text("session")),
            time_zone: Field::of(form.text("time_zone")),
            ..Self::default()
        }
    }

    /// As it was filled in, for a session that takes nobody any more.
    pub(super) async fn refused_session(conn: &mut Conn, seat: &Seat, form: &Form) -> Result<Self, DbError> {
        let mut typed = Self::typed(&design_for(conn, seat).await?, form, &FormRefused::default());
        typed.session.error = Some("This session is full by now. Choose another one.".to_owned());
        Ok(typed)
    }
}

async fn design_for(conn: &mut Conn, seat: &Seat) -> Result<Design, DbError> {
    let version = store::form_version(conn, &seat.slug).await?;
    design_of(conn, FormOwner::Webcast(seat.webcast_id), version.unwrap_or_default()).await
}

/// What is to change, or the form again with all that is wrong with it.
pub(super) async fn parse(state: &AppState, seat: &Seat, form: &Form) -> Result<Result<Edit, EditForm>, WebError> {
    let design = design_for(&mut state.db.read().await?, seat).await?;
    let asked = read_asked(&design, form);
    let session = wanted_session(state, seat, form.text("session")).await?;
    let zone = match form.text("time_zone") {
        _ if !form.has("time_zone") => Ok(seat.zone.clone()),
        "" => Ok(None),
        raw => Zone::parse(raw).map(Some),
    };
    match (asked, session, zone) {
        (Ok((name, filled)), Ok(session), Ok(zone)) => Ok(Ok(Edit {
            name,
            filled,
            session,
            zone,
            consent: form.is_checked("consent"),
        })),
        (asked, session, zone) => {
            let mut mistaken = EditForm::typed(&design, form, &asked.err().unwrap_or_default());
            mistaken.session.error = session.err().map(str::to_owned);
            mistaken.time_zone.error = zone.err().map(|problem| problem.to_string());
            Ok(Err(mistaken))
        }
    }
}

/// The button that applies what a later post said brings a name alone: the answers stay as they are.
fn read_asked(design: &Design, form: &Form) -> Result<(PersonName, Option<Filled>), FormRefused> {
    if form.has("answers") {
        return design.read(form).map(|(name, filled)| (name, Some(filled)));
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
