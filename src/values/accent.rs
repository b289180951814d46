//! The colour of a firm: a link, a button. It must be readable, so what cannot be read is refused, with the nearest that can.

use std::fmt;
use std::str::FromStr;

/// What text needs against its ground (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;
/// Grounds of the light pages that links stand on, the darkest last.
const LIGHT: [Rgb; 3] = [Rgb(0xFF, 0xFF, 0xFF), Rgb(0xFB, 0xF8, 0xF3), Rgb(0xF4, 0xEE, 0xE4)];
/// Of the dark ones, the lightest last.
const DARK: [Rgb; 2] = [Rgb(0x1B, 0x17, 0x15), Rgb(0x25, 0x20, 0x1D)];
const WHITE: Rgb = Rgb(0xFF, 0xFF, 0xFF);
const BLACK: Rgb = Rgb(0, 0, 0);

/// A colour (sRGB).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rgb(u8, u8, u8);

impl Rgb {
    /// From black (0) to white (1), as eyes see it (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(self.0) + 0.7152 * channel(self.1) + 0.0722 * channel(self.2)
    }

    /// From 1 (the same) to 21 (black on white).
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// So many hundredths of the way to another one.
    fn towards(self, other: Self, hundredths: u8) -> Self {
        let part = i32::from(hundredths);
        let channel = |from: u8, to: u8| {
            let mixed = i32::from(from) + (i32::from(to) - i32::from(from)) * part / 100;
            u8::try_from(mixed).unwrap_or(from)
        };
        Self(
            channel(self.0, other.0),
            channel(self.1, other.1),
            channel(self.2, other.2),
        )
    }

    /// The first on the way to another one of which this holds.
    fn until(self, other: Self, holds: impl Fn(Self) -> bool) -> Self {
        let steps = (0..=100).map(|hundredths| self.towards(other, hundredths));
        steps.into_iter().find(|colour| holds(*colour)).unwrap_or(other)
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

impl FromStr for Rgb {
    type Err = AccentProblem;

    fn from_str(raw: &str) -> Result<Self, AccentProblem> {
        let digits = raw.trim().trim_start_matches('#');
        let full: String = match digits.chars().count() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return Err(AccentProblem::NoColour),
        };
        let pair = |range| {
            let digits: &str = full.get(range).ok_or(AccentProblem::NoColour)?;
            u8::from_str_radix(digits, 16).map_err(|_| AccentProblem::NoColour)
        };
        Ok(Self(pair(0..2)?, pair(2..4)?, pair(4..6)?))
    }
}

/// A colour that can be read on light pages, and that white can be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent(Rgb);

/// Why a colour is none for a firm.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AccentProblem {
    /// It is no colour.
    #[error("Enter a colour as #7A1F3D.")]
    NoColour,
    /// It is too light.
    #[error(
        "Text in this colour cannot be read on our pages: the contrast is {found:.1} to 1, and 4.5 is needed. {nearest} can."
    )]
    TooLight {
        /// The contrast.
        found: f64,
        /// The nearest that is dark enough.
        nearest: String,
    },
}

impl Accent {
    /// Reads `#7A1F3D`, `7a1f3d` or `#713`.
    ///
    /// # Errors
    /// See [`AccentProblem`].
    pub fn parse(raw: &str) -> Result<Self, AccentProblem> {
        let colour: Rgb = raw.parse()?;
        let least = |colour: Rgb| {
            LIGHT
                .map(|ground| colour.contrast(ground))
                .into_iter()
                .fold(21.0, f64::min)
        };
        if least(colour) >= READABLE {
            return Ok(Self(colour));
        }
        Err(AccentProblem::TooLight {
            found: least(colour),
            nearest: colour.until(BLACK, |darker| least(darker) >= READABLE).to_string(),
        })
    }

    /// The colours of all pages that follow from it, light and dark, as a stylesheet. On dark pages it is made light enough to be
    /// read, and a button as dark as white text needs.
    #[must_use]
    pub fn stylesheet(self) -> String {
        let accent = self.0;
        let strong = accent.towards(BLACK, 25);
        let on_dark = |colour: Rgb, least: f64| DARK.iter().all(|ground| colour.contrast(*ground) >= least);
        let light = accent.until(WHITE, |lighter| on_dark(lighter, 7.0));
        let fill = accent.until(WHITE, |lighter| on_dark(lighter, 2.6) || lighter.contrast(WHITE) < 4.7);
        let fill = fill.until(BLACK, |darker| darker.contrast(WHITE) >= READABLE);
        let [paper, _] = DARK;
        format!(
            ":root{{--accent:{accent};--accent-strong:{strong};--accent-fill:{accent};--accent-fill-strong:{strong};--wash:{}}}\
             @media (prefers-color-scheme:dark){{:root{{--accent:{light};--accent-strong:{};--on-accent:{};--accent-fill:{fill};\
             --accent-fill-strong:{};--wash:{}}}}}",
            accent.towards(WHITE, 90),
            light.towards(WHITE, 40),
            accent.towards(BLACK, 70),
            fill.towards(BLACK, 20),
            paper.towards(fill, 25),
        )
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of a variable, the light page's first.
    fn values(sheet: &str, name: &str) -> Vec<Rgb> {
        sheet
            .split(&format!("{name}:"))
            .skip(1)
            .map(|rest| rest[..7].parse().unwrap())
            .collect()
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 0.01);
        assert!((Rgb(0x77, 0x77, 0x77).contrast(WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_nearest_that_can() {
        for light in ["#FFCC00", "#fff", "#E0607E", "#00a0ff"] {
            let Err(AccentProblem::TooLight { nearest, .. }) = Accent::parse(light) else {
                panic!("{light}");
            };
            assert!(Accent::parse(&nearest).is_ok(), "{light}: {nearest}");
        }
        for wrong in ["", "red", "#12345", "#1234567", "#ggg", "#ééé"] {
            assert_eq!(Accent::parse(wrong), Err(AccentProblem::NoColour), "{wrong}");
        }
        assert_eq!(Accent::parse(" 7a1f3d ").unwrap().to_string(), "#7A1F3D");
        assert_eq!(Accent::parse("#135").unwrap().to_string(), "#113355");
    }

    #[test]
    fn whatever_is_taken_can_be_read_in_both_themes() {
        for accent in [
            "#7A1F3D", "#000000", "#003366", "#006633", "#5B2A86", "#8B0000", "#333300", "#0000FF", "#C00000",
        ] {
            let sheet = Accent::parse(accent).unwrap().stylesheet();
            let text = values(&sheet, "--accent");
            for ground in LIGHT {
                assert!(text[0].contrast(ground) >= READABLE, "{accent} {sheet}");
            }
            for ground in DARK {
                assert!(text[1].contrast(ground) >= 7.0, "{accent} {sheet}");
            }
            for fill in values(&sheet, "--accent-fill")
                .into_iter()
                .chain(values(&sheet, "--accent-fill-strong"))
            {
                assert!(fill.contrast(WHITE) >= READABLE, "{accent} {sheet}");
            }
            assert!(
                values(&sheet, "--on-accent")[0].contrast(text[1]) >= READABLE,
                "{accent} {sheet}"
            );
        }
    }
}
