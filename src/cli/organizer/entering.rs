//! Who has an account, and how somebody gets one.

use anyhow::anyhow;

use super::{Add, CommandOutcome, Failure, Invite, ListAccounts, SetupLink, address, entry, in_words, new_password};
use crate::app::link_key;
use crate::audit::{self, Actor};
use crate::cli::{note, open_as_it_is, open_existing, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::organizers::accounts::{self, InviteOutcome};
use crate::organizers::store::{self, NewOrganizer};
use crate::organizers::{self, Organizer};
use crate::values::Label;

impl ListAccounts {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
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
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
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

impl Invite {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let (email, role) = (address(&self.email)?, organizers::Role::from(self.role));
        let db = open_as_it_is(config).await?;
        let links = link_key(&db, config.secret_key).await.map_err(anyhow::Error::from)?;
        let now = Clock::system().now();
        let whom = email.clone();
        let invited = db.write(move |tx| {
            let email = whom.clone();
            Box::pin(async move { accounts::invite(tx, Actor::CommandLine, (&email, role), now).await })
        });
        let invited = invited.await?;
        db.close().await;
        match invited {
            InviteOutcome::Yes(link) => say!(
                "{}",
                config.public_url.link(&organizers::invitation_path(&links, &link))
            )?,
            InviteOutcome::HasAccount => return Err(Failure::Failed(anyhow!("{email} has an account already"))),
        }
        Ok(())
    }
}

impl SetupLink {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
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
