//! The form in which an organizer writes a question.

use super::change::key_of;
use super::store::QuestionText;
use super::{AnswerOption, Condition, Ineligible, MOST_OPTIONS, Question, QuestionKind};
use crate::values::{Problem, squeeze_line, squeeze_text};
use crate::web::Form;
use crate::web::layout::{Field, Mistake, mistakes};

/// Letters of a question, and of what somebody agrees to.
const LONGEST_LABEL: usize = 200;
const LONGEST_CONSENT: usize = 600;
const LONGEST_SENTENCE: usize = 300;
/// Letters of an answer to choose.
const LONGEST_OPTION: usize = 100;

/// What is typed, and what is wrong with it.
pub(super) struct QuestionForm {
    pub(super) kind: QuestionKind,
    pub(super) label: Field,
    pub(super) help: Field,
    pub(super) required: bool,
    /// Answers that there are, and that there were.
    pub(super) answers: Vec<AnswerField>,
    retired: Vec<AnswerOption>,
    /// More of them, one a line.
    pub(super) options: Field,
    /// `key=answer`, or empty.
    pub(super) asked_if: Field,
    /// What those read who cannot come.
    pub(super) ineligible: Field,
    /// What it was filled in from.
    pub(super) state: String,
}

/// An answer to choose.
pub(super) struct AnswerField {
    pub(super) key: String,
    pub(super) label: String,
    /// As it is stored.
    was: String,
    pub(super) rules_out: bool,
}

impl QuestionForm {
    /// A new question.
    pub(super) fn new(kind: QuestionKind, label: &str, options: &[&str]) -> Self {
        Self {
            kind,
            label: Field::of(label),
            help: Field::default(),
            required: false,
            answers: fixed(kind).into_iter().map(AnswerField::of).collect(),
            retired: Vec::new(),
            options: Field::of(options.join("\n")),
            asked_if: Field::default(),
            ineligible: Field::default(),
            state: String::new(),
        }
    }

    /// With what is stored.
    pub(super) fn of(question: &Question, state: String) -> Self {
        let ruled = question.ineligible.as_ref();
        let answers = question.settled_answers().into_iter().map(|answer| AnswerField {
            rules_out: ruled.is_some_and(|ruled| ruled.answers.contains(&answer.key)),
            ..AnswerField::of(answer)
        });
        let asked_if = question.asked_if.as_ref();
        Self {
            kind: question.kind,
            label: Field::of(&question.label),
            help: Field::of(&question.help),
            required: question.required,
            answers: answers.collect(),
            retired: question.retired.clone(),
            options: Field::default(),
            asked_if: Field::of(
                asked_if
                    .map(|asked| format!("{}={}", asked.key, asked.is))
                    .unwrap_or_default(),
            ),
            ineligible: Field::of(ruled.map(|ruled| ruled.words.clone()).unwrap_or_default()),
            state,
        }
    }

    /// As it was filled in, over the answers that there are.
    pub(super) fn typed(mut self, form: &Form) -> Self {
        for answer in &mut self.answers {
            let field = answer.field();
            if form.has(&field) {
                form.text(&field).clone_into(&mut answer.label);
            }
            answer.rules_out = form.is_checked(&format!("rules_out_{}", answer.key));
        }
        Self {
            label: Field::of(form.text("label")),
            help: Field::of(form.text("help")),
            required: form.is_checked("required"),
            options: Field::of(form.text("options")),
            asked_if: Field::of(form.text("asked_if")),
            ineligible: Field::of(form.text("ineligible")),
            state: form.text("state").to_owned(),
            ..self
        }
    }

    pub(super) fn read(&mut self) -> Option<QuestionText> {
        let longest = match self.kind {
            QuestionKind::Consent => LONGEST_CONSENT,
            _ => LONGEST_LABEL,
        };
        let label = self.label.read(|raw| match squeeze_line(raw)? {
            line if line.is_empty() => Err(Problem::new("Write the question.")),
            line => short(line, longest),
        });
        let help = self.help.read(|raw| short(squeeze_line(raw)?, LONGEST_SENTENCE));
        let asked_if = self.asked_if.read(condition);
        let options = self.read_options();
        let ineligible = self.read_ineligible(options.as_deref().unwrap_or_default());
        Some(QuestionText {
            label: label?,
            help: help?,
            required: self.required,
            retired: self.retired_beside(options.as_deref().unwrap_or_default()),
            options: options?,
            asked_if: asked_if?,
            ineligible: ineligible.filter(|ruled| !ruled.answers.is_empty()),
        })
        .filter(|_| self.ineligible.error.is_none())
    }

