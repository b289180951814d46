//! The mail after a registration, through relays as they are set up out there.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use mail_parser::{MessageParser, MimeHeaders};

use super::dovecot::Dovecot;
use super::postfix::Postfix;
use crate::support::http::once;
use crate::support::load::{self, Form};
use crate::support::server::House;

const PDF: &[u8] = include_bytes!("../../../assets/whitepaper/creating-effective-strategic-partnerships.pdf");
/// For mail that goes at its first try.
const SOON: Duration = Duration::from_secs(20);

fn house(url: &str) -> House {
    House::on_sqlite().with("smtp_url", url)
}

async fn register(house: &House, email: &str) {
    let form = load::find_form(house.address).await;
    post(house, &form, email).await;
}

async fn request_paper(house: &House, email: &str) {
    let form = load::find(house.address, "/whitepapers", "/request").await;
    post(house, &form, email).await;
}

async fn post(house: &House, form: &Form, email: &str) {
    let answer = once(house.address, &load::registration(form, email)).await.unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text());
}

/// The rows of `outbox list`, once this is true of them.
async fn outbox(house: &House, what: &str, done: impl Fn(&str) -> bool) -> String {
    let started = Instant::now();
    loop {
        let list = String::from_utf8(house.run(&["outbox", "list"]).await.stdout).unwrap();
        if done(&list) {
            return list;
        }
        assert!(started.elapsed() < SOON, "{what}:\n{list}\n{}", house.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn debians_postfix_on_this_machine() {
    let wants_names = "smtpd_helo_required = yes
smtpd_recipient_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname, permit_mynetworks, reject";
    let Some(postfix) = Postfix::start("debians_postfix_on_this_machine", wants_names).await else {
        return;
    };
    let port = postfix.port;
    let certificate = postfix.certificate();
    for (round, (url, helo)) in [
        (format!("smtp://127.0.0.1:{port}"), "helo=[127.0.0.1]"),
        (
            format!("smtp://localhost:{port}?tls=required&ca={}", certificate.display()),
            "helo=events.example.org",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let house = match round {
            0 => house(&url),
            _ => house(&url).with("smtp_helo", "events.example.org"),
        };
        let _server = house.start().await;
        register(&house, "ada@example.net").await;
        request_paper(&house, "ben@example.net").await;
        let mails = postfix.mails(2 * (round + 1), SOON).await;
        let papers = mails.iter().filter(|mail| has_paper(mail)).count();
        assert_eq!(papers, round + 1, "byte for byte");
        let log = postfix.log();
        assert!(!log.contains("reject:"), "{log}");
        let last = mails.iter().map(|mail| String::from_utf8_lossy(mail).into_owned());
        let from = helo.trim_start_matches("helo=");
        let greeted = last.filter(|mail| mail.contains(&format!("from {from} ")) && mail.contains("using TLSv1.3"));
        assert_eq!(greeted.count(), 2, "{log}");
        outbox(&house, "both are sent", |list| list.matches("\tsent\t").count() == 2).await;
    }
}

fn has_paper(raw: &[u8]) -> bool {
    let mail = MessageParser::default().parse(raw).unwrap();
    mail.attachments()
        .any(|part| part.attachment_name().is_some() && part.contents() == PDF)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn a_sender_that_the_relay_does_not_know_is_mended_in_the_settings() {
    // Postfix asks about no sender whose mail it keeps itself.
    let strict = "virtual_mailbox_domains = example.net
unknown_address_reject_code = 550
smtpd_recipient_restrictions = reject_unknown_sender_domain, permit_mynetworks, reject";
    let Some(postfix) = Postfix::start("a_sender_that_the_relay_does_not_know", strict).await else {
        return;
    };
    let house = house(&format!("smtp://127.0.0.1:{}", postfix.port)).with("mail_from", "events@no-such-name.invalid");
    let doctor = String::from_utf8(house.run(&["doctor"]).await.stdout).unwrap();
    assert!(
        doctor.contains("Set mail_from to an address whose domain exists"),
        "{doctor}"
    );
    {
        let _server = house.start().await;
        register(&house, "ada@example.net").await;
        request_paper(&house, "ben@example.net").await;
        outbox(&house, "nothing fails, and the reply is told", |list| {
            list.matches("\tqueued\t").count() == 2 && list.contains("Sender address rejected")
        })
        .await;
    }
    let house = house.with("mail_from", "events@example.net");
    let _server = house.start().await;
    postfix.mails(2, SOON).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn a_relay_that_takes_only_small_mails_brings_a_link() {
    let small = "message_size_limit = 60000";
    let Some(postfix) = Postfix::start("a_relay_that_takes_only_small_mails", small).await else {
        return;
    };
    let house = house(&format!("smtp://127.0.0.1:{}", postfix.port));
    let _server = house.start().await;
    request_paper(&house, "ben@example.net").await;
    let mails = postfix.mails(1, SOON).await;
    let mail = MessageParser::default().parse(&mails[0]).unwrap();
    assert!(mail.body_text(0).unwrap().contains("/downloads/") && mail.attachment_count() == 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn postscreen_lets_us_in() {
    // Its tests after the greeting refuse every first visit; a minute and a half later the second one passes.
    let guarded = "postscreen_access_list =
postscreen_greet_action = enforce
postscreen_greet_wait = 3s
postscreen_pipelining_enable = yes
postscreen_pipelining_action = enforce
postscreen_non_smtp_command_enable = yes
postscreen_bare_newline_enable = yes
postscreen_bare_newline_action = enforce";
    let Some(postfix) = Postfix::behind_postscreen("postscreen_lets_us_in", guarded).await else {
        return;
    };
    let house = house(&format!("smtp://127.0.0.1:{}", postfix.port));
    let _server = house.start().await;
    register(&house, "ada@example.net").await;
    let mails = postfix.mails(1, Duration::from_mins(4)).await;
    assert_eq!(mails.len(), 1);
    assert!(postfix.log().contains("PASS NEW"), "{}", postfix.log());
    assert!(!postfix.log().contains("PREGREET"), "{}", postfix.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long"]
async fn a_sign_in_that_dovecot_checks() {
    let Some(dovecot) = Dovecot::start("a_sign_in_that_dovecot_checks", "events@example.org", "p+a#s ?s%").await else {
        return;
    };
    let Some(postfix) = Postfix::start("a_sign_in_that_dovecot_checks", &dovecot.settings()).await else {
        return;
    };
    let (port, certificate) = (postfix.port, postfix.certificate());
    let at = |login: &str| format!("smtp://{login}@localhost:{port}?ca={}", certificate.display());
    let in_url = house(&at("events%40example.org:p%2Ba%23s%20%3Fs%25"));
    let _server = in_url.start().await;
    register(&in_url, "ada@example.net").await;
    postfix.mails(1, SOON).await;

    let in_file = house(&at("events%40example.org"));
    let file = in_file.directory.path().join("password");
    fs::write(&file, "wrong\n").unwrap();
    let in_file = with_file(in_file, &file);
    let doctor = String::from_utf8(in_file.run(&["doctor"]).await.stdout).unwrap();
    assert!(
        doctor.contains("535") && doctor.contains("Check user and password"),
        "{doctor}"
    );
    let _other = in_file.start().await;
    register(&in_file, "ben@example.net").await;
    outbox(&in_file, "the reply is told", |list| {
        list.contains("authentication failed")
    })
    .await;
    // Mended in the file, without a new start: the next try sees it.
    fs::write(&file, "p+a#s ?s%\n").unwrap();
    postfix.mails(2, Duration::from_mins(2)).await;
}

fn with_file(house: House, file: &Path) -> House {
    house.with("smtp_password_file", &file.display())
}
