//! `/organizer/start`: the first steps, until they are done or put away. The program finds out by itself what it can.

use actix_web::web::Query;
use askama::Template;
use jiff::Timestamp;

use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry, words};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::mail::outbox::{self, MailState};
use crate::organizers::acts::Act;
use crate::organizers::first_run::{self, FirstRunNote};
use crate::organizers::mails::TEST_MAIL;
use crate::web::layout::Layout;
use crate::web::{Answer, AppState, ok, see_other};
use crate::webcasts::pages::next_session;
use crate::webcasts::roster;

const PATH: &str = "/organizer/start";

/// What the last act did.
const DONE: [(&str, &str); 3] = [
    ("sent", "The test mail is on its way to you."),
    (
        "often",
        "Three test mails went to you within a day. Look for them in the folder for spam, too.",
    ),
    ("arrived", "Good. Mails to visitors go the same way."),
];

/// How far the first steps are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FirstSteps {
    /// A mail server and a sender are set.
    has_sender: bool,
    /// Somebody said that the test mail arrived.
    mail_arrived: bool,
    /// The page of a webcast that everybody sees, with a session ahead.
    webcast: Option<String>,
    /// An organizer was registered.
    was_tried: bool,
}

impl FirstSteps {
    /// `None`: they are put away.
    pub(super) async fn find(conn: &mut Conn, state: &AppState, now: Timestamp) -> Result<Option<Self>, DbError> {
        if first_run::is_noted(conn, FirstRunNote::PutAway).await? {
            return Ok(None);
        }
        Self::look(conn, state, now).await.map(Some)
    }

    async fn look(conn: &mut Conn, state: &AppState, now: Timestamp) -> Result<Self, DbError> {
        Ok(Self {
            has_sender: state.sends_mail(),
            mail_arrived: first_run::is_noted(conn, FirstRunNote::MailArrived).await?,
            webcast: next_session(conn, now)
                .await?
                .map(|(webcast, _)| format!("/webcasts/{}", webcast.slug)),
            was_tried: roster::was_tried(conn).await?,
        })
    }

    fn is_mail_done(&self) -> bool {
        self.has_sender && self.mail_arrived
    }

    /// How many are done, of how many.
    pub(super) fn done(&self) -> (usize, usize) {
        let steps = [self.is_mail_done(), self.webcast.is_some(), self.was_tried];
        (steps.iter().filter(|is_done| **is_done).count(), steps.len())
    }
}

#[derive(Template)]
#[template(path = "console/start.html")]
struct FirstStepsPage {
    layout: Layout,
    frame: ConsoleFrame,
    steps: FirstSteps,
    done: usize,
    of: usize,
    /// What became of the last test mail, in words.
    test_mail: Option<String>,
    /// The relay has it.
    was_sent: bool,
    my_address: String,
    may_act: bool,
}

framed!(FirstStepsPage);

/// `GET /organizer/start`
pub(super) async fn page(console: Console, said: Query<Done>) -> Answer {
    let now = console.state.clock.now();
    let conn = &mut console.state.db.read().await?;
    let steps = FirstSteps::look(conn, &console.state, now).await?;
    let last = outbox::about(conn, &[TEST_MAIL], console.who.id)
        .await?
        .into_iter()
        .next();
    let (layout, frame) = console.page(MenuEntry::Home, "First steps");
    let (done, of) = steps.done();
    ok(&FirstStepsPage {
        layout,
        frame: frame.with(said.said(&DONE)),
        steps,
        done,
        of,
        was_sent: last.as_ref().is_some_and(|mail| mail.state == MailState::Sent),
        test_mail: last.map(|mail| match mail.reply() {
            reply if mail.state == MailState::Sent || reply.is_empty() => words::mail_state(mail.state).to_owned(),
            reply => format!("{}: {reply}", words::mail_state(mail.state)),
        }),
        my_address: console.who.email.to_string(),
        may_act: console.may(Act::HandleMail),
    })
}

/// `POST /organizer/start/test-mail`
pub(super) async fn send_test(console: Console) -> Answer {
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let who = who.clone();
        Box::pin(async move { first_run::send_test(tx, &who, now).await })
    });
    let said = if write.await? { "sent" } else { "often" };
    console.state.bell.ring();
    Ok(see_other(&format!("{PATH}?done={said}")))
}

/// `POST /organizer/start/arrived`
pub(super) async fn arrived(console: Console) -> Answer {
    note(&console, FirstRunNote::MailArrived).await?;
    Ok(see_other(&format!("{PATH}?done=arrived")))
}

/// `POST /organizer/start/put-away`
pub(super) async fn put_away(console: Console) -> Answer {
    note(&console, FirstRunNote::PutAway).await?;
    Ok(see_other("/organizer"))
}

async fn note(console: &Console, what: FirstRunNote) -> Result<(), DbError> {
    let write = console
        .state
        .db
        .write(move |tx| Box::pin(async move { first_run::note(tx, what).await }));
    write.await
}
