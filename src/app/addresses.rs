//! Addresses as they come: bytes that no URI may hold (RFC 3986, 2) and that scripts and mail programs send all the
//! same, `?name=Ü` and `?ref=<b>`, are percent-encoded before the parser, which would answer with an empty 400.

use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::request_lines::RequestLines;

/// A connection whose request lines are encoded as they are read.
#[derive(Debug)]
pub(super) struct EncodedAddresses<S> {
    connection: S,
    lines: RequestLines,
    /// Encoded, and not yet read because it was longer than the room given.
    left: Vec<u8>,
}

impl<S> EncodedAddresses<S> {
    pub(super) const fn new(connection: S) -> Self {
        Self {
            connection,
            lines: RequestLines::new(),
            left: Vec::new(),
        }
    }

    fn give(&mut self, mut bytes: Vec<u8>, room: &mut ReadBuf<'_>) {
        let fits = bytes.len().min(room.remaining());
        self.left = bytes.split_off(fits);
        room.put_slice(&bytes);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for EncodedAddresses<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        if !self.left.is_empty() {
            let left = std::mem::take(&mut self.left);
            self.give(left, room);
            return Poll::Ready(Ok(()));
        }
        let before = room.filled().len();
        ready!(Pin::new(&mut self.connection).poll_read(cx, room))?;
        let came = room.filled().get(before..).unwrap_or_default();
        if let Some(encoded) = self.lines.encoded(came) {
            room.set_filled(before);
            self.give(encoded, room);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for EncodedAddresses<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.connection).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// Read in small steps, whatever grows comes whole and in order.
    #[tokio::test]
    async fn nothing_is_lost_where_there_is_little_room() {
        let sent = "GET /?q=üü<> HTTP/1.1\r\nHost: ü\r\n\r\nGET /ü HTTP/1.1\r\n\r\n".as_bytes();
        for room in 1..9 {
            let mut connection = EncodedAddresses::new(sent);
            let mut came = Vec::new();
            let mut part = vec![0; room];
            loop {
                let n = connection.read(&mut part).await.unwrap();
                if n == 0 {
                    break;
                }
                came.extend_from_slice(&part[..n]);
            }
            let whole = String::from_utf8(came).unwrap();
            assert_eq!(
                whole,
                "GET /?q=%C3%BC%C3%BC%3C%3E HTTP/1.1\r\nHost: ü\r\n\r\nGET /%C3%BC HTTP/1.1\r\n\r\n"
            );
        }
    }
}
