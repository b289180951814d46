//! A stand-in until the app lands.

use std::path::PathBuf;

use crate::config::{Config, Settings};

/// Serves.
#[expect(clippy::unused_async, reason = "a stand-in")]
pub async fn serve(_config: Config) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}

/// Serves the demo.
#[expect(clippy::unused_async, reason = "a stand-in")]
pub async fn demo(_settings: Settings, _data_dir: Option<PathBuf>) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
