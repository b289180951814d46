//! One connection to a relay, and every way it can go wrong.

mod certificates;

use std::sync::Arc;
use std::time::Duration;

use crate::support::relay::{Act, At, CERTIFICATE, FakeRelay};
use crate::support::server::free_address;
use crate::support::stranger;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use commonground::mail::Person;
use commonground::mail::message::{EncodedFile, Head, Message, Wire};
use commonground::mail::relay::{HelloName, Phases, Relay, Secret};
use commonground::mail::smtp::reply::Reply;
use commonground::mail::smtp::{Announced, Connection, Dialer, Outcome, Step};
use commonground::values::EmailAddress;
use proptest::prelude::*;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// For relays that never answer; long enough for what comes before on a busy machine.
const SHORT: Duration = Duration::from_secs(1);
/// For all others.
const LONG: Duration = Duration::from_secs(20);

fn dialer(url: &str, patience: Duration) -> Dialer {
    let phases = Phases {
        connect: patience,
        command: patience,
        text: patience,
        text_per_100_kb: Duration::ZERO,
        text_longest: patience,
    };
    Dialer::new(Relay::parse(url, None).unwrap(), phases).unwrap()
}

async fn connect(relay: &FakeRelay) -> Connection {
    dialer(&relay.url(), LONG).connect().await.unwrap()
}

fn wire(text: &str) -> Wire {
    encode(&Message::new("Hi", text, "<p>Hi</p>"))
}

/// A mail with a file of so many bytes.
fn wire_with_file(bytes: u32) -> Wire {
    let bytes: Vec<u8> = (0..bytes).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect();
    let file = EncodedFile::new("paper.pdf", "application/pdf", &bytes);
    encode(&Message::new("Hi", ".\ndots\n.", "<p>Hi</p>").file(Arc::new(file)))
}

fn encode(message: &Message) -> Wire {
    let from = Person::nameless(EmailAddress::parse("events@example.org").unwrap());
    let date = "2026-11-23T10:00:00Z".parse().unwrap();
    let head = Head {
        from: &from,
        reply_to: None,
        to: "ada@example.net",
        message_id: "<1@example.org>",
        date,
    };
    message.encode(&head).unwrap()
}

async fn send(connection: &mut Connection) -> Outcome {
    connection
        .send("events@example.org", "ada@example.net", &wire("Hi"), None)
        .await
}

async fn one(relay: &FakeRelay) -> (Outcome, bool) {
    one_within(relay, LONG).await
}

/// One mail; and whether the connection can be used for another.
async fn one_within(relay: &FakeRelay, patience: Duration) -> (Outcome, bool) {
    let mut connection = dialer(&relay.url(), patience).connect().await.unwrap();
    let outcome = send(&mut connection).await;
    (outcome, connection.is_usable())
}

async fn connect_error(url: &str) -> Reply {
    dialer(url, LONG).connect().await.err().expect("must fail")
}

/// What hangs is given up soon.
fn patience_with(act: Act) -> Duration {
    if matches!(act, Act::Hang) { SHORT } else { LONG }
}

const BARE: &[&str] = &["SIZE 10240000"];
const PIPELINED: &[&str] = &["PIPELINING", "SIZE 10240000"];

#[tokio::test]
async fn mails_go_over_one_connection_with_and_without_pipelining() {
    for offers in [BARE, PIPELINED, &[]] {
        let relay = FakeRelay::offering(offers.to_vec(), |_, _, _| Act::Well).await;
        let mut connection = connect(&relay).await;
        for _ in 0..3 {
            assert!(matches!(send(&mut connection).await, Outcome::Accepted(reply) if reply.code == 250));
        }
        assert_eq!((relay.taken().len(), relay.connections()), (3, 1));
        assert_eq!(relay.taken()[0].from, "events@example.org");
        assert_eq!(relay.taken()[0].to, "ada@example.net");
        assert!(
            relay.taken()[0].data.ends_with(b"--\r\n"),
            "no line is added at the end"
        );
    }
}

#[tokio::test]
async fn dots_at_the_start_of_a_line_arrive_as_they_were() {
    let relay = FakeRelay::well().await;
    let mut connection = connect(&relay).await;
    let wire = wire(".\n..hidden\n.\nend");
    connection.send("a@example.org", "b@example.net", &wire, None).await;
    assert_eq!(relay.taken()[0].data, wire.to_bytes());
}

#[tokio::test]
async fn files_arrive_as_they_were_one_after_the_other() {
    let relay = FakeRelay::offering(vec!["PIPELINING"], |_, _, _| Act::Well).await;
    let mut connection = connect(&relay).await;
    // Around the size of a piece, and a last line that is short, full or not there.
    for bytes in [0, 1, 57, 58, 47_000, 48_000, 48_450, 48_451, 3_000_000] {
        let wire = wire_with_file(bytes);
        let sent = connection.send("a@example.org", "b@example.net", &wire, None).await;
        assert!(matches!(sent, Outcome::Accepted(_)), "{bytes}: {sent:?}");
        assert!(
            relay.taken().last().unwrap().data == wire.to_bytes(),
            "{bytes}: another file arrived"
        );
    }
    assert_eq!(relay.connections(), 1);
}

