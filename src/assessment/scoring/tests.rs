//! The test vectors of the design, and the properties that every score has.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const VECTORS: &str = include_str!("vectors.json");

/// Cases for each property.
fn many() -> ProptestConfig {
    ProptestConfig::with_cases(10_000)
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 0.005, "{found} instead of {expected}");
}

fn read_answer(value: &Value) -> ItemAnswer {
    match value.as_u64() {
        Some(points) => ItemAnswer::Rated(Rating::new(u8::try_from(points).unwrap()).unwrap()),
        None => ItemAnswer::DontKnow,
    }
}

pub(in crate::assessment) fn read_answers(value: &Value) -> Answers {
    let side = |factor: &Value, side: usize| {
        let read: Vec<ItemAnswer> = factor[side].as_array().unwrap().iter().map(read_answer).collect();
        read.try_into().unwrap()
    };
    Answers::from_fn(|factor| FactorAnswers {
        us: side(&value[factor.key()], 0),
        partner: side(&value[factor.key()], 1),
    })
}

#[test]
fn decimals_are_rounded_half_up() {
    for (figure, tenths, hundredths) in [
        (2.25, "2.3", "2.25"),
        (0.705, "0.7", "0.71"),
        (1.0, "1.0", "1.00"),
        (0.05, "0.1", "0.05"),
    ] {
        assert_eq!(
            (with_tenths(figure).as_str(), with_hundredths(figure).as_str()),
            (tenths, hundredths)
        );
    }
}

#[test]
fn the_vectors_come_out() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let mut checked = 0;
    for (name, vector) in vectors.as_object().unwrap() {
        let Some(answers) = vector.get("answers") else { continue };
        let (found, expected) = (score(&read_answers(answers)), &vector["result"]);
        let whole = found.whole.unwrap_or_else(|| panic!("{name}"));
        let number = |key: &str| expected[key].as_f64().unwrap();
        close(whole.index, number("index"));
        close(whole.level, number("level"));
        match expected["balance"].as_f64() {
            Some(balance) => close(whole.balance.unwrap(), balance),
            None => assert_eq!(whole.balance, None),
        }
        close(whole.average, number("avg"));
        close(whole.lost_weak, number("cost_weak"));
        close(whole.lost_imbalance, number("cost_imb"));
        close(whole.geometric, number("G"));
        close(found.low, number("low"));
        close(found.high, number("high"));
        close(found.fair_exchange.unwrap(), number("X"));
        assert_eq!(
            u64::from(Band::of(whole.index).number()),
            expected["band"].as_u64().unwrap()
        );
        assert_eq!(found.weakest.unwrap().key(), expected["weakest"]);
        assert_eq!(found.dont_know_us as u64, expected["dk"][0].as_u64().unwrap());
        assert_eq!(found.dont_know_partner as u64, expected["dk"][1].as_u64().unwrap());
        for (factor, figures) in found.factors.iter() {
            let both = figures.both.unwrap();
            let of = |key: &str| expected[key][factor.key()].as_f64().unwrap();
            close(both.score, of("F"));
            close(both.level, of("L"));
            close(both.gap, of("D"));
            close(
                figures.us.unwrap(),
                expected["sides"][factor.key()][0].as_f64().unwrap(),
            );
            close(
                figures.partner.unwrap(),
                expected["sides"][factor.key()][1].as_f64().unwrap(),
            );
        }
        checked += 1;
    }
    assert_eq!(checked, 8);
}

#[test]
fn evening_out_the_weakest_of_v7() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let found = score(&read_answers(&vectors["V7 one lopsided factor"]["answers"]));
    let what_if = found.what_if.unwrap();
    assert_eq!(what_if.factor, Factor::Risk);
    close(what_if.index, 73.64);
    close(what_if.gain, 16.53);
}

#[test]
fn words_and_bands_change_where_they_should() {
    for (figure, band) in [
        (24.49, 1),
        (24.5, 2),
        (44.4, 2),
        (44.5, 3),
        (64.5, 4),
        (79.49, 4),
        (79.5, 5),
    ] {
        assert_eq!(Band::of(figure).number(), band, "{figure}");
    }
    for (gap, word) in [
        (18.74, GapWord::Even),
        (-18.75, GapWord::Leaning),
        (37.5, GapWord::Lopsided),
        (-62.5, GapWord::OneSided),
    ] {
        assert_eq!(GapWord::of(gap), word, "{gap}");
    }
    assert_eq!(GapWord::of(68.75 - 50.0), GapWord::Leaning, "18.75 by subtraction");
}

