//! Addresses: where to listen, what links begin with, where the data is, who the mail is from.

use std::net::SocketAddr;
use std::path::PathBuf;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::credentials;
use crate::values::{EmailAddress, Label};

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl Listen {
    /// Reads an address with a port, or a path.
    ///
    /// # Errors
    /// In words for the one who set it.
    pub fn parse(value: &str) -> Result<Self, String> {
        if let Some(path) = value.strip_prefix("unix:") {
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        if value.starts_with('/') {
            return Ok(Self::Unix(PathBuf::from(value)));
        }
        value
            .parse()
            .map(Self::Tcp)
            .map_err(|_| "expected an address with a port like 127.0.0.1:8080, or a path for a unix socket".to_owned())
    }

    /// The port, where it is one that others can be told of.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(address) => Some(address.port()).filter(|port| *port != 0),
            Self::Unix(_) => None,
        }
    }
}

/// Scheme, host and path prefix of every link, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    origin: String,
    secure: bool,
    host: String,
}

impl PublicUrl {
    /// Reads an absolute web address; without https only for this machine.
    ///
    /// # Errors
    /// In words for the one who set it.
    pub fn parse(value: &str) -> Result<Self, String> {
        let url = Url::parse(value).map_err(|_| "expected a web address like https://events.example.org".to_owned())?;
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

/// Where the data is.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<PostgresAddress>),
}

/// A PostgreSQL server, and who we are there.
#[derive(Clone)]
pub struct PostgresAddress {
    /// How to connect.
    pub options: PgConnectOptions,
    /// A pooler gives each transaction another connection, so nothing may outlive one: `statement-cache-capacity=0`.
    pub by_transaction: bool,
}

impl PostgresAddress {
    /// What `sqlx` reads in an address. Hosting firms add more, such as `channel_binding`, which it would log.
    const KNOWN: [&str; 19] = [
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-root-cert",
        "ssl-ca",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "statement-cache-capacity",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "application_name",
        "options",
        "options[search_path]",
    ];

    fn parse(value: &str) -> Result<Self, String> {
        if !credentials::are_encoded(value) {
            return Err(format!("cannot be read as it was meant: {}", credentials::ADVICE));
        }
        let unreadable =
            || "the PostgreSQL address cannot be read; expected postgres://user:password@host/database".to_owned();
        let mut url = Url::parse(value).map_err(|_| unreadable())?;
        let known: Vec<(String, String)> = url
            .query_pairs()
            .into_owned()
            .filter(|(name, _)| Self::KNOWN.contains(&name.as_str()))
            .collect();
        let by_transaction = known
            .iter()
            .any(|(name, value)| name == "statement-cache-capacity" && value == "0");
        url.query_pairs_mut().clear().extend_pairs(known);
        let options = PgConnectOptions::from_url(&url).map_err(|_| unreadable())?;
        // Poolers refuse what they do not know, and no number is read as text here.
        let options = options.extra_float_digits(None).disable_statement_logging();
        Ok(Self {
            options,
            by_transaction,
        })
    }
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
            return PostgresAddress::parse(value).map(|address| Self::Postgres(Box::new(address)));
        }
        Err("expected sqlite://PATH or postgres://…".to_owned())
    }
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Shown beside the address; may be missing.
    pub name: Option<Label>,
    /// The address.
    pub address: EmailAddress,
}

impl Mailbox {
    /// Reads `Name <address>` or an address alone.
    ///
    /// # Errors
    /// In words for the one who set it.
    pub fn parse(value: &str) -> Result<Self, String> {
        let (name, address) = match value.rsplit_once('<') {
            Some((name, rest)) => (unquoted(name.trim()), rest.trim_end().trim_end_matches('>')),
            None => (String::new(), value),
        };
        let address = EmailAddress::parse(address).map_err(|_| "expected Name <name@example.org>".to_owned())?;
        let name = match name.as_str() {
            "" => None,
            name => Some(Label::parse(name).map_err(|p| p.to_string())?),
        };
        Ok(Self { name, address })
    }
}

/// A name may stand in quotes, as it does in a mail (RFC 5322, 3.2.4). Quotes within it are its own.
fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_has_a_name_or_not() {
        let mailbox = Mailbox::parse("Common Ground <events@example.org>").unwrap();
        assert_eq!(mailbox.name.unwrap().as_str(), "Common Ground");
        assert!(Mailbox::parse("events@example.org").unwrap().name.is_none());
        assert!(Mailbox::parse("events").is_err());
        for (written, name) in [
            (r#""Common Ground" <events@example.org>"#, "Common Ground"),
            (r#"Common "QA" <events@example.org>"#, r#"Common "QA""#),
            (r#""Common \"QA\"" <events@example.org>"#, r#"Common "QA""#),
        ] {
            assert_eq!(Mailbox::parse(written).unwrap().name.unwrap().as_str(), name);
        }
    }
}
