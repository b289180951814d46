//! Answers leave in slices: what one connection waits to write is bounded, whether its client reads or not.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

/// Bytes that are handed on at a time.
const SLICE: usize = 8 * 1024;

/// A body that hands on at most a slice at a time; the pieces are not copied.
pub struct Slices {
    body: BoxBody,
    rest: Bytes,
}

impl Slices {
    /// Cuts a body.
    pub(super) fn of(body: impl MessageBody + 'static) -> Self {
        Self {
            body: body.boxed(),
            rest: Bytes::new(),
        }
    }
}

impl MessageBody for Slices {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Ready(Some(Ok(piece))) => self.rest = piece,
                other => return other,
            }
        }
        let length = self.rest.len().min(SLICE);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn nothing_is_lost_and_no_slice_is_large() {
        let whole: Vec<u8> = (0..=255).cycle().take(3 * SLICE + 5).collect();
        let mut slices = Slices::of(Bytes::from(whole.clone()));
        assert_eq!(slices.size(), BodySize::Sized(whole.len() as u64));
        let mut read = Vec::new();
        while let Some(slice) = poll_fn(|context| Pin::new(&mut slices).poll_next(context)).await {
            let slice = slice.unwrap();
            assert!(slice.len() <= SLICE);
            read.extend_from_slice(&slice);
        }
        assert_eq!(read, whole);
    }
}
