//! `organizer`: accounts, from where the server runs.

use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, Subcommand, ValueEnum};
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::{CommandOutcome, Failure, note, open_as_it_is, open_existing, password, say};
use crate::audit::{self, Actor, Entry};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError, Tx};
use crate::organizers::password::{Hasher, Password};
use crate::organizers::store::{self, AccountChange, NewOrganizer};
use crate::organizers::{self, Organizer};
use crate::values::{EmailAddress, Label};

/// List, make, change and remove accounts, set passwords, get a set-up link
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer list")]
pub(super) struct Organizers {
    #[command(subcommand)]
    command: OrganizerCommand,
}

#[derive(Subcommand)]
enum OrganizerCommand {
    List(ListAccounts),
    Add(Add),
    SetRole(SetRole),
    Remove(Remove),
    ResetPassword(ResetPassword),
    Unlock(Unlock),
    SetupLink(SetupLink),
}

/// Print all accounts: address, role and name, separated by tabs
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer list")]
struct ListAccounts {}

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
    /// What the account may do [default: owner for the first one, then editor]
    #[arg(long, value_enum)]
    role: Option<RoleArgument>,
    /// Read the password from stdin, one line
    #[arg(long)]
    password_stdin: bool,
}

/// Give an account another role and end its sign-ins
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer set-role --email olga@example.org --role viewer")]
struct SetRole {
    /// Address of the account
    #[arg(long)]
    email: String,
    /// What the account may do
    #[arg(long, value_enum)]
    role: RoleArgument,
}

/// Remove an account and end its sign-ins
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer remove --email olga@example.org")]
struct Remove {
    /// Address of the account
    #[arg(long)]
    email: String,
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
            OrganizerCommand::List(command) => command.run(config).await,
            OrganizerCommand::Add(command) => command.run(config).await,
            OrganizerCommand::SetRole(command) => command.run(config).await,
            OrganizerCommand::Remove(command) => command.run(config).await,
            OrganizerCommand::ResetPassword(command) => command.run(config).await,
            OrganizerCommand::Unlock(command) => command.run(config).await,
            OrganizerCommand::SetupLink(command) => command.run(config).await,
        }
    }
}

impl ListAccounts {
    async fn run(self, config: &Config) -> CommandOutcome {
        let db = open_existing(config).await?;
        let accounts = store::list(&mut db.read().await?).await?;
        db.close().await;
        for account in &accounts {
            say!(
                "{}\t{}\t{}",
                account.email,
                account.role.as_str(),
                account.name.as_str()
            )?;
        }
        if accounts.is_empty() {
            note!(
                "There is no account yet. `commonground organizer setup-link` prints a link that makes the owner's."
            )?;
        }
        Ok(())
    }
}

impl Add {
    async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        let name = Label::parse(&self.name).map_err(|problem| Failure::Usage(format!("--name: {problem}")))?;
        let db = open_as_it_is(config).await?;
        let has_owner = store::has_owner(&mut db.read().await?).await?;
        let role = self.role.map(organizers::Role::from);
        // Nobody but an owner could let others in.
        if !has_owner && role.is_some_and(|role| role != organizers::Role::Owner) {
            return Err(Failure::Failed(anyhow!(
                "there is no owner yet, and somebody must be. Make the owner's account first: --role owner"
            )));
        }
        let usual = if has_owner {
            organizers::Role::Editor
        } else {
            organizers::Role::Owner
        };
        let password_hash = new_password(self.password_stdin, &[email.as_str(), name.as_str()]).await?;
        let new = NewOrganizer {
            email,
            name,
            role: role.unwrap_or(usual),
            password_hash,
        };
        let made = add(&db, new).await?;
        db.close().await;
        say!(
            "{} is {} and can sign in at {}",
            made.email,
            in_words(made.role),
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

impl SetRole {
    async fn run(self, config: &Config) -> CommandOutcome {
        let (email, role) = (address(&self.email)?, organizers::Role::from(self.role));
        let detail = format!("role {}", role.as_str());
        let job: AccountJob = Box::new(move |tx, organizer, _| Box::pin(store::set_role(tx, organizer, role)));
        change(config, &email, "organizer.set-role", detail, job).await?;
        say!(
            "{email} is {} now; all sign-ins of the account have ended",
            in_words(role)
        )?;
        Ok(())
    }
}

impl Remove {
    async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        let job: AccountJob = Box::new(|tx, organizer, _| Box::pin(store::remove(tx, organizer)));
        change(config, &email, "organizer.remove", String::new(), job).await?;
        say!("{email} has no account any more")?;
        Ok(())
    }
}

/// A change of the account in this row.
type AccountJob =
    Box<dyn for<'t> Fn(&'t mut Tx, i64, Timestamp) -> BoxFuture<'t, Result<AccountChange, DbError>> + Send + Sync>;

/// Changes the account of an address, with its line in the audit log, in one transaction.
async fn change(
    config: &Config,
    email: &EmailAddress,
    action: &'static str,
    detail: String,
    job: AccountJob,
) -> CommandOutcome {
    let db = open_as_it_is(config).await?;
    let organizer = account_of(&db, email).await?;
    let (now, job) = (Clock::system().now(), Arc::new(job));
    let changed = db
        .write(move |tx| {
            let (organizer, detail, job) = (organizer.clone(), detail.clone(), Arc::clone(&job));
            Box::pin(async move {
                let changed = job(tx, organizer.id, now).await?;
                if changed == AccountChange::Done {
                    audit::record(tx, &entry(action, &organizer, detail), now).await?;
                }
                Ok(changed)
            })
        })
        .await?;
    db.close().await;
    done(changed, email)
}

fn done(changed: AccountChange, email: &EmailAddress) -> CommandOutcome {
    match changed {
        AccountChange::Done => Ok(()),
        AccountChange::LastOwner => Err(Failure::Failed(anyhow!(
            "{email} is the only owner, and somebody must be. Make another one first with `commonground organizer set-role`"
        ))),
        AccountChange::Unknown => Err(Failure::Failed(anyhow!("{email} has no account any more"))),
    }
}

fn in_words(role: organizers::Role) -> &'static str {
    match role {
        organizers::Role::Owner => "an owner",
        organizers::Role::Editor => "an editor",
        organizers::Role::Viewer => "a viewer",
    }
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
        db.close().await;
        let hash = new_password(self.password_stdin, &[email.as_str(), organizer.name.as_str()]).await?;
        let job: AccountJob = Box::new(move |tx, organizer, _| {
            let hash = hash.clone();
            Box::pin(async move {
                store::set_password(tx, organizer, &hash).await?;
                Ok(AccountChange::Done)
            })
        });
        change(config, &email, "organizer.reset-password", String::new(), job).await?;
        say!("{email} has a new password; all sign-ins have ended")?;
        Ok(())
    }
}

impl Unlock {
    async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        let job: AccountJob = Box::new(|tx, organizer, now| {
            Box::pin(async move {
                store::unlock(tx, organizer, now).await?;
                Ok(AccountChange::Done)
            })
        });
        change(config, &email, "organizer.unlock", String::new(), job).await?;
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
