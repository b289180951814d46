//! What an answer of the relay means for a mail: sent, try again and when, or the end. Pure, so that every case has a
//! test.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::blame::Blame;
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
