//! Any order of posts, cancels, decisions, offers, capacities and hours: counts are what the rows say, nobody is there twice or
//! lost, and who came first is served first.

use std::collections::HashMap;

use commonground::contacts::Origin;
use commonground::values::{EmailAddress, PersonName};
use commonground::webcasts::RegistrationState;
use commonground::webcasts::change;
use commonground::webcasts::register::register;
use commonground::webcasts::store::NewSeat;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::on_both_databases;

const PEOPLE: usize = 9;
const COUNTED_WRONG: &str = "SELECT COUNT(*) FROM sessions s WHERE capacity IS NOT NULL AND seats_taken <>
    (SELECT COUNT(*) FROM registrations r WHERE r.session_id = s.id AND r.state IN ('registered', 'offered'))";

#[derive(Debug, Clone)]
enum Act {
    Post(usize),
    Cancel(usize),
    TakeOffer(usize),
    Again(usize),
    Places(Option<i64>),
    Rule(WaitingList),
    Approval(bool),
    Wait(i64),
    Look,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..PEOPLE).prop_map(Act::Post),
        3 => (0..PEOPLE).prop_map(Act::Cancel),
        3 => (0..PEOPLE).prop_map(Act::TakeOffer),
        1 => (0..PEOPLE).prop_map(Act::Again),
        1 => prop::option::weighted(0.9, 1_i64..6).prop_map(Act::Places),
        1 => prop_oneof![Just(WaitingList::AtOnce), Just(WaitingList::Offer)].prop_map(Act::Rule),
        1 => any::<bool>().prop_map(Act::Approval),
        3 => prop_oneof![Just(1), Just(11), Just(200)].prop_map(Act::Wait),
        3 => Just(Act::Look),
    ]
}

/// What is kept of somebody.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    state: RegistrationState,
    queue: Option<i64>,
    id: i64,
}

/// One course of things, in a session of its own.
struct Course<'v> {
    visit: &'v Visit,
    number: usize,
    session: PublicId,
}

