//! The main figure: a row for each factor, both sides on one scale, and the gap between them as a bar.

use super::canvas::Canvas;
use super::draw::{Align, Mark, Painter, rectangle};
use super::number;
use super::style::{DARK_HAIR, HAIR, INK, LABEL, STRONG, TEXT};
use crate::assessment::charts::{Bar, place};
use crate::assessment::words::reading::{FactorReading, Reading};

const ROW: f32 = 25.0;
const KEY: f32 = 20.0;
const AXIS: f32 = 15.0;
/// Columns: names at the left; score and gap at the right.
const NAMES: f32 = 84.0;
const SCORES: f32 = 48.0;
const GAPS: f32 = 66.0;
/// A sign and " (us)".
const US: f32 = 34.0;
/// Points closer than this would cover each other: one goes up, the other down.
const CLOSE: i64 = 5;
const LABELS: [(i64, &str); 5] = [
    (0, "Not at all"),
    (25, "A little"),
    (50, "Partly"),
    (75, "Mostly"),
    (100, "Fully"),
];

/// From 0 to 100 across the page.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) left: f32,
    pub(super) right: f32,
}

impl Scale {
    pub(super) fn x(self, figure: i64) -> f32 {
        self.at(place(figure))
    }

    /// The two ends of a bar.
    pub(super) fn span(self, bar: Bar) -> (f32, f32) {
        (self.at(bar.from), self.at(bar.to))
    }

    #[expect(clippy::cast_possible_truncation, reason = "a percentage")]
    pub(super) fn at(self, place: f64) -> f32 {
        self.left + (self.right - self.left) * place as f32 / 100.0
    }

    /// Lines at five points, and what they mean above them: all of them, or only the outer ones and the middle.
    pub(super) fn axis(self, painter: &mut Painter<'_, '_>, top: f32, bottom: f32, every: usize) {
        for (index, (figure, label)) in LABELS.into_iter().enumerate() {
            let x = self.x(figure);
            painter.rule((x, top), (x, bottom), 0.6, HAIR);
            if index % every == 0 {
                painter.words(LABEL, label, x - 30.0, top - 13.0, 60.0, Align::Center);
            }
        }
    }
}

/// Two points and the bar between them; or the one that is known.
pub(super) fn pair(
    painter: &mut Painter<'_, '_>,
    scale: Scale,
    y: f32,
    us: Option<i64>,
    partner: Option<i64>,
    size: f32,
) {
    let mut lift = 0.0;
    if let (Some(us), Some(partner)) = (us, partner) {
        let (from, to) = scale.span(Bar::between(place(us), place(partner)));
        painter.fill(rectangle(from, y - 2.0, to - from, 4.0), DARK_HAIR);
        if (us - partner).abs() < CLOSE {
            lift = size * 0.4;
        }
    }
    if let Some(partner) = partner {
        painter.mark(Mark::Partner, scale.x(partner), y + lift, size);
    }
    if let Some(us) = us {
        painter.mark(Mark::Us, scale.x(us), y - lift, size);
    }
}

/// A sign and what it stands for. Gives how wide that is.
pub(super) fn key(painter: &mut Painter<'_, '_>, mark: Mark, text: &str, x: f32, top: f32, width: f32) -> f32 {
    painter.mark(mark, x + 4.5, top + LABEL.leading / 2.0, 8.4);
    let line = painter
        .typesetter
        .shortened(LABEL.colored(mark.color()), text, width - 13.0);
    painter.line(&line, x + 13.0, top);
    line.width + 13.0
}

/// Draws the figure.
pub(super) fn write(canvas: &mut Canvas<'_>, reading: &Reading) {
    let height = KEY + AXIS + ROW * number(5);
    let (left, width, top) = (canvas.left, canvas.width, canvas.y);
    canvas.figure(in_words(reading), height, |painter| {
        let half = width / 2.0 - 20.0;
        let us = painter.typesetter.shortened(LABEL, &reading.us, half - US).text;
        let used = key(painter, Mark::Us, &format!("{us} (us)"), left, top, half);
        key(painter, Mark::Partner, &reading.partner, left + used + 22.0, top, half);
        let scale = Scale {
            left: left + NAMES,
            right: left + width - SCORES - GAPS,
        };
        let rows = top + KEY + AXIS;
        scale.axis(painter, rows, top + height, 1);
        let scores = scale.right + 14.0;
        painter.words(LABEL, "Score", scores, rows - 13.0, SCORES - 14.0, Align::Right);
        let gaps = scale.right + SCORES + 12.0;
        painter.words(LABEL, "The gap", gaps, rows - 13.0, GAPS - 12.0, Align::Left);
        let mut y = rows + ROW / 2.0;
        for factor in &reading.factors {
            let line = y - STRONG.leading / 2.0;
            painter.words(STRONG, &factor.short, left, line, NAMES - 6.0, Align::Left);
            pair(painter, scale, y, factor.us, factor.partner, 11.0);
            let score = factor.score.map_or_else(|| "–".to_owned(), |score| score.to_string());
            painter.words(STRONG, &score, scores, line, SCORES - 14.0, Align::Right);
            let word = factor.gap_word.unwrap_or("not scored");
            painter.words(TEXT.colored(INK), word, gaps, line, GAPS - 12.0, Align::Left);
            y += ROW;
        }
    });
}

/// The finding first, then every row.
fn in_words(reading: &Reading) -> String {
    let widest = reading
        .factors
        .iter()
        .filter_map(|factor| Some((factor.gap?, factor)))
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    let mut words = match widest {
        Some((gap, factor)) => format!("The widest gap is on {}: {gap} points. ", factor.name),
        None => "No factor could be scored. ".to_owned(),
    };
    words.push_str("Both sides on a scale from 0, not at all, to 100, fully:");
    for factor in &reading.factors {
        words.push_str(&row_in_words(reading, factor));
    }
    words
}

fn row_in_words(reading: &Reading, factor: &FactorReading) -> String {
    let say = |figure: Option<i64>| figure.map_or_else(|| "not known".to_owned(), |figure| figure.to_string());
    let (us, partner) = (say(factor.us), say(factor.partner));
    let gap = factor.gap_word.unwrap_or("not scored");
    format!(
        " {}: {} {us}, {} {partner}, {gap}.",
        factor.short, reading.us, reading.partner
    )
}
