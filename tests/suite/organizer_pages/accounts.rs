//! Who is let in and how: invited, with a second factor, with a new password; what owners do to accounts.

use commonground::values::LinkPurpose;
use totp_rs::{Builder, Secret, Totp};

use super::*;

const TEAM: &str = "/organizer/settings/team";
const ACCOUNT: &str = "/organizer/settings/account";
const FACTOR: &str = "/organizer/settings/account/second-factor";
const NEW_PASSWORD: &str = "an umbrella of copper";

impl Site {
    /// The address of the link of this kind that was made last.
    async fn account_link(&self, kind: &str) -> String {
        let mut conn = self.running.state.db.read().await.unwrap();
        let id: Vec<u8> = on_db!(conn, c => sqlx::query_scalar(
            "SELECT public_id FROM account_links WHERE kind = $1 ORDER BY id DESC LIMIT 1")
            .bind(kind)
            .fetch_one(c)
            .await)
        .unwrap();
        let id = PublicId::from_slice(&id).unwrap();
        let links = &self.running.state.links;
        match kind {
            "invite" => format!(
                "/organizer/invitations/{}",
                links.sign(LinkPurpose::AccountInvitation, id, 0)
            ),
            _ => format!("/organizer/reset/{}", links.sign(LinkPurpose::AccountReset, id, 0)),
        }
    }

    async fn member(&self, email: &str) -> String {
        let email = EmailAddress::parse(email).unwrap();
        let found = store::find(&mut self.running.state.db.read().await.unwrap(), &email).await;
        format!("{TEAM}/{}", found.unwrap().unwrap().organizer.public_id)
    }

