//! The form on a webcast's page: whether it is shown, its fields, the choice of a session.

use std::sync::Arc;

use jiff::Timestamp;

use crate::contacts::pages::address;
use crate::questions::{AskedForm, Design, FormRefused};
use crate::values::HourCycle;
use crate::web::layout::{Field, Mistake, SessionTime, mistakes};
use crate::web::trail::Trail;
use crate::web::{AppState, AskedWording, Form};
use crate::webcasts::pages::{places_note, session_time};
use crate::webcasts::register::Promise;
use crate::webcasts::{Availability, Session};

/// Whether the form is shown, and why not.
pub(super) enum Registering {
    Open(Box<RegisterForm>),
    /// Every session is over, and the recording of one can be asked for.
    Replay(Box<RegisterForm>),
    /// All sessions ahead are full.
    Full,
    /// There are sessions ahead, but registration is closed.
    Closed,
    /// Every session is over.
    PastOnly,
    /// There is no session, nor was there one.
    Undated,
    /// Not yet: from when on, in words.
    Early(String),
}

#[derive(Default)]
pub(super) struct RegisterForm {
    pub(super) email: Field,
    /// Name, fields of a person, questions.
    pub(super) asked: AskedForm,
    /// The code of an invitation, where one is asked for.
    pub(super) code: Field,
    /// The error of the choice; the value is the chosen session's id.
    pub(super) session: Field,
    /// One: hidden field. Several: radio buttons.
    pub(super) sessions: Vec<SessionChoice>,
    pub(super) time_zone: String,
    pub(super) consent: bool,
    pub(super) consent_asked: Arc<AskedWording>,
    /// What its button promises.
    pub(super) promise: Promise,
    /// Where the visitor came from, carried along.
    pub(super) hidden: Vec<(&'static str, String)>,
}

impl RegisterForm {
    /// An empty one.
    pub(super) fn new(state: &AppState, design: &Design, trail: &Trail) -> Self {
        Self {
            asked: AskedForm::empty(design),
            consent_asked: state.consent.now(),
            hidden: trail.fields(),
            ..Self::default()
        }
    }

    /// As it was filled in, with what was refused of it.
    pub(super) fn typed(state: &AppState, design: &Design, form: &Form, refused: &FormRefused) -> Self {
        Self {
            asked: AskedForm::filled(design, form, refused),
            email: address::shown(form, "email"),
            code: Field::of(form.text("code")),
            session: Field::of(form.text("session")),
            time_zone: form.text("time_zone").to_owned(),
            consent: form.is_checked("consent"),
            consent_asked: state.consent.now(),
            hidden: Trail::posted(form).fields(),
            ..Self::default()
        }
    }

    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        let own = mistakes(&[("session", &self.session), ("code", &self.code)]);
        own.into_iter().chain(self.asked.mistakes(&self.email)).collect()
    }
}

impl Registering {
    /// What a page offers whose sessions ahead and behind are these.
    pub(super) fn now(
        ahead: &[&Session],
        over: &[&Session],
        mut form: RegisterForm,
        hours: HourCycle,
        now: Timestamp,
    ) -> Self {
        let offers: Vec<Availability> = ahead.iter().map(|session| session.availability(now)).collect();
        if offers.is_empty()
            && let Some(aired) = newest_replay(over.iter().copied())
        {
            form.sessions = vec![choice(aired, Availability::Open, &form.session.value, true, hours)];
            return Self::Replay(Box::new(form));
        }
        // A form that was filled in comes back whatever happened meanwhile, with what it was refused for.
        let was_posted = !form.mistakes().is_empty();
        if !was_posted && !offers.iter().copied().any(Availability::takes_somebody) {
            return if offers.is_empty() && over.is_empty() {
                Self::Undated
            } else if offers.is_empty() {
                Self::PastOnly
            } else if let Some((session, opens)) = next_opening(ahead, now) {
                Self::Early(super::super::opening(session, opens))
            } else if offers.contains(&Availability::Full) {
                Self::Full
            } else {
                Self::Closed
            };
        }
        let only = offers.iter().filter(|offer| offer.takes_somebody()).count() == 1;
        form.promise = promise(ahead, &offers);
        form.sessions = ahead
            .iter()
            .zip(&offers)
            .map(|(session, offer)| choice(session, *offer, &form.session.value, only, hours))
            .collect();
        Self::Open(Box::new(form))
    }

    /// What was wrong with the form, if there is one.
    pub(super) fn has_mistakes(&self) -> bool {
        match self {
            Self::Open(form) | Self::Replay(form) => !form.mistakes().is_empty(),
            Self::Early(_) | Self::Full | Self::Closed | Self::PastOnly | Self::Undated => false,
        }
    }
}

/// What everybody is promised, whichever session they choose: a place where one of them has any.
fn promise(ahead: &[&Session], offers: &[Availability]) -> Promise {
    let open = |approval: bool| {
        let sessions = ahead.iter().zip(offers);
        sessions
            .filter(|(session, offer)| **offer == Availability::Open && session.entry.approval == approval)
            .count()
    };
    match (open(false), open(true)) {
        (0, 0) => Promise::Turn,
        (0, _) => Promise::Look,
        _ => Promise::Place,
    }
}

/// The session that takes registrations next, and from when.
fn next_opening<'s>(ahead: &[&'s Session], now: Timestamp) -> Option<(&'s Session, Timestamp)> {
    let early = ahead
        .iter()
        .filter(|session| session.availability(now) == Availability::Early);
    early
        .filter_map(|session| Some((*session, session.window.opens_later(now)?)))
        .min_by_key(|(_, opens)| *opens)
}

/// The session aired last of those that can be watched.
pub(super) fn newest_replay<'s>(over: impl Iterator<Item = &'s Session>) -> Option<&'s Session> {
    over.filter(|session| session.replay_url.is_some())
        .max_by_key(|session| session.starts_at)
}

/// A session that can be chosen in a form, or is shown there as taken.
pub(in crate::webcasts::pages) struct SessionChoice {
    pub(in crate::webcasts::pages) id: String,
    pub(in crate::webcasts::pages) time: SessionTime,
    pub(in crate::webcasts::pages) selectable: bool,
    pub(in crate::webcasts::pages) note: Option<String>,
    pub(in crate::webcasts::pages) chosen: bool,
}

pub(in crate::webcasts::pages) fn choice(
    session: &Session,
    offer: Availability,
    chosen: &str,
    only: bool,
    hours: HourCycle,
) -> SessionChoice {
    let id = session.public_id.to_string();
    let selectable = offer.takes_somebody();
    SessionChoice {
        time: session_time(session, hours),
        note: match offer {
            Availability::Full => Some("full".to_owned()),
            Availability::Waiting => Some("full, with a waiting list".to_owned()),
            Availability::Closed => Some("closed".to_owned()),
            _ => places_note(session, offer),
        },
        chosen: id == chosen || (only && selectable && chosen.is_empty()),
        selectable,
        id,
    }
}
