//! A hundred points on one strip: the index, and where the others went. Or, without an index, where it may lie.

use super::canvas::Canvas;
use super::draw::{Align, Painter, rectangle};
use super::dumbbell::Scale;
use super::style::{ACCENT, DARK_HAIR, HAIR, INK, LABEL, STRONG, TINT};
use crate::assessment::charts::{RangeChart, Segment, StripChart};

const BAR: f32 = 15.0;
const KEY: f32 = 20.0;

#[derive(Clone, Copy)]
enum Filling {
    Full,
    Hatched,
    Light,
    Empty,
}

impl Filling {
    fn of(segment: &Segment) -> Self {
        match segment.kind {
            "index" => Self::Full,
            "imbalance" => Self::Hatched,
            "weak" => Self::Light,
            _ => Self::Empty,
        }
    }
}

/// Draws the strip and its key.
pub(super) fn write(canvas: &mut Canvas<'_>, strip: &StripChart) {
    let (left, top, width) = (canvas.left, canvas.y, canvas.width);
    let scale = Scale {
        left,
        right: left + width,
    };
    canvas.figure(strip.desc.clone(), BAR + KEY, |painter| {
        for segment in &strip.segments {
            let (from, to) = scale.span(segment.bar);
            draw(painter, from, top, to - from, BAR, Filling::of(segment));
        }
        painter.outline(rectangle(left, top, width, BAR), 0.8, ACCENT);
        let mut x = left;
        for segment in &strip.segments {
            x += entry(painter, x, top + BAR + KEY - 12.0, segment) + 20.0;
        }
    });
}

/// All four stand in one line.
fn in_short(segment: &Segment) -> &'static str {
    match segment.kind {
        "index" => "index",
        "rest" => "to go",
        _ => segment.label,
    }
}

/// A sample, its points and what they are. Gives how wide that is.
fn entry(painter: &mut Painter<'_, '_>, x: f32, top: f32, segment: &Segment) -> f32 {
    let middle = top + STRONG.leading / 2.0;
    draw(painter, x, middle - 4.0, 12.0, 8.0, Filling::of(segment));
    painter.outline(rectangle(x, middle - 4.0, 12.0, 8.0), 0.6, ACCENT);
    let figure = painter.typesetter.line(STRONG, &segment.points.to_string());
    let words = painter.typesetter.line(LABEL.colored(INK), in_short(segment));
    let second = x + 17.0 + figure.width + 3.5;
    painter.line(&figure, x + 17.0, top);
    painter.line(&words, second, top + (STRONG.leading - LABEL.leading) / 2.0);
    second + words.width - x
}

fn draw(painter: &mut Painter<'_, '_>, x: f32, y: f32, width: f32, height: f32, filling: Filling) {
    match filling {
        Filling::Full => painter.fill(rectangle(x, y, width, height), ACCENT),
        Filling::Hatched => {
            painter.hatched(x, y, width, height, ACCENT);
            painter.outline(rectangle(x, y, width, height), 0.6, ACCENT);
        }
        Filling::Light => {
            painter.fill(rectangle(x, y, width, height), TINT);
            painter.outline(rectangle(x, y, width, height), 0.6, ACCENT);
        }
        Filling::Empty => {}
    }
}

/// Draws where an index may lie that is not known.
pub(super) fn write_range(canvas: &mut Canvas<'_>, range: &RangeChart) {
    let (left, top, width) = (canvas.left, canvas.y, canvas.width);
    let scale = Scale {
        left,
        right: left + width,
    };
    canvas.figure(range.desc.clone(), BAR + KEY - 4.0, |painter| {
        let (from, to) = scale.span(range.bar);
        painter.hatched(from, top, to - from, BAR, ACCENT);
        painter.outline(rectangle(from, top, to - from, BAR), 0.8, ACCENT);
        painter.outline(rectangle(left, top, width, BAR), 0.6, DARK_HAIR);
        for figure in [0, 25, 50, 75, 100] {
            let at = scale.x(figure);
            painter.rule((at, top + BAR), (at, top + BAR + 3.0), 0.6, HAIR);
            let (begin, align) = match figure {
                0 => (at, Align::Left),
                100 => (at - 30.0, Align::Right),
                _ => (at - 15.0, Align::Center),
            };
            painter.words(LABEL, &figure.to_string(), begin, top + BAR + 3.0, 30.0, align);
        }
    });
}
