//! Settings: file, environment and flags, parsed once into value types. Secrets never print.
//!
//! Flags win over the environment, the environment over the file, the file over the default.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use sqlx::postgres::PgConnectOptions;

use crate::values::{EmailAddress, Label};

mod keys;
pub mod relay;

pub use keys::{KEYS, Key};
use relay::Relay;

/// Everything that can be set, checked.
#[derive(Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: Listen,
    /// The only source of links.
    pub public_url: PublicUrl,
    /// Which database.
    pub database_url: DatabaseUrl,
    /// The relay that takes our mail; without one, mail is kept.
    pub smtp_url: Option<Relay>,
    /// Connections to the relay.
    pub smtp_connections: usize,
    /// Most mails a second, over all connections.
    pub smtp_rate: Option<u32>,
    /// Who the mail is from.
    pub mail_from: Option<Mailbox>,
    /// Where answers go, if not to the sender.
    pub mail_reply_to: Option<Mailbox>,
    /// The firm's name, on pages and in mails.
    pub organization: Label,
    /// Signs links; made once and kept in the database unless it is set.
    pub secret_key: Option<[u8; 32]>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Largest PDF that can be uploaded, in bytes.
    pub max_whitepaper: u64,
    /// Largest PDF that goes as an attachment, in bytes.
    pub max_attachment: u64,
    /// Posts of each public form from one network.
    pub rate_limit_ip: Option<Rate>,
    /// Mails to one unconfirmed address.
    pub rate_limit_recipient: Option<Rate>,
    /// "Add to calendar" addresses, templates with `{title}`, `{start}`, `{end}`, `{details}`, `{location}`.
    pub calendar_links: CalendarLinks,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What is logged.
    pub log: String,
}

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// Scheme, host and path prefix of every link, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    origin: String,
    secure: bool,
    host: String,
}

/// Where the data is.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<PgConnectOptions>),
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Shown beside the address; may be missing.
    pub name: Option<Label>,
    /// The address.
    pub address: EmailAddress,
}

/// So many per so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In how many seconds.
    pub seconds: u32,
}

/// Templates of other firms' calendar pages; they rot, so they can be set.
#[derive(Debug, Clone)]
pub struct CalendarLinks {
    /// Google Calendar.
    pub google: String,
    /// Outlook.com.
    pub outlook: String,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

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

/// Why the settings cannot be used: every problem with its key.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// Values by key, with their sources, before they are parsed.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    values: BTreeMap<&'static str, (String, Source)>,
    problems: Vec<String>,
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

    /// Checks everything at once.
    ///
    /// # Errors
    /// All problems, each with its key.
    pub fn parse(&self) -> Result<Config, ConfigError> {
        let mut reader = Reader {
            settings: self,
            problems: self.problems.clone(),
        };
        let config = reader.config();
        match config {
            Some(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(ConfigError(reader.problems)),
        }
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

/// Reads values and collects what is wrong with them.
struct Reader<'s> {
    settings: &'s Settings,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn config(&mut self) -> Option<Config> {
        // Every key is read before the first missing one ends it, so that all problems are told.
        let listen = self.read("listen", parse_listen);
        let public_url = self.read("public_url", PublicUrl::parse);
        let database_url = self.read("database_url", DatabaseUrl::parse);
        let smtp_url = self.read("smtp_url", optional(|v| Relay::parse(v).map_err(|p| p.to_string())));
        let smtp_connections = self.read("smtp_connections", number::<usize>(1, 64));
        let smtp_rate = self.read("smtp_rate", optional(number::<u32>(1, 1_000_000)));
        let mail_from = self.read("mail_from", optional(Mailbox::parse));
        let mail_reply_to = self.read("mail_reply_to", optional(Mailbox::parse));
        let organization = self.read("organization", |v| Label::parse(v).map_err(|p| p.to_string()));
        let secret_key = self.read("secret_key", optional(parse_secret_key));
        let trusted_proxies = self.read("trusted_proxies", parse_networks);
        let max_whitepaper = self.read("max_whitepaper_mb", number::<u64>(1, 100));
        let max_attachment = self.read("max_attachment_mb", number::<u64>(0, 100));
        let rate_limit_ip = self.read("rate_limit_ip", parse_rate);
        let rate_limit_recipient = self.read("rate_limit_recipient", parse_rate);
        let google = self.read("calendar_google_url", |v| Ok(v.to_owned()));
        let outlook = self.read("calendar_outlook_url", |v| Ok(v.to_owned()));
        let log_format = self.read("log_format", parse_log_format);
        let log = self.read("log", |v| Ok(v.to_owned()));
        Some(Config {
            listen: listen?,
            public_url: public_url?,
            database_url: database_url?,
            smtp_url: smtp_url?,
            smtp_connections: smtp_connections?,
            smtp_rate: smtp_rate?,
            mail_from: mail_from?,
            mail_reply_to: mail_reply_to?,
            organization: organization?,
            secret_key: secret_key?,
            trusted_proxies: trusted_proxies?,
            max_whitepaper: max_whitepaper? * 1_000_000,
            max_attachment: max_attachment? * 1_000_000,
            rate_limit_ip: rate_limit_ip?,
            rate_limit_recipient: rate_limit_recipient?,
            calendar_links: CalendarLinks {
                google: google?,
                outlook: outlook?,
            },
            log_format: log_format?,
            log: log?,
        })
    }

    fn read<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let key = KEYS.iter().find(|key| key.name == name)?;
        let (value, source) = self.settings.text(key);
        match parse(value.trim()) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push(format!("{name}: {problem} ({source})"));
                None
            }
        }
    }
}

