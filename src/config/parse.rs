//! From texts to values: all of them, so that every problem is told at once.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;

use super::relay::{BadRelay, HelloName, Relay, Secret};
use super::sign_on::{parse_issuer, parse_roles};
use super::{
    CalendarLinkTemplates, Config, ConfigError, DatabaseUrl, Hsts, KEYS, Listen, LogFormat, Mailbox, PublicUrl, Rate,
    Settings, SignOnConfig,
};
use crate::values::Label;

impl Settings {
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

/// Reads values and collects what is wrong with them.
struct Reader<'s> {
    settings: &'s Settings,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn config(&mut self) -> Option<Config> {
        // Every key is read before the first missing one ends it, so that all problems are told.
        let listen = self.read("listen", Listen::parse);
        let public_url = self.read("public_url", PublicUrl::parse);
        let database_url = self.read("database_url", DatabaseUrl::parse);
        let database_connections = self.read("database_connections", number::<u32>(1, 1_000));
        let password_file = self.read("smtp_password_file", optional(|v| Ok(PathBuf::from(v))));
        let token_command = self.read("smtp_token_command", optional(|v| Ok(v.to_owned())));
        let secret = secret(password_file.flatten(), token_command.flatten());
        let relay = |v: &str| Relay::parse(v, secret.clone()?);
        let smtp_url = self.read("smtp_url", optional(|v| relay(v).map_err(|p| p.to_string())));
        let smtp_helo = self.read("smtp_helo", optional(HelloName::parse));
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
        let hsts = self.read("hsts", parse_hsts);
        let font_dir = self.read("font_dir", optional(parse_directory));
        let backup_dir = self.read("backup_dir", optional(|v| Ok(PathBuf::from(v))));
        let backup_keep = self.read("backup_keep", number::<usize>(1, 10_000));
        let sign_on = self.sign_on();
        let log_format = self.read("log_format", parse_log_format);
        let log = self.read("log", |v| Ok(v.to_owned()));
        let (public_url, smtp_helo) = (public_url?, smtp_helo?);
        // On this machine only, `public_url` has no name that others know.
        let hello = smtp_helo.or_else(|| HelloName::parse(public_url.host()).ok());
        Some(Config {
            listen: listen?,
            public_url,
            database_url: database_url?,
            database_connections: database_connections?,
            smtp_url: smtp_url?.map(|relay| Relay { hello, ..relay }),
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
            calendar_links: CalendarLinkTemplates {
                google: google?,
                outlook: outlook?,
            },
            hsts: hsts?,
            font_dir: font_dir?,
            backup_dir: backup_dir?,
            backup_keep: backup_keep?,
            sign_on: sign_on?,
            log_format: log_format?,
            log: log?,
            shown: self.settings.shown().into(),
        })
    }

    /// All that a provider needs, or nothing of it.
    #[expect(
        clippy::option_option,
        reason = "as `read` gives it for a value that need not be set"
    )]
    fn sign_on(&mut self) -> Option<Option<SignOnConfig>> {
        let text = |value: &str| Ok(value.to_owned());
        let issuer = self.read("oidc_issuer", optional(parse_issuer));
        let client_id = self.read("oidc_client_id", optional(text));
        let secret_file = self.read("oidc_client_secret_file", optional(|value| Ok(PathBuf::from(value))));
        let role_claim = self.read("oidc_role_claim", optional(text));
        let roles = self.read("oidc_roles", parse_roles);
        let (role_claim, roles) = (role_claim?, roles?);
        match (issuer?, client_id?, secret_file?) {
            (None, _, _) => Some(None),
            (Some(issuer), Some(client_id), Some(secret_file)) => Some(Some(SignOnConfig {
                issuer,
                client_id,
                secret_file,
                role_claim,
                roles,
            })),
            (Some(_), ..) => {
                self.problems
                    .push("oidc_issuer: set oidc_client_id and oidc_client_secret_file too".to_owned());
                None
            }
        }
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

/// What proves who signs in at the relay, where that does not stand in `smtp_url`.
fn secret(password_file: Option<PathBuf>, token_command: Option<String>) -> Result<Option<Secret>, BadRelay> {
    match (password_file, token_command) {
        (Some(_), Some(_)) => Err(BadRelay::TwoSecrets),
        (Some(file), None) => Ok(Some(Secret::PasswordFile(file))),
        (None, Some(command)) => Ok(Some(Secret::TokenCommand(command))),
        (None, None) => Ok(None),
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

fn parse_directory(value: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(value);
    if path.is_dir() {
        Ok(path)
    } else {
        Err(format!("{value} is no directory that can be read"))
    }
}

fn parse_hsts(value: &str) -> Result<Hsts, String> {
    match value {
        "off" => Ok(Hsts::Off),
        "on" => Ok(Hsts::On),
        "subdomains" => Ok(Hsts::Subdomains),
        _ => Err("expected on, off or subdomains".to_owned()),
    }
}

fn parse_log_format(value: &str) -> Result<LogFormat, String> {
    match value {
        "text" => Ok(LogFormat::Text),
        "" if std::io::IsTerminal::is_terminal(&std::io::stderr()) => Ok(LogFormat::Text),
        "" | "json" => Ok(LogFormat::Json),
        _ => Err("expected text or json".to_owned()),
    }
}
