//! What organizers do to a form. Each is one job at the write door, holds at once, and raises the form's version.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::store::{self, QuestionText};
use super::{Condition, FormFields, FormOwner, MOST_QUESTIONS, Question, QuestionKind};
use crate::audit::{self, Actor, Entry};
use crate::db::{DbError, Tx};
use crate::organizers::Organizer;
use crate::undo::{self, ActRow, NewAct, UndoKind, Undone};
use crate::values::{PublicId, Slug, fingerprint};

/// Letters of a key.
const LONGEST_KEY: usize = 32;

/// A form with the name of its page, for the audit log.
#[derive(Debug, Clone)]
pub(crate) struct FormOf {
    /// Whose.
    pub owner: FormOwner,
    /// Of which page.
    pub slug: Slug,
}

/// What became of a question that was to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SavedQuestion {
    /// It is.
    Yes,
    /// There are as many as a form has.
    TooMany,
    /// Somebody else changed it since the form was opened.
    Meanwhile,
    /// It is asked no more, or never was.
    Gone,
    /// It hangs on a question that does not come before it, or on an answer that there is not.
    NotEarlier,
    /// Another question hangs on this one, or on an answer of it: that one's label.
    NeededBy(String),
}

/// Sets the fields of a form.
pub(crate) async fn set_fields(
    tx: &mut Tx,
    form: &FormOf,
    fields: FormFields,
    who: &Organizer,
    now: Timestamp,
) -> Result<(), DbError> {
    store::change_form(tx, form.owner, now).await?;
    store::put_fields(tx, form.owner, fields).await?;
    note(tx, form, "form.fields", "", who, now).await
}

/// Adds a question at the end.
pub(crate) async fn add(
    tx: &mut Tx,
    form: &FormOf,
    kind: QuestionKind,
    text: &QuestionText,
    who: &Organizer,
    now: Timestamp,
) -> Result<SavedQuestion, DbError> {
    store::change_form(tx, form.owner, now).await?;
    let questions = store::questions_of(tx, form.owner).await?;
    if questions.len() >= MOST_QUESTIONS {
        return Ok(SavedQuestion::TooMany);
    }
    if !hangs_on_earlier(text.asked_if.as_ref(), &questions) {
        return Ok(SavedQuestion::NotEarlier);
    }
    let key = free_key(&text.label, kind, &store::keys_of(tx, form.owner).await?);
    let id = store::insert_question(tx, form.owner, &key, kind, text).await?;
    if kind == QuestionKind::Consent {
        store::keep_wording(tx, id, 1, &text.label, now).await?;
    }
    note(tx, form, "question.add", &key, who, now).await?;
    Ok(SavedQuestion::Yes)
}

/// Words a question anew; `state` is [`state_of`] the one that the organizer's form was filled in from.
pub(crate) async fn reword(
    tx: &mut Tx,
    form: &FormOf,
    id: PublicId,
    state: Option<&str>,
    text: &QuestionText,
    who: &Organizer,
    now: Timestamp,
) -> Result<SavedQuestion, DbError> {
    store::change_form(tx, form.owner, now).await?;
    let mut questions = store::questions_of(tx, form.owner).await?;
    let Some(at) = questions.iter().position(|question| question.public_id == id) else {
        return Ok(SavedQuestion::Gone);
    };
    let (before, rest) = questions.split_at_mut(at);
    let Some(question) = rest.first_mut() else {
        return Ok(SavedQuestion::Gone);
    };
    if state.is_some_and(|state| state != state_of(question)) {
        return Ok(SavedQuestion::Meanwhile);
    }
    if !hangs_on_earlier(text.asked_if.as_ref(), before) {
        return Ok(SavedQuestion::NotEarlier);
    }
    question.options.clone_from(&text.options);
    let (row, kind, key) = (question.id, question.kind, question.key.clone());
    if let Some(other) = first_that_hangs_loose(&questions) {
        return Ok(SavedQuestion::NeededBy(other.label.clone()));
    }
    let version = store::update_question(tx, row, text).await?;
    if kind == QuestionKind::Consent {
        store::keep_wording(tx, row, version, &text.label, now).await?;
    }
    note(tx, form, "question.change", &key, who, now).await?;
    Ok(SavedQuestion::Yes)
}

