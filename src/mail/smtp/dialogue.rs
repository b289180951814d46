//! Saying something to the relay and hearing what it answers, each within its time.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::replies::{Inbox, ReplyLines};
use super::reply::Reply;
use super::stream::Stream;
use super::tls::{self, Tls};

/// The connection is of no more use: it broke, or nothing came in time. Says what happened.
#[derive(Debug)]
pub(super) struct Lost(pub(super) Reply);

/// Why there is no connection.
pub(super) enum NoConnection {
    /// The handshake failed.
    Tls(Reply),
    /// Anything else.
    Lost(Reply),
}

impl NoConnection {
    pub(super) fn ours(words: &str) -> Self {
        Self::Lost(Reply::none(words))
    }
}

impl From<Lost> for NoConnection {
    fn from(Lost(reply): Lost) -> Self {
        Self::Lost(reply)
    }
}

/// A dialogue under way.
pub(super) struct Dialogue {
    stream: Stream,
    inbox: Inbox,
    /// How long a command and its reply may take.
    patience: Duration,
}

impl Dialogue {
    pub(super) fn new(stream: Stream, patience: Duration) -> Self {
        Self {
            stream,
            inbox: Inbox::default(),
            patience,
        }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.stream.is_encrypted()
    }

    /// Sends commands and hears the first reply. `step` stands in the words of what goes wrong.
    pub(super) async fn ask(&mut self, step: &str, commands: &str) -> Result<ReplyLines, Lost> {
        self.write(step, self.patience, commands.as_bytes()).await?;
        self.hear(step).await
    }

    /// The next reply, in the time of a command.
    pub(super) async fn hear(&mut self, step: &str) -> Result<ReplyLines, Lost> {
        self.hear_within(step, self.patience).await
    }

    /// The next reply.
    pub(super) async fn hear_within(&mut self, step: &str, limit: Duration) -> Result<ReplyLines, Lost> {
        match timeout(limit, self.inbox.reply(&mut self.stream)).await {
            Ok(Ok(lines)) => Ok(lines),
            Ok(Err(error)) => Err(broke(step, &error.to_string())),
            Err(_) => Err(late(step)),
        }
    }

    /// Writes until all of it is with the network.
    pub(super) async fn write(&mut self, step: &str, limit: Duration, bytes: &[u8]) -> Result<(), Lost> {
        let write = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        match timeout(limit, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broke(step, &error.to_string())),
            Err(_) => Err(late(step)),
        }
    }

    /// TLS from here on. What has come in already is of nobody who could be believed (RFC 3207, 4.2), and more than the
    /// reply means that somebody is in between.
    pub(super) async fn encrypt(self, tls: &Tls) -> Result<Self, NoConnection> {
        let Stream::Plain(plain) = self.stream else {
            return Err(broke("TLS", "it is encrypted already").into());
        };
        if !self.inbox.is_empty() {
            return Err(broke("STARTTLS", "somebody spoke in between, before the encryption began").into());
        }
        let handshake = tls.connector.connect(tls.name.clone(), plain);
        match timeout(self.patience, handshake).await {
            Ok(Ok(stream)) => Ok(Self::new(Stream::Tls(Box::new(stream)), self.patience)),
            Ok(Err(error)) => Err(NoConnection::Tls(Reply::none(&tls::in_words(&error)))),
            Err(_) => Err(NoConnection::Tls(late("TLS").0)),
        }
    }

    /// Says goodbye, without waiting for long.
    pub(super) async fn quit(mut self) {
        self.patience = self.patience.min(Duration::from_secs(2));
        if let Err(Lost(reply)) = self.ask("QUIT", "QUIT\r\n").await {
            tracing::trace!(%reply, "the relay did not say goodbye");
        }
    }
}

fn broke(step: &str, what: &str) -> Lost {
    Lost(Reply::none(&format!(
        "The connection to the relay broke ({step}): {what}."
    )))
}

fn late(step: &str) -> Lost {
    Lost(Reply::none(&format!("The relay did not answer in time ({step}).")))
}
