//! What a score says in words and whole numbers: the one source of the result page, the PDF and the mail.

mod advice;
mod joint;

pub use advice::{Advice, AdviceStep};
pub use joint::{FlagReading, JointFactor, JointReading, read_joint};

use crate::assessment::model::assessment::{AnsweredAs, Assessment};
use crate::assessment::model::factor::Factor;
use crate::assessment::scoring::{Band, FactorScore, GapWord, Score, WhatIf, Whole, shown};
use crate::assessment::words::bank::{Bank, fill};
use crate::assessment::{PARTNER_UNKNOWN, Parties};

/// From here on an exchange is worth a talk, in points.
const WORTH_A_TALK: f64 = 12.5;
/// From here on it looks unfair.
const LOOKS_UNFAIR: f64 = 25.0;

/// The result as it is read. Figures are whole numbers from 0 to 100, ready to print.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The respondent's own side.
    pub us: String,
    /// The other side.
    pub partner: String,
    /// It is the view of one person of several who answer for the own side, in a round.
    pub one_of_several: bool,
    /// The whole; `None` where a factor could not be scored.
    pub whole: Option<WholeReading>,
    /// All five, in the order of results.
    pub factors: Vec<FactorReading>,
    /// What to talk about first.
    pub first: Option<FirstTopic>,
    /// What each side gains for what it carries.
    pub fair_exchange: Option<String>,
    /// What to do next.
    pub advice: Advice,
    /// How sure this is.
    pub certainty: Certainty,
}

impl Reading {
    /// "Contoso", or "one person of Contoso": who sees it so.
    #[must_use]
    pub fn whose(&self) -> String {
        if self.one_of_several {
            format!("one person of {}", self.us)
        } else {
            self.us.clone()
        }
    }

    /// The gap of some factor is to be taken with care.
    #[must_use]
    pub fn has_different_questions(&self) -> bool {
        self.factors.iter().any(|factor| factor.different_questions)
    }
}

/// The index and what it is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeReading {
    pub index: i64,
    /// "Partly aligned"
    pub band: String,
    /// What the band means.
    pub headline: String,
    pub level: i64,
    /// `None` where the level is nought.
    pub balance: Option<i64>,
    /// Where the points of a hundred went.
    pub strip: Strip,
}

/// A hundred points: what is there, and where the others went. They add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strip {
    pub index: i64,
    pub imbalance: i64,
    pub weak_spots: i64,
    pub to_go: i64,
}

/// One factor.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorReading {
    pub factor: Factor,
    /// "Shared Risk"
    pub name: String,
    /// "Risk"
    pub short: String,
    /// `None`: too few answers about this side.
    pub us: Option<i64>,
    pub partner: Option<i64>,
    /// `None`: not scored.
    pub score: Option<i64>,
    /// "Well aligned"
    pub band: Option<String>,
    /// Without its sign.
    pub gap: Option<i64>,
    /// "even", "leaning", "lopsided", "one-sided"
    pub gap_word: Option<&'static str>,
    /// "Contoso carries more of the risk"; `None` where it is even.
    pub gap_sentence: Option<String>,
    /// The two sides were rated on different questions, so the gap is to be taken with care.
    pub different_questions: bool,
}

/// What to talk about first.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstTopic {
    /// "Shared Risk"
    pub name: String,
    /// What the factor means.
    pub meaning: String,
    /// "Contoso carries more of the risk (lopsided, gap 50)." or that both sides are even.
    pub sentence: String,
    /// What that looks like; empty where it is even.
    pub looks_like: String,
    /// "If both sides stood where the stronger one stands on risk, the index would be 74 (+17)."
    pub what_if: Option<String>,
}

/// How sure a result is.
#[derive(Clone, Debug, PartialEq)]
pub struct Certainty {
    /// Ratings among forty.
    pub rated: usize,
    /// Where anything is missing: the lowest and the highest index it could be.
    pub range: Option<(i64, i64)>,
    /// Factors that could not be scored.
    pub unscored: Vec<String>,
    pub dont_know_us: usize,
    pub dont_know_partner: usize,
    /// So many "don't know" about the partner are a finding of their own.
    pub partner_unknown: bool,
}

/// Reads a score.
#[must_use]
pub fn read(bank: &Bank, parties: &Parties, score: &Score) -> Reading {
    Reading {
        us: parties.us.clone(),
        partner: parties.partner.clone(),
        one_of_several: false,
        whole: score.whole.map(|whole| read_whole(bank, &whole, are_all_even(score))),
        factors: score
            .factors
            .iter()
            .map(|(factor, figures)| read_factor(bank, parties, factor, figures))
            .collect(),
        first: first_topic(bank, parties, score),
        fair_exchange: fair_exchange(bank, parties, score),
        advice: advice::choose(bank, score),
        certainty: certainty(bank, score),
    }
}

/// Reads the result of one respondent, who in a round is one of several.
#[must_use]
pub fn read_own(bank: &Bank, assessment: &Assessment) -> Reading {
    Reading {
        one_of_several: assessment.answered_as == AnsweredAs::OneOfSeveral,
        ..read(bank, &assessment.parties, &assessment.score())
    }
}

fn are_all_even(score: &Score) -> bool {
    let mut known = score.factors.iter().filter_map(|(_, figures)| figures.both);
    known.all(|both| GapWord::of(both.gap) == GapWord::Even)
}

