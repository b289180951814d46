//! HTTP/1.1 over a bare socket: lean enough to share two cores with the server that it drives, and able to
//! send what no proper client would.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection, kept open between requests.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What the server answered; it lies in the connection's buffer.
#[derive(Clone, Copy)]
pub struct Answer<'c> {
    pub status: u16,
    head: &'c [u8],
    pub body: &'c [u8],
}

/// What a client asked; it lies in the connection's buffer.
#[derive(Clone, Copy)]
pub struct Request<'c> {
    pub method: &'c str,
    pub path: &'c str,
    pub body: &'c [u8],
}

impl Connection {
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        Self::on(TcpStream::connect(address).await?)
    }

    /// On a socket that is connected already, from either end.
    pub fn on(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a request and reads the whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.send(request).await?;
        self.answer().await
    }

    /// Sends bytes, whatever they are.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Reads one answer.
    pub async fn answer(&mut self) -> io::Result<Answer<'_>> {
        let (head, body) = self.message().await?;
        Ok(Answer {
            status: status(head)?,
            head,
            body,
        })
    }

    /// Reads one request, where this end is the server.
    pub async fn request(&mut self) -> io::Result<Request<'_>> {
        let (head, body) = self.message().await?;
        let line = head.split(|byte| *byte == b'\r').next();
        let mut words = line
            .and_then(|line| std::str::from_utf8(line).ok())
            .into_iter()
            .flat_map(|line| line.split(' '));
        let (Some(method), Some(path)) = (words.next(), words.next()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no request line"));
        };
        Ok(Request { method, path, body })
    }

    /// Reads one message: its head and its body.
    async fn message(&mut self) -> io::Result<(&[u8], &[u8])> {
        self.buffer.clear();
        let head_end = self
            .read_until(|bytes| find(bytes, b"\r\n\r\n").map(|at| at + 4))
            .await?;
        let end = match body_length(&self.buffer[..head_end]) {
            Some(length) => {
                let end = head_end + length;
                self.read_until(|bytes| (bytes.len() >= end).then_some(end)).await?
            }
            None => {
                self.read_until(|bytes| find(&bytes[head_end..], b"0\r\n\r\n").map(|at| head_end + at + 5))
                    .await?
            }
        };
        Ok(self.buffer[..end].split_at(head_end))
    }

    async fn read_until(&mut self, done: impl Fn(&[u8]) -> Option<usize>) -> io::Result<usize> {
        loop {
            if let Some(at) = done(&self.buffer) {
                return Ok(at);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// An answer that stands on its own.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub retry_after: Option<String>,
    pub cookie: Option<String>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends one request on a connection of its own.
pub async fn once(address: SocketAddr, request: &[u8]) -> io::Result<Reply> {
    let mut connection = Connection::open(address).await?;
    let answer = connection.exchange(request).await?;
    let owned = |name: &str| answer.header(name).map(str::to_owned);
    Ok(Reply {
        status: answer.status,
        retry_after: owned("retry-after"),
        cookie: owned("set-cookie"),
        body: answer.body.to_vec(),
    })
}

impl<'c> Answer<'c> {
    /// The value of a header, if it was sent.
    pub fn header(&self, name: &str) -> Option<&'c str> {
        header(self.head, name)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }
}

/// A GET request.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}

/// A POST of form fields, as a browser encodes them.
pub fn post(path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    post_bytes(path, "application/x-www-form-urlencoded", body.as_bytes())
}

/// A POST of any bytes.
pub fn post_bytes(path: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

fn status(head: &[u8]) -> io::Result<u16> {
    head.get(9..12)
        .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no status line"))
}

/// `None`: the body comes in chunks.
fn body_length(head: &[u8]) -> Option<usize> {
    match header(head, "content-length") {
        Some(length) => length.parse().ok(),
        None if header(head, "transfer-encoding").is_some() => None,
        None => Some(0),
    }
}

fn header<'h>(head: &'h [u8], name: &str) -> Option<&'h str> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let (key, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
