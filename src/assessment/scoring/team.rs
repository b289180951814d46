//! Several who answer for one side: pure functions, and the table of what may be shown of how many.
//!
//! A side's view is the mean of its respondents' side scores. The spread is the sample standard deviation of their
//! gaps and levels. Agreement within the side is `r*wg = max(0, 1 - mean variance of an item / 2)`, for 2 is the
//! variance of random answers on five points ((5^2 - 1) / 12); O'Neill 2017, doi 10.3389/fpsyg.2017.00777.

use crate::assessment::model::answers::{Answers, ITEMS, Side};
use crate::assessment::model::factor::{Factor, PerFactor};
use crate::assessment::scoring::{GapWord, Score, Sides, mean, score, score_of_sides, shown};

/// With fewer answers on a side nothing is shown, unless everybody on it agreed to be named.
pub(crate) const NEEDED: usize = 3;
/// From here on the spread and the agreement are shown as well.
pub(crate) const NEEDED_FOR_SPREAD: usize = 5;
/// The variance of answers that are given at random.
const RANDOM_VARIANCE: f64 = 2.0;

/// What may be shown of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Showing {
    /// Nothing.
    Nothing,
    /// Means, of few who all agreed to be named.
    Named,
    /// Means of each factor.
    Means,
    /// Means, the spread, agreement within the side, and means of each statement.
    Spread,
}

impl Showing {
    /// Of so many finished answers on a side. Subtracting two reports must not tell one person's answers, so the same
    /// table holds for a group and for what remains without it.
    #[must_use]
    pub(crate) fn of(answered: usize, all_agreed_to_be_named: bool) -> Self {
        match answered {
            0 => Self::Nothing,
            few if few < NEEDED && all_agreed_to_be_named => Self::Named,
            few if few < NEEDED => Self::Nothing,
            some if some < NEEDED_FOR_SPREAD => Self::Means,
            _ => Self::Spread,
        }
    }
}

/// One side's view of the partnership.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TeamView {
    /// How many answered.
    pub answered: usize,
    /// The score of the mean view; the side itself is "us".
    pub score: Score,
    /// Only where [`Showing::Spread`].
    pub spread: Option<PerFactor<Spread>>,
}

/// How far apart the respondents of one side are on a factor.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spread {
    /// How many rated both sides of the factor; below five the rest is empty.
    pub answered: usize,
    /// Standard deviation of the gaps.
    pub gap: Option<f64>,
    /// Standard deviation of the levels.
    pub level: Option<f64>,
    /// Standard deviation of the scores given to each side, where five and more gave one.
    pub sides: Sides,
    /// Agreement within the side, 0 to 1.
    pub agreement: Option<f64>,
    /// Mean of each statement about the own side, 0 to 4.
    pub items_us: [Option<f64>; ITEMS],
    /// The same about the partner.
    pub items_partner: [Option<f64>; ITEMS],
}

/// A side's view, as far as it may be shown. `None`: nothing may.
#[must_use]
pub(crate) fn view(answers: &[Answers], all_agreed_to_be_named: bool) -> Option<TeamView> {
    let showing = Showing::of(answers.len(), all_agreed_to_be_named);
    if showing == Showing::Nothing {
        return None;
    }
    let scores: Vec<Score> = answers.iter().map(score).collect();
    // Of each factor as of the whole: where others said "don't know", a mean would be one person's answers.
    let needed = if showing == Showing::Named { 1 } else { NEEDED };
    let sides = PerFactor::from_fn(|factor| mean_sides(&scores, factor, needed));
    Some(TeamView {
        answered: answers.len(),
        score: score_of_sides(&sides),
        spread: (showing == Showing::Spread).then(|| PerFactor::from_fn(|factor| spread(answers, &scores, factor))),
    })
}

fn mean_sides(scores: &[Score], factor: Factor, needed: usize) -> Sides {
    let mean_of = |side: fn(&crate::assessment::scoring::FactorScore) -> Option<f64>| {
        let known: Vec<f64> = scores
            .iter()
            .filter_map(|score| side(score.factors.get(factor)))
            .collect();
        (known.len() >= needed).then(|| mean(&known))
    };
    Sides {
        us: mean_of(|factor| factor.us),
        partner: mean_of(|factor| factor.partner),
    }
}

