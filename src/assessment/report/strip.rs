//! A hundred points on one strip: the index, and where the others went. Or, without an index, where it may lie.

use super::canvas::Canvas;
use super::draw::{Align, Painter, rectangle};
use super::number;
use super::style::{ACCENT, DARK_HAIR, HAIR, INK, LABEL, STRONG, TINT};
use crate::assessment::words::reading::Strip;

const BAR: f32 = 15.0;
const KEY: f32 = 20.0;

#[derive(Clone, Copy)]
enum Filling {
    Full,
    Hatched,
    Light,
    Empty,
}

/// Draws the strip and its key.
pub(super) fn write(canvas: &mut Canvas<'_>, strip: Strip) {
    let parts = [
        (strip.index, "index", Filling::Full),
        (strip.imbalance, "lost to imbalance", Filling::Hatched),
        (strip.weak_spots, "lost to weak spots", Filling::Light),
        (strip.to_go, "to go", Filling::Empty),
    ];
    let said: Vec<String> = parts
        .iter()
        .map(|(points, words, _)| format!("{points} {words}"))
        .collect();
    let alt = format!("Of 100 points: {}.", said.join(", "));
    let (left, top, width) = (canvas.left, canvas.y, canvas.width);
    canvas.figure(alt, BAR + KEY, |painter| {
        let mut x = left;
        for (points, _, filling) in parts {
            let part = width * number(points) / 100.0;
            draw(painter, x, top, part, BAR, filling);
            x += part;
        }
        painter.outline(rectangle(left, top, width, BAR), 0.8, ACCENT);
        let mut x = left;
        for (points, words, filling) in parts {
            x += entry(painter, x, top + BAR + KEY - 12.0, points, words, filling) + 20.0;
        }
    });
}

/// A sample, its points and what they are. Gives how wide that is.
fn entry(painter: &mut Painter<'_, '_>, x: f32, top: f32, points: i64, words: &str, filling: Filling) -> f32 {
    let middle = top + STRONG.leading / 2.0;
    draw(painter, x, middle - 4.0, 12.0, 8.0, filling);
    painter.outline(rectangle(x, middle - 4.0, 12.0, 8.0), 0.6, ACCENT);
    let figure = painter.typesetter.line(STRONG, &points.to_string());
    let words = painter.typesetter.line(LABEL.colored(INK), words);
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
pub(super) fn write_range(canvas: &mut Canvas<'_>, low: i64, high: i64) {
    let alt = format!("On a scale from 0 to 100 the index may lie anywhere from {low} to {high}.");
    let (left, top, width) = (canvas.left, canvas.y, canvas.width);
    canvas.figure(alt, BAR + KEY - 4.0, |painter| {
        let x = |figure: i64| left + width * number(figure) / 100.0;
        painter.hatched(x(low), top, x(high) - x(low), BAR, ACCENT);
        painter.outline(rectangle(x(low), top, x(high) - x(low), BAR), 0.8, ACCENT);
        painter.outline(rectangle(left, top, width, BAR), 0.6, DARK_HAIR);
        for figure in [0, 25, 50, 75, 100] {
            let at = x(figure);
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
