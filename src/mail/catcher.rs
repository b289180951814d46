//! The mail server of `demo`: it takes every mail on loopback and keeps the last 200 in memory, parsed, to be shown.
//!
//! A real server for a real client: EHLO, SIZE, PIPELINING, MAIL, RCPT, DATA, RSET, NOOP, QUIT.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use mail_parser::{MessageParser, MimeHeaders};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clock::Clock;

/// Mails that are kept; then the oldest goes.
const KEPT: usize = 200;
/// Largest mail.
const LARGEST: usize = 25_000_000;
/// All of them together; then the oldest go.
const LARGEST_SUM: usize = 200_000_000;
/// Longest line of a command, and of a header or body within a mail.
const LINE: u64 = 1_000_000;
/// A client that says nothing for so long is sent away.
const PATIENCE: Duration = Duration::from_mins(5);

/// The mails that were caught. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Caught(Arc<Mutex<Shelf>>);

#[derive(Debug, Default)]
struct Shelf {
    mails: VecDeque<Arc<CaughtMail>>,
    last_id: u64,
    size: usize,
}

/// One mail, as it arrived and as it is read.
#[derive(Debug)]
pub struct CaughtMail {
    /// Counts up; stands in addresses of the demo only.
    pub id: u64,
    /// When it was caught.
    pub at: Timestamp,
    /// The subject.
    pub subject: String,
    /// From, as the header says.
    pub from: String,
    /// To, as the header says.
    pub to: String,
    /// The envelope's sender.
    pub envelope_from: String,
    /// The envelope's recipients.
    pub envelope_to: Vec<String>,
    /// The header block, as it arrived.
    pub headers: String,
    /// The text body.
    pub text: String,
    /// The HTML body.
    pub html: String,
    /// What is attached.
    pub attachments: Vec<CaughtFile>,
    /// The whole mail.
    pub raw: Vec<u8>,
}

/// An attachment, decoded.
#[derive(Debug)]
pub struct CaughtFile {
    /// Its file name.
    pub name: String,
    /// Its type, such as `application/pdf`.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Caught {
    /// All mails, newest first.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<CaughtMail>> {
        self.shelf().mails.iter().rev().cloned().collect()
    }

    /// The mail of this number.
    #[must_use]
    pub fn find(&self, id: u64) -> Option<Arc<CaughtMail>> {
        self.shelf().mails.iter().find(|mail| mail.id == id).cloned()
    }

    fn keep(&self, at: Timestamp, from: String, to: Vec<String>, raw: Vec<u8>) {
        let mut mail = CaughtMail::read(at, from, to, raw);
        let mut kept = self.shelf();
        kept.last_id += 1;
        mail.id = kept.last_id;
        kept.size += mail.raw.len();
        kept.mails.push_back(Arc::new(mail));
        while kept.mails.len() > KEPT || (kept.size > LARGEST_SUM && kept.mails.len() > 1) {
            let gone = kept.mails.pop_front().map_or(0, |mail| mail.raw.len());
            kept.size -= gone;
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CaughtMail {
    fn read(at: Timestamp, envelope_from: String, envelope_to: Vec<String>, raw: Vec<u8>) -> Self {
        let mut mail = Self {
            id: 0,
            at,
            subject: String::new(),
            from: envelope_from.clone(),
            to: envelope_to.join(", "),
            envelope_from,
            envelope_to,
            headers: header_block(&raw),
            text: String::new(),
            html: String::new(),
            attachments: Vec::new(),
            raw: Vec::new(),
        };
        if let Some(parsed) = MessageParser::default().parse(&raw) {
            parsed.subject().unwrap_or("(no subject)").clone_into(&mut mail.subject);
            mail.from = parsed.from().map_or(mail.from, people);
            mail.to = parsed.to().map_or(mail.to, people);
            mail.text = parsed.body_text(0).unwrap_or_default().into_owned();
            mail.html = parsed.body_html(0).unwrap_or_default().into_owned();
            mail.attachments = parsed.attachments().map(file).collect();
        }
        mail.raw = raw;
        mail
    }
}

fn header_block(raw: &[u8]) -> String {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(raw.len());
    String::from_utf8_lossy(raw.get(..end).unwrap_or_default()).into_owned()
}

fn people(address: &mail_parser::Address<'_>) -> String {
    let shown: Vec<String> = address
        .iter()
        .map(|one| match (one.name(), one.address()) {
            (Some(name), Some(address)) => format!("{name} <{address}>"),
            (name, address) => address.or(name).unwrap_or_default().to_owned(),
        })
        .collect();
    shown.join(", ")
}

fn file(part: &mail_parser::MessagePart<'_>) -> CaughtFile {
    let content_type = part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")),
    );
    let name = part.attachment_name().unwrap_or(match content_type.as_str() {
        "text/calendar" => "calendar.ics",
        _ => "attachment",
    });
    CaughtFile {
        name: name.to_owned(),
        content_type,
        bytes: part.contents().to_vec(),
    }
}

/// The server. It stops when it is dropped.
pub struct Catcher {
    address: SocketAddr,
    caught: Caught,
    task: JoinHandle<()>,
}

impl Catcher {
    /// Starts on a free port of this machine.
    ///
    /// # Errors
    /// When there is no port to be had.
    pub async fn start(clock: Clock) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let caught = Caught::default();
        let task = tokio::spawn(accept(listener, caught.clone(), clock));
        Ok(Self { address, caught, task })
    }

    /// The `smtp_url` that leads here.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// What it catches.
    #[must_use]
    pub fn caught(&self) -> Caught {
        self.caught.clone()
    }
}

