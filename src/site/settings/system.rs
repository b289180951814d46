//! `/organizer/settings/system`: is everything as it should be, how large it is, what waits, the last backup, and what is set
//! outside.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;

use crate::config::ShownSetting;
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry, words};
use crate::db::copy::kept;
use crate::db::size;
use crate::doctor::{self, Finding, Severity, backup};
use crate::framed;
use crate::mail::outbox::{self, MailState};
use crate::web::layout::{Badge, Layout, Tone, When};
use crate::web::{Answer, page as shown, see_other};

const PATH: &str = "/organizer/settings/system";
/// Whoever looks at the page waits no longer for what is asked over the network.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the last act did.
const DONE: [(&str, &str); 1] = [("backup", "A backup is being made. It stands below once it is whole.")];

#[derive(Template)]
#[template(path = "console/settings/system.html")]
struct SystemPage {
    layout: Layout,
    frame: ConsoleFrame,
    version: &'static str,
    database: String,
    /// "12 MB", "1.2 MB more than a day ago".
    size: String,
    growth: Option<String>,
    /// "31 mails wait", and since when the oldest could have gone.
    waiting: String,
    oldest: Option<When>,
    backup: BackupShown,
    findings: Vec<FindingShown>,
    settings: Vec<ShownSetting>,
}

framed!(SystemPage);

struct FindingShown {
    state: Badge,
    about: &'static str,
    words: Vec<FindingPart>,
}

/// Words, or what is typed into a terminal.
struct FindingPart {
    is_code: bool,
    text: String,
}

impl From<Finding> for FindingShown {
    fn from(finding: Finding) -> Self {
        let (word, tone) = match finding.severity {
            Severity::Good => ("fine", Tone::Good),
            Severity::Warning => ("look", Tone::Warn),
            Severity::Fault => ("fault", Tone::Wrong),
        };
        Self {
            state: Badge {
                tone,
                word: word.to_owned(),
            },
            about: finding.about,
            words: parts(&finding.words),
        }
    }
}

/// Code stands between backticks.
fn parts(words: &str) -> Vec<FindingPart> {
    let parts = words.split('`').enumerate();
    parts
        .map(|(place, text)| FindingPart {
            is_code: place % 2 == 1,
            text: text.to_owned(),
        })
        .collect()
}

struct BackupShown {
    /// Where they go; `None`: nobody has said.
    directory: Option<String>,
    last: Option<(String, When)>,
    is_going: bool,
    problem: Option<String>,
}

/// `GET /organizer/settings/system`
pub(super) async fn page(console: Console, done: Query<Done>) -> Answer {
    let state = &console.state;
    let now = state.clock.now();
    let findings = doctor::around(&state.config, Some(&state.links.installation()), now, PATIENCE).await;
    let conn = &mut state.db.read().await?;
    let size = size::find(conn, now).await?;
    let waiting = outbox::count_in(&outbox::counts(conn).await?, MailState::Queued);
    let oldest = outbox::waiting_since(conn).await?;
    let (layout, frame) = console.page(MenuEntry::Settings, "System");
    let page = SystemPage {
        layout,
        frame: frame.with(done.said(&DONE)),
        version: env!("CARGO_PKG_VERSION"),
        database: if conn.is_sqlite() { "SQLite" } else { "PostgreSQL" }.to_owned(),
        size: words::bytes(size.bytes),
        growth: size.grown.map(|grown| match grown {
            0 => "as much as a day ago".to_owned(),
            more if more > 0 => format!("{} more than a day ago", words::bytes(more)),
            less => format!("{} less than a day ago", words::bytes(-less)),
        }),
        waiting: match waiting {
            0 => "No mail waits".to_owned(),
            1 => "1 mail waits".to_owned(),
            more => format!("{} mails wait", words::count(more)),
        },
        oldest: oldest.map(|at| console.moment(at)),
        backup: BackupShown::read(&console, backup::standing(conn).await?),
        findings: findings.into_iter().map(FindingShown::from).collect(),
        settings: state.config.shown.to_vec(),
    };
    shown(StatusCode::OK, &page)
}

impl BackupShown {
    fn read(console: &Console, standing: backup::BackupStanding) -> Self {
        let directory = console.state.config.backup_dir.as_deref();
        // One that cannot be read is among the findings.
        let newest = directory.and_then(|directory| kept::newest(directory).ok()).flatten();
        Self {
            directory: directory.map(|directory| directory.display().to_string()),
            last: newest.map(|(path, at)| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (name, console.moment(at))
            }),
            is_going: standing.is_going,
            problem: standing.problem,
        }
    }
}

/// `POST /organizer/settings/system/backup`
pub(super) async fn make_backup(console: Console) -> Answer {
    if console.state.config.backup_dir.is_none() {
        return Ok(see_other(PATH));
    }
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let who = who.clone();
        Box::pin(async move { backup::ask(tx, &who, now).await })
    });
    write.await?;
    console.state.bell.ring();
    Ok(see_other(&format!("{PATH}?done=backup")))
}
