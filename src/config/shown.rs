//! What is set, as it may be seen: secrets are hidden.

use url::Url;

use super::{KEYS, Key, Settings, Source, credentials};

/// A setting, ready to print.
#[derive(Debug, Clone)]
pub struct ShownSetting {
    /// As it stands in the file.
    pub name: &'static str,
    /// Its value, without secrets; "not set" where there is none.
    pub value: String,
    /// Where it came from.
    pub source: Source,
    /// What it is, for people; code in backticks.
    pub help: &'static str,
}

impl Settings {
    /// All of them, in the order of the docs.
    #[must_use]
    pub fn shown(&self) -> Vec<ShownSetting> {
        let shown = |key: &Key| {
            let (value, source) = self.text(key);
            ShownSetting {
                name: key.name,
                value: shown(key, &value),
                source,
                help: key.help,
            }
        };
        KEYS.iter().map(shown).collect()
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
