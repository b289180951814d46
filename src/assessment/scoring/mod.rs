//! The score of one assessment: pure functions from forty answers to figures.
//!
//! With `x` an answer from 0 to 4, `u` our side, `p` the partner's, for each factor `f` of five:
//!
//! ```text
//! S_s,f  = 25 * mean(ratings of side s)           0 to 100; needs 2 of the 4
//! L_f    = (S_u + S_p) / 2                        level
//! D_f    = S_u - S_p                              gap, + where our side is higher
//! F_f    = sqrt(S_u * S_p) * (1 - |D_f| / 300)    factor score
//! agg(z) = sqrt( (z_1 * ... * z_5)^(1/5) * min z )
//! index  = agg(F)     level = agg(L)     balance = 100 * index / level
//! ```
//!
//! Factors are multiplied, so that none pays for another (as the Human Development Index does since 2010), and the
//! weakest counts again. The gap takes off at most a third: with more than 1/300, raising an answer could lower the
//! score. The weights are equal, because there are no data yet that would rank the factors.
//!
//! Everything is computed in full precision; what is shown is rounded by [`shown`], half up.

pub(crate) mod averages;
pub(crate) mod benchmark;
pub mod paired;
pub(crate) mod team;

use crate::assessment::model::answers::{Answers, FactorAnswers, ITEMS, ItemAnswer, Rating, Side};
use crate::assessment::model::factor::{Factor, PerFactor};

/// Stored with every result. Other formulas are another version.
pub const SCORING_VERSION: i64 = 1;

/// Ratings of a side that its score needs, of the four.
const NEEDED: usize = 2;
/// The share of a gap that is taken off: 1 / 300 of the score for each point.
const GAP_SHARE: f64 = 300.0;
/// What one point of an answer is worth on the scale from 0 to 100.
const PER_POINT: f64 = 25.0;

/// What one assessment says, in figures from 0 to 100.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Each factor.
    pub factors: PerFactor<FactorScore>,
    /// The whole; `None` where a factor could not be scored.
    pub whole: Option<Whole>,
    /// The index if every missing answer were "not at all".
    pub low: f64,
    /// The index if every missing answer were "fully".
    pub high: f64,
    /// What each side gains for what it carries, -100 to 100; below 0 our side gets less. Not in the index.
    pub fair_exchange: Option<f64>,
    /// The factor with the lowest score.
    pub weakest: Option<Factor>,
    /// What evening out one factor would gain most.
    pub what_if: Option<WhatIf>,
    /// "Don't know" about our side.
    pub dont_know_us: usize,
    /// "Don't know" about the partner.
    pub dont_know_partner: usize,
    /// Ratings among the forty answers.
    pub rated: usize,
}

/// One factor in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FactorScore {
    /// Our side, from 0 to 100.
    pub us: Option<f64>,
    /// The partner.
    pub partner: Option<f64>,
    /// What follows where both sides are known.
    pub both: Option<Both>,
    /// The two sides were rated on fewer than two questions in common.
    pub different_questions: bool,
}

/// Both sides of a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Both {
    /// The mean of the two sides.
    pub level: f64,
    /// Our side less the partner's, -100 to 100.
    pub gap: f64,
    /// The factor score.
    pub score: f64,
}

/// The whole partnership.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Whole {
    /// The alignment index: level times balance.
    pub index: f64,
    /// How much is shared.
    pub level: f64,
    /// How evenly, in percent; `None` where the level is nought.
    pub balance: Option<f64>,
    /// The plain mean of the five levels: index, `lost_weak` and `lost_imbalance` add up to it.
    pub average: f64,
    /// Points lost to weak spots.
    pub lost_weak: f64,
    /// Points lost to imbalance.
    pub lost_imbalance: f64,
    /// The geometric mean of the factor scores.
    pub geometric: f64,
}

/// If both sides stood where the stronger one stands on a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WhatIf {
    /// The factor.
    pub factor: Factor,
    /// The index there would be.
    pub index: f64,
    /// How much more that is.
    pub gain: f64,
}

/// The two sides of a factor, where each is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sides {
    /// Our side.
    pub us: Option<f64>,
    /// The partner.
    pub partner: Option<f64>,
}

