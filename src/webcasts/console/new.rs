//! `/organizer/webcasts/new`: six fields, and a webcast is there.

use actix_web::http::StatusCode;
use askama::Template;
use jiff::Timestamp;

use super::session_form::SessionForm;
use crate::console::busy::form_again;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::framed;
use crate::values::Label;
use crate::web::layout::{Field, Layout, Mistake, mistakes};
use crate::web::{Answer, Form, ok, page as answer, see_other};
use crate::webcasts::SessionState;
use crate::webcasts::change::programme::{self, NewProgramme};

/// Minutes that a session usually lasts.
const USUAL_LENGTH: &str = "60";
/// The sentence beneath a title is what searches and cards show of it.
const LONGEST_SUMMARY: usize = 300;

#[derive(Template)]
#[template(path = "console/webcasts/new.html")]
struct NewPage {
    layout: Layout,
    frame: ConsoleFrame,
    title: Field,
    summary: Field,
    form: SessionForm,
}

framed!(NewPage);

impl NewPage {
    fn new(console: &Console, title: Field, summary: Field, form: SessionForm) -> Self {
        let (layout, frame) = console.page(MenuEntry::Webcasts, "New webcast");
        Self {
            layout,
            frame: frame.below("/organizer/webcasts", "Webcasts"),
            title,
            summary,
            form,
        }
    }

    fn typed(console: &Console, form: &Form) -> Self {
        Self::new(
            console,
            Field::of(form.text("title")),
            Field::of(form.text("summary")),
            SessionForm::typed(form),
        )
    }

    fn mistakes(&self) -> Vec<Mistake> {
        let mut all = mistakes(&[("title", &self.title), ("summary", &self.summary)]);
        all.extend(self.form.mistakes());
        all
    }

    /// Reads it, all mistakes at once. A date that has passed is asked about.
    fn read(&mut self, form: &Form, now: Timestamp) -> Option<NewProgramme> {
        let title = Label::parse(form.text("title"))
            .map_err(|problem| self.title.error = Some(problem.to_string()))
            .ok();
        let summary = summary(form.text("summary"))
            .map_err(|problem| self.summary.error = Some(problem))
            .ok();
        let session = self.form.read(SessionState::Open);
        let session = session.filter(|session| session.ends_at > now || self.form.is_past_meant(form));
        Some(NewProgramme {
            title: title?,
            summary: summary?,
            starts_at: session.as_ref()?.starts_at,
            ends_at: session.as_ref()?.ends_at,
            zone: session.as_ref()?.zone.clone(),
            join_url: session?.join_url,
            publish: form.is_checked("publish"),
        })
    }
}

/// One sentence; it may be missing in a draft.
pub(super) fn summary(raw: &str) -> Result<String, String> {
    if raw.trim().is_empty() {
        return Ok(String::new());
    }
    let one_line = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() > LONGEST_SUMMARY {
        return Err(format!("Enter at most {LONGEST_SUMMARY} characters."));
    }
    if one_line.chars().any(char::is_control) {
        return Err("Enter it without control characters.".to_owned());
    }
    Ok(one_line)
}

/// `GET /organizer/webcasts/new`
pub(super) async fn page(console: Console) -> Answer {
    let form = SessionForm::empty(&console.around.zone, USUAL_LENGTH);
    ok(&NewPage::new(&console, Field::default(), Field::default(), form))
}

/// `POST /organizer/webcasts/new`
pub(super) async fn save(console: Console, form: Form) -> Answer {
    let mut shown = NewPage::typed(&console, &form);
    if form.is_brought_back() {
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let now = console.state.clock.now();
    let wanted = shown.read(&form, now);
    let may_publish = wanted
        .as_ref()
        .is_none_or(|wanted| may_publish(&mut shown, wanted, now));
    let Some(wanted) = wanted.filter(|_| may_publish) else {
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    };
    let (who, publish) = (console.who.clone(), wanted.publish);
    let write = console.state.db.write(move |tx| {
        let (wanted, who) = (wanted.clone(), who.clone());
        Box::pin(async move { programme::make(tx, &wanted, &who, now).await })
    });
    match write.await {
        Ok(slug) => {
            let done = if publish { "published" } else { "made" };
            Ok(see_other(&format!("/organizer/webcasts/{slug}?done={done}")))
        }
        Err(error) => {
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}

/// What everybody sees at once needs its sentence, and a session ahead.
fn may_publish(shown: &mut NewPage, wanted: &NewProgramme, now: Timestamp) -> bool {
    if !wanted.publish {
        return true;
    }
    if wanted.summary.is_empty() {
        shown.summary.error = Some("Enter one sentence before it is published.".to_owned());
    }
    if wanted.ends_at <= now {
        shown.form.date.error = Some("A webcast is published with a session ahead. Make the draft first.".to_owned());
    }
    shown.mistakes().is_empty()
}
