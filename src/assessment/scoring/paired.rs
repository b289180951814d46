//! Two views of one partnership, laid side by side: pure functions.
//!
//! `A` is who invited, `B` the invited side; both rated both sides. For each factor there are four side scores: `AA`
//! is A about A, `AB` A about B, `BB` and `BA` likewise.
//!
//! ```text
//! g_A = AA - BA     g_B = BB - AB          how a side sees itself, less how the other sees it
//! D_A = AA - AB     D_B = BA - BB          the balance as each sees it, A minus B
//! M   = D_A - D_B = g_A + g_B              how far they disagree about the balance
//! agreement = 100 * (1 - mean |x_A - x_B| / 4)      over what both answered
//! joint     = the lower of the two views
//! ```
//!
//! Each side sees of the other only what it gives itself: a factor that only one of them scored is not compared, and
//! without both indexes there is neither.
//!
//! The two views are never averaged: where each side says that it carries the risk, the mean would show perfect
//! balance on the very point that both resent.

use crate::assessment::model::answers::{Answers, FactorAnswers, Rating, Side};
use crate::assessment::model::factor::{Factor, PerFactor};
use crate::assessment::scoring::{Band, FactorScore, Score, both, mean, score, shown};

/// From this difference on, two side scores tell different stories: the smallest gap that is not "even".
const NOTABLE: f64 = 18.75;
/// Answers in common that the agreement on one factor needs, of eight.
const NEEDED_OF_FACTOR: usize = 4;
/// Answers in common that the whole agreement needs, of forty.
const NEEDED_OF_ALL: usize = 20;
/// Agreement from which on two sides see a thing the same way.
const MUCH_THE_SAME: i64 = 85;
/// Below this, answers are no closer than if they were given at random.
const BY_CHANCE: i64 = 60;

/// One of the two who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Who invited.
    A,
    /// Who was invited.
    B,
}

impl Viewer {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What two views say together.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// A's own score.
    pub a: Score,
    /// B's own score, B's side as "us".
    pub b: Score,
    /// Each factor.
    pub factors: PerFactor<FactorComparison>,
    /// How far they agree on all that both answered; `None` with fewer than twenty answers in common.
    pub agreement: Option<f64>,
    /// The lower index, and who sees it so.
    pub joint: Option<(f64, Viewer)>,
    /// What to begin with: something good that is true.
    pub opening: Option<Opening>,
}

/// One factor as two sides see it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactorComparison {
    /// A about A.
    pub aa: Option<f64>,
    /// A about B.
    pub ab: Option<f64>,
    /// B about B.
    pub bb: Option<f64>,
    /// B about A.
    pub ba: Option<f64>,
    /// How A sees itself, less how B sees A.
    pub unseen_a: Option<f64>,
    /// How B sees itself, less how A sees B.
    pub unseen_b: Option<f64>,
    /// The balance as A sees it, A minus B.
    pub gap_a: Option<f64>,
    /// The balance as B sees it, A minus B too.
    pub gap_b: Option<f64>,
    /// How far they disagree about the balance.
    pub disagreement: Option<f64>,
    /// How far they agree; `None` with fewer than four answers in common.
    pub agreement: Option<f64>,
    /// The lower factor score, and who sees it so.
    pub joint: Option<(f64, Viewer)>,
    /// What stands out, in the order it is told.
    pub flags: Vec<Flag>,
}

impl FactorComparison {
    /// The factor score as one of the two sees it.
    #[must_use]
    pub fn score_of(&self, viewer: Viewer) -> Option<f64> {
        let (own, other) = match viewer {
            Viewer::A => (self.aa, self.ab),
            Viewer::B => (self.bb, self.ba),
        };
        own.zip(other).map(|(own, other)| both(own, other).score)
    }
}

/// Something about a factor that two sides should talk about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Both feel that they carry more.
    BothCarryMore,
    /// The same for rewards: each thinks that the other gains more.
    EachThinksOtherGains,
    /// This side rates itself well above what the other sees.
    UnseenEffort(Viewer),
    /// The other side values this one more than it knows.
    HiddenCredit(Viewer),
    /// Both see it weak, and the same way.
    SameWorry,
    /// Nothing of the above, and still the balance is seen differently.
    DifferentBalance,
    /// Nothing of the above: the sums are close, and the single answers are no closer than chance.
    DifferentAnswers,
}

/// What a joint report begins with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Opening {
    /// The other side values this one more than it knows.
    HiddenCredit(Factor, Viewer),
    /// Where both see most; the lower of the two factor scores.
    AgreedStrength(Factor, f64),
    /// Where even the lower of the two factor scores is highest, though it is not the highest of both.
    HighestOfLower(Factor, f64),
}

