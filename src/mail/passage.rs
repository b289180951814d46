//! A way past lettre for the pieces of a mail that need no dots.
//!
//! lettre looks at every byte of a mail for lines that begin with a dot, which takes longer than anything else about a
//! large paper. The base64 lines of a file never begin with one. So such a piece is laid beneath lettre, into the
//! stream that it writes to, and lettre is given an empty piece in its place: it flushes after every piece, an empty
//! one too, and what lies there goes out with the flush, in its turn.
//!
//! Not for STARTTLS: lettre encrypts above this stream then, and the piece would go out as it is.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::message::Stretch;

/// A stream to the relay with a hatch in it.
#[derive(Debug)]
pub struct Passage<S> {
    stream: S,
    hatch: Hatch,
}

/// Where a piece is laid; the next flush of the [`Passage`] sends it.
#[derive(Clone, Debug, Default)]
pub struct Hatch(Arc<Mutex<Option<Stretch>>>);

impl Hatch {
    /// Lays a piece into the stream.
    pub fn lay(&self, stretch: Stretch) {
        *self.open() = Some(stretch);
    }

    fn open(&self) -> MutexGuard<'_, Option<Stretch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: AsyncTokioStream> Passage<S> {
    pub fn over(stream: S) -> (Self, Hatch) {
        let hatch = Hatch::default();
        let passage = Self {
            stream,
            hatch: hatch.clone(),
        };
        (passage, hatch)
    }

    /// Sends what was laid into the hatch, as far as the stream takes it.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut laid = self.hatch.open();
        while let Some(stretch) = laid.as_mut() {
            if stretch.bytes().is_empty() {
                *laid = None;
                break;
            }
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, stretch.bytes()))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            stretch.skip(sent);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncTokioStream> AsyncTokioStream for Passage<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl<S: AsyncTokioStream> AsyncRead for Passage<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncTokioStream> AsyncWrite for Passage<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