#[tokio::test]
async fn a_refused_connection_is_the_routes_fault() {
    let reply = connect_error(&format!("smtp://{}?tls=none", free_address())).await;
    assert_eq!(reply.code, 0);
    assert!(reply.text.contains("Cannot connect"), "{reply}");
}

#[tokio::test]
async fn a_relay_that_hangs_before_or_in_the_greeting_is_cut_off() {
    for hang in [At::Connect, At::Ehlo] {
        let relay = FakeRelay::start(move |at, _, _| if at == hang { Act::Hang } else { Act::Well }).await;
        let reply = dialer(&relay.url(), SHORT).connect().await.err().expect("must fail");
        assert!(reply.text.contains("did not answer in time"), "{reply}");
    }
}

#[tokio::test]
async fn a_greeting_of_554_or_421_is_the_routes_fault() {
    let relay = FakeRelay::start(|_, _, _| Act::Say("554 5.7.1 go away")).await;
    assert_eq!(connect_error(&relay.url()).await, Reply::new(554, "5.7.1 go away"));
}

#[tokio::test]
async fn starttls_that_was_stripped_stops_the_mail() {
    let relay = FakeRelay::well().await;
    let reply = connect_error(&format!("smtp://{}?tls=required", relay.address)).await;
    assert!(reply.text.contains("STARTTLS"), "{reply}");
    assert!(relay.taken().is_empty());
    let optional = dialer(&format!("smtp://{}?tls=opportunistic", relay.address), LONG)
        .connect()
        .await
        .unwrap();
    assert!(!optional.is_encrypted());
}

#[tokio::test]
async fn a_sign_in_that_fails_is_the_routes_fault() {
    let script = |at, _: &str, _| {
        if at == At::Auth {
            Act::Say("535 5.7.8 wrong password")
        } else {
            Act::Well
        }
    };
    let relay = FakeRelay::offering(vec!["AUTH PLAIN LOGIN"], script).await;
    let reply = connect_error(&format!("smtp://user:pass@{}?tls=none", relay.address)).await;
    assert_eq!(reply, Reply::new(535, "5.7.8 wrong password"));
}

#[tokio::test]
async fn a_refused_sender_is_the_routes_fault() {
    for offers in [BARE, PIPELINED] {
        let script = |at, _: &str, _| {
            if at == At::Mail {
                Act::Say("550 5.7.1 not you")
            } else {
                Act::Well
            }
        };
        let relay = FakeRelay::offering(offers.to_vec(), script).await;
        let (outcome, _) = one(&relay).await;
        assert!(matches!(outcome, Outcome::Route(reply) if reply.code == 550));
        assert!(relay.taken().is_empty());
    }
}

#[tokio::test]
async fn after_a_refused_recipient_the_connection_goes_on() {
    for offers in [BARE, PIPELINED] {
        let script = |at, _: &str, n| {
            if at == At::Rcpt && n == 0 {
                Act::Say("550 5.1.1 nobody")
            } else {
                Act::Well
            }
        };
        let relay = FakeRelay::offering(offers.to_vec(), script).await;
        let mut connection = connect(&relay).await;
        let outcome = send(&mut connection).await;
        assert_eq!(
            outcome,
            Outcome::Refused(Step::Recipient, Reply::new(550, "5.1.1 nobody"))
        );
        assert!(matches!(send(&mut connection).await, Outcome::Accepted(_)));
        assert_eq!((relay.taken().len(), relay.connections()), (1, 1));
    }
}

#[tokio::test]
async fn a_server_that_takes_data_without_a_recipient_gets_a_lone_dot() {
    let script = |at, _: &str, n| match at {
        At::Rcpt if n == 0 => Act::Say("451 4.7.1 greylisted"),
        At::Data if n == 0 => Act::Say("354 go on anyway"),
        At::Dot if n == 0 => Act::Say("554 5.5.1 no valid recipients"),
        _ => Act::Well,
    };
    let relay = FakeRelay::start(script).await;
    let mut connection = connect(&relay).await;
    let outcome = send(&mut connection).await;
    assert_eq!(
        outcome,
        Outcome::Refused(Step::Recipient, Reply::new(451, "4.7.1 greylisted"))
    );
    assert!(matches!(send(&mut connection).await, Outcome::Accepted(_)));
    assert_eq!(relay.taken().len(), 1);
}