fn spread(answers: &[Answers], scores: &[Score], factor: Factor) -> Spread {
    let both: Vec<_> = scores
        .iter()
        .filter_map(|score| score.factors.get(factor).both)
        .collect();
    let gaps: Vec<f64> = both.iter().map(|both| both.gap).collect();
    let levels: Vec<f64> = both.iter().map(|both| both.level).collect();
    let columns: Vec<Vec<f64>> = [Side::Us, Side::Partner]
        .into_iter()
        .flat_map(|side| (0..ITEMS).map(move |item| (side, item)))
        .map(|(side, item)| column(answers, factor, side, item))
        .collect();
    let item_mean = |position: usize| {
        let column = columns.get(position)?;
        (column.len() >= NEEDED_FOR_SPREAD).then(|| mean(column))
    };
    let enough = both.len() >= NEEDED_FOR_SPREAD;
    Spread {
        answered: both.len(),
        gap: deviation(&gaps).filter(|_| enough),
        level: deviation(&levels).filter(|_| enough),
        sides: Sides {
            us: side_deviation(scores, |score| score.factors.get(factor).us),
            partner: side_deviation(scores, |score| score.factors.get(factor).partner),
        },
        agreement: within_agreement(&columns),
        items_us: std::array::from_fn(item_mean),
        items_partner: std::array::from_fn(|item| item_mean(ITEMS + item)),
    }
}

/// How far apart the scores are that one side got.
fn side_deviation(scores: &[Score], side: impl Fn(&Score) -> Option<f64>) -> Option<f64> {
    let known: Vec<f64> = scores.iter().filter_map(side).collect();
    deviation(&known).filter(|_| known.len() >= NEEDED_FOR_SPREAD)
}

/// What everybody who rated it said to one statement.
fn column(answers: &[Answers], factor: Factor, side: Side, item: usize) -> Vec<f64> {
    let rated = answers
        .iter()
        .filter_map(|one| one.get(factor).side(side).get(item)?.points());
    rated.map(f64::from).collect()
}

/// Agreement within a side over some statements, each a column of ratings; those with fewer than five are left out.
#[must_use]
pub(crate) fn within_agreement(columns: &[Vec<f64>]) -> Option<f64> {
    let enough = columns.iter().filter(|column| column.len() >= NEEDED_FOR_SPREAD);
    let variances: Vec<f64> = enough.filter_map(|column| variance(column)).collect();
    (!variances.is_empty()).then(|| (1.0 - mean(&variances) / RANDOM_VARIANCE).max(0.0))
}

/// Agreement within a side, in a word, by the hundredths that are shown. The bounds are habits, not laws.
#[must_use]
pub(crate) fn agreement_word(agreement: f64) -> &'static str {
    match shown(agreement * 100.0) {
        71.. => "strong",
        51.. => "moderate",
        _ => "weak",
    }
}

/// True where two means differ by more than their spread explains, two standard errors, and by as much as makes a gap
/// uneven: small teams that agree would else differ "clearly" by next to nothing. Each with its standard deviation and
/// the number of respondents.
#[must_use]
pub(crate) fn is_clear(a: (f64, f64, usize), b: (f64, f64, usize)) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "teams are small")]
    let error = |(_, deviation, count): (f64, f64, usize)| deviation.powi(2) / count as f64;
    let difference = (a.0 - b.0).abs();
    GapWord::of(difference) != GapWord::Even && difference >= 2.0 * (error(a) + error(b)).sqrt()
}

fn deviation(values: &[f64]) -> Option<f64> {
    variance(values).map(f64::sqrt)
}

