//! What an answer of the relay means for a mail: sent, try again and when, or the end. Pure, so that every case has a
//! test.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::kind::Kind;
use super::outbox::{Claimed, MailState, Settlement};
use super::policy::Policy;
use super::smtp::reply::Reply;
use super::smtp::{Outcome, Step};
use crate::db::micros;

/// What is to be recorded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub settlement: Settlement,
    /// The relay says the address is bad: no more mail to it.
    pub bad_address: bool,
}

impl Verdict {
    /// One that says nothing of the address.
    pub(super) fn of(settlement: Settlement) -> Self {
        Self {
            settlement,
            bad_address: false,
        }
    }
}

/// Whom a refusal speaks of, whatever command it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// The recipient's address or mailbox.
    Recipient,
    /// The sender, our name, our rights or our limits: every other mail would meet it too.
    Route,
    /// This mail, as far as can be told.
    Mail,
}

/// Enhanced codes that speak of the recipient (RFC 3463; 5.1.10 is RFC 7505).
const RECIPIENT_CODES: [(u16, u16); 9] = [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6), (1, 10), (2, 1), (2, 2)];
/// Enhanced codes that speak of us: the sender (1.7, 1.8), the relay itself (3.2), sending quotas (4.5), what we may do and
/// how we are known (7.x; RFC 4954, 7372, 7505). Those with three digits are Microsoft's. 5.x is not among them: Outlook says
/// 5.5.0 of an unknown mailbox.
const ROUTE_CODES: [(u16, u16); 23] = [
    (1, 7),
    (1, 8),
    (3, 2),
    (4, 5),
    (7, 0),
    (7, 3),
    (7, 8),
    (7, 9),
    (7, 11),
    (7, 14),
    (7, 20),
    (7, 21),
    (7, 22),
    (7, 23),
    (7, 24),
    (7, 25),
    (7, 26),
    (7, 27),
    (7, 28),
    (7, 501),
    (7, 509),
    (7, 606),
    (7, 708),
];
/// Words that speak of us, where the code says less. Looked for before those of the recipient.
const ROUTE_WORDS: [&str; 37] = [
    "sender address",
    "sender rejected",
    "sender denied",
    "sender verify",
    "sender not",
    "sender domain",
    "from address",
    "return path",
    "mail from",
    "not owned by",
    "helo",
    "ehlo",
    "fully-qualified",
    "relay access",
    "relaying",
    "not permitted to relay",
    "to relay",
    "authentication required",
    "authenticate first",
    "must authenticate",
    "starttls",
    "not authorized to send",
    "not allowed to send",
    "client host",
    "blocked using",
    "blacklist",
    "blocklist",
    "spamhaus",
    "reverse dns",
    "ptr record",
    "spf",
    "dkim",
    "dmarc",
    "sending limit",
    "rate limit",
    "too many",
    "your ip",
];
/// Words that speak of the recipient, where the code says less.
const RECIPIENT_WORDS: [&str; 17] = [
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "unknown recipient",
    "invalid recipient",
    "recipient unknown",
    "recipient not found",
    "user not found",
    "mailbox not found",
    "mailbox unavailable",
    "no mailbox",
    "does not exist",
    "unrouteable address",
    "mailbox disabled",
    "account disabled",
];

impl Blame {
    /// Whose fault this refusal is. The code decides where it is one of those above, else the words.
    #[must_use]
    pub(super) fn of(reply: &Reply) -> Self {
        if reply.code == 0 {
            // Our own words: nobody refused anything.
            return Self::Mail;
        }
        let detail = reply.enhanced().map(|(_, subject, detail)| (subject, detail));
        if detail.is_some_and(|detail| RECIPIENT_CODES.contains(&detail)) {
            return Self::Recipient;
        }
        let words = reply.text.to_lowercase();
        let says = |list: &[&str]| list.iter().any(|phrase| has_phrase(&words, phrase));
        if detail.is_some_and(|detail| ROUTE_CODES.contains(&detail)) || says(&ROUTE_WORDS) {
            return Self::Route;
        }
        if says(&RECIPIENT_WORDS) {
            Self::Recipient
        } else {
            Self::Mail
        }
    }
}

