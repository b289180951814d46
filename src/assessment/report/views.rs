//! The figure of two views: for each factor how both rate the one side and the other, and which side each of them
//! sees stand higher.

use super::canvas::Canvas;
use super::draw::{Align, Mark, Painter, rectangle};
use super::dumbbell::{Scale, key, pair};
use super::names;
use super::number;
use super::style::{DARK_HAIR, HAIR, INK, LABEL, STRONG, WHITE};
use crate::assessment::charts::{Bar, place_of_gap};
use crate::assessment::words::reading::{JointFactor, JointReading};

const KEY: f32 = 21.0;
const AXIS: f32 = 26.0;
const ROW: f32 = 15.0;
/// Two rows and the white between factors.
const FACTOR: f32 = 37.0;
/// Columns from the left: factors, who is rated, the scale; then whose view, the balance, its figure.
const FACTORS: f32 = 68.0;
const RATED: f32 = 98.0;
const BALANCE: f32 = 136.0;
const FIGURES: f32 = 26.0;
const BETWEEN: f32 = 40.0;
/// A side's bar at its highest reaches so far from the middle.
const BAR: f32 = 7.0;

/// A sign and " says".
const SAYS: f32 = 34.0;

/// Where things are across the page.
#[derive(Clone, Copy)]
struct Places {
    left: f32,
    scale: Scale,
    /// Left and right end of the balance.
    balance: (f32, f32),
}

impl Places {
    fn balance_scale(self) -> Scale {
        Scale {
            left: self.balance.0,
            right: self.balance.1,
        }
    }

    fn middle(self) -> f32 {
        f32::midpoint(self.balance.0, self.balance.1)
    }
}

/// Draws the figure.
pub(super) fn write(canvas: &mut Canvas<'_>, reading: &JointReading) {
    let height = KEY + AXIS + FACTOR * number(5);
    let (left, width, top) = (canvas.left, canvas.width, canvas.y);
    let balance = left + width - FIGURES - BALANCE;
    let places = Places {
        left,
        scale: Scale {
            left: left + FACTORS + RATED,
            right: balance - BETWEEN,
        },
        balance: (balance, balance + BALANCE),
    };
    canvas.figure(in_words(reading), height, |painter| {
        let half = width / 2.0 - 20.0;
        let [a, b] = short(painter, reading, half - SAYS).map(|name| format!("{name} says"));
        let used = key(painter, Mark::Us, &a, left, top, half);
        key(painter, Mark::Partner, &b, left + used + 22.0, top, half);
        let rows = top + KEY + AXIS;
        places.scale.axis(painter, rows, top + height - 6.0, 2);
        painter.words(
            LABEL,
            "Side rated",
            left + FACTORS,
            rows - 13.0,
            RATED - 30.0,
            Align::Left,
        );
        balance_axis(painter, places, reading, rows, top + height - 6.0);
        let mut y = rows;
        for factor in &reading.factors {
            draw_factor(painter, places, reading, factor, y);
            y += FACTOR;
        }
    });
}

/// What the sides are called in so much room.
fn short(painter: &Painter<'_, '_>, reading: &JointReading, width: f32) -> [String; 2] {
    let usual = ["inviting side", "invited side"];
    names::short(painter.typesetter, LABEL, [&reading.a, &reading.b], width, usual)
}

fn balance_axis(painter: &mut Painter<'_, '_>, places: Places, reading: &JointReading, top: f32, bottom: f32) {
    let ((from, to), middle) = (places.balance, places.middle());
    painter.rule((middle, top), (middle, bottom), 0.9, DARK_HAIR);
    painter.rule((from, top), (from, bottom), 0.6, HAIR);
    painter.rule((to, top), (to, bottom), 0.6, HAIR);
    painter.words(LABEL, "even", middle - 30.0, top - 13.0, 60.0, Align::Center);
    let half = BALANCE / 2.0 - 5.0;
    let [a, b] = &short(painter, reading, half);
    let ends = [(a, from, Align::Left), (b, to - half, Align::Right)];
    for (name, x, align) in ends {
        painter.words(LABEL, name, x, top - 24.0, half, align);
        painter.words(LABEL, "higher", x, top - 13.0, half, align);
    }
}

