//! One mail: what it says, and its form on the wire.
//!
//! `multipart/mixed( multipart/alternative( text, html[, calendar] )[, invite.ics][, file] )`; without anything to
//! attach the alternative stands alone. Bodies are 7bit, quoted-printable or base64, so every server takes them.
//!
//! A file that many mails carry is encoded once ([`EncodedFile`]) and shared: the wire form holds a reference to it,
//! never a copy, and is sent piece by piece.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{self, ContentType, HeaderName, HeaderValue, Headers};
use lettre::message::{Attachment, Mailbox, Mailboxes, MultiPart, SinglePart};
use memchr::memmem;

use super::Person;
use super::calendar::Method;

/// Most octets of a piece.
const PIECE: usize = 64 * 1024;
/// 57 bytes are 76 base64 characters, the longest line MIME allows.
const LINE: usize = 57;

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

    /// Shows the recipient's name.
    #[must_use]
    pub fn to_name(mut self, name: impl Into<String>) -> Self {
        self.to_name = Some(name.into());
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

/// A file in the form a mail carries it.
#[derive(Debug)]
pub struct EncodedFile {
    name: String,
    content_type: String,
    base64: Bytes,
}

impl EncodedFile {
    /// As the recipient saves it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Encodes a file. Its name is cut down to short ASCII, because that is what every mail program shows right.
    #[must_use]
    pub fn new(name: &str, content_type: &str, bytes: &[u8]) -> Self {
        let lines = bytes.len().div_ceil(LINE);
        let mut base64 = String::with_capacity(bytes.len().div_ceil(3) * 4 + lines * 2);
        for line in bytes.chunks(LINE) {
            STANDARD.encode_string(line, &mut base64);
            base64.push_str("\r\n");
        }
        Self {
            name: plain_name(name),
            content_type: header_text(content_type),
            base64: base64.into(),
        }
    }

    /// Octets it takes up in memory and in each mail.
    #[must_use]
    pub fn len(&self) -> usize {
        self.base64.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.base64.is_empty()
    }
}

/// Letters, digits, dot, dash and underscore; 60 characters at most. The extension stays, unless it is too long for one.
fn plain_name(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
                c
            } else {
                '-'
            }
        })
        .collect();
    let parts = clean.rsplit_once('.').filter(|(_, extension)| extension.len() <= 8);
    let (stem, extension) = parts.unwrap_or((&clean, "bin"));
    let stem: String = stem.trim_matches(['-', '.']).chars().take(51).collect();
    format!("{}.{extension}", if stem.is_empty() { "file" } else { &stem })
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
    /// When the mail was asked for.
    pub date: Timestamp,
}

/// Why a message has no wire form.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// An address that lettre does not take.
    #[error("the address cannot be mailed to: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// A content type that is none.
    #[error("the content type is not one: {0}")]
    ContentType(#[from] header::ContentTypeErr),
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
        // Bodies never hold "=_" once encoded, and the boundary is equal in every retry.
        let id = boundary_id(head.message_id);
        let mut bytes = Vec::with_capacity(self.text.len() + self.html.len() * 5 / 4 + 2048);
        bytes.extend_from_slice(self.headers(head)?.to_string().as_bytes());
        bytes.extend_from_slice(b"MIME-Version: 1.0\r\n");

        let alternative = self.alternative(&format!("=_alt_{id}"))?;
        if self.invitation.is_none() && self.file.is_none() {
            bytes.extend_from_slice(&alternative.formatted());
            return Ok(Wire::new(bytes, None, Vec::new()));
        }
        let boundary = format!("=_mix_{id}");
        let mut mixed = MultiPart::mixed().boundary(&boundary).multipart(alternative);
        if let Some(invitation) = &self.invitation {
            let kind = ContentType::parse("application/ics")?;
            mixed = mixed.singlepart(Attachment::new("invite.ics".to_owned()).body(invitation.ics.clone(), kind));
        }
        bytes.extend_from_slice(&mixed.formatted());
        let Some(file) = &self.file else {
            return Ok(Wire::new(bytes, None, Vec::new()));
        };
        // The file's part goes in before the closing boundary.
        let end = format!("--{boundary}--\r\n");
        bytes.truncate(bytes.len() - end.len());
        bytes.extend_from_slice(file_head(&boundary, file).as_bytes());
        Ok(Wire::new(bytes, Some(Arc::clone(file)), end.into_bytes()))
    }

    fn headers(&self, head: &Head<'_>) -> Result<Headers, Malformed> {
        let mut headers = Headers::with_capacity(12);
        headers.insert_raw(raw(
            "Date",
            &head.date.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
        ));
        headers.set(header::From::from(Mailboxes::from(mailbox(head.from)?)));
        if let Some(reply_to) = self.reply_to.as_ref().or(head.reply_to) {
            headers.set(header::ReplyTo::from(Mailboxes::from(mailbox(reply_to)?)));
        }
        let to = Mailbox::new(self.to_name.as_deref().and_then(display_name), head.to.parse()?);
        headers.set(header::To::from(Mailboxes::from(to)));
        headers.set(header::Subject::from(header_text(&self.subject)));
        headers.set(header::MessageId::from(header_text(head.message_id)));
        headers.insert_raw(raw("Auto-Submitted", "auto-generated"));
        headers.insert_raw(raw("X-Auto-Response-Suppress", "All"));
        if let Some(url) = &self.unsubscribe {
            if !url.starts_with("http") || !url.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>') {
                return Err(Malformed::Unsubscribe);
            }
            headers.insert_raw(raw("List-Unsubscribe", &format!("<{url}>")));
            headers.insert_raw(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        Ok(headers)
    }

    fn alternative(&self, boundary: &str) -> Result<MultiPart, Malformed> {
        let mut parts = MultiPart::alternative()
            .boundary(boundary)
            .singlepart(SinglePart::plain(self.text.clone()))
            .singlepart(SinglePart::html(self.html.clone()));
        if let Some(CalendarPart { method, ics }) = &self.invitation {
            // Outlook wants the method here as well as in the entry.
            let kind = ContentType::parse(&format!("text/calendar; method={}; charset=utf-8", method.name()))?;
            parts = parts.singlepart(SinglePart::builder().header(kind).body(ics.clone()));
        }
        Ok(parts)
    }
}

