//! `config`: what is set, and where it came from; or a file to begin with.

use std::io::{self, Write};

use clap::Args;
use url::Url;

use super::{CommandOutcome, note, say};
use crate::config::{self, KEYS, Key, Settings, credentials};

/// Print every setting, its value (secrets hidden) and where it came from
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground config --config /etc/commonground.toml\n  commonground config --sample > commonground.toml"
)]
pub(super) struct ShowConfig {
    /// Print a settings file with every key and its meaning instead
    #[arg(long)]
    sample: bool,
}

impl ShowConfig {
    pub(super) fn run(&self, settings: &Settings) -> CommandOutcome {
        if self.sample {
            return Ok(write!(io::stdout(), "{}", config::sample())?);
        }
        for warning in settings.warnings() {
            note!("commonground: {warning}")?;
        }
        for key in &KEYS {
            let (value, source) = settings.text(key);
            say!("{:<22} {}  ({source})", key.name, shown(key, &value))?;
        }
        settings.parse()?;
        Ok(())
    }
}

fn shown(key: &Key, value: &str) -> String {
    match value {
        "" => "not set".to_owned(),
        value if key.secret => without_secret(value),
        value => value.to_owned(),
    }
}

/// An address without its password; whatever is no plain address is hidden whole.
fn without_secret(value: &str) -> String {
    let hidden = || "(hidden)".to_owned();
    if value.starts_with("sqlite:") {
        return value.to_owned();
    }
    let Ok(mut url) = Url::parse(value) else {
        return hidden();
    };
    if !credentials::are_encoded(value) {
        return hidden();
    }
    let plain_query = url.query_pairs().all(|(name, _)| matches!(&*name, "tls" | "sslmode"));
    if !url.has_host() || !plain_query {
        return hidden();
    }
    if url.password().is_some() && url.set_password(Some("hidden")).is_err() {
        return hidden();
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        for (value, expected) in [
            ("sqlite://data/x.db", "sqlite://data/x.db"),
            (
                "postgres://u:pa55@db/x?sslmode=require",
                "postgres://u:hidden@db/x?sslmode=require",
            ),
            ("postgres://u@db/x?password=pa55", "(hidden)"),
            ("smtps://u:pa55@mail.example.org", "smtps://u:hidden@mail.example.org"),
            ("cGE1NQ==", "(hidden)"),
            ("pa55:x", "(hidden)"),
            ("smtp://user:pa#55@host", "(hidden)"),
            ("smtp://user:12?pa55@host", "(hidden)"),
            ("smtp://user:12/pa55@host", "(hidden)"),
            ("smtp://user@example.org:pa55@host", "(hidden)"),
        ] {
            assert_eq!(without_secret(value), expected);
        }
    }
}
