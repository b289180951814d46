//! `export`: the lists as files.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::{CommandOutcome, Failure, note, open_existing};
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::export::{CsvStyle, ExportError, FileFormat, FileProgress, Options, Preset, Separator, Spool};
use crate::lists::ListPlace;
use crate::lists::files::{FileWanted, make};
use crate::values::{PublicId, Slug, Zone};
use crate::web::Form;
use crate::{webcasts, whitepapers};

/// Write the attendees of a webcast, the requests for whitepapers or all people to a file
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground export attendees --webcast partnering-for-growth --output attendees.csv"
)]
pub(super) struct Exports {
    #[command(subcommand)]
    command: ExportCommand,
}

#[derive(Subcommand)]
enum ExportCommand {
    Attendees(Attendees),
    Requests(Requests),
    People(People),
}

/// One row for each registration of a webcast
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground export attendees --webcast partnering-for-growth --columns full_name,email,status"
)]
struct Attendees {
    /// The last part of the webcast's address
    #[arg(long, value_name = "SLUG")]
    webcast: String,
    /// Only this session: the last part of its address on the organizers' pages
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Also registrations that were cancelled
    #[arg(long)]
    include_cancelled: bool,
    /// Also registrations that are held back
    #[arg(long)]
    include_held: bool,
    /// Only those that were made since this moment, such as 2026-12-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    #[command(flatten)]
    form: FileForm,
}

/// One row for each person and whitepaper
#[derive(Args)]
#[command(after_help = "Example:\n  commonground export requests --output requests.csv")]
struct Requests {
    /// Only this paper: the last part of its address
    #[arg(long, value_name = "SLUG")]
    whitepaper: Option<String>,
    #[command(flatten)]
    form: FileForm,
}

/// One row for each person
#[derive(Args)]
#[command(after_help = "Example:\n  commonground export people --format xlsx --output people.xlsx")]
struct People {
    #[command(flatten)]
    form: FileForm,
}

#[derive(Args)]
struct FileForm {
    /// Kind of file
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Keys of the columns, in their order [default: all]
    #[arg(long, value_delimiter = ',', value_name = "KEYS")]
    columns: Vec<String>,
    /// A choice of columns: sales (those alone who agreed to more mail), speaker (no way to reach anybody), everything
    #[arg(long, value_enum, conflicts_with = "columns")]
    preset: Option<PresetName>,
    /// What stands between cells
    #[arg(long, value_enum, default_value_t = Between::Comma)]
    separator: Between,
    /// Values as they are, without the apostrophe that keeps a spreadsheet from running a cell as a formula
    #[arg(long)]
    raw: bool,
    /// One time zone for all date-times [default: each session's own]
    #[arg(long, value_name = "ZONE", value_parser = |raw: &str| Zone::parse(raw))]
    zone: Option<Zone>,
    /// Leave out columns that have nothing in any row
    #[arg(long)]
    leave_out_empty: bool,
    /// Where to [default: stdout]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Xlsx,
    Json,
    Jsonl,
}

#[derive(Clone, Copy, ValueEnum)]
enum PresetName {
    Everything,
    Sales,
    Speaker,
}

#[derive(Clone, Copy, ValueEnum)]
enum Between {
    Comma,
    Semicolon,
}

impl Exports {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let db = open_existing(config).await?;
        let outcome = match self.command {
            ExportCommand::Attendees(command) => command.run(&db).await,
            ExportCommand::Requests(command) => command.run(&db).await,
            ExportCommand::People(command) => command.run(&db).await,
        };
        db.close().await;
        outcome
    }
}

impl Attendees {
    async fn run(self, db: &Db) -> CommandOutcome {
        let webcast = slug("--webcast", &self.webcast)?;
        if webcasts::store::webcast_by_slug(&mut db.read().await?, &webcast)
            .await?
            .is_none()
        {
            return Err(Failure::Failed(anyhow!(
                "there is no webcast {webcast}. Its address ends with it: /webcasts/…"
            )));
        }
        let session = match &self.session {
            None => String::new(),
            Some(raw) => session(db, raw).await?.to_string(),
        };
        let ticked = |is: bool| if is { "yes" } else { "no" }.to_owned();
        let asked = [
            ("session", session),
            ("cancelled", ticked(self.include_cancelled)),
            ("held", ticked(self.include_held)),
        ];
        self.form
            .write(db, ListPlace::Attendees(webcast), asked, self.since)
            .await
    }
}