#[test]
fn a_side_without_two_answers_is_not_scored_but_the_range_is() {
    let mut answers = Answers::from_fn(|_| FactorAnswers::parse("33333333").unwrap());
    answers.vision = FactorAnswers::parse("3333d--3").unwrap();
    let found = score(&answers);
    assert_eq!(found.whole, None);
    assert_eq!(found.what_if, None);
    assert_eq!(found.factors.vision.both, None);
    assert!(found.factors.vision.different_questions);
    assert!(found.low < 75.0 && found.high > 70.0);
    assert_eq!(found.weakest, Some(Factor::Risk));
}

fn any_answer() -> impl Strategy<Value = ItemAnswer> {
    prop_oneof![
        8 => (0_u8..=4).prop_map(|points| ItemAnswer::Rated(Rating::new(points).unwrap())),
        1 => Just(ItemAnswer::DontKnow),
        1 => Just(ItemAnswer::Missing),
    ]
}

fn any_rating() -> impl Strategy<Value = ItemAnswer> {
    (0_u8..=4).prop_map(|points| ItemAnswer::Rated(Rating::new(points).unwrap()))
}

fn answers_of(one: impl Strategy<Value = ItemAnswer> + Clone) -> impl Strategy<Value = Answers> {
    prop::collection::vec(one, 40).prop_map(|all| {
        let mut all = all.into_iter();
        Answers::from_fn(|_| FactorAnswers {
            us: std::array::from_fn(|_| all.next().unwrap()),
            partner: std::array::from_fn(|_| all.next().unwrap()),
        })
    })
}

fn full() -> impl Strategy<Value = Answers> {
    answers_of(any_rating().boxed())
}

pub(in crate::assessment) fn partial() -> impl Strategy<Value = Answers> {
    answers_of(any_answer().boxed())
}

fn swapped(answers: &Answers) -> Answers {
    answers.map(|_, factor| FactorAnswers {
        us: factor.partner,
        partner: factor.us,
    })
}