    /// Those that are there keep their keys; one that is emptied goes.
    fn read_options(&mut self) -> Option<Vec<AnswerOption>> {
        if !self.kind.has_options() {
            return Some(Vec::new());
        }
        let (answers, retired) = (&self.answers, &self.retired);
        let read = read_options(answers, retired, self.options.value.trim());
        read.map_err(|problem| self.options.error = Some(problem.to_string()))
            .ok()
    }

    /// What can be chosen no more, as it was worded last.
    fn retired_beside(&self, live: &[AnswerOption]) -> Vec<AnswerOption> {
        let were = self.answers.iter().map(|answer| AnswerOption {
            key: answer.key.clone(),
            label: answer.was.clone(),
        });
        let all = self.retired.iter().cloned().chain(were);
        all.filter(|option| self.kind.has_options() && live.iter().all(|other| other.key != option.key))
            .collect()
    }

    /// Empty where nobody is ruled out; a mistake is noted at the field.
    fn read_ineligible(&mut self, options: &[AnswerOption]) -> Option<Ineligible> {
        let fixed = fixed(self.kind);
        let all = if self.kind.has_options() { options } else { &fixed };
        let ruled: Vec<String> = self
            .answers
            .iter()
            .filter(|answer| answer.rules_out && all.iter().any(|option| option.key == answer.key))
            .map(|answer| answer.key.clone())
            .collect();
        self.ineligible.read(|raw| {
            let words = squeeze_text(raw, LONGEST_SENTENCE)?;
            match (words.is_empty(), ruled.is_empty()) {
                (true, false) => return Err(Problem::new("Say what those read who cannot come.")),
                (false, true) => return Err(Problem::new("Tick the answers by which somebody cannot come.")),
                (false, false) if ruled.len() == all.len() => {
                    return Err(Problem::new("Leave an answer by which somebody can come."));
                }
                (true, true) | (false, false) => {}
            }
            Ok(Ineligible { answers: ruled, words })
        })
    }

    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("label", &self.label),
            ("help", &self.help),
            ("options", &self.options),
            ("asked_if", &self.asked_if),
            ("ineligible", &self.ineligible),
        ])
    }

    /// Whether an answer can rule somebody out: one that is not stored yet has no box to tick.
    pub(super) fn can_rule_out(&self) -> bool {
        !self.answers.is_empty()
    }
}

impl AnswerField {
    fn of(option: AnswerOption) -> Self {
        Self {
            key: option.key,
            was: option.label.clone(),
            label: option.label,
            rules_out: false,
        }
    }

    pub(super) fn field(&self) -> String {
        format!("option_{}", self.key)
    }
}

/// Answers that nobody writes down.
fn fixed(kind: QuestionKind) -> Vec<AnswerOption> {
    let answer = |key: &str, label: &str| AnswerOption {
        key: key.to_owned(),
        label: label.to_owned(),
    };
    match kind {
        QuestionKind::YesNo => vec![answer("yes", "Yes"), answer("no", "No")],
        _ => Vec::new(),
    }
}

fn short(line: String, most: usize) -> Result<String, Problem> {
    if line.chars().count() > most {
        return Err(Problem::new(format!("Enter at most {most} characters.")));
    }
    Ok(line)
}

fn condition(raw: &str) -> Result<Option<Condition>, Problem> {
    if raw.is_empty() {
        return Ok(None);
    }
    let (key, is) = raw
        .split_once('=')
        .ok_or_else(|| Problem::new("Choose an answer of the list."))?;
    Ok(Some(Condition {
        key: key.to_owned(),
        is: is.to_owned(),
    }))
}

