//! Where mail is handed over: the `smtp_url` setting, parsed.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

use super::credentials;

/// Whether the connection to the relay is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte (`smtps://`).
    Implicit,
    /// STARTTLS, and no mail without it (the default off this machine).
    Required,
    /// STARTTLS where it is offered.
    Opportunistic,
    /// Never.
    None,
}

/// A sign-in at the relay.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user name.
    pub user: String,
    /// What proves it.
    pub secret: Secret,
}

/// What proves who signs in. Files are read and commands run at each sign-in, so a change counts at once.
#[derive(Clone, Debug)]
pub enum Secret {
    /// Of `smtp_url`; never printed.
    Password(SecretString),
    /// `smtp_password_file`: holds the password and nothing else.
    PasswordFile(PathBuf),
    /// `smtp_token_command`: prints an OAuth 2.0 access token.
    TokenCommand(String),
}

/// The server that takes our mail.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Encryption.
    pub encryption: Encryption,
    /// Sign-in, if the relay wants one.
    pub login: Option<Login>,
    /// A certificate (PEM) to trust besides the system's: a relay of one's own may have one of one's own.
    pub certificate: Option<PathBuf>,
    /// Runs on this machine.
    pub loopback: bool,
    /// Who we say we are. `None`: the address that the connection comes from.
    pub hello: Option<HelloName>,
}

/// A full name of this machine, or an address in brackets: what EHLO must say (RFC 5321, 4.1.1.1). Relays refuse less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelloName(String);

impl HelloName {
    /// Reads a name such as `events.example.org`, or `[192.0.2.7]`, `[IPv6:2001:db8::7]`.
    ///
    /// # Errors
    /// In words for the one who set it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if is_literal(text) || is_full_name(text) {
            return Ok(Self(text.to_owned()));
        }
        Err("expected a full name like events.example.org, or an address like [192.0.2.7]".to_owned())
    }

    /// As it is said.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_literal(text: &str) -> bool {
    let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    match address.strip_prefix("IPv6:") {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => address.parse::<Ipv4Addr>().is_ok(),
    }
}

fn is_full_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_address = text.parse::<IpAddr>().is_ok();
    text.len() <= 253 && text.contains('.') && !is_address && text.split('.').all(is_label)
}

/// Why `smtp_url` is not one.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadRelay {
    /// Not a URL at all.
    #[error("is not a URL such as smtp://user:password@mail.example.org:587")]
    NotAUrl,
    /// Neither smtp nor smtps.
    #[error("must begin with smtp:// or smtps://")]
    Scheme,
    /// No host.
    #[error("names no server")]
    NoHost,
    /// An unknown `tls` value.
    #[error("tls must be required, opportunistic or none")]
    Tls,
    /// A sign in user or password that ends them.
    #[error("cannot be read as it was meant: {}", credentials::ADVICE)]
    Unencoded,
    /// A path, which a relay has not.
    #[error("has something behind the server that is no parameter; there are ?tls= and ?ca=")]
    Path,
    /// An unknown parameter. What it says may be part of a password.
    #[error("has a parameter that is not known; there are tls and ca")]
    Parameter,
    /// Nothing proves the user.
    #[error("names a user without a password. Write user:password@, or set smtp_password_file or smtp_token_command")]
    NoPassword,
    /// A secret for nobody.
    #[error("names no user. {0} needs one: smtp://user@host, or smtp://user:password@host")]
    NoUser(&'static str),
    /// Two secrets for one user.
    #[error("has a password already, or two of smtp_password_file and smtp_token_command are set: keep one")]
    TwoSecrets,
    /// A password that would cross the network in the clear.
    #[error("sends a password without encryption: use tls=required")]
    OpenPassword,
}

