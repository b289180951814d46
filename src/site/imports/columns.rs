//! The second step: what the file is, which of its columns is which of ours, and where it goes.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::{find, standing};
use crate::console::{Console, ConsoleFrame, MenuEntry, words};
use crate::db::Conn;
use crate::framed;
use crate::imports::plan::ImportPlan;
use crate::imports::store::{self, EMPTIED, ImportRow, READ};
use crate::imports::{ImportKind, Mapping, OurColumn};
use crate::questions::FormOwner;
use crate::questions::store::questions_of;
use crate::site::session_options::{SessionToChoose, sessions_to_choose};
use crate::uploads::Table;
use crate::values::Zone;
use crate::web::layout::Layout;
use crate::web::{Answer, Form, WebError, ok, page as shown, see_other};

/// Samples of a column.
const SAMPLES: usize = 3;
/// Rows that are looked at for them.
const LOOKED_AT: usize = 200;
/// Longest sample, in characters.
const LONGEST_SAMPLE: usize = 40;
/// Longest tag, in characters.
const LONGEST_TAG: usize = 40;

#[derive(Template)]
#[template(path = "console/imports/columns.html")]
struct ColumnsPage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    file_name: String,
    /// "1,204"
    rows: String,
    kind: ImportKind,
    plan: ImportPlan,
    /// None for reports of attendance: their columns are known.
    ours: Vec<OurShown>,
    theirs: Vec<TheirColumn>,
    sessions: Vec<SessionToChoose>,
    zones: Vec<String>,
    problem: Option<String>,
}

framed!(ColumnsPage);

impl ColumnsPage {
    fn has_session(&self) -> bool {
        self.kind != ImportKind::People
    }

    fn can_tell(&self) -> bool {
        self.kind == ImportKind::Registrations
    }

    fn is_kind(&self, kind: ImportKind) -> bool {
        self.kind == kind
    }
}

/// A column of ours, and which of theirs it is.
struct OurShown {
    key: String,
    label: String,
    chosen: Option<usize>,
    samples: String,
}

impl OurShown {
    fn is(&self, index: usize) -> bool {
        self.chosen == Some(index)
    }
}

/// A column of the file.
struct TheirColumn {
    index: usize,
    heading: String,
}

/// `GET /organizer/people/import/{id}`: the columns, or how far it is.
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    let (row, path) = find(&console, &raw).await?;
    if row.state != READ && row.state != EMPTIED {
        return standing::page(&console, row, path).await;
    }
    let conn = &mut console.state.db.read().await?;
    let plan = ImportPlan::read(conn, &row).await?;
    match store::table_of(conn, row.id).await? {
        Some(table) => ok(&draw(&console, conn, (row, path), plan, &table, None).await?),
        None => standing::gone(&console, path),
    }
}

async fn draw(
    console: &Console,
    conn: &mut Conn,
    (row, path): (ImportRow, String),
    plan: ImportPlan,
    table: &Table,
    problem: Option<String>,
) -> Result<ColumnsPage, WebError> {
    let header = plan.kind.header(table);
    let theirs = their_columns(table, header);
    let ours = if let ImportKind::Attendance(_) = plan.kind {
        Vec::new()
    } else {
        ours(conn, &plan, table, header).await?
    };
    let (layout, frame) = console.page(MenuEntry::People, "Import: columns");
    Ok(ColumnsPage {
        layout,
        frame: frame.below("/organizer/people", "People").below(super::PATH, "Import"),
        path,
        file_name: row.file_name,
        rows: rows_below(table, header),
        kind: plan.kind,
        ours,
        theirs,
        sessions: sessions_to_choose(conn, None, &plan.choices.session).await?,
        zones: Zone::names(),
        plan,
        problem,
    })
}

fn rows_below(table: &Table, header: Option<usize>) -> String {
    let rows = table.len().saturating_sub(header.map_or(0, |header| header + 1));
    words::grouped(i64::try_from(rows).unwrap_or(i64::MAX))
}

fn their_columns(table: &Table, header: Option<usize>) -> Vec<TheirColumn> {
    let headings = header.and_then(|header| table.rows().get(header));
    let named = |(index, heading): (usize, &str)| TheirColumn {
        index,
        heading: if heading.is_empty() {
            format!("Column {}", index + 1)
        } else {
            short(heading)
        },
    };
    headings
        .map(|row| row.iter().enumerate().map(named).collect())
        .unwrap_or_default()
}

/// Ours, with the questions of the session's form.
async fn ours(
    conn: &mut Conn,
    plan: &ImportPlan,
    table: &Table,
    header: Option<usize>,
) -> Result<Vec<OurShown>, WebError> {
    let is_registration = plan.kind == ImportKind::Registrations;
    let mut columns: Vec<(OurColumn, String)> = OurColumn::FIXED
        .into_iter()
        .filter(|column| is_registration || !of_registrations(column))
        .map(|column| (column.clone(), column.label()))
        .collect();
    if let Some(session) = plan.session.as_ref().filter(|_| is_registration) {
        for question in questions_of(conn, FormOwner::Webcast(session.webcast_id)).await? {
            columns.push((OurColumn::Question(question.key), question.label));
        }
    }
    let shown = columns.into_iter().map(|(column, label)| {
        let chosen = plan.mapping.as_ref().and_then(|mapping| mapping.index_of(&column));
        OurShown {
            key: column.key(),
            label,
            samples: chosen.map(|index| samples(table, header, index)).unwrap_or_default(),
            chosen,
        }
    });
    Ok(shown.collect())
}

