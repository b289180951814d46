//! Starts helpers and waits for what they make: a few at once, each for a while.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::helper::HELPER;

/// A helper has so long, whatever it does; and so long others wait for a place.
const LONGEST: Duration = Duration::from_secs(10);
/// So many helpers at once; others wait.
const MOST_AT_ONCE: usize = 2;

/// The program that is the helper, and how many of it may run.
#[derive(Debug, Clone)]
pub(super) struct Helpers {
    program: Arc<PathBuf>,
    places: Arc<Semaphore>,
}

/// Why a helper did not come to its end.
pub(super) enum Unmade {
    /// Others had things read all the time.
    Busy,
    /// It took too long.
    Slow,
    /// It could not be started.
    Failed(io::Error),
}

impl From<io::Error> for Unmade {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl Helpers {
    pub(super) fn new(program: PathBuf) -> Self {
        Self {
            program: Arc::new(program),
            places: Arc::new(Semaphore::new(MOST_AT_ONCE)),
        }
    }

    /// How a helper ended that was told to make `what` of these bytes, and the first `most` bytes that it answered.
    ///
    /// # Errors
    /// See [`Unmade`].
    pub(super) async fn make(&self, what: &str, bytes: &[u8], most: u64) -> Result<(ExitStatus, Vec<u8>), Unmade> {
        let Ok(place) = timeout(LONGEST, self.places.acquire()).await else {
            return Err(Unmade::Busy);
        };
        let _place = place.map_err(io::Error::other)?;
        let mut child = Command::new(self.program.as_path())
            .args([HELPER, what])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let stdin = child.stdin.take();
        let write = async {
            if let Some(mut stdin) = stdin {
                // It may have seen enough before the end.
                let _all = stdin.write_all(bytes).await;
            }
        };
        let mut answer = Vec::new();
        let stdout = child.stdout.take();
        // Whatever it is made to do: it is not believed, and does not fill our memory.
        let read = async {
            match stdout {
                Some(stdout) => stdout.take(most).read_to_end(&mut answer).await.map(drop),
                None => Ok(()),
            }
        };
        let ended = async {
            tokio::join!(write, read).1?;
            child.wait().await
        };
        let Ok(status) = timeout(LONGEST, ended).await else {
            return Err(Unmade::Slow);
        };
        Ok((status?, answer))
    }
}
