//! What to do next: which actions, for which factors.

use crate::assessment::model::factor::Factor;
use crate::assessment::scoring::{Both, GapWord, Score, shown};
use crate::assessment::words::bank::Bank;

/// A factor below this needs work where it is even.
const GOOD: i64 = 65;
/// A level below this needs a common action beside the one for the gap.
const LOW_LEVEL: f64 = 45.0;
/// Every factor from here on and even: nothing is urgent.
const STRONG: i64 = 80;

/// What to do next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// Every factor is strong and even: there are only lines on how to keep it so.
    pub nothing_urgent: bool,
    /// Three for the weakest factor.
    pub first: Vec<AdviceStep>,
    /// One for each of the next two.
    pub further: Vec<AdviceStep>,
    /// How to keep what is good.
    pub keep: Vec<AdviceStep>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdviceStep {
    /// "Risk"
    pub factor: String,
    pub text: String,
}

/// Picks them: the weakest factor first, ties in the order of results.
pub(super) fn choose(bank: &Bank, score: &Score) -> Advice {
    let mut scored: Vec<(Factor, Both)> = score
        .factors
        .iter()
        .filter_map(|(factor, figures)| Some((factor, figures.both?)))
        .collect();
    scored.sort_by(|(_, one), (_, other)| one.score.total_cmp(&other.score));
    let keeps = |from: i64| {
        let good = score
            .factors
            .iter()
            .filter_map(|(factor, figures)| Some((factor, figures.both?)));
        good.filter(move |(_, both)| shown(both.score) >= from)
            .map(|(factor, _)| step(bank, factor, &bank.factors.get(factor).keep))
            .collect::<Vec<_>>()
    };
    // A gap is worth a talk even where both sides give much.
    let is_fine = |both: &Both| shown(both.score) >= STRONG && GapWord::of(both.gap) == GapWord::Even;
    if scored.len() == Factor::ALL.len() && scored.iter().all(|(_, both)| is_fine(both)) {
        return Advice {
            nothing_urgent: true,
            keep: keeps(STRONG),
            ..Advice::default()
        };
    }
    let mut weakest = scored.into_iter();
    let first = weakest.next().map(|(factor, both)| actions(bank, factor, both, 3));
    let (first, further): (Vec<AdviceStep>, Vec<AdviceStep>) = (
        first.unwrap_or_default(),
        weakest
            .take(2)
            .flat_map(|(factor, both)| actions(bank, factor, both, 1))
            .collect(),
    );
    let mut keep = keeps(GOOD);
    keep.retain(|step| !first.contains(step) && !further.contains(step));
    Advice {
        nothing_urgent: false,
        first,
        further,
        keep,
    }
}

/// Where sides are uneven, the list of the side that stands higher, and one common action where the level is low. Where
/// they are even, the common list, or how to keep it where it is good.
fn actions(bank: &Bank, factor: Factor, both: Both, count: usize) -> Vec<AdviceStep> {
    let texts = bank.factors.get(factor);
    let is_even = GapWord::of(both.gap) == GapWord::Even;
    let of_side = if both.gap > 0.0 { &texts.us } else { &texts.partner };
    let chosen: Vec<&String> = if is_even && shown(both.score) >= GOOD {
        vec![&texts.keep]
    } else if is_even {
        texts.low.iter().take(count).collect()
    } else if both.level < LOW_LEVEL && count > 1 {
        of_side.iter().take(count - 1).chain(texts.low.first()).collect()
    } else {
        of_side.iter().take(count).collect()
    };
    chosen.into_iter().map(|text| step(bank, factor, text)).collect()
}

fn step(bank: &Bank, factor: Factor, text: &str) -> AdviceStep {
    AdviceStep {
        factor: bank.factors.get(factor).short.clone(),
        text: text.to_owned(),
    }
}
