//! `erase`: a person is erased for good; and those once more whom a restored backup has brought back.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::{ArgGroup, Args};

use super::{CommandOutcome, Failure, note, open_existing, say};
use crate::app::traces;
use crate::clock::Clock;
use crate::config::Config;
use crate::contacts::Traces;
use crate::contacts::erase::ErasedBy;
use crate::db::Db;
use crate::db::settings::secret_key;
use crate::privacy::{self, Erasing, Receipt};
use crate::values::{EmailAddress, LinkKey};

/// Erase a person and everything tied to their address
///
/// What was erased cannot be brought back. A receipt of it is printed: the time, and a fingerprint that names nobody.
#[derive(Args)]
#[command(
    group = ArgGroup::new("what").required(true),
    after_help = "Examples:\n  commonground erase --email jane.doe@example.com\n  commonground erase --list > receipts.txt\n  commonground erase --receipts receipts.txt      (after a backup was restored)"
)]
pub(super) struct EraseCommand {
    /// Whom to erase
    #[arg(long, group = "what", value_name = "ADDRESS")]
    email: Option<String>,
    /// Print the receipts of all who were erased, one a line: keep them beside the backups
    #[arg(long, group = "what")]
    list: bool,
    /// Erase those once more who are in this file of receipts and whom a restored backup has brought back
    #[arg(long, group = "what", value_name = "FILE")]
    receipts: Option<PathBuf>,
}

impl EraseCommand {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let email = self.email.as_deref().map(EmailAddress::parse).transpose();
        let email = email.map_err(|problem| Failure::Usage(format!("--email: {problem}")))?;
        let receipts = self.receipts.as_deref().map(read).transpose()?;
        let db = open_existing(config).await?;
        let outcome = match (email, receipts) {
            (Some(email), _) => erase(&db, config, &email).await,
            (None, Some(receipts)) => repeat(&db, config, &receipts).await,
            (None, None) => list(&db).await,
        };
        db.close().await;
        outcome
    }
}

/// Reads a file of receipts. Empty lines and those that begin with # say nothing.
fn read(path: &Path) -> Result<Vec<Receipt>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Failed(anyhow!("{} cannot be read: {error}", path.display())))?;
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            line.parse()
                .map_err(|problem| Failure::Usage(format!("{}, line {}: {problem}", path.display(), number + 1)))
        })
        .collect()
}

/// What signs the links of this installation, and makes its fingerprints.
async fn link_key(db: &Db, config: &Config) -> Result<LinkKey, Failure> {
    let secret = secret_key(&mut db.read().await?, config.secret_key).await?;
    let secret = secret.ok_or_else(|| {
        anyhow!(
            "there is no secret key yet. Start the program once, or set secret_key to the one your links were made with"
        )
    })?;
    Ok(LinkKey::new(secret))
}

fn erasing<'a>(db: &'a Db, links: &'a LinkKey, traces: &'a Traces) -> Erasing<'a> {
    Erasing {
        db,
        links,
        traces,
        now: Clock::system().now(),
    }
}

async fn erase(db: &Db, config: &Config, email: &EmailAddress) -> CommandOutcome {
    let (links, traces) = (link_key(db, config).await?, traces());
    let done = privacy::erase(&erasing(db, &links, &traces), &email.key(), ErasedBy::CommandLine).await?;
    match done {
        Some(done) => {
            let gone = done.gone.in_words();
            match gone.join(", ") {
                words if words.is_empty() => note!("Erased.")?,
                words => note!("Erased, with {words}.")?,
            }
            say!("{}", done.receipt)?;
        }
        None => note!("Nothing is kept of this address.")?,
    }
    Ok(())
}

async fn repeat(db: &Db, config: &Config, receipts: &[Receipt]) -> CommandOutcome {
    let (links, traces) = (link_key(db, config).await?, traces());
    let repeated = privacy::repeat(&erasing(db, &links, &traces), receipts, ErasedBy::CommandLine).await?;
    say!(
        "{} erased once more, {} not there, {} came again by themselves and stay",
        repeated.erased,
        repeated.gone,
        repeated.came_again
    )?;
    Ok(())
}

async fn list(db: &Db) -> CommandOutcome {
    for receipt in Receipt::all(db).await? {
        say!("{receipt}")?;
    }
    Ok(())
}