/// Scores forty answers.
#[must_use]
pub fn score(answers: &Answers) -> Score {
    let sides = answers.map(|_, factor| sides_of(factor));
    let mut score = score_of_sides(&sides);
    let low = filled(answers, 0);
    let high = filled(answers, Rating::MOST);
    score.low = index_of(&low);
    score.high = index_of(&high);
    let dont_know = |side| {
        let about = answers.iter().flat_map(move |(_, factor)| *factor.side(side));
        about.filter(|answer| *answer == ItemAnswer::DontKnow).count()
    };
    score.dont_know_us = dont_know(Side::Us);
    score.dont_know_partner = dont_know(Side::Partner);
    score.rated = answers.rated();
    for (factor, given) in answers.iter() {
        score.factors.get_mut(factor).different_questions = are_different_questions(given);
    }
    score
}

/// Scores sides whose figures are known already, such as the means of a team. Nothing is missing then: `low` and
/// `high` are the index.
#[must_use]
pub fn score_of_sides(sides: &PerFactor<Sides>) -> Score {
    let factors = sides.map(|_, sides| factor_score(*sides));
    let scored = factors.map(|_, factor| factor.both);
    let whole = scored.all().map(|both| whole(&both));
    let index = whole.map_or(0.0, |whole| whole.index);
    Score {
        factors,
        whole,
        low: index,
        high: index,
        fair_exchange: fair_exchange(sides),
        weakest: weakest(&scored),
        what_if: whole.and_then(|whole| what_if(sides, whole.index)),
        dont_know_us: 0,
        dont_know_partner: 0,
        rated: 0,
    }
}

/// A side of a factor: 25 times the mean of its ratings; `None` with fewer than two.
#[must_use]
pub fn side_score(answers: &[ItemAnswer; ITEMS]) -> Option<f64> {
    let points: Vec<f64> = answers
        .iter()
        .filter_map(|answer| answer.points())
        .map(f64::from)
        .collect();
    (points.len() >= NEEDED).then(|| PER_POINT * mean(&points))
}

fn sides_of(answers: &FactorAnswers) -> Sides {
    Sides {
        us: side_score(&answers.us),
        partner: side_score(&answers.partner),
    }
}

fn factor_score(sides: Sides) -> FactorScore {
    FactorScore {
        us: sides.us,
        partner: sides.partner,
        both: sides.us.zip(sides.partner).map(|(us, partner)| both(us, partner)),
        different_questions: false,
    }
}

pub(super) fn both(us: f64, partner: f64) -> Both {
    let gap = us - partner;
    Both {
        level: f64::midpoint(us, partner),
        gap,
        score: (us * partner).sqrt() * (1.0 - gap.abs() / GAP_SHARE),
    }
}

fn whole(factors: &PerFactor<Both>) -> Whole {
    let scores = factors.map(|_, both| both.score);
    let levels = factors.map(|_, both| both.level);
    let index = aggregate(&scores);
    let level = aggregate(&levels);
    let average = levels.iter().map(|(_, level)| level).sum::<f64>() / 5.0;
    Whole {
        index,
        level,
        balance: (level > 0.0).then(|| (100.0 * index / level).min(100.0)),
        average,
        lost_weak: average - level,
        lost_imbalance: level - index,
        geometric: geometric(&scores),
    }
}

/// Five multiplied, and the weakest counted again.
fn aggregate(values: &PerFactor<f64>) -> f64 {
    let least = values.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
    (geometric(values) * least).sqrt()
}

fn geometric(values: &PerFactor<f64>) -> f64 {
    // From 0 to 1 each, so that the product is as exact as it can be.
    let product: f64 = values.iter().map(|(_, value)| value / 100.0).product();
    100.0 * product.powf(0.2)
}

fn fair_exchange(sides: &PerFactor<Sides>) -> Option<f64> {
    let net = |side: fn(&Sides) -> Option<f64>| {
        let carried = f64::midpoint(side(&sides.risk)?, side(&sides.resources)?);
        Some(side(&sides.rewards)? - carried)
    };
    Some((net(|sides| sides.us)? - net(|sides| sides.partner)?) / 2.0)
}