#[tokio::test]
async fn refusals_at_data_and_at_the_dot_belong_to_the_mail() {
    for (step, at, reply) in [
        (Step::Data, At::Data, "451 4.3.0 later"),
        (Step::Text, At::Dot, "451 4.3.0 later"),
        (Step::Text, At::Dot, "554 5.7.1 spam"),
    ] {
        let relay = FakeRelay::start(move |now, _, _| if now == at { Act::Say(reply) } else { Act::Well }).await;
        let (outcome, usable) = one(&relay).await;
        assert!(matches!(outcome, Outcome::Refused(s, _) if s == step), "{reply}");
        assert!(usable);
    }
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_told_apart() {
    let relay = FakeRelay::start(|at, _, _| {
        if at == At::Dot {
            Act::Say("552 5.3.4 too big")
        } else {
            Act::Well
        }
    })
    .await;
    assert!(matches!(one(&relay).await, (Outcome::TooLarge(_), true)));
    let small = FakeRelay::offering(vec!["SIZE 300"], |_, _, _| Act::Well).await;
    assert!(matches!(one(&small).await, (Outcome::TooLarge(_), true)));
    assert!(small.taken().is_empty());
}

#[tokio::test]
async fn a_421_ends_the_connection_wherever_it_comes() {
    for at in [At::Mail, At::Rcpt, At::Data, At::Dot] {
        let script = move |now, _: &str, _| {
            if now == at {
                Act::Say("421 4.3.2 closing")
            } else {
                Act::Well
            }
        };
        let (outcome, usable) = one(&FakeRelay::start(script).await).await;
        let is_told = match outcome {
            Outcome::Route(_) => at == At::Mail,
            Outcome::Closing(_) => at != At::Mail,
            _ => false,
        };
        assert!(is_told, "{at:?} {outcome:?}");
        assert!(!usable);
    }
}

#[tokio::test]
async fn what_is_lost_after_the_final_dot_may_have_been_taken() {
    for act in [Act::Drop, Act::TakeAndDrop, Act::Hang] {
        let relay = FakeRelay::start(move |at, _, _| if at == At::Dot { act } else { Act::Well }).await;
        let (outcome, usable) = one_within(&relay, patience_with(act)).await;
        assert!(matches!(outcome, Outcome::Ambiguous(_)), "{act:?} {outcome:?}");
        assert!(!usable);
    }
}

#[tokio::test]
async fn what_is_lost_before_the_final_dot_was_not_taken() {
    for act in [Act::Drop, Act::Hang] {
        for at in [At::Rcpt, At::Data] {
            let relay = FakeRelay::start(move |now, _, _| if now == at { act } else { Act::Well }).await;
            let (outcome, usable) = one_within(&relay, patience_with(act)).await;
            assert!(
                matches!(outcome, Outcome::Refused(Step::Recipient, ref reply) if reply.code == 0),
                "{outcome:?}"
            );
            assert!(!usable);
        }
    }
}

#[tokio::test]
async fn a_large_text_that_nobody_reads_was_not_taken() {
    let script = |at, _: &str, _| if at == At::Data { Act::Deaf } else { Act::Well };
    let relay = FakeRelay::offering(vec!["PIPELINING"], script).await;
    let mut connection = connect(&relay).await;
    // More than the sockets hold.
    let wire = wire_with_file(20_000_000);
    let outcome = connection.send("a@example.org", "b@example.net", &wire, None).await;
    assert!(matches!(outcome, Outcome::Refused(Step::Text, _)), "{outcome:?}");
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn a_send_that_was_dropped_leaves_the_connection_unusable() {
    let hanging = Arc::new(tokio::sync::Notify::new());
    let told = Arc::clone(&hanging);
    let script = move |at, _: &str, _| {
        if at == At::Dot {
            told.notify_one();
            Act::Hang
        } else {
            Act::Well
        }
    };
    let relay = FakeRelay::start(script).await;
    let mut connection = connect(&relay).await;
    tokio::select! {
        outcome = send(&mut connection) => panic!("{outcome:?}"),
        () = hanging.notified() => {}
    }
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn mail_goes_over_starttls_and_over_tls_from_the_first_byte() {
    let starttls = FakeRelay::offering(vec!["STARTTLS", "PIPELINING", "SIZE 10240000"], |_, _, _| Act::Well).await;
    let implicit = FakeRelay::with_tls("127.0.0.1").await;
    for (relay, url) in [
        (
            &starttls,
            format!(
                "smtp://localhost:{}?tls=required&ca={CERTIFICATE}",
                starttls.address.port()
            ),
        ),
        (
            &starttls,
            format!("smtp://localhost:{}?tls=opportunistic", starttls.address.port()),
        ),
        (
            &implicit,
            format!("smtps://localhost:{}?ca={CERTIFICATE}", implicit.address.port()),
        ),
    ] {
        let mut connection = dialer(&url, LONG).connect().await.unwrap();
        assert!(connection.is_encrypted(), "{url}");
        let before = relay.taken().len();
        for _ in 0..3 {
            assert!(matches!(send(&mut connection).await, Outcome::Accepted(_)), "{url}");
        }
        assert_eq!(relay.taken().len() - before, 3);
        let paper = wire_with_file(1_000_000);
        let sent = connection.send("a@example.org", "b@example.net", &paper, None).await;
        assert!(matches!(sent, Outcome::Accepted(_)), "{url}: {sent:?}");
        assert!(
            relay.taken().last().unwrap().data == paper.to_bytes(),
            "{url}: another paper arrived"
        );
        connection.close().await;
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_stops_the_mail() {
    let starttls = FakeRelay::offering(vec!["STARTTLS"], |_, _, _| Act::Well).await;
    let implicit = FakeRelay::with_tls("127.0.0.1").await;
    for url in [
        format!("smtp://localhost:{}?tls=required", starttls.address.port()),
        format!("smtps://localhost:{}", implicit.address.port()),
    ] {
        let error = connect_error(&url).await;
        assert_eq!(error.code, 0, "{url}: {error}");
        assert!(error.text.contains("certificate"), "{url}: {error}");
    }
}

/// A server that says exactly these bytes: the first as its greeting, each other after a line, or after the text.
async fn saying(replies: Vec<Vec<u8>>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}?tls=none", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut heard = Vec::new();
        for reply in replies {
            if stream.get_mut().write_all(&reply).await.is_err() {
                return heard;
            }
            let end: &[u8] = if reply.starts_with(b"354") {
                b"\r\n.\r\n"
            } else {
                b"\r\n"
            };
            let mut said = Vec::new();
            while !said.ends_with(end) {
                match stream.read_u8().await {
                    Ok(byte) => said.push(byte),
                    Err(_) => return heard,
                }
            }
            heard.push(String::from_utf8_lossy(&said).trim_end().to_owned());
        }
        heard
    });
    (url, heard)
}

/// A relay that takes a mail, with another reply to the final dot.
fn taking_with(last: &[u8]) -> Vec<Vec<u8>> {
    let usual: [&[u8]; 5] = [
        b"220 hi\r\n",
        b"250 hi\r\n",
        b"250 Ok\r\n",
        b"250 Ok\r\n",
        b"354 go\r\n",
    ];
    usual.iter().chain(&[last]).map(|reply| reply.to_vec()).collect()
}

#[tokio::test]
async fn a_mail_is_taken_whatever_the_words_of_the_reply_are() {
    let long = [b"250-".as_slice(), &[b'x'; 6_000], b"\r\n250 Ok\r\n"].concat();
    for last in [
        &b"250 angenommen, sch\xf6nen Tag\r\n"[..],
        b"250 \x82\xa0\x82\xe8\x82\xaa\x82\xc6\x82\xa4\r\n",
        b"250\r\n",
        b"250 \r\n",
        b"250-\r\n250-queued\r\n250\r\n",
        b"250 Ok\n",
        b"299 what nobody has heard of\r\n",
        &long,
    ] {
        let (url, _heard) = saying(taking_with(last)).await;
        let mut connection = dialer(&url, LONG).connect().await.unwrap();
        let outcome = send(&mut connection).await;
        assert!(
            matches!(outcome, Outcome::Accepted(_)),
            "{}: {outcome:?}",
            last.escape_ascii()
        );
    }
}

#[tokio::test]
async fn codes_nobody_has_heard_of_count_by_their_first_digit() {
    for (last, permanent) in [
        (&b"459 later\r\n"[..], false),
        (b"599 never\r\n", true),
        (b"577\r\n", true),
    ] {
        let (url, _heard) = saying(taking_with(last)).await;
        let mut connection = dialer(&url, LONG).connect().await.unwrap();
        let outcome = send(&mut connection).await;
        assert!(
            matches!(outcome, Outcome::Refused(Step::Text, ref reply) if reply.is_permanent() == permanent),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_smtp_or_without_end_is_the_routes_fault() {
    for (greeting, word) in [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "no reply"),
        (b"22 hi\r\n".to_vec(), "no reply"),
        (b"\x15\x03\x01\x00\x02\x02\x16\r\n".to_vec(), "no reply"),
        (vec![b'2'; 200_000], "no end"),
        (b"220-still\r\n".repeat(20_000), "no end"),
    ] {
        let (url, _heard) = saying(vec![greeting]).await;
        let reply = connect_error(&url).await;
        assert!(reply.code == 0 && reply.text.contains(word), "{reply}");
    }
}

#[tokio::test]
async fn what_is_said_before_the_encryption_begins_is_believed_by_nobody() {
    for injected in [
        &b"220 go\r\n250 injected\r\n"[..],
        b"220 go\r\n250-mail.example\r\n250 AUTH PLAIN\r\n235 ok\r\n250 Ok\r\n250 Ok\r\n354 go\r\n250 taken\r\n",
        b"220 go\r\n2",
    ] {
        let replies = [&b"220 hi\r\n"[..], b"250-hi\r\n250 STARTTLS\r\n", injected];
        let (url, heard) = saying(replies.map(<[u8]>::to_vec).to_vec()).await;
        let reply = connect_error(&url.replace("tls=none", "tls=required")).await;
        assert!(reply.text.contains("somebody spoke in between"), "{reply}");
        assert_eq!(
            heard.await.unwrap().last().unwrap(),
            "STARTTLS",
            "nothing is said after it"
        );
    }
}

#[tokio::test]
async fn we_say_a_full_name_or_our_address() {
    for (hello, said) in [
        (None, "EHLO [127.0.0.1]"),
        (Some("events.example.org"), "EHLO events.example.org"),
        (Some("xn--bcher-kva.example"), "EHLO xn--bcher-kva.example"),
        (Some("[192.0.2.7]"), "EHLO [192.0.2.7]"),
        (Some("[IPv6:2001:db8::7]"), "EHLO [IPv6:2001:db8::7]"),
    ] {
        let (url, heard) = saying(vec![b"220 hi\r\n".to_vec(), b"554 no\r\n".to_vec()]).await;
        let relay = Relay {
            hello: hello.map(|name| HelloName::parse(name).unwrap()),
            ..Relay::parse(&url, None).unwrap()
        };
        let dialer = Dialer::new(relay, Phases::default()).unwrap();
        assert_eq!(dialer.connect().await.err().unwrap().code, 554);
        assert_eq!(heard.await.unwrap(), [said]);
    }
}

#[tokio::test]
async fn a_server_that_knows_no_ehlo_gets_helo() {
    let mut replies = taking_with(b"250 Ok\r\n");
    replies.insert(1, b"500 what?\r\n".to_vec());
    let (url, heard) = saying(replies).await;
    let mut connection = dialer(&url, LONG).connect().await.unwrap();
    assert!(matches!(send(&mut connection).await, Outcome::Accepted(_)));
    drop(connection);
    assert_eq!(heard.await.unwrap()[1], "HELO [127.0.0.1]");
}

#[tokio::test]
async fn ways_to_sign_in() {
    for (offer, questions, said) in [
        ("AUTH PLAIN LOGIN", 0, vec!["AUTH PLAIN AHVzZXIAcGFzcw=="]),
        ("AUTH LOGIN", 2, vec!["AUTH LOGIN", "dXNlcg==", "cGFzcw=="]),
        ("AUTH=LOGIN", 2, vec!["AUTH LOGIN", "dXNlcg==", "cGFzcw=="]),
    ] {
        let mut replies = vec![
            b"220 hi\r\n".to_vec(),
            format!("250-hi\r\n250 {offer}\r\n").into_bytes(),
        ];
        replies.extend((0..questions).map(|_| b"334 Xx\r\n".to_vec()));
        replies.push(b"235 welcome\r\n".to_vec());
        let (url, heard) = saying(replies).await;
        let connection = dialer(&url.replace("smtp://", "smtp://user:pass@"), LONG)
            .connect()
            .await
            .unwrap();
        connection.close().await;
        assert_eq!(heard.await.unwrap()[1..=said.len()], said);
    }
    for (offer, word) in [
        ("AUTH XOAUTH2 NTLM", "XOAUTH2, NTLM"),
        ("AUTH OAUTHBEARER", "Set smtp_token_command"),
        ("AUTH CRAM-MD5", "this program can PLAIN and LOGIN"),
        ("SIZE", "offers no sign-in"),
        ("AUTH", "offers no sign-in"),
    ] {
        let replies = vec![
            b"220 hi\r\n".to_vec(),
            format!("250-hi\r\n250 {offer}\r\n").into_bytes(),
        ];
        let (url, _heard) = saying(replies).await;
        let reply = connect_error(&url.replace("smtp://", "smtp://user:pass@")).await;
        assert!(reply.text.contains(word), "{reply}");
    }
}

/// A relay that offers these ways and answers so, and what is said to it by someone with this secret.
async fn sign_in(offer: &str, answers: &[&str], secret: Secret) -> (Result<(), Reply>, Vec<String>) {
    let mut replies = vec![
        b"220 hi\r\n".to_vec(),
        format!("250-hi\r\n250 {offer}\r\n").into_bytes(),
    ];
    replies.extend(answers.iter().map(|answer| format!("{answer}\r\n").into_bytes()));
    let (url, heard) = saying(replies).await;
    let url = url.replace("smtp://", "smtp://ada%3Dl@");
    let relay = Relay::parse(&url, Some(secret)).unwrap();
    let connected = Dialer::new(relay, Phases::default()).unwrap().connect().await;
    let outcome = match connected {
        Ok(connection) => {
            connection.close().await;
            Ok(())
        }
        Err(reply) => Err(reply),
    };
    (outcome, heard.await.unwrap().split_off(1))
}

fn token(command: &str) -> Secret {
    Secret::TokenCommand(command.to_owned())
}

#[tokio::test]
async fn an_access_token_comes_from_a_command() {
    let words = |said: &str| String::from_utf8(STANDARD.decode(said).unwrap()).unwrap();
    let (outcome, said) = sign_in("AUTH PLAIN XOAUTH2", &["235 welcome"], token("echo ya29.token")).await;
    assert_eq!(outcome, Ok(()));
    let first = said[0].strip_prefix("AUTH XOAUTH2 ").unwrap();
    assert_eq!(words(first), "user=ada=l\u{1}auth=Bearer ya29.token\u{1}\u{1}");
    let both = "AUTH OAUTHBEARER XOAUTH2";
    let (outcome, said) = sign_in(
        both,
        &["334 eyJzdGF0dXMiOiI0MDEifQ==", "535 5.7.8 token expired"],
        token("echo t"),
    )
    .await;
    assert_eq!(outcome, Err(Reply::new(535, "5.7.8 token expired")));
    let first = words(said[0].strip_prefix("AUTH OAUTHBEARER ").unwrap());
    assert!(
        first.starts_with("n,a=ada=3Dl,\u{1}host=127.0.0.1\u{1}port=")
            && first.ends_with("\u{1}auth=Bearer t\u{1}\u{1}")
    );
    assert_eq!(words(&said[1]), "\u{1}");
    let (outcome, said) = sign_in("AUTH XOAUTH2", &["334 e30=", "535 5.7.8 no"], token("printf 't\\n'")).await;
    assert_eq!((outcome.unwrap_err().code, said[1].as_str()), (535, ""));
    for (command, word) in [
        ("exit 3", "it failed"),
        ("true", "printed no token"),
        ("echo two words", "printed no token"),
        ("echo t; echo more", "printed no token"),
        ("no-such-command-anywhere 2>/dev/null", "it failed"),
    ] {
        let (outcome, said) = sign_in("AUTH XOAUTH2", &[], token(command)).await;
        let reply = outcome.unwrap_err();
        assert!(
            reply.text.contains("smtp_token_command") && reply.text.contains(word),
            "{reply}"
        );
        assert!(said.is_empty(), "nothing is said to the relay");
    }
    let (outcome, _) = sign_in("AUTH PLAIN", &[], token("echo t")).await;
    assert!(outcome.unwrap_err().text.contains("OAUTHBEARER and XOAUTH2"));
}

#[tokio::test]
async fn the_password_is_read_from_its_file_at_each_sign_in() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("password");
    for (written, password) in [("pa ss\n", "pa ss"), ("new\r\n", "new"), (" \u{e4}", " \u{e4}")] {
        std::fs::write(&file, written).unwrap();
        let (outcome, said) = sign_in("AUTH PLAIN", &["235 ok"], Secret::PasswordFile(file.clone())).await;
        assert_eq!(outcome, Ok(()));
        let proof = STANDARD.encode(format!("\0ada=l\0{password}"));
        assert_eq!(said[0], format!("AUTH PLAIN {proof}"));
    }
    for (written, word) in [(Some("\n"), "is empty"), (None, "cannot be read")] {
        match written {
            Some(written) => std::fs::write(&file, written).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let (outcome, said) = sign_in("AUTH PLAIN", &[], Secret::PasswordFile(file.clone())).await;
        let reply = outcome.unwrap_err();
        assert!(
            reply.text.contains("smtp_password_file") && reply.text.contains(word),
            "{reply}"
        );
        assert!(said.is_empty());
    }
}

/// A relay that offers STARTTLS and cannot do it: it says go, and then this.
async fn with_broken_tls(then: &'static [u8]) -> (std::net::SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                stream.get_mut().write_all(b"220 hi\r\n").await.unwrap();
                let mut line = String::new();
                let mut in_text = false;
                while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                    let reply: &[u8] = match line.get(..4).unwrap_or(&line) {
                        "EHLO" => b"250-hi\r\n250 STARTTLS\r\n",
                        "STAR" => b"220 go\r\n",
                        "DATA" => {
                            in_text = true;
                            b"354 go\r\n"
                        }
                        ".\r\n" => {
                            in_text = false;
                            b"250 taken\r\n"
                        }
                        _ if in_text => b"",
                        _ => b"250 Ok\r\n",
                    };
                    stream.get_mut().write_all(reply).await.unwrap();
                    if line.starts_with("STAR") {
                        // Only once the handshake has begun.
                        let _ = stream.read_u8().await;
                        let _ = stream.get_mut().write_all(then).await;
                        return;
                    }
                    line.clear();
                }
            });
        }
    });
    (address, task)
}