impl Relay {
    /// Parses `smtp://user:password@host:587?tls=required|opportunistic|none` or `smtps://…`; `ca=FILE` adds a
    /// certificate to trust. A secret that stands elsewhere takes the place of the password.
    ///
    /// # Errors
    /// Says what is wrong with it, to stand behind the setting's name.
    pub fn parse(text: &str, elsewhere: Option<Secret>) -> Result<Self, BadRelay> {
        if !credentials::are_encoded(text) {
            return Err(BadRelay::Unencoded);
        }
        let url = Url::parse(text).map_err(|_| BadRelay::NotAUrl)?;
        let implicit = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(BadRelay::Scheme),
        };
        let host = host(&url).ok_or(BadRelay::NoHost)?;
        if !matches!(url.path(), "" | "/") {
            return Err(BadRelay::Path);
        }
        let loopback = is_loopback(&host);
        let Parameters { tls, certificate } = parameters(&url)?;
        let encryption = match tls.as_deref() {
            _ if implicit => Encryption::Implicit,
            Some("required") => Encryption::Required,
            Some("opportunistic") => Encryption::Opportunistic,
            Some("none") => Encryption::None,
            Some(_) => return Err(BadRelay::Tls),
            None if loopback => Encryption::Opportunistic,
            None => Encryption::Required,
        };
        let login = login(&url, elsewhere)?;
        let open = matches!(encryption, Encryption::None | Encryption::Opportunistic);
        if login.is_some() && open && !loopback {
            return Err(BadRelay::OpenPassword);
        }
        let port = url.port().unwrap_or(if implicit {
            465
        } else if login.is_some() {
            587
        } else {
            25
        });
        Ok(Self {
            host,
            port,
            encryption,
            login,
            certificate,
            loopback,
            hello: None,
        })
    }
}