fn whole_of(answers: &Answers) -> Whole {
    score(answers).whole.unwrap()
}

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-6
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn bounded(answers in partial()) {
        let score = score(&answers);
        prop_assert!((0.0..=100.0).contains(&score.low) && (0.0..=100.0).contains(&score.high));
        if let Some(whole) = score.whole {
            prop_assert!((0.0..=100.0).contains(&whole.index));
            prop_assert!((0.0..=100.0).contains(&whole.level));
            prop_assert!(whole.balance.is_none_or(|balance| (0.0..=100.0).contains(&balance)));
            prop_assert!(whole.balance.is_some() || whole.level == 0.0);
        }
    }

    #[test]
    fn raising_any_answer_never_lowers_the_index(answers in full()) {
        let before = whole_of(&answers).index;
        for factor in Factor::ALL {
            for (side, item) in [Side::Us, Side::Partner].into_iter().flat_map(|side| (0..ITEMS).map(move |item| (side, item))) {
                let mut raised = answers;
                let answer = &mut raised.get_mut(factor).side_mut(side)[item];
                if let Some(higher) = Rating::new(answer.points().unwrap() + 1) {
                    *answer = ItemAnswer::Rated(higher);
                    prop_assert!(whole_of(&raised).index >= before - 1e-9);
                }
            }
        }
    }

    #[test]
    fn swapping_the_sides_keeps_the_index_and_turns_the_gaps(answers in partial()) {
        let (one, other) = (score(&answers), score(&swapped(&answers)));
        prop_assert_eq!(one.whole.is_some(), other.whole.is_some());
        if let (Some(one), Some(other)) = (one.whole, other.whole) {
            prop_assert!(same(one.index, other.index));
        }
        for (factor, figures) in one.factors.iter() {
            if let (Some(one), Some(other)) = (figures.both, other.factors.get(factor).both) {
                prop_assert!(same(one.gap, -other.gap));
            }
        }
        match (one.fair_exchange, other.fair_exchange) {
            (Some(one), Some(other)) => prop_assert!(same(one, -other)),
            (one, other) => prop_assert_eq!(one.is_some(), other.is_some()),
        }
    }

    #[test]
    fn the_order_of_the_factors_does_not_matter(answers in full(), turn in 1_usize..5) {
        let turned = Answers::from_fn(|factor| {
            let at = Factor::ALL.iter().position(|one| *one == factor).unwrap();
            *answers.get(Factor::ALL[(at + turn) % 5])
        });
        prop_assert!(same(whole_of(&answers).index, whole_of(&turned).index));
    }

    #[test]
    fn nought_where_a_side_shares_nothing_and_only_there(answers in full(), empty in prop::option::of((0_usize..5, any::<bool>()))) {
        let mut answers = answers;
        if let Some((factor, ours)) = empty {
            let side = if ours { Side::Us } else { Side::Partner };
            *answers.get_mut(Factor::ALL[factor]).side_mut(side) = [ItemAnswer::Rated(Rating::new(0).unwrap()); 4];
        }
        let score = score(&answers);
        let nothing = score.factors.iter().any(|(_, figures)| figures.us == Some(0.0) || figures.partner == Some(0.0));
        prop_assert_eq!(score.whole.unwrap().index == 0.0, nothing);
    }

    #[test]
    fn the_same_answer_everywhere_is_25_times_it(points in 0_u8..=4) {
        let answers = Answers::from_fn(|_| {
            let four = [ItemAnswer::Rated(Rating::new(points).unwrap()); 4];
            FactorAnswers { us: four, partner: four }
        });
        prop_assert!(same(whole_of(&answers).index, 25.0 * f64::from(points)));
    }

    #[test]
    fn at_the_same_level_a_larger_gap_scores_less(level in 1.0_f64..99.0, near in 0.0_f64..0.9, more in 0.01_f64..0.1) {
        let most = level.min(100.0 - level);
        let score = |share: f64| both(level + share * most, level - share * most).score;
        prop_assert!(score(near + more) < score(near));
    }

    #[test]
    fn raising_the_weaker_side_gains_at_least_as_much(one in 0.0_f64..100.0, two in 0.0_f64..100.0, share in 0.0_f64..1.0) {
        let (weak, strong) = (one.min(two), one.max(two));
        let by = share * (100.0 - strong).min(strong - weak);
        let gain = |weak_by: f64, strong_by: f64| both(weak + weak_by, strong + strong_by).score - both(weak, strong).score;
        prop_assert!(gain(by, 0.0) >= gain(0.0, by) - 1e-9);
    }

    #[test]
    fn the_whole_stands_at_most_one_band_above_its_weakest(answers in full()) {
        let score = score(&answers);
        let least = score.factors.get(score.weakest.unwrap()).both.unwrap().score;
        prop_assert!(Band::of(score.whole.unwrap().index).number() <= Band::of(least).number() + 1);
    }

    #[test]
    fn the_means_are_in_order_and_the_points_add_up(answers in full()) {
        let score = score(&answers);
        let whole = score.whole.unwrap();
        let least = score.factors.get(score.weakest.unwrap()).both.unwrap().score;
        prop_assert!(least <= whole.index + 1e-9 && whole.index <= whole.geometric + 1e-9);
        prop_assert!(whole.geometric <= whole.average + 1e-9);
        prop_assert!(whole.lost_weak >= -1e-9 && whole.lost_imbalance >= -1e-9);
        prop_assert!(same(whole.average - whole.lost_weak - whole.lost_imbalance, whole.index));
    }

    #[test]
    fn the_index_lies_in_its_range(answers in partial()) {
        let score = score(&answers);
        prop_assert!(score.low <= score.high + 1e-9);
        if let Some(whole) = score.whole {
            prop_assert!(score.low <= whole.index + 1e-9 && whole.index <= score.high + 1e-9);
            if score.rated == 40 {
                prop_assert!(same(score.low, whole.index) && same(score.high, whole.index));
            }
        }
    }

    #[test]
    fn evening_out_never_loses(answers in full()) {
        let score = score(&answers);
        let what_if = score.what_if.unwrap();
        prop_assert!(what_if.gain >= 0.0);
        prop_assert!(same(what_if.index - what_if.gain, score.whole.unwrap().index));
    }

    #[test]
    fn the_order_of_answering_does_not_matter(answers in partial(), order in Just((0..5).collect::<Vec<usize>>()).prop_shuffle()) {
        let mut saved = Answers::default();
        for place in order {
            let factor = Factor::ALL[place];
            let stored = *saved.get(factor);
            *saved.get_mut(factor) = FactorAnswers::merged(&stored, &stored, answers.get(factor));
        }
        prop_assert_eq!(score(&saved), score(&answers));
    }
}
