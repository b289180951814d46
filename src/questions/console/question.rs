//! One question, new or not.

use actix_web::http::StatusCode;
use askama::Template;

use super::{FormDesk, NewQuestion, page, refusal, status};
use crate::console::busy::form_again;
use crate::console::flash::done_path;
use crate::console::{ConsoleFrame, list};
use crate::framed;
use crate::questions::change::{self, SavedQuestion, state_of};
use crate::questions::drafted::QuestionForm;
use crate::questions::ready::READY;
use crate::questions::{Design, Question, QuestionKind, store};
use crate::values::PublicId;
use crate::web::layout::Layout;
use crate::web::{Answer, Form, WebError, ok, page as answer, see_other};

#[derive(Template)]
#[template(path = "console/questions/question.html")]
struct QuestionPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: String,
    /// Where it posts to.
    action: String,
    /// The form's page.
    path: String,
    /// "New question: one line"
    title: String,
    /// The key, of one that there is.
    field: Option<String>,
    form: QuestionForm,
    /// What a question can hang on.
    conditions: Vec<ConditionGroup>,
    may_edit: bool,
    /// How a consent was worded before: version, words, since when.
    wordings: Vec<(i64, String, String)>,
    /// What was not done.
    problem: Option<String>,
}

framed!(QuestionPage);

/// An earlier question with its answers.
struct ConditionGroup {
    label: String,
    /// Value and words of each.
    answers: Vec<(String, String)>,
}

/// The question that a page is about.
enum WhichQuestion {
    New(Box<QuestionForm>),
    Known(Box<Question>),
}

impl WhichQuestion {
    fn new(form: QuestionForm) -> Self {
        Self::New(Box::new(form))
    }

    fn find(design: &Design, raw: &str, new: &NewQuestion) -> Result<Self, WebError> {
        if raw != "new" {
            let id = list::id(raw)?;
            let known = design.questions.iter().find(|question| question.public_id == id);
            return known
                .map(|question| Self::Known(Box::new(question.clone())))
                .ok_or(WebError::NotFound);
        }
        if let Some(ready) = new.ready.and_then(|at| READY.get(at)) {
            return Ok(Self::new(QuestionForm::new(ready.kind, ready.label, ready.options)));
        }
        let kind = new.kind.as_deref().and_then(QuestionKind::parse);
        kind.map(|kind| Self::new(QuestionForm::new(kind, "", &[])))
            .ok_or(WebError::NotFound)
    }

    fn known(&self) -> Option<&Question> {
        match self {
            Self::New(_) => None,
            Self::Known(question) => Some(question),
        }
    }

    fn form(self) -> QuestionForm {
        match self {
            Self::New(form) => *form,
            Self::Known(question) => QuestionForm::of(&question, state_of(&question)),
        }
    }
}

/// The page of a question; `raw` is its id, or "new".
pub(crate) async fn question(desk: FormDesk, raw: &str, new: &NewQuestion) -> Answer {
    let design = desk.design(&mut desk.console.state.db.read().await?).await?;
    let which = WhichQuestion::find(&design, raw, new)?;
    let known = which.known().cloned();
    let wordings = match &known {
        Some(question) if question.kind == QuestionKind::Consent => wordings(&desk, question.id).await?,
        _ => Vec::new(),
    };
    let mut shown = draw(desk, &design, known.as_ref(), which.form());
    shown.wordings = wordings;
    ok(&shown)
}

async fn wordings(desk: &FormDesk, id: i64) -> Result<Vec<(i64, String, String)>, WebError> {
    let kept = store::wordings_of(&mut desk.console.state.db.read().await?, id).await?;
    let said = kept.into_iter().map(|(version, label, since)| {
        let since = desk.console.stored_moment(since)?.text;
        Ok((version, label, since))
    });
    said.collect()
}

fn draw(desk: FormDesk, design: &Design, known: Option<&Question>, form: QuestionForm) -> QuestionPage {
    let kind = form.kind.in_words();
    QuestionPage {
        may_edit: desk.may_edit(),
        action: match known {
            Some(question) => format!("{}/questions/{}", desk.path, question.public_id),
            None => format!("{}/questions/new?kind={}", desk.path, form.kind.as_str()),
        },
        title: match known {
            Some(_) => format!("Question: {}", kind.to_lowercase()),
            None => format!("New question: {}", kind.to_lowercase()),
        },
        field: known.map(Question::field),
        conditions: conditions(design, known),
        form,
        wordings: Vec::new(),
        problem: None,
        layout: desk.layout,
        frame: desk.frame.below(desk.path.clone(), "Form"),
        head: desk.head,
        path: desk.path,
    }
}

