//! `commonground demo`: everything on one machine, with a mail catcher instead of a relay.

use std::path::{Path, PathBuf};

use super::start::{Start, StartError, announce};
use super::stop_signal::StopSignal;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Settings, Source};
use crate::db::{Db, DbError};
use crate::mail::catcher::Catcher;
use crate::organizers::Role;
use crate::organizers::password::{HashError, Hasher, Password};
use crate::organizers::store::{self, NewOrganizer};
use crate::values::{EmailAddress, Label, Problem, SecretToken};

const ORGANIZER: &str = "organizer@example.org";

/// Why the demo did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// No directory or no port.
    #[error("the demo needs a directory and a port of its own: {0}")]
    Io(#[from] std::io::Error),
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// As `serve`.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error("the database fails: {0}")]
    Db(#[from] DbError),
    /// The organizer's account.
    #[error(transparent)]
    Organizer(#[from] Problem),
    /// The organizer's password.
    #[error(transparent)]
    Password(#[from] HashError),
}

/// Serves sample content from `data_dir`, or from a temporary directory that is gone afterwards.
///
/// # Errors
/// Where settings, files, ports or the database are not as they should be.
pub async fn demo(settings: Settings, data_dir: Option<PathBuf>) -> Result<(), DemoError> {
    let stop = StopSignal::listen()?;
    let temporary = tempfile::tempdir()?;
    let directory = data_dir.unwrap_or_else(|| temporary.path().to_owned());
    let clock = Clock::system();
    let catcher = Catcher::start(clock).await?;
    let config = demo_config(settings, &directory, &catcher.url())?;
    let start = Start {
        caught: Some(catcher.caught()),
        with_samples: true,
        ..Start::new(config)
    };
    let running = start.run().await?;
    let password = fresh_organizer(&running.state.db).await?;
    announce(&running);
    let link = |path: &str| running.state.config.public_url.link(path);
    eprintln!("Common Ground demo");
    eprintln!("  Visitors    {}", link("/"));
    eprintln!("  Mail        {}", link("/demo/mail"));
    eprintln!("  Organizers  {}", link("/organizer"));
    eprintln!("              sign in as {ORGANIZER} with the password {password}");
    stop.heard().await;
    running.stop().await;
    Ok(())
}

fn demo_config(mut settings: Settings, directory: &Path, smtp_url: &str) -> Result<Config, DemoError> {
    let database = format!("sqlite://{}", directory.join("commonground.db").display());
    settings.set("database_url", database, Source::Flag);
    settings.set("smtp_url", smtp_url.to_owned(), Source::Flag);
    settings.set_default("mail_from", "Common Ground <events@example.org>");
    // Whoever only moves the demo to another port means its links too.
    if let Some(port) = settings.parse().ok().and_then(|config| config.listen.port()) {
        settings.set_default("public_url", &format!("http://localhost:{port}"));
    }
    Ok(settings.parse()?)
}

/// An owner with a password that is new at each start.
async fn fresh_organizer(db: &Db) -> Result<String, DemoError> {
    let password: String = SecretToken::random().reveal().chars().take(20).collect();
    let password_hash = Hasher::default().hash(Password::parse(&password, &[])?).await?;
    let email = EmailAddress::parse(ORGANIZER)?;
    let new = NewOrganizer {
        email: email.clone(),
        name: Label::parse("Demo organizer")?,
        role: Role::Owner,
        password_hash: password_hash.clone(),
    };
    let now = Clock::system().now();
    db.write(move |tx| {
        let (new, email, hash) = (new.clone(), email.clone(), password_hash.clone());
        Box::pin(async move {
            if store::create(tx, &new, now).await?.is_none()
                && let Some(account) = store::find(tx, &email).await?
            {
                store::set_password(tx, account.organizer.id, &hash).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(password)
}
