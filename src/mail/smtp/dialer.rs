//! Connects to the relay: one of its addresses, greeting, EHLO, TLS, sign-in.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};

use super::auth;
use super::connection::Connection;
use super::dialogue::{Dialogue, Lost, NoConnection};
use super::offers::Offers;
use super::reply::Reply;
use super::stream::Stream;
use super::tls::{BadTls, Tls};
use crate::mail::relay::{Encryption, HelloName, Phases, Relay};

/// The next address is tried after so long, beside the ones before (RFC 8305).
const NEXT_ADDRESS: Duration = Duration::from_millis(300);

/// Opens connections to one relay.
#[derive(Clone)]
pub struct Dialer {
    relay: Relay,
    phases: Phases,
    tls: Option<Tls>,
    /// Whether the relay copes with envelopes that come early; learnt by all its connections.
    keeps_step: Arc<AtomicBool>,
}

impl Dialer {
    /// Prepares TLS once; that reads the system's certificates.
    ///
    /// # Errors
    /// See [`BadTls`].
    pub fn new(relay: Relay, phases: Phases) -> Result<Self, BadTls> {
        Ok(Self {
            tls: Tls::new(&relay)?,
            relay,
            phases,
            keeps_step: Arc::new(AtomicBool::new(true)),
        })
    }

    /// Who we say we are, where that is a name.
    pub(crate) fn hello(&self) -> Option<&HelloName> {
        self.relay.hello.as_ref()
    }

    /// Connects, encrypts and signs in.
    ///
    /// # Errors
    /// What went wrong, in the relay's words or ours. It is the route's fault, not a mail's.
    pub async fn connect(&self) -> Result<Connection, Reply> {
        let opened = match self.open(self.relay.encryption).await {
            Err(NoConnection::Tls(reply)) if self.relay.encryption == Encryption::Opportunistic => {
                tracing::warn!(%reply, "the relay offers TLS that does not work; mail goes to it in the clear");
                self.open(Encryption::None).await
            }
            opened => opened,
        };
        opened.map_err(|(NoConnection::Lost(reply) | NoConnection::Tls(reply))| reply)
    }

    async fn open(&self, encryption: Encryption) -> Result<Connection, NoConnection> {
        let stream = timeout(self.phases.connect, self.reach()).await;
        let stream = match stream {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(NoConnection::ours(&format!("Cannot connect to the relay: {error}."))),
            Err(_) => return Err(NoConnection::ours("Cannot connect to the relay: no answer.")),
        };
        let from = stream
            .local_addr()
            .map_or(IpAddr::from([127, 0, 0, 1]), |from| from.ip());
        let hello = self
            .relay
            .hello
            .as_ref()
            .map_or_else(|| literal(from), |name| name.as_str().to_owned());
        let mut dialogue = Dialogue::new(Stream::Plain(stream), self.phases.command);
        if let (Encryption::Implicit, Some(tls)) = (encryption, &self.tls) {
            dialogue = dialogue.encrypt(tls).await?;
        }
        good(dialogue.hear("greeting").await?.reply())?;
        let mut offers = greet(&mut dialogue, &hello).await?;
        if let (Encryption::Required | Encryption::Opportunistic, Some(tls)) = (encryption, &self.tls) {
            if offers.starttls {
                good(dialogue.ask("STARTTLS", "STARTTLS\r\n").await?.reply())?;
                dialogue = dialogue.encrypt(tls).await?;
                // Whatever was offered before is forgotten (RFC 3207, 4.2).
                offers = greet(&mut dialogue, &hello).await?;
            } else if encryption == Encryption::Required {
                return Err(NoConnection::ours(
                    "The relay offers no STARTTLS, and smtp_url asks for encryption.",
                ));
            }
        }
        auth::sign_in(&mut dialogue, &offers.auth, &self.relay).await?;
        let keeps_step = Arc::clone(&self.keeps_step);
        Ok(Connection::new(dialogue, offers, self.phases, keeps_step))
    }

    async fn reach(&self) -> io::Result<TcpStream> {
        first_of(
            lookup_host((self.relay.host.as_str(), self.relay.port))
                .await?
                .collect(),
        )
        .await
    }
}

/// The first of these addresses that answers: each is given a head start, and a dead one costs no more.
async fn first_of(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut tries: FuturesUnordered<_> = addresses
        .into_iter()
        .zip(0_u32..)
        .map(|(address, nth)| async move {
            sleep(NEXT_ADDRESS.saturating_mul(nth)).await;
            let stream = TcpStream::connect(address).await?;
            // Small commands must not wait for each other's acknowledgement.
            stream.set_nodelay(true)?;
            Ok::<_, io::Error>(stream)
        })
        .collect();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "its name has no address");
    while let Some(tried) = tries.next().await {
        match tried {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// EHLO; HELO for a server that knows nothing else (RFC 5321, 3.2).
async fn greet(dialogue: &mut Dialogue, hello: &str) -> Result<Offers, Lost> {
    let ehlo = dialogue.ask("EHLO", &format!("EHLO {hello}\r\n")).await?;
    let reply = ehlo.reply();
    if reply.is_positive() {
        return Ok(Offers::read(&ehlo));
    }
    if matches!(reply.code, 500 | 502) {
        good(dialogue.ask("HELO", &format!("HELO {hello}\r\n")).await?.reply())?;
        return Ok(Offers::default());
    }
    Err(Lost(reply))
}

fn good(reply: Reply) -> Result<(), Lost> {
    if reply.is_positive() { Ok(()) } else { Err(Lost(reply)) }
}

/// An address that stands for a name (RFC 5321, 4.1.3).
fn literal(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A listener whose queue is full answers no more, as a host that is gone.
    async fn dead() -> (tokio::net::TcpListener, SocketAddr, Vec<TcpStream>) {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        while let Ok(stream) = timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
            queued.push(stream.unwrap());
        }
        (listener, address, queued)
    }

    #[tokio::test]
    async fn a_dead_address_does_not_keep_the_others_waiting() {
        let (_listener, dead, _queued) = dead().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alive = listener.local_addr().unwrap();
        let refused = "127.0.0.1:1".parse().unwrap();
        // No machine has this one (RFC 6666): there is no way to it, or no answer.
        let nowhere = "[100::1]:25".parse().unwrap();
        for addresses in [
            vec![dead, refused, alive],
            vec![nowhere, alive],
            vec![refused, refused, refused, alive],
            vec![dead, nowhere, dead, alive],
            vec![alive, dead],
        ] {
            let stream = timeout(Duration::from_secs(20), first_of(addresses.clone())).await;
            let stream = stream.expect("seconds, not minutes").unwrap();
            assert_eq!(stream.peer_addr().unwrap(), alive, "{addresses:?}");
        }
        assert!(first_of(vec![refused]).await.is_err() && first_of(Vec::new()).await.is_err());
    }

    #[test]
    fn addresses_as_names() {
        assert_eq!(literal("192.0.2.7".parse().unwrap()), "[192.0.2.7]");
        assert_eq!(literal("2001:db8::7".parse().unwrap()), "[IPv6:2001:db8::7]");
        assert_eq!(literal("::ffff:192.0.2.7".parse().unwrap()), "[192.0.2.7]");
    }
}