#[tokio::test]
async fn where_encryption_is_a_choice_a_relay_that_fails_at_it_gets_mail_in_the_clear() {
    for then in [&b""[..], b"454 TLS not available\r\n", b"\x15\x03\x03\x00\x02\x02\x28"] {
        let (address, _task) = with_broken_tls(then).await;
        let mut connection = dialer(&format!("smtp://{address}"), LONG).connect().await.unwrap();
        assert!(!connection.is_encrypted());
        assert!(matches!(send(&mut connection).await, Outcome::Accepted(_)));
        let reply = connect_error(&format!("smtp://{address}?tls=required")).await;
        assert!(reply.text.contains("TLS"), "{reply}");
    }
}

/// A relay that takes nobody's mail but these ones', which are sent in one go, each announced with the one before.
async fn all_at_once(relay: &FakeRelay, recipients: &[&str]) -> Vec<Outcome> {
    let mut connection = connect(relay).await;
    let mut outcomes = Vec::new();
    for (at, to) in recipients.iter().enumerate() {
        let wire = wire(&format!("To {to}"));
        let next = recipients.get(at + 1).map(|to| Announced {
            to: (*to).to_owned(),
            size: self::wire(&format!("To {to}")).len(),
        });
        outcomes.push(connection.send("events@example.org", to, &wire, next.as_ref()).await);
        if !connection.is_usable() {
            break;
        }
    }
    connection.close().await;
    outcomes
}

