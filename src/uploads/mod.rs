//! Files from outside: pictures, and tables of people. A helper process reads pictures and workbooks, with little memory,
//! little time, and no file or socket to open; what it makes of them is checked and kept, never what was sent.

mod helper;
mod helpers;
mod picture;
mod reader;
mod table;
mod workbook;

pub use helper::{HELPER, main as helper_main};
pub use picture::Unreadable;
pub use reader::{PictureReader, ReadError};
pub use table::{MOST_TABLE_BYTES, Table, TableError, TableReader, UnreadableTable};

/// Most bytes of a picture.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What is cut out of the middle of a picture, and the most pixels that are made of it. None is made larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A face: 480 by 480.
    Square,
    /// A cover: 1200 by 630, as those want it who show what is shared.
    Wide,
}

impl Shape {
    const ALL: [Self; 2] = [Self::Square, Self::Wide];

    /// Most pixels of its width and its height.
    pub(crate) const fn size(self) -> (u32, u32) {
        match self {
            Self::Square => (480, 480),
            Self::Wide => (1200, 630),
        }
    }

    /// Fewest pixels of its width: less is no cover.
    const fn narrowest(self) -> u32 {
        match self {
            Self::Square => 1,
            Self::Wide => 600,
        }
    }

    /// As the helper is told.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Square => "square",
            Self::Wide => "wide",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.as_str() == word)
    }
}

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