/// One that was retired under the same words is that one again.
fn read_options(kept: &[AnswerField], retired: &[AnswerOption], more: &str) -> Result<Vec<AnswerOption>, Problem> {
    let mut options: Vec<AnswerOption> = Vec::new();
    let known = kept.iter().map(|answer| (Some(&answer.key), answer.label.as_str()));
    for (key, raw) in known.chain(more.lines().map(|line| (None, line))) {
        let label = short(squeeze_line(raw)?, LONGEST_OPTION)?;
        if label.is_empty() {
            continue;
        }
        if options.iter().any(|option| option.label == label) {
            return Err(Problem::new(format!("“{label}” stands there twice.")));
        }
        let emptied = kept.iter().filter(|answer| answer.label.trim().is_empty());
        let before = (retired.iter().map(|option| (&option.key, &option.label)))
            .chain(emptied.map(|answer| (&answer.key, &answer.was)))
            .find_map(|(key, was)| (*was == label).then_some(key));
        let is_taken = |key: &str| {
            let others = options.iter().chain(retired).map(|option| &option.key);
            others
                .chain(kept.iter().map(|answer| &answer.key))
                .any(|other| other == key)
        };
        let key = match key.or(before) {
            Some(key) => key.clone(),
            None => free_key(&label, is_taken),
        };
        options.push(AnswerOption { key, label });
    }
    match options.len() {
        0 | 1 => Err(Problem::new("Give at least two answers to choose from, one a line.")),
        some if some > MOST_OPTIONS => Err(Problem::new(format!("Give at most {MOST_OPTIONS} answers."))),
        _ => Ok(options),
    }
}

fn free_key(label: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let plain = key_of(label).unwrap_or_else(|| "answer".to_owned());
    let numbered = (2_usize..).map(|number| format!("{plain}_{number}"));
    std::iter::once(plain.clone())
        .chain(numbered)
        .find(|key| !is_taken(key))
        .unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(posted: &str, kind: QuestionKind) -> QuestionForm {
        QuestionForm::new(kind, "", &[]).typed(&Form::decode(posted.as_bytes()))
    }

    #[test]
    fn options_keep_their_keys_when_they_are_worded_anew() {
        let mut first = written(
            "label=Role&options=Chief%0ADeputy%0A%0AChief+of+staff",
            QuestionKind::OneOf,
        );
        let text = first.read().unwrap();
        let keys: Vec<&str> = text.options.iter().map(|option| option.key.as_str()).collect();
        assert_eq!(keys, ["chief", "deputy", "chief_of_staff"]);
        let question = Question {
            id: 1,
            public_id: crate::values::PublicId::random(),
            key: "role".to_owned(),
            kind: QuestionKind::OneOf,
            label: text.label,
            help: text.help,
            required: false,
            options: text.options,
            retired: Vec::new(),
            asked_if: None,
            ineligible: None,
            version: 1,
        };
        let posted =
            "label=Role&option_chief=The+chief&option_deputy=&options=Vice&rules_out_chief=yes&ineligible=No+chiefs.";
        let mut again = QuestionForm::of(&question, String::new()).typed(&Form::decode(posted.as_bytes()));
        let text = again.read().unwrap();
        let options: Vec<(&str, &str)> = text
            .options
            .iter()
            .map(|option| (option.key.as_str(), option.label.as_str()))
            .collect();
        assert_eq!(
            options,
            [
                ("chief", "The chief"),
                ("chief_of_staff", "Chief of staff"),
                ("vice", "Vice")
            ]
        );
        assert_eq!(text.ineligible.unwrap().answers, ["chief"]);
        let retired: Vec<(&str, &str)> = text
            .retired
            .iter()
            .map(|option| (option.key.as_str(), option.label.as_str()))
            .collect();
        assert_eq!(retired, [("deputy", "Deputy")]);
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        for (kind, posted, field) in [
            (QuestionKind::Text, "label=", "label"),
            (QuestionKind::OneOf, "label=A&options=one", "options"),
            (QuestionKind::OneOf, "label=A&options=one%0Aone", "options"),
            (QuestionKind::YesNo, "label=A&rules_out_no=yes", "ineligible"),
            (QuestionKind::YesNo, "label=A&ineligible=Sorry", "ineligible"),
            (
                QuestionKind::YesNo,
                "label=A&ineligible=Sorry&rules_out_no=yes&rules_out_yes=yes",
                "ineligible",
            ),
            (QuestionKind::Text, "label=A&asked_if=x", "asked_if"),
        ] {
            let mut form = written(posted, kind);
            assert!(form.read().is_none(), "{posted}");
            let fields: Vec<String> = form.mistakes().into_iter().map(|mistake| mistake.field).collect();
            assert_eq!(fields, [field], "{posted}");
        }
    }
}