#[tokio::test]
async fn the_next_envelope_goes_with_the_text_and_each_mail_has_its_own_answers() {
    for offers in [PIPELINED, BARE] {
        let script = |at, line: &str, _| match at {
            At::Rcpt if line.contains("nobody@") => Act::Say("550 5.1.1 no such user"),
            At::Dot if line.contains("later@") => Act::Say("451 4.3.0 later"),
            At::Dot if line.contains("large@") => Act::Say("552 5.3.4 too big"),
            _ => Act::Well,
        };
        let relay = FakeRelay::offering(offers.to_vec(), script).await;
        let to = [
            "a@b.example",
            "nobody@b.example",
            "later@b.example",
            "large@b.example",
            "nobody@c.example",
            "z@b.example",
        ];
        let outcomes = all_at_once(&relay, &to).await;
        let codes: Vec<u16> = outcomes.iter().map(|outcome| outcome.reply().code).collect();
        assert_eq!(codes, [250, 550, 451, 552, 550, 250]);
        let taken: Vec<String> = relay.taken().into_iter().map(|mail| mail.to).collect();
        assert_eq!(
            (taken, relay.connections()),
            (vec!["a@b.example".to_owned(), "z@b.example".to_owned()], 1)
        );
    }
}

#[tokio::test]
async fn a_mail_that_was_announced_and_does_not_come_is_not_sent() {
    let relay = FakeRelay::offering(PIPELINED.to_vec(), |_, _, _| Act::Well).await;
    let dialer = dialer(&relay.url(), LONG);
    let next = Announced {
        to: "ben@example.net".to_owned(),
        size: 100,
    };
    // The relay is not to blame: over the next connection mails are announced again.
    for round in 1..=2 {
        let mut connection = dialer.connect().await.unwrap();
        let first = connection
            .send("a@example.org", "ada@example.net", &wire("Hi"), Some(&next))
            .await;
        assert!(matches!(first, Outcome::Accepted(_)) && connection.is_usable());
        let other = connection
            .send("a@example.org", "cleo@example.net", &wire("Hi"), None)
            .await;
        assert!(matches!(other, Outcome::Route(reply) if reply.code == 0) && !connection.is_usable());
        drop(connection);
        assert_eq!(relay.taken().len(), round);
    }
}

