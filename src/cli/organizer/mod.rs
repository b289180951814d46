//! `organizer`: accounts, from where the server runs.

mod changes;
mod entering;

use clap::{Args, Subcommand, ValueEnum};

use super::{CommandOutcome, Failure, password};
use crate::audit::{Actor, Entry};
use crate::config::Config;
use crate::organizers::password::{Hasher, Password};
use crate::organizers::{self, Organizer};
use crate::values::EmailAddress;

/// List, invite, make, change and remove accounts, set passwords, get a set-up link
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
    Invite(Invite),
    SetRole(SetRole),
    EndSignIns(EndSignIns),
    Disable(Disable),
    Enable(Enable),
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

/// Print a link with which somebody makes their account, and mail it where mail goes; it works once, for a week
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer invite --email ben@example.org --role editor")]
struct Invite {
    /// Who is invited
    #[arg(long)]
    email: String,
    /// What the account may do
    #[arg(long, value_enum, default_value = "editor")]
    role: RoleArgument,
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

/// End all sign-ins of an account
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer end-sign-ins --email olga@example.org")]
struct EndSignIns {
    /// Address of the account
    #[arg(long)]
    email: String,
}

/// Let nobody sign in with an account, and end its sign-ins; what it did stays under its name
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer disable --email olga@example.org")]
struct Disable {
    /// Address of the account
    #[arg(long)]
    email: String,
}

/// Open an account again that was disabled
#[derive(Args)]
#[command(after_help = "Example:\n  commonground organizer enable --email olga@example.org")]
struct Enable {
    /// Address of the account
    #[arg(long)]
    email: String,
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
    /// Switch the second factor off too: its device is lost, and so are the recovery codes
    #[arg(long)]
    totp_off: bool,
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
            OrganizerCommand::Invite(command) => command.run(config).await,
            OrganizerCommand::SetRole(command) => command.run(config).await,
            OrganizerCommand::EndSignIns(command) => command.run(config).await,
            OrganizerCommand::Disable(command) => command.run(config).await,
            OrganizerCommand::Enable(command) => command.run(config).await,
            OrganizerCommand::Remove(command) => command.run(config).await,
            OrganizerCommand::ResetPassword(command) => command.run(config).await,
            OrganizerCommand::Unlock(command) => command.run(config).await,
            OrganizerCommand::SetupLink(command) => command.run(config).await,
        }
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

fn address(raw: &str) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(raw).map_err(|problem| Failure::Usage(format!("--email: {problem}")))
}

async fn new_password(from_stdin: bool, about: &[&str]) -> Result<String, Failure> {
    let typed = password::read(from_stdin)?;
    let password = Password::parse(&typed, about).map_err(|problem| Failure::Usage(problem.to_string()))?;
    Ok(Hasher::default().hash(password).await?)
}