fn read_whole(bank: &Bank, whole: &Whole, all_even: bool) -> WholeReading {
    let text = bank.band(Band::of(whole.index));
    let (index, level, average) = (shown(whole.index), shown(whole.level), shown(whole.average));
    WholeReading {
        index,
        band: text.map(|text| text.name.clone()).unwrap_or_default(),
        headline: text.map(|text| text.headline(all_even).to_owned()).unwrap_or_default(),
        level,
        balance: whole.balance.map(shown),
        strip: Strip {
            index,
            imbalance: level - index,
            weak_spots: average - level,
            to_go: 100 - average,
        },
    }
}

fn read_factor(bank: &Bank, parties: &Parties, factor: Factor, figures: &FactorScore) -> FactorReading {
    let texts = bank.factors.get(factor);
    let word = figures.both.map(|both| GapWord::of(both.gap));
    let text = figures.both.and_then(|both| bank.band(Band::of(both.score)));
    FactorReading {
        factor,
        name: texts.name.clone(),
        short: texts.short.clone(),
        us: figures.us.map(shown),
        partner: figures.partner.map(shown),
        score: figures.both.map(|both| shown(both.score)),
        band: text.map(|text| text.name.clone()),
        gap: figures.both.map(|both| shown(both.gap.abs())),
        gap_word: word.map(GapWord::as_str),
        gap_sentence: figures
            .both
            .and_then(|both| gap_sentence(bank, parties, factor, both.gap)),
        different_questions: figures.different_questions && figures.both.is_some(),
    }
}

/// `None` where both sides are even.
fn gap_sentence(bank: &Bank, parties: &Parties, factor: Factor, gap: f64) -> Option<String> {
    if GapWord::of(gap) == GapWord::Even {
        return None;
    }
    let higher = if gap > 0.0 { &parties.us } else { &parties.partner };
    Some(fill(&bank.factors.get(factor).gap, &[("x", higher)]))
}

fn first_topic(bank: &Bank, parties: &Parties, score: &Score) -> Option<FirstTopic> {
    let factor = score.weakest?;
    let texts = bank.factors.get(factor);
    let both = score.factors.get(factor).both?;
    let (mut sentence, looks_like) = match gap_sentence(bank, parties, factor, both.gap) {
        Some(sentence) => {
            let word = GapWord::of(both.gap).as_str();
            let looks_like = if both.gap > 0.0 {
                &texts.leans_us
            } else {
                &texts.leans_partner
            };
            (
                format!("{sentence} ({word}, gap {}).", shown(both.gap.abs())),
                looks_like.clone(),
            )
        }
        None => (
            format!("Both sides stand about even, at {}.", shown(both.level)),
            String::new(),
        ),
    };
    if score.factors.get(factor).different_questions {
        sentence.push_str(" Each side was rated on different questions, so take this with care.");
    }
    Some(FirstTopic {
        name: texts.name.clone(),
        meaning: texts.meaning.clone(),
        sentence,
        looks_like,
        what_if: score
            .what_if
            .zip(score.whole)
            .and_then(|(what_if, whole)| what_if_sentence(bank, &what_if, whole.index)),
    })
}

/// `None` where evening out would show nothing.
fn what_if_sentence(bank: &Bank, what_if: &WhatIf, now: f64) -> Option<String> {
    // Of the shown figures, so that they add up.
    let index = shown(what_if.index);
    let gain = index - shown(now);
    (gain > 0).then(|| {
        let short = bank.factors.get(what_if.factor).short.to_lowercase();
        format!("If both sides stood where the stronger one stands on {short}, the index would be {index} (+{gain}).")
    })
}

fn fair_exchange(bank: &Bank, parties: &Parties, score: &Score) -> Option<String> {
    let exchange = score.fair_exchange?;
    let texts = &bank.fair_exchange;
    let text = match exchange {
        x if x <= -LOOKS_UNFAIR => &texts.us_clearly_less,
        x if x <= -WORTH_A_TALK => &texts.us_a_little_less,
        x if x < WORTH_A_TALK => &texts.in_line,
        x if x < LOOKS_UNFAIR => &texts.partner_a_little_less,
        _ => &texts.partner_clearly_less,
    };
    let mut sentence = fill(text, &[("us", &parties.us), ("partner", &parties.partner)]);
    let is_uneven = |factor: &FactorScore| factor.both.is_some_and(|both| GapWord::of(both.gap) != GapWord::Even);
    if exchange.abs() < WORTH_A_TALK && (is_uneven(&score.factors.risk) || is_uneven(&score.factors.resources)) {
        sentence.push(' ');
        sentence.push_str(if gain_leans_with_load(score) {
            &texts.uneven_load
        } else {
            &texts.uneven_part
        });
    }
    Some(sentence)
}

/// The rewards are uneven too, to the side that carries more.
fn gain_leans_with_load(score: &Score) -> bool {
    let gap = |factor: &FactorScore| factor.both.map_or(0.0, |both| both.gap);
    let load = gap(&score.factors.risk) + gap(&score.factors.resources);
    let gain = gap(&score.factors.rewards);
    GapWord::of(gain) != GapWord::Even && load * gain > 0.0
}

fn certainty(bank: &Bank, score: &Score) -> Certainty {
    let unscored = score.factors.iter().filter(|(_, figures)| figures.both.is_none());
    Certainty {
        rated: score.rated,
        range: (score.rated < 40).then(|| (shown(score.low), shown(score.high))),
        unscored: unscored
            .map(|(factor, _)| bank.factors.get(factor).name.clone())
            .collect(),
        dont_know_us: score.dont_know_us,
        dont_know_partner: score.dont_know_partner,
        partner_unknown: score.dont_know_partner >= PARTNER_UNKNOWN,
    }
}

/// "A, B and C"
#[must_use]
pub fn in_a_row(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests;
