//! Passwords: which ones are taken, and how they are kept (Argon2id).
//!
//! Hashing takes 19 MiB and some ten milliseconds on purpose, so it runs off the threads that serve, and
//! only a few at a time.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::values::{Problem, random_bytes};

/// Fewest characters.
pub const LEAST: usize = 8;
/// What people are advised to use.
pub const ADVISED: usize = 15;
const MOST: usize = 256;

/// One per line, lower case, none shorter than [`LEAST`].
static COMMON: &str = include_str!("../../assets/common-passwords.txt");

/// A password that was typed and may be used. Never prints.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// Reads a new password. `about` is what others know of its owner: name and address.
    ///
    /// # Errors
    /// Too short, too long, or one that is guessed first.
    pub fn parse(raw: &str, about: &[&str]) -> Result<Self, Problem> {
        let length = raw.chars().count();
        if length < LEAST {
            return Err(Problem::new("Use at least 8 characters; 15 or more are better."));
        }
        if length > MOST {
            return Err(Problem::new("Use at most 256 characters."));
        }
        if is_guessed_first(raw, about) {
            return Err(Problem::new(
                "This password is among the first that others would try. Choose another one; a few unrelated words work well.",
            ));
        }
        Ok(Self(SecretString::from(raw)))
    }
}

fn is_guessed_first(raw: &str, about: &[&str]) -> bool {
    let lower = raw.to_lowercase();
    let is_one_character = lower.chars().all(|c| lower.starts_with(c));
    is_one_character
        || COMMON.lines().any(|common| common == lower)
        || about.iter().any(|known| known.to_lowercase() == lower)
}

/// Hashes and checks passwords, a few at a time. Clones share the bound.
#[derive(Clone)]
pub struct Hasher {
    slots: Arc<Semaphore>,
}

/// The machine could not hash.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(String);

impl Default for Hasher {
    fn default() -> Self {
        let parallel = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
        Self {
            slots: Arc::new(Semaphore::new(parallel)),
        }
    }
}

impl Hasher {
    /// What is stored: a PHC string with its salt and parameters.
    ///
    /// # Errors
    /// When hashing fails.
    pub async fn hash(&self, password: Password) -> Result<String, HashError> {
        self.work(move || hash(password.0.expose_secret())).await?
    }

    /// True where `typed` is the password behind `stored`. Without an account (`None`) the same work is
    /// done, so that the time does not tell which addresses have one.
    ///
    /// # Errors
    /// When hashing fails.
    pub async fn verify(&self, typed: SecretString, stored: Option<String>) -> Result<bool, HashError> {
        self.work(move || verify(typed.expose_secret(), stored.as_deref()))
            .await
    }

    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
        let failed = |e: &dyn std::fmt::Display| HashError(e.to_string());
        let slot = self.slots.clone().acquire_owned().await.map_err(|e| failed(&e))?;
        tokio::task::spawn_blocking(move || {
            let _slot = slot;
            job()
        })
        .await
        .map_err(|e| failed(&e))
    }
}

fn hash(password: &str) -> Result<String, HashError> {
    let salt: [u8; 16] = random_bytes();
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|e| HashError(e.to_string()))
}

/// Stands in for the hash of an account that does not exist.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody has this password").ok());

fn verify(typed: &str, stored: Option<&str>) -> bool {
    // Longer ones are never set; nobody makes us hash a megabyte.
    let typed = if typed.chars().count() > MOST { "" } else { typed };
    let Some(hash) = stored.or(NOBODY.as_deref()) else {
        return false;
    };
    let matches =
        PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(typed.as_bytes(), &hash).is_ok());
    matches && stored.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_guessed_first() {
        for raw in [
            "",
            "short",
            "Password123",
            "aaaaaaaaaaaa",
            "ada@example.org",
            "Common Ground",
        ] {
            assert!(
                Password::parse(raw, &["ada@example.org", "common ground"]).is_err(),
                "{raw}"
            );
        }
        for raw in ["winter harbour lamp", "äöüßéèêë", &"x1".repeat(128)] {
            assert!(Password::parse(raw, &[]).is_ok(), "{raw}");
        }
    }

    #[test]
    fn the_list_holds_only_what_could_be_typed() {
        assert!(COMMON.lines().count() > 300);
        for line in COMMON.lines() {
            assert!(line.chars().count() >= LEAST && line == line.to_lowercase(), "{line}");
        }
    }

    #[tokio::test]
    async fn a_hash_verifies_its_own_password_only() {
        let hasher = Hasher::default();
        let password = Password::parse("winter harbour lamp", &[]).unwrap();
        let stored = hasher.hash(password).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let check = |typed: &str, stored: Option<String>| hasher.verify(typed.to_owned().into(), stored);
        assert!(check("winter harbour lamp", Some(stored.clone())).await.unwrap());
        assert!(!check("winter harbour lamp ", Some(stored)).await.unwrap());
        assert!(!check("nobody has this password", None).await.unwrap());
        assert!(!check("anything", Some("no hash".to_owned())).await.unwrap());
    }
}
