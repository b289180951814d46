//! Accounts, sign-ins and the set-up link, on both databases.

use commonground::audit::{self, Actor, Entry};
use commonground::db::{Db, DbError, Tx};
use commonground::on_db;
use commonground::organizers::store::{self, Account, AccountChange, NewOrganizer, NewSignIn, SetUp};
use commonground::organizers::{ABSOLUTE_LIMIT, IDLE_LIMIT, Organizer, Role, SETUP_LIMIT};
use commonground::values::{EmailAddress, Label, SecretToken};
use futures_util::future::{BoxFuture, join_all};
use jiff::{SignedDuration, Timestamp};

use crate::on_both_databases;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn new(email: &str, role: Role) -> NewOrganizer {
    NewOrganizer {
        email: EmailAddress::parse(email).unwrap(),
        name: Label::parse("Olga Owner").unwrap(),
        role,
        password_hash: "a hash".to_owned(),
    }
}

async fn create(db: &Db, email: &str, role: Role) -> Option<Organizer> {
    let new = new(email, role);
    db.write(move |tx| {
        let new = new.clone();
        Box::pin(async move { store::create(tx, &new, NOW).await })
    })
    .await
    .unwrap()
}

async fn find(db: &Db, email: &str) -> Account {
    let email = EmailAddress::parse(email).unwrap();
    store::find(&mut db.read().await.unwrap(), &email)
        .await
        .unwrap()
        .unwrap()
}

/// Signs in and gives the cookie's token.
async fn sign_in(db: &Db, account: &Account, at: Timestamp) -> Option<SecretToken> {
    let token = SecretToken::random();
    let new = NewSignIn {
        token_hash: token.hash(),
        ..NewSignIn::default()
    };
    let account = account.clone();
    let done = db
        .write(move |tx| {
            let (account, new) = (account.clone(), new.clone());
            Box::pin(async move { store::sign_in(tx, &account, &new, at).await })
        })
        .await
        .unwrap();
    done.then_some(token)
}

async fn is_signed_in(db: &Db, token: &SecretToken, at: Timestamp) -> bool {
    let found = store::who_is(&mut db.read().await.unwrap(), &token.hash(), at).await;
    found.unwrap().is_some()
}

async fn put_link(db: &Db, token: &SecretToken, only_if_none: bool, at: Timestamp) -> bool {
    let hash = token.hash();
    db.write(move |tx| {
        let hash = hash.clone();
        Box::pin(async move { store::put_setup_link(tx, &hash, only_if_none, at).await })
    })
    .await
    .unwrap()
}

fn set_up(
    token: &SecretToken,
    email: &str,
    at: Timestamp,
) -> impl for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<SetUp, DbError>> + Send + Sync + 'static + use<> {
    let (hash, new) = (token.hash(), new(email, Role::Owner));
    move |tx| {
        let (hash, new) = (hash.clone(), new.clone());
        Box::pin(async move { store::set_up(tx, &hash, &new, at).await })
    }
}