fn draw_factor(painter: &mut Painter<'_, '_>, places: Places, reading: &JointReading, factor: &JointFactor, top: f32) {
    let first = top + 4.0;
    let text = first + (ROW - STRONG.leading) / 2.0;
    painter.words(STRONG, &factor.short, places.left, text, FACTORS - 6.0, Align::Left);
    let [a, b] = &short(painter, reading, RATED - 16.0);
    let views = [
        (a, factor.aa, factor.ba, factor.gap_a, Mark::Us),
        (b, factor.ab, factor.bb, factor.gap_b, Mark::Partner),
    ];
    let mut line = first;
    for (name, by_a, by_b, gap, viewer) in views {
        let label = line + (ROW - LABEL.leading) / 2.0;
        let begin = places.left + FACTORS;
        painter.words(LABEL.colored(INK), name, begin, label, RATED - 16.0, Align::Left);
        let y = line + ROW / 2.0;
        pair(painter, places.scale, y, by_a, by_b, 8.6);
        painter.mark(viewer, places.balance.0 - 11.0, y, 7.6);
        draw_balance(painter, places, gap, viewer, y);
        line += ROW;
    }
    painter.rule(
        (places.left, top + FACTOR - 3.0),
        (places.balance.1 + FIGURES, top + FACTOR - 3.0),
        0.4,
        HAIR,
    );
}

/// A bar from the middle to the side that stands higher: A's view filled, B's hollow.
fn draw_balance(painter: &mut Painter<'_, '_>, places: Places, gap: Option<i64>, viewer: Mark, y: f32) {
    let figure = gap.map_or_else(|| "–".to_owned(), |gap| gap.abs().to_string());
    let label = y - LABEL.leading / 2.0;
    painter.words(
        LABEL.colored(INK),
        &figure,
        places.balance.1,
        label,
        FIGURES,
        Align::Right,
    );
    let Some(gap) = gap else { return };
    let (from, to) = places.balance_scale().span(Bar::between(50.0, place_of_gap(gap)));
    // What is even shows too.
    let length = (to - from).max(1.2);
    let begin = if gap == 0 { from - length / 2.0 } else { from };
    match viewer {
        Mark::Us => painter.fill(rectangle(begin, y - BAR / 2.0, length, BAR), viewer.color()),
        Mark::Partner => {
            painter.fill(rectangle(begin, y - BAR / 2.0, length, BAR), WHITE);
            let inside = rectangle(begin + 0.5, y - BAR / 2.0 + 0.5, (length - 1.0).max(0.2), BAR - 1.0);
            painter.outline(inside, 1.1, viewer.color());
        }
    }
}

/// The finding first, then every row.
fn in_words(reading: &JointReading) -> String {
    let (a, b) = (&reading.a, &reading.b);
    let say = |figure: Option<i64>| figure.map_or_else(|| "not known".to_owned(), |figure| figure.to_string());
    let higher = |gap: Option<i64>| match gap {
        Some(gap @ 1..) => format!("{a} {gap} higher"),
        Some(0) => "both even".to_owned(),
        Some(gap) => format!("{b} {} higher", -gap),
        None => "too little to say".to_owned(),
    };
    let disagreement = |factor: &JointFactor| Some((factor.gap_a? - factor.gap_b?).abs());
    let widest = reading
        .factors
        .iter()
        .filter_map(|factor| Some((disagreement(factor)?, factor)))
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    let mut words = match widest {
        Some((0, _)) => "Both see the same balance on every factor. ".to_owned(),
        Some((_, factor)) => format!("The balance is seen most differently on {}. ", factor.name),
        None => String::new(),
    };
    let scale = format!("How {a} and {b} each rate both sides, from 0, not at all, to 100, fully.");
    words.push_str(&scale);
    for factor in &reading.factors {
        let row = format!(
            " {}: {a} is rated {} by itself and {} by {b}; {b} {} by itself and {} by {a}; {a} sees {}, {b} sees {}.",
            factor.short,
            say(factor.aa),
            say(factor.ba),
            say(factor.bb),
            say(factor.ab),
            higher(factor.gap_a),
            higher(factor.gap_b),
        );
        words.push_str(&row);
    }
    words
}