impl Drop for Catcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, caught: Caught, clock: Clock) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let dialogue = CatcherDialogue::new(stream, caught.clone(), clock.clone());
                tokio::spawn(async move {
                    if let Err(error) = dialogue.talk().await {
                        tracing::debug!(%error, "a client of the catcher went away");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the catcher cannot take a connection");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// One client.
struct CatcherDialogue {
    stream: BufReader<TcpStream>,
    caught: Caught,
    clock: Clock,
    from: Option<String>,
    to: Vec<String>,
}

impl CatcherDialogue {
    fn new(stream: TcpStream, caught: Caught, clock: Clock) -> Self {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        Self {
            stream: BufReader::new(stream),
            caught,
            clock,
            from: None,
            to: Vec::new(),
        }
    }

    async fn talk(mut self) -> std::io::Result<()> {
        self.say("220 catcher.localhost ESMTP: nothing leaves this machine")
            .await?;
        while let Some(line) = self.line().await? {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let verb: String = line.chars().take_while(char::is_ascii_alphabetic).collect();
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" | "HELO" => {
                    self.reset();
                    let offers =
                        format!("250-catcher.localhost\r\n250-SIZE {LARGEST}\r\n250-PIPELINING\r\n250 8BITMIME");
                    self.say(&offers).await?;
                }
                "MAIL" => {
                    self.reset();
                    self.from = Some(angle(&line));
                    self.say("250 2.1.0 Ok").await?;
                }
                "RCPT" if self.from.is_none() => self.say("503 5.5.1 MAIL first").await?,
                "RCPT" => {
                    self.to.push(angle(&line));
                    self.say("250 2.1.5 Ok").await?;
                }
                "DATA" if self.to.is_empty() => self.say("503 5.5.1 RCPT first").await?,
                "DATA" => self.data().await?,
                "RSET" => {
                    self.reset();
                    self.say("250 2.0.0 Ok").await?;
                }
                "NOOP" => self.say("250 2.0.0 Ok").await?,
                "QUIT" => return self.say("221 2.0.0 Bye").await,
                _ => self.say("502 5.5.2 unknown command").await?,
            }
        }
        Ok(())
    }

    async fn data(&mut self) -> std::io::Result<()> {
        self.say("354 End with <CR><LF>.<CR><LF>").await?;
        let mut raw = Vec::new();
        let mut too_large = false;
        loop {
            let Some(line) = self.line().await? else { return Ok(()) };
            if line == b".\r\n" {
                break;
            }
            too_large |= raw.len() + line.len() > LARGEST;
            if !too_large {
                raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
        }
        let (from, to) = (self.from.take().unwrap_or_default(), std::mem::take(&mut self.to));
        if too_large {
            return self.say("552 5.3.4 message too big").await;
        }
        self.caught.keep(self.clock.now(), from, to, raw);
        self.say("250 2.0.0 Ok: caught").await
    }

    fn reset(&mut self) {
        self.from = None;
        self.to.clear();
    }

    /// The next line with its end, or `None` when the client is gone.
    async fn line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        timeout(PATIENCE, read_line(&mut self.stream)).await?
    }

    async fn say(&mut self, reply: &str) -> std::io::Result<()> {
        self.stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await
    }
}

async fn read_line(stream: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::with_capacity(80);
    let read = stream.take(LINE).read_until(b'\n', &mut line).await?;
    Ok((read > 0).then_some(line))
}

/// What stands between angle brackets.
fn angle(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(address, _)| address.to_owned()).unwrap_or_default()
}
