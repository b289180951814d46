//! Setting text, for PDFs and for pictures: fonts, shaping, lines. It knows no paper and no pixels; who draws gets
//! glyphs with their places.
//!
//! | place | holds |
//! |---|---|
//! | `fonts` | the typefaces that are built in, and what stands in where one lacks a letter |
//! | `machine` | the fonts of the machine, asked only then; `font_file` reads of each no more than it must |
//! | `font` | one font: which letters it has, their shapes and outlines |
//! | `stretches` | which part of a text is set in which font, in which direction |
//! | `cluster` | letters that belong together, shaped |
//! | `line` | a line ready to be drawn, from left to right |
//! | `typesetter` | measuring, breaking, shortening |
//! | `printable` | what of a text can be seen at all |
//! | `style` | how a text is set |

mod cluster;
mod font;
mod font_file;
mod fonts;
mod line;
mod machine;
mod printable;
mod stretches;
mod style;
mod typesetter;

pub(crate) use font::Font;
pub use fonts::{FontError, Fonts};
pub(crate) use line::{Glyph, Line};
pub(crate) use style::{Color, Face, Style};
pub(crate) use typesetter::Typesetter;

#[cfg(test)]
mod tests;
