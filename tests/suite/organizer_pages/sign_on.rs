//! Signing in through an OpenID Connect provider, and what it may say that is not believed.

use serde_json::{Value, json};

use super::*;
use crate::support::provider::{Claims, FakeProvider, SECRET};

const BEGIN: &str = "/organizer/oidc";
const ACCOUNT: &str = "/organizer/settings/account";

struct SignOnSite {
    site: Site,
    provider: FakeProvider,
    _secret: tempfile::TempDir,
}

impl SignOnSite {
    async fn start(test: &TestDb, more: &[(&str, &str)]) -> Self {
        let provider = FakeProvider::start(NOW.as_second());
        let directory = tempfile::TempDir::new().unwrap();
        let file = directory.path().join("secret");
        std::fs::write(&file, format!("{SECRET}\n")).unwrap();
        let mut settings = vec![
            ("oidc_issuer", provider.issuer.as_str()),
            ("oidc_client_id", crate::support::provider::CLIENT),
            ("oidc_client_secret_file", file.to_str().unwrap()),
        ];
        settings.extend_from_slice(more);
        let site = Site::start_with(test, &settings).await;
        site.add("olga@example.org", Role::Owner).await;
        Self {
            site,
            provider,
            _secret: directory,
        }
    }

    async fn invite(&self, email: &str) {
        let olga = Browser::signed_in(&self.site, "olga@example.org").await;
        olga.post(
            "/organizer/settings/team/invitations",
            &[("email", email), ("role", "editor")],
        )
        .await;
    }

    /// Goes there and comes back.
    async fn signs_on(&self, browser: &Browser<'_>, claims: Claims) -> Response {
        let page = location(&browser.get(&format!("{BEGIN}?next=/organizer/people")).await);
        browser.get(&self.provider.approve(&page, claims)).await
    }
}

/// The link to the provider on a page.
fn way(page: &str) -> String {
    let link = page.split("href=\"").find(|part| part.contains("/authorize?")).unwrap();
    link.split('"').next().unwrap().replace("&#38;", "&")
}

fn ben(more: Claims) -> Claims {
    let mut claims = vec![
        ("email", json!("Ben@example.org")),
        ("email_verified", json!(true)),
        ("name", json!("Ben Ünal")),
    ];
    claims.extend(more);
    claims
}