fn host(url: &Url) -> Option<String> {
    // The url crate keeps the host of an unknown scheme as it stands, with the brackets of IPv6.
    match url.host()? {
        Host::Domain("") => None,
        Host::Domain(name) => Some(name.to_owned()),
        Host::Ipv4(ip) => Some(ip.to_string()),
        Host::Ipv6(ip) => Some(ip.to_string()),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What stands behind the question mark.
#[derive(Default)]
struct Parameters {
    tls: Option<String>,
    certificate: Option<PathBuf>,
}

fn parameters(url: &Url) -> Result<Parameters, BadRelay> {
    let mut found = Parameters::default();
    for (key, value) in url.query_pairs() {
        match key.as_ref() {
            "tls" => found.tls = Some(value.into_owned()),
            "ca" => found.certificate = Some(PathBuf::from(value.as_ref())),
            _ => return Err(BadRelay::Parameter),
        }
    }
    Ok(found)
}

fn login(url: &Url, elsewhere: Option<Secret>) -> Result<Option<Login>, BadRelay> {
    // The `url` crate leaves user and password percent-encoded.
    let decode = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(Cow::into_owned).map_err(|_| BadRelay::NotAUrl)
    };
    let secret = match (url.username(), url.password(), elsewhere) {
        ("", None, None) => return Ok(None),
        ("", Some(_), None) => return Err(BadRelay::NoUser("the password")),
        ("", _, Some(secret)) => return Err(BadRelay::NoUser(secret.setting())),
        (_, Some(_), Some(_)) => return Err(BadRelay::TwoSecrets),
        (_, None, None) => return Err(BadRelay::NoPassword),
        (_, None, Some(secret)) => secret,
        (_, Some(password), None) => Secret::Password(decode(password)?.into()),
    };
    Ok(Some(Login {
        user: decode(url.username())?,
        secret,
    }))
}

impl Secret {
    /// The setting that it comes from.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Password(_) => "smtp_url",
            Self::PasswordFile(_) => "smtp_password_file",
            Self::TokenCommand(_) => "smtp_token_command",
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn parse(text: &str) -> Result<Relay, BadRelay> {
        Relay::parse(text, None)
    }

    #[test]
    fn a_full_url() {
        let relay = parse("smtp://us%40er:p%3Ass@mail.example.org:2525?tls=required").unwrap();
        assert_eq!((relay.host.as_str(), relay.port), ("mail.example.org", 2525));
        assert_eq!(relay.encryption, Encryption::Required);
        let login = relay.login.unwrap();
        let Secret::Password(password) = login.secret else {
            panic!("{:?}", login.secret)
        };
        assert_eq!((login.user.as_str(), password.expose_secret()), ("us@er", "p:ss"));
    }

    #[test]
    fn a_secret_stands_in_one_place() {
        let file = || Some(Secret::PasswordFile("/etc/relay".into()));
        let login = Relay::parse("smtp://ada@h", file()).unwrap().login.unwrap();
        assert_eq!(
            (login.user.as_str(), login.secret.setting()),
            ("ada", "smtp_password_file")
        );
        assert_eq!(
            Relay::parse("smtp://h", file()).unwrap_err(),
            BadRelay::NoUser("smtp_password_file")
        );
        assert_eq!(
            Relay::parse("smtp://ada:x@h", file()).unwrap_err(),
            BadRelay::TwoSecrets
        );
        assert_eq!(parse("smtp://ada@h").unwrap_err(), BadRelay::NoPassword);
        let open = Relay::parse("smtp://ada@h?tls=none", file());
        assert_eq!(open.unwrap_err(), BadRelay::OpenPassword);
    }

    #[test]
    fn who_we_say_we_are_is_a_full_name_or_an_address() {
        for good in [
            "events.example.org",
            "xn--bcher-kva.example",
            "a-b.c1.example",
            "[192.0.2.7]",
            "[IPv6:2001:db8::7]",
        ] {
            assert_eq!(HelloName::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "vm",
            "localhost",
            "",
            "192.0.2.7",
            "[2001:db8::7]",
            "[vm]",
            "a..b",
            "-a.example",
            "a_b.example",
            "a b.example",
            "a.example\r\nMAIL",
            "bücher.example",
            "events.example.org.",
        ] {
            assert!(HelloName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn defaults_are_the_safe_ones() {
        let relay = parse("smtp://mail.example.org").unwrap();
        assert_eq!((relay.encryption, relay.port), (Encryption::Required, 25));
        let relay = parse("smtp://127.0.0.1:1025").unwrap();
        assert_eq!((relay.encryption, relay.loopback), (Encryption::Opportunistic, true));
        let relay = parse("smtps://u:p@mail.example.org").unwrap();
        assert_eq!((relay.encryption, relay.port), (Encryption::Implicit, 465));
        assert_eq!(parse("smtp://u:p@mail.example.org").unwrap().port, 587);
        assert!(parse("smtp://[::1]:25?tls=none").unwrap().loopback);
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(parse("mail.example.org").unwrap_err(), BadRelay::NotAUrl);
        assert_eq!(parse("https://mail.example.org").unwrap_err(), BadRelay::Scheme);
        assert_eq!(parse("smtp://h?tls=maybe").unwrap_err(), BadRelay::Tls);
        assert_eq!(parse("smtp://h?tsl=none").unwrap_err(), BadRelay::Parameter);
        assert_eq!(parse("smtp://h/tls=none").unwrap_err(), BadRelay::Path);
        assert_eq!(parse("smtp://:token@h").unwrap_err(), BadRelay::NoUser("the password"));
        for unclear in [
            "smtp://user:12#34@host",
            "smtp://user:12?34@host",
            "smtps://a@b.example:x@host",
        ] {
            assert_eq!(parse(unclear).unwrap_err(), BadRelay::Unencoded);
        }
        assert_eq!(
            parse("smtp://u:p@mail.example.org?tls=none").unwrap_err(),
            BadRelay::OpenPassword
        );
    }

    #[test]
    fn the_password_does_not_print() {
        let relay = parse("smtp://user:hunter2@127.0.0.1:25?tls=none").unwrap();
        assert!(!format!("{relay:?}").contains("hunter2"));
    }
}
