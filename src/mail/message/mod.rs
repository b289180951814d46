//! One mail: what it says, and its form on the wire.
//!
//! `multipart/mixed( multipart/alternative( text, html[, calendar] )[, invite.ics][, file] )`; without anything to
//! attach the alternative stands alone. Bodies are 7bit, quoted-printable or base64, so every server takes them.
//!
//! A file that many mails carry is encoded once ([`EncodedFile`]) and shared: the wire form holds a reference to it,
//! never a copy, and is sent piece by piece.

mod body;
mod file;
mod headers;
mod wire;

use std::sync::Arc;

use jiff::Timestamp;

pub use file::EncodedFile;
pub use wire::{Piece, Wire};

use super::Person;
use super::calendar::Method;
use crate::values::Greeting;

/// What a mail says. Who sends it, to whom, when and under which id is added by the worker ([`Head`]).
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The recipient's name, if the mail shall show it.
    pub to_name: Option<String>,
    /// Where answers go, if not to the configured address.
    pub reply_to: Option<Person>,
    /// The subject.
    pub subject: String,
    /// The text body.
    pub text: String,
    /// The HTML body. It says the same.
    pub html: String,
    /// A calendar entry.
    pub invitation: Option<CalendarPart>,
    /// A file, encoded once and shared by all mails that carry it.
    pub file: Option<Arc<EncodedFile>>,
    /// The https address that takes an RFC 8058 one-click post. For what was not asked for: reminders, follow-ups.
    pub unsubscribe: Option<String>,
}

impl Message {
    /// A mail of a subject and two bodies that say the same.
    pub fn new(subject: impl Into<String>, text: impl Into<String>, html: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            text: text.into(),
            html: html.into(),
            ..Self::default()
        }
    }

    /// Shows the recipient's name, where it may be said.
    #[must_use]
    pub fn to(mut self, greeting: &Greeting) -> Self {
        self.to_name = greeting.name().map(str::to_owned);
        self
    }

    /// Adds a calendar entry.
    #[must_use]
    pub fn invitation(mut self, method: Method, ics: String) -> Self {
        self.invitation = Some(CalendarPart { method, ics });
        self
    }

    /// Attaches a file.
    #[must_use]
    pub fn file(mut self, file: Arc<EncodedFile>) -> Self {
        self.file = Some(file);
        self
    }

    /// Adds the one-click unsubscribe headers.
    #[must_use]
    pub fn unsubscribe(mut self, url: impl Into<String>) -> Self {
        self.unsubscribe = Some(url.into());
        self
    }
}

/// A calendar entry within a mail.
#[derive(Clone, Debug)]
pub struct CalendarPart {
    /// What the calendar shall do.
    pub method: Method,
    /// The entry, as [`super::calendar::CalendarEntry::write`] gives it.
    pub ics: String,
}

/// The envelope and the headers that do not depend on what the mail says. Equal in every retry.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// Our From.
    pub from: &'a Person,
    /// Where answers go, unless the message says otherwise.
    pub reply_to: Option<&'a Person>,
    /// The recipient's address.
    pub to: &'a str,
    /// With angle brackets.
    pub message_id: &'a str,
    /// When the mail was tried first.
    pub date: Timestamp,
}

/// Why a message has no wire form.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// An address that lettre does not take.
    #[error("the address cannot be mailed to: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// An unsubscribe address that is not a plain https or http URL.
    #[error("the unsubscribe address is not a URL")]
    Unsubscribe,
}

impl Message {
    /// Writes the mail.
    ///
    /// # Errors
    /// See [`Malformed`]: this mail can never be sent.
    pub fn encode(&self, head: &Head<'_>) -> Result<Wire, Malformed> {
        // Nobody who writes a body knows the id, and it is equal in every retry.
        let id = boundary_id(head.message_id);
        let (mixed, alternative) = (format!("=_mix_{id}"), format!("=_alt_{id}"));
        let mut out = Vec::with_capacity(self.text.len() + self.html.len() * 5 / 4 + 4096);
        out.extend_from_slice(headers::of(self, head)?.to_string().as_bytes());
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
        if self.invitation.is_none() && self.file.is_none() {
            self.write_alternative(&mut out, &alternative);
            return Ok(Wire::new(out, None, Vec::new()));
        }
        open_multipart(&mut out, "mixed", &mixed);
        self.write_alternative(&mut out, &alternative);
        if let Some(invitation) = &self.invitation {
            next_part(&mut out, &mixed);
            body::write_part(
                &mut out,
                "Content-Disposition: attachment; filename=\"invite.ics\"\r\nContent-Type: application/ics\r\n",
                &invitation.ics,
            );
        }
        let end = last_boundary(&mixed);
        let Some(file) = &self.file else {
            out.extend_from_slice(&end);
            return Ok(Wire::new(out, None, Vec::new()));
        };
        next_part(&mut out, &mixed);
        out.extend_from_slice(file.head().as_bytes());
        Ok(Wire::new(out, Some(Arc::clone(file)), end))
    }