fn weakest(factors: &PerFactor<Option<Both>>) -> Option<Factor> {
    let scored = factors
        .iter()
        .filter_map(|(factor, both)| both.map(|both| (factor, both.score)));
    first_by(scored, |one, other| one < other)
}

fn what_if(sides: &PerFactor<Sides>, index: f64) -> Option<WhatIf> {
    let gains = Factor::ALL
        .into_iter()
        .map(|factor| (factor, evened(sides, factor) - index));
    let factor = first_by(gains, |one, other| one > other)?;
    let would_be = evened(sides, factor);
    Some(WhatIf {
        factor,
        index: would_be,
        gain: (would_be - index).max(0.0),
    })
}

/// The first whose value none is better than.
fn first_by(values: impl Iterator<Item = (Factor, f64)>, better: fn(f64, f64) -> bool) -> Option<Factor> {
    values
        .reduce(|best, next| if better(next.1, best.1) { next } else { best })
        .map(|(factor, _)| factor)
}

/// The index if both sides of a factor stood where its stronger one does.
fn evened(sides: &PerFactor<Sides>, factor: Factor) -> f64 {
    let mut evened = *sides;
    let pair = evened.get_mut(factor);
    let most = pair.us.unwrap_or_default().max(pair.partner.unwrap_or_default());
    *pair = Sides {
        us: Some(most),
        partner: Some(most),
    };
    index_of(&evened)
}

fn index_of(sides: &PerFactor<Sides>) -> f64 {
    let scores = sides.map(|_, sides| both(sides.us.unwrap_or_default(), sides.partner.unwrap_or_default()).score);
    aggregate(&scores)
}

/// The sides if every missing answer had so many points.
fn filled(answers: &Answers, points: u8) -> PerFactor<Sides> {
    let side = |given: &[ItemAnswer; ITEMS]| {
        let points: Vec<f64> = given
            .iter()
            .map(|answer| f64::from(answer.points().unwrap_or(points)))
            .collect();
        Some(PER_POINT * mean(&points))
    };
    answers.map(|_, factor| Sides {
        us: side(&factor.us),
        partner: side(&factor.partner),
    })
}

fn are_different_questions(answers: &FactorAnswers) -> bool {
    let pairs = answers.us.iter().zip(&answers.partner);
    let common = pairs.filter(|(us, partner)| us.points().is_some() && partner.points().is_some());
    common.count() < NEEDED
}

pub(super) fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "lists of answers are short")]
    let count = values.len() as f64;
    values.iter().sum::<f64>() / count
}

/// A figure as it is shown: rounded half up. Bands are decided on it.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "figures lie between -100 and 100")]
pub fn shown(figure: f64) -> i64 {
    // A sum of halves may come out a hair below them.
    (figure + 0.5 + 1e-9).floor() as i64
}

/// The same with one digit after the point.
#[must_use]
pub fn with_tenths(figure: f64) -> String {
    let tenths = shown(figure * 10.0);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The same with two.
#[must_use]
pub fn with_hundredths(figure: f64) -> String {
    let hundredths = shown(figure * 100.0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Where an index or a factor score stands, from 1 "disconnected" to 5 "strongly aligned".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Band(u8);

impl Band {
    /// Of a figure, by the number that is shown.
    #[must_use]
    pub fn of(figure: f64) -> Self {
        Self(match shown(figure) {
            ..25 => 1,
            25..45 => 2,
            45..65 => 3,
            65..80 => 4,
            80.. => 5,
        })
    }

    /// 1 to 5.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

/// How large a gap is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapWord {
    /// Less than three steps in total over the four questions.
    Even,
    /// About one step on every question.
    Leaning,
    /// About two steps.
    Lopsided,
    /// Three steps or more.
    OneSided,
}

impl GapWord {
    /// Of a gap, before it is rounded.
    #[must_use]
    pub fn of(gap: f64) -> Self {
        match gap.abs() + 1e-9 {
            gap if gap < 18.75 => Self::Even,
            gap if gap < 37.5 => Self::Leaning,
            gap if gap < 62.5 => Self::Lopsided,
            _ => Self::OneSided,
        }
    }

    /// As it is read and exported.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Even => "even",
            Self::Leaning => "leaning",
            Self::Lopsided => "lopsided",
            Self::OneSided => "one-sided",
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