#[tokio::test]
async fn a_relay_that_cannot_keep_step_is_asked_one_thing_after_the_other() {
    // It goes away, without a word, once it has taken a mail.
    let relay = FakeRelay::offering(PIPELINED.to_vec(), |at, _, n| match at {
        At::Mail if n == 1 => Act::Drop,
        _ => Act::Well,
    })
    .await;
    let dialer = dialer(&relay.url(), LONG);
    let next = Announced {
        to: "ada@example.net".to_owned(),
        size: wire("Hi").len(),
    };
    let mut connection = dialer.connect().await.unwrap();
    for expected in [true, false] {
        let wire = wire("Hi");
        let outcome = connection
            .send("a@example.org", "ada@example.net", &wire, Some(&next))
            .await;
        assert_eq!(matches!(outcome, Outcome::Accepted(_)), expected, "{outcome:?}");
    }
    let mut connection = dialer.connect().await.unwrap();
    connection
        .send("a@example.org", "ada@example.net", &wire("Hi"), Some(&next))
        .await;
    // Nothing was announced any more, so another mail may follow.
    let other = connection
        .send("a@example.org", "ben@example.net", &wire("Hi"), None)
        .await;
    assert!(matches!(other, Outcome::Accepted(_)), "{other:?}");
}

/// Linux hands over what was answered, also where the other side left without reading to the end.
#[tokio::test]
async fn an_answer_counts_though_the_relay_leaves_with_the_next_envelope_unread() {
    for _ in 0..50 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}?tls=none", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let replies: [&[u8]; 3] = [
                b"220 hi\r\n",
                b"250-hi\r\n250 PIPELINING\r\n",
                b"250 Ok\r\n250 Ok\r\n354 go\r\n",
            ];
            for reply in replies {
                stream.write_all(reply).await.unwrap();
            }
            let mut heard = 0;
            // Up to the dot, one byte after another, and no further.
            while heard != u32::from_be_bytes(*b"\n.\r\n") {
                heard = heard << 8 | u32::from(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"250 taken\r\n").await.unwrap();
        });
        let mut connection = dialer(&url, LONG).connect().await.unwrap();
        let next = Announced {
            to: "ben@example.net".to_owned(),
            size: 100,
        };
        let outcome = connection
            .send("a@example.org", "ada@example.net", &wire("Hi"), Some(&next))
            .await;
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }
}