/// Compares two views. Each has its own side as "us".
#[must_use]
pub fn compare(a: &Answers, b: &Answers) -> Comparison {
    let differences = a.map(|factor, of_a| differences(of_a, b.get(factor)));
    let all: Vec<f64> = differences.iter().flat_map(|(_, some)| some.iter().copied()).collect();
    let (of_a, of_b) = in_common(score(a), score(b));
    let mut comparison = compare_scores(of_a, of_b);
    comparison.agreement = agreement(&all, NEEDED_OF_ALL);
    for (factor, differences) in differences.iter() {
        let compared = comparison.factors.get_mut(factor);
        compared.agreement = agreement(differences, NEEDED_OF_FACTOR);
        compared.flags = flags(factor, compared);
    }
    comparison.opening = opening(&comparison.factors);
    comparison
}

/// Compares the views of two teams, of which only the means are known: without agreement on single answers.
#[must_use]
pub fn compare_scores(a: Score, b: Score) -> Comparison {
    let factors = PerFactor::from_fn(|factor| {
        let mut compared = compare_factor(factor, &a, &b);
        compared.flags = flags(factor, &compared);
        compared
    });
    let joint = a.whole.zip(b.whole).map(|(a, b)| lower(a.index, b.index));
    Comparison {
        opening: opening(&factors),
        agreement: None,
        joint,
        factors,
        a,
        b,
    }
}

/// Two scores without what only one of them has: nobody gets figures for nothing.
fn in_common(mut a: Score, mut b: Score) -> (Score, Score) {
    for factor in Factor::ALL {
        let (of_a, of_b) = (a.factors.get_mut(factor), b.factors.get_mut(factor));
        if of_a.both.is_none() || of_b.both.is_none() {
            *of_a = FactorScore::default();
            *of_b = FactorScore::default();
        }
    }
    if a.whole.is_none() || b.whole.is_none() {
        a.whole = None;
        b.whole = None;
    }
    (a, b)
}

fn compare_factor(factor: Factor, a: &Score, b: &Score) -> FactorComparison {
    let (of_a, of_b) = (a.factors.get(factor), b.factors.get(factor));
    let less = |one: Option<f64>, other: Option<f64>| one.zip(other).map(|(one, other)| one - other);
    let (gap_a, gap_b) = (less(of_a.us, of_a.partner), less(of_b.partner, of_b.us));
    FactorComparison {
        aa: of_a.us,
        ab: of_a.partner,
        bb: of_b.us,
        ba: of_b.partner,
        unseen_a: less(of_a.us, of_b.partner),
        unseen_b: less(of_b.us, of_a.partner),
        gap_a,
        gap_b,
        disagreement: less(gap_a, gap_b),
        agreement: None,
        joint: of_a.both.zip(of_b.both).map(|(a, b)| lower(a.score, b.score)),
        flags: Vec::new(),
    }
}

/// The lower of two figures, and whose it is; A's where they are equal.
fn lower(a: f64, b: f64) -> (f64, Viewer) {
    if b < a { (b, Viewer::B) } else { (a, Viewer::A) }
}

/// How far apart the two are on each answer that both gave: A's own side against B's partner, and the other way round.
fn differences(a: &FactorAnswers, b: &FactorAnswers) -> Vec<f64> {
    let about = |of_a: Side, of_b: Side| a.side(of_a).iter().zip(b.side(of_b));
    about(Side::Us, Side::Partner)
        .chain(about(Side::Partner, Side::Us))
        .filter_map(|(a, b)| Some(f64::from(a.points()?.abs_diff(b.points()?))))
        .collect()
}

fn agreement(differences: &[f64], needed: usize) -> Option<f64> {
    (differences.len() >= needed).then(|| 100.0 * (1.0 - mean(differences) / f64::from(Rating::MOST)))
}

fn flags(factor: Factor, compared: &FactorComparison) -> Vec<Flag> {
    let mut flags = Vec::new();
    if let (Some(a), Some(b)) = (compared.gap_a, compared.gap_b) {
        if factor == Factor::Rewards {
            if a <= -NOTABLE && b >= NOTABLE {
                flags.push(Flag::EachThinksOtherGains);
            }
        } else if a >= NOTABLE && b <= -NOTABLE {
            flags.push(Flag::BothCarryMore);
        }
    }
    let seen = [(Viewer::A, compared.unseen_a), (Viewer::B, compared.unseen_b)];
    let those = |matches: fn(f64) -> bool| {
        seen.iter()
            .filter(move |(_, g)| g.is_some_and(matches))
            .map(|(side, _)| *side)
    };
    flags.extend(those(|g| g >= NOTABLE).map(Flag::UnseenEffort));
    flags.extend(those(|g| g <= -NOTABLE).map(Flag::HiddenCredit));
    let is_worry = compared.joint.is_some_and(|_| both_are_weak(compared))
        && compared
            .agreement
            .is_some_and(|agreement| shown(agreement) >= MUCH_THE_SAME);
    if is_worry {
        flags.push(Flag::SameWorry);
    }
    if flags.is_empty() {
        flags.extend(hidden_difference(compared));
    }
    flags
}