/// Of the questions before it.
fn conditions(design: &Design, known: Option<&Question>) -> Vec<ConditionGroup> {
    let before = design
        .questions
        .iter()
        .take_while(|question| known.is_none_or(|known| known.id != question.id));
    let groups = before.map(|question| ConditionGroup {
        label: question.label.clone(),
        answers: question
            .settled_answers()
            .into_iter()
            .map(|answer| (format!("{}={}", question.key, answer.key), answer.label))
            .collect(),
    });
    groups.filter(|group| !group.answers.is_empty()).collect()
}

/// Adds a question, or words it anew.
pub(crate) async fn save(desk: FormDesk, raw: &str, new: &NewQuestion, form: &Form) -> Answer {
    let design = desk.design(&mut desk.console.state.db.read().await?).await?;
    let which = match WhichQuestion::find(&design, raw, new) {
        Err(WebError::NotFound) if raw != "new" => return deleted_meanwhile(desk, &design, form),
        found => found?,
    };
    let known = which.known().cloned();
    let mut typed = which.form().typed(form);
    if form.is_brought_back() {
        let mut shown = draw(desk, &design, known.as_ref(), typed);
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let Some(text) = typed.read() else {
        let shown = draw(desk, &design, known.as_ref(), typed);
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };
    let (owner, who, now) = (
        desk.form.clone(),
        desk.console.who.clone(),
        desk.console.state.clock.now(),
    );
    let (id, kind) = (known.as_ref().map(|known| known.public_id), typed.kind);
    let state = Some(typed.state.clone()).filter(|state| !state.is_empty());
    let write = desk.console.state.db.write(move |tx| {
        let (owner, who, text, state) = (owner.clone(), who.clone(), text.clone(), state.clone());
        Box::pin(async move {
            match id {
                Some(id) => change::reword(tx, &owner, id, state.as_deref(), &text, &who, now).await,
                None => change::add(tx, &owner, kind, &text, &who, now).await,
            }
        })
    });
    match write.await {
        Ok(SavedQuestion::Yes) => Ok(see_other(&format!("{}?done=question", desk.path))),
        Ok(saved) => {
            if saved == SavedQuestion::NotEarlier {
                typed.asked_if.error = refusal(&saved);
            }
            if let (SavedQuestion::Meanwhile, Some(question)) = (&saved, &known) {
                typed.state = state_of(question);
            }
            let mut shown = draw(desk, &design, known.as_ref(), typed);
            shown.problem = refusal(&saved).filter(|_| saved != SavedQuestion::NotEarlier);
            answer(status(&saved), &shown)
        }
        Err(error) => {
            let mut shown = draw(desk, &design, known.as_ref(), typed);
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}

/// What was typed is offered as a new question.
fn deleted_meanwhile(desk: FormDesk, design: &Design, form: &Form) -> Answer {
    let kind = QuestionKind::parse(form.text("kind")).ok_or(WebError::NotFound)?;
    let mut typed = QuestionForm::new(kind, "", &[]).typed(form);
    typed.state.clear();
    let labels = form.fields().filter(|(name, _)| name.starts_with("option_"));
    let labels: Vec<&str> = labels
        .map(|(_, label)| label)
        .chain(form.text("options").lines())
        .collect();
    typed.options.value = labels.join("\n");
    let mut shown = draw(desk, design, None, typed);
    shown.problem = Some("Somebody deleted this question meanwhile. Saved now, it is a new one.".to_owned());
    answer(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

/// Asks a question no more.
pub(crate) async fn delete(desk: FormDesk, id: PublicId) -> Answer {
    let (owner, who, now) = (
        desk.form.clone(),
        desk.console.who.clone(),
        desk.console.state.clock.now(),
    );
    let path = desk.path.clone();
    let write = desk.console.state.db.write(move |tx| {
        let (owner, who, path) = (owner.clone(), who.clone(), path.clone());
        Box::pin(async move { change::delete(tx, &owner, id, path, &who, now).await })
    });
    match write.await? {
        Ok(act) => Ok(see_other(&done_path(&desk.path, act))),
        Err(saved) => page::refused(desk, &saved).await,
    }
}
