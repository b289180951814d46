//! `/organizer/settings/front-page`: what visitors see first.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;

use crate::audit::{self, Actor, Change, Entry};
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::framed;
use crate::privacy::texts::{FrontKind, FrontPage};
use crate::web::form::LongForm;
use crate::web::layout::{Field, Layout, Mistake, mistakes};
use crate::web::{Answer, Form, page as shown, see_other};

const PATH: &str = "/organizer/settings/front-page";
/// Characters of a line, and of the text.
const LONGEST_LINE: usize = 200;
const LONGEST_TEXT: usize = 100_000;

/// What the last act did.
const DONE: [(&str, &str); 1] = [("saved", "Saved. Visitors see it now.")];

#[derive(Template)]
#[template(path = "console/settings/front_page.html")]
struct FrontPageSettings {
    layout: Layout,
    frame: ConsoleFrame,
    kind: &'static str,
    title: Field,
    byline: Field,
    contact: Field,
    text: Field,
}

framed!(FrontPageSettings);

impl FrontPageSettings {
    fn of(console: &Console, page: &FrontPage) -> Self {
        let (layout, frame) = console.page(MenuEntry::Settings, "Front page");
        Self {
            layout,
            frame,
            kind: page.kind.as_str(),
            title: Field::of(page.title.as_str()),
            byline: Field::of(page.byline.as_str()),
            contact: Field::of(page.contact.as_str()),
            text: Field::of(page.text.as_str()),
        }
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("title", &self.title),
            ("text", &self.text),
            ("byline", &self.byline),
            ("contact", &self.contact),
        ])
    }

    /// What was typed, all mistakes at once.
    fn typed(&mut self, form: &Form) -> Option<FrontPage> {
        let kind = FrontKind::parse(form.text("kind"));
        self.kind = kind.as_str();
        for (field, name) in [
            (&mut self.title, "title"),
            (&mut self.byline, "byline"),
            (&mut self.contact, "contact"),
            (&mut self.text, "text"),
        ] {
            *field = Field::of(form.text(name));
        }
        let is_own = kind == FrontKind::Own;
        let needed = |typed: &str, words: &'static str| if is_own && typed.is_empty() { Err(words) } else { Ok(()) };
        let title = self.title.read(|typed| {
            needed(typed, "Enter a heading.")?;
            line(typed)
        });
        let text = self.text.read(|typed| {
            needed(typed, "Write the text, or choose another front page.")?;
            if typed.chars().count() > LONGEST_TEXT {
                return Err("At most 100,000 characters are kept.");
            }
            Ok(typed.replace("\r\n", "\n").replace('\r', "\n"))
        });
        let (byline, contact) = (self.byline.read(line), self.contact.read(line));
        Some(FrontPage {
            kind,
            title: title?,
            byline: byline?,
            contact: contact?,
            text: text?,
        })
    }
}

fn line(typed: &str) -> Result<String, &'static str> {
    if typed.chars().count() > LONGEST_LINE {
        return Err("Use at most 200 characters.");
    }
    Ok(typed.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// `GET /organizer/settings/front-page`
pub(super) async fn page(console: Console, done: Query<Done>) -> Answer {
    let set = FrontPage::read(&mut console.state.db.read().await?).await?;
    let mut page = FrontPageSettings::of(&console, &set);
    page.frame = page.frame.with(done.said(&DONE));
    shown(StatusCode::OK, &page)
}

/// `POST /organizer/settings/front-page`
pub(super) async fn save(console: Console, form: LongForm) -> Answer {
    let LongForm(form) = form;
    let before = FrontPage::read(&mut console.state.db.read().await?).await?;
    let mut page = FrontPageSettings::of(&console, &before);
    let typed = page.typed(&form);
    if form.is_brought_back() {
        page.frame = page.frame.brought_back();
        return shown(StatusCode::OK, &page);
    }
    let Some(wanted) = typed else {
        return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let change = Change::of("kind", before.kind.as_str(), wanted.kind.as_str())
        .and("title", &before.title, &wanted.title)
        .and("byline", &before.byline, &wanted.byline)
        .and("contact", &before.contact, &wanted.contact);
    let detail = if before.text == wanted.text { "" } else { "text" };
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let (who, wanted, change) = (who.clone(), wanted.clone(), change.clone());
        Box::pin(async move {
            wanted.keep(tx, who.id, now).await?;
            let entry = Entry {
                actor: Actor::from(&who),
                action: "settings.change",
                subject: "front page".to_owned(),
                detail: detail.to_owned(),
            };
            audit::record_change(tx, &entry, &change, now).await
        })
    });
    write.await?;
    Ok(see_other(&format!("{PATH}?done=saved")))
}