/// What sums that lie close together may hide.
fn hidden_difference(compared: &FactorComparison) -> Option<Flag> {
    if compared.disagreement.is_some_and(|m| m.abs() >= NOTABLE) {
        return Some(Flag::DifferentBalance);
    }
    let by_chance = compared.agreement.is_some_and(|agreement| shown(agreement) < BY_CHANCE);
    by_chance.then_some(Flag::DifferentAnswers)
}

/// Both factor scores are below 45: "fragile" or less.
fn both_are_weak(compared: &FactorComparison) -> bool {
    let weak = |score: Option<f64>| score.is_some_and(|score| Band::of(score).number() <= 2);
    weak(compared.score_of(Viewer::A)) && weak(compared.score_of(Viewer::B))
}

fn opening(factors: &PerFactor<FactorComparison>) -> Option<Opening> {
    // Rewards are what a side gains: there, to see more in the other is no credit.
    let givings = factors.iter().filter(|(factor, _)| *factor != Factor::Rewards);
    let credits = givings.flat_map(|(factor, compared)| {
        [(Viewer::A, compared.unseen_a), (Viewer::B, compared.unseen_b)]
            .into_iter()
            .filter_map(move |(side, g)| Some((factor, side, g?)))
            .filter(|(_, _, g)| *g <= -NOTABLE)
    });
    let largest = credits.reduce(|best, next| if next.2 < best.2 { next } else { best });
    if let Some((factor, side, _)) = largest {
        return Some(Opening::HiddenCredit(factor, side));
    }
    let strengths = factors
        .iter()
        .filter_map(|(factor, compared)| Some((factor, compared.joint?.0)));
    let (factor, score) = strengths.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let is_top = [Viewer::A, Viewer::B]
        .into_iter()
        .all(|viewer| is_top_of(factors, factor, viewer));
    Some(if is_top {
        Opening::AgreedStrength(factor, score)
    } else {
        Opening::HighestOfLower(factor, score)
    })
}

/// No factor has a higher score as this one sees it.
fn is_top_of(factors: &PerFactor<FactorComparison>, factor: Factor, viewer: Viewer) -> bool {
    let own = factors.get(factor).score_of(viewer);
    let mut all = factors.iter().filter_map(|(_, compared)| compared.score_of(viewer));
    own.is_some_and(|own| all.all(|score| score <= own + 1e-9))
}

