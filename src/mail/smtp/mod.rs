//! The dialogue with the relay, and the outcome of each mail that goes through it. It is our own, over tokio and rustls
//! (RFC 5321): what this program exists for is that the mail arrives.
//!
//! | file | owns |
//! |---|---|
//! | `dialer` | reaching one of the relay's addresses, greeting, TLS, sign-in |
//! | `connection` | one open connection: envelope, text, what the relay says of them |
//! | `kept` | a connection that is used again until it fails |
//! | `dialogue` | one command and its reply, each within its time |
//! | `replies`, `reply`, `offers` | reading what is answered, what it means, what a server can do |
//! | `auth`, `tls`, `stream` | who we are, whom we believe, what is beneath |

mod auth;
mod connection;
mod dialer;
mod dialogue;
mod kept;
mod offers;
mod replies;
pub mod reply;
mod stream;
mod tls;

pub use connection::{Announced, Connection};
pub use dialer::Dialer;
pub(super) use kept::KeptConnection;
use reply::Reply;
pub use tls::BadTls;

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
    /// The relay went away (421) after it had taken the sender: because of this mail, or for everybody. The next one tells.
    Closing(Reply),
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
            | Self::Closing(reply)
            | Self::Route(reply) => reply,
        }
    }
}
