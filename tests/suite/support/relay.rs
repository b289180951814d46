//! A mail server that does what a test tells it to: every fault a real one can have.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

/// What has just arrived at the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Connect,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The final dot.
    Dot,
    Rset,
}

/// What the relay does about it.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// As a good server would.
    Well,
    Say(&'static str),
    /// Takes the mail and then closes without a reply (only at `Dot`).
    TakeAndDrop,
    /// Takes the mail and says so after this time (only at `Dot`).
    TakeSlowly(Duration),
    Hang,
    Drop,
    /// Asks for the text and then does not read it (only at `Data`).
    Deaf,
}

/// A mail the relay has taken.
#[derive(Clone, Debug)]
pub struct Taken {
    pub from: String,
    pub to: String,
    pub data: Vec<u8>,
}

impl Taken {
    pub fn message_id(&self) -> String {
        self.header("Message-ID")
    }

    /// A header of one line.
    pub fn header(&self, name: &str) -> String {
        let text = String::from_utf8_lossy(&self.data);
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.unwrap_or_default().to_owned()
    }
}

type Script = dyn Fn(At, &str, usize) -> Act + Send + Sync;

/// The relay. It stops when it is dropped.
pub struct FakeRelay {
    pub address: SocketAddr,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

/// Trusts nobody's but this certificate, of localhost.
pub const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/relay-cert.pem");
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/relay-key.pem");

/// What it shows: a certificate and the key to it.
#[derive(Clone, Debug)]
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            certificate: CERTIFICATE.into(),
            key: KEY.into(),
        }
    }
}

fn acceptor(identity: &Identity) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(&identity.certificate).unwrap();
    let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// What a dialogue goes over: plain or encrypted.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

struct State {
    /// TLS before the greeting.
    implicit_tls: bool,
    tls: TlsAcceptor,
    script: Box<Script>,
    offers: Vec<&'static str>,
    taken: Mutex<Vec<Taken>>,
    connections: Mutex<usize>,
}

impl FakeRelay {
    /// Offers PIPELINING and SIZE. The script gets what arrived, its line, and how many such have arrived before.
    pub async fn start(script: impl Fn(At, &str, usize) -> Act + Send + Sync + 'static) -> Self {
        Self::offering(vec!["PIPELINING", "SIZE 10240000", "8BITMIME"], script).await
    }

    pub async fn well() -> Self {
        Self::start(|_, _, _| Act::Well).await
    }

    pub async fn offering(
        offers: Vec<&'static str>,
        script: impl Fn(At, &str, usize) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, offers, script)
    }

    pub fn on(
        listener: TcpListener,
        offers: Vec<&'static str>,
        script: impl Fn(At, &str, usize) -> Act + Send + Sync + 'static,
    ) -> Self {
        Self::listen(listener, false, &Identity::default(), offers, script)
    }

    /// TLS from the first byte.
    pub async fn with_tls(host: &str) -> Self {
        Self::with_identity(host, &Identity::default()).await
    }

    /// TLS from the first byte, with this certificate.
    pub async fn with_identity(host: &str, identity: &Identity) -> Self {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        Self::listen(listener, true, identity, vec!["PIPELINING"], |_, _, _| Act::Well)
    }

    /// Offers STARTTLS, with this certificate.
    pub async fn with_starttls(identity: &Identity) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::listen(listener, false, identity, vec!["STARTTLS"], |_, _, _| Act::Well)
    }

    fn listen(
        listener: TcpListener,
        implicit_tls: bool,
        identity: &Identity,
        offers: Vec<&'static str>,
        script: impl Fn(At, &str, usize) -> Act + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let counts = Mutex::new(std::collections::HashMap::new());
        let script = move |at: At, line: &str| {
            let mut counts = counts.lock().unwrap();
            let seen = counts.entry(format!("{at:?}")).or_insert(0usize);
            *seen += 1;
            script(at, line, *seen - 1)
        };
        let state = Arc::new(State {
            implicit_tls,
            tls: acceptor(identity),
            script: Box::new(move |at, line, _| script(at, line)),
            offers,
            taken: Mutex::default(),
            connections: Mutex::default(),
        });
        let accepting = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *accepting.connections.lock().unwrap() += 1;
                tokio::spawn(Dialogue::run(stream, Arc::clone(&accepting)));
            }
        });
        Self { address, state, task }
    }

    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.state.taken.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        *self.state.connections.lock().unwrap()
    }
}

impl Drop for FakeRelay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Dialogue {
    stream: BufReader<Box<dyn Stream>>,
    state: Arc<State>,
    from: Option<String>,
    to: Option<String>,
}

/// The dialogue is over.
struct Over;

impl Dialogue {
    async fn run(stream: TcpStream, state: Arc<State>) {
        let _ = stream.set_nodelay(true);
        let stream: Box<dyn Stream> = if state.implicit_tls {
            let Ok(stream) = state.tls.accept(stream).await else {
                return;
            };
            Box::new(stream)
        } else {
            Box::new(stream)
        };
        let mut dialogue = Self {
            stream: BufReader::new(stream),
            state,
            from: None,
            to: None,
        };
        let _ = dialogue.talk().await;
    }

