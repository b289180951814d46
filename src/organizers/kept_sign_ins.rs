//! Sign-ins that the database could not store: on a full disk organizers must get in to see why. They are kept here for an
//! hour, and hold only as long as the account has the password that was proved.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::Organizer;
use super::store::{self, Account};
use crate::db::{Conn, DbError};
use crate::values::SecretToken;

/// Such a sign-in ends sooner than a stored one.
const LASTS: SignedDuration = SignedDuration::from_hours(1);

/// Accounts as they were when the password was proved, and until when, by the hash of the token.
#[derive(Default)]
pub(in crate::organizers) struct KeptSignIns(Mutex<HashMap<Vec<u8>, (Account, Timestamp)>>);

impl KeptSignIns {
    /// Keeps one; those that are over go.
    pub(in crate::organizers) fn keep(&self, token: &SecretToken, account: Account, now: Timestamp) {
        let mut kept = self.kept();
        kept.retain(|_, (_, until)| *until > now);
        kept.insert(token.hash(), (account, now + LASTS));
    }

    /// Whose it is, as the account is now.
    pub(in crate::organizers) async fn find(
        &self,
        conn: &mut Conn,
        token: &SecretToken,
        now: Timestamp,
    ) -> Result<Option<Organizer>, DbError> {
        let found = self.kept().get(&token.hash()).cloned();
        let Some((proved, _)) = found.filter(|(_, until)| *until > now) else {
            return Ok(None);
        };
        let account = store::find(conn, &proved.organizer.email).await?;
        let same = account.filter(|account| {
            account.organizer.id == proved.organizer.id
                && account.password_hash == proved.password_hash
                && account.is_open()
        });
        Ok(same.map(|account| account.organizer))
    }

    /// Ends one.
    pub(in crate::organizers) fn forget(&self, token: &SecretToken) {
        self.kept().remove(&token.hash());
    }

    /// Ends all of an account.
    pub(in crate::organizers) fn forget_all(&self, organizer: i64) {
        self.kept().retain(|_, (account, _)| account.organizer.id != organizer);
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Vec<u8>, (Account, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
