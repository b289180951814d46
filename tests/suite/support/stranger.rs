//! A mail server that says anything, in any pieces, at any time, and what must hold all the same. The property test draws
//! its scripts at random; the fuzz target in `fuzz/` has them bred.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use commonground::mail::Person;
use commonground::mail::message::{Head, Message, Wire};
use commonground::mail::relay::{Phases, Relay};
use commonground::mail::smtp::{Announced, Dialer, Outcome};
use commonground::values::EmailAddress;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

/// Moves of one script; then the server goes away.
const MOVES: usize = 40;
/// How long it listens before it goes on.
const LISTENS: Duration = Duration::from_millis(15);
/// Longer than any script takes.
const PATIENCE: Duration = Duration::from_secs(10);
const MAILS: usize = 3;

/// What servers say, and what is nearly that.
const SAYINGS: [&[u8]; 32] = [
    b"220 hi\r\n",
    b"250 hi\r\n",
    b"250-hi\r\n250-PIPELINING\r\n250 SIZE 100000\r\n",
    b"250-hi\r\n250 SIZE 10\r\n",
    b"250 Ok\r\n",
    b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go on\r\n",
    b"354 go on\r\n",
    b"250 2.0.0 queued\r\n",
    b"250 angenommen, sch\xf6nen Tag\r\n",
    b"250\r\n",
    b"250-\r\n",
    b"250",
    b"25",
    b"2",
    b"\r\n",
    b"\n",
    b"\r",
    b"421 4.3.2 going away\r\n",
    b"450 4.2.0 later\r\n",
    b"550 5.1.1 no such user\r\n",
    b"550 5.7.1 sender address rejected\r\n",
    b"552 5.3.4 too big\r\n",
    b"554 no\r\n",
    b"503 what?\r\n",
    b"334 \r\n",
    b"235 in\r\n",
    b"299 new\r\n",
    b"600 none\r\n",
    b"199 none\r\n",
    b"250-one\r\n550 two\r\n",
    b"-",
    b"\xff\xfe\x00",
];

enum Move {
    Say(Vec<u8>),
    Listen,
    Wait(Duration),
    Leave,
}

/// A byte is a move; some take bytes after them.
fn moves(script: &[u8]) -> Vec<Move> {
    let mut bytes = script.iter().copied();
    let mut moves = Vec::new();
    while let Some(byte) = bytes.next().filter(|_| moves.len() < MOVES) {
        moves.push(match byte {
            0..=159 => Move::Say(SAYINGS[usize::from(byte) % SAYINGS.len()].to_vec()),
            160..=223 => Move::Listen,
            224..=231 => Move::Wait(Duration::from_millis(u64::from(byte - 224))),
            232..=250 => Move::Say(bytes.by_ref().take(usize::from(byte - 231)).collect()),
            _ => Move::Leave,
        });
    }
    moves
}

/// What went to and fro.
#[derive(Default)]
struct Transcript {
    said: Vec<u8>,
    heard: Vec<u8>,
    /// It left without hearing to the end.
    left: bool,
}

async fn serve(listener: TcpListener, moves: Vec<Move>) -> Transcript {
    let mut transcript = Transcript::default();
    let (mut stream, _) = listener.accept().await.unwrap();
    for next in moves {
        match next {
            Move::Say(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    break;
                }
                transcript.said.extend(bytes);
            }
            Move::Listen => {
                let mut bytes = [0; 8_192];
                if let Ok(Ok(read)) = timeout(LISTENS, stream.read(&mut bytes)).await {
                    transcript.heard.extend(&bytes[..read]);
                }
            }
            Move::Wait(time) => sleep(time).await,
            Move::Leave => {
                transcript.left = true;
                return transcript;
            }
        }
    }
    // Nothing more is said, but all is heard.
    if stream.shutdown().await.is_ok() {
        let _ = stream.read_to_end(&mut transcript.heard).await;
    }
    transcript
}

