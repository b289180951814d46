//! What results say, on the worked examples of the design.

use serde_json::Value;

use super::*;
use crate::assessment::Relationship;
use crate::assessment::model::answers::{Answers, FactorAnswers};
use crate::assessment::scoring::paired::compare;
use crate::assessment::scoring::score;
use crate::assessment::scoring::tests::read_answers;

fn parties() -> Parties {
    Parties {
        relationship: Relationship::Partner,
        side: None,
        us: "Contoso".to_owned(),
        partner: "Northwind".to_owned(),
    }
}

fn vector(name: &str, key: &str) -> Answers {
    let vectors: Value = serde_json::from_str(include_str!("../../scoring/vectors.json")).unwrap();
    read_answers(&vectors[name][key])
}

fn reading(answers: &Answers) -> Reading {
    read(&Bank::load().unwrap(), &parties(), &score(answers))
}

#[test]
fn one_lopsided_factor_reads_as_in_the_design() {
    let reading = reading(&vector("V7 one lopsided factor", "answers"));
    let whole = reading.whole.unwrap();
    assert_eq!((whole.index, whole.band.as_str()), (57, "Partly aligned"));
    assert_eq!((whole.level, whole.balance), (68, Some(84)));
    let strip = whole.strip;
    assert_eq!(
        (strip.index, strip.imbalance, strip.weak_spots, strip.to_go),
        (57, 11, 6, 26)
    );
    let first = reading.first.unwrap();
    assert_eq!(first.name, "Shared Risk");
    assert_eq!(first.sentence, "Contoso carries more of the risk (lopsided, gap 50).");
    assert_eq!(
        first.what_if.unwrap(),
        "If both sides stood where the stronger one stands on risk, the index would be 74 (+17)."
    );
    let scores: Vec<_> = reading.factors.iter().map(|factor| factor.score.unwrap()).collect();
    assert_eq!(scores, [48, 70, 70, 76, 83]);
    assert_eq!(
        reading.fair_exchange.unwrap(),
        "Contoso may be getting a little less than its share."
    );
    assert_eq!(reading.advice.first.len(), 3);
    assert!(
        reading.advice.first[0]
            .text
            .starts_with("Write down what you have at stake")
    );
    let further: Vec<_> = reading.advice.further.iter().map(|step| step.factor.as_str()).collect();
    assert_eq!(further, ["Resources", "Rewards"]);
    assert!(
        reading.advice.further[0]
            .text
            .starts_with("Before the next busy season"),
        "even and good: keep it"
    );
    let keeps: Vec<_> = reading.advice.keep.iter().map(|step| step.factor.as_str()).collect();
    assert_eq!(keeps, ["Vision", "Values"], "nothing twice");
    assert_eq!(reading.certainty.rated, 40);
    assert_eq!(reading.certainty.range, None);
}

#[test]
fn missing_answers_give_a_range_and_the_partner_is_not_known() {
    let reading = reading(&vector("V10 missing, still scored", "answers"));
    assert_eq!(reading.certainty.range, Some((43, 71)));
    assert_eq!(reading.certainty.dont_know_partner, 5);
    assert!(reading.certainty.partner_unknown);
}

#[test]
fn where_everything_is_strong_nothing_is_urgent() {
    let reading = reading(&vector("V1 all Fully, both sides", "answers"));
    assert!(reading.advice.nothing_urgent);
    assert_eq!(reading.advice.keep.len(), 5);
    assert!(reading.advice.first.is_empty());
    assert_eq!(reading.first.unwrap().what_if, None);
}

#[test]
fn where_one_side_carries_more_it_is_not_called_even() {
    let reading = reading(&Answers::from_fn(|_| FactorAnswers::parse("44443343").unwrap()));
    let whole = reading.whole.unwrap();
    assert_eq!(whole.band, "Strongly aligned");
    assert!(whole.headline.contains("but not evenly on every factor"));
    assert!(!reading.advice.nothing_urgent);
    assert_eq!(reading.advice.first.len(), 3);
}

#[test]
fn a_low_level_gets_a_common_action_beside_those_for_the_gap() {
    let mut answers = Answers::from_fn(|_| FactorAnswers::parse("33333333").unwrap());
    answers.vision = FactorAnswers::parse("11112222").unwrap();
    let reading = reading(&answers);
    let texts: Vec<_> = reading.advice.first.iter().map(|step| step.text.as_str()).collect();
    assert!(texts[0].starts_with("Tell your partner honestly"));
    assert!(texts[1].starts_with("Put the joint goal"));
    assert!(texts[2].starts_with("Write the purpose together"));
}

#[test]
fn an_uneven_load_with_an_even_gain_is_said() {
    let mut answers = Answers::from_fn(|_| FactorAnswers::parse("33333333").unwrap());
    answers.risk = FactorAnswers::parse("44443333").unwrap();
    answers.rewards = FactorAnswers::parse("44433333").unwrap();
    assert!(
        reading(&answers)
            .fair_exchange
            .unwrap()
            .ends_with("Check that both sides call that fair.")
    );
}

