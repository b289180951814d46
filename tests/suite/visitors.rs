//! What visitors do, through HTTP and by mail, on both databases.

mod forms;
mod guests;
mod http;
mod limits;
mod mails;
mod pages;
mod places;
mod postfix;
mod privacy;
mod registering;
mod replays;
mod requesting;
mod seats;
mod sharing;
mod snapshots;
mod turns;
mod waiting;
mod words;

use commonground::mail::catcher::CaughtMail;
use commonground::on_db;
use commonground::values::{PublicId, Slug};
use commonground::webcasts::change::SessionUpdate;
use commonground::webcasts::entry::{EntryRule, WaitingList};
use commonground::webcasts::store as webcasts;
use commonground::webcasts::text::WebcastText;
use commonground::webcasts::{Session, SessionState, WebcastState};
use jiff::SignedDuration;
use reqwest::StatusCode;

use crate::support::db::TestDb;
use crate::support::visit::{NOW, Visit, link, location};

const WEBCAST: &str = "/webcasts/partnering-for-growth";
const PAPER: &str = "/whitepapers/creating-effective-strategic-partnerships";

impl Visit {
    /// Registers, and expects the page of thanks.
    pub async fn register(&self, name: &str, email: &str, session: &str) {
        let answer = self
            .post(
                &format!("{WEBCAST}/register"),
                &[("name", name), ("email", email), ("session", session)],
            )
            .await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert!(location(&answer).starts_with(&format!("{WEBCAST}/thanks?session=")));
    }

    /// Asks for the paper, and expects the page of thanks.
    async fn request(&self, name: &str, email: &str) {
        let answer = self
            .post(&format!("{PAPER}/request"), &[("name", name), ("email", email)])
            .await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert!(location(&answer).starts_with(&format!("{PAPER}/thanks#")));
    }

    /// The sample's upcoming session.
    async fn upcoming(&self) -> Session {
        let mut conn = self.running.state.db.read().await.unwrap();
        webcasts::sessions_around(&mut conn, jiff::Timestamp::UNIX_EPOCH, 0)
            .await
            .unwrap()
            .pop()
            .unwrap()
    }

    pub async fn session_id(&self) -> String {
        self.upcoming().await.public_id.to_string()
    }

    /// Changes the upcoming session, as an organizer would, without telling anybody.
    async fn change(&self, change: impl Fn(&mut SessionUpdate)) {
        let session = self.upcoming().await;
        let mut update = SessionUpdate::of(&session);
        change(&mut update);
        let write = self.running.state.db.write(move |tx| {
            let update = update.clone();
            Box::pin(async move { webcasts::update_session(tx, session.id, &update, false, NOW).await })
        });
        write.await.unwrap();
    }

    /// A second session of the sample webcast, a week after the first.
    async fn add_session(&self, capacity: Option<i64>) -> PublicId {
        let first = self.upcoming().await;
        let write = self.running.state.db.write(move |tx| {
            let first = first.clone();
            Box::pin(async move {
                let new = webcasts::NewSession {
                    webcast_id: first.webcast_id,
                    starts_at: first.starts_at + SignedDuration::from_hours(7 * 24),
                    ends_at: first.ends_at + SignedDuration::from_hours(7 * 24),
                    zone: &first.zone,
                    join_url: None,
                    capacity,
                    entry: EntryRule::default(),
                    airing: None,
                };
                webcasts::insert_session(tx, &new, NOW).await
            })
        });
        write.await.unwrap()
    }

    /// A session of another webcast.
    async fn foreign_session(&self) -> PublicId {
        let first = self.upcoming().await;
        let write = self.running.state.db.write(move |tx| {
            let first = first.clone();
            Box::pin(async move {
                let slug = Slug::parse("another").unwrap();
                let text = WebcastText {
                    title: "Another".to_owned(),
                    ..WebcastText::default()
                };
                let webcast = webcasts::NewWebcast {
                    slug: &slug,
                    text: &text,
                    state: WebcastState::Published,
                };
                let new = webcasts::NewSession {
                    webcast_id: webcasts::insert_webcast(tx, &webcast, NOW).await?.unwrap(),
                    starts_at: first.starts_at,
                    ends_at: first.ends_at,
                    zone: &first.zone,
                    join_url: None,
                    capacity: None,
                    entry: EntryRule::default(),
                    airing: None,
                };
                webcasts::insert_session(tx, &new, NOW).await
            })
        });
        write.await.unwrap()
    }
}

fn closed(update: &mut SessionUpdate) {
    update.state = SessionState::Closed;
}
