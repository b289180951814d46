//! `/organizer/settings/audit`: who did what, and when; of some people, some acts, some days; and the same as a file.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Query};
use askama::Template;
use futures_util::stream;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::audit::{self, Actor, AuditFilter, AuditGroup, AuditLine, Entry};
use crate::console::list::{self, next_page};
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::db::{Db, DbError, instant};
use crate::export::{self, CsvStyle};
use crate::framed;
use crate::organizers::{Organizer, store};
use crate::values::PublicId;
use crate::web::layout::{Field, Layout, When};
use crate::web::{Answer, WebError, page as shown};

const PATH: &str = "/organizer/settings/audit";
/// Lines that a file is written by at a time.
const TOGETHER: i64 = 1_000;

#[derive(Template)]
#[template(path = "console/settings/audit.html")]
struct AuditPage {
    layout: Layout,
    frame: ConsoleFrame,
    people: Vec<AuditChoice>,
    groups: Vec<AuditChoice>,
    from: Field,
    to: Field,
    lines: Vec<LineShown>,
    is_filtered: bool,
    next_page: Option<String>,
    /// The same as a file.
    file: String,
}

framed!(AuditPage);

/// An entry of a list to choose from.
struct AuditChoice {
    value: String,
    label: String,
    is_chosen: bool,
}

struct LineShown {
    at: When,
    who: String,
    what: String,
    subject: String,
    detail: String,
    /// "role: editor, then owner"
    changes: Vec<FieldShown>,
}

/// A field that changed.
struct FieldShown {
    name: String,
    before: String,
    after: String,
}

/// What the page may be asked with.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AuditQuery {
    who: String,
    what: String,
    from: String,
    to: String,
    after: Option<String>,
}

/// What was asked for, read.
struct WantedLines {
    filter: AuditFilter,
    team: Vec<Organizer>,
    from: Field,
    to: Field,
}

impl AuditQuery {
    async fn read(&self, console: &Console) -> Result<WantedLines, WebError> {
        let team = store::list(&mut console.state.db.read().await?).await?;
        let who = PublicId::parse(&self.who);
        let organizer = team.iter().find(|member| Some(member.public_id) == who);
        let (mut from, mut to) = (Field::of(self.from.trim()), Field::of(self.to.trim()));
        // A day is one of the clock that the page says its times by.
        let zone = console.around.zone.rules();
        let midnight = |day: Date| day.to_zoned_datetime(zone.clone()).ok().map(|time| time.timestamp());
        let first = read_day(&mut from).and_then(midnight);
        let last = read_day(&mut to).and_then(|day| midnight(day.checked_add(1.day()).ok()?));
        Ok(WantedLines {
            filter: AuditFilter {
                organizer: organizer.map(|member| member.id),
                group: AuditGroup::find(&self.what),
                from: first,
                before: last,
            },
            team,
            from,
            to,
        })
    }