#[test]
fn an_uneven_load_with_an_even_gain_is_no_uneven_gain() {
    let mut answers = Answers::from_fn(|_| FactorAnswers::parse("33333333").unwrap());
    answers.risk = FactorAnswers::parse("44443333").unwrap();
    let said = reading(&answers).fair_exchange.unwrap();
    assert!(
        !said.contains("so is the gain") && said.contains("one side carries more"),
        "{said}"
    );
    // The gain leans to the side that carries less.
    answers.resources = FactorAnswers::parse("33333322").unwrap();
    answers.rewards = FactorAnswers::parse("33334443").unwrap();
    answers.risk = FactorAnswers::parse("33334444").unwrap();
    answers.resources = FactorAnswers::parse("44443333").unwrap();
    let said = reading(&answers).fair_exchange.unwrap();
    assert!(!said.contains("so is the gain"), "{said}");
}

fn two_views(risk_of_a: &str, risk_of_b: &str) -> JointReading {
    let answers = |risk| Answers {
        risk: FactorAnswers::parse(risk).unwrap(),
        ..Answers::from_fn(|_| FactorAnswers::parse("33333333").unwrap())
    };
    let comparison = compare(&answers(risk_of_a), &answers(risk_of_b));
    read_joint(&Bank::load().unwrap(), &parties(), &comparison)
}

#[test]
fn what_if_figures_add_up() {
    for of_us in 0..=4 {
        for of_partner in 0..=4 {
            let mut answers = vector("V7 one lopsided factor", "answers");
            answers.values = FactorAnswers::parse(&format!("{of_us}233{of_partner}321")).unwrap();
            let reading = reading(&answers);
            let Some(said) = reading.first.unwrap().what_if else {
                continue;
            };
            let (_, figures) = said.split_once("the index would be ").unwrap();
            let (index, gain) = figures.trim_end_matches(").").split_once(" (+").unwrap();
            let (index, gain) = (index.parse::<i64>().unwrap(), gain.parse::<i64>().unwrap());
            assert_eq!(reading.whole.unwrap().index + gain, index, "{said}");
        }
    }
}

#[test]
fn a_gap_between_different_questions_is_to_be_taken_with_care() {
    let mut answers = Answers::from_fn(|_| FactorAnswers::parse("33333333").unwrap());
    answers.risk = FactorAnswers::parse("44dddd11").unwrap();
    let reading = reading(&answers);
    assert!(reading.has_different_questions());
    let first = reading.first.unwrap();
    assert!(
        first
            .sentence
            .ends_with("on different questions, so take this with care."),
        "{}",
        first.sentence
    );
}

#[test]
fn nothing_stands_out_only_where_the_answers_agree_too() {
    let same = two_views("33333333", "33333333");
    assert_eq!(
        same.nothing_stands_out,
        Some("Nothing: on no factor do your views lie far apart.")
    );
    let hidden = two_views("40404040", "04040404");
    assert_eq!(hidden.nothing_stands_out, None);
    assert_eq!(hidden.factors[0].agreement, Some(0));
    assert_eq!(hidden.factors[0].flags[0].name, "Different answers");
}

#[test]
fn on_equal_scores_nobody_sees_it_lower() {
    let mirror = two_views("44442222", "44442222");
    assert_eq!((mirror.factors[0].score, &mirror.factors[0].seen_by), (Some(59), &None));
    let lower = two_views("22222222", "33333333");
    assert_eq!(lower.factors[0].seen_by.as_deref(), Some("Contoso"));
}

#[test]
fn two_views_read_as_in_the_design() {
    let comparison = compare(&vector("P1 paired", "A"), &vector("P1 paired", "B"));
    let joint = read_joint(&Bank::load().unwrap(), &parties(), &comparison);
    assert_eq!(
        (joint.index, joint.index_a, joint.index_b),
        (Some(57), Some(57), Some(64))
    );
    assert_eq!(joint.seen_by, "Contoso sees it lower.");
    assert_eq!(joint.agreement, Some(87));
    assert_eq!(joint.agreement_words, Some("You see it much the same"));
    assert_eq!(
        joint.opening.as_deref(),
        Some("Shared Values is where you both see most: at least 76 of 100.")
    );
    assert_eq!(
        joint.factors[2].flags[0].sentence,
        "Northwind thinks that Contoso gains more than Contoso itself says."
    );
    let risk = &joint.factors[0];
    assert_eq!((risk.gap_a, risk.gap_b), (Some(50), Some(-6)));
    assert_eq!(
        risk.flags[0].sentence,
        "Northwind thinks it gives more here than Contoso can see. Show it, do not argue it."
    );
}
