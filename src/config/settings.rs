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
    /// Variables with our prefix that are no settings.
    strangers: Vec<String>,
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
        match known(key) {
            Some(known) => {
                self.values.insert(known.name, (value, source));
            }
            None => self.problems.push(unknown_key(key, &source)),
        }
    }

    /// What is not as it was meant, perhaps, and harmless: variables that are no settings. Other software sets such names;
    /// Kubernetes does for every service that is called as this program is.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let (misspelt, foreign): (Vec<_>, Vec<_>) = self
            .strangers
            .iter()
            .map(|variable| (variable, nearest(&key_of(variable))))
            .partition(|(_, near)| near.is_some());
        let mut warnings: Vec<String> = misspelt
            .into_iter()
            .map(|(variable, near)| {
                let meant = near.map(variable_of).unwrap_or_default();
                format!("{variable} is no setting and does nothing. Is {meant} meant?")
            })
            .collect();
        if !foreign.is_empty() {
            let names: Vec<&str> = foreign.iter().map(|(variable, _)| variable.as_str()).collect();
            warnings.push(format!(
                "no settings of this program, and ignored: {}",
                names.join(", ")
            ));
        }
        warnings
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
        let fail = |problem: String| ConfigError(vec![format!("{}: {problem}", path.display())]);
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        let table: toml::Table = text.parse().map_err(|error| fail(no_toml(&text, &error)))?;
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
            // The test suite's own variables share the prefix.
            if !variable.starts_with(PREFIX) || variable.starts_with("COMMONGROUND_TEST_") {
                continue;
            }
            let key = key_of(&variable);
            match known(&key) {
                Some(_) => self.set(&key, value, Source::Environment(variable)),
                None => self.strangers.push(variable),
            }
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

/// Before each setting's name in the environment.
const PREFIX: &str = "COMMONGROUND_";

fn key_of(variable: &str) -> String {
    variable.trim_start_matches(PREFIX).to_lowercase()
}

fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

fn known(key: &str) -> Option<&'static Key> {
    KEYS.iter().find(|known| known.name == key)
}

/// The setting that differs in two letters at most, if there is one.
fn nearest(key: &str) -> Option<&'static str> {
    KEYS.iter()
        .map(|known| (strsim::damerau_levenshtein(known.name, key), known.name))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, name)| name)
}

fn unknown_key(key: &str, source: &Source) -> String {
    let advice = match nearest(key) {
        Some(name) => format!("Is {name} meant?"),
        None => "`commonground config` lists all there are".to_owned(),
    };
    format!("{key}: unknown setting ({source}). {advice}")
}

/// Where the file is no TOML. The line itself is not shown: there may be a password on it.
fn no_toml(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
    format!(
        "line {line} cannot be read. Write key = \"value\" on a line of its own, as in `commonground config --sample`"
    )
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