/// Tells one state of a question from the next.
pub(crate) fn state_of(question: &Question) -> String {
    let Question {
        label,
        help,
        required,
        options,
        asked_if,
        ineligible,
        ..
    } = question;
    let set = format!("{label}\n{help}\n{required}\n{options:?}\n{asked_if:?}\n{ineligible:?}");
    fingerprint(&set)
}

/// Where a question goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Towards {
    /// One place up.
    Up,
    /// One place down.
    Down,
}

/// Moves a question by one place.
pub(crate) async fn shift(
    tx: &mut Tx,
    form: &FormOf,
    id: PublicId,
    towards: Towards,
    who: &Organizer,
    now: Timestamp,
) -> Result<SavedQuestion, DbError> {
    store::change_form(tx, form.owner, now).await?;
    let mut questions = store::questions_of(tx, form.owner).await?;
    let Some(at) = questions.iter().position(|question| question.public_id == id) else {
        return Ok(SavedQuestion::Gone);
    };
    let other = match towards {
        Towards::Up => at.checked_sub(1),
        Towards::Down => Some(at + 1).filter(|other| *other < questions.len()),
    };
    let Some(other) = other else {
        return Ok(SavedQuestion::Yes);
    };
    questions.swap(at, other);
    if let Some(loose) = first_that_hangs_loose(&questions) {
        return Ok(SavedQuestion::NeededBy(loose.label.clone()));
    }
    let ids: Vec<i64> = questions.iter().map(|question| question.id).collect();
    store::arrange(tx, &ids).await?;
    note(tx, form, "form.order", "", who, now).await?;
    Ok(SavedQuestion::Yes)
}

/// How a question that was deleted comes back.
pub(crate) const QUESTION_DELETED: UndoKind = UndoKind {
    name: "question.delete",
    said: "The question is asked no more. What was answered stays in exports.",
    turn_back: |tx, act, now| Box::pin(ask_again(tx, act, now)),
};

/// What brings it back.
#[derive(Serialize, Deserialize)]
struct Deleted {
    webcast: Option<i64>,
    whitepaper: Option<i64>,
    question: i64,
}

/// Asks a question no more, on the page `page`; gives the act that can be undone.
pub(crate) async fn delete(
    tx: &mut Tx,
    form: &FormOf,
    id: PublicId,
    page: String,
    who: &Organizer,
    now: Timestamp,
) -> Result<Result<PublicId, SavedQuestion>, DbError> {
    store::change_form(tx, form.owner, now).await?;
    let mut questions = store::questions_of(tx, form.owner).await?;
    let Some(at) = questions.iter().position(|question| question.public_id == id) else {
        return Ok(Err(SavedQuestion::Gone));
    };
    let question = questions.remove(at);
    if let Some(loose) = first_that_hangs_loose(&questions) {
        return Ok(Err(SavedQuestion::NeededBy(loose.label.clone())));
    }
    store::set_deleted(tx, question.id, Some(now)).await?;
    let act = NewAct {
        kind: QUESTION_DELETED.name,
        page,
        mail: None,
        organizer: who,
    };
    let (webcast, whitepaper) = match form.owner {
        FormOwner::Webcast(id) => (Some(id), None),
        FormOwner::Whitepaper(id) => (None, Some(id)),
    };
    let inverse = Deleted {
        webcast,
        whitepaper,
        question: question.id,
    };
    undo::keep(tx, &act, &inverse, now).await.map(Ok)
}

