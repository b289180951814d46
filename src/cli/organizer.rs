//! `organizer`: accounts, from where the server runs.

use anyhow::anyhow;
use clap::{Args, Subcommand, ValueEnum};

use super::{CommandOutcome, Failure, open_as_it_is, password, say};
use crate::audit::{self, Actor, Entry};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::organizers::password::{Hasher, Password};
use crate::organizers::store::{self, NewOrganizer};
use crate::organizers::{self, Organizer};
use crate::values::{EmailAddress, Label};

/// Make accounts, set passwords, get a set-up link
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer setup-link")]
pub(super) struct Organizers {
    #[command(subcommand)]
    command: OrganizerCommand,
}

#[derive(Subcommand)]
enum OrganizerCommand {
    Add(Add),
    ResetPassword(ResetPassword),
    Unlock(Unlock),
    SetupLink(SetupLink),
}

/// Make an account; asks for the password
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground organizer add --email olga@example.org --name \"Olga Example\" --role owner"
)]
struct Add {
    /// Address to sign in with
    #[arg(long)]
    email: String,
    /// Name, as others see it
    #[arg(long)]
    name: String,
    /// What the account may do
    #[arg(long, value_enum, default_value_t = RoleArgument::Editor)]
    role: RoleArgument,
    /// Read the password from stdin, one line
    #[arg(long)]
    password_stdin: bool,
}

/// Set a new password and end all sign-ins of the account
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer reset-password --email olga@example.org")]
struct ResetPassword {
    /// Address of the account
    #[arg(long)]
    email: String,
    /// Read the password from stdin, one line
    #[arg(long)]
    password_stdin: bool,
}

/// Let an account be tried again at once, after too many wrong passwords
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer unlock --email olga@example.org")]
struct Unlock {
    /// Address of the account
    #[arg(long)]
    email: String,
}

/// Print a new set-up link, while there is no owner; the one before it works no longer
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer setup-link --public-url https://events.example.org")]
struct SetupLink {}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArgument {
    Owner,
    Editor,
    Viewer,
}

impl From<RoleArgument> for organizers::Role {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::Owner => Self::Owner,
            RoleArgument::Editor => Self::Editor,
            RoleArgument::Viewer => Self::Viewer,
        }
    }
}

impl Organizers {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        match self.command {
            OrganizerCommand::Add(command) => command.run(config).await,
            OrganizerCommand::ResetPassword(command) => command.run(config).await,
            OrganizerCommand::Unlock(command) => command.run(config).await,
            OrganizerCommand::SetupLink(command) => command.run(config).await,
        }
    }
}

impl Add {
    async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        let name = Label::parse(&self.name).map_err(|problem| Failure::Usage(format!("--name: {problem}")))?;
        let password_hash = new_password(self.password_stdin, &[email.as_str(), name.as_str()]).await?;
        let new = NewOrganizer {
            email,
            name,
            role: self.role.into(),
            password_hash,
        };
        let db = open_as_it_is(config).await?;
        let made = add(&db, new).await?;
        db.close().await;
        say!(
            "{} can sign in at {}",
            made.email,
            config.public_url.link("/organizer/sign-in")
        )?;
        Ok(())
    }
}

async fn add(db: &Db, new: NewOrganizer) -> Result<Organizer, Failure> {
    let (email, now) = (new.email.clone(), Clock::system().now());
    let made = db
        .write(move |tx| {
            let new = new.clone();
            Box::pin(async move {
                let made = store::create(tx, &new, now).await?;
                if let Some(organizer) = &made {
                    let detail = format!("role {}", organizer.role.as_str());
                    audit::record(tx, &entry("organizer.add", organizer, detail), now).await?;
                }
                Ok(made)
            })
        })
        .await?;
    made.ok_or_else(|| {
        Failure::Failed(anyhow!(
            "{email} has an account already. Set a new password with `commonground organizer reset-password`"
        ))
    })
}

fn entry(action: &'static str, organizer: &Organizer, detail: String) -> Entry {
    Entry {
        actor: Actor::CommandLine,
        action,
        subject: organizer.public_id.to_string(),
        detail,
    }
}

impl ResetPassword {
    async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        let db = open_as_it_is(config).await?;
        let organizer = account_of(&db, &email).await?;
        let hash = new_password(self.password_stdin, &[email.as_str(), organizer.name.as_str()]).await?;
        let now = Clock::system().now();
        db.write(move |tx| {
            let (hash, organizer) = (hash.clone(), organizer.clone());
            Box::pin(async move {
                store::set_password(tx, organizer.id, &hash).await?;
                audit::record(tx, &entry("organizer.reset-password", &organizer, String::new()), now).await
            })
        })
        .await?;
        db.close().await;
        say!("{email} has a new password; all sign-ins have ended")?;
        Ok(())
    }
}

impl Unlock {
    async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        let db = open_as_it_is(config).await?;
        let organizer = account_of(&db, &email).await?;
        let now = Clock::system().now();
        db.write(move |tx| {
            let organizer = organizer.clone();
            Box::pin(async move {
                store::unlock(tx, organizer.id, now).await?;
                audit::record(tx, &entry("organizer.unlock", &organizer, String::new()), now).await
            })
        })
        .await?;
        db.close().await;
        say!("{email} can be tried again. A network that tried too often still waits, at most a quarter of an hour")?;
        Ok(())
    }
}

async fn account_of(db: &Db, email: &EmailAddress) -> Result<Organizer, Failure> {
    let account = store::find(&mut db.read().await?, email).await?;
    account.map(|account| account.organizer).ok_or_else(|| {
        Failure::Failed(anyhow!(
            "there is no account for {email}. Make one with `commonground organizer add`"
        ))
    })
}

impl SetupLink {
    async fn run(self, config: &Config) -> CommandOutcome {
        let db = open_as_it_is(config).await?;
        let path = organizers::setup::new_link(&db, Clock::system().now()).await?;
        db.close().await;
        let path = path.ok_or_else(|| {
            Failure::Failed(anyhow!(
                "there is an owner already. Make further accounts with `commonground organizer add`"
            ))
        })?;
        say!("{}", config.public_url.link(&path))?;
        Ok(())
    }
}

fn address(raw: &str) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(raw).map_err(|problem| Failure::Usage(format!("--email: {problem}")))
}

async fn new_password(from_stdin: bool, about: &[&str]) -> Result<String, Failure> {
    let typed = password::read(from_stdin)?;
    let password = Password::parse(&typed, about).map_err(|problem| Failure::Usage(problem.to_string()))?;
    Ok(Hasher::default().hash(password).await?)
}
