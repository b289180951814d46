//! Reading what a server says (RFC 5321, 4.2). It is a stranger: it may say anything, in any pieces.
//!
//! The three digits decide, the first above all. The text is for people: it may be missing, be long, or be in any
//! charset; it is read as bytes and shown as far as it is UTF-8.

use std::io;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::reply::Reply;

/// Octets of one reply, all its lines. More is no reply.
const LONGEST: usize = 64 * 1024;

/// One reply, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplyLines {
    pub(super) code: u16,
    /// Without the code.
    pub(super) texts: Vec<String>,
}

impl ReplyLines {
    pub(super) fn reply(&self) -> Reply {
        Reply::new(self.code, &self.texts.join(" "))
    }
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoReply {
    /// The server has gone.
    #[error("it closed the connection")]
    Closed,
    /// The network failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What came is no SMTP.
    #[error("what it said is no reply of a mail server")]
    Malformed,
    /// It did not come to an end.
    #[error("its reply has no end")]
    TooLong,
}

/// What has come in and was not read yet.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: BytesMut,
    /// No line ends before this.
    searched: usize,
}

impl Inbox {
    /// Whether there is more than was asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next reply. Dropped halfway, it leaves what has come in.
    pub(super) async fn reply(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> Result<ReplyLines, NoReply> {
        let mut lines = ReplyLines {
            code: 0,
            texts: Vec::new(),
        };
        let mut read = 0;
        loop {
            let line = self.line(stream, LONGEST - read).await?;
            read += line.len();
            let (code, goes_on, text) = parse(&line).ok_or(NoReply::Malformed)?;
            // Several lines have one code; where they do not, what kind of reply it is must still be clear.
            if lines.code != 0 && lines.code / 100 != code / 100 {
                return Err(NoReply::Malformed);
            }
            lines.code = code;
            lines.texts.push(text);
            if !goes_on {
                return Ok(lines);
            }
        }
    }

    /// A line with its end.
    async fn line(&mut self, stream: &mut (impl AsyncRead + Unpin), most: usize) -> Result<BytesMut, NoReply> {
        loop {
            let unsearched = self.bytes.get(self.searched..).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', unsearched) {
                let line = self.bytes.split_to(self.searched + at + 1);
                self.searched = 0;
                return if line.len() > most {
                    Err(NoReply::TooLong)
                } else {
                    Ok(line)
                };
            }
            self.searched = self.bytes.len();
            if self.searched >= most {
                return Err(NoReply::TooLong);
            }
            self.bytes.reserve(1024);
            if stream.read_buf(&mut self.bytes).await? == 0 {
                return Err(NoReply::Closed);
            }
        }
    }
}

