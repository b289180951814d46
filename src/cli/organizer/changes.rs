//! What is done to an account that is there.

use std::sync::Arc;

use anyhow::anyhow;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::{
    CommandOutcome, Disable, Enable, EndSignIns, Failure, Remove, ResetPassword, SetRole, Unlock, address, entry,
    in_words, new_password,
};
use crate::audit::{self, Actor};
use crate::cli::{open_as_it_is, say};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError, Tx};
use crate::organizers::accounts::{self, AccountAct};
use crate::organizers::store::{self, AccountChange};
use crate::organizers::{self, Organizer};
use crate::values::EmailAddress;

impl SetRole {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let (email, role) = (address(&self.email)?, organizers::Role::from(self.role));
        change(config, &email, act(AccountAct::Role(role))).await?;
        say!(
            "{email} is {} now; all sign-ins of the account have ended",
            in_words(role)
        )?;
        Ok(())
    }
}

impl EndSignIns {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        change(config, &email, act(AccountAct::EndSignIns)).await?;
        say!("all sign-ins of {email} have ended")?;
        Ok(())
    }
}

impl Disable {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        change(config, &email, act(AccountAct::Disable)).await?;
        say!("nobody can sign in as {email} any more. `commonground organizer enable` opens the account again")?;
        Ok(())
    }
}

impl Enable {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        change(config, &email, act(AccountAct::Enable)).await?;
        say!("{email} can sign in again")?;
        Ok(())
    }
}

impl Remove {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        change(config, &email, act(AccountAct::Remove)).await?;
        say!("{email} has no account any more")?;
        Ok(())
    }
}

/// A change of this account, with its line in the audit log.
type AccountJob = Box<
    dyn for<'t> Fn(&'t mut Tx, &'t Organizer, Timestamp) -> BoxFuture<'t, Result<AccountChange, DbError>> + Send + Sync,
>;

fn act(act: AccountAct) -> AccountJob {
    Box::new(move |tx, organizer, now| Box::pin(accounts::act(tx, Actor::CommandLine, organizer, act, now)))
}

/// Changes the account of an address, in one transaction.
async fn change(config: &Config, email: &EmailAddress, job: AccountJob) -> CommandOutcome {
    let db = open_as_it_is(config).await?;
    let organizer = account_of(&db, email).await?;
    let (now, job) = (Clock::system().now(), Arc::new(job));
    let write = db.write(move |tx| {
        let (organizer, job) = (organizer.clone(), Arc::clone(&job));
        Box::pin(async move { job(tx, &organizer, now).await })
    });
    let changed = write.await?;
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

impl ResetPassword {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        let db = open_as_it_is(config).await?;
        let organizer = account_of(&db, &email).await?;
        db.close().await;
        let hash = new_password(self.password_stdin, &[email.as_str(), organizer.name.as_str()]).await?;
        let totp_off = self.totp_off;
        let job: AccountJob = Box::new(move |tx, organizer, now| {
            let hash = hash.clone();
            Box::pin(async move {
                let by = (Actor::CommandLine, "organizer.reset-password");
                accounts::change_password(tx, by, organizer, &hash, now).await?;
                if totp_off {
                    accounts::switch_off_second_factor(tx, Actor::CommandLine, organizer, now).await?;
                }
                Ok(AccountChange::Done)
            })
        });
        change(config, &email, job).await?;
        let factor = if totp_off { "; the second factor is off" } else { "" };
        say!("{email} has a new password; all sign-ins have ended{factor}")?;
        Ok(())
    }
}

impl Unlock {
    pub(super) async fn run(self, config: &Config) -> CommandOutcome {
        let email = address(&self.email)?;
        let job: AccountJob = Box::new(|tx, organizer, now| {
            Box::pin(async move {
                store::unlock(tx, organizer.id, now).await?;
                audit::record(tx, &entry("organizer.unlock", organizer, String::new()), now).await?;
                Ok(AccountChange::Done)
            })
        });
        change(config, &email, job).await?;
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
