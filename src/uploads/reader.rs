//! Has pictures read by a helper, and checks what it made.

use std::io;
use std::path::PathBuf;

use super::helper::why_no_picture;
use super::helpers::{Helpers, Unmade};
use super::{Shape, SmallPicture, Unreadable};

/// Most bytes of a small picture.
const MOST_ANSWERED: u64 = 2 * 1024 * 1024;
/// How a JPEG begins.
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Has pictures read.
#[derive(Debug, Clone)]
pub struct PictureReader {
    helpers: Helpers,
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

impl From<Unmade> for ReadError {
    fn from(why: Unmade) -> Self {
        match why {
            Unmade::Busy => Self::Busy,
            Unmade::Slow => Self::Unreadable(Unreadable::Heavy),
            Unmade::Failed(error) => Self::Helper(error),
        }
    }
}

impl PictureReader {
    /// With this program as the helper.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            helpers: Helpers::new(program),
        }
    }

    /// Makes a small picture of what was sent.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn read(&self, bytes: &[u8], shape: Shape) -> Result<SmallPicture, ReadError> {
        let (status, answer) = self.helpers.make(shape.as_str(), bytes, MOST_ANSWERED).await?;
        if status.success() {
            picture(&answer, shape).ok_or_else(|| Unreadable::Damaged.into())
        } else {
            Err(why_no_picture(status.code())?.into())
        }
    }

    /// The helpers that it starts, for others who have files read: together they are as many as one has alone.
    pub(super) fn helpers(&self) -> Helpers {
        self.helpers.clone()
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