on_both_databases! {
    async fn an_address_has_one_account(test: TestDb) {
        let db = &test.db;
        let made = create(db, "Olga@Example.org", Role::Owner).await.unwrap();
        assert_eq!(create(db, "olga@example.ORG", Role::Viewer).await, None);
        let found = find(db, "OLGA@example.org").await;
        assert_eq!(found.organizer, made);
        assert_eq!(found.organizer.role, Role::Owner);
        assert!(store::has_owner(&mut db.read().await.unwrap()).await.unwrap());
    }

    async fn a_sign_in_ends_when_idle_or_old(test: TestDb) {
        let db = &test.db;
        create(db, "olga@example.org", Role::Owner).await.unwrap();
        let account = find(db, "olga@example.org").await;
        let token = sign_in(db, &account, NOW).await.unwrap();
        let second = SignedDuration::from_secs(1);
        assert!(is_signed_in(db, &token, NOW + IDLE_LIMIT - second).await);
        assert!(!is_signed_in(db, &token, NOW + IDLE_LIMIT).await);
        assert!(!is_signed_in(db, &SecretToken::random(), NOW).await);
        // In use all the time, it still ends at last.
        let id = store::who_is(&mut db.read().await.unwrap(), &token.hash(), NOW).await.unwrap().unwrap().id;
        let late = NOW + ABSOLUTE_LIMIT - second;
        db.write(move |tx| Box::pin(async move { store::seen(tx, id, late).await })).await.unwrap();
        assert!(is_signed_in(db, &token, late).await);
        assert!(!is_signed_in(db, &token, NOW + ABSOLUTE_LIMIT).await);
    }

    async fn signing_out_ends_one_sign_in_and_a_new_password_all(test: TestDb) {
        let db = &test.db;
        let olga = create(db, "olga@example.org", Role::Owner).await.unwrap();
        let account = find(db, "olga@example.org").await;
        let tokens = join_all((0..3).map(|_| sign_in(db, &account, NOW))).await;
        let [one, two, three] = [&tokens[0], &tokens[1], &tokens[2]].map(|t| t.as_ref().unwrap());
        let hash = one.hash();
        db.write(move |tx| { let hash = hash.clone(); Box::pin(async move { store::sign_out(tx, &hash).await }) }).await.unwrap();
        assert!(!is_signed_in(db, one, NOW).await);
        assert!(is_signed_in(db, two, NOW).await);
        db.write(move |tx| Box::pin(async move { store::set_password(tx, olga.id, "another").await })).await.unwrap();
        assert!(!is_signed_in(db, two, NOW).await && !is_signed_in(db, three, NOW).await);
        // Whoever proved the old password a moment ago comes too late.
        assert!(sign_in(db, &account, NOW).await.is_none());
        assert!(sign_in(db, &find(db, "olga@example.org").await, NOW).await.is_some());
    }

    async fn a_new_role_ends_sign_ins_and_the_last_owner_stays(test: TestDb) {
        let db = &test.db;
        let olga = create(db, "olga@example.org", Role::Owner).await.unwrap().id;
        let eve = create(db, "eve@example.org", Role::Editor).await.unwrap().id;
        let token = sign_in(db, &find(db, "eve@example.org").await, NOW).await.unwrap();
        let set = |who: i64, role: Role| db.write(move |tx| Box::pin(async move { store::set_role(tx, who, role).await }));
        assert_eq!(set(olga, Role::Viewer).await.unwrap(), AccountChange::LastOwner);
        assert_eq!(set(eve, Role::Owner).await.unwrap(), AccountChange::Done);
        assert!(!is_signed_in(db, &token, NOW).await);
        let (one, two) = tokio::join!(set(olga, Role::Viewer), set(eve, Role::Viewer));
        let mut outcomes = [one.unwrap(), two.unwrap()];
        outcomes.sort_by_key(|outcome| *outcome as u8);
        assert_eq!(outcomes, [AccountChange::Done, AccountChange::LastOwner]);
        assert_eq!(set(4711, Role::Viewer).await.unwrap(), AccountChange::Unknown);
    }

    async fn who_is_removed_is_gone_and_the_last_owner_stays(test: TestDb) {
        let db = &test.db;
        let olga = create(db, "olga@example.org", Role::Owner).await.unwrap().id;
        let eve = create(db, "eve@example.org", Role::Owner).await.unwrap().id;
        let ben = create(db, "ben@example.org", Role::Viewer).await.unwrap().id;
        let token = sign_in(db, &find(db, "ben@example.org").await, NOW).await.unwrap();
        let remove = |who: i64| db.write(move |tx| Box::pin(async move { store::remove(tx, who).await }));
        assert_eq!(remove(ben).await.unwrap(), AccountChange::Done);
        assert!(!is_signed_in(db, &token, NOW).await);
        assert_eq!(remove(ben).await.unwrap(), AccountChange::Unknown);
        let (one, two) = tokio::join!(remove(olga), remove(eve));
        let mut outcomes = [one.unwrap(), two.unwrap()];
        outcomes.sort_by_key(|outcome| *outcome as u8);
        assert_eq!(outcomes, [AccountChange::Done, AccountChange::LastOwner]);
        let left = store::list(&mut db.read().await.unwrap()).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].role, Role::Owner);
    }

    async fn a_set_up_link_works_once_for_a_day_and_makes_one_owner(test: TestDb) {
        let db = &test.db;
        let (first, second) = (SecretToken::random(), SecretToken::random());
        assert!(put_link(db, &first, true, NOW).await);
        assert!(!put_link(db, &second, true, NOW).await, "there is a valid one");
        assert!(put_link(db, &second, false, NOW).await, "asked for anew");
        let valid = async |token: &SecretToken, at| {
            store::is_setup_link(&mut db.read().await.unwrap(), token, at).await.unwrap()
        };
        assert!(!valid(&first, NOW).await && valid(&second, NOW).await);
        assert!(!valid(&second, NOW + SETUP_LIMIT).await);
        assert!(put_link(db, &first, true, NOW + SETUP_LIMIT).await, "the old one has run out");
        let late = NOW + SETUP_LIMIT;
        create(db, "eve@example.org", Role::Editor).await.unwrap();
        assert_eq!(db.write(set_up(&first, "eve@example.org", late)).await.unwrap(), SetUp::Known);
        assert_eq!(db.write(set_up(&second, "olga@example.org", late)).await.unwrap(), SetUp::Expired);
        let many = join_all((0..8).map(|n| db.write(set_up(&first, &format!("o{n}@example.org"), late)))).await;
        let done = many.iter().filter(|outcome| matches!(outcome, Ok(SetUp::Done(_)))).count();
        assert_eq!(done, 1, "{many:?}");
        assert!(!put_link(db, &second, false, late).await, "there is an owner now");
    }

    async fn the_audit_log_keeps_who_and_what(test: TestDb) {
        let db = &test.db;
        let olga = create(db, "olga@example.org", Role::Owner).await.unwrap();
        for actor in [Actor::from(&olga), Actor::CommandLine, Actor::SetupLink] {
            let entry = Entry { actor, action: "export.attendees", subject: "a-webcast".into(), detail: "3 rows".into() };
            db.write(move |tx| { let entry = entry.clone(); Box::pin(async move { audit::record(tx, &entry, NOW).await }) }).await.unwrap();
        }
        let mut conn = db.read().await.unwrap();
        let actors: Vec<(String, Option<i64>)> = on_db!(conn, c => sqlx::query_as(
            "SELECT actor, organizer_id FROM audit_log ORDER BY id").fetch_all(c).await).unwrap();
        let expected = [("organizer", Some(olga.id)), ("command line", None), ("set-up link", None)];
        assert_eq!(actors, expected.map(|(actor, id)| (actor.to_owned(), id)));
    }
}
