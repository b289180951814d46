//! Passwords: which ones are taken, and how they are kept (Argon2id).
//!
//! Hashing takes 19 MiB and some ten milliseconds on purpose, so it runs off the threads that serve, one at a time.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, Semaphore};
use zeroize::Zeroize;

use crate::values::{Problem, random_bytes};

/// Fewest characters.
pub const LEAST: usize = 8;
/// What people are advised to use.
pub const ADVISED: usize = 15;
const MOST: usize = 256;

/// One per line, lower case, the most frequent first: the ones of eight characters and more, and what they are made of.
/// From the list of zxcvbn (Dan Wheeler and Dropbox, MIT), which counts Mark Burnett's ten million.
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
    let is_known = |word: &str| {
        COMMON.lines().any(|common| common == word) || about.iter().any(|known| known.to_lowercase() == word)
    };
    // "Passw0rd!" and "Welcome2026" are tried right after "password" and "welcome".
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let plain = |word: &str| word.chars().map(in_letters).collect::<String>();
    is_one_character
        || [lower.as_str(), core]
            .iter()
            .any(|word| is_known(word) || is_known(&plain(word)))
}

/// Figures and marks that stand for a letter.
fn in_letters(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Hashes and checks passwords, one at a time, in one piece of memory that is kept: an allocator that is given 19 MiB back
/// again and again keeps much more of it. Clones share it.
#[derive(Clone)]
pub struct Hasher {
    memory: Arc<Mutex<Vec<Block>>>,
    /// Places in the queue.
    queue: Arc<Semaphore>,
}

/// Those who wait for their turn; more would wait for too long.
const MOST_WAITING: usize = 100;

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many wait for theirs.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The machine could not hash.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

impl HashError {
    fn new(error: impl fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            memory: Arc::default(),
            queue: Arc::new(Semaphore::new(MOST_WAITING)),
        }
    }
}

impl Hasher {
    /// What is stored: a PHC string with its salt and parameters.
    ///
    /// # Errors
    /// When hashing fails.
    pub async fn hash(&self, password: Password) -> Result<String, HashError> {
        self.work(move |memory| hash(password.0.expose_secret(), memory))
            .await?
    }

    /// True where `typed` is the password behind `stored`. Without an account (`None`) the same work is
    /// done, so that the time does not tell which addresses have one.
    ///
    /// # Errors
    /// When hashing fails.
    pub async fn verify(&self, typed: SecretString, stored: Option<String>) -> Result<bool, HashError> {
        // An account without a password has none that could be typed.
        let stored = stored.filter(|stored| !stored.is_empty());
        self.work(move |memory| verify(typed.expose_secret(), stored.as_deref(), memory))
            .await
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let _place = self.queue.try_acquire().map_err(|_| HashError::Busy)?;
        let mut memory = Arc::clone(&self.memory).lock_owned().await;
        tokio::task::spawn_blocking(move || job(&mut memory))
            .await
            .map_err(HashError::new)
    }
}

fn hash(password: &str, memory: &mut Vec<Block>) -> Result<String, HashError> {
    let salt: [u8; 16] = random_bytes();
    let hasher = Argon2::default();
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    fill(&hasher, password, &salt, &mut out, memory).map_err(HashError::new)?;
    let hash = PasswordHash {
        algorithm: ALGORITHM.ident(),
        version: Some(VERSION.into()),
        params: ParamsString::try_from(hasher.params()).map_err(HashError::new)?,
        salt: Some(Salt::new(&salt).map_err(HashError::new)?),
        hash: Some(Output::new(&out).map_err(HashError::new)?),
    };
    Ok(hash.to_string())
}

const ALGORITHM: Algorithm = Algorithm::Argon2id;
const VERSION: Version = Version::V0x13;

/// Stands in for the hash of an account that does not exist: as much work, and no password's.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn verify(typed: &str, stored: Option<&str>, memory: &mut Vec<Block>) -> bool {
    // Longer ones are never set; nobody makes us hash a megabyte.
    let typed = if typed.chars().count() > MOST { "" } else { typed };
    let matches = matches(typed, stored.unwrap_or(NOBODY), memory).unwrap_or(false);
    matches && stored.is_some()
}

/// `None`: the hash is none of ours.
fn matches(typed: &str, hash: &str, memory: &mut Vec<Block>) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let version = hash.version.map_or(Ok(VERSION), Version::try_from).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let hasher = Argon2::new(algorithm, version, Params::try_from(&hash).ok()?);
    let (salt, expected) = (hash.salt?, hash.hash?);
    let mut out = vec![0; expected.len()];
    fill(&hasher, typed, &salt, &mut out, memory).ok()?;
    Some(out.ct_eq(expected.as_bytes()).into())
}

/// Hashes in the kept memory, and leaves nothing of it behind.
fn fill(
    hasher: &Argon2<'_>,
    password: &str,
    salt: &[u8],
    out: &mut [u8],
    memory: &mut Vec<Block>,
) -> argon2::Result<()> {
    let blocks = hasher.params().block_count();
    memory.resize(blocks.max(memory.len()), Block::new());
    let used = memory.get_mut(..blocks).unwrap_or_default();
    let filled = hasher.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut *used);
    used.iter_mut().zeroize();
    filled
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
            "Passw0rd!",
            "P@$$w0rd2026",
            "Welcome2026!",
            "qwertyuiop",
            "1234567890",
            "Dragon1234",
            "Organizer#1",
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
        let long = COMMON.lines().filter(|line| line.chars().count() >= LEAST);
        assert!(long.count() > 3_000);
        for line in COMMON.lines() {
            assert!(line.trim() == line && line == line.to_lowercase(), "{line}");
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
