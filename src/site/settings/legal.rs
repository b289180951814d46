//! `/organizer/settings/legal`: who is responsible, the imprint, and the privacy page.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;

use crate::audit::{self, Actor, Entry};
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::db::DbError;
use crate::framed;
use crate::privacy::legal::{self, FACTS, LONGEST_FACT, Legal, LegalFact, MOST_BACKUP_DAYS, WantedLegal};
use crate::values::EmailAddress;
use crate::web::form::LongForm;
use crate::web::layout::{Field, Layout, Mistake, When};
use crate::web::{Answer, ok, page as shown, see_other};

const PATH: &str = "/organizer/settings/legal";
/// Longest text, in characters.
const LONGEST_TEXT: usize = 100_000;
/// Longest wording of the consent, in characters.
const LONGEST_CONSENT: usize = 600;

/// What the last act did.
const DONE: [(&str, &str); 1] = [("saved", "Saved. Visitors see it now.")];

#[derive(Template)]
#[template(path = "console/settings/legal.html")]
struct LegalPage {
    layout: Layout,
    frame: ConsoleFrame,
    facts: Vec<(LegalFact, Field)>,
    imprint: Field,
    privacy: Field,
    consent: Field,
    /// Wordings of before, with since when they were asked.
    wordings: Vec<(String, String, When)>,
    /// What visitors do not read because it is not set.
    gaps: Vec<&'static str>,
    has_imprint: bool,
    mistakes: Vec<Mistake>,
}

framed!(LegalPage);

/// `GET /organizer/settings/legal`
pub(super) async fn page(console: Console, done: Query<Done>) -> Answer {
    let set = Legal::read(&mut console.state.db.read().await?).await?;
    let mut page = LegalPage::new(&console, &set)?;
    page.frame = page.frame.with(done.said(&DONE));
    ok(&page)
}

impl LegalPage {
    fn new(console: &Console, set: &Legal) -> Result<Self, DbError> {
        let (layout, frame) = console.page(MenuEntry::Settings, "Legal");
        let facts = FACTS
            .iter()
            .map(|fact| (*fact, Field::of(set.fact(fact.name).unwrap_or_default())));
        let wordings = set.consent.iter().map(|wording| {
            let since = console.stored_moment(wording.created_at)?;
            Ok((wording.version.clone(), wording.text.clone(), since))
        });
        Ok(Self {
            layout,
            frame,
            consent: Field::of(console.state.consent.now().text.clone()),
            wordings: wordings.collect::<Result<_, DbError>>()?,
            facts: facts.collect(),
            imprint: Field::of(set.imprint.clone().unwrap_or_default()),
            privacy: Field::of(set.privacy.clone().unwrap_or_default()),
            gaps: set.gaps(),
            has_imprint: set.has_imprint(),
            mistakes: Vec::new(),
        })
    }

    /// What was typed, in place of what is set.
    fn typed(mut self, form: &LongForm) -> Self {
        for (fact, field) in &mut self.facts {
            *field = Field::of(form.0.text(fact.name));
        }
        self.imprint = Field::of(form.0.text("imprint"));
        self.privacy = Field::of(form.0.text("privacy"));
        // A script that does not speak of it leaves it.
        if form.0.has("consent") {
            self.consent = Field::of(form.0.text("consent"));
        }
        self
    }

    /// What is wanted; `None` where something is wrong, which stands at its field then.
    fn read(&mut self) -> Option<WantedLegal> {
        let mut facts = Vec::with_capacity(FACTS.len());
        for (fact, field) in &mut self.facts {
            facts.push(field.read(|typed| checked(fact, typed)));
        }
        let text = |typed: &str| match typed.chars().count() {
            long if long > LONGEST_TEXT => Err(format!("This has {long} characters; at most {LONGEST_TEXT} are kept.")),
            _ => Ok(lines(typed)),
        };
        let consent = self.consent.read(|typed| match typed.chars().count() {
            0 => Err("Write what the box says.".to_owned()),
            long if long > LONGEST_CONSENT => Err(format!("At most {LONGEST_CONSENT} characters.")),
            _ => Ok(lines(typed).replace('\n', " ")),
        });
        let wanted = WantedLegal {
            consent: consent?,
            imprint: self.imprint.read(text)?,
            privacy: self.privacy.read(text)?,
            facts: facts.into_iter().collect::<Option<_>>()?,
        };
        Some(wanted)
    }

    fn note_mistakes(&mut self) {
        let fields = self.facts.iter().map(|(fact, field)| (fact.name, field));
        let fields: Vec<(&'static str, &Field)> = fields
            .chain([
                ("consent", &self.consent),
                ("imprint", &self.imprint),
                ("privacy", &self.privacy),
            ])
            .collect();
        self.mistakes = crate::web::layout::mistakes(&fields);
    }
}

fn lines(typed: &str) -> String {
    typed.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
}

fn checked(fact: &LegalFact, typed: &str) -> Result<String, String> {
    if typed.chars().count() > LONGEST_FACT {
        return Err(format!("At most {LONGEST_FACT} characters."));
    }
    if typed.is_empty() {
        return Ok(String::new());
    }
    match fact.name {
        "contact" => EmailAddress::parse(typed)
            .map(|email| email.to_string())
            .map_err(|problem| problem.to_string()),
        "backup_days" => match typed.parse::<i64>() {
            Ok(days) if (1..=MOST_BACKUP_DAYS).contains(&days) => Ok(days.to_string()),
            _ => Err(format!(
                "Write a number of days from 1 to {MOST_BACKUP_DAYS}, or nothing."
            )),
        },
        _ if fact.is_long => Ok(lines(typed)),
        _ => Ok(lines(typed).replace('\n', " ")),
    }
}

/// `POST /organizer/settings/legal`
pub(super) async fn save(console: Console, form: LongForm) -> Answer {
    let set = Legal::read(&mut console.state.db.read().await?).await?;
    let mut page = LegalPage::new(&console, &set)?.typed(&form);
    if form.0.is_brought_back() {
        page.frame = page.frame.brought_back();
        return ok(&page);
    }
    let Some(wanted) = page.read() else {
        page.note_mistakes();
        return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let (who, wanted) = (who.clone(), wanted.clone());
        Box::pin(async move {
            let changed = legal::put(tx, &wanted, who.id, now).await?;
            if changed.is_empty() {
                return Ok(());
            }
            let entry = Entry {
                actor: Actor::from(&who),
                action: "settings.change",
                subject: "legal".to_owned(),
                detail: changed.join(", "),
            };
            audit::record(tx, &entry, now).await
        })
    });
    write.await?;
    crate::site::read_settings(&console.state).await?;
    Ok(see_other(&format!("{PATH}?done=saved")))
}
