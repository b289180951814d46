//! What a page of cards posts, read all at once.

use jiff::Timestamp;

use super::cards::Progress;
use crate::assessment::jobs::answering::{Posted, PostedClosing};
use crate::assessment::model::answers::{Answers, FactorAnswers, ITEMS, ItemAnswer, Side};
use crate::assessment::model::assessment::{Assessment, Closing, PurposeSentence, SECONDS_A_CARD};
use crate::assessment::model::factor::{Factor, PerFactor};
use crate::assessment::{AGAIN, PROGRESS};
use crate::web::Form;

/// What is wrong, by field.
pub(super) type Mistakes = Vec<(String, String)>;

/// All mistakes at once. What a post does not hold stays as it is.
pub(super) fn parse(
    assessment: &Assessment,
    number: Option<usize>,
    form: &Form,
    now: Timestamp,
) -> Result<Posted, Mistakes> {
    let mut wrong = Mistakes::new();
    let seen = seen(assessment, number, form);
    let answers = PerFactor::from_fn(|factor| read_factor(factor, seen.get(factor), form, &mut wrong));
    let closing = read_closing(assessment, number, form, &mut wrong);
    for name in form.names().filter(|name| is_unknown_statement(name)) {
        wrong.push((name.to_owned(), "There is no such statement.".to_owned()));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Posted {
        pace: number.and_then(Factor::on_page).and_then(|factor| {
            let fresh = fresh_cards(seen.get(factor), answers.get(factor).as_ref()?);
            Some((factor.page(), is_too_fast(fresh, form, now)?))
        }),
        seen: Some(seen),
        answers,
        closing,
    })
}

/// The answers that the page showed: of its own factor as the form says, else as they are stored now.
fn seen(assessment: &Assessment, number: Option<usize>, form: &Form) -> Answers {
    let mut seen = assessment.answers;
    let shown = FactorAnswers::parse(form.text("seen"));
    if let (Some(factor), Ok(shown)) = (number.and_then(Factor::on_page), shown) {
        *seen.get_mut(factor) = shown;
    }
    seen
}

/// `None`: the post holds nothing about this factor.
pub(super) fn read_factor(
    factor: Factor,
    seen: &FactorAnswers,
    form: &Form,
    wrong: &mut Mistakes,
) -> Option<FactorAnswers> {
    let mut answers = *seen;
    let mut is_there = false;
    for side in Side::ASKED {
        for (item, answer) in (1..=ITEMS).zip(answers.side_mut(side)) {
            let field = format!("{}_{}{item}", side.letter(), factor.letters());
            if !form.has(&field) {
                continue;
            }
            is_there = true;
            if form.is_ambiguous(&field) {
                wrong.push((field, "This was answered twice. Choose one of the answers.".to_owned()));
                continue;
            }
            match ItemAnswer::parse(form.text(&field)) {
                Ok(read) => *answer = read,
                Err(problem) => wrong.push((field, problem.to_string())),
            }
        }
    }
    is_there.then_some(answers)
}

/// `None`: the post holds nothing of the last page.
fn read_closing(
    assessment: &Assessment,
    number: Option<usize>,
    form: &Form,
    wrong: &mut Mistakes,
) -> Option<PostedClosing> {
    let is_there = number == Some(Progress::PAGES) || ["O1", "O2", "O3"].iter().any(|field| form.has(field));
    if !is_there {
        return None;
    }
    let seen = seen_closing(assessment, form);
    let mut choice = |field: &str, choices: &[(&str, &str)]| {
        let value = form.text(field);
        let known = choices.iter().any(|(key, _)| *key == value);
        if form.is_ambiguous(field) || !(value.is_empty() || known) {
            wrong.push((field.to_owned(), "Choose one of the answers.".to_owned()));
        }
        known.then(|| value.to_owned())
    };
    let mut posted = seen.clone();
    if form.has("O1") {
        posted.progress = choice("O1", &PROGRESS);
    }
    if form.has("O2") {
        posted.again = choice("O2", &AGAIN);
    }
    if form.has("O3") {
        match PurposeSentence::parse(form.text("O3")) {
            Ok(purpose) => posted.purpose = purpose,
            Err(problem) => wrong.push(("O3".to_owned(), problem.to_string())),
        }
    }
    Some(PostedClosing { seen, posted })
}

/// What the last page showed: as the form says, else what is stored now.
pub(super) fn seen_closing(assessment: &Assessment, form: &Form) -> Closing {
    let stored = &assessment.closing;
    let choice = |field: &str, stored: &Option<String>| {
        if form.has(field) {
            Some(form.text(field).to_owned()).filter(|shown| !shown.is_empty())
        } else {
            stored.clone()
        }
    };
    let purpose = form
        .has("seen_O3")
        .then(|| PurposeSentence::parse(form.text("seen_O3")).ok());
    Closing {
        progress: choice("seen_O1", &stored.progress),
        again: choice("seen_O2", &stored.again),
        purpose: purpose.flatten().unwrap_or_else(|| stored.purpose.clone()),
    }
}

/// `u_` or `p_` and something that is no statement: a script's mistake, better told than lost.
fn is_unknown_statement(name: &str) -> bool {
    let Some(id) = name.strip_prefix("u_").or_else(|| name.strip_prefix("p_")) else {
        return false;
    };
    let known = Factor::ALL
        .into_iter()
        .flat_map(|factor| (1..=ITEMS).map(move |item| format!("{}{item}", factor.letters())));
    known.into_iter().all(|known| known != id)
}

/// Cards on which both sides were answered with this post.
fn fresh_cards(seen: &FactorAnswers, posted: &FactorAnswers) -> i64 {
    let before = seen.us.iter().zip(&seen.partner);
    let after = posted.us.iter().zip(&posted.partner);
    let fresh = before.zip(after).filter(|(before, after)| {
        let given = |answer: &ItemAnswer| *answer != ItemAnswer::Missing;
        !(given(before.0) || given(before.1)) && given(after.0) && given(after.1)
    });
    i64::try_from(fresh.count()).unwrap_or_default()
}

/// Whether a page was answered faster than it can be read. `None`: it cannot be said.
fn is_too_fast(fresh: i64, form: &Form, now: Timestamp) -> Option<bool> {
    let shown = Timestamp::from_microsecond(form.text("shown_at").parse().ok()?).ok()?;
    (fresh > 1).then(|| now.duration_since(shown).as_secs() < fresh * SECONDS_A_CARD)
}
