//! Whom a refusal of a relay speaks of: the recipient, us, or this mail.

use super::smtp::reply::Reply;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