async fn session(db: &Db, raw: &str) -> Result<PublicId, Failure> {
    let unknown = || {
        Failure::Failed(anyhow!(
            "there is no session {raw}. The organizers' page of a session ends with it"
        ))
    };
    let id = PublicId::parse(raw).ok_or_else(unknown)?;
    let found = webcasts::store::session_by_public_id(&mut db.read().await?, id).await?;
    found.map(|_| id).ok_or_else(unknown)
}

impl Requests {
    async fn run(self, db: &Db) -> CommandOutcome {
        let paper = self
            .whitepaper
            .as_deref()
            .map(|raw| slug("--whitepaper", raw))
            .transpose()?;
        if let Some(paper) = &paper
            && whitepapers::store::whitepaper_by_slug(&mut db.read().await?, paper)
                .await?
                .is_none()
        {
            return Err(Failure::Failed(anyhow!(
                "there is no whitepaper {paper}. Its address ends with it: /whitepapers/…"
            )));
        }
        self.form.write(db, ListPlace::Requests(paper), [], None).await
    }
}

impl People {
    async fn run(self, db: &Db) -> CommandOutcome {
        self.form.write(db, ListPlace::People, [], None).await
    }
}

fn slug(flag: &str, raw: &str) -> Result<Slug, Failure> {
    Slug::parse(raw).map_err(|problem| Failure::Usage(format!("{flag}: {problem}")))
}

impl FileForm {
    fn options(&self) -> Options {
        let style = CsvStyle {
            separator: match self.separator {
                Between::Comma => Separator::Comma,
                Between::Semicolon => Separator::Semicolon,
            },
            raw: self.raw,
        };
        Options {
            columns: self.columns.clone(),
            format: match self.format {
                Format::Csv => FileFormat::Csv(style),
                Format::Xlsx => FileFormat::Xlsx,
                Format::Json => FileFormat::Json,
                Format::Jsonl => FileFormat::JsonLines,
            },
            zone: self.zone.clone(),
            preset: self.preset.map(|preset| match preset {
                PresetName::Everything => Preset::Everything,
                PresetName::Sales => Preset::Sales,
                PresetName::Speaker => Preset::Speaker,
            }),
            leave_out_empty: self.leave_out_empty,
            progress: io::stderr().is_terminal().then(|| FileProgress(Arc::new(tell))),
        }
    }

    async fn write<const N: usize>(
        self,
        db: &Db,
        place: ListPlace,
        asked: [(&str, String); N],
        since: Option<Timestamp>,
    ) -> CommandOutcome {
        let asked = Form::of(asked.map(|(name, value)| (name.to_owned(), value)));
        let wanted = FileWanted::read(place, &asked, self.options());
        let mut wanted = wanted.map_err(|error| Failure::Failed(anyhow!("{error}")))?;
        wanted.since = since;
        let spool = make(db, &wanted, Actor::CommandLine, Clock::system().now()).await;
        let spool = spool.map_err(|error| match error {
            ExportError::UnknownColumn { .. } => Failure::Usage(format!("--columns: {error}")),
            error => Failure::Failed(error.into()),
        })?;
        let spool = spool.ok_or_else(|| Failure::Failed(anyhow!("the list is not there any more")))?;
        let rows = spool.rows();
        match &self.output {
            None => copy(spool, io::stdout()).await?,
            Some(path) => {
                let file = create_private(path)
                    .map_err(|error| Failure::Failed(anyhow!("{} cannot be written: {error}", path.display())))?;
                copy(spool, file).await?;
            }
        }
        note!("{rows} rows")?;
        Ok(())
    }
}

/// A line that is written over, for whoever waits at a terminal.
fn tell(rows: u64, expected: u64) {
    let percent = rows.saturating_mul(100).checked_div(expected).unwrap_or(100).min(100);
    eprint!("\r{percent:>3} % {rows} rows\x1b[K");
    if rows >= expected {
        eprint!("\r\x1b[K");
    }
}

/// Names and addresses are nobody else's on this machine.
fn create_private(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(path)
}

async fn copy(mut spool: Spool, mut target: impl Write) -> io::Result<()> {
    loop {
        let piece = spool.next().await?;
        if piece.is_empty() {
            return target.flush();
        }
        target.write_all(&piece)?;
    }
}