on_both_databases! {
    async fn whoever_is_invited_signs_on_and_is_known_by_the_subject_from_then_on(test: TestDb) {
        let house = SignOnSite::start(&test, &[]).await;
        let site = &house.site;
        let browser = Browser::new(site);
        assert!(browser.page("/organizer/sign-in").await.contains("href=\"/organizer/oidc"), "the way there");
        // Nobody has invited him.
        let unknown = house.signs_on(&browser, ben(vec![])).await;
        assert_eq!(unknown.status(), StatusCode::FORBIDDEN);
        assert!(unknown.text().await.unwrap().contains("Ask an owner to invite you"));
        house.invite("ben@example.org").await;
        // An address that nobody has confirmed, or that is another one, is not his.
        for claims in [ben(vec![("email_verified", json!(false))]), ben(vec![("email_verified", Value::Null)]), ben(vec![("email", json!("eve@example.org"))]), ben(vec![("email", Value::Null)])] {
            assert_eq!(house.signs_on(&browser, claims).await.status(), StatusCode::FORBIDDEN);
        }
        assert_eq!(location(&house.signs_on(&browser, ben(vec![])).await), "/organizer/people");
        assert!(browser.page("/organizer").await.contains("Ben Ünal"));
        assert_eq!(count(site, "account_links").await, 0, "the invitation is used up");
        // From then on the address plays no part.
        let again = Browser::new(site);
        assert_eq!(location(&house.signs_on(&again, vec![("email", json!("other@example.net"))]).await), "/organizer/people");
        // He has no password: none lets anybody in.
        for password in ["", PASSWORD] {
            assert_eq!(Browser::new(site).sign_in("ben@example.org", password).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        }
        let audit = site.audit().await;
        assert!(audit.iter().any(|(action, ..)| action == "organizer.add"), "{audit:?}");
        house.site.running.stop().await;
    }

    async fn what_cannot_be_believed_signs_nobody_in(test: TestDb) {
        let house = SignOnSite::start(&test, &[]).await;
        house.invite("ben@example.org").await;
        let now = NOW.as_second();
        for (claim, lie) in [("iss", json!("https://login.example.net")), ("aud", json!("another")), ("nonce", json!("another")), ("exp", json!(now - 600)), ("iat", json!(now + 600)), ("sub", json!(""))] {
            let browser = Browser::new(&house.site);
            let refused = house.signs_on(&browser, ben(vec![(claim, lie)])).await;
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{claim}");
            assert!(refused.text().await.unwrap().contains("cannot be believed"), "{claim}");
            assert!(location(&browser.get("/organizer").await).starts_with("/organizer/sign-in"));
        }
        // A code is used once; a state that is not this browser's begins nothing.
        let browser = Browser::new(&house.site);
        let page = location(&browser.get(BEGIN).await);
        let back = house.provider.approve(&page, ben(vec![]));
        let stranger = Browser::new(&house.site);
        assert_eq!(stranger.get(&back).await.status(), StatusCode::BAD_REQUEST, "another browser's");
        assert_eq!(browser.get(&back.replace("state=", "state=x")).await.status(), StatusCode::BAD_REQUEST);
        let page = location(&browser.get(BEGIN).await);
        let back = house.provider.approve(&page, ben(vec![]));
        assert_eq!(location(&browser.get(&back).await), "/organizer");
        assert_eq!(browser.get(&back).await.status(), StatusCode::BAD_REQUEST, "used");
        // Ten minutes.
        let page = location(&browser.get(BEGIN).await);
        let back = house.provider.approve(&page, ben(vec![]));
        house.site.clock.advance(SignedDuration::from_mins(11));
        assert_eq!(browser.get(&back).await.status(), StatusCode::BAD_REQUEST, "too late");
        let refused = location(&browser.get(BEGIN).await);
        let state = refused.split("state=").nth(1).unwrap().split('&').next().unwrap();
        assert_eq!(browser.get(&format!("/organizer/oidc/callback?error=access_denied&state={state}")).await.status(), StatusCode::FORBIDDEN);
        house.site.running.stop().await;
    }

    async fn a_provider_may_change_its_keys_and_be_down(test: TestDb) {
        let house = SignOnSite::start(&test, &[]).await;
        house.invite("ben@example.org").await;
        house.provider.goes_down(true);
        let browser = Browser::new(&house.site);
        let down = browser.get(BEGIN).await;
        assert_eq!(down.status(), StatusCode::BAD_GATEWAY);
        assert!(down.text().await.unwrap().contains("sign in with your password"));
        house.provider.goes_down(false);
        assert_eq!(location(&house.signs_on(&browser, ben(vec![])).await), "/organizer/people");
        house.provider.changes_its_keys();
        assert_eq!(location(&house.signs_on(&Browser::new(&house.site), ben(vec![])).await), "/organizer/people");
        house.site.running.stop().await;
    }

    async fn a_provider_may_say_the_address_beside_the_token_and_take_the_secret_in_the_form(test: TestDb) {
        let house = SignOnSite::start(&test, &[]).await;
        house.provider.is_of_the_other_kind();
        house.invite("ben@example.org").await;
        let browser = Browser::new(&house.site);
        assert_eq!(location(&house.signs_on(&browser, ben(vec![])).await), "/organizer/people");
        assert!(browser.page(ACCOUNT).await.contains("ben@example.org"));
        house.site.running.stop().await;
    }

    async fn an_account_with_a_password_is_connected_by_its_owner(test: TestDb) {
        let house = SignOnSite::start(&test, &[]).await;
        let site = &house.site;
        site.add("ed@example.org", Role::Editor).await;
        let olga = Browser::signed_in(site, "olga@example.org").await;
        let path = format!("{ACCOUNT}/sign-on");
        let page = way(&olga.post(&path, &[("act", "connect")]).await.text().await.unwrap());
        let back = house.provider.approve(&page, ben(vec![("sub", json!("olga-1"))]));
        assert_eq!(location(&olga.get(&back).await), format!("{ACCOUNT}?done=connected"));
        let elsewhere = Browser::new(site);
        assert_eq!(location(&house.signs_on(&elsewhere, vec![("sub", json!("olga-1"))]).await), "/organizer/people");
        assert!(elsewhere.page(ACCOUNT).await.contains("olga@example.org"));
        // Somebody else's is not theirs.
        let ed = Browser::signed_in(site, "ed@example.org").await;
        let page = way(&ed.post(&path, &[("act", "connect")]).await.text().await.unwrap());
        let back = house.provider.approve(&page, vec![("sub", json!("olga-1"))]);
        assert_eq!(location(&ed.get(&back).await), format!("{ACCOUNT}?done=taken"));
        // Disconnected, it signs nobody in.
        olga.post(&path, &[("act", "disconnect")]).await;
        assert_eq!(house.signs_on(&Browser::new(site), vec![("sub", json!("olga-1"))]).await.status(), StatusCode::FORBIDDEN);
        house.site.running.stop().await;
    }

    async fn a_claim_says_the_role_and_the_last_owner_stays(test: TestDb) {
        let house = SignOnSite::start(&test, &[("oidc_role_claim", "groups"), ("oidc_roles", "staff=editor, guests=viewer, admins=owner")]).await;
        let site = &house.site;
        house.invite("ben@example.org").await;
        let role = async || {
            let account = store::find(&mut site.running.state.db.read().await.unwrap(), &EmailAddress::parse("ben@example.org").unwrap()).await.unwrap();
            account.unwrap().organizer.role
        };
        for (groups, expected) in [(json!(["guests"]), Role::Viewer), (json!(["guests", "staff", "x"]), Role::Editor), (json!([]), Role::Editor), (json!("admins"), Role::Owner)] {
            let browser = Browser::new(site);
            assert_eq!(location(&house.signs_on(&browser, ben(vec![("groups", groups.clone())])).await), "/organizer/people", "{groups}");
            assert_eq!(role().await, expected, "{groups}");
        }
        // Olga goes; Ben is the only owner, whatever the provider says.
        let ben_in = Browser::new(site);
        house.signs_on(&ben_in, ben(vec![("groups", json!("admins"))])).await;
        let olga = format!("/organizer/settings/team/{}", store::find(&mut site.running.state.db.read().await.unwrap(), &EmailAddress::parse("olga@example.org").unwrap()).await.unwrap().unwrap().organizer.public_id);
        ben_in.post(&olga, &[("act", "disable")]).await;
        assert_eq!(location(&house.signs_on(&Browser::new(site), ben(vec![("groups", json!("guests"))])).await), "/organizer/people");
        assert_eq!(role().await, Role::Owner);
        house.site.running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_provider_there_is_no_sign_on() {
    let test = TestDb::sqlite().await;
    let site = Site::start(&test).await;
    let browser = Browser::new(&site);
    assert_eq!(browser.get(BEGIN).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        browser.get("/organizer/oidc/callback?code=x&state=y").await.status(),
        StatusCode::NOT_FOUND
    );
    site.add("olga@example.org", Role::Owner).await;
    assert!(!browser.page("/organizer/sign-in").await.contains(BEGIN));
    site.running.stop().await;
}
