//! The form in which a visitor changes their registration.

use crate::values::{PersonName, PublicId, Zone};
use crate::web::layout::{Field, Mistake, mistakes};
use crate::web::{AppState, Form, WebError};
use crate::webcasts::change::Edit;
use crate::webcasts::pages::webcast::SessionChoice;
use crate::webcasts::{Availability, Seat, Session, store};

#[derive(Default)]
pub(super) struct EditForm {
    pub(super) name: Field,
    pub(super) session: Field,
    /// One entry or none: the choice is left out.
    pub(super) sessions: Vec<SessionChoice>,
    pub(super) time_zone: Field,
    pub(super) zones: Vec<String>,
}

impl EditForm {
    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("session", &self.session),
            ("name", &self.name),
            ("time_zone", &self.time_zone),
        ])
    }

    /// With what is stored.
    pub(super) fn of(seat: &Seat) -> Self {
        Self {
            name: Field::of(seat.name.whole()),
            session: Field::of(seat.session.public_id.to_string()),
            time_zone: Field::of(seat.zone.as_ref().map(Zone::name).unwrap_or_default()),
            ..Self::default()
        }
    }

    /// As it was filled in.
    pub(super) fn typed(form: &Form) -> Self {
        Self {
            name: Field::of(form.text("name")),
            session: Field::of(form.text("session")),
            time_zone: Field::of(form.text("time_zone")),
            ..Self::default()
        }
    }
}

/// What is to change, or the form again with all that is wrong with it.
pub(super) async fn parse(state: &AppState, seat: &Seat, form: &Form) -> Result<Result<Edit, EditForm>, WebError> {
    let name = PersonName::parse(form.text("name"));
    let session = wanted_session(state, seat, form.text("session")).await?;
    let zone = match form.text("time_zone") {
        _ if !form.has("time_zone") => Ok(seat.zone.clone()),
        "" => Ok(None),
        raw => Zone::parse(raw).map(Some),
    };
    match (name, session, zone) {
        (Ok(name), Ok(session), Ok(zone)) => Ok(Ok(Edit {
            name,
            session,
            zone,
            consent: form.is_checked("consent"),
        })),
        (name, session, zone) => {
            let mut mistaken = EditForm::typed(form);
            mistaken.name.error = name.err().map(|problem| problem.to_string());
            mistaken.session.error = session.err().map(str::to_owned);
            mistaken.time_zone.error = zone.err().map(|problem| problem.to_string());
            Ok(Err(mistaken))
        }
    }
}

async fn wanted_session(state: &AppState, seat: &Seat, raw: &str) -> Result<Result<Session, &'static str>, WebError> {
    if raw.is_empty() || raw == seat.session.public_id.to_string() {
        return Ok(Ok(seat.session.clone()));
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
