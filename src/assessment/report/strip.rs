//! A hundred points on one strip: the index, and where the others went. Or, without an index, where it may lie.

use super::ink::{Align, Ink, rectangle};
use super::look::{ACCENT, DARK_HAIR, HAIR, INK, LABEL, STRONG, TINT};
use super::number;
use super::pen::Pen;
use crate::assessment::reading::Strip;

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
pub(super) fn write(pen: &mut Pen<'_>, strip: Strip) {
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
    let (left, top, width) = (pen.left, pen.y, pen.width);
    pen.figure(alt, BAR + KEY, |ink| {
        let mut x = left;
        for (points, _, filling) in parts {
            let part = width * number(points) / 100.0;
            draw(ink, x, top, part, BAR, filling);
            x += part;
        }
        ink.outline(rectangle(left, top, width, BAR), 0.8, ACCENT);
        let mut x = left;
        for (points, words, filling) in parts {
            x += entry(ink, x, top + BAR + KEY - 12.0, points, words, filling) + 20.0;
        }
    });
}

/// A sample, its points and what they are. Gives how wide that is.
fn entry(ink: &mut Ink<'_, '_>, x: f32, top: f32, points: i64, words: &str, filling: Filling) -> f32 {
    let middle = top + STRONG.leading / 2.0;
    draw(ink, x, middle - 4.0, 12.0, 8.0, filling);
    ink.outline(rectangle(x, middle - 4.0, 12.0, 8.0), 0.6, ACCENT);
    let figure = ink.typesetter.line(STRONG, &points.to_string());
    let words = ink.typesetter.line(LABEL.colored(INK), words);
    let second = x + 17.0 + figure.width + 3.5;
    ink.line(&figure, x + 17.0, top);
    ink.line(&words, second, top + (STRONG.leading - LABEL.leading) / 2.0);
    second + words.width - x
}

fn draw(ink: &mut Ink<'_, '_>, x: f32, y: f32, width: f32, height: f32, filling: Filling) {
    match filling {
        Filling::Full => ink.fill(rectangle(x, y, width, height), ACCENT),
        Filling::Hatched => {
            ink.hatched(x, y, width, height, ACCENT);
            ink.outline(rectangle(x, y, width, height), 0.6, ACCENT);
        }
        Filling::Light => {
            ink.fill(rectangle(x, y, width, height), TINT);
            ink.outline(rectangle(x, y, width, height), 0.6, ACCENT);
        }
        Filling::Empty => {}
    }
}

/// Draws where an index may lie that is not known.
pub(super) fn write_range(pen: &mut Pen<'_>, low: i64, high: i64) {
    let alt = format!("On a scale from 0 to 100 the index may lie anywhere from {low} to {high}.");
    let (left, top, width) = (pen.left, pen.y, pen.width);
    pen.figure(alt, BAR + KEY - 4.0, |ink| {
        let x = |figure: i64| left + width * number(figure) / 100.0;
        ink.hatched(x(low), top, x(high) - x(low), BAR, ACCENT);
        ink.outline(rectangle(x(low), top, x(high) - x(low), BAR), 0.8, ACCENT);
        ink.outline(rectangle(left, top, width, BAR), 0.6, DARK_HAIR);
        for figure in [0, 25, 50, 75, 100] {
            let at = x(figure);
            ink.rule((at, top + BAR), (at, top + BAR + 3.0), 0.6, HAIR);
            let (begin, align) = match figure {
                0 => (at, Align::Left),
                100 => (at - 30.0, Align::Right),
                _ => (at - 15.0, Align::Center),
            };
            ink.words(LABEL, &figure.to_string(), begin, top + BAR + 3.0, 30.0, align);
        }
    });
}
