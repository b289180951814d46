//! One open connection to the relay.

use std::fmt;
use std::iter::Peekable;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Rset;
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use super::commands::{Envelope, MailFrom};
use super::passage::Hatch;
use super::reply::Reply;
use super::{Outcome, Step, refusal};
use crate::mail::message::{Piece, Wire};
use crate::mail::relay::Phases;

/// What the server can do, beyond what lettre asks for.
#[derive(Clone, Copy)]
struct Offers {
    pipelining: bool,
    size: Option<usize>,
}

impl Offers {
    fn read(offers: &Response) -> Self {
        let pipelining = offers
            .message()
            .any(|line| line.trim().eq_ignore_ascii_case("PIPELINING"));
        Self {
            pipelining,
            size: size_offer(offers),
        }
    }
}

/// The largest mail the server says it takes.
fn size_offer(offers: &Response) -> Option<usize> {
    let line = offers
        .message()
        .find(|line| line.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("SIZE ")))?;
    line.get(5..)?.trim().parse().ok().filter(|size| *size > 0)
}

/// An open connection, ready for mail.
pub struct Connection {
    smtp: AsyncSmtpConnection,
    /// None where lettre encrypts: see `passage`.
    hatch: Option<Hatch>,
    phases: Phases,
    offers: Offers,
    encrypted: bool,
    usable: bool,
    lost: bool,
    mails: u64,
}

/// The connection is of no more use: it broke, or nothing came in time.
struct Lost(Reply);

impl Connection {
    /// One that was greeted; `offers` is the reply to EHLO. Without `hatch`, lettre encrypts.
    pub(super) fn new(
        smtp: AsyncSmtpConnection,
        hatch: Option<Hatch>,
        phases: Phases,
        offers: &Response,
        encrypted: bool,
    ) -> Self {
        Self {
            smtp,
            hatch,
            phases,
            offers: Offers::read(offers),
            encrypted,
            usable: true,
            lost: false,
            mails: 0,
        }
    }

    /// False once anything was left halfway. Then it is to be dropped.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.usable
    }

    /// How many mails it has carried. On a used one, a lost connection is just an idle one that the server closed.
    #[must_use]
    pub fn mails(&self) -> u64 {
        self.mails
    }

    /// The largest mail the relay says it takes.
    #[must_use]
    pub fn size_limit(&self) -> Option<usize> {
        self.offers.size
    }

    /// Whether the dialogue is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Sends one mail. `text_time` is how long the text and the reply to it may take.
    ///
    /// May be dropped at any point; the connection is then not usable any more.
    pub async fn send(&mut self, from: &str, to: &str, wire: &Wire, text_time: Duration) -> Outcome {
        if let Some(limit) = self.offers.size.filter(|limit| wire.len() > *limit) {
            return Outcome::TooLarge(Reply::none(&format!("The relay takes mails up to {limit} octets.")));
        }
        self.usable = false;
        let outcome = match self.envelope(from, to, wire.len()).await {
            Ok(()) => self.text(wire, text_time).await,
            Err(outcome) => outcome,
        };
        self.mails += 1;
        if outcome.reply().is_closing() {
            return Outcome::Route(outcome.reply().clone());
        }
        let at_rest = matches!(outcome, Outcome::Accepted(_));
        self.usable = !self.lost && (at_rest || self.reset().await);
        outcome
    }

    /// MAIL, RCPT and DATA; in one write where the server takes that.
    async fn envelope(&mut self, from: &str, to: &str, size: usize) -> Result<(), Outcome> {
        let size = self.offers.size.map(|_| size);
        let (mail, rcpt, data) = if self.offers.pipelining {
            let together = Envelope { from, to, size };
            let mail = self.ask(together).await.map_err(Lost::route)?;
            if mail.is_closing() {
                return Err(Outcome::Route(mail));
            }
            // All three replies come, whatever the first one says.
            let rcpt = self.next().await.map_err(Lost::recipient)?;
            let data = self.next().await.map_err(Lost::recipient)?;
            (mail, rcpt, data)
        } else {
            let mail = self.ask(MailFrom { from, size }).await.map_err(Lost::route)?;
            check_sender(&mail)?;
            let rcpt = self.ask(format!("RCPT TO:<{to}>\r\n")).await.map_err(Lost::recipient)?;
            check_recipient(&rcpt)?;
            let data = self.ask("DATA\r\n").await.map_err(Lost::recipient)?;
            (mail, rcpt, data)
        };
        let checked = check_sender(&mail).and_then(|()| check_recipient(&rcpt));
        match (checked, data.code) {
            (Ok(()), 354) => Ok(()),
            (Ok(()), _) => Err(Outcome::Refused(Step::Data, data)),
            // RFC 2920, 3.1: with no recipient and DATA accepted, the text is a lone dot.
            (Err(outcome), code) => {
                if code == 354 {
                    self.end_empty_text().await;
                }
                Err(outcome)
            }
        }
    }

    async fn text(&mut self, wire: &Wire, text_time: Duration) -> Outcome {
        let ended = AtomicBool::new(false);
        let pieces = Handed {
            pieces: wire.pieces().peekable(),
            hatch: self.hatch.as_ref(),
            ended: &ended,
        };
        let result = timeout(text_time, self.smtp.message_iter(pieces)).await;
        let lost = match result {
            Ok(result) => match reply(result) {
                Ok(reply) if reply.code < 400 => return Outcome::Accepted(reply),
                Ok(reply) if reply.is_too_large() => return Outcome::TooLarge(reply),
                Ok(reply) => return Outcome::Refused(Step::Text, reply),
                Err(Lost(words)) => words,
            },
            Err(_) => Reply::none("The relay did not answer in time (text)."),
        };
        self.lost = true;
        // Once all pieces are handed over and none lies in the hatch, the final dot may have gone out.
        if ended.load(Ordering::Relaxed) && self.hatch.as_ref().is_none_or(Hatch::is_empty) {
            Outcome::Ambiguous(lost)
        } else {
            Outcome::Refused(Step::Text, lost)
        }
    }

    async fn end_empty_text(&mut self) {
        let nothing = self.smtp.message_iter(std::iter::empty::<&[u8]>());
        self.lost |= in_time(self.phases.command, nothing).await.is_err();
    }

    async fn reset(&mut self) -> bool {
        self.ask(Rset).await.is_ok_and(|reply| reply.code == 250)
    }

    async fn ask(&mut self, command: impl fmt::Display) -> Result<Reply, Lost> {
        let answer = in_time(self.phases.command, self.smtp.command(command)).await;
        self.lost |= answer.is_err();
        answer
    }

    async fn next(&mut self) -> Result<Reply, Lost> {
        let answer = in_time(self.phases.command, self.smtp.read_response()).await;
        self.lost |= answer.is_err();
        answer
    }

    /// Says goodbye, without waiting for long.
    pub async fn close(mut self) {
        if self.usable {
            let patience = self.phases.command.min(Duration::from_secs(2));
            let _: Result<_, _> = timeout(patience, self.smtp.quit()).await;
        }
    }
}