/// The sample variance; `None` below two values.
fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let middle = mean(values);
    #[expect(clippy::cast_precision_loss, reason = "teams are small")]
    let degrees = (values.len() - 1) as f64;
    Some(values.iter().map(|value| (value - middle).powi(2)).sum::<f64>() / degrees)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::model::answers::FactorAnswers;

    #[test]
    fn the_vector_comes_out() {
        let items = [[3, 3, 4, 3, 2], [3, 2, 3, 3, 2], [4, 3, 3, 3, 1], [3, 3, 3, 2, 2]];
        let columns: Vec<Vec<f64>> = items
            .iter()
            .map(|item| item.iter().copied().map(f64::from).collect())
            .collect();
        let agreement = within_agreement(&columns).unwrap();
        assert!((agreement - 0.7125).abs() < 1e-9, "{agreement}");
        assert_eq!(agreement_word(agreement), "strong");
        let answers: Vec<Answers> = (0..5)
            .map(|person| {
                let letters: String = items.iter().map(|item| char::from(b'0' + item[person])).collect();
                Answers::from_fn(|_| FactorAnswers::parse(&format!("{letters}{letters}")).unwrap())
            })
            .collect();
        let view = view(&answers, false).unwrap();
        assert!((view.score.factors.risk.us.unwrap() - 68.75).abs() < 1e-9);
        assert!((view.spread.unwrap().risk.agreement.unwrap() - 0.7125).abs() < 1e-9);
    }

    #[test]
    fn few_answers_are_not_shown() {
        let someone = Answers::from_fn(|_| FactorAnswers::parse("33332222").unwrap());
        for (count, named, shown) in [
            (0, true, Showing::Nothing),
            (1, false, Showing::Nothing),
            (1, true, Showing::Named),
            (2, false, Showing::Nothing),
            (2, true, Showing::Named),
            (3, false, Showing::Means),
            (4, true, Showing::Means),
            (5, false, Showing::Spread),
        ] {
            assert_eq!(Showing::of(count, named), shown, "{count} {named}");
            let view = view(&vec![someone; count], named);
            assert_eq!(view.is_some(), shown != Showing::Nothing);
            assert_eq!(view.is_some_and(|view| view.spread.is_some()), shown == Showing::Spread);
        }
    }

    #[test]
    fn of_a_factor_that_few_rated_nothing_is_shown() {
        let rated = Answers::from_fn(|_| FactorAnswers::parse("44330000").unwrap());
        let mut silent = rated;
        silent.values = FactorAnswers::parse("dddddddd").unwrap();
        let three = view(&[rated, silent, silent], false).unwrap();
        assert_eq!(
            (three.score.factors.values.us, three.score.factors.values.partner),
            (None, None)
        );
        assert!(three.score.factors.risk.us.is_some());
        let five = view(&[rated, rated, rated, rated, silent], false).unwrap();
        let spread = five.spread.unwrap();
        assert_eq!(
            (spread.values.gap, spread.values.agreement),
            (None, None),
            "four of five"
        );
        assert!(five.score.factors.values.us.is_some() && spread.risk.gap.is_some());
    }

    #[test]
    fn equal_levels_hide_no_spread_of_the_sides() {
        let lean = |letters| Answers::from_fn(|_| FactorAnswers::parse(letters).unwrap());
        let people = ["44440000", "33331111", "22222222", "11113333", "00004444"].map(lean);
        let spread = view(&people, false).unwrap().spread.unwrap().risk;
        assert_eq!(spread.level, Some(0.0));
        let expected = 1562.5_f64.sqrt();
        for side in [spread.sides.us, spread.sides.partner] {
            assert!((side.unwrap() - expected).abs() < 1e-9, "{side:?}");
        }
        let silent = lean("2222dddd");
        let spread = view(&[people[0], people[1], people[2], people[3], silent], false).unwrap();
        let sides = spread.spread.unwrap().risk.sides;
        assert!(sides.us.is_some() && sides.partner.is_none(), "four rated the partner");
    }

    #[test]
    fn a_difference_is_clear_beyond_two_standard_errors() {
        assert!(is_clear((70.0, 10.0, 5), (50.0, 10.0, 5)));
        assert!(!is_clear((60.0, 10.0, 5), (50.0, 10.0, 5)));
        assert!(!is_clear((50.0, 0.0, 5), (50.0, 0.0, 5)), "the same is no difference");
        assert!(
            !is_clear((6.25, 0.0, 5), (-6.25, 0.0, 5)),
            "a small one says little, however sure it is"
        );
    }
}
