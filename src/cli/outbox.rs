//! `outbox`: the mail that is owed.

use anyhow::anyhow;
use clap::{ArgGroup, Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{CommandOutcome, Failure, note, open_existing, say};
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::mail::outbox::{self, Filter, MailAct, MailState, OutboxRow};
use crate::schedule;
use crate::values::EmailAddress;

/// Rows that are read at once.
const PAGE: i64 = 500;

/// Look at the mail that is owed, try it again, or stop it
#[derive(Args)]
#[command(after_help = "Example:\n  commonground outbox list --state failed")]
pub(super) struct Outbox {
    #[command(subcommand)]
    command: OutboxCommand,
}

#[derive(Subcommand)]
enum OutboxCommand {
    List(List),
    Show(ShowMail),
    Retry(Retry),
    Cancel(Cancel),
}

/// Which mails
#[derive(Args)]
struct Which {
    /// queued, sending, sent, failed, unknown, skipped, cancelled or held
    #[arg(long)]
    state: Option<MailState>,
    /// Only mails to this address
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    to: Option<EmailAddress>,
    /// Only mails of this kind: the first part of a mail's name
    #[arg(long)]
    kind: Option<String>,
    /// Only mails put in since then: 2026-11-20, or 2026-11-20T15:00:00Z
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Timestamp>,
    /// Only mails whose last reply holds these words
    #[arg(long, value_name = "WORDS")]
    reply: Option<String>,
}

/// List mails, newest first, as tab-separated columns: name, state, recipient, attempts, queued at, last reply
#[derive(Args)]
#[command(after_help = "Example:\n  commonground outbox list --state failed")]
struct List {
    #[command(flatten)]
    which: Which,
    /// At most so many
    #[arg(long, default_value_t = 100, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// Show one mail
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground outbox show NAME      (the name is the first column of `outbox list`)"
)]
struct ShowMail {
    /// The mail's name, as `outbox list` prints it
    name: String,
}

/// Try mails again now, from the beginning
#[derive(Args)]
#[command(after_help = "Examples:
  commonground outbox retry NAME                                      (names are the first column of `outbox list`)
  commonground outbox retry --since 2026-11-20 --reply \"relay access\"   (failed mails, unless --state says others)
  commonground outbox retry --held                                    (after a restore)")]
#[command(group = ArgGroup::new("what").multiple(true).required(true)
    .args(["names", "held", "state", "to", "kind", "since", "reply"]))]
struct Retry {
    /// Names, as `outbox list` prints them
    #[arg(value_name = "NAME", conflicts_with_all = ["held", "state", "to", "kind", "since", "reply"])]
    names: Vec<String>,
    /// All mails that are held
    #[arg(long, conflicts_with_all = ["state", "to", "kind", "since", "reply"])]
    held: bool,
    #[command(flatten)]
    which: Which,
}

/// Stop mails that have not gone
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground outbox cancel NAME      (the name is the first column of `outbox list`)"
)]
struct Cancel {
    /// Names, as `outbox list` prints them
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

impl Outbox {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let db = open_existing(config).await?;
        let outcome = match self.command {
            OutboxCommand::List(command) => command.run(&db).await,
            OutboxCommand::Show(command) => command.run(&db).await,
            OutboxCommand::Retry(command) => command.run(&db).await,
            OutboxCommand::Cancel(command) => each(&db, command.names, MailAct::Cancel).await,
        };
        db.close().await;
        outcome
    }
}

impl List {
    async fn run(self, db: &Db) -> CommandOutcome {
        let mut filter = self.which.filter();
        let mut left = usize::try_from(self.limit).unwrap_or(usize::MAX);
        while left > 0 {
            let page = PAGE.min(i64::try_from(left).unwrap_or(PAGE));
            let rows = outbox::list(&mut db.read().await?, &filter, page).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            filter.after = Some(last.key.clone());
            for row in &rows {
                print_line(row)?;
            }
            left -= rows.len();
        }
        note!("There may be more; give a higher --limit.")?;
        Ok(())
    }
}

impl Which {
    fn filter(self) -> Filter {
        Filter {
            state: self.state,
            recipient: self.to,
            kind: self.kind,
            since: self.since,
            reply: self.reply,
            after: None,
        }
    }
}

fn address(raw: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(raw).map_err(|problem| problem.to_string())
}