/// Whether a phrase stands there, from the beginning of a word on: ids of mails hold any letters.
fn has_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        !text
            .get(..at)
            .unwrap_or_default()
            .ends_with(|c: char| c.is_ascii_alphanumeric())
    })
}

/// The moment and the rules by which answers are judged.
pub(super) struct Judge<'a> {
    pub policy: &'a Policy,
    pub now: Timestamp,
    /// Gives numbers from 0 to 1: spreads retries.
    pub random: fn() -> f64,
}

impl Judge<'_> {
    /// Judges the outcome of a send.
    pub(super) fn outcome(&self, mail: &Claimed, kind: &Kind, outcome: &Outcome) -> Verdict {
        let settlement = match outcome {
            Outcome::Accepted(reply) => self.ended(mail, MailState::Sent, reply, 1),
            Outcome::Refused(_, reply) if reply.is_permanent() && !reply.is_full_mailbox() => self.failed(mail, reply),
            Outcome::Refused(_, reply) | Outcome::Closing(reply) => self.again(mail, kind, reply),
            Outcome::TooLarge(reply) if mail.as_link => self.failed(mail, reply),
            Outcome::TooLarge(reply) => Settlement {
                as_link: true,
                ..Settlement::told(mail, reply)
            },
            Outcome::Ambiguous(reply) => self.ambiguous(mail, kind, reply),
            Outcome::Route(reply) => Settlement::told(mail, reply),
        };
        let bad_address = settlement.state == MailState::Failed
            && matches!(outcome, Outcome::Refused(Step::Recipient, reply) if Blame::of(reply) == Blame::Recipient);
        Verdict {
            settlement,
            bad_address,
        }
    }

    /// The end, in our own words.
    pub(super) fn end(&self, mail: &Claimed, state: MailState, words: &str) -> Settlement {
        self.ended(mail, state, &Reply::none(words), 0)
    }

    /// The end, by this reply.
    pub(super) fn failed(&self, mail: &Claimed, reply: &Reply) -> Settlement {
        self.ended(mail, MailState::Failed, reply, 1)
    }

    /// Not now, and no try of the mail's own: it waits for `wait`.
    pub(super) fn later(&self, mail: &Claimed, wait: Duration, reply: &Reply) -> Settlement {
        Settlement {
            next_at: self.after(wait),
            ..Settlement::told(mail, reply)
        }
    }

    fn ended(&self, mail: &Claimed, state: MailState, reply: &Reply, tries: i64) -> Settlement {
        Settlement {
            state,
            attempts: mail.attempts + tries,
            ended_at: Some(micros(self.now)),
            ..Settlement::told(mail, reply)
        }
    }

    fn again(&self, mail: &Claimed, kind: &Kind, reply: &Reply) -> Settlement {
        let tries = mail.attempts + 1;
        let Some(wait) = self.policy.retries.next(kind, tries, (self.random)()) else {
            return self.failed(mail, reply);
        };
        let next_at = self.after(wait);
        if mail.deadline.is_some_and(|deadline| next_at >= deadline) {
            return self.failed(mail, reply);
        }
        Settlement {
            next_at,
            attempts: tries,
            ..Settlement::told(mail, reply)
        }
    }

    fn ambiguous(&self, mail: &Claimed, kind: &Kind, reply: &Reply) -> Settlement {
        let ambiguous = mail.ambiguous + 1;
        let again = self.again(mail, kind, reply);
        if ambiguous > self.policy.ambiguous_repeats || again.state != MailState::Queued {
            return Settlement {
                ambiguous,
                ..self.ended(mail, MailState::Unknown, reply, 1)
            };
        }
        Settlement { ambiguous, ..again }
    }

    fn after(&self, wait: Duration) -> i64 {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        micros(self.now.checked_add(wait).unwrap_or(Timestamp::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Priority;

    const MINUTE: i64 = 60_000_000;

    fn mail() -> Claimed {
        Claimed {
            id: 7,
            kind: "test".to_owned(),
            priority: 10,
            dedupe_key: "test:1:0".to_owned(),
            recipient: "ada@example.net".to_owned(),
            subject_id: 1,
            params: "{}".to_owned(),
            message_id: "id".to_owned(),
            message_domain: String::new(),
            created_at: 0,
            dated_at: None,
            next_at: 0,
            deadline: None,
            attempts: 0,
            ambiguous: 0,
            as_link: false,
        }
    }

    fn judge(mail: &Claimed, outcome: &Outcome) -> Verdict {
        let kind = Kind::new("test", Priority::Confirmation);
        let policy = Policy::default();
        let now = Timestamp::from_microsecond(1000 * MINUTE).unwrap();
        Judge {
            policy: &policy,
            now,
            random: || 0.5,
        }
        .outcome(mail, &kind, outcome)
    }

    fn refused(code: u16, text: &str) -> Outcome {
        Outcome::Refused(Step::Recipient, Reply::new(code, text))
    }

    /// The examples are what relays really say.
    #[test]
    fn whose_fault_a_refusal_is() {
        for (fault, code, text) in [
            (
                Blame::Recipient,
                550,
                "5.1.1 <(address)>: Recipient address rejected: User unknown in virtual mailbox table",
            ),
            (Blame::Recipient, 550, "5.1.10 Recipient address has null MX"),
            (
                Blame::Recipient,
                550,
                "5.2.1 The email account that you tried to reach is disabled",
            ),
            (
                Blame::Recipient,
                450,
                "4.2.2 The recipient's inbox is out of storage space",
            ),
            (Blame::Recipient, 550, "No such user here"),
            (Blame::Recipient, 550, "Requested action not taken: mailbox unavailable"),
            (Blame::Recipient, 554, "delivery error: This user does not exist"),
            (Blame::Recipient, 550, "5.1.0 (address) User unknown"),
            (
                Blame::Route,
                550,
                "5.1.8 (address): Sender address rejected: Domain not found",
            ),
            (
                Blame::Route,
                450,
                "4.1.8 (address): Sender address rejected: Domain not found",
            ),
            (
                Blame::Route,
                553,
                "5.7.1 (address): Sender address rejected: not owned by user shop",
            ),
            (Blame::Route, 501, "5.1.7 Invalid address"),
            (
                Blame::Route,
                504,
                "5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
            ),
            (Blame::Route, 550, "5.7.1 <vm>: Helo command rejected: Host not found"),
            (Blame::Route, 501, "Syntactically invalid HELO argument(s)"),
            (
                Blame::Route,
                550,
                "Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
            ),
            (Blame::Route, 554, "EHLO requires domain address"),
            (Blame::Route, 554, "5.7.1 (address): Relay access denied"),
            (Blame::Route, 550, "relaying denied. Proper authentication required."),
            (Blame::Route, 530, "5.7.0 Must issue a STARTTLS command first"),
            (
                Blame::Route,
                550,
                "5.7.26 This mail has been blocked because the sender is unauthenticated",
            ),
            (
                Blame::Route,
                550,
                "5.7.509 Access denied, sending domain does not pass DMARC verification",
            ),
            (
                Blame::Route,
                550,
                "5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus",
            ),
            (Blame::Route, 550, "5.4.5 Daily user sending limit exceeded"),
            (Blame::Route, 451, "4.7.1 rate limit reached, try later"),
            (Blame::Route, 452, "4.5.3 Too many mails from you"),
            (
                Blame::Route,
                450,
                "4.7.25 Client host rejected: cannot find your reverse hostname",
            ),
            (Blame::Mail, 554, "5.7.1 Message looks like spam"),
            (Blame::Mail, 451, "4.7.1 Greylisted, see http://postgrey.schweikert.ch"),
            (Blame::Mail, 450, "4.2.0 Greylisted"),
            (Blame::Mail, 451, "4.3.0 Temporary lookup failure"),
            (Blame::Mail, 550, ""),
            (
                Blame::Recipient,
                550,
                "5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
            ),
            (Blame::Mail, 554, "5.5.1 Error: no valid recipients"),
            (Blame::Mail, 554, "5.7.1 refused, see id 4XSPFqT1"),
        ] {
            assert_eq!(Blame::of(&Reply::new(code, text)), fault, "{code} {text}");
        }
    }

    #[test]
    fn what_was_taken_is_sent() {
        let verdict = judge(&mail(), &Outcome::Accepted(Reply::new(250, "2.0.0 queued as 1")));
        let s = verdict.settlement;
        assert_eq!(
            (s.state, s.code, s.ended_at, s.attempts),
            (MailState::Sent, Some(250), Some(1000 * MINUTE), 1)
        );
        assert_eq!(s.reply.as_deref(), Some("2.0.0 queued as 1"));
    }

    #[test]
    fn a_refusal_for_good_is_the_end_and_only_5_1_x_suppresses() {
        let unknown = judge(&mail(), &refused(550, "5.1.1 no such user"));
        assert_eq!(
            (unknown.settlement.state, unknown.bad_address),
            (MailState::Failed, true)
        );
        let policy = judge(&mail(), &refused(550, "5.7.1 looks like spam"));
        assert_eq!(
            (policy.settlement.state, policy.bad_address),
            (MailState::Failed, false)
        );
        let at_the_dot = Outcome::Refused(Step::Text, Reply::new(550, "5.1.1 odd"));
        assert!(!judge(&mail(), &at_the_dot).bad_address);
    }

    #[test]
    fn a_refusal_that_may_pass_is_tried_again_in_five_minutes() {
        for outcome in [
            refused(450, "4.2.0 greylisted"),
            refused(552, "5.2.2 mailbox full"),
            refused(0, "connection broke"),
        ] {
            let s = judge(&mail(), &outcome).settlement;
            assert_eq!(
                (s.state, s.attempts, s.next_at),
                (MailState::Queued, 1, 1005 * MINUTE),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn after_its_time_it_is_given_up() {
        let tired = Claimed { attempts: 40, ..mail() };
        let s = judge(&tired, &refused(450, "4.2.0 later")).settlement;
        assert_eq!((s.state, s.reply.as_deref()), (MailState::Failed, Some("4.2.0 later")));
        let urgent = Claimed {
            deadline: Some(1004 * MINUTE),
            ..mail()
        };
        assert_eq!(
            judge(&urgent, &refused(450, "later")).settlement.state,
            MailState::Failed
        );
    }

    #[test]
    fn a_fault_of_the_route_costs_nothing() {
        let tired = Claimed {
            attempts: 40,
            next_at: 5,
            ..mail()
        };
        let s = judge(&tired, &Outcome::Route(Reply::new(421, "closing"))).settlement;
        assert_eq!((s.state, s.attempts, s.next_at), (MailState::Queued, 40, 5));
    }

    #[test]
    fn what_is_too_large_goes_once_more_as_a_link() {
        let too_large = Outcome::TooLarge(Reply::new(552, "5.3.4 too big"));
        let s = judge(&mail(), &too_large).settlement;
        assert_eq!((s.state, s.as_link, s.attempts), (MailState::Queued, true, 0));
        let link = Claimed {
            as_link: true,
            ..mail()
        };
        assert_eq!(judge(&link, &too_large).settlement.state, MailState::Failed);
    }

    #[test]
    fn what_may_have_been_taken_is_repeated_twice() {
        let lost = Outcome::Ambiguous(Reply::none("lost"));
        let mut mail = mail();
        for repeat in 1..=2 {
            let s = judge(&mail, &lost).settlement;
            assert_eq!((s.state, s.ambiguous), (MailState::Queued, repeat));
            mail.ambiguous = s.ambiguous;
            mail.attempts = s.attempts;
        }
        let s = judge(&mail, &lost).settlement;
        assert_eq!((s.state, s.ambiguous), (MailState::Unknown, 3));
    }
}
