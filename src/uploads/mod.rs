//! Pictures from outside. A helper process reads them, with little memory, little time, and no file or socket to open; what
//! it makes of them is kept, never what was sent.

mod helper;
mod picture;
mod reader;

pub use helper::{HELPER, main as helper_main};
pub use picture::Unreadable;
pub use reader::{PictureReader, ReadError};

/// Most bytes of a picture.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;

/// A picture as it is kept: a JPEG without anything else in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallPicture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// `image/jpeg`.
    pub jpeg: Vec<u8>,
}
