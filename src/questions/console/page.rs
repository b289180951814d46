//! The form as a whole: fields, the questions in their order, and how visitors see it.

use std::sync::Arc;

use actix_web::http::StatusCode;
use askama::Template;

use super::{FormDesk, refusal, status};
use crate::console::busy::form_again;
use crate::console::flash::Done;
use crate::console::{ConsoleFrame, list, words};
use crate::framed;
use crate::questions::change::{self, SavedQuestion, Towards};
use crate::questions::ready::READY;
use crate::questions::{
    AskedForm, Design, FieldMode, FormFields, MOST_QUESTIONS, NameFields, PersonField, Question, QuestionKind, store,
};
use crate::web::layout::Layout;
use crate::web::{Answer, AskedWording, Form, ok, page as answer, see_other};

/// What the last act did.
const DONE: [(&str, &str); 3] = [
    ("saved", "Saved. It holds for whoever fills in the form from now on."),
    ("question", "The question is saved. It is asked from now on."),
    ("moved", "The order is saved."),
];

#[derive(Template)]
#[template(path = "console/questions/form.html")]
struct FormPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: String,
    path: String,
    preview: String,
    may_edit: bool,
    version: i64,
    first_and_last: bool,
    fields: Vec<FieldLine>,
    questions: Vec<QuestionLine>,
    /// No more can be added.
    is_full: bool,
    ready: Vec<&'static str>,
    kinds: [QuestionKind; QuestionKind::ALL.len()],
    /// As visitors see it.
    asked: AskedForm,
    consent: Arc<AskedWording>,
    /// What was not done.
    problem: Option<String>,
}

framed!(FormPage);

struct FieldLine {
    id: &'static str,
    label: &'static str,
    mode: FieldMode,
}

struct QuestionLine {
    id: String,
    field: String,
    label: String,
    kind: &'static str,
    required: bool,
    only_if: Option<String>,
    /// "Ruled out 12 people." where it can.
    ruled_out: Option<String>,
    is_first: bool,
    is_last: bool,
}

/// The page.
pub(crate) async fn page(mut desk: FormDesk, done: &Done) -> Answer {
    let path = desk.path.clone();
    let flash = done
        .flash(&mut desk.console.state.db.read().await?, &desk.console, &path, &DONE)
        .await?;
    desk.frame = desk.frame.with(flash);
    ok(&draw(desk, None).await?)
}

async fn draw(desk: FormDesk, problem: Option<String>) -> Result<FormPage, crate::web::WebError> {
    let conn = &mut desk.console.state.db.read().await?;
    let design = desk.design(conn).await?;
    let ruled_out = store::ruled_out(conn, desk.form.owner).await?;
    Ok(FormPage {
        may_edit: desk.may_edit(),
        version: desk.version,
        asked: AskedForm::empty(&design),
        first_and_last: design.fields.names == NameFields::FirstAndLast,
        fields: field_lines(design.fields),
        is_full: design.questions.len() >= MOST_QUESTIONS,
        questions: question_lines(&design, &ruled_out),
        ready: READY.iter().map(|ready| ready.label).collect(),
        kinds: QuestionKind::ALL,
        consent: desk.console.state.consent.now(),
        problem,
        layout: desk.layout,
        frame: desk.frame,
        head: desk.head,
        path: desk.path,
        preview: desk.preview,
    })
}

fn field_lines(fields: FormFields) -> Vec<FieldLine> {
    let line = |field: PersonField| FieldLine {
        id: field.as_str(),
        label: field.in_words(),
        mode: fields.mode(field),
    };
    PersonField::ALL.map(line).into()
}

fn question_lines(design: &Design, ruled_out: &[(i64, i64)]) -> Vec<QuestionLine> {
    let asked = AskedForm::empty(design);
    let last = design.questions.len().saturating_sub(1);
    let line = |(at, question): (usize, &Question)| QuestionLine {
        id: question.public_id.to_string(),
        field: question.field(),
        label: question.label.clone(),
        kind: question.kind.in_words(),
        required: question.required,
        only_if: asked
            .fields
            .iter()
            .find(|field| field.id == question.field())
            .and_then(|field| field.asked_if.as_ref())
            .map(|asked_if| asked_if.words.clone()),
        ruled_out: question.ineligible.as_ref().map(|_| {
            let count = ruled_out.iter().find(|(id, _)| *id == question.id);
            match count.map_or(0, |(_, count)| *count) {
                0 => "Has ruled out nobody yet.".to_owned(),
                1 => "Has ruled out one person.".to_owned(),
                some => format!("Has ruled out {} people.", words::grouped(some)),
            }
        }),
        is_first: at == 0,
        is_last: at == last,
    };
    design.questions.iter().enumerate().map(line).collect()
}

/// Sets which fields the form has.
pub(crate) async fn save_fields(desk: FormDesk, form: &Form) -> Answer {
    let mut fields = FormFields::default();
    fields.names = NameFields::parse(form.text("name")).unwrap_or_default();
    for field in PersonField::ALL {
        fields = fields.with(field, FieldMode::parse(form.text(field.as_str())).unwrap_or_default());
    }
    if form.has("version") && form.text("version") != desk.version.to_string() {
        let changed = "Somebody else changed this form since you opened it. Look at what it asks now, then save again.";
        let mut shown = draw(desk, Some(changed.to_owned())).await?;
        shown.first_and_last = fields.names == NameFields::FirstAndLast;
        shown.fields = field_lines(fields);
        return answer(StatusCode::CONFLICT, &shown);
    }
    let (owner, who, now) = (
        desk.form.clone(),
        desk.console.who.clone(),
        desk.console.state.clock.now(),
    );
    let write = desk.console.state.db.write(move |tx| {
        let (owner, who) = (owner.clone(), who.clone());
        Box::pin(async move { change::set_fields(tx, &owner, fields, &who, now).await })
    });
    match write.await {
        Ok(()) => Ok(see_other(&format!("{}?done=saved", desk.path))),
        Err(error) => {
            let mut shown = draw(desk, None).await?;
            shown.first_and_last = fields.names == NameFields::FirstAndLast;
            shown.fields = field_lines(fields);
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}

/// Moves a question by one place.
pub(crate) async fn shift(desk: FormDesk, form: &Form) -> Answer {
    let id = list::id(form.text("question"))?;
    let towards = match form.text("to") {
        "up" => Towards::Up,
        _ => Towards::Down,
    };
    let (owner, who, now) = (
        desk.form.clone(),
        desk.console.who.clone(),
        desk.console.state.clock.now(),
    );
    let write = desk.console.state.db.write(move |tx| {
        let (owner, who) = (owner.clone(), who.clone());
        Box::pin(async move { change::shift(tx, &owner, id, towards, &who, now).await })
    });
    let saved = write.await?;
    match refusal(&saved) {
        None => Ok(see_other(&format!("{}?done=moved", desk.path))),
        Some(_) => refused(desk, &saved).await,
    }
}

/// The page with what was not done.
pub(super) async fn refused(desk: FormDesk, saved: &SavedQuestion) -> Answer {
    let problem = match saved {
        SavedQuestion::NeededBy(label) => Some(format!(
            "“{label}” is asked only after a certain answer to an earlier question, so that must stay before it. Change that one first."
        )),
        saved => refusal(saved),
    };
    let status: StatusCode = status(saved);
    answer(status, &draw(desk, problem).await?)
}