    async fn talk(&mut self) -> Result<(), Over> {
        self.act(At::Connect, "", "220 fake.example ESMTP").await?;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await.map_err(|_| Over)? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_owned();
            match line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase()
                .as_str()
            {
                "EHLO" | "HELO" => {
                    let mut hello = String::from("250-fake.example");
                    for offer in &self.state.offers {
                        hello.push_str("\r\n250-");
                        hello.push_str(offer);
                    }
                    hello.push_str("\r\n250 HELP");
                    self.act(At::Ehlo, &line, &hello).await?;
                }
                "STARTTLS" if self.state.offers.contains(&"STARTTLS") => {
                    self.say("220 2.0.0 go ahead").await?;
                    self.encrypt().await?;
                }
                "AUTH" => {
                    self.act(At::Auth, &line, "235 2.7.0 welcome").await?;
                }
                "MAIL" => {
                    self.to = None;
                    self.from = self.act(At::Mail, &line, "250 2.1.0 Ok").await?.then(|| angle(&line));
                }
                "RCPT" if self.from.is_none() => self.say("503 5.5.1 MAIL first").await?,
                "RCPT" => {
                    if self.act(At::Rcpt, &line, "250 2.1.5 Ok").await? {
                        self.to = Some(angle(&line));
                    }
                }
                "DATA" => self.data(&line).await?,
                "RSET" => {
                    self.to = None;
                    self.act(At::Rset, &line, "250 2.0.0 Ok").await?;
                }
                "QUIT" => return self.say("221 2.0.0 Bye").await,
                _ => self.say("502 5.5.2 unknown").await?,
            }
        }
    }

    async fn encrypt(&mut self) -> Result<(), Over> {
        let nothing: Box<dyn Stream> = Box::new(tokio::io::empty());
        let plain = std::mem::replace(&mut self.stream, BufReader::new(nothing)).into_inner();
        let encrypted = self.state.tls.accept(plain).await.map_err(|_| Over)?;
        self.stream = BufReader::new(Box::new(encrypted));
        Ok(())
    }

    async fn data(&mut self, line: &str) -> Result<(), Over> {
        match (self.state.script)(At::Data, line, 0) {
            Act::Well if self.to.is_none() => return self.say("554 5.5.1 no valid recipients").await,
            Act::Well => self.say("354 go on").await?,
            Act::Say(reply) if reply.starts_with('3') => self.say(reply).await?,
            Act::Say(reply) => return self.say(reply).await,
            Act::Drop | Act::TakeAndDrop | Act::TakeSlowly(_) => return Err(Over),
            Act::Hang => return self.hang().await,
            Act::Deaf => {
                self.say("354 go on").await?;
                return std::future::pending().await;
            }
        }
        let mut data = Vec::new();
        loop {
            let start = data.len();
            if self.stream.read_until(b'\n', &mut data).await.map_err(|_| Over)? == 0 {
                return Err(Over);
            }
            if &data[start..] == b".\r\n" {
                data.truncate(start);
                break;
            }
            if data[start] == b'.' {
                data.remove(start);
            }
        }
        let taken = Taken {
            from: self.from.clone().unwrap_or_default(),
            to: self.to.take().unwrap_or_default(),
            data,
        };
        match (self.state.script)(At::Dot, &taken.to, 0) {
            Act::Well => {
                self.state.taken.lock().unwrap().push(taken);
                self.say("250 2.0.0 Ok: queued as 4711").await
            }
            Act::Say(reply) => {
                if reply.starts_with('2') {
                    self.state.taken.lock().unwrap().push(taken);
                }
                self.say(reply).await
            }
            Act::TakeAndDrop => {
                self.state.taken.lock().unwrap().push(taken);
                Err(Over)
            }
            Act::TakeSlowly(time) => {
                self.state.taken.lock().unwrap().push(taken);
                tokio::time::sleep(time).await;
                self.say("250 2.0.0 Ok: queued at last").await
            }
            Act::Drop | Act::Deaf => Err(Over),
            Act::Hang => self.hang().await,
        }
    }

    /// True if the reply was a good one.
    async fn act(&mut self, at: At, line: &str, good: &str) -> Result<bool, Over> {
        match (self.state.script)(at, line, 0) {
            Act::Well => self.say(good).await.map(|()| true),
            Act::Say(reply) => self.say(reply).await.map(|()| reply.starts_with('2')),
            Act::Hang => self.hang().await.map(|()| false),
            Act::Drop | Act::TakeAndDrop | Act::TakeSlowly(_) | Act::Deaf => Err(Over),
        }
    }

    async fn say(&mut self, reply: &str) -> Result<(), Over> {
        let stream = self.stream.get_mut();
        stream
            .write_all(format!("{reply}\r\n").as_bytes())
            .await
            .map_err(|_| Over)?;
        stream.flush().await.map_err(|_| Over)
    }

    /// Says nothing more until the other side goes away.
    async fn hang(&mut self) -> Result<(), Over> {
        let mut sink = Vec::new();
        let _ = self.stream.read_to_end(&mut sink).await;
        Err(Over)
    }
}

fn angle(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(a, _)| a.to_owned())
        .unwrap_or_default()
}