fn optional<T>(parse: impl Fn(&str) -> Result<T, String>) -> impl Fn(&str) -> Result<Option<T>, String> {
    move |value| {
        if value.is_empty() {
            Ok(None)
        } else {
            parse(value).map(Some)
        }
    }
}

fn number<T: FromStr + PartialOrd + fmt::Display + Copy>(least: T, most: T) -> impl Fn(&str) -> Result<T, String> {
    move |value| match value.parse::<T>() {
        Ok(number) if number >= least && number <= most => Ok(number),
        _ => Err(format!("expected a number from {least} to {most}")),
    }
}

fn parse_listen(value: &str) -> Result<Listen, String> {
    if let Some(path) = value.strip_prefix("unix:") {
        return Ok(Listen::Unix(PathBuf::from(path)));
    }
    if value.starts_with('/') {
        return Ok(Listen::Unix(PathBuf::from(value)));
    }
    value
        .parse()
        .map(Listen::Tcp)
        .map_err(|_| "expected an address with a port like 127.0.0.1:8080, or a path for a unix socket".to_owned())
}

fn parse_secret_key(value: &str) -> Result<[u8; 32], String> {
    let bytes = STANDARD.decode(value).unwrap_or_default();
    bytes
        .try_into()
        .map_err(|_| "expected 32 bytes in base64, for instance from `openssl rand -base64 32`".to_owned())
}

fn parse_networks(value: &str) -> Result<Vec<IpNet>, String> {
    value
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse::<IpNet>()
                .or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from))
                .map_err(|_| format!("{part} is no network like 10.0.0.0/8"))
        })
        .collect()
}

fn parse_rate(value: &str) -> Result<Option<Rate>, String> {
    if value == "off" {
        return Ok(None);
    }
    let wrong = || "expected a rate like 30/h or 5/day, or off".to_owned();
    let (count, per) = value.split_once('/').ok_or_else(wrong)?;
    let count = count.trim().parse().ok().filter(|c| *c > 0).ok_or_else(wrong)?;
    let seconds = match per.trim() {
        "s" | "second" => 1,
        "min" | "minute" => 60,
        "h" | "hour" => 3_600,
        "d" | "day" => 86_400,
        _ => return Err(wrong()),
    };
    Ok(Some(Rate { count, seconds }))
}

fn parse_log_format(value: &str) -> Result<LogFormat, String> {
    match value {
        "text" => Ok(LogFormat::Text),
        "" if std::io::IsTerminal::is_terminal(&std::io::stderr()) => Ok(LogFormat::Text),
        "" | "json" => Ok(LogFormat::Json),
        _ => Err("expected text or json".to_owned()),
    }
}

impl Listen {
    /// The port, where it is one that others can be told of.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(address) => Some(address.port()).filter(|port| *port != 0),
            Self::Unix(_) => None,
        }
    }
}

impl PublicUrl {
    /// Reads an absolute web address; without https only for this machine.
    ///
    /// # Errors
    /// In words for the one who set it.
    pub fn parse(value: &str) -> Result<Self, String> {
        let url =
            url::Url::parse(value).map_err(|_| "expected a web address like https://events.example.org".to_owned())?;
        let host = url.host_str().ok_or("expected a web address with a host")?.to_owned();
        let secure = match url.scheme() {
            "https" => true,
            "http" if is_this_machine(&host) => false,
            "http" => return Err("expected https: without it, links and sign-ins could be read on the way".to_owned()),
            _ => return Err("expected a web address that starts with https://".to_owned()),
        };
        if !url.username().is_empty() || url.password().is_some() {
            // It stands in every mail.
            return Err("expected a web address without a user name or password".to_owned());
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("expected scheme, host and port only, without a path".to_owned());
        }
        Ok(Self {
            url: url.as_str().trim_end_matches('/').to_owned(),
            origin: url.origin().ascii_serialization(),
            secure,
            host,
        })
    }