/// What says something of a registration alone.
fn of_registrations(column: &OurColumn) -> bool {
    matches!(
        column,
        OurColumn::RegisteredAt
            | OurColumn::JoinUrl
            | OurColumn::UtmSource
            | OurColumn::UtmMedium
            | OurColumn::UtmCampaign
            | OurColumn::UtmTerm
            | OurColumn::UtmContent
            | OurColumn::Referrer
    )
}

/// "Ada Åkesson · Ben Berg · Cem Ünal"
fn samples(table: &Table, header: Option<usize>, index: usize) -> String {
    let below = table.below(header.unwrap_or_default());
    let cells = below
        .take(LOOKED_AT)
        .filter_map(|(_, row)| row.get(index).filter(|cell| !cell.is_empty()));
    cells.take(SAMPLES).map(short).collect::<Vec<_>>().join(" · ")
}

fn short(cell: &str) -> String {
    if cell.chars().count() <= LONGEST_SAMPLE {
        return cell.to_owned();
    }
    let beginning: String = cell.chars().take(LONGEST_SAMPLE).collect();
    format!("{beginning}…")
}

/// `POST /organizer/people/import/{id}`
pub(super) async fn choose(console: Console, raw: Path<String>, form: Form) -> Answer {
    let (row, path) = find(&console, &raw).await?;
    let conn = &mut console.state.db.read().await?;
    let mut plan = ImportPlan::read(conn, &row).await?;
    let Some(table) = store::table_of(conn, row.id).await? else {
        return standing::gone(&console, path);
    };
    let kind_before = plan.kind;
    plan.kind = ImportKind::parse(form.text("kind")).ok_or(WebError::BadRequest)?;
    let problem = read(&mut plan, &form, &table).err();
    let session_before = plan.session.take().map(|session| session.public_id);
    plan.session = match plan.choices.session_id() {
        Some(id) => crate::webcasts::store::session_by_public_id(conn, id).await?,
        None => None,
    };
    let (id, kind) = (row.id, plan.kind.as_str());
    let mapping = plan.mapping.as_ref().map(Mapping::stored).unwrap_or_default();
    let choices = serde_json::to_string(&plan.choices).map_err(WebError::internal)?;
    let write = console.state.db.write(move |tx| {
        let (mapping, choices) = (mapping.clone(), choices.clone());
        Box::pin(async move { store::choose(tx, id, kind, &mapping, &choices).await })
    });
    if !write.await? {
        return Ok(see_other(&path));
    }
    let problem = problem.or_else(|| plan.lacks().map(str::to_owned));
    if let Some(problem) = problem {
        let page = draw(&console, conn, (row, path), plan, &table, Some(problem)).await?;
        return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    // Another kind has other columns, and another session other questions: they are looked at first.
    let has_questions = form.is_checked("again")
        || plan.kind != kind_before
        || (plan.kind == ImportKind::Registrations && session_before != plan.session.as_ref().map(|one| one.public_id));
    if has_questions && !matches!(plan.kind, ImportKind::Attendance(_)) {
        return Ok(see_other(&path));
    }
    Ok(see_other(&format!("{path}/preview")))
}

/// What the form says; a sentence where it cannot be so.
fn read(plan: &mut ImportPlan, form: &Form, table: &Table) -> Result<(), String> {
    form.text("session").clone_into(&mut plan.choices.session);
    form.text("tag").trim().clone_into(&mut plan.choices.tag);
    plan.choices.tell = form.is_checked("tell") && plan.kind == ImportKind::Registrations;
    form.text("zone").trim().clone_into(&mut plan.choices.zone);
    if !plan.choices.zone.is_empty() {
        Zone::parse(&plan.choices.zone).map_err(|problem| problem.to_string())?;
    }
    if plan.choices.tag.chars().count() > LONGEST_TAG {
        return Err(format!("A tag has at most {LONGEST_TAG} characters."));
    }
    if let ImportKind::Attendance(_) = plan.kind {
        return Ok(());
    }
    if form.names().any(|name| name.starts_with(OURS)) {
        plan.mapping = Some(mapping(form, plan.kind, table)?);
    } else if plan.mapping.is_none() {
        let headings = plan.kind.header(table).and_then(|header| table.rows().get(header));
        plan.mapping = headings.and_then(|row| Mapping::of_header(row).ok());
    }
    Ok(())
}

/// Before the key of a column of ours, in the form.
const OURS: &str = "our_";

fn mapping(form: &Form, kind: ImportKind, table: &Table) -> Result<Mapping, String> {
    let headings = kind.header(table).and_then(|header| table.rows().get(header));
    let mut columns: Vec<Option<OurColumn>> = vec![None; headings.map_or(0, csv::StringRecord::len)];
    for (name, value) in form.fields() {
        let Some(column) = name.strip_prefix(OURS).and_then(OurColumn::parse) else {
            continue;
        };
        let Some(place) = value.parse::<usize>().ok().and_then(|index| columns.get_mut(index)) else {
            continue;
        };
        if let Some(other) = place {
            return Err(format!(
                "One column of the file is chosen for both {} and {}. Choose another one for one of them.",
                other.label(),
                column.label()
            ));
        }
        *place = Some(column);
    }
    Mapping::new(columns).map_err(|problem| problem.to_string())
}
