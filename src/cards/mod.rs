//! Cards: the picture that stands for a page where its address is shared, and the mark of Common Ground as an icon.
//!
//! `layout` says what stands where, `picture` draws, `mark` is the two circles, `pattern` makes more of them. The same card
//! gives the same bytes.

mod layout;
mod mark;
mod pattern;
mod picture;

pub use mark::icon;
pub use pattern::{Circles, Pattern};

use crate::typesetting::{Fonts, Typesetter};
use picture::Sketch;

/// Width and height of a card, in pixels: what those expect who show it.
pub const SIZE: (u32, u32) = (1200, 630);

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// It would have no size, or too large a one.
    #[error("a picture of {0} × {1} cannot be drawn")]
    Size(u32, u32),
    /// It could not be written.
    #[error("the picture cannot be written: {0}")]
    Png(String),
}

/// What a card says.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// What it is about: "Free webcast".
    pub kicker: String,
    /// The title; up to four lines.
    pub title: String,
    /// Up to three quiet lines: when, who.
    pub lines: Vec<String>,
    /// Whose it is.
    pub organization: String,
    /// What stands at its side instead of the mark.
    pub pattern: Option<Pattern>,
}

impl Card {
    /// Draws it as a PNG. What no font has letters for is left out.
    ///
    /// # Errors
    /// When memory is short.
    pub fn draw(&self, fonts: &Fonts) -> Result<Vec<u8>, CardError> {
        let typesetter = Typesetter::in_own_direction(fonts);
        let mut picture = Sketch::new(SIZE.0, SIZE.1)?;
        layout::put(self, &typesetter, &mut picture)?;
        picture.png()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fonts() -> Fonts {
        Fonts::load().unwrap()
    }

    fn card(title: &str) -> Card {
        Card {
            kicker: "Free webcast".to_owned(),
            title: title.to_owned(),
            lines: vec!["Thursday, December 3, 2026, 16:00 CET".to_owned()],
            organization: "Common Ground".to_owned(),
            pattern: None,
        }
    }

    /// Width, height and colours as they are read back.
    fn decoded(png: &[u8]) -> tiny_skia::Pixmap {
        tiny_skia::Pixmap::decode_png(png).unwrap()
    }

    #[test]
    fn a_card_has_the_size_that_others_expect() {
        let png = card("How partners share risk").draw(&fonts()).unwrap();
        let picture = decoded(&png);
        assert_eq!((picture.width(), picture.height()), SIZE);
        assert!(png.len() < 90_000, "{} bytes", png.len());
        assert_eq!(png, card("How partners share risk").draw(&fonts()).unwrap());
    }

    #[test]
    fn nothing_touches_the_edge_that_texts_stand_at() {
        let overlong = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
        for title in ["Short", &"A title of many words ".repeat(12), &overlong, ""] {
            let picture = decoded(&card(title).draw(&fonts()).unwrap());
            let ground = picture.pixel(0, 0).unwrap();
            for y in 0..SIZE.1 {
                for x in 0..60 {
                    assert_eq!(picture.pixel(x, y), Some(ground), "{title} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn a_title_whose_letters_no_font_has_is_left_out() {
        let without = Card {
            lines: vec!["株式会社".to_owned()],
            ..card("株式会社コモングラウンド")
        };
        let plain = Card {
            lines: Vec::new(),
            ..card("")
        };
        assert_eq!(without.draw(&fonts()).unwrap(), plain.draw(&fonts()).unwrap());
    }

    #[test]
    fn a_pattern_stands_at_the_side_and_leaves_the_text_alone() {
        let plain = decoded(&card("Sharing risk").draw(&fonts()).unwrap());
        let mut seen = Vec::new();
        for pattern in Pattern::ALL {
            let with = Card {
                pattern: Some(pattern),
                ..card("Sharing risk")
            };
            let png = with.draw(&fonts()).unwrap();
            assert!(png.len() < 120_000, "{pattern:?}: {} bytes", png.len());
            let picture = decoded(&png);
            for (x, y) in (0..760).flat_map(|x| (0..SIZE.1).map(move |y| (x, y))) {
                assert_eq!(picture.pixel(x, y), plain.pixel(x, y), "{pattern:?} at {x}, {y}");
            }
            assert!(!seen.contains(&png), "{pattern:?} looks like another one");
            seen.push(png);
        }
    }

    #[test]
    fn the_mark_is_an_icon_of_any_size() {
        for size in [16, 32, 180] {
            let picture = decoded(&icon(size).unwrap());
            assert_eq!((picture.width(), picture.height()), (size, size));
            let middle = picture.pixel(size / 2, size / 2).unwrap().demultiply();
            assert_eq!((middle.red(), middle.green(), middle.blue()), (0x7A, 0x1F, 0x3D));
        }
        assert!(icon(0).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn no_text_makes_it_fail(
            kicker in "\\PC{0,40}",
            title in any::<String>(),
            lines in prop::collection::vec(any::<String>(), 0..5),
            organization in "\\PC{0,80}",
        ) {
            let card = Card { kicker, title, lines, organization, pattern: None };
            let png = card.draw(&fonts()).unwrap();
            prop_assert!(png.starts_with(b"\x89PNG"));
        }
    }
}