/// Code, whether another line follows, and text.
fn parse(mut line: &[u8]) -> Option<(u16, bool, String)> {
    while let Some((b'\r' | b'\n', rest)) = line.split_last() {
        line = rest;
    }
    let (digits, mut rest) = line.split_at_checked(3)?;
    let code: u16 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    // A sign is no digit, though it parses.
    if !digits.iter().all(u8::is_ascii_digit) || !(200..600).contains(&code) {
        return None;
    }
    let goes_on = match rest.first() {
        Some(b'-') => true,
        Some(byte) if byte.is_ascii_digit() => return None,
        _ => false,
    };
    if rest.has_remaining() {
        rest.advance(1);
    }
    Some((code, goes_on, String::from_utf8_lossy(rest).trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_test_io::pieces;

    use super::*;

    /// A stream that gives what it has in pieces of a few bytes.
    mod tokio_test_io {
        use std::pin::Pin;
        use std::task::{Context, Poll};

        use tokio::io::{AsyncRead, ReadBuf};

        pub(super) struct Pieces {
            bytes: Vec<u8>,
            size: usize,
        }

        pub(super) fn pieces(bytes: &[u8], size: usize) -> Pieces {
            let bytes = bytes.to_vec();
            Pieces { bytes, size }
        }

        impl AsyncRead for Pieces {
            fn poll_read(
                mut self: Pin<&mut Self>,
                _: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<std::io::Result<()>> {
                let most = self.size.min(self.bytes.len()).min(buf.remaining());
                let piece: Vec<u8> = self.bytes.drain(..most).collect();
                buf.put_slice(&piece);
                Poll::Ready(Ok(()))
            }
        }
    }

    fn read(said: &[u8], size: usize) -> Result<ReplyLines, String> {
        let mut stream = pieces(said, size);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = runtime.block_on(Inbox::default().reply(&mut stream));
        read.map_err(|error| error.to_string())
    }

    fn of(said: &[u8]) -> (u16, String) {
        let lines = read(said, 7).unwrap();
        (lines.code, lines.texts.join("|"))
    }

    #[test]
    fn the_three_digits_decide() {
        for (said, code, text) in [
            (&b"250 2.0.0 Ok\r\n"[..], 250, "2.0.0 Ok"),
            (b"250\r\n", 250, ""),
            (b"250 \r\n", 250, ""),
            (
                b"250 angenommen, sch\xf6nen Tag\r\n",
                250,
                "angenommen, sch\u{fffd}nen Tag",
            ),
            (b"250 \x93\xfa\x96\x7b\r\n", 250, "\u{fffd}\u{fffd}\u{fffd}{"),
            (b"250-one\r\n250-\r\n250-three\r\n250 four\r\n", 250, "one||three|four"),
            (b"250-one\n250 two\n", 250, "one|two"),
            (b"250-one\r\n251 two\r\n", 251, "one|two"),
            (b"250\tOk\r\n", 250, "Ok"),
            (b"599 what\r\n", 599, "what"),
            (b"299 what\r\n", 299, "what"),
        ] {
            assert_eq!(of(said), (code, text.to_owned()), "{}", said.escape_ascii());
        }
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        for said in [
            &b"25\r\n"[..],
            b"2500 Ok\r\n",
            b"999 Ok\r\n",
            b"000 Ok\r\n",
            b"199 Ok\r\n",
            b"+50 Ok\r\n",
            b"\r\n",
            b"HTTP/1.1 400\r\n",
            b"250-one\r\n550 two\r\n",
            b"250-one\r\nOk\r\n",
        ] {
            let error = read(said, 3).unwrap_err();
            assert!(error.contains("no reply"), "{}: {error}", said.escape_ascii());
        }
        assert!(read(b"250 Ok", 3).unwrap_err().contains("closed"));
        assert!(read(b"", 3).unwrap_err().contains("closed"));
    }

    #[test]
    fn a_reply_has_an_end() {
        let line = [b"250-".as_slice(), &[b'x'; 5_000], b"\r\n"].concat();
        let ten = [line.repeat(10), b"250 end\r\n".to_vec()].concat();
        assert_eq!(read(&ten, 4096).unwrap().texts.len(), 11);
        for endless in [
            line.repeat(20),
            vec![b'2'; 100_000],
            [b"250 ".to_vec(), vec![b'x'; 200_000]].concat(),
        ] {
            assert!(read(&endless, 4096).unwrap_err().contains("no end"));
        }
    }

    #[test]
    fn what_comes_with_a_reply_stays_for_the_next() {
        let mut stream = pieces(b"220 go\r\n250 injected\r\n", 100);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut inbox = Inbox::default();
        assert_eq!(runtime.block_on(inbox.reply(&mut stream)).unwrap().code, 220);
        assert!(!inbox.is_empty());
        assert_eq!(runtime.block_on(inbox.reply(&mut stream)).unwrap().code, 250);
        assert!(inbox.is_empty());
    }

    proptest! {
        #[test]
        fn anything_in_any_pieces_is_a_reply_or_none(said in proptest::collection::vec(any::<u8>(), 0..400), size in 1_usize..50) {
            if let Ok(lines) = read(&said, size) {
                prop_assert!((200..600).contains(&lines.code));
                prop_assert_eq!(Ok(lines), read(&said, 1000), "the pieces do not matter");
            }
        }

        #[test]
        fn replies_that_are_nearly_right(said in r"([0-9]{2,4}[ \-:]?[a-z\x80-\xff]{0,9}\r?\n){1,6}", size in 1_usize..9) {
            let in_pieces = read(said.as_bytes(), size);
            prop_assert_eq!(in_pieces, read(said.as_bytes(), 1000));
        }
    }
}
