//! What a mail server said.

/// Longest text kept of a reply.
const LONGEST: usize = 400;

/// A server's reply: its code and its words, with every address taken out (replies are stored and shown).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// `250`, `550` ...; 0 where there was no reply and `text` says what happened instead.
    pub code: u16,
    /// The words, several lines joined by a space.
    pub text: String,
}

impl Reply {
    /// A reply, scrubbed.
    #[must_use]
    pub fn new(code: u16, text: &str) -> Self {
        Self {
            code,
            text: scrub(text),
        }
    }

    /// Our own words where the server said nothing.
    #[must_use]
    pub fn none(text: &str) -> Self {
        Self::new(0, text)
    }

    /// 2xx: done.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// 3xx: it waits for more.
    #[must_use]
    pub fn asks_on(&self) -> bool {
        (300..400).contains(&self.code)
    }

    /// 5xx: trying again will not help.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        (500..600).contains(&self.code)
    }

    /// The enhanced status code (RFC 3463): `5.1.1` is `(5, 1, 1)`.
    #[must_use]
    pub fn enhanced(&self) -> Option<(u16, u16, u16)> {
        let mut digits = self.text.split_whitespace().next()?.splitn(3, '.').map(str::parse);
        match (digits.next()?, digits.next()?, digits.next()?) {
            (Ok(class @ (2 | 4 | 5)), Ok(subject), Ok(detail)) => Some((class, subject, detail)),
            _ => None,
        }
    }

    /// The mailbox is full (4.2.2, 5.2.2): that passes, whatever the code says.
    #[must_use]
    pub fn is_full_mailbox(&self) -> bool {
        matches!(self.enhanced(), Some((4 | 5, 2, 2)))
    }

    /// The mail is larger than the server takes.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.code == 552 && !self.is_full_mailbox() || matches!(self.enhanced(), Some((5, 3, 4)))
    }

    /// The server goes away (421), whatever was asked of it.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.code == 421
    }

    /// What stays the same when a server says the same to two mails: the code and the words without those that hold
    /// a digit (queue ids, times).
    #[must_use]
    pub fn signature(&self) -> String {
        let words: Vec<&str> = self
            .text
            .split_whitespace()
            .filter(|word| !word.contains(|c: char| c.is_ascii_digit()))
            .collect();
        format!("{} {:?} {}", self.code, self.enhanced(), words.join(" "))
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            0 => f.write_str(&self.text),
            code => write!(f, "{code} {}", self.text),
        }
    }
}

/// Takes out every word with an `@`, and control characters.
fn scrub(text: &str) -> String {
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    let mut out = String::with_capacity(text.len().min(LONGEST));
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(if word.contains('@') { "(address)" } else { word });
        if out.len() > LONGEST {
            out.truncate(out.floor_char_boundary(LONGEST));
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_do_not_stay() {
        let reply = Reply::new(
            550,
            "5.1.1 <ada@example.net>: Recipient\r\naddress rejected: ada@example.net unknown",
        );
        assert_eq!(
            reply.text,
            "5.1.1 (address) Recipient address rejected: (address) unknown"
        );
    }

    #[test]
    fn enhanced_codes() {
        assert_eq!(Reply::new(550, "5.7.26 no").enhanced(), Some((5, 7, 26)));
        assert_eq!(Reply::new(550, "no such user").enhanced(), None);
        assert_eq!(Reply::new(550, "1.2.3.4 is blocked").enhanced(), None);
        assert_eq!(Reply::new(250, "").enhanced(), None);
        assert!(Reply::new(552, "5.3.4 too big").is_too_large());
        assert!(Reply::new(552, "too big").is_too_large());
        assert!(!Reply::new(552, "5.2.2 mailbox full").is_too_large());
        assert!(Reply::new(552, "5.2.2 mailbox full").is_full_mailbox());
    }

    #[test]
    fn the_same_words_about_two_mails_have_one_signature() {
        let one = Reply::new(554, "5.7.1 <a@x.example>: Relay access denied id=4711");
        let two = Reply::new(554, "5.7.1 <b@y.example>: Relay access denied id=4712");
        assert_eq!(one.signature(), two.signature());
        assert_ne!(one.signature(), Reply::new(554, "5.7.1 Blocked").signature());
    }

    #[test]
    fn long_replies_are_cut() {
        assert!(Reply::new(500, &"ä".repeat(5000)).text.len() <= LONGEST);
        assert!(Reply::new(500, &"ä ".repeat(5000)).text.len() <= LONGEST + 8);
    }
}
