//! The dialogue with the relay, and the outcome of each mail that goes through it.
//!
//! | file | owns |
//! |---|---|
//! | `dialer` | connecting, TLS, the sign-in |
//! | `connection` | one open connection: envelope, text, what the relay says of them |
//! | `kept` | a connection that is used again until it fails |
//! | `commands`, `reply` | what is said, and what is answered |
//! | `passage`, `tls` | the stream beneath |
//!
//! Built on lettre's low-level connection over a stream with `TCP_NODELAY` (its pool sends 350 mails/s, this tens of
//! thousands). What lettre does not do is done here: a timeout for every phase, PIPELINING, SIZE, RSET after a
//! refusal, and a connection that was left in the middle of anything is never used again.

mod commands;
mod connection;
mod dialer;
mod kept;
mod passage;
pub mod reply;
mod tls;

pub use connection::Connection;
pub use dialer::{BadTls, Dialer};
pub(super) use kept::KeptConnection;
use reply::Reply;

/// What became of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took it.
    Accepted(Reply),
    /// This mail was refused, or the connection broke over it before its final dot. The reply tells whether for good.
    Refused(Step, Reply),
    /// It is larger than the relay takes.
    TooLarge(Reply),
    /// The connection was lost or timed out after the final dot: it may have been taken.
    Ambiguous(Reply),
    /// The way to the relay is at fault, not the mail.
    Route(Reply),
}

/// Where in its dialogue a mail was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// At the recipient.
    Recipient,
    /// At DATA.
    Data,
    /// During or after the text.
    Text,
}

impl Outcome {
    /// The words that go with it.
    #[must_use]
    pub fn reply(&self) -> &Reply {
        match self {
            Self::Accepted(reply)
            | Self::Refused(_, reply)
            | Self::TooLarge(reply)
            | Self::Ambiguous(reply)
            | Self::Route(reply) => reply,
        }
    }
}

/// The server's reply within lettre's error, if it is one.
fn refusal(error: &lettre::transport::smtp::Error) -> Option<Reply> {
    let words = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    Some(Reply::new(u16::from(error.status()?), &words))
}