/// How far two sides agree, in words, by the number that is shown. Random answers give 60.
#[must_use]
pub fn agreement_in_words(agreement: f64) -> &'static str {
    match shown(agreement) {
        MUCH_THE_SAME.. => "You see it much the same",
        70.. => "You see it mostly the same",
        BY_CHANCE.. => "You often see it differently",
        _ => "You are no closer than chance",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::assessment::scoring::tests::{partial, read_answers};

    fn close(found: Option<f64>, expected: &Value) {
        let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
        assert!((found - expected).abs() <= 0.005, "{found} instead of {expected}");
    }

    #[test]
    fn the_vector_comes_out() {
        let vectors: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
        let vector = &vectors["P1 paired"];
        let found = compare(&read_answers(&vector["A"]), &read_answers(&vector["B"]));
        let expected = &vector["result"];
        close(found.a.whole.map(|whole| whole.index), &expected["iA"]);
        close(found.b.whole.map(|whole| whole.index), &expected["iB"]);
        close(found.joint.map(|(index, _)| index), &expected["joint"]);
        assert_eq!(found.joint.unwrap().1, Viewer::A);
        close(found.agreement, &expected["agreement"]);
        for (factor, compared) in found.factors.iter() {
            let of = |key: &str| &expected["f"][factor.key()][key];
            close(compared.aa, of("AA"));
            close(compared.ab, of("AB"));
            close(compared.ba, of("BA"));
            close(compared.bb, of("BB"));
            close(compared.unseen_a, of("gA"));
            close(compared.unseen_b, of("gB"));
            close(compared.gap_a, of("DA"));
            close(compared.gap_b, of("DB"));
            close(compared.disagreement, of("M"));
            close(compared.agreement, &expected["agree"][factor.key()]);
            close(
                compared.joint.map(|(score, _)| score),
                &expected["joint_f"][factor.key()],
            );
        }
        assert_eq!(found.factors.risk.flags, [Flag::UnseenEffort(Viewer::B)]);
        assert_eq!(
            found.factors.rewards.flags,
            [Flag::HiddenCredit(Viewer::A), Flag::HiddenCredit(Viewer::B)]
        );
        let Some(Opening::AgreedStrength(Factor::Values, _)) = found.opening else {
            panic!("what a side gains is no credit: {:?}", found.opening);
        };
    }

    fn answers(risk: &str, rewards: &str) -> Answers {
        let read = |letters| FactorAnswers::parse(letters).unwrap();
        Answers {
            risk: read(risk),
            rewards: read(rewards),
            ..Answers::from_fn(|_| read("33333333"))
        }
    }

    #[test]
    fn both_carry_more_and_each_thinks_the_other_gains() {
        let found = compare(&answers("44442222", "22223333"), &answers("44442222", "22223333"));
        assert_eq!(found.factors.risk.flags.first(), Some(&Flag::BothCarryMore));
        assert_eq!(found.factors.rewards.flags.first(), Some(&Flag::EachThinksOtherGains));
        let gap = found.joint.unwrap().0 - found.a.whole.unwrap().index;
        assert!(gap.abs() < 1e-9, "never the mean of the two");
    }

    #[test]
    fn a_weakness_that_both_see_is_the_place_to_start() {
        let found = compare(&answers("11111111", "33333333"), &answers("11111111", "33333333"));
        assert_eq!(found.factors.risk.flags, [Flag::SameWorry]);
        assert_eq!(found.opening, Some(Opening::AgreedStrength(Factor::Resources, 75.0)));
    }

    #[test]
    fn sums_that_agree_hide_no_answers_that_differ() {
        let found = compare(&answers("40404040", "33333333"), &answers("04040404", "33333333"));
        assert_eq!(found.factors.risk.agreement, Some(0.0));
        assert_eq!(found.factors.risk.flags, [Flag::DifferentAnswers]);
        let found = compare(&answers("33333333", "33333333"), &answers("33343222", "33333333"));
        assert_eq!(found.factors.vision.flags, []);
        let found = compare(&answers("33443333", "33333333"), &answers("33443333", "33333333"));
        assert_eq!(
            found.factors.risk.flags,
            [Flag::DifferentBalance],
            "each difference alone is small"
        );
    }

    #[test]
    fn the_highest_of_the_lower_views_need_not_be_the_top_of_either() {
        let found = compare(&answers("33343334", "33333333"), &answers("33333333", "33343334"));
        assert!(
            matches!(found.opening, Some(Opening::HighestOfLower(..))),
            "{:?}",
            found.opening
        );
    }

    #[test]
    fn words_for_agreement_follow_the_number_that_is_shown() {
        for (agreement, words) in [
            (84.5, "You see it much the same"),
            (69.565, "You see it mostly the same"),
            (69.49, "You often see it differently"),
            (59.49, "You are no closer than chance"),
        ] {
            assert_eq!(agreement_in_words(agreement), words, "{agreement}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn two_views_compare_the_same_from_either_side(a in partial(), b in partial()) {
            let (one, other) = (compare(&a, &b), compare(&b, &a));
            let same = |one: Option<f64>, other: Option<f64>| match (one, other) {
                (Some(one), Some(other)) => (one - other).abs() < 1e-9,
                (one, other) => one.is_none() && other.is_none(),
            };
            prop_assert!(same(one.agreement, other.agreement));
            if let Some((joint, _)) = one.joint {
                let least = one.a.whole.unwrap().index.min(one.b.whole.unwrap().index);
                prop_assert!(joint <= least + 1e-9);
            }
            for (factor, compared) in one.factors.iter() {
                prop_assert!(same(compared.agreement, other.factors.get(factor).agreement));
                if let (Some(m), Some(a), Some(b)) = (compared.disagreement, compared.unseen_a, compared.unseen_b) {
                    prop_assert!((m - a - b).abs() < 1e-9);
                }
            }
        }

        #[test]
        fn full_agreement_is_equal_answers(a in partial(), b in partial(), equal in any::<bool>()) {
            let mirrored = a.map(|_, factor| FactorAnswers { us: factor.partner, partner: factor.us });
            let b = if equal { mirrored } else { b };
            let found = compare(&a, &b);
            let all_equal = Factor::ALL.into_iter().all(|factor| {
                differences(a.get(factor), b.get(factor)).iter().all(|difference| *difference == 0.0)
            });
            if let Some(agreement) = found.agreement {
                prop_assert_eq!((agreement - 100.0).abs() < 1e-9, all_equal);
            }
        }
    }
}
