//! The typefaces that are built in, and what stands in where they lack a letter.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::font::Font;
use super::machine::Machine;
use super::style::Face;

macro_rules! cut {
    ($name:literal) => {
        load($name, include_bytes!(concat!("../../assets/fonts/", $name, ".ttf.br")))
    };
}

/// A font that is built in cannot be read: the program was built wrong.
#[derive(Debug, thiserror::Error)]
#[error("the font {0} cannot be read")]
pub struct FontError(&'static str);

/// All fonts. Loaded once; a clone is cheap.
#[derive(Clone)]
pub struct Fonts(Arc<Cuts>);

struct Cuts {
    serif: Arc<Font>,
    serif_italic: Arc<Font>,
    serif_bold: Arc<Font>,
    sans: Arc<Font>,
    sans_bold: Arc<Font>,
    machine: Machine,
}

impl Fonts {
    /// Those that are built in, and no others.
    ///
    /// # Errors
    /// When one of them is no font: the program was built wrong.
    pub fn load() -> Result<Self, FontError> {
        Self::with(Machine::none())
    }

    /// And for letters that they lack, those of the machine; before them those in `folder`. Nothing is read before such a
    /// letter comes.
    ///
    /// # Errors
    /// As with [`Fonts::load`].
    pub fn load_with_machine(folder: Option<&Path>) -> Result<Self, FontError> {
        Self::with(Machine::usual(folder))
    }

    /// And for letters that they lack, those in `folder` alone.
    ///
    /// # Errors
    /// As with [`Fonts::load`].
    pub fn load_with_folder(folder: &Path) -> Result<Self, FontError> {
        Self::with(Machine::folder(folder))
    }

    fn with(machine: Machine) -> Result<Self, FontError> {
        Ok(Self(Arc::new(Cuts {
            serif: cut!("source-serif-4-400")?,
            serif_italic: cut!("source-serif-4-400-italic")?,
            serif_bold: cut!("source-serif-4-600")?,
            sans: cut!("source-sans-3-400")?,
            sans_bold: cut!("source-sans-3-600")?,
            machine,
        })))
    }

    /// The built-in font of a cut.
    pub(super) fn cut(&self, face: Face) -> &Arc<Font> {
        let cuts = &self.0;
        match face {
            Face::Serif => &cuts.serif,
            Face::SerifItalic => &cuts.serif_italic,
            Face::SerifBold => &cuts.serif_bold,
            Face::Sans => &cuts.sans,
            Face::SansBold => &cuts.sans_bold,
        }
    }

    /// A font that has all of these letters, for a text in this cut.
    pub(super) fn standing_in(&self, face: Face, letters: &[char]) -> Option<Arc<Font>> {
        self.0.machine.font_for(face, letters)
    }
}

fn load(name: &'static str, packed: &[u8]) -> Result<Arc<Font>, FontError> {
    let mut bytes = Vec::new();
    brotli::BrotliDecompress(&mut &*packed, &mut bytes).map_err(|_| FontError(name))?;
    Font::read(Bytes::from(bytes), 0).map(Arc::new).ok_or(FontError(name))
}
