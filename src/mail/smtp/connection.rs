//! One open connection to the relay: mails one after another.
//!
//! PIPELINING and SIZE where they are offered, RSET after a refusal, and a connection that was left in the middle of
//! anything is never used again. Where the next mail is known, its envelope goes with the end of the text before it
//! (RFC 2920, 3.1): so a mail costs one round trip. A relay that does not keep step with that gets it no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::dialogue::{Dialogue, Lost};
use super::offers::Offers;
use super::reply::Reply;
use super::{Outcome, Step};
use crate::mail::message::Wire;
use crate::mail::relay::Phases;

/// Texts up to this size leave in one write, with the final dot.
const ONE_WRITE: usize = 128 * 1024;

/// The mail after this one: its envelope may go with the end of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// The recipient.
    pub to: String,
    /// Octets on the wire.
    pub size: usize,
}

/// An open connection, ready for mail.
pub struct Connection {
    dialogue: Dialogue,
    phases: Phases,
    offers: Offers,
    usable: bool,
    lost: bool,
    mails: u64,
    /// The envelope that is with the relay already.
    announced: Option<Announced>,
    /// Whether the relay copes with envelopes that come early.
    keeps_step: Arc<AtomicBool>,
    /// What is to be written next; kept, so that no mail makes its own.
    waiting: Vec<u8>,
}

impl Connection {
    pub(super) fn new(dialogue: Dialogue, offers: Offers, phases: Phases, keeps_step: Arc<AtomicBool>) -> Self {
        Self {
            dialogue,
            phases,
            offers,
            usable: true,
            lost: false,
            mails: 0,
            announced: None,
            keeps_step,
            waiting: Vec::new(),
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
        self.dialogue.is_encrypted()
    }

    /// Sends one mail; where it is known, says which follows. That one must be the next, over this connection or none. The
    /// reply to the final dot may take ten minutes (RFC 5321, 4.5.3.2.6).
    ///
    /// May be dropped at any point; the connection is then not usable any more.
    pub async fn send(&mut self, from: &str, to: &str, wire: &Wire, next: Option<&Announced>) -> Outcome {
        if let Some(limit) = self.offers.size.filter(|limit| wire.len() > *limit) {
            return Outcome::TooLarge(Reply::none(&format!("The relay takes mails up to {limit} octets.")));
        }
        self.usable = false;
        if self
            .announced
            .as_ref()
            .is_some_and(|mail| mail.to != to || mail.size != wire.len())
        {
            return Outcome::Route(Reply::none("Another mail was announced to the relay."));
        }
        let was_announced = self.announced.is_some();
        let outcome = match self.envelope(from, to, wire.len()).await {
            Ok(()) => self.text(from, wire, next).await,
            Err(outcome) => outcome,
        };
        if self.lost && (was_announced || self.announced.is_some()) {
            self.keeps_step.store(false, Ordering::Relaxed);
        }
        self.mails += 1;
        if outcome.reply().is_closing() {
            return match outcome {
                Outcome::Route(reply) => Outcome::Route(reply),
                other => Outcome::Closing(other.reply().clone()),
            };
        }
        let at_rest = matches!(outcome, Outcome::Accepted(_));
        // Where an envelope has gone ahead, the text's reply has ended the mail before it anyway.
        self.usable = !self.lost && (at_rest || self.announced.is_some() || self.reset().await);
        outcome
    }

    /// Asks whether a mail from `from` to itself would be taken, and sends none. `Err`: the command that was refused, and
    /// the reply.
    ///
    /// # Errors
    /// When the relay refuses, or the connection breaks.
    pub async fn would_take(&mut self, from: &str) -> Result<(), (&'static str, Reply)> {
        for (step, command) in [
            ("MAIL FROM", format!("MAIL FROM:<{from}>\r\n")),
            ("RCPT TO", format!("RCPT TO:<{from}>\r\n")),
            ("RSET", "RSET\r\n".to_owned()),
        ] {
            let reply = self.ask(step, &command).await.map_err(|Lost(reply)| (step, reply))?;
            if !reply.is_positive() {
                return Err((step, reply));
            }
        }
        Ok(())
    }

    fn mail_command(&self, from: &str, size: usize) -> String {
        if self.offers.has_size {
            format!("MAIL FROM:<{from}> SIZE={size}\r\n")
        } else {
            format!("MAIL FROM:<{from}>\r\n")
        }
    }

    /// What is said in one write.
    fn whole_envelope(&self, from: &str, to: &str, size: usize) -> String {
        format!("{}{}DATA\r\n", self.mail_command(from, size), rcpt_command(to))
    }

    /// MAIL, RCPT and DATA; in one write where the server takes that (RFC 2920), or with the text before.
    async fn envelope(&mut self, from: &str, to: &str, size: usize) -> Result<(), Outcome> {
        let announced = self.announced.take();
        let (mail, rcpt, data) = if self.offers.pipelining {
            let mail = match announced {
                Some(_) => self.hear("MAIL").await,
                None => self.ask("MAIL", &self.whole_envelope(from, to, size)).await,
            };
            let mail = mail.map_err(Lost::route)?;
            if mail.is_closing() {
                return Err(Outcome::Route(mail));
            }
            // All three replies come, whatever the first one says.
            let rcpt = self.hear("RCPT").await.map_err(Lost::recipient)?;
            let data = self.hear("DATA").await.map_err(Lost::recipient)?;
            (mail, rcpt, data)
        } else {
            let mail = self.ask("MAIL", &self.mail_command(from, size)).await;
            let mail = mail.map_err(Lost::route)?;
            check_sender(&mail)?;
            let rcpt = self.ask("RCPT", &rcpt_command(to)).await.map_err(Lost::recipient)?;
            check_recipient(&rcpt)?;
            let data = self.ask("DATA", "DATA\r\n").await.map_err(Lost::recipient)?;
            (mail, rcpt, data)
        };
        let checked = check_sender(&mail).and_then(|()| check_recipient(&rcpt));
        match (checked, data.asks_on()) {
            (Ok(()), true) => Ok(()),
            (Ok(()), false) => Err(Outcome::Refused(Step::Data, data)),
            (Err(outcome), asks_on) => {
                // RFC 2920, 3.1: with no recipient and DATA accepted, the text is a lone dot.
                if asks_on {
                    self.lost |= self.ask("text", ".\r\n").await.is_err();
                }
                Err(outcome)
            }
        }
    }

    async fn text(&mut self, from: &str, wire: &Wire, next: Option<&Announced>) -> Outcome {
        let limit = self.phases.for_text(wire.len());
        let next = next.filter(|next| self.can_announce(next));
        let after = next.map(|next| self.whole_envelope(from, &next.to, next.size));
        if let Err(Lost(words)) = self.write_text(wire, &after.unwrap_or_default(), limit).await {
            // Not all of it is with the network, the final dot least of all.
            self.lost = true;
            return Outcome::Refused(Step::Text, words);
        }
        self.announced = next.cloned();
        match self.dialogue.hear_within("text", self.phases.text_longest).await {
            Ok(lines) => {
                let reply = lines.reply();
                match reply {
                    reply if reply.is_positive() => Outcome::Accepted(reply),
                    reply if reply.is_too_large() => Outcome::TooLarge(reply),
                    reply => Outcome::Refused(Step::Text, reply),
                }
            }
            Err(Lost(words)) => {
                self.lost = true;
                Outcome::Ambiguous(words)
            }
        }
    }

    fn can_announce(&self, next: &Announced) -> bool {
        let is_small_enough = self.offers.size.is_none_or(|limit| next.size <= limit);
        self.offers.pipelining && is_small_enough && self.keeps_step.load(Ordering::Relaxed)
    }

    /// The text, dots doubled where a line begins with one (RFC 5321, 4.5.2), the final dot, and what goes with it.
    async fn write_text(&mut self, wire: &Wire, after: &str, limit: Duration) -> Result<(), Lost> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.clear();
        let mut at_start = true;
        for piece in wire.pieces() {
            if piece.has_dots {
                push_stuffed(&mut waiting, &piece.bytes, at_start);
            } else if waiting.len() + piece.bytes.len() > ONE_WRITE {
                // A large piece is not copied.
                self.dialogue.write("text", limit, &waiting).await?;
                waiting.clear();
                self.dialogue.write("text", limit, &piece.bytes).await?;
            } else {
                waiting.extend_from_slice(&piece.bytes);
            }
            at_start = piece.bytes.ends_with(b"\n");
        }
        waiting.extend_from_slice(b"\r\n.\r\n");
        waiting.extend_from_slice(after.as_bytes());
        let written = self.dialogue.write("text", limit, &waiting).await;
        self.waiting = waiting;
        written
    }

