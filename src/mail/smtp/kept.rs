//! A courier's connection to the relay: one, kept between mails, replaced when it broke.

use crate::mail::message::Wire;
use crate::mail::smtp::reply::Reply;
use crate::mail::smtp::{Announced, Connection, Dialer, Outcome};

/// At most one open connection.
pub(crate) struct KeptConnection {
    dialer: Dialer,
    connection: Option<Connection>,
}

impl KeptConnection {
    pub(crate) fn new(dialer: Dialer) -> Self {
        Self {
            dialer,
            connection: None,
        }
    }

    /// Has a connection, an open one or a new one.
    pub(crate) async fn ready(&mut self) -> Result<&mut Connection, Reply> {
        let open = self.connection.take().filter(Connection::is_usable);
        let connection = match open {
            Some(connection) => connection,
            None => self.dialer.connect().await?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Sends one mail. A used connection that the relay has closed meanwhile, or closes now, is replaced once.
    pub(crate) async fn send(&mut self, from: &str, to: &str, wire: &Wire, next: Option<&Announced>) -> Outcome {
        loop {
            let connection = match self.ready().await {
                Ok(connection) => connection,
                Err(reply) => return Outcome::Route(reply),
            };
            let used = connection.mails() > 0;
            match connection.send(from, to, wire, next).await {
                Outcome::Route(reply) if used && (reply.code == 0 || reply.is_closing()) => self.connection = None,
                Outcome::Closing(_) if used => self.connection = None,
                outcome => return outcome,
            }
        }
    }

    /// Says goodbye. There is nothing to send for now.
    pub(crate) async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close().await;
        }
    }
}
