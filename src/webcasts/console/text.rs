//! `/organizer/webcasts/{slug}/page`: what its page says. One that everybody sees keeps its text until the changes are
//! published.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::new::summary;
use super::workspace::{NextStep, Tab, Workspace, WorkspaceHead};
use crate::console::busy::form_again;
use crate::console::conflict::Conflict;
use crate::console::flash::Done;
use crate::console::preview::MailPreview;
use crate::console::review::{self, Review};
use crate::console::{Console, ConsoleFrame};
use crate::framed;
use crate::mail::Composed;
use crate::values::{Label, Slug};
use crate::web::form::LongForm;
use crate::web::layout::{Field, Layout, Mistake, mistakes};
use crate::web::{Answer, Form, Visitor, WebError, ok, page as answer, see_other};
use crate::webcasts::change::text::{self as change, TextOutcome, WantedText};
use crate::webcasts::cover::Cover;
use crate::webcasts::mails::preview_of_title;
use crate::webcasts::store::{self, VersionedText};
use crate::webcasts::text::{self, WebcastText};
use crate::webcasts::{WebcastState, pages, roster};

/// What the last act did.
const DONE: [(&str, &str); 5] = [
    ("saved", "Saved."),
    (
        "kept",
        "Saved. Everybody sees the text of before until you publish the changes.",
    ),
    ("published", "The changes are published."),
    (
        "discarded",
        "The changes are discarded. The form shows what everybody sees.",
    ),
    ("meanwhile", "There was nothing to publish any more."),
];

#[derive(Template)]
#[template(path = "console/webcasts/text.html")]
struct TextPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    form: TextForm,
    conflict: Option<Conflict>,
    /// Something is written that nobody sees yet.
    has_changes: bool,
    /// What stands for the page where it is shared.
    card: String,
}

framed!(TextPage);

/// What is typed, and what is wrong with it.
struct TextForm {
    title: Field,
    summary: Field,
    description: Field,
    takeaways: Field,
    agenda: Field,
    share_title: Field,
    slug: Field,
    version: String,
}

impl TextForm {
    fn of(current: &VersionedText, slug: &Slug) -> Self {
        Self {
            title: Field::of(&current.text.title),
            summary: Field::of(&current.text.summary),
            description: Field::of(&current.text.description),
            takeaways: Field::of(current.text.takeaways_typed()),
            agenda: Field::of(current.text.agenda_typed()),
            share_title: Field::of(&current.text.share_title),
            slug: Field::of(slug.as_str()),
            version: current.version.to_string(),
        }
    }

    fn typed(form: &Form) -> Self {
        Self {
            title: Field::of(form.text("title")),
            summary: Field::of(form.text("summary")),
            description: Field::of(form.text("description")),
            takeaways: Field::of(form.text("takeaways")),
            agenda: Field::of(form.text("agenda")),
            share_title: Field::of(form.text("share_title")),
            slug: Field::of(form.text("slug").trim()),
            version: form.text("version").to_owned(),
        }
    }

    /// Reads it, all mistakes at once. What everybody sees has its sentence.
    fn read(&mut self, workspace: &Workspace) -> Option<WantedText> {
        let title = self.title.read(Label::parse);
        let is_seen = workspace.webcast.state != WebcastState::Draft;
        let sentence = self.summary.read(|raw| match summary(raw) {
            Ok(sentence) if sentence.is_empty() && is_seen => {
                Err("Enter one sentence: everybody sees this page.".to_owned())
            }
            other => other,
        });
        let description = self.description.read(text::description);
        let takeaways = self.takeaways.read(text::takeaways);
        let agenda = self.agenda.read(text::agenda);
        let share_title = self.share_title.read(|raw| match raw.trim() {
            "" => Ok(String::new()),
            _ => Label::parse(raw).map(|title| title.as_str().to_owned()),
        });
        let slug = self.slug.read(|raw| match raw {
            "" => Ok(workspace.webcast.slug.clone()),
            raw => Slug::parse(raw),
        });
        Some(WantedText {
            text: WebcastText {
                title: title?.as_str().to_owned(),
                summary: sentence?,
                description: description?,
                takeaways: takeaways?,
                agenda: agenda?,
                cover: None,
                share_title: share_title?,
            },
            slug: slug?,
            version: self.version.parse().ok(),
        })
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("title", &self.title),
            ("summary", &self.summary),
            ("description", &self.description),
            ("takeaways", &self.takeaways),
            ("agenda", &self.agenda),
            ("share_title", &self.share_title),
            ("slug", &self.slug),
        ])
    }
}

