//! A mail server that writes down every Message-ID before it says 250, and forgets the rest. It runs in the
//! process that is not killed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub message_id: String,
    pub to: String,
    pub at: Instant,
}

/// The server. It stops when it is dropped.
pub struct Sink {
    pub address: SocketAddr,
    journal: Arc<Mutex<Vec<Delivery>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Sink {
    /// Answers each mail after `pause`, so that a kill finds some under way.
    pub async fn start(pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let journal = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&journal);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept), pause));
            }
        });
        Self { address, journal, task }
    }

    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    pub fn deliveries(&self) -> Vec<Delivery> {
        self.journal.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.journal.lock().unwrap().len()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Ends when the client goes, however it goes: that is what the kill harness is for.
async fn serve(stream: TcpStream, journal: Arc<Mutex<Vec<Delivery>>>, pause: Duration) {
    if stream.set_nodelay(true).is_ok() {
        let mut stream = BufReader::with_capacity(64 * 1024, stream);
        dialogue(&mut stream, &journal, pause).await;
    }
}

/// One session from the banner to QUIT, or to where the client went away.
async fn dialogue(stream: &mut BufReader<TcpStream>, journal: &Mutex<Vec<Delivery>>, pause: Duration) -> Option<()> {
    say(stream, "220 sink.example ESMTP").await?;
    let mut to = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                say(
                    stream,
                    "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 52428800",
                )
                .await?;
            }
            "RCPT" => {
                to = between(&line, '<', '>');
                say(stream, "250 2.1.5 Ok").await?;
            }
            "DATA" => {
                say(stream, "354 go on").await?;
                let message_id = message(stream).await?;
                journal.lock().unwrap().push(Delivery {
                    message_id,
                    to: to.clone(),
                    at: Instant::now(),
                });
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                say(stream, "250 2.0.0 Ok: taken").await?;
            }
            "QUIT" => {
                say(stream, "221 2.0.0 Bye").await?;
                return None;
            }
            _ => say(stream, "250 2.0.0 Ok").await?,
        }
    }
}

/// Reads a mail to its final dot and gives its Message-ID.
async fn message(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut message_id = String::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        if line == b".\r\n" {
            return Some(message_id);
        }
        if message_id.is_empty() && line.len() > 11 && line[..11].eq_ignore_ascii_case(b"message-id:") {
            message_id = String::from_utf8_lossy(&line[11..]).trim().to_owned();
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, reply: &str) -> Option<()> {
    let reply = format!("{reply}\r\n");
    stream.get_mut().write_all(reply.as_bytes()).await.ok()
}

fn between(line: &str, open: char, close: char) -> String {
    let inner = line.split_once(open).and_then(|(_, rest)| rest.split_once(close));
    inner.map(|(inner, _)| inner.to_owned()).unwrap_or_default()
}