    async fn reset(&mut self) -> bool {
        self.ask("RSET", "RSET\r\n")
            .await
            .is_ok_and(|reply| reply.is_positive())
    }

    async fn ask(&mut self, step: &str, commands: &str) -> Result<Reply, Lost> {
        let answer = self.dialogue.ask(step, commands).await;
        self.lost |= answer.is_err();
        answer.map(|lines| lines.reply())
    }

    async fn hear(&mut self, step: &str) -> Result<Reply, Lost> {
        let answer = self.dialogue.hear(step).await;
        self.lost |= answer.is_err();
        answer.map(|lines| lines.reply())
    }

    /// Says goodbye, without waiting for long.
    pub async fn close(self) {
        if self.usable && self.announced.is_none() {
            self.dialogue.quit().await;
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

fn rcpt_command(to: &str) -> String {
    format!("RCPT TO:<{to}>\r\n")
}

fn check_sender(mail: &Reply) -> Result<(), Outcome> {
    match mail {
        mail if mail.is_positive() => Ok(()),
        mail if mail.is_too_large() => Err(Outcome::TooLarge(mail.clone())),
        mail => Err(Outcome::Route(mail.clone())),
    }
}

fn check_recipient(rcpt: &Reply) -> Result<(), Outcome> {
    if rcpt.is_positive() {
        Ok(())
    } else {
        Err(Outcome::Refused(Step::Recipient, rcpt.clone()))
    }
}

fn push_stuffed(out: &mut Vec<u8>, bytes: &[u8], at_start: bool) {
    let mut at_start = at_start;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if at_start && line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        at_start = true;
    }
}
