//! The third step: what would become of it, and who would be told.

use actix_web::web::Path;
use askama::Template;

use super::{find, standing};
use crate::console::preview::MailPreview;
use crate::console::{Console, ConsoleFrame, MenuEntry, words};
use crate::db::Conn;
use crate::framed;
use crate::imports::plan::{self, ImportPlan, PeoplePreview};
use crate::imports::store::{self, READ};
use crate::imports::{self, BadRow, ImportKind};
use crate::uploads::Table;
use crate::web::layout::Layout;
use crate::web::{Answer, WebError, ok, see_other};
use crate::webcasts;
use crate::webcasts::mails::preview_of_confirmation;

/// Bad rows and warnings that are shown.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "console/imports/preview.html")]
struct PreviewPage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    /// What would be done, in sentences.
    sums: Vec<String>,
    first: Vec<FirstRow>,
    bad: Vec<(u32, String)>,
    /// "And 12 more."
    more_bad: Option<String>,
    warnings: Vec<(u32, String)>,
    more_warnings: Option<String>,
    /// Who is nobody that we know of.
    unmatched: Vec<String>,
    more_unmatched: Option<String>,
    /// What whoever is told reads.
    mail: Option<MailPreview>,
    button: Option<String>,
}

framed!(PreviewPage);

/// One of the first rows.
struct FirstRow {
    name: String,
    email: String,
    company: String,
    tags: String,
}

/// `GET /organizer/people/import/{id}/preview`
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    let (row, path) = find(&console, &raw).await?;
    if row.state != READ {
        return Ok(see_other(&path));
    }
    let conn = &mut console.state.db.read().await?;
    let plan = ImportPlan::read(conn, &row).await?;
    let Some(table) = store::table_of(conn, row.id).await? else {
        return standing::gone(&console, path);
    };
    if plan.lacks().is_some() {
        return Ok(see_other(&path));
    }
    let (layout, frame) = console.page(MenuEntry::People, "Import: preview");
    let frame = frame
        .below("/organizer/people", "People")
        .below(super::PATH, "Import")
        .below(path.clone(), "Columns");
    let page = PreviewPage {
        layout,
        frame,
        path,
        sums: Vec::new(),
        first: Vec::new(),
        bad: Vec::new(),
        more_bad: None,
        warnings: Vec::new(),
        more_warnings: None,
        unmatched: Vec::new(),
        more_unmatched: None,
        mail: None,
        button: None,
    };
    let page = if let ImportKind::Attendance(_) = plan.kind {
        page.of_attendance(conn, &plan, &table).await?
    } else {
        page.of_people(&console, conn, plan, table).await?
    };
    ok(&page)
}

fn more(count: usize) -> Option<String> {
    let more = i64::try_from(count.saturating_sub(SHOWN)).unwrap_or(i64::MAX);
    (more > 0).then(|| format!("And {} more.", words::grouped(more)))
}

fn number(count: usize) -> String {
    words::grouped(i64::try_from(count).unwrap_or(i64::MAX))
}

fn people(count: usize) -> String {
    match count {
        1 => "1 person".to_owned(),
        more => format!("{} people", number(more)),
    }
}

fn rows(count: usize) -> String {
    match count {
        1 => "1 row".to_owned(),
        more => format!("{} rows", number(more)),
    }
}