/// The id's own part: letters, digits, dash and underscore, all allowed in a boundary (RFC 2046, 5.1.1).
fn boundary_id(message_id: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let own = message_id.split('@').next().unwrap_or_default();
    own.chars().filter(is_plain).take(32).collect()
}

fn file_head(boundary: &str, file: &EncodedFile) -> String {
    let mut out = String::with_capacity(256);
    let _ = write!(
        out,
        "--{boundary}\r\nContent-Type: {}; name=\"{1}\"\r\nContent-Disposition: attachment; filename=\"{1}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
        file.content_type, file.name
    );
    out
}

fn mailbox(person: &Person) -> Result<Mailbox, Malformed> {
    let address: Address = person.address.as_str().parse()?;
    Ok(Mailbox::new(person.name.as_deref().and_then(display_name), address))
}

/// A name as lettre can write it: it panics on CR, LF and NUL.
fn display_name(name: &str) -> Option<String> {
    let clean = header_text(name);
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// Text for a header: every control character is a space.
fn header_text(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A header of printable ASCII that must not be folded or encoded.
fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.to_owned(), value.to_owned())
}

/// A mail as it goes over the wire, without the dots that SMTP adds.
#[derive(Debug)]
pub struct Wire {
    start: Bytes,
    file: Option<Arc<EncodedFile>>,
    end: Bytes,
}

impl Wire {
    /// The last CRLF is left to SMTP, which ends the text with one of its own.
    fn new(mut start: Vec<u8>, file: Option<Arc<EncodedFile>>, mut end: Vec<u8>) -> Self {
        let last = if file.is_some() { &mut end } else { &mut start };
        if last.ends_with(b"\r\n") {
            last.truncate(last.len() - 2);
        }
        Self {
            start: start.into(),
            file,
            end: end.into(),
        }
    }

    /// Octets on the wire.
    #[must_use]
    pub fn len(&self) -> usize {
        self.start.len() + self.file.as_ref().map_or(0, |file| file.len()) + self.end.len() + 2
    }

    /// Never: there are always headers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }

    /// The pieces, in order. None is larger than 64 kB.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> + Send {
        let start = pieces_of(&self.start, has_dots(&self.start));
        let file = self.file.iter().flat_map(|file| pieces_of(&file.base64, false));
        start.chain(file).chain(pieces_of(&self.end, false))
    }

    /// All of it in one buffer, for previews and tests.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.pieces().fold(Vec::with_capacity(self.len()), |mut out, piece| {
            out.extend_from_slice(&piece.bytes);
            out
        });
        out.extend_from_slice(b"\r\n");
        out
    }
}

/// A piece of a mail: whole and part lines.
#[derive(Clone, Debug)]
pub struct Piece {
    /// As they are, without the dots that SMTP adds.
    pub bytes: Bytes,
    /// SMTP has to look for lines that begin with a dot (RFC 5321, 4.5.2), here or in a piece beside.
    pub has_dots: bool,
}

fn pieces_of(bytes: &Bytes, has_dots: bool) -> impl Iterator<Item = Piece> + Send + use<> {
    let bytes = bytes.clone();
    (0..bytes.len()).step_by(PIECE).map(move |start| Piece {
        bytes: bytes.slice(start..bytes.len().min(start + PIECE)),
        has_dots,
    })
}

/// Whether a line begins with a dot.
fn has_dots(lines: &[u8]) -> bool {
    lines.starts_with(b".") || memmem::find(lines, b"\n.").is_some()
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders};

    use super::*;
    use crate::values::EmailAddress;

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
            .to_name("Ada Lovelace")
            .invitation(Method::Request, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned())
            .file(Arc::new(EncodedFile::new(
                "Creating Effective Partnerships.pdf",
                "application/pdf",
                &pdf,
            )))
            .unsubscribe("https://example.org/unsubscribe/abc")
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
        assert!(wire.pieces().all(|piece| piece.bytes.len() <= PIECE));
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

    #[test]
    fn file_names_are_plain() {
        assert_eq!(plain_name("Über \"die\" Brücke.pdf"), "ber--die--Br-cke.pdf");
        assert_eq!(plain_name("é.pdf"), "file.pdf");
        for long in [
            "long ".repeat(100) + ".webarchi",
            "1. ".to_owned() + &"long ".repeat(100),
            "x".repeat(99) + ".document",
        ] {
            assert!(plain_name(&long).len() <= 60, "{long}");
        }
    }
}
