//! Where the marks of a result's charts stand: numbers that the templates and the PDF draw, and each finding in words.
//!
//! Every place is a percentage of the chart's width. On a scale from 0 to 100 that is the figure itself, so a chart
//! fits any width, and its text and marks keep their size. Figures come rounded, as the table beside a chart shows them.

mod joint;
mod overlap;

pub(crate) use joint::{JointCharts, place_of_gap};
pub(crate) use overlap::Overlap;

use super::scoring::Sides;
use crate::assessment::model::factor::PerFactor;
use crate::assessment::words::reading::{FactorReading, Reading, WholeReading};

/// Marks that are closer than this would hide each other: the diamond is drawn around the circle.
const CLOSE: i64 = 3;
/// A segment of the strip needs this width for its number to stand inside.
const ROOM_FOR_NUMBER: i64 = 6;

/// The charts of one view.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ResultCharts {
    /// Two circles that share as much as the index says.
    pub overlap: Option<Overlap>,
    /// Where the points of a hundred went.
    pub strip: Option<StripChart>,
    /// Where the index could be, if answers are missing.
    pub range: Option<RangeChart>,
    /// A row for each factor, in the order of results.
    pub rows: Vec<FactorRow>,
}

impl ResultCharts {
    /// Of one person's view.
    #[must_use]
    pub(crate) fn new(reading: &Reading) -> Self {
        Self::with_spread(reading, &PerFactor::default())
    }

    /// Of a team's view: with a band of one standard deviation of a side’s scores to both sides of its mark, where it may be shown.
    #[must_use]
    pub(crate) fn with_spread(reading: &Reading, deviations: &PerFactor<Sides>) -> Self {
        let row = |factor: &FactorReading| FactorRow::new(reading, factor, *deviations.get(factor.factor));
        Self {
            overlap: reading.whole.as_ref().map(|whole| Overlap::new(whole.index)),
            strip: reading.whole.as_ref().map(StripChart::new),
            range: reading.certainty.range.map(|(low, high)| RangeChart::new(low, high)),
            rows: reading.factors.iter().map(row).collect(),
        }
    }

    /// The index, where answers are missing that cannot change it.
    #[must_use]
    pub(crate) fn certain_index(&self) -> Option<i64> {
        let range = self.range.as_ref()?;
        (range.low == range.high).then_some(range.low)
    }

    /// The same for a page that shows more than one: ids stay unique.
    #[must_use]
    pub(crate) fn prefixed(mut self, prefix: &str) -> Self {
        for row in &mut self.rows {
            row.pair.id = format!("{prefix}-{}", row.pair.id);
        }
        self
    }
}

/// A part of the width, from left to right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bar {
    pub from: f64,
    pub to: f64,
}

impl Bar {
    /// Between two places, whichever is further left.
    #[must_use]
    pub(crate) fn between(one: f64, other: f64) -> Self {
        Self {
            from: one.min(other),
            to: one.max(other),
        }
    }

    /// Around a place, as far as the scale goes.
    fn around(place: f64, reach: f64) -> Self {
        Self {
            from: (place - reach).max(0.0),
            to: (place + reach).min(100.0),
        }
    }

    #[must_use]
    pub(crate) fn width(&self) -> f64 {
        self.to - self.from
    }

    #[must_use]
    pub(crate) fn middle(&self) -> f64 {
        f64::midpoint(self.from, self.to)
    }
}

/// One bar from 0 to 100 in up to four segments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StripChart {
    /// From left to right. Together they are 100 wide.
    pub segments: Vec<Segment>,
    /// The finding in words.
    pub desc: String,
}

/// What became of some of the hundred points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    /// `index`, `imbalance`, `weak` or `rest`: how it is filled.
    pub kind: &'static str,
    pub points: i64,
    /// "lost to imbalance"
    pub label: &'static str,
    pub bar: Bar,
    /// The number fits inside; the list below the strip has it in any case.
    pub numbered: bool,
}

impl StripChart {
    pub(crate) fn new(whole: &WholeReading) -> Self {
        let strip = whole.strip;
        let parts = [
            ("index", strip.index, "alignment index"),
            ("imbalance", strip.imbalance, "lost to imbalance"),
            ("weak", strip.weak_spots, "lost to weak spots"),
            ("rest", strip.to_go, "still to go"),
        ];
        let mut end = 0;
        let segments = parts.map(|(kind, points, label)| {
            let start = end;
            end += points;
            Segment {
                kind,
                points,
                label,
                bar: Bar::between(place(start), place(end)),
                numbered: points >= ROOM_FOR_NUMBER,
            }
        });
        Self {
            segments: segments.to_vec(),
            desc: format!(
                "Of 100 points, {} are the index, {} are lost to imbalance, {} to weak spots, and {} are still to go.",
                strip.index, strip.imbalance, strip.weak_spots, strip.to_go
            ),
        }
    }
}

/// From the lowest to the highest that an index could be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RangeChart {
    pub low: i64,
    pub high: i64,
    pub bar: Bar,
    pub desc: String,
}