impl PreviewPage {
    async fn of_people(
        mut self,
        console: &Console,
        conn: &mut Conn,
        plan: ImportPlan,
        table: Table,
    ) -> Result<Self, WebError> {
        let (now, planned) = (console.state.clock.now(), plan.clone());
        let read = tokio::task::spawn_blocking(move || planned.people(&table, now)).await;
        let read = read.map_err(WebError::internal)?;
        let found = plan::preview(conn, read, &console.state.links).await?;
        let is_registration = plan.kind == ImportKind::Registrations;
        self.sums = sums(&found, is_registration);
        self.first = found
            .first
            .iter()
            .map(|row| FirstRow {
                name: row.name.to_string(),
                email: row.email.to_string(),
                company: row.person.company.clone().unwrap_or_default(),
                tags: row.tags.join("; "),
            })
            .collect();
        self.note_bad(&found.bad);
        self.more_warnings = more(found.warnings.len());
        self.warnings = found
            .warnings
            .iter()
            .take(SHOWN)
            .map(|one| (one.line, one.text.clone()))
            .collect();
        let count = found.new + found.known;
        if count == 0 {
            return Ok(self);
        }
        let tells = plan.choices.tell && plan.session.as_ref().is_some_and(|session| session.ends_at > now);
        if tells && let Some(session) = &plan.session {
            let slug = webcasts::store::slug_of(conn, session.webcast_id).await?;
            let webcast = webcasts::store::webcast_by_slug(conn, &slug)
                .await?
                .ok_or(WebError::NotFound)?;
            let mail = preview_of_confirmation(&console.state, &webcast, session, &console.who);
            self.mail = Some(MailPreview::from(mail));
            self.button = Some(format!(
                "Import {}, and tell those who are registered by it",
                people(count)
            ));
        } else {
            self.button = Some(format!("Import {}", people(count)));
        }
        Ok(self)
    }

    async fn of_attendance(mut self, conn: &mut Conn, plan: &ImportPlan, table: &Table) -> Result<Self, WebError> {
        let (matched, bad) = plan.attendance(conn, table).await?;
        let found = matched.found.len();
        self.sums = vec![
            format!("Registered, and there: {}.", people(found)),
            format!(
                "In the report, and nobody that we know of by address or name: {}.",
                people(matched.unmatched.len())
            ),
        ];
        if matched.hosts > 0 {
            self.sums
                .push(format!("Held it, and not counted: {}.", people(matched.hosts)));
        }
        self.more_unmatched = more(matched.unmatched.len());
        let in_words = matched
            .unmatched
            .iter()
            .map(|one| match (&one.email, one.name.is_empty()) {
                (Some(email), true) => email.to_string(),
                (Some(email), false) => format!("{} ({email})", one.name),
                (None, _) => one.name.clone(),
            });
        self.unmatched = in_words.take(SHOWN).collect();
        self.note_bad(&bad);
        if found + matched.unmatched.len() > 0 {
            self.button = Some(format!("Note the attendance of {}", people(found)));
        }
        Ok(self)
    }

    fn note_bad(&mut self, bad: &[BadRow]) {
        self.more_bad = more(bad.len());
        self.bad = bad
            .iter()
            .take(SHOWN)
            .map(|one| (one.line, one.reason.clone()))
            .collect();
    }
}

fn sums(found: &PeoplePreview, is_registration: bool) -> Vec<String> {
    let mut sums = vec![format!("New: {}.", people(found.new))];
    let known = if is_registration {
        "What is known of them stays; they are registered if they are not yet."
    } else {
        "What is known of them stays; what is not known yet is filled in."
    };
    sums.push(format!("Known: {}. {known}", people(found.known)));
    if found.erased > 0 {
        sums.push(format!("Erased once, and not put in again: {}.", people(found.erased)));
    }
    if !found.bad.is_empty() {
        sums.push(format!("Not taken: {}.", rows(found.bad.len())));
    }
    sums
}

/// `POST /organizer/people/import/{id}/start`
pub(super) async fn start(console: Console, raw: Path<String>) -> Answer {
    let (row, path) = find(&console, &raw).await?;
    let lacks = ImportPlan::read(&mut console.state.db.read().await?, &row)
        .await?
        .lacks();
    if lacks.is_some() {
        return Ok(see_other(&path));
    }
    let now = console.state.clock.now();
    let write = console.state.db.write(move |tx| {
        let row = row.clone();
        Box::pin(async move { imports::begin(tx, &row, now).await })
    });
    write.await?;
    Ok(see_other(&path))
}
