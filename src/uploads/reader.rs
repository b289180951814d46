//! Starts the helper and waits for what it makes.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::helper::{HELPER, why};
use super::{Shape, SmallPicture, Unreadable};

/// The helper has so long, whatever it does.
const LONGEST: Duration = Duration::from_secs(10);
/// Most bytes of a small picture.
const MOST_ANSWERED: u64 = 2 * 1024 * 1024;
/// How a JPEG begins.
const JPEG: &[u8] = b"\xff\xd8\xff";
/// So many helpers at once; others wait.
const HELPERS: usize = 2;

/// Has pictures read.
#[derive(Debug, Clone)]
pub struct PictureReader {
    program: Arc<PathBuf>,
    places: Arc<Semaphore>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What was sent is to blame.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Others had pictures read all the time.
    #[error("Others are sending pictures just now. Send yours again in a moment.")]
    Busy,
    /// The helper could not be started.
    #[error("the helper for pictures cannot be started: {0}")]
    Helper(#[from] io::Error),
}

impl PictureReader {
    /// With this program as the helper.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program: Arc::new(program),
            places: Arc::new(Semaphore::new(HELPERS)),
        }
    }

    /// Makes a small picture of what was sent.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn read(&self, bytes: &[u8], shape: Shape) -> Result<SmallPicture, ReadError> {
        let Ok(place) = timeout(LONGEST, self.places.acquire()).await else {
            return Err(ReadError::Busy);
        };
        let _place = place.map_err(io::Error::other)?;
        let mut child = Command::new(self.program.as_path())
            .args([HELPER, shape.as_str()])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let stdin = child.stdin.take();
        let write = async {
            if let Some(mut stdin) = stdin {
                // It may have seen enough before the end.
                let _all = stdin.write_all(bytes).await;
            }
        };
        let mut answer = Vec::new();
        let stdout = child.stdout.take();
        // Whatever it is made to do: it is not believed, and does not fill our memory.
        let read = async {
            match stdout {
                Some(stdout) => stdout.take(MOST_ANSWERED).read_to_end(&mut answer).await.map(drop),
                None => Ok(()),
            }
        };
        let ended = async {
            tokio::join!(write, read).1?;
            child.wait().await
        };
        let Ok(status) = timeout(LONGEST, ended).await else {
            return Err(Unreadable::Heavy.into());
        };
        let status = status?;
        if status.success() {
            picture(&answer, shape).ok_or_else(|| Unreadable::Damaged.into())
        } else {
            Err(why(status.code())?.into())
        }
    }
}

/// The picture, if it is a small one.
fn picture(answer: &[u8], shape: Shape) -> Option<SmallPicture> {
    let (most_width, most_height) = shape.size();
    let (width, rest) = answer.split_first_chunk()?;
    let (height, jpeg) = rest.split_first_chunk()?;
    let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*height));
    let is_small = (1..=most_width).contains(&width) && (1..=most_height).contains(&height);
    (is_small && jpeg.starts_with(JPEG)).then(|| SmallPicture {
        width,
        height,
        jpeg: jpeg.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_helper_is_not_believed() {
        let answer = |width: u32, height: u32, rest: &[u8]| {
            [width.to_be_bytes().as_slice(), height.to_be_bytes().as_slice(), rest].concat()
        };
        assert!(picture(&answer(480, 480, b"\xff\xd8\xff\xe0"), Shape::Square).is_some());
        for wrong in [
            answer(481, 480, b"\xff\xd8\xff\xe0"),
            answer(0, 480, b"\xff\xd8\xff\xe0"),
            answer(480, 480, b"<script>"),
            b"\0\0".to_vec(),
        ] {
            assert!(picture(&wrong, Shape::Square).is_none());
        }
    }
}
