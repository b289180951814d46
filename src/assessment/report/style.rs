//! The look of a report: sizes and colours. Dark ink, one deep accent, hairlines instead of boxes.

use crate::typesetting::{Color, Face, Style};

pub(super) const INK: Color = Color(0x23, 0x1D, 0x1B);
pub(super) const MUTED: Color = Color(0x5F, 0x56, 0x4E);
pub(super) const HAIR: Color = Color(0xDD, 0xD4, 0xC7);
/// A hairline that is to be written on, or a bar.
pub(super) const DARK_HAIR: Color = Color(0xB9, 0xAC, 0x9B);
pub(super) const ACCENT: Color = Color(0x7A, 0x1F, 0x3D);
pub(super) const TINT: Color = Color(0xE6, 0xD3, 0xD9);
/// Our side: always a filled circle.
pub(super) const US: Color = Color(0x00, 0x72, 0xB2);
/// The partner: always a hollow diamond.
pub(super) const PARTNER: Color = Color(0xB4, 0x53, 0x09);
pub(super) const WHITE: Color = Color(0xFF, 0xFF, 0xFF);

pub(super) const TITLE: Style = Style::new(Face::SerifBold, 25.0, 29.0, INK);
/// A title of many words.
pub(super) const LONG_TITLE: Style = Style::new(Face::SerifBold, 18.0, 22.0, INK);
pub(super) const HEADING: Style = Style::new(Face::SerifBold, 16.0, 20.0, INK);
pub(super) const FIGURE: Style = Style::new(Face::SerifBold, 56.0, 50.0, ACCENT);
/// A range in place of one figure.
pub(super) const WIDE_FIGURE: Style = Style::new(Face::SerifBold, 32.0, 50.0, ACCENT);
pub(super) const OPENING: Style = Style::new(Face::SerifItalic, 14.5, 19.0, ACCENT);
pub(super) const BODY: Style = Style::new(Face::Serif, 10.5, 14.6, INK);
pub(super) const CLOSING: Style = Style::new(Face::SerifItalic, 10.5, 14.6, INK);
pub(super) const PART: Style = Style::new(Face::SansBold, 9.4, 13.0, ACCENT);
pub(super) const TEXT: Style = Style::new(Face::Sans, 9.4, 12.6, INK);
pub(super) const STRONG: Style = Style::new(Face::SansBold, 9.4, 12.6, INK);
pub(super) const BYLINE: Style = Style::new(Face::Sans, 10.0, 14.0, MUTED);
pub(super) const LABEL: Style = Style::new(Face::Sans, 8.4, 11.0, MUTED);
pub(super) const SMALL: Style = Style::new(Face::Sans, 8.6, 11.8, MUTED);