async fn ask_again(tx: &mut Tx, act: &ActRow, now: Timestamp) -> Result<Undone, DbError> {
    let deleted: Deleted = act.inverse()?;
    let owner = match (deleted.webcast, deleted.whitepaper) {
        (Some(id), _) => FormOwner::Webcast(id),
        (_, Some(id)) => FormOwner::Whitepaper(id),
        _ => return Err(DbError::stored("an act names no form")),
    };
    store::change_form(tx, owner, now).await?;
    if !store::set_deleted(tx, deleted.question, None).await? {
        return Ok(Undone::Changed);
    }
    let questions = store::questions_of(tx, owner).await?;
    let is_whole = questions.len() <= MOST_QUESTIONS && first_that_hangs_loose(&questions).is_none();
    if is_whole {
        return Ok(Undone::Yes);
    }
    store::set_deleted(tx, deleted.question, Some(now)).await?;
    Ok(Undone::Changed)
}

/// The first that hangs on what does not come before it. So there is no circle either.
fn first_that_hangs_loose(questions: &[Question]) -> Option<&Question> {
    (0..questions.len()).find_map(|at| {
        let (before, rest) = questions.split_at(at);
        rest.first()
            .filter(|question| !hangs_on_earlier(question.asked_if.as_ref(), before))
    })
}

fn hangs_on_earlier(condition: Option<&Condition>, before: &[Question]) -> bool {
    let Some(condition) = condition else { return true };
    let earlier = before.iter().find(|question| question.key == condition.key);
    earlier.is_some_and(|earlier| {
        let answers = earlier.settled_answers();
        answers.iter().any(|answer| answer.key == condition.is)
    })
}

/// A key made of a label that this form never had.
fn free_key(label: &str, kind: QuestionKind, taken: &[String]) -> String {
    let plain = key_of(label).unwrap_or_else(|| kind.as_str().to_owned());
    let numbered = (2_u32..).map(|number| {
        let end = format!("_{number}");
        let start: String = plain.chars().take(LONGEST_KEY - end.len()).collect();
        format!("{start}{end}")
    });
    std::iter::once(plain.clone())
        .chain(numbered)
        .find(|key| !taken.contains(key))
        .unwrap_or(plain)
}

/// `[a-z][a-z0-9_]{0,31}` of a text; `None` where it has no Latin letter or digit.
pub(super) fn key_of(text: &str) -> Option<String> {
    let words = Slug::of_title(text)?.as_str().replace('-', "_");
    let begun = if words.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n_{words}")
    } else {
        words
    };
    let cut: String = begun.chars().take(LONGEST_KEY).collect();
    Some(cut.trim_end_matches('_').to_owned())
}

async fn note(
    tx: &mut Tx,
    form: &FormOf,
    action: &'static str,
    detail: &str,
    who: &Organizer,
    now: Timestamp,
) -> Result<(), DbError> {
    let entry = Entry {
        actor: Actor::from(who),
        action,
        subject: form.slug.to_string(),
        detail: detail.to_owned(),
    };
    audit::record(tx, &entry, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_of_labels_and_never_twice() {
        let key = |label: &str, taken: &[&str]| {
            let taken: Vec<String> = taken.iter().map(|key| (*key).to_owned()).collect();
            free_key(label, QuestionKind::OneOf, &taken)
        };
        assert_eq!(key("How many partners?", &[]), "how_many_partners");
        assert_eq!(key("How many partners?", &["how_many_partners"]), "how_many_partners_2");
        assert_eq!(key("2nd choice", &[]), "n_2nd_choice");
        assert_eq!(key("どこで？", &[]), "one_of");
        assert_eq!(key("どこで？", &["one_of", "one_of_2"]), "one_of_3");
        let long = key(
            "Which of all the many things that there are do you want to hear about most",
            &[],
        );
        assert!(long.len() <= 32 && !long.ends_with('_'), "{long}");
        let next = key("Which of all the many things that there are do you want", &[&long]);
        assert!(next.len() <= 32 && next.ends_with("_2"), "{next}");
    }
}