/// Sends some mails to a server that follows the script, and compares what became of them with what was really said.
///
/// # Panics
/// Where a mail counts as taken that was not, or not as taken that was; where a hang lasts; where anything panics.
pub async fn converse(script: &[u8]) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, moves(script)));
    let started = Instant::now();
    let outcomes = send_to(address).await;
    assert!(started.elapsed() < PATIENCE, "it hung");
    let transcript = server.await.unwrap();
    let answers = answers(&transcript);
    for (number, outcome) in outcomes.iter().enumerate() {
        let answer = answers
            .iter()
            .find(|(text, _)| *text == number)
            .and_then(|(_, code)| *code);
        let was_taken = answer.is_some_and(|code| code / 100 == 2);
        let counts = matches!(outcome, Outcome::Accepted(_));
        let fits = counts == was_taken || counts && transcript.left;
        assert!(fits, "mail {number}: {outcome:?}, answered {answer:?}");
    }
}

async fn send_to(address: SocketAddr) -> Vec<Outcome> {
    let phases = Phases {
        connect: PATIENCE,
        command: PATIENCE,
        text: PATIENCE,
        text_per_100_kb: Duration::ZERO,
        text_longest: PATIENCE,
    };
    let relay = Relay::parse(&format!("smtp://{address}?tls=none"), None).unwrap();
    let mut outcomes = Vec::new();
    let Ok(mut connection) = Dialer::new(relay, phases).unwrap().connect().await else {
        return outcomes;
    };
    for number in 0..MAILS {
        if !connection.is_usable() {
            break;
        }
        let next = Announced {
            to: "b@example.net".to_owned(),
            size: wire(number + 1).len(),
        };
        let next = Some(&next).filter(|_| number + 1 < MAILS);
        let wire = wire(number);
        outcomes.push(connection.send("a@example.org", "b@example.net", &wire, next).await);
    }
    outcomes
}

fn wire(number: usize) -> Wire {
    let from = Person::nameless(EmailAddress::parse("a@example.org").unwrap());
    let head = Head {
        from: &from,
        reply_to: None,
        to: "b@example.net",
        message_id: "<1@example.org>",
        date: "2026-11-23T10:00:00Z".parse().unwrap(),
    };
    Message::new("Hi", format!("mail number {number};"), "<p>Hi</p>")
        .encode(&head)
        .unwrap()
}

/// The code that answers each text, told by its number: replies and commands go in pairs, in order.
fn answers(transcript: &Transcript) -> Vec<(usize, Option<u16>)> {
    let mut codes = codes(&transcript.said).into_iter();
    let mut answers = Vec::new();
    let mut rest = transcript.heard.as_slice();
    codes.next();
    while let Some((command, after)) = split(rest, b"\r\n") {
        let code = codes.next();
        rest = after;
        if !command.starts_with(b"DATA") || code.is_none_or(|code| code / 100 != 3) {
            continue;
        }
        // A lone dot, where nobody was to get the text, stands at its very start.
        let text = rest.strip_prefix(b".\r\n").map(|after| (&b""[..], after));
        let Some((text, after)) = text.or_else(|| split(rest, b"\r\n.\r\n")) else {
            break;
        };
        rest = after;
        answers.extend(number(text).map(|number| (number, codes.next())));
        if number(text).is_none() {
            codes.next();
        }
    }
    answers
}

fn number(text: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(text);
    text.split_once("mail number ")?.1.split_once(';')?.0.parse().ok()
}

fn split<'b>(bytes: &'b [u8], end: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = bytes.windows(end.len()).position(|window| window == end)?;
    Some((&bytes[..at], &bytes[at + end.len()..]))
}

/// The codes of whole replies, up to what is none.
fn codes(said: &[u8]) -> Vec<u16> {
    let mut codes = Vec::new();
    let mut of_lines: Option<u16> = None;
    let mut rest = said;
    while let Some((line, after)) = split(rest, b"\n") {
        rest = after;
        let line = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
        let digits: String = line.chars().take(3).collect();
        let sign = line.chars().nth(3);
        let is_code = digits.len() == 3 && digits.chars().all(|c| c.is_ascii_digit());
        let code: u16 = digits.parse().unwrap_or_default();
        if !is_code || !(200..600).contains(&code) || sign.is_some_and(|sign| sign.is_ascii_digit()) {
            break;
        }
        if of_lines.is_some_and(|before| before / 100 != code / 100) {
            break;
        }
        if sign == Some('-') {
            of_lines = Some(code);
        } else {
            codes.push(code);
            of_lines = None;
        }
    }
    codes
}
