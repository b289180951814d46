//! The mark of Common Ground: two circles, and the part they share.

use super::CardError;
use super::pattern::Circles;
use super::picture::Sketch;
use crate::typesetting::Color;

/// Our side.
const US: Color = Color(0x00, 0x72, 0xB2);
/// The partner.
const PARTNER: Color = Color(0xB4, 0x53, 0x09);
/// What both share.
const SHARED: Color = Color(0x7A, 0x1F, 0x3D);
/// From one middle to the other, in radii.
const APART: f32 = 0.96;

/// Draws the mark with the middle of its shared part at a point. `line` is how thick its circles are.
pub(super) fn draw(picture: &mut Sketch, x: f32, y: f32, radius: f32, line: f32) {
    draw_pair(picture, &Circles::at(x, y, radius, APART, 0.0), line);
}

/// Draws two circles, and what they share.
pub(super) fn draw_pair(picture: &mut Sketch, pair: &Circles, line: f32) {
    if pair.is_filled {
        picture.shared(pair.us, pair.partner, SHARED);
    }
    picture.ring(pair.us, line, US);
    picture.ring(pair.partner, line, PARTNER);
}

/// How wide the mark is.
pub(super) fn width(radius: f32, line: f32) -> f32 {
    radius * (2.0 + APART) + line
}

/// Larger than any icon that is asked for.
const LARGEST: u32 = 2048;

/// The mark alone as a square PNG on paper, so many pixels wide.
///
/// # Errors
/// When it has no size, or too large a one.
pub fn icon(size: u32) -> Result<Vec<u8>, CardError> {
    let known = u16::try_from(size).ok().filter(|_| size <= LARGEST);
    let pixels = f32::from(known.ok_or(CardError::Size(size, size))?);
    let mut picture = Sketch::new(size, size)?;
    // Small ones need all the room, and lines that can be seen.
    let share = if pixels < 64.0 { 0.94 } else { 0.76 };
    let line = (pixels * 0.028).max(1.2);
    let radius = (pixels * share - line) / (2.0 + APART);
    draw(&mut picture, pixels / 2.0, pixels / 2.0, radius, line);
    picture.png()
}