/// What a relay says to the final dot, in pieces, and how long it thinks before each.
async fn thinking(pieces: Vec<(Duration, &'static [u8])>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}?tls=none", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        for reply in taking_with(b"") {
            stream.get_mut().write_all(&reply).await.unwrap();
            if reply.is_empty() {
                break;
            }
            let end: &[u8] = if reply.starts_with(b"354") {
                b"\r\n.\r\n"
            } else {
                b"\r\n"
            };
            let mut said = Vec::new();
            while !said.ends_with(end) {
                said.push(stream.read_u8().await.unwrap());
            }
        }
        for (time, piece) in pieces {
            tokio::time::sleep(time).await;
            stream.get_mut().write_all(piece).await.unwrap();
        }
        // Until the other side goes.
        let _ = stream.read_u8().await;
    });
    url
}

/// RFC 5321, 4.5.3.2.6: ten minutes, which no command may take.
#[tokio::test]
async fn a_slow_reply_to_the_final_dot_is_waited_for() {
    let [slow, pause] = [Duration::from_secs(4), Duration::from_millis(1_400)];
    let conversations = [
        vec![(slow, &b"250 Ok\r\n"[..])],
        vec![
            (pause, b"2"),
            (pause, b"50 O"),
            (pause, b"k\r"),
            (Duration::ZERO, b"\n"),
        ],
        vec![
            (pause, b"250-looking\r\n"),
            (pause, b"250-looking\r\n"),
            (pause, b"250 taken\r\n"),
        ],
        vec![(pause, b"250-queued\r\n250"), (slow, b"\r\n")],
    ];
    let phases = Phases {
        command: Duration::from_secs(3),
        ..Phases::default()
    };
    let tries = conversations.map(|pieces| async move {
        let relay = Relay::parse(&thinking(pieces).await, None).unwrap();
        let mut connection = Dialer::new(relay, phases).unwrap().connect().await.unwrap();
        send(&mut connection).await
    });
    for outcome in futures_util::future::join_all(tries).await {
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }
}

