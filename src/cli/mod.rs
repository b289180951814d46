//! The command line: one file per command. Results go to stdout, everything else to stderr; the exit code
//! is 0 when it is done, 1 when it failed, 2 when it was asked wrongly.

mod backup;
mod completions;
mod config;
mod demo;
mod doctor;
mod erase;
mod export;
mod log;
mod migrate;
mod organizer;
mod outbox;
mod password;
mod restore;
mod serve;
mod settings;
mod webcast;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{FromArgMatches, Parser, Subcommand};

use crate::config::{Config, ConfigError, DatabaseUrl, Settings};
use crate::db::Db;
use crate::db::inspect::{self, Inspected};

/// Free webcasts, gated whitepapers and a partnership alignment self-assessment, self-hosted in one binary.
#[derive(Parser)]
#[command(
    name = "commonground",
    version,
    subcommand_required = false,
    after_help = "Without a command, `serve` is run.\n\nExample:\n  commonground serve --public-url https://events.example.org"
)]
struct Cli {
    /// Settings file [default: commonground.toml, where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    Migrate(migrate::Migrate),
    Organizer(organizer::Organizers),
    Webcast(webcast::Webcasts),
    Export(export::Exports),
    Erase(erase::EraseCommand),
    Outbox(outbox::Outbox),
    Doctor(doctor::Doctor),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Config(config::ShowConfig),
    Completions(completions::Completions),
    Man(completions::Man),
}

/// Why a command did not do what it was asked to.
enum Failure {
    /// Asked wrongly.
    Usage(String),
    /// Tried, and failed; the words may be empty where all was said.
    Failed(anyhow::Error),
    /// Nobody reads on: no fault at all.
    Unread,
}

type CommandOutcome = Result<(), Failure>;

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        let unread = |e: &io::Error| e.kind() == io::ErrorKind::BrokenPipe;
        if error.downcast_ref::<io::Error>().is_some_and(unread) {
            return Self::Unread;
        }
        match error.downcast::<ConfigError>() {
            Ok(problems) => Self::Usage(problems.to_string()),
            Err(error) => Self::Failed(error),
        }
    }
}

/// Runs the command line and says how it went.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let failure = match run(arguments) {
        Ok(code) => return code,
        Err(failure) => failure,
    };
    match failure {
        Failure::Unread => ExitCode::SUCCESS,
        Failure::Usage(problem) => {
            complain(&problem);
            ExitCode::from(2)
        }
        Failure::Failed(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Where stderr is closed, nobody can be told.
fn complain(problem: &str) {
    for line in problem.lines() {
        let _told = writeln!(io::stderr(), "commonground: {line}");
    }
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<ExitCode, Failure> {
    let matches = match settings::command::<Cli>().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version are answers; where nobody reads them, nothing is lost.
            let _told = error.print();
            return Ok(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)));
        }
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|error| Failure::Usage(error.to_string()))?;
    let settings = Settings::gather(cli.config.as_deref(), environment(), &settings::flags(&matches))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let command = cli.command.unwrap_or(Command::Serve(serve::Serve {}));
    runtime.block_on(dispatch(command, settings))?;
    io::stdout().flush()?;
    Ok(ExitCode::SUCCESS)
}

/// What cannot be read as text is no setting of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

async fn dispatch(command: Command, settings: Settings) -> CommandOutcome {
    match command {
        Command::Config(command) => command.run(&settings),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
        Command::Doctor(command) => command.run(&settings).await,
        Command::Demo(command) => command.run(settings).await,
        Command::Serve(command) => command.run(ready(&settings, log::Talk::Much)?).await,
        other => {
            let config = ready(&settings, log::Talk::Little)?;
            match other {
                Command::Migrate(command) => command.run(&config).await,
                Command::Organizer(command) => command.run(&config).await,
                Command::Webcast(command) => command.run(&config).await,
                Command::Export(command) => command.run(&config).await,
                Command::Erase(command) => command.run(&config).await,
                Command::Outbox(command) => command.run(&config).await,
                Command::Backup(command) => command.run(&config).await,
                Command::Restore(command) => command.run(&config).await,
                Command::Config(_)
                | Command::Completions(_)
                | Command::Man(_)
                | Command::Doctor(_)
                | Command::Demo(_)
                | Command::Serve(_) => Ok(()),
            }
        }
    }
}

/// Checks the settings and starts the log.
fn ready(settings: &Settings, talk: log::Talk) -> Result<Config, Failure> {
    let config = settings.parse()?;
    log::start(&config, settings, talk)?;
    for warning in settings.warnings() {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

/// The database for a command that looks at what is there: a wrong path must not leave a new file behind.
async fn open_existing(config: &Config) -> Result<Db, Failure> {
    if let DatabaseUrl::Sqlite(path) = &config.database_url
        && !path.exists()
    {
        return Err(Failure::Failed(anyhow::anyhow!(
            "the database {} is not there yet. `commonground serve` makes it; or set database_url to the right file",
            path.display()
        )));
    }
    open_as_it_is(config).await
}

/// The database that a short command works on; made where there is none. One of an older version is left alone:
/// that version may be serving it.
async fn open_as_it_is(config: &Config) -> Result<Db, Failure> {
    if let Inspected::Behind(_) = inspect::inspect(&config.database_url).await? {
        return Err(Failure::Failed(anyhow::anyhow!(
            "the database was made by an older version of commonground. Bring it up to date with `commonground migrate`, or start `commonground serve` of this version"
        )));
    }
    open(config).await
}

/// The database, brought to this version.
async fn open(config: &Config) -> Result<Db, Failure> {
    Ok(Db::open(&config.database_url).await?)
}

/// A line of result.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write;
        writeln!(std::io::stdout(), $($words)*)
    }};
}
use say;

/// A line beside the result.
macro_rules! note {
    ($($words:tt)*) => {{
        use std::io::Write;
        writeln!(std::io::stderr(), $($words)*)
    }};
}
use note;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_every_command_shows_an_example() {
        let mut command = settings::command::<Cli>();
        command.build();
        command.clone().debug_assert();
        check_examples(&command);
    }

    fn check_examples(command: &clap::Command) {
        let help = command.clone().render_long_help().to_string();
        assert!(
            help.contains("Example"),
            "{} shows no example:\n{help}",
            command.get_name()
        );
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            check_examples(sub);
        }
    }

    #[test]
    fn settings_are_flags_before_and_after_the_command() {
        for arguments in [
            ["commonground", "--listen", "127.0.0.1:1", "migrate"],
            ["commonground", "migrate", "--listen", "127.0.0.1:1"],
        ] {
            let matches = settings::command::<Cli>().try_get_matches_from(arguments).unwrap();
            let flags = settings::flags(&matches);
            assert_eq!(flags.get("listen").map(String::as_str), Some("127.0.0.1:1"));
        }
        assert!(
            Cli::command()
                .try_get_matches_from(["commonground", "--listen", "x"])
                .is_err()
        );
    }
}
