//! Where settings come from: file, environment and flags, as text with its source.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{ConfigError, KEYS, Key};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nothing was set.
    Default,
    /// The file.
    File(PathBuf),
    /// A variable of this name.
    Environment(String),
    /// A flag of the command line.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// Values by key, with their sources, before they are parsed.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    values: BTreeMap<&'static str, (String, Source)>,
    pub(super) problems: Vec<String>,
}

impl Settings {
    /// Reads the file (`path`, or `commonground.toml` where it exists), the environment and the flags.
    ///
    /// # Errors
    /// When the file cannot be read or is no TOML.
    pub fn gather(
        path: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &BTreeMap<&'static str, String>,
    ) -> Result<Self, ConfigError> {
        let mut settings = Self::default();
        settings.read_file(path)?;
        settings.read_environment(environment);
        for (key, value) in flags {
            settings.set(key, value.clone(), Source::Flag);
        }
        Ok(settings)
    }

    /// Sets one value, over what was there; unknown keys are problems.
    pub fn set(&mut self, key: &str, value: String, source: Source) {
        match KEYS.iter().find(|known| known.name == key) {
            Some(known) => {
                self.values.insert(known.name, (value, source));
            }
            None => self.problems.push(unknown_key(key, &source)),
        }
    }

    /// Sets one value where nothing else was set.
    pub fn set_default(&mut self, key: &str, value: &str) {
        if !self.values.contains_key(key) {
            self.set(key, value.to_owned(), Source::Default);
        }
    }

    fn read_file(&mut self, path: Option<&Path>) -> Result<(), ConfigError> {
        let usual = Path::new("commonground.toml");
        let Some(path) = path.or_else(|| usual.exists().then_some(usual)) else {
            return Ok(());
        };
        let fail = |e: &dyn fmt::Display| ConfigError(vec![format!("{}: {e}", path.display())]);
        let text = std::fs::read_to_string(path).map_err(|e| fail(&e))?;
        let table: toml::Table = text.parse().map_err(|e| fail(&e))?;
        for (key, value) in table {
            match plain(&value) {
                Some(value) => self.set(&key, value, Source::File(path.to_owned())),
                None => self
                    .problems
                    .push(format!("{key}: expected text, a number or a list of texts")),
            }
        }
        Ok(())
    }

    fn read_environment(&mut self, environment: impl Iterator<Item = (String, String)>) {
        for (variable, value) in environment {
            let Some(key) = variable.strip_prefix("COMMONGROUND_") else {
                continue;
            };
            let key = key.to_lowercase();
            // The test suite's own variables share the prefix.
            if key.starts_with("test_") {
                continue;
            }
            self.set(&key, value, Source::Environment(variable));
        }
    }

    /// The text of a key, and where it came from.
    #[must_use]
    pub fn text(&self, key: &Key) -> (String, Source) {
        self.values
            .get(key.name)
            .cloned()
            .unwrap_or_else(|| (key.default.to_owned(), Source::Default))
    }

    /// Where the value of a key came from.
    #[must_use]
    pub fn source(&self, key: &str) -> Source {
        self.values
            .get(key)
            .map_or(Source::Default, |(_, source)| source.clone())
    }
}

fn unknown_key(key: &str, source: &Source) -> String {
    let known: Vec<&str> = KEYS.iter().map(|k| k.name).collect();
    format!("{key}: unknown setting ({source}). Known: {}", known.join(", "))
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(plain).collect();
            Some(texts?.join(","))
        }
        _ => None,
    }
}