impl Lost {
    fn route(self) -> Outcome {
        Outcome::Route(self.0)
    }

    fn recipient(self) -> Outcome {
        Outcome::Refused(Step::Recipient, self.0)
    }
}

fn check_sender(mail: &Reply) -> Result<(), Outcome> {
    match mail {
        mail if mail.code < 400 => Ok(()),
        mail if mail.is_too_large() => Err(Outcome::TooLarge(mail.clone())),
        mail => Err(Outcome::Route(mail.clone())),
    }
}

fn check_recipient(rcpt: &Reply) -> Result<(), Outcome> {
    if rcpt.code < 400 {
        Ok(())
    } else {
        Err(Outcome::Refused(Step::Recipient, rcpt.clone()))
    }
}

async fn in_time(
    limit: Duration,
    step: impl Future<Output = Result<Response, lettre::transport::smtp::Error>>,
) -> Result<Reply, Lost> {
    match timeout(limit, step).await {
        Ok(result) => reply(result),
        Err(_) => Err(Lost(Reply::none("The relay did not answer in time."))),
    }
}

fn reply(result: Result<Response, lettre::transport::smtp::Error>) -> Result<Reply, Lost> {
    match result {
        Ok(response) => {
            let words: Vec<&str> = response.message().collect();
            Ok(Reply::new(u16::from(response.code()), &words.join(" ")))
        }
        Err(error) => {
            refusal(&error).ok_or_else(|| Lost(Reply::none(&format!("The connection to the relay broke: {error}."))))
        }
    }
}

/// Lays pieces beneath lettre where there is a hatch, and knows when the last one has been handed over.
struct Handed<'a, I: Iterator<Item = Piece>> {
    pieces: Peekable<I>,
    hatch: Option<&'a Hatch>,
    ended: &'a AtomicBool,
}

impl<I: Iterator<Item = Piece>> Handed<'_, I> {
    fn end(&self) -> Option<Bytes> {
        self.ended.store(true, Ordering::Relaxed);
        None
    }
}

impl<I: Iterator<Item = Piece>> Iterator for Handed<'_, I> {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let Some(piece) = self.pieces.next() else {
            return self.end();
        };
        let Some(hatch) = self.hatch.filter(|_| !piece.has_dots) else {
            return Some(piece.bytes);
        };
        hatch.lay(piece.bytes);
        // lettre flushes after an empty piece too; the final dot takes the last one along.
        if self.pieces.peek().is_none() {
            return self.end();
        }
        Some(Bytes::new())
    }
}