/// A day begins at midnight, UTC.
fn since(raw: &str) -> Result<Timestamp, String> {
    let day = || raw.parse::<Date>().ok()?.to_zoned_datetime(TimeZone::UTC).ok();
    let time = raw.parse().ok().or_else(|| day().map(|day| day.timestamp()));
    time.ok_or_else(|| "expected a day like 2026-11-20, or a time like 2026-11-20T15:00:00Z".to_owned())
}

fn print_line(row: &OutboxRow) -> CommandOutcome {
    let queued = row.created_at()?;
    let (key, state, to, attempts, reply) = (&row.key, row.state, &row.recipient, row.attempts, row.reply());
    say!("{key}\t{state}\t{to}\t{attempts}\t{queued:.0}\t{reply}")?;
    Ok(())
}

impl ShowMail {
    async fn run(self, db: &Db) -> CommandOutcome {
        let row = outbox::find(&mut db.read().await?, &self.name).await?;
        let row = row.ok_or_else(|| unknown(&self.name))?;
        let (next, ended) = (row.next_at()?, row.ended_at()?);
        say!("name       {}", row.key)?;
        say!("kind       {}", row.kind)?;
        say!("recipient  {}", row.recipient)?;
        say!("state      {}", row.state)?;
        say!("attempts   {}", row.attempts)?;
        if row.ambiguous > 0 {
            say!("           {} of them may have arrived", row.ambiguous)?;
        }
        say!("queued     {:.0}", row.created_at()?)?;
        if row.state == MailState::Queued {
            say!("next try   {next:.0}")?;
        }
        if let Some(deadline) = row.deadline()? {
            say!("given up   {deadline:.0}, at the latest")?;
        }
        if let Some(ended) = ended {
            say!("ended      {ended:.0}")?;
        }
        say!("reply      {}", row.reply())?;
        Ok(())
    }
}

impl Retry {
    async fn run(self, db: &Db) -> CommandOutcome {
        if self.held {
            return release(db).await;
        }
        if !self.names.is_empty() {
            return each(db, self.names, MailAct::Retry).await;
        }
        let mut filter = self.which.filter();
        filter.state = filter.state.or(Some(MailState::Failed));
        // All names first: a mail that is put back leaves the list.
        let names = names(db, filter).await?;
        if names.is_empty() {
            note!("There is no such mail.")?;
        }
        each(db, names, MailAct::Retry).await
    }
}

async fn names(db: &Db, mut filter: Filter) -> Result<Vec<String>, DbError> {
    let mut names = Vec::new();
    loop {
        let rows = outbox::list(&mut db.read().await?, &filter, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(names) };
        filter.after = Some(last.key.clone());
        names.extend(rows.into_iter().map(|row| row.key));
    }
}

async fn release(db: &Db) -> CommandOutcome {
    let now = Clock::system().now();
    let released = db
        .write(move |tx| {
            Box::pin(async move {
                schedule::store::release_held(tx, now).await?;
                outbox::release_held(tx, Actor::CommandLine, now).await
            })
        })
        .await?;
    say!("Mails released: {released}")?;
    Ok(())
}

/// All of them, and at the end whether one could not be changed.
async fn each(db: &Db, names: Vec<String>, what: MailAct) -> CommandOutcome {
    let now = Clock::system().now();
    let mut refused = 0;
    for name in names {
        if change(db, name.clone(), what, now).await? {
            let done = match what {
                MailAct::Retry => "waits to be sent",
                MailAct::Cancel => "is cancelled",
            };
            say!("{name} {done}")?;
        } else {
            refused += 1;
            let Some(row) = outbox::find(&mut db.read().await?, &name).await? else {
                return Err(unknown(&name));
            };
            note!("commonground: {name} was not changed: it is {}", row.state)?;
        }
    }
    if refused > 0 {
        return Err(Failure::Failed(anyhow!("not changed: {refused}")));
    }
    Ok(())
}

async fn change(db: &Db, name: String, what: MailAct, now: Timestamp) -> Result<bool, DbError> {
    db.write(move |tx| {
        let name = name.clone();
        Box::pin(async move { outbox::act(tx, what, &name, Actor::CommandLine, now).await })
    })
    .await
}

fn unknown(name: &str) -> Failure {
    Failure::Failed(anyhow!(
        "there is no mail of the name {name}. `commonground outbox list` prints the names"
    ))
}