    fn write_alternative(&self, out: &mut Vec<u8>, boundary: &str) {
        open_multipart(out, "alternative", boundary);
        body::write_part(out, "Content-Type: text/plain; charset=utf-8\r\n", &self.text);
        next_part(out, boundary);
        body::write_part(out, "Content-Type: text/html; charset=utf-8\r\n", &self.html);
        if let Some(CalendarPart { method, ics }) = &self.invitation {
            next_part(out, boundary);
            // Outlook wants the method here as well as in the entry.
            let head = format!(
                "Content-Type: text/calendar; method={}; charset=utf-8\r\n",
                method.name()
            );
            body::write_part(out, &head, ics);
        }
        out.extend_from_slice(&last_boundary(boundary));
    }
}

/// Before a boundary: the line's end belongs to it and not to the part before, which ends with one of its own.
const BETWEEN: &str = "\r\n--";

fn last_boundary(boundary: &str) -> Vec<u8> {
    format!("{BETWEEN}{boundary}--\r\n").into_bytes()
}

/// Several parts follow; the first begins.
fn open_multipart(out: &mut Vec<u8>, kind: &str, boundary: &str) {
    let head = format!("Content-Type: multipart/{kind};\r\n boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n");
    out.extend_from_slice(head.as_bytes());
}

fn next_part(out: &mut Vec<u8>, boundary: &str) {
    out.extend_from_slice(format!("{BETWEEN}{boundary}\r\n").as_bytes());
}