/// `GET /organizer/webcasts/{slug}/page`
pub(super) async fn page(console: Console, slug: Path<String>, done: Query<Done>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let current = change::current(&mut console.state.db.read().await?, workspace.webcast.id).await?;
    let form = TextForm::of(&current, &workspace.webcast.slug);
    let mut shown = draw(&console, &workspace, form).await?;
    shown.frame = shown.frame.with(done.said(&DONE));
    ok(&shown)
}

async fn draw(console: &Console, workspace: &Workspace, form: TextForm) -> Result<TextPage, WebError> {
    let conn = &mut console.state.db.read().await?;
    let current = change::current(conn, workspace.webcast.id).await?;
    let (layout, frame, head) = workspace.page(console, Tab::Page);
    Ok(TextPage {
        card: match current.text.cover.and_then(Cover::picture) {
            Some(id) => format!("/pictures/{id}"),
            None => format!("{}/card.png", head.path),
        },
        layout,
        frame,
        head,
        form,
        conflict: None,
        has_changes: current.changed.is_some(),
    })
}

/// `POST /organizer/webcasts/{slug}/page`
pub(super) async fn save(console: Console, slug: Path<String>, LongForm(form): LongForm) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let mut typed = TextForm::typed(&form);
    if form.is_brought_back() {
        let mut shown = draw(&console, &workspace, typed).await?;
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let Some(wanted) = typed.read(&workspace) else {
        return refuse(&draw(&console, &workspace, typed).await?);
    };
    let path = format!("/organizer/webcasts/{}/page", wanted.slug);
    let (webcast, who, now) = (
        workspace.webcast.clone(),
        console.who.clone(),
        console.state.clock.now(),
    );
    let write = console.state.db.write(move |tx| {
        let (webcast, wanted, who) = (webcast.clone(), wanted.clone(), who.clone());
        Box::pin(async move { change::write(tx, &webcast, &wanted, &who, now).await })
    });
    match write.await {
        Ok(TextOutcome::Yes) => {
            let is_draft = workspace.webcast.state == WebcastState::Draft;
            let done = if is_draft { "saved" } else { "kept" };
            Ok(see_other(&format!("{path}?done={done}")))
        }
        Ok(TextOutcome::Meanwhile(now)) => refuse(&in_conflict(&console, &workspace, typed, &now).await?),
        Ok(TextOutcome::SlugTaken) => {
            typed.slug.error = Some("Another page has this address, or had it. Choose another one.".to_owned());
            refuse(&draw(&console, &workspace, typed).await?)
        }
        Err(error) => {
            let mut shown = draw(&console, &workspace, typed).await?;
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}

fn refuse(shown: &TextPage) -> Answer {
    answer(StatusCode::UNPROCESSABLE_ENTITY, shown)
}

async fn in_conflict(
    console: &Console,
    workspace: &Workspace,
    mut typed: TextForm,
    now: &VersionedText,
) -> Result<TextPage, WebError> {
    let (by, at) = match &now.changed {
        Some((by, at)) => (by.as_deref(), Some(console.stored_moment(*at)?.text)),
        None => (None, None),
    };
    let at = at.map(|at| format!(" on {at}")).unwrap_or_default();
    let by = by.unwrap_or("Somebody else");
    let lines = |field: &Field| field.value.replace("\r\n", "\n");
    let conflict = Conflict::between(
        format!("{by} changed this{at}, while you had it open. Nothing of yours is saved yet: choose, then save."),
        &[
            ("title", "Title", &typed.title.value, &now.text.title),
            ("summary", "One sentence", &typed.summary.value, &now.text.summary),
            (
                "description",
                "Description",
                &lines(&typed.description),
                &now.text.description,
            ),
            (
                "takeaways",
                "What you will take away",
                &lines(&typed.takeaways),
                &now.text.takeaways_typed(),
            ),
            ("agenda", "Agenda", &lines(&typed.agenda), &now.text.agenda_typed()),
            (
                "share_title",
                "Title for sharing",
                &typed.share_title.value,
                &now.text.share_title,
            ),
        ],
    );
    typed.version = now.version.to_string();
    let mut shown = draw(console, workspace, typed).await?;
    shown.conflict = Some(conflict);
    Ok(shown)
}

impl TextPage {
    /// Templates ask which fields are asked about by radio buttons.
    fn is_in_conflict(&self, field: &str) -> bool {
        self.conflict.as_ref().is_some_and(|conflict| conflict.is_about(field))
    }
}

/// `GET /organizer/webcasts/{slug}/preview`: as visitors will see it.
pub(super) async fn preview(console: Console, visitor: Visitor, slug: Path<String>) -> Answer {
    let mut webcast = Workspace::load(&console, &slug).await?.webcast;
    webcast.text = change::current(&mut console.state.db.read().await?, webcast.id)
        .await?
        .text;
    pages::preview(&console.state, &visitor, webcast).await
}

/// `POST /organizer/webcasts/{slug}/page/publish`: at once, unless those who are registered are told of a new title.
pub(super) async fn publish(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let conn = &mut console.state.db.read().await?;
    let draft = store::draft_text(conn, workspace.webcast.id).await?;
    let new_title = draft
        .map(|draft| draft.text.title)
        .filter(|title| *title != workspace.webcast.text.title);
    let Some(title) = new_title else {
        return send(console, slug).await;
    };
    let now = console.state.clock.now();
    let ahead: Vec<i64> = workspace.ahead(now).map(|session| session.id).collect();
    let reached = roster::reached(conn, &ahead).await?;
    let first = match reached.first {
        Some(first) => store::seats_by_ids(conn, &[first]).await?.pop(),
        None => None,
    };
    let Some(seat) = first else {
        return send(console, slug).await;
    };
    let people = Console::people(reached.count);
    let mail: Composed = preview_of_title(&console.state, &seat, &title);
    let path = format!("{}/page", workspace.path());
    let review = Review {
        what: format!("{} becomes {title}.", workspace.webcast.text.title),
        who: reached.names.iter().map(|name| console.name(name)).collect(),
        count: people.clone(),
        when: "As soon as you press the button, a few hundred at a time. Calendar entries get the new title.",
        mail: MailPreview::from(mail),
        action: format!("{path}/send"),
        hidden: Vec::new(),
        button: format!("Publish and tell {people}"),
        back: path,
    };
    let (layout, frame, _) = workspace.page(&console, Tab::Page);
    let layout = Layout {
        title: "Publish the changes".to_owned(),
        ..layout
    };
    review::page(
        (
            layout,
            frame.below(workspace.path(), workspace.webcast.text.title.clone()),
        ),
        review,
    )
}

/// `POST /organizer/webcasts/{slug}/page/send`
pub(super) async fn send(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let path = format!("{}/page", workspace.path());
    let (webcast, who, clock) = (workspace.webcast, console.who.clone(), console.state.clock.clone());
    let write = console.state.db.write(move |tx| {
        let (webcast, who, clock) = (webcast.clone(), who.clone(), clock.clone());
        Box::pin(async move { change::publish_text(tx, &webcast, &who, &clock).await })
    });
    let done = if write.await? { "published" } else { "meanwhile" };
    console.state.bell.ring();
    Ok(see_other(&format!("{path}?done={done}")))
}

/// `POST /organizer/webcasts/{slug}/page/discard`
pub(super) async fn discard(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let path = format!("{}/page", workspace.path());
    let (webcast, who, now) = (workspace.webcast, console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let (webcast, who) = (webcast.clone(), who.clone());
        Box::pin(async move { change::discard(tx, &webcast, &who, now).await })
    });
    write.await?;
    Ok(see_other(&format!("{path}?done=discarded")))
}
