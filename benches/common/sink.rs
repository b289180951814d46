//! Mail servers to send to: Postfix's `smtp-sink`, and one of our own that only looks for the end of each
//! mail. `smtp-sink` looks at every byte on one core, so with large mails it measures itself.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use memchr::memmem;

use super::server::free_address;

/// Postfix's sink, as a child that ends with us.
pub struct SmtpSink {
    child: Child,
    pub address: SocketAddr,
}

impl SmtpSink {
    pub fn start() -> Self {
        let address = free_address();
        let mut command = Command::new("/usr/sbin/smtp-sink");
        // As root it wants another user; as anybody else it must not be told one.
        if Command::new("id").arg("-u").output().unwrap().stdout == b"0\n" {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .args([&address.to_string(), "1024"])
            .stdout(Stdio::null())
            .spawn()
            .expect("smtp-sink is missing: it comes with Debian's package postfix");
        Self { child, address }
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How many mails of this size Postfix's own `smtp-source` brings to `smtp-sink` in a second.
pub fn smtp_source(connections: usize, mails: u64, size: u64) -> f64 {
    let sink = SmtpSink::start();
    while TcpStream::connect(sink.address).is_err() {
        std::thread::yield_now();
    }
    let started = Instant::now();
    let status = Command::new("/usr/sbin/smtp-source")
        .args(["-d", "-s", &connections.to_string(), "-m", &mails.to_string()])
        .args(["-l", &size.to_string(), &sink.address.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    super::per_second(mails, started.elapsed())
}

/// Takes everything, reads as little of it as it can. Its threads end with the process.
pub struct LeanSink {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    mails: AtomicU64,
    bytes: AtomicU64,
}

impl LeanSink {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let counted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&counted);
                std::thread::spawn(move || drop(serve(stream, &seen)));
            }
        });
        Self { address, seen }
    }

    /// Bytes of one mail, on the average.
    pub fn average(&self) -> u64 {
        self.seen.bytes.load(Ordering::Relaxed) / self.seen.mails.load(Ordering::Relaxed).max(1)
    }
}

fn serve(stream: TcpStream, seen: &Seen) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(256 * 1024, stream);
    reader.get_mut().write_all(b"220 lean.example ESMTP\r\n")?;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default() {
            "EHLO" => reader
                .get_mut()
                .write_all(b"250-lean.example\r\n250-PIPELINING\r\n250 SIZE 99999999\r\n")?,
            "DATA" => {
                reader.get_mut().write_all(b"354 go on\r\n")?;
                let bytes = skip_mail(&mut reader)?;
                seen.mails.fetch_add(1, Ordering::Relaxed);
                seen.bytes.fetch_add(bytes, Ordering::Relaxed);
                reader.get_mut().write_all(b"250 2.0.0 Ok\r\n")?;
            }
            _ => reader.get_mut().write_all(b"250 2.0.0 Ok\r\n")?,
        }
    }
}

/// Reads to the final dot and no further: the next envelope may follow it. Gives the size.
fn skip_mail(reader: &mut BufReader<TcpStream>) -> std::io::Result<u64> {
    const END: &[u8] = b"\r\n.\r\n";
    let mut total = 0;
    // What came last, so that an end over two reads is seen.
    let mut tail = Vec::new();
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let before = tail.len();
        tail.extend_from_slice(&chunk[..chunk.len().min(END.len())]);
        let at_edge = memmem::find(&tail, END).map(|at| at + END.len() - before);
        let end = at_edge.or_else(|| memmem::find(chunk, END).map(|at| at + END.len()));
        let used = end.unwrap_or(chunk.len());
        tail.clear();
        tail.extend_from_slice(&chunk[chunk.len().saturating_sub(END.len() - 1)..]);
        reader.consume(used);
        total += used as u64;
        if end.is_some() {
            return Ok(total);
        }
    }
}