    fn filters(&self) -> Vec<(&str, &str)> {
        [
            ("who", self.who.as_str()),
            ("what", self.what.as_str()),
            ("from", self.from.as_str()),
            ("to", self.to.as_str()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }
}

/// `None` for an empty field, and for one with a mistake.
fn read_day(field: &mut Field) -> Option<Date> {
    if field.value.is_empty() {
        return None;
    }
    field.read(|raw| raw.parse::<Date>().map_err(|_| "Enter a day as 2026-11-28."))
}

/// `GET /organizer/settings/audit`
pub(super) async fn page(console: Console, query: Query<AuditQuery>) -> Answer {
    let wanted = query.read(&console).await?;
    let conn = &mut console.state.db.read().await?;
    let mut lines = match query.after.as_deref().map(str::parse::<i64>) {
        None => audit::latest(conn, &wanted.filter, list::READ).await?,
        Some(Ok(line)) => audit::older(conn, &wanted.filter, line, list::READ).await?,
        Some(Err(_)) => return Err(WebError::NotFound),
    };
    let filters = query.filters();
    let next_page = list::cut(&mut lines).map(|last| next_page(PATH, &filters, &last.id.to_string()));
    let (layout, frame) = console.page(MenuEntry::Settings, "Audit");
    let asked = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&filters)
        .finish();
    let page = AuditPage {
        layout,
        frame,
        people: wanted
            .team
            .iter()
            .map(|member| AuditChoice {
                value: member.public_id.to_string(),
                label: member.name.as_str().to_owned(),
                is_chosen: wanted.filter.organizer == Some(member.id),
            })
            .collect(),
        groups: AuditGroup::ALL
            .iter()
            .map(|group| AuditChoice {
                value: group.name.to_owned(),
                label: group.label.to_owned(),
                is_chosen: wanted.filter.group.is_some_and(|chosen| chosen.name == group.name),
            })
            .collect(),
        lines: lines
            .iter()
            .map(|line| LineShown::of(&console, line, &wanted.team))
            .collect::<Result<_, _>>()?,
        is_filtered: !filters.is_empty(),
        next_page,
        file: format!("{PATH}/log.csv?{asked}"),
        from: wanted.from,
        to: wanted.to,
    };
    shown(actix_web::http::StatusCode::OK, &page)
}

impl LineShown {
    fn of(console: &Console, line: &AuditLine, team: &[Organizer]) -> Result<Self, WebError> {
        Ok(Self {
            at: console.stored_moment(line.at)?,
            who: who(line, team),
            what: audit::in_words(&line.action),
            subject: line.subject.clone(),
            detail: line.detail.clone(),
            changes: changes(line),
        })
    }
}

/// A name, or what else did it. A removed account has none.
fn who(line: &AuditLine, team: &[Organizer]) -> String {
    let member = team.iter().find(|member| Some(member.id) == line.organizer_id);
    match (member, line.actor.as_str()) {
        (Some(member), _) => member.name.as_str().to_owned(),
        (None, "organizer") => "a removed account".to_owned(),
        (None, other) => other.to_owned(),
    }
}

fn changes(line: &AuditLine) -> Vec<FieldShown> {
    type Fields = std::collections::BTreeMap<String, serde_json::Value>;
    let read = |json: Option<&String>| -> Fields {
        json.and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default()
    };
    let (before, after) = (read(line.before.as_ref()), read(line.after.as_ref()));
    let value = |fields: &Fields, name: &str| match fields.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    after
        .keys()
        .map(|name| FieldShown {
            name: name.replace('_', " "),
            before: value(&before, name),
            after: value(&after, name),
        })
        .collect()
}

/// `GET /organizer/settings/audit/log.csv`: all that match, however many.
pub(super) async fn file(console: Console, query: Query<AuditQuery>) -> Answer {
    let wanted = query.read(&console).await?;
    let (actor, now) = (Actor::from(&console.who), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let entry = Entry {
            actor,
            action: "export.audit",
            subject: String::new(),
            detail: String::new(),
        };
        Box::pin(async move { audit::record(tx, &entry, now).await })
    });
    write.await?;
    let (db, filter, team) = (console.state.db.clone(), wanted.filter, wanted.team);
    let pieces = stream::try_unfold(Some((i64::MAX, true)), move |next| {
        let (db, team) = (db.clone(), team.clone());
        async move {
            let Some((line, is_first)) = next else {
                return Ok::<_, DbError>(None);
            };
            let lines = older(&db, &filter, line).await?;
            let after = lines.last().map(|last| (last.id, false));
            Ok(Some((Bytes::from(csv(&lines, &team, is_first)?), after)))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .streaming(pieces))
}

async fn older(db: &Db, filter: &AuditFilter, line: i64) -> Result<Vec<AuditLine>, DbError> {
    audit::older(&mut db.read().await?, filter, line, TOGETHER).await
}

fn csv(lines: &[AuditLine], team: &[Organizer], with_headings: bool) -> Result<Vec<u8>, DbError> {
    let mut cells = Vec::with_capacity(lines.len() + 1);
    if with_headings {
        let headings = ["at", "who", "action", "subject", "detail", "before", "after"];
        cells.push(headings.map(str::to_owned).to_vec());
    }
    for line in lines {
        cells.push(vec![
            instant(line.at)?.to_string(),
            who(line, team),
            line.action.clone(),
            line.subject.clone(),
            line.detail.clone(),
            line.before.clone().unwrap_or_default(),
            line.after.clone().unwrap_or_default(),
        ]);
    }
    export::csv::encode(&cells, CsvStyle::default()).map_err(DbError::stored)
}