impl Course<'_> {
    fn email(&self, person: usize) -> EmailAddress {
        EmailAddress::parse(&format!("c{}p{person}@example.org", self.number)).unwrap()
    }

    async fn rows(&self) -> HashMap<String, Row> {
        let mut conn = self.visit.running.state.db.read().await.unwrap();
        let rows: Vec<(String, String, Option<i64>, i64)> = on_db!(conn, c => sqlx::query_as(
            "SELECT c.email, r.state, r.queue_at, r.id FROM registrations r JOIN contacts c ON c.id = r.contact_id
               JOIN sessions s ON s.id = r.session_id WHERE s.public_id = $1")
            .bind(self.session.as_bytes().to_vec())
            .fetch_all(c)
            .await)
        .unwrap();
        let count = rows.len();
        let rows: HashMap<String, Row> = rows
            .into_iter()
            .map(|(email, state, queue, id)| {
                let state = RegistrationState::parse(&state).unwrap();
                (email, Row { state, queue, id })
            })
            .collect();
        assert_eq!(rows.len(), count, "nobody is there twice");
        rows
    }

    async fn session(&self) -> Session {
        let mut conn = self.visit.running.state.db.read().await.unwrap();
        webcasts::session_by_public_id(&mut conn, self.session)
            .await
            .unwrap()
            .unwrap()
    }

    async fn seat(&self, person: usize) -> Option<commonground::webcasts::Seat> {
        let id = self.rows().await.get(self.email(person).as_str())?.id;
        let mut conn = self.visit.running.state.db.read().await.unwrap();
        webcasts::seats_by_ids(&mut conn, &[id]).await.unwrap().pop()
    }

    async fn update(&self, change: impl Fn(&mut SessionUpdate)) {
        let session = self.session().await;
        let mut update = SessionUpdate::of(&session);
        change(&mut update);
        let clock = self.visit.clock.clone();
        let write = self.visit.running.state.db.write(move |tx| {
            let (update, clock) = (update.clone(), clock.clone());
            Box::pin(async move {
                let who = commonground::audit::Actor::CommandLine;
                change::change_session(tx, session.public_id, &update, "", who, &clock).await
            })
        });
        write.await.unwrap();
    }

    async fn post(&self, person: usize) {
        let seat = NewSeat {
            slug: Slug::parse("partnering-for-growth").unwrap(),
            session: self.session,
            name: PersonName::parse("Ada").unwrap(),
            email: self.email(person),
            filled: commonground::questions::Filled::default(),
            consent: false,
            agreed_to: commonground::contacts::AgreedTo::default(),
            origin: Origin::default(),
            network: vec![
                u8::try_from(person).unwrap(),
                u8::try_from(self.number % 256).unwrap(),
                7,
            ],
            code: String::new(),
            suspicious: false,
        };
        let now = self.visit.clock.now();
        let write = self.visit.running.state.db.write(move |tx| {
            let seat = seat.clone();
            Box::pin(async move { register(tx, &seat, None, &commonground::app::traces(), now).await })
        });
        write.await.unwrap();
    }

    async fn with_seat(&self, person: usize, act: &Act) {
        let Some(seat) = self.seat(person).await else { return };
        let (now, session, act) = (self.visit.clock.now(), self.session().await, act.clone());
        let write = self.visit.running.state.db.write(move |tx| {
            let (seat, session, act) = (seat.clone(), session.clone(), act.clone());
            Box::pin(async move {
                match act {
                    Act::Cancel(_) => change::cancel(tx, &seat, now).await,
                    Act::TakeOffer(_) => change::take_offer(tx, &seat, now).await.map(drop),
                    _ if seat.state == RegistrationState::Cancelled => {
                        change::take_again(tx, &seat, &session, now).await.map(drop)
                    }
                    _ => Ok(()),
                }
            })
        });
        write.await.unwrap();
    }

    async fn go(&self, act: &Act) {
        match act {
            Act::Post(person) => self.post(*person).await,
            Act::Cancel(person) | Act::TakeOffer(person) | Act::Again(person) => self.with_seat(*person, act).await,
            Act::Places(places) => self.update(|update| update.capacity = *places).await,
            Act::Rule(list) => self.update(|update| update.entry.waiting_list = *list).await,
            Act::Approval(approval) => self.update(|update| update.entry.approval = *approval).await,
            Act::Wait(minutes) => self.visit.clock.advance(SignedDuration::from_mins(*minutes)),
            Act::Look => commonground::app::give_turns(&self.visit.running.state).await.unwrap(),
        }
    }

    /// Does it, and looks whether all is as it must be.
    async fn step(&self, act: &Act) {
        let before = self.rows().await;
        self.go(act).await;
        let (after, session) = (self.rows().await, self.session().await);
        let has_place = |row: &&Row| row.state.takes_a_place();
        let taken = i64::try_from(after.values().filter(has_place).count()).unwrap();
        if let Some(capacity) = session.capacity {
            assert_eq!(session.seats_taken, taken, "{act:?}: {after:?}");
            let was = i64::try_from(before.values().filter(has_place).count()).unwrap();
            assert!(
                taken <= capacity.max(was),
                "{act:?}: more than there are places: {after:?}"
            );
        }
        // The clock is everybody's: offers of earlier courses end too.
        assert_eq!(self.visit.count(COUNTED_WRONG).await, 0, "{act:?}");
        for (email, row) in &before {
            let now = after.get(email).unwrap_or_else(|| panic!("{act:?}: {email} is lost"));
            let own = matches!(act, Act::Cancel(person) if self.email(*person).as_str() == email);
            let ended = now.state == RegistrationState::Cancelled && row.state != RegistrationState::Cancelled;
            let lapsed = row.state == RegistrationState::Offered;
            assert!(!ended || own || lapsed, "{act:?}: {email} ended by itself");
        }
        // Nobody who waits on was before somebody who waited too, and has a place now.
        let waits = |rows: &HashMap<String, Row>, email: &str| {
            let row = rows.get(email)?;
            (row.state == RegistrationState::Waitlisted).then_some((row.queue, row.id))
        };
        let served = before.keys().filter_map(|email| {
            let place = waits(&before, email)?;
            after.get(email)?.state.takes_a_place().then_some(place)
        });
        let last_served = served.max();
        let first_left = before
            .keys()
            .filter_map(|email| waits(&before, email).and(waits(&after, email)))
            .min();
        if let (Some(served), Some(left)) = (last_served, first_left) {
            assert!(served < left, "{act:?}: {before:?} then {after:?}");
        }
        if matches!(act, Act::Look) && session.starts_at > self.visit.clock.now() {
            let mut conn = self.visit.running.state.db.read().await.unwrap();
            let lately = webcasts::freed_since(
                &mut conn,
                session.id,
                self.visit.clock.now() - SignedDuration::from_mins(10),
            );
            let free = session.seats_left().unwrap_or(i64::MAX) - lately.await.unwrap();
            let waiting = after.keys().any(|email| waits(&after, email).is_some());
            assert!(
                !waiting || free <= 0,
                "{free} places are free, and somebody waits: {after:?}"
            );
        }
    }
}

on_both_databases! {
    async fn any_order_of_things_leaves_counts_equal_to_rows(test: TestDb) {
        let visit = Visit::start(&test).await;
        let mut runner = TestRunner::deterministic();
        let courses = if test.url.starts_with("postgres") { 8 } else { 40 };
        for number in 0..courses {
            let acts = prop::collection::vec(act(), 45).new_tree(&mut runner).unwrap().current();
            let session = visit.add_session(Some(2)).await;
            let course = Course { visit: &visit, number, session };
            course.update(|update| {
                update.entry.waiting_list = WaitingList::AtOnce;
                update.entry.offer_minutes = 150;
                update.starts_at += SignedDuration::from_hours(24 * 365);
                update.ends_at += SignedDuration::from_hours(24 * 365);
            }).await;
            for act in &acts {
                course.step(act).await;
            }
        }
        // All that there is has happened on the way.
        for ended in ["SELECT COUNT(*) FROM registrations WHERE cancel_reason = 'offer expired'", "SELECT COUNT(*) FROM registrations WHERE cancel_reason = 'stopped waiting'", "SELECT COUNT(*) FROM registrations WHERE state = 'pending'"] {
            assert!(visit.count(ended).await > 0, "{ended}");
        }
        visit.end().await;
    }
}