    /// Waits for so many mails of a kind: some are asked for beside the request.
    async fn mails(&self, kind: &str, many: i64) {
        let started = std::time::Instant::now();
        let text = format!("SELECT COUNT(*) FROM outbox WHERE kind = '{kind}'");
        loop {
            let mut conn = self.running.state.db.read().await.unwrap();
            let found: i64 =
                on_db!(conn, c => sqlx::query_scalar(sqlx::AssertSqlSafe(text.clone())).fetch_one(c).await).unwrap();
            if found == many {
                return;
            }
            assert!(started.elapsed().as_secs() < 20, "{found} of {kind}, not {many}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

/// An app that has read the page.
struct App(Totp);

impl App {
    fn of(page: &str) -> Self {
        let letters = page
            .split("id=\"totp-key\">")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap();
        let secret = Secret::try_from_base32(letters.replace(' ', "")).unwrap();
        Self(Builder::new().with_secret(secret).build_noncompliant())
    }

    fn code(&self, at: Timestamp) -> String {
        self.0.generate(u64::try_from(at.as_second()).unwrap()).to_string()
    }
}

fn secret(page: &str) -> String {
    let value = page.split("name=\"secret\" value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

fn proof(page: &str) -> String {
    let value = page.split("name=\"proof\" value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

fn codes(page: &str) -> Vec<String> {
    let list = page
        .split("id=\"recovery-codes\">")
        .nth(1)
        .unwrap()
        .split("</pre>")
        .next()
        .unwrap();
    list.lines().map(str::to_owned).collect()
}

impl Browser<'_> {
    /// Sets it up; gives the app and the recovery codes.
    async fn with_second_factor(&self) -> (App, Vec<String>) {
        let page = self.post(FACTOR, &[]).await.text().await.unwrap();
        let app = App::of(&page);
        let code = app.code(self.site.clock.now());
        let on = self
            .post(
                &format!("{FACTOR}/confirm"),
                &[("secret", &secret(&page)), ("code", &code)],
            )
            .await;
        assert_eq!(on.status(), StatusCode::OK);
        (app, codes(&on.text().await.unwrap()))
    }

    async fn first_step(&self, email: &str) -> String {
        let asked = self.sign_in(email, PASSWORD).await;
        assert_eq!(asked.status(), StatusCode::OK);
        proof(&asked.text().await.unwrap())
    }

    async fn second_step(&self, proof: &str, code: &str) -> Response {
        self.post(
            "/organizer/sign-in/code",
            &[("proof", proof), ("code", code), ("next", "/organizer/people")],
        )
        .await
    }
}

on_both_databases! {
    async fn whoever_is_invited_makes_an_account_once(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        for (email, said) in [("", "Enter"), ("no address", "email-problem"), ("olga@example.org", "has an account already")] {
            let wrong = olga.post(&format!("{TEAM}/invitations"), &[("email", email), ("role", "viewer")]).await;
            assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY, "{email}");
            let page = wrong.text().await.unwrap();
            assert!(page.contains(said) && page.contains("value=\"viewer\" checked"), "{email}: {page}");
        }
        let invited = olga.post(&format!("{TEAM}/invitations"), &[("email", "Ben@example.org"), ("role", "editor")]).await;
        let shown = invited.text().await.unwrap();
        let link = site.account_link("invite").await;
        assert!(shown.contains("It is shown this once") && shown.contains(&link), "no mail goes from here: {shown}");
        assert!(!olga.page(TEAM).await.contains(&link), "but once");
        site.mails("account-invitation", 1).await;
        // A second one takes the place of the first.
        olga.post(&format!("{TEAM}/invitations"), &[("email", "ben@example.org"), ("role", "editor")]).await;
        let ben = Browser::new(&site);
        assert_eq!(ben.get(&link).await.status(), StatusCode::NOT_FOUND);
        let link = site.account_link("invite").await;
        let page = ben.page(&link).await;
        assert!(page.contains("ben@example.org") && page.contains("an editor"), "{page}");
        let wrong = ben.post(&link, &[("name", " "), ("password", "ben@example.org")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("Enter your name.") && page.contains("among the first that others would try"), "{page}");
        assert_eq!(location(&ben.post(&link, &[("name", "Ben Ünal"), ("password", NEW_PASSWORD)]).await), "/organizer");
        assert!(ben.page("/organizer").await.contains("Ben Ünal"));
        assert_eq!(ben.get(TEAM).await.status(), StatusCode::FORBIDDEN, "an editor");
        let used = ben.get(&link).await;
        assert_eq!(used.status(), StatusCode::NOT_FOUND);
        assert!(used.text().await.unwrap().contains("This invitation no longer works"));
        assert_eq!(ben.post(&link, &[("name", "Ben"), ("password", NEW_PASSWORD)]).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(location(&Browser::new(&site).sign_in("ben@example.org", NEW_PASSWORD).await), "/organizer");
        site.running.stop().await;
    }

    async fn an_invitation_runs_out_is_taken_back_and_is_nobody_elses(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        olga.post(&format!("{TEAM}/invitations"), &[("email", "ben@example.org"), ("role", "owner")]).await;
        let link = site.account_link("invite").await;
        let ben = Browser::new(&site);
        // Changed, of another kind, of another installation.
        let token = link.rsplit('/').next().unwrap();
        let other = if token.starts_with('x') { "y" } else { "x" };
        let changed = format!("/organizer/invitations/{other}{}", &token[1..]);
        for foreign in [changed, format!("/organizer/reset/{token}"), "/organizer/invitations/x".to_owned()] {
            assert_eq!(ben.get(&foreign).await.status(), StatusCode::NOT_FOUND, "{foreign}");
        }
        let page = olga.page(TEAM).await;
        let row = page.split("/invitations/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        // Once more: the link before is no longer it.
        olga.post(&format!("{TEAM}/invitations/{row}"), &[("act", "again")]).await;
        assert_eq!(ben.get(&link).await.status(), StatusCode::NOT_FOUND);
        let link = site.account_link("invite").await;
        ben.page(&link).await;
        assert_eq!(location(&olga.post(&format!("{TEAM}/invitations/{row}"), &[("act", "withdraw")]).await), format!("{TEAM}?done=used"), "the row of before");
        let page = olga.page(TEAM).await;
        let row = page.split("/invitations/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(location(&olga.post(&format!("{TEAM}/invitations/{row}"), &[("act", "withdraw")]).await), format!("{TEAM}?done=withdrawn"));
        assert_eq!(ben.get(&link).await.status(), StatusCode::NOT_FOUND);
        // A week later.
        olga.post(&format!("{TEAM}/invitations"), &[("email", "ben@example.org"), ("role", "owner")]).await;
        let link = site.account_link("invite").await;
        site.clock.advance(SignedDuration::from_hours(7 * 24 - 1));
        ben.page(&link).await;
        site.clock.advance(SignedDuration::from_hours(1));
        assert_eq!(ben.get(&link).await.status(), StatusCode::NOT_FOUND);
        site.running.stop().await;
    }

    async fn owners_change_disable_and_remove_accounts(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ben@example.org", Role::Editor).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        let ben = Browser::signed_in(&site, "ben@example.org").await;
        let (own, his) = (site.member("olga@example.org").await, site.member("ben@example.org").await);
        // The last owner stays, whatever is tried.
        for act in [vec![("act", "role"), ("role", "viewer")], vec![("act", "disable")], vec![("act", "remove"), ("email", "olga@example.org")]] {
            let refused = olga.post(&own, &act).await;
            assert_eq!(refused.status(), StatusCode::CONFLICT, "{act:?}");
            assert!(refused.text().await.unwrap().contains("This is the only owner"));
        }
        // A role taken away while somebody works: the next click leads to the sign-in.
        assert_eq!(location(&olga.post(&his, &[("act", "role"), ("role", "viewer")]).await), format!("{TEAM}?done=role"));
        assert!(location(&ben.get("/organizer/people").await).starts_with("/organizer/sign-in"));
        let ben = Browser::signed_in(&site, "ben@example.org").await;
        assert_eq!(ben.get("/organizer/people/new").await.status(), StatusCode::FORBIDDEN);
        olga.post(&his, &[("act", "end")]).await;
        assert!(location(&ben.get("/organizer").await).starts_with("/organizer/sign-in"));
        let ben = Browser::signed_in(&site, "ben@example.org").await;
        olga.post(&his, &[("act", "disable")]).await;
        assert!(location(&ben.get("/organizer").await).starts_with("/organizer/sign-in"));
        assert_eq!(ben.sign_in("ben@example.org", PASSWORD).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(olga.page(TEAM).await.contains("disabled"));
        olga.post(&his, &[("act", "enable")]).await;
        Browser::signed_in(&site, "ben@example.org").await;
        let wrong = olga.post(&his, &[("act", "remove"), ("email", "somebody@example.org")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(location(&olga.post(&his, &[("act", "remove"), ("email", "BEN@example.org")]).await), format!("{TEAM}?done=removed"));
        assert_eq!(olga.get(&his).await.status(), StatusCode::NOT_FOUND);
        // Among two, one can go; then her own sign-ins have ended.
        site.add("otto@example.org", Role::Owner).await;
        assert_eq!(location(&olga.post(&own, &[("act", "role"), ("role", "editor")]).await), "/organizer/sign-in");
        let actions: Vec<String> = site.audit().await.into_iter().map(|(action, ..)| action).collect();
        assert_eq!(actions, ["organizer.set-role", "organizer.end-sign-ins", "organizer.disable", "organizer.enable", "organizer.remove", "organizer.set-role"]);
        site.running.stop().await;
    }

    async fn the_team_asks_for_the_password_again(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        site.clock.advance(SignedDuration::from_mins(11));
        let asked = olga.post(&format!("{TEAM}/invitations"), &[("email", "ben@example.org"), ("role", "viewer")]).await.text().await.unwrap();
        assert!(asked.contains("Your password, please") && asked.contains("ben@example.org"), "{asked}");
        assert_eq!(count(&site, "account_links").await, 0);
        let again = olga.post(&format!("{TEAM}/invitations"), &[("email", "ben@example.org"), ("role", "viewer"), ("brought_back", "yes")]).await;
        assert!(again.text().await.unwrap().contains("Your password, please"));
        site.running.stop().await;
    }

    async fn everybody_has_a_name_a_clock_and_keys_of_their_own(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("vera@example.org", Role::Viewer).await;
        site.add("olga@example.org", Role::Owner).await;
        let vera = Browser::signed_in(&site, "vera@example.org").await;
        let page = vera.page(ACCOUNT).await;
        assert!(page.contains("vera@example.org") && page.contains("this one") && !page.contains(TEAM), "{page}");
        let wrong = vera.post(ACCOUNT, &[("name", ""), ("time_zone", "Mars/Olympus")]).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = wrong.text().await.unwrap();
        assert!(page.contains("Enter your name.") && page.contains("time_zone-problem"), "{page}");
        assert_eq!(location(&vera.post(ACCOUNT, &[("name", "Vera van Dijk"), ("time_zone", "Asia/Tokyo")]).await), format!("{ACCOUNT}?done=saved"));
        let page = vera.page("/organizer/webcasts").await;
        assert!(page.contains("Vera van Dijk") && page.contains("data-keys-off"), "{page}");
        assert!(vera.page("/organizer/mail/sent").await.contains("data-keys-off"));
        assert!(vera.page(ACCOUNT).await.contains("<option selected>Asia/Tokyo"));
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        assert!(!olga.page("/organizer").await.contains("data-keys-off"), "hers are as they were");
        site.running.stop().await;
    }

    async fn a_password_is_changed_by_whoever_knows_the_one_before(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let (here, elsewhere) = (Browser::signed_in(&site, "olga@example.org").await, Browser::signed_in(&site, "olga@example.org").await);
        let path = format!("{ACCOUNT}/password");
        for (current, new, said) in [("wrong", NEW_PASSWORD, "This is not your password."), (PASSWORD, "short", "at least 8"), (PASSWORD, "Password2026", "among the first"), (PASSWORD, "olga@example.org", "among the first")] {
            let refused = here.post(&path, &[("current_password", current), ("password", new)]).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{new}");
            assert!(refused.text().await.unwrap().contains(said), "{said}");
        }
        assert_eq!(location(&here.post(&path, &[("current_password", PASSWORD), ("password", NEW_PASSWORD)]).await), format!("{ACCOUNT}?done=password"));
        here.page("/organizer").await;
        assert!(location(&elsewhere.get("/organizer").await).starts_with("/organizer/sign-in"));
        site.mails("account-notice", 1).await;
        assert_eq!(elsewhere.sign_in("olga@example.org", PASSWORD).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(location(&elsewhere.sign_in("olga@example.org", NEW_PASSWORD).await), "/organizer");
        site.running.stop().await;
    }

    async fn sign_ins_are_seen_and_ended(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let here = Browser::signed_in(&site, "olga@example.org").await;
        let second = Browser::signed_in(&site, "olga@example.org").await;
        let third = Browser::signed_in(&site, "olga@example.org").await;
        let page = here.page(ACCOUNT).await;
        assert_eq!(page.matches("name=\"sign_in\"").count(), 2, "{page}");
        assert!(page.contains("127.0.0.0/24"), "{page}");
        let id = page.split("name=\"sign_in\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        here.post(&format!("{ACCOUNT}/sign-ins"), &[("sign_in", &id)]).await;
        let ended = [&second, &third];
        let mut still_in = 0;
        for browser in ended {
            still_in += usize::from(browser.get("/organizer").await.status() == StatusCode::OK);
        }
        assert_eq!(still_in, 1);
        here.post(&format!("{ACCOUNT}/sign-ins"), &[]).await;
        for browser in ended {
            assert!(location(&browser.get("/organizer").await).starts_with("/organizer/sign-in"));
        }
        here.page("/organizer").await;
        // Somebody else's are not theirs to end.
        site.add("ben@example.org", Role::Viewer).await;
        let ben = Browser::signed_in(&site, "ben@example.org").await;
        let own = count(&site, "sign_ins").await;
        for id in 0..20 {
            ben.post(&format!("{ACCOUNT}/sign-ins"), &[("sign_in", &id.to_string())]).await;
        }
        here.page("/organizer").await;
        assert!(own - count(&site, "sign_ins").await <= 1);
        site.running.stop().await;
    }

    async fn a_second_factor_is_asked_for_and_each_code_counts_once(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        let page = olga.post(FACTOR, &[]).await.text().await.unwrap();
        assert!(page.contains("<svg class=\"qr\"") && page.contains("otpauth://totp/"), "{page}");
        let (app, sealed) = (App::of(&page), secret(&page));
        let confirm = format!("{FACTOR}/confirm");
        let now = site.clock.now();
        for (code, said) in [("", "The code is wrong"), ("123", "The code is wrong"), (app.code(now + SignedDuration::from_secs(90)).as_str(), "90 seconds ahead of ours"), (app.code(now - SignedDuration::from_secs(90)).as_str(), "90 seconds behind ours")] {
            let refused = olga.post(&confirm, &[("secret", &sealed), ("code", code)]).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{code}");
            let page = refused.text().await.unwrap();
            assert!(page.contains(said) && page.contains(&app_letters(&page)), "{said}: {page}");
        }
        assert_eq!(location(&olga.post(&confirm, &[("secret", "made up"), ("code", "123456")]).await), FACTOR);
        let code = app.code(now);
        let on = olga.post(&confirm, &[("secret", &sealed), ("code", &code)]).await.text().await.unwrap();
        assert_eq!(codes(&on).len(), 10, "{on}");
        assert!(olga.page(ACCOUNT).await.contains("Recovery codes that are left: 10"));
        site.mails("account-notice", 1).await;
        let stored = { let mut conn = site.running.state.db.read().await.unwrap(); let found: Vec<u8> = on_db!(conn, c => sqlx::query_scalar("SELECT totp_secret FROM organizers").fetch_one(c).await).unwrap(); found };
        assert!(stored.len() > 20 && !stored.windows(4).any(|part| app.0.secret().as_bytes().starts_with(part)), "sealed");

        // The password alone lets nobody in.
        let browser = Browser::new(&site);
        let proof = browser.first_step("olga@example.org").await;
        assert!(location(&browser.get("/organizer").await).starts_with("/organizer/sign-in"));
        for wrong in ["000000", "", "abc", &code] {
            let refused = browser.second_step(&proof, wrong).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}: the one that confirmed it is used up too");
        }
        site.clock.advance(SignedDuration::from_secs(30));
        let code = app.code(site.clock.now());
        assert_eq!(location(&browser.second_step(&proof, &format!("{} {}", &code[..3], &code[3..])).await), "/organizer/people");
        browser.page("/organizer").await;
        let other = Browser::new(&site);
        let proof = other.first_step("olga@example.org").await;
        let twice = other.second_step(&proof, &code).await;
        assert_eq!(twice.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(twice.text().await.unwrap().contains("used already"));
        // A proof does not last, and none can be made up.
        site.clock.advance(SignedDuration::from_mins(11));
        let code = app.code(site.clock.now());
        for proof in [proof.as_str(), "made up", ""] {
            let late = other.second_step(proof, &code).await;
            assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
            assert!(late.text().await.unwrap().contains("That took too long"));
        }
        assert!(olga.page(ACCOUNT).await.contains("with second factor"));
        site.running.stop().await;
    }

    async fn recovery_codes_work_once_each_and_the_factor_is_switched_off(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        let (_, codes_of_hers) = olga.with_second_factor().await;
        let browser = Browser::new(&site);
        let proof = browser.first_step("olga@example.org").await;
        assert_eq!(location(&browser.second_step(&proof, &codes_of_hers[3].to_uppercase()).await), "/organizer/people");
        site.mails("account-notice", 2).await;
        let proof = browser.first_step("olga@example.org").await;
        assert_eq!(browser.second_step(&proof, &codes_of_hers[3]).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "once");
        assert!(olga.page(ACCOUNT).await.contains("Recovery codes that are left: 9"));
        let renewed = olga.post(&format!("{FACTOR}/codes"), &[]).await.text().await.unwrap();
        assert_eq!(browser.second_step(&proof, &codes_of_hers[4]).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "new ones took their place");
        assert_eq!(location(&browser.second_step(&proof, &codes(&renewed)[0]).await), "/organizer/people");
        // Off needs the password, typed a moment ago.
        site.clock.advance(SignedDuration::from_mins(11));
        assert!(olga.post(&format!("{FACTOR}/off"), &[]).await.text().await.unwrap().contains("Your password, please"));
        olga.post("/organizer/password", &[("posted_to", &format!("{FACTOR}/off")), ("password", PASSWORD)]).await;
        assert_eq!(location(&olga.post(&format!("{FACTOR}/off"), &[]).await), format!("{ACCOUNT}?done=off"));
        assert_eq!(location(&Browser::new(&site).sign_in("olga@example.org", PASSWORD).await), "/organizer");
        assert_eq!(count(&site, "recovery_codes").await, 0);
        site.running.stop().await;
    }

    async fn codes_are_guessed_no_more_often_than_passwords(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let (app, _) = Browser::signed_in(&site, "olga@example.org").await.with_second_factor().await;
        let browser = Browser::new(&site);
        let proof = browser.first_step("olga@example.org").await;
        let mut tried = 0;
        for n in 0..15 {
            tried += usize::from(browser.second_step(&proof, &format!("{n:06}")).await.status() == StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(tried, 10);
        let code = app.code(site.clock.now() + SignedDuration::from_secs(30));
        assert_eq!(browser.second_step(&proof, &code).await.status(), StatusCode::TOO_MANY_REQUESTS, "the right one too");
        site.running.stop().await;
    }

    async fn a_forgotten_password_is_replaced_by_a_link_once(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        olga.with_second_factor().await;
        let browser = Browser::new(&site);
        browser.page("/organizer/reset").await;
        assert_eq!(browser.post("/organizer/reset", &[("email", "no address")]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        // The same answer for an address without an account.
        for email in ["nobody@example.org", "OLGA@example.org"] {
            assert_eq!(location(&browser.post("/organizer/reset", &[("email", email)]).await), "/organizer/reset?asked=yes");
        }
        site.mails("account-reset", 1).await;
        let link = site.account_link("reset").await;
        assert!(browser.page(&link).await.contains("olga@example.org"));
        assert_eq!(browser.post(&link, &[("password", "short")]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(location(&browser.post(&link, &[("password", NEW_PASSWORD)]).await), "/organizer/sign-in?new_password=yes");
        assert!(browser.page("/organizer/sign-in?new_password=yes").await.contains("Your password is changed."));
        assert!(location(&olga.get("/organizer").await).starts_with("/organizer/sign-in"), "all sign-ins have ended");
        assert_eq!(browser.get(&link).await.status(), StatusCode::NOT_FOUND, "used");
        let asked = browser.sign_in("olga@example.org", NEW_PASSWORD).await.text().await.unwrap();
        assert!(asked.contains("The code of your app"), "the second factor stays: {asked}");
        // An hour later, and of an account that is closed.
        browser.post("/organizer/reset", &[("email", "olga@example.org")]).await;
        site.mails("account-reset", 2).await;
        let link = site.account_link("reset").await;
        site.clock.advance(SignedDuration::from_mins(60));
        assert_eq!(browser.get(&link).await.status(), StatusCode::NOT_FOUND, "run out");
        site.running.stop().await;
    }

    async fn nobody_is_flooded_with_links_and_a_closed_account_gets_none(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        site.add("ben@example.org", Role::Editor).await;
        let olga = Browser::signed_in(&site, "olga@example.org").await;
        olga.post(&site.member("ben@example.org").await, &[("act", "disable")]).await;
        let browser = Browser::new(&site);
        browser.post("/organizer/reset", &[("email", "ben@example.org")]).await;
        for n in 1..6 {
            browser.post("/organizer/reset", &[("email", "olga@example.org")]).await;
            site.mails("account-reset", n.min(3)).await;
            site.run("UPDATE outbox SET state = 'sent', ended_at = created_at WHERE kind = 'account-reset'").await;
        }
        // Whatever was asked for before this is done when this is.
        site.add("zoe@example.org", Role::Viewer).await;
        browser.post("/organizer/reset", &[("email", "zoe@example.org")]).await;
        site.mails("account-reset", 4).await;
        let asked = site.audit().await.into_iter().filter(|(action, ..)| action == "password.ask").count();
        assert_eq!(asked, 4, "three a day for Olga, one for Zoe");
        assert_eq!(count(&site, "account_links WHERE email_key = 'ben@example.org'").await, 0);
        site.running.stop().await;
    }
}

fn app_letters(page: &str) -> String {
    page.split("id=\"totp-key\">")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_about_accounts_say_what_to_do() {
    let test = TestDb::sqlite().await;
    let site = Site::start(&test).await;
    site.add("olga@example.org", Role::Owner).await;
    let olga = Browser::signed_in(&site, "olga@example.org").await;
    olga.post(
        &format!("{TEAM}/invitations"),
        &[("email", "ben@example.org"), ("role", "viewer")],
    )
    .await;
    olga.with_second_factor().await;
    olga.post("/organizer/reset", &[("email", "olga@example.org")]).await;
    site.mails("account-reset", 1).await;
    let list = olga.page("/organizer/mail/sent").await;
    let mut read = Vec::new();
    for kind in ["account-invitation", "account-notice", "account-reset"] {
        let start = format!("/organizer/mail/{kind}");
        let path = list.split("href=\"").find(|part| part.starts_with(&start)).unwrap();
        read.push(olga.page(path.split('"').next().unwrap()).await);
    }
    assert!(
        read[0].contains("as a viewer") && read[0].contains("private-link"),
        "{}",
        read[0]
    );
    assert!(read[1].contains("Your second factor is on"), "{}", read[1]);
    assert!(
        read[2].contains("works for an hour") && read[2].contains("private-link"),
        "{}",
        read[2]
    );
    site.running.stop().await;
}