    /// An absolute link to a path that starts with a slash.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// As a browser's `Origin` header says it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// True with https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host, without a port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

impl DatabaseUrl {
    /// Reads `sqlite://path` or `postgres://…`.
    ///
    /// # Errors
    /// In words for the one who set it; never with the password.
    pub fn parse(value: &str) -> Result<Self, String> {
        if let Some(path) = value
            .strip_prefix("sqlite://")
            .or_else(|| value.strip_prefix("sqlite:"))
        {
            let path = path.split('?').next().unwrap_or_default();
            if path.is_empty() || path.contains(":memory:") {
                return Err("expected a file: sqlite://data/commonground.db".to_owned());
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if value.starts_with("postgres://") || value.starts_with("postgresql://") {
            return PgConnectOptions::from_str(value)
                .map(|options| Self::Postgres(Box::new(options)))
                .map_err(|_| {
                    "the PostgreSQL address cannot be read; expected postgres://user:password@host/database".to_owned()
                });
        }
        Err("expected sqlite://PATH or postgres://…".to_owned())
    }
}

impl Mailbox {
    /// Reads `Name <address>` or an address alone.
    ///
    /// # Errors
    /// In words for the one who set it.
    pub fn parse(value: &str) -> Result<Self, String> {
        let (name, address) = match value.rsplit_once('<') {
            Some((name, rest)) => (name.trim().trim_matches('"'), rest.trim_end().trim_end_matches('>')),
            None => ("", value),
        };
        let address = EmailAddress::parse(address).map_err(|_| "expected Name <name@example.org>".to_owned())?;
        let name = match name {
            "" => None,
            name => Some(Label::parse(name).map_err(|p| p.to_string())?),
        };
        Ok(Self { name, address })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(values: &[(&str, &str)]) -> Settings {
        let environment = values
            .iter()
            .map(|(key, value)| (format!("COMMONGROUND_{}", key.to_uppercase()), (*value).to_owned()));
        Settings::gather(Some(Path::new("/dev/null")), environment, &BTreeMap::new()).unwrap()
    }

    #[test]
    fn the_defaults_are_good() {
        let config = settings(&[]).parse().unwrap();
        assert_eq!(config.public_url.link("/x"), "http://localhost:8080/x");
        assert_eq!(
            config.rate_limit_ip,
            Some(Rate {
                count: 30,
                seconds: 3_600
            })
        );
        assert!(matches!(config.database_url, DatabaseUrl::Sqlite(_)));
    }

    #[test]
    fn every_problem_is_told_with_its_key() {
        let error = settings(&[
            ("public_url", "http://example.org"),
            ("listen", "8080"),
            ("rate_limit_ip", "often"),
            ("no_such_key", "1"),
        ])
        .parse()
        .err()
        .unwrap();
        let text = error.to_string();
        for key in ["public_url:", "listen:", "rate_limit_ip:", "no_such_key:"] {
            assert!(text.contains(key), "{text}");
        }
    }

    #[test]
    fn addresses_are_judged_with_everything_else() {
        for (key, value) in [
            ("public_url", "https://ada@events.example.org"),
            ("public_url", "https://ada:pa55@events.example.org"),
            ("smtp_url", "https://mail.example.org"),
        ] {
            let text = settings(&[(key, value)]).parse().err().unwrap().to_string();
            assert_eq!(text.matches(&format!("{key}:")).count(), 1, "{text}");
            assert!(!text.contains("pa55"), "{text}");
        }
    }

    #[test]
    fn flags_win_over_environment() {
        let environment = [("COMMONGROUND_LISTEN".to_owned(), "127.0.0.1:1".to_owned())];
        let flags = BTreeMap::from([("listen", "127.0.0.1:2".to_owned())]);
        let settings = Settings::gather(Some(Path::new("/dev/null")), environment.into_iter(), &flags).unwrap();
        assert_eq!(
            settings.parse().unwrap().listen,
            Listen::Tcp("127.0.0.1:2".parse().unwrap())
        );
    }

    #[test]
    fn a_mailbox_has_a_name_or_not() {
        let mailbox = Mailbox::parse("Common Ground <events@example.org>").unwrap();
        assert_eq!(mailbox.name.unwrap().as_str(), "Common Ground");
        assert!(Mailbox::parse("events@example.org").unwrap().name.is_none());
        assert!(Mailbox::parse("events").is_err());
    }
}
