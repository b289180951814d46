//! `/organizer/settings/retention`: how long what is kept. What would go today is counted before a rule is switched on.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;

use crate::audit::{self, Actor, Entry};
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry, words};
use crate::contacts::Traces;
use crate::framed;
use crate::privacy::retention::{self, KeptFor, RULES};
use crate::web::layout::{Field, Layout, Mistake};
use crate::web::{Answer, Form, WebError, ok, page as shown, see_other};

const PATH: &str = "/organizer/settings/retention";
/// Longest time of a rule, in its unit.
const MOST: i64 = 1_200;

/// What the last act did.
const DONE: [(&str, &str); 1] = [(
    "saved",
    "Saved. What is too old goes within the hour, and from then on by itself.",
)];

#[derive(Template)]
#[template(path = "console/settings/retention.html")]
struct RetentionPage {
    layout: Layout,
    frame: ConsoleFrame,
    rules: Vec<RuleShown>,
    /// The next button saves; the numbers were looked at.
    is_reviewed: bool,
    mistakes: Vec<Mistake>,
}

framed!(RetentionPage);

/// A rule as the form shows it.
struct RuleShown {
    name: &'static str,
    label: &'static str,
    what: &'static str,
    unit: &'static str,
    number: Field,
    is_on: bool,
    /// "214 registrations are older today."
    old: String,
}

/// `GET /organizer/settings/retention`
pub(super) async fn page(console: Console, traces: Data<Traces>, done: Query<Done>) -> Answer {
    let set = retention::all(&mut console.state.db.read().await?).await?;
    let rules = rules_shown(&console, &traces, &set).await?;
    let mut page = RetentionPage::new(&console, rules);
    page.frame = page.frame.with(done.said(&DONE));
    ok(&page)
}

impl RetentionPage {
    fn new(console: &Console, rules: Vec<RuleShown>) -> Self {
        let (layout, frame) = console.page(MenuEntry::Settings, "Retention");
        Self {
            layout,
            frame,
            rules,
            is_reviewed: false,
            mistakes: Vec::new(),
        }
    }
}

async fn rules_shown(console: &Console, traces: &Traces, set: &[KeptFor]) -> Result<Vec<RuleShown>, WebError> {
    let (conn, now) = (&mut console.state.db.read().await?, console.state.clock.now());
    let mut shown = Vec::with_capacity(set.len());
    for kept in set {
        let count = kept.count(conn, traces, now).await?;
        let (one, several) = kept.rule.rows;
        shown.push(RuleShown {
            name: kept.rule.name,
            label: kept.rule.label,
            what: kept.rule.what,
            unit: kept.rule.unit.in_words(),
            number: Field::of(kept.rule.shown(kept.days).to_string()),
            is_on: kept.is_on,
            old: match count {
                0 => "Nothing is older today.".to_owned(),
                1 => format!("1 {one} is older today."),
                more => format!("{} {several} are older today.", words::grouped(more)),
            },
        });
    }
    Ok(shown)
}

/// `POST /organizer/settings/retention`: without `sure` what would go is shown first, where anything would.
pub(super) async fn save(console: Console, traces: Data<Traces>, form: Form) -> Answer {
    let mut mistakes = Vec::new();
    let mut wanted = Vec::with_capacity(RULES.len());
    for rule in &RULES {
        let typed = form.text(rule.name).trim();
        let number = typed.parse().ok().filter(|number| (1..=MOST).contains(number));
        if number.is_none() {
            mistakes.push(Mistake {
                field: rule.name.to_owned(),
                message: format!("{}: write a number from 1 to {MOST}.", rule.label),
            });
        }
        wanted.push(KeptFor {
            rule,
            days: number.map_or(rule.usual_days, |number| rule.days(number)),
            is_on: form.is_checked(&format!("{}_on", rule.name)),
        });
    }
    let mut rules = rules_shown(&console, &traces, &wanted).await?;
    if !mistakes.is_empty() {
        for (rule, mistake) in rules.iter_mut().filter_map(|rule| {
            let mistake = mistakes.iter().find(|mistake| mistake.field == rule.name).cloned();
            mistake.map(|mistake| (rule, mistake))
        }) {
            rule.number = Field {
                error: Some(mistake.message),
                ..Field::of(form.text(rule.name))
            };
        }
        let mut page = RetentionPage::new(&console, rules);
        page.mistakes = mistakes;
        return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    if !form.is_checked("sure") || form.is_brought_back() {
        let mut page = RetentionPage::new(&console, rules);
        page.is_reviewed = true;
        return ok(&page);
    }
    let (actor, now) = (Actor::from(&console.who), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let wanted = wanted.clone();
        Box::pin(async move {
            for kept in &wanted {
                retention::put(tx, *kept, now).await?;
            }
            let on = wanted.iter().filter(|kept| kept.is_on);
            let words: Vec<String> = on
                .map(|kept| format!("{} {}", kept.rule.name, kept.in_words()))
                .collect();
            let entry = Entry {
                actor,
                action: "settings.change",
                subject: "retention".to_owned(),
                detail: if words.is_empty() {
                    "off".to_owned()
                } else {
                    words.join(", ")
                },
            };
            audit::record(tx, &entry, now).await
        })
    });
    write.await?;
    Ok(see_other(&format!("{PATH}?done=saved")))
}
