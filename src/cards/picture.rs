//! A picture: paper that text and circles are drawn on.

use skrifa::outline::OutlinePen;
use tiny_skia::{FillRule, Mask, Paint, Path, PathBuilder, Pixmap, PixmapPaint, Stroke, Transform};

use super::CardError;
use crate::typesetting::{Color, Line};

/// The ground of pictures.
const PAPER: Color = Color(0xFB, 0xF8, 0xF3);
/// The ground of a part that stands apart.
const PANEL: Color = Color(0xF4, 0xEC, 0xE2);

/// A picture while it is drawn.
pub(super) struct Sketch {
    pixels: Pixmap,
}

/// A circle, in pixels from the top left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circle {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) radius: f32,
}

impl Sketch {
    pub(super) fn new(width: u32, height: u32) -> Result<Self, CardError> {
        Self::on(PAPER, width, height)
    }

    /// A part of another picture.
    pub(super) fn panel(width: u32, height: u32) -> Result<Self, CardError> {
        Self::on(PANEL, width, height)
    }

    fn on(ground: Color, width: u32, height: u32) -> Result<Self, CardError> {
        let mut pixels = Pixmap::new(width, height).ok_or(CardError::Size(width, height))?;
        pixels.fill(tiny_skia::Color::from_rgba8(ground.0, ground.1, ground.2, 0xFF));
        Ok(Self { pixels })
    }

    /// Puts another picture on this one, its left edge at `x`.
    pub(super) fn put(&mut self, part: &Self, x: i32) {
        let (paint, as_it_is) = (PixmapPaint::default(), Transform::identity());
        self.pixels
            .draw_pixmap(x, 0, part.pixels.as_ref(), &paint, as_it_is, None);
    }

    pub(super) fn png(&self) -> Result<Vec<u8>, CardError> {
        self.pixels
            .encode_png()
            .map_err(|error| CardError::Png(error.to_string()))
    }

    /// Draws a line of text that begins at `x` and stands on `base`.
    pub(super) fn line(&mut self, line: &Line, x: f32, base: f32) {
        let size = line.style.size;
        let mut pen = Pen::default();
        for run in &line.runs {
            let mut at = x + run.at * size;
            for glyph in &run.glyphs {
                (pen.x, pen.y) = (at + glyph.x * size, base - glyph.y * size);
                run.font.outline(glyph.id, size, &mut pen);
                at += glyph.advance * size;
            }
        }
        if let Some(path) = pen.path.finish() {
            let paint = paint(line.style.color);
            self.pixels
                .fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
        }
    }

    pub(super) fn ring(&mut self, circle: Circle, width: f32, color: Color) {
        if let Some(path) = circle.path() {
            let stroke = Stroke {
                width,
                ..Stroke::default()
            };
            let paint = paint(color);
            self.pixels
                .stroke_path(&path, &paint, &stroke, Transform::identity(), None);
        }
    }

    /// Fills what two circles share.
    pub(super) fn shared(&mut self, one: Circle, other: Circle, color: Color) {
        let mask = Mask::new(self.pixels.width(), self.pixels.height());
        if let (Some(mut mask), Some(clip), Some(path)) = (mask, one.path(), other.path()) {
            mask.fill_path(&clip, FillRule::Winding, true, Transform::identity());
            let paint = paint(color);
            self.pixels
                .fill_path(&path, &paint, FillRule::Winding, Transform::identity(), Some(&mask));
        }
    }
}

impl Circle {
    /// Its attributes in an SVG.
    pub(crate) fn attributes(self) -> String {
        format!(r#"cx="{:.1}" cy="{:.1}" r="{:.1}""#, self.x, self.y, self.radius)
    }

    fn path(self) -> Option<Path> {
        PathBuilder::from_circle(self.x, self.y, self.radius)
    }
}

/// A length that a picture can have.
pub(super) fn pixels(count: u32) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint {
        anti_alias: true,
        ..Paint::default()
    };
    paint.set_color_rgba8(color.0, color.1, color.2, 0xFF);
    paint
}

/// Takes the outlines of glyphs, which go upwards, to where they stand in the picture.
#[derive(Default)]
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, self.y - y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, self.y - y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + cx, self.y - cy, self.x + x, self.y - y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let (left, top) = (self.x, self.y);
        self.path
            .cubic_to(left + ax, top - ay, left + bx, top - by, left + x, top - y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
