//! The headers of a mail: lettre folds and encodes them.

use lettre::Address;
use lettre::message::header::{self, Header, HeaderName, HeaderValue, Headers};
use lettre::message::{Mailbox, Mailboxes};

use super::{Head, Malformed, Message};
use crate::mail::Person;

/// All headers but those of MIME.
pub(super) fn of(message: &Message, head: &Head<'_>) -> Result<Headers, Malformed> {
    let mut headers = Headers::with_capacity(12);
    headers.insert_raw(raw(
        named("Date"),
        &head.date.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
    ));
    let of = |person: &Person| mailbox(person.name.as_deref(), person.address.as_str());
    set_address::<header::From>(&mut headers, of(head.from)?);
    if let Some(reply_to) = message.reply_to.as_ref().or(head.reply_to) {
        set_address::<header::ReplyTo>(&mut headers, of(reply_to)?);
    }
    set_address::<header::To>(&mut headers, mailbox(message.to_name.as_deref(), head.to)?);
    headers.set(header::Subject::from(header_text(&message.subject)));
    headers.set(header::MessageId::from(header_text(head.message_id)));
    headers.insert_raw(raw(named("Auto-Submitted"), "auto-generated"));
    headers.insert_raw(raw(named("X-Auto-Response-Suppress"), "All"));
    if let Some(url) = &message.unsubscribe {
        if !url.starts_with("http") || !url.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>') {
            return Err(Malformed::Unsubscribe);
        }
        headers.insert_raw(raw(named("List-Unsubscribe"), &format!("<{url}>")));
        headers.insert_raw(raw(named("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click"));
    }
    Ok(headers)
}

fn mailbox(name: Option<&str>, address: &str) -> Result<Mailbox, Malformed> {
    let address: Address = address.parse()?;
    Ok(Mailbox::new(name.and_then(display_name), address))
}

/// Somebody's name and address. A name of ASCII stands in quotes: lettre leaves them away around `J.Smith`, and a dot is
/// no part of an atom (RFC 5322, 3.2.3). Other names are encoded words.
fn set_address<H: Header + From<Mailboxes>>(headers: &mut Headers, mailbox: Mailbox) {
    match &mailbox.name {
        Some(name) if name.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) => {
            let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
            headers.insert_raw(raw(H::name(), &format!("\"{quoted}\" <{}>", mailbox.email)));
        }
        _ => headers.set(H::from(Mailboxes::from(mailbox))),
    }
}

/// A name as lettre can write it: it panics on CR, LF and NUL.
fn display_name(name: &str) -> Option<String> {
    let clean = header_text(name);
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// Text for a header: every control character is a space.
pub(super) fn header_text(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn named(name: &'static str) -> HeaderName {
    HeaderName::new_from_ascii_str(name)
}

/// A header of printable ASCII that must not be folded or encoded.
fn raw(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}
