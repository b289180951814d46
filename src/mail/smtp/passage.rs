//! A way past lettre for the pieces of a mail that need no dots.
//!
//! lettre looks at every byte of a mail for lines that begin with a dot, which takes longer than anything else about a
//! large paper. Hardly any mail has such a line. So a piece without one is laid beneath lettre, into the stream that it
//! writes to, and goes out before whatever lettre writes next: in one call with it, if the stream can.
//!
//! Not for STARTTLS: lettre encrypts above this stream then, and the piece would go out as it is.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream to the relay with a hatch in it.
#[derive(Debug)]
pub(super) struct Passage<S> {
    stream: S,
    hatch: Hatch,
}

/// Where a piece is laid; the next write or flush of the [`Passage`] sends it.
#[derive(Clone, Debug, Default)]
pub(super) struct Hatch(Arc<Mutex<Bytes>>);

impl Hatch {
    /// Lays a piece into the stream.
    pub(super) fn lay(&self, piece: Bytes) {
        *self.open() = piece;
    }

    /// Whether all that was laid has gone.
    pub(super) fn is_empty(&self) -> bool {
        self.open().is_empty()
    }

    fn open(&self) -> MutexGuard<'_, Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: AsyncTokioStream> Passage<S> {
    pub(super) fn over(stream: S) -> (Self, Hatch) {
        let hatch = Hatch::default();
        let passage = Self {
            stream,
            hatch: hatch.clone(),
        };
        (passage, hatch)
    }

    /// Sends what was laid into the hatch, and then what it can of `next`. Gives how much of `next` went.
    fn poll_send(&mut self, cx: &mut Context<'_>, next: &[u8]) -> Poll<io::Result<usize>> {
        let mut laid = self.hatch.open();
        while !laid.is_empty() {
            let both = [IoSlice::new(&laid), IoSlice::new(next)];
            let sent = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, &both))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let of_laid = sent.min(laid.len());
            laid.advance(of_laid);
            if sent > of_laid {
                return Poll::Ready(Ok(sent - of_laid));
            }
        }
        if next.is_empty() {
            return Poll::Ready(Ok(0));
        }
        Pin::new(&mut self.stream).poll_write(cx, next)
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
        self.poll_send(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx, &[]))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