#[tokio::test]
async fn on_this_machine_any_certificate_will_do_and_elsewhere_the_one_that_is_named() {
    // The certificate is for "localhost".
    let starttls = FakeRelay::offering(vec!["STARTTLS"], |_, _, _| Act::Well).await;
    let implicit = FakeRelay::with_tls("127.0.0.2").await;
    for url in [
        format!("smtp://{}", starttls.address),
        format!("smtps://{}?ca={CERTIFICATE}", implicit.address),
    ] {
        let mut connection = dialer(&url, LONG).connect().await.unwrap();
        assert!(connection.is_encrypted(), "{url}");
        assert!(matches!(send(&mut connection).await, Outcome::Accepted(_)), "{url}");
    }
}

/// A byte of a script, more often one that leads somewhere.
fn script() -> impl Strategy<Value = Vec<u8>> {
    let sensible = Just(vec![0, 160, 2, 160, 5, 160, 7, 160]);
    let bare = Just(vec![0, 160, 1, 160, 4, 160, 4, 160, 6, 160, 7, 160]);
    let byte = prop_oneof![4 => 0..=31_u8, 3 => Just(160_u8), 1 => any::<u8>()];
    let rest = proptest::collection::vec(byte, 0..30);
    let start = prop_oneof![2 => sensible, 2 => bare, 1 => Just(Vec::new())];
    (start, 0..12_usize, rest).prop_map(|(mut start, kept, rest)| {
        start.truncate(kept.max(start.len() / 2));
        start.extend(rest);
        start
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]
    #[test]
    fn whatever_a_server_says_a_mail_counts_as_taken_where_it_was(script in script()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(stranger::converse(&script));
    }
}