impl RangeChart {
    pub(crate) fn new(low: i64, high: i64) -> Self {
        Self {
            low,
            high,
            bar: Bar::between(place(low), place(high)),
            desc: if low == high {
                format!("Whatever the missing answers are, the index is {low}.")
            } else {
                format!("With every answer given, the index could be anything from {low} to {high}.")
            },
        }
    }
}

/// One factor: the chart, and the words to its right.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FactorRow {
    pub reading: FactorReading,
    pub pair: Pair,
    /// "Lopsided: Contoso carries more of the risk"
    pub verdict: String,
}

impl FactorRow {
    fn new(reading: &Reading, factor: &FactorReading, deviations: Sides) -> Self {
        let verdict = verdict(reading, factor);
        let pair = Pair::new(
            format!("result-{}", factor.factor.key()),
            factor.name.clone(),
            Seen::new(&reading.us, factor.us),
            Seen::new(&reading.partner, factor.partner),
        );
        Self {
            pair: pair
                .and_says(&verdict)
                .with_spread(deviations, &reading.us, &reading.partner),
            reading: factor.clone(),
            verdict,
        }
    }
}

fn verdict(reading: &Reading, factor: &FactorReading) -> String {
    match (factor.gap_word, &factor.gap_sentence) {
        (Some(word), Some(sentence)) => format!("{}: {sentence}", capitalised(word)),
        (Some(word), None) => capitalised(word),
        (None, _) => match (factor.us, factor.partner) {
            (None, None) => "Too few answers".to_owned(),
            (None, Some(_)) => format!("Too few answers about {}", reading.us),
            _ => format!("Too few answers about {}", reading.partner),
        },
    }
}

/// Two marks on a scale from 0 to 100, a filled circle and a hollow diamond, and the bar between them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair {
    /// Unique on its page; the ids of the title and of the description begin with it.
    pub id: String,
    pub title: String,
    /// The finding in words.
    pub desc: String,
    pub circle: Option<i64>,
    pub diamond: Option<i64>,
    /// The gap; `None` where a mark is missing or both stand on one place.
    pub bar: Option<Bar>,
    /// The marks are so close that the diamond goes around the circle.
    pub close: bool,
    /// One standard deviation to both sides of the circle.
    pub circle_spread: Option<Bar>,
    /// The same of the diamond.
    pub diamond_spread: Option<Bar>,
}

/// Who a mark is about, and where it stands.
#[derive(Clone, Copy)]
struct Seen<'n> {
    name: &'n str,
    figure: Option<i64>,
}

impl<'n> Seen<'n> {
    fn new(name: &'n str, figure: Option<i64>) -> Self {
        Self { name, figure }
    }

    fn in_words(self) -> String {
        match self.figure {
            Some(figure) => format!("{} stands at {figure}", self.name),
            None => format!("{} is not scored", self.name),
        }
    }
}

impl Pair {
    fn new(id: String, title: String, circle: Seen<'_>, diamond: Seen<'_>) -> Self {
        let both = circle.figure.zip(diamond.figure);
        Self {
            id,
            title,
            desc: format!("From 0 to 100: {}, {}.", circle.in_words(), diamond.in_words()),
            bar: both
                .filter(|(one, other)| one != other)
                .map(|(one, other)| Bar::between(place(one), place(other))),
            close: both.is_some_and(|(one, other)| (one - other).abs() <= CLOSE),
            circle: circle.figure,
            diamond: diamond.figure,
            circle_spread: None,
            diamond_spread: None,
        }
    }

    fn and_says(mut self, sentence: &str) -> Self {
        self.desc = format!("{} {sentence}.", self.desc);
        self
    }

    fn with_spread(mut self, deviations: Sides, circle: &str, diamond: &str) -> Self {
        let band = |figure: Option<i64>, deviation: Option<f64>| Some(Bar::around(place(figure?), deviation?));
        self.circle_spread = band(self.circle, deviations.us);
        self.diamond_spread = band(self.diamond, deviations.partner);
        for (name, deviation) in [(circle, deviations.us), (diamond, deviations.partner)] {
            if let Some(deviation) = deviation {
                self.desc = format!("{} Scores of {name} spread by {deviation:.0} to both sides.", self.desc);
            }
        }
        self
    }
}

/// Where one stands among others: a line from the tenth to the ninetieth of a hundred, a tick at the middle, a dot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BenchmarkChart {
    pub p10: i64,
    pub p50: i64,
    pub p90: i64,
    pub own: i64,
    pub bar: Bar,
    pub desc: String,
}

impl BenchmarkChart {
    /// Of an index among others.
    #[must_use]
    pub(crate) fn new(p10: i64, p50: i64, p90: i64, own: i64) -> Self {
        Self {
            p10,
            p50,
            p90,
            own,
            bar: Bar::between(place(p10), place(p90)),
            desc: format!(
                "From 0 to 100: eight of ten others stand from {p10} to {p90}, the middle one at {p50}. \
                 This result stands at {own}."
            ),
        }
    }
}

/// A figure as a place on the scale.
pub(crate) fn place(figure: i64) -> f64 {
    i32::try_from(figure).map_or(0.0, f64::from).clamp(0.0, 100.0)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