/// The id's own part: letters, digits, dash and underscore, all allowed in a boundary (RFC 2046, 5.1.1).
fn boundary_id(message_id: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let own = message_id.split('@').next().unwrap_or_default();
    own.chars().filter(is_plain).take(32).collect()
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders};

    use super::*;
    use crate::values::{EmailAddress, Said};

    fn us() -> Person {
        Person::named("Common Ground", EmailAddress::parse("events@example.org").unwrap())
    }

    fn encode(message: &Message) -> Vec<u8> {
        let from = us();
        let head = Head {
            from: &from,
            reply_to: None,
            to: "ada@example.net",
            message_id: "<AbCdEfGhIjKlMnOpQrStUv@example.org>",
            date: "2026-11-23T10:00:00Z".parse().unwrap(),
        };
        message.encode(&head).unwrap().to_bytes()
    }

    fn full() -> Message {
        let pdf: Vec<u8> = (0..200_000u32).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect();
        Message::new("Your seat", "Hello Ada,\n\nGrüße", "<p>Hello Ada</p><p>Grüße</p>")
            .to(&greeting("Ada Lovelace"))
            .invitation(Method::Request, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned())
            .file(Arc::new(EncodedFile::new(
                "Creating Effective Partnerships.pdf",
                "application/pdf",
                &pdf,
            )))
            .unsubscribe("https://example.org/unsubscribe/abc")
    }

    /// RFC 5322, 3.2.3: what is no atom stands in quotes.
    fn greeting(name: &str) -> Greeting {
        Greeting::new(&Said::new(name), true)
    }

    #[test]
    fn names_are_quoted_where_they_must_be() {
        for (name, shown) in [
            ("J.Smith", "\"J.Smith\""),
            ("Smith, John", "\"Smith, John\""),
            ("Jo \"Jo\" Link", "\"Jo \\\"Jo\\\" Link\""),
            ("Mike @ Acme", "\"Mike @ Acme\""),
            ("Ada (CTO)", "\"Ada (CTO)\""),
            ("a;b:c", "\"a;b:c\""),
            ("back\\slash", "\"back\\\\slash\""),
            ("Acme Inc.", "\"Acme Inc.\""),
            ("A. B. C", "\"A. B. C\""),
            ("<b>", "\"<b>\""),
        ] {
            let bytes = encode(&Message::new("Hi", "Hi", "<p>Hi</p>").to(&greeting(name)));
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.contains(&format!("To: {shown} <ada@example.net>")), "{text}");
            let mail = MessageParser::default().parse(&bytes).unwrap();
            assert_eq!(mail.to().unwrap().first().unwrap().name(), Some(name));
        }
    }

    #[test]
    fn the_parts_stand_where_mail_programs_look_for_them() {
        let bytes = encode(&full());
        let mail = MessageParser::default().parse(&bytes).unwrap();
        let kinds: Vec<String> = mail
            .parts
            .iter()
            .map(|p| {
                p.content_type()
                    .map(|t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or("")))
                    .unwrap()
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "multipart/mixed",
                "multipart/alternative",
                "text/plain",
                "text/html",
                "text/calendar",
                "application/ics",
                "application/pdf"
            ]
        );
        assert_eq!(
            mail.parts[4].content_type().unwrap().attribute("method"),
            Some("REQUEST")
        );
        assert_eq!(mail.body_text(0).unwrap().trim(), "Hello Ada,\r\n\r\nGrüße");
        let pdf = mail.parts[6].contents();
        assert_eq!(pdf.len(), 200_000);
        assert!(pdf.iter().enumerate().all(|(i, b)| usize::from(*b) == i * 7 % 251));
        assert_eq!(
            mail.parts[6].attachment_name(),
            Some("Creating-Effective-Partnerships.pdf")
        );
    }

    #[test]
    fn the_wire_is_ascii_in_lines_of_at_most_998() {
        let bytes = encode(&full());
        assert!(bytes.is_ascii());
        for line in bytes.split(|b| *b == b'\n') {
            assert!(line.len() <= 999);
        }
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        assert!(!text.contains("8bit"));
    }

    #[test]
    fn headers_say_that_a_machine_wrote_it() {
        let text = String::from_utf8(encode(&full())).unwrap();
        for wanted in [
            "From: \"Common Ground\" <events@example.org>\r\n",
            "To: \"Ada Lovelace\" <ada@example.net>\r\n",
            "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n",
            "Message-ID: <AbCdEfGhIjKlMnOpQrStUv@example.org>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "X-Auto-Response-Suppress: All\r\n",
            "List-Unsubscribe: <https://example.org/unsubscribe/abc>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "MIME-Version: 1.0\r\n",
        ] {
            assert!(text.contains(wanted), "{wanted} is missing in\n{}", &text[..900]);
        }
    }

    #[test]
    fn a_retry_is_the_same_bytes() {
        assert_eq!(encode(&full()), encode(&full()));
    }

    #[test]
    fn without_attachments_the_alternative_stands_alone() {
        let text = String::from_utf8(encode(&Message::new("Hi", "text", "<p>text</p>"))).unwrap();
        assert!(text.contains("multipart/alternative"));
        assert!(!text.contains("multipart/mixed"));
        assert!(!text.contains("List-Unsubscribe"));
    }

    #[test]
    fn names_and_subjects_cannot_add_headers() {
        let mut message = Message::new("Hi\r\nBcc: evil@example.com\u{0}", "text", "<p>text</p>");
        message.to_name = Some("Ada\r\nBcc: evil@example.com\0 \"x\" <y@z>".to_owned());
        let bytes = encode(&message);
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert!(mail.bcc().is_none());
        assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("ada@example.net"));
        assert_eq!(mail.to().unwrap().iter().count(), 1);
    }

    #[test]
    fn a_shared_file_is_not_copied() {
        let file = Arc::new(EncodedFile::new("a.pdf", "application/pdf", &vec![7; 300_000]));
        let message = Message::new("Hi", "text", "<p>text</p>").file(Arc::clone(&file));
        let from = us();
        let head = Head {
            from: &from,
            reply_to: None,
            to: "a@example.net",
            message_id: "<a@b>",
            date: Timestamp::UNIX_EPOCH,
        };
        let wire = message.encode(&head).unwrap();
        assert!(wire.start.len() + wire.end.len() < 4096);
        assert!(wire.pieces().all(|piece| piece.bytes.len() <= wire::PIECE));
        assert_eq!(wire.len(), wire.to_bytes().len());
    }

    #[test]
    fn an_unsubscribe_address_with_a_line_break_is_refused() {
        let message = Message::new("a", "b", "c").unsubscribe("https://x.example/\r\nBcc: y");
        let from = us();
        let head = Head {
            from: &from,
            reply_to: None,
            to: "a@example.net",
            message_id: "<a@b>",
            date: Timestamp::UNIX_EPOCH,
        };
        assert!(matches!(message.encode(&head), Err(Malformed::Unsubscribe)));
    }
}
