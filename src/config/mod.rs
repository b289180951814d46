//! Settings: file, environment and flags, parsed once into value types. Secrets never print.
//!
//! Flags win over the environment, the environment over the file, the file over the default.

mod address;
pub(crate) mod credentials;
mod keys;
mod parse;
pub(crate) mod relay;
mod settings;
mod shown;
mod sign_on;

use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;

pub use address::{DatabaseUrl, Listen, Mailbox, PostgresAddress, PublicUrl};
pub use keys::{KEYS, Key, sample};
use relay::Relay;
pub use settings::{Settings, Source};
pub use shown::ShownSetting;
pub use sign_on::SignOnConfig;
pub(crate) use sign_on::is_safe;

use crate::values::Label;

/// Everything that can be set, checked.
#[derive(Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: Listen,
    /// The only source of links.
    pub public_url: PublicUrl,
    /// Which database.
    pub database_url: DatabaseUrl,
    /// Most connections to a PostgreSQL server.
    pub database_connections: u32,
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
    /// Mails of one kind that strangers may cause to one address.
    pub rate_limit_recipient: Option<Rate>,
    /// "Add to calendar" addresses, templates with `{title}`, `{start}`, `{end}`, `{details}`, `{location}`.
    pub calendar_links: CalendarLinkTemplates,
    /// What browsers are told of https.
    pub hsts: Hsts,
    /// Fonts for what the built-in ones lack, before those of the machine.
    pub font_dir: Option<PathBuf>,
    /// Where backups without a name go.
    pub backup_dir: Option<PathBuf>,
    /// How many of them stay there.
    pub backup_keep: usize,
    /// Where organizers may sign in besides.
    pub sign_on: Option<SignOnConfig>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What is logged.
    pub log: String,
    /// All of it as it may be seen, with where it came from.
    pub shown: Arc<[ShownSetting]>,
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
pub struct CalendarLinkTemplates {
    /// Google Calendar.
    pub google: String,
    /// Outlook.com.
    pub outlook: String,
}

/// Whether browsers are told to come by https alone (RFC 6797), where `public_url` is https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hsts {
    /// They are not told.
    Off,
    /// For this host.
    On,
    /// For this host and all beneath it.
    Subdomains,
}

impl Hsts {
    /// The header's value; a year.
    #[must_use]
    pub fn policy(self) -> Option<&'static str> {
        match self {
            Self::Off => None,
            Self::On => Some("max-age=31536000"),
            Self::Subdomains => Some("max-age=31536000; includeSubDomains"),
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why the settings cannot be used: every problem with its key.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

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
            ("font_dir", "/no/such/directory"),
        ])
        .parse()
        .err()
        .unwrap();
        let text = error.to_string();
        for key in ["public_url:", "listen:", "rate_limit_ip:", "font_dir:"] {
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
}
