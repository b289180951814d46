//! Drawing: text, lines and the few shapes a report has. It knows nothing of what they mean.

use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

use super::pdf_fonts::PdfFonts;
use super::style::{ACCENT, INK, PARTNER, US, WHITE};
use crate::typesetting::{Color, Glyph, Line, Style, Typesetter};

/// How far a circle's handles are from its corners.
const ROUND: f32 = 0.552_284_8;

/// Where a text stands in the width it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Center,
    Right,
}

/// Whose side, or whose view, a shape stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A filled circle.
    Us,
    /// A hollow diamond.
    Partner,
}

impl Mark {
    pub(super) fn color(self) -> Color {
        match self {
            Self::Us => US,
            Self::Partner => PARTNER,
        }
    }
}

/// Draws on a page.
pub(super) struct Painter<'i, 'd> {
    pub(super) typesetter: &'i Typesetter,
    pub(super) fonts: &'i PdfFonts,
    pub(super) surface: &'i mut Surface<'d>,
}

impl Painter<'_, '_> {
    /// Draws a line of text whose box begins at `top`.
    pub(super) fn line(&mut self, line: &Line, x: f32, top: f32) {
        let style = line.style;
        // Capitals stand in the middle of the box; they are two thirds of the size high.
        let base = top + f32::midpoint(style.leading, style.size * 0.66);
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(fill(style.color)));
        for run in &line.runs {
            if let Some(font) = self.fonts.font(&run.font) {
                let start = Point::from_xy(x + run.at * style.size, base);
                let glyphs: Vec<KrillaGlyph> = run.glyphs.iter().map(krilla_glyph).collect();
                self.surface
                    .draw_glyphs(start, &glyphs, font, &line.text, style.size, false);
            }
        }
    }

    /// Draws a text on one line, shortened where it is wider than `width`.
    pub(super) fn words(&mut self, style: Style, text: &str, x: f32, top: f32, width: f32, align: Align) {
        let line = self.typesetter.shortened(style, text, width);
        self.line(&line, x + aligned(align, width, line.width), top);
    }

    pub(super) fn fill(&mut self, path: Option<Path>, color: Color) {
        self.draw(path, Some(fill(color)), None);
    }

    pub(super) fn outline(&mut self, path: Option<Path>, width: f32, color: Color) {
        self.draw(path, None, Some(stroke(width, color)));
    }

    fn draw(&mut self, path: Option<Path>, fill: Option<Fill>, stroke: Option<Stroke>) {
        if let Some(path) = path {
            self.surface.set_fill(fill);
            self.surface.set_stroke(stroke);
            self.surface.draw_path(&path);
        }
    }

    /// A straight line.
    pub(super) fn rule(&mut self, from: (f32, f32), to: (f32, f32), width: f32, color: Color) {
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.line_to(to.0, to.1);
        self.outline(path.finish(), width, color);
    }

    /// A rectangle with slanted lines in it.
    pub(super) fn hatched(&mut self, x: f32, y: f32, width: f32, height: f32, color: Color) {
        let Some(frame) = rectangle(x, y, width, height) else {
            return;
        };
        let mut lines = PathBuilder::new();
        let mut at = x - height;
        while at < x + width {
            lines.move_to(at, y + height);
            lines.line_to(at + height, y);
            at += 3.4;
        }
        self.surface.push_clip_path(&frame, &FillRule::NonZero);
        self.outline(lines.finish(), 0.8, color);
        self.surface.pop();
    }

    /// The sign of a side, about `size` wide, its middle at a point.
    pub(super) fn mark(&mut self, mark: Mark, x: f32, y: f32, size: f32) {
        match mark {
            Mark::Us => self.fill(circle(x, y, size * 0.46), mark.color()),
            Mark::Partner => {
                let thick = size * 0.15;
                let shape = diamond(x, y, size * 0.5);
                self.draw(shape, Some(fill(WHITE)), Some(stroke(thick, mark.color())));
            }
        }
    }

    /// The mark of Common Ground: two circles, and the part they share.
    pub(super) fn two_circles(&mut self, x: f32, y: f32, radius: f32) {
        let (left, right) = (x + radius, x + radius * 1.96);
        if let Some(clip) = circle(left, y, radius) {
            self.surface.push_clip_path(&clip, &FillRule::NonZero);
            self.fill(circle(right, y, radius), ACCENT);
            self.surface.pop();
        }
        self.outline(circle(left, y, radius), radius * 0.13, INK);
        self.outline(circle(right, y, radius), radius * 0.13, INK);
    }
}

/// How far from the left a text begins.
pub(super) fn aligned(align: Align, width: f32, used: f32) -> f32 {
    match align {
        Align::Left => 0.0,
        Align::Center => (width - used) / 2.0,
        Align::Right => width - used,
    }
}

fn krilla_glyph(glyph: &Glyph) -> KrillaGlyph {
    let bytes = glyph.bytes.clone();
    KrillaGlyph::new(
        GlyphId::new(glyph.id),
        glyph.advance,
        glyph.x,
        glyph.y,
        0.0,
        bytes,
        None,
    )
}

fn rgb(color: Color) -> krilla::color::rgb::Color {
    krilla::color::rgb::Color::new(color.0, color.1, color.2)
}

fn fill(color: Color) -> Fill {
    Fill {
        paint: rgb(color).into(),
        ..Fill::default()
    }
}

fn stroke(width: f32, color: Color) -> Stroke {
    Stroke {
        paint: rgb(color).into(),
        width,
        ..Stroke::default()
    }
}

/// `None` where there is nothing to see of it.
pub(super) fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(x, y, width, height)?);
    path.finish()
}

fn circle(x: f32, y: f32, radius: f32) -> Option<Path> {
    let (r, k) = (radius, radius * ROUND);
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
    path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
    path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
    path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
    path.close();
    path.finish()
}

fn diamond(x: f32, y: f32, half: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(x, y - half);
    path.line_to(x + half, y);
    path.line_to(x, y + half);
    path.line_to(x - half, y);
    path.close();
    path.finish()
}
