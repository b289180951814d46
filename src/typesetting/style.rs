//! How a text is set: cut, size, leading, colour.

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Color(pub(crate) u8, pub(crate) u8, pub(crate) u8);

/// A cut of a typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Face {
    /// What is read.
    Serif,
    SerifItalic,
    SerifBold,
    /// Labels and tables.
    Sans,
    SansBold,
}

impl Face {
    pub(crate) const ALL: [Self; 5] = [
        Self::Serif,
        Self::SerifItalic,
        Self::SerifBold,
        Self::Sans,
        Self::SansBold,
    ];

    pub(super) fn has_serifs(self) -> bool {
        matches!(self, Self::Serif | Self::SerifItalic | Self::SerifBold)
    }

    /// As fonts count it: 400 is regular.
    pub(super) fn weight(self) -> u16 {
        match self {
            Self::SerifBold | Self::SansBold => 600,
            Self::Serif | Self::SerifItalic | Self::Sans => 400,
        }
    }
}

/// How a text is set. Lengths are in whatever unit it is drawn in: points or pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) face: Face,
    pub(crate) size: f32,
    /// From one line to the next.
    pub(crate) leading: f32,
    pub(crate) color: Color,
}

impl Style {
    pub(crate) const fn new(face: Face, size: f32, leading: f32, color: Color) -> Self {
        Self {
            face,
            size,
            leading,
            color,
        }
    }

    pub(crate) const fn colored(self, color: Color) -> Self {
        Self { color, ..self }
    }
}
