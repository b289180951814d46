//! `doctor`: is everything as it should be? One line each.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::{CommandOutcome, Failure, say};
use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl, Listen, Settings};
use crate::db::inspect::{self, Inspected};
use crate::mail::advice::what_to_do;
use crate::mail::relay::Phases;
use crate::mail::smtp::Dialer;
use crate::mail::smtp::reply::Reply;

/// Check settings, database, mail server, clock, disk and proxies; one line each
#[derive(Args)]
#[command(after_help = "Example:\n  commonground doctor --config /etc/commonground.toml")]
pub(super) struct Doctor {}

/// Below this the next write may fail; below the other it is time to act.
const FAULT_BELOW: u64 = 100_000_000;
const WARN_BELOW: u64 = 1_000_000_000;
/// A relay that takes longer to greet than this is a fault.
const PATIENCE: Duration = Duration::from_secs(30);

enum Finding {
    Good(String),
    Warning(String),
    Fault(String),
}
use Finding::{Fault, Good, Warning};

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Good(words) => write!(f, "ok     {words}"),
            Warning(words) => write!(f, "warn   {words}"),
            Fault(words) => write!(f, "FAULT  {words}"),
        }
    }
}

impl Doctor {
    pub(super) async fn run(&self, settings: &Settings) -> CommandOutcome {
        let mut faults = 0;
        let mut tell = |finding: Finding| {
            faults += usize::from(matches!(finding, Fault(_)));
            say!("{finding}")
        };
        let config = match settings.parse() {
            Ok(config) => config,
            Err(problems) => {
                for problem in problems.0 {
                    tell(Fault(format!("settings   {problem}")))?;
                }
                return Err(failed(faults));
            }
        };
        tell(Good("settings   all can be read".to_owned()))?;
        tell(database(&config).await)?;
        tell(mail(&config).await)?;
        tell(sender(&config))?;
        tell(clock(Clock::system().now()))?;
        tell(disk(&config))?;
        tell(proxies(&config))?;
        if faults == 0 { Ok(()) } else { Err(failed(faults)) }
    }
}

fn failed(faults: usize) -> Failure {
    Failure::Failed(anyhow::anyhow!(
        "{faults} {}. What to do stands on the lines with FAULT",
        if faults == 1 { "fault" } else { "faults" }
    ))
}

async fn database(config: &Config) -> Finding {
    match inspect::inspect(&config.database_url).await {
        Ok(_) if inspect::is_open_to_others(&config.database_url) => Warning(
            "database   others on this machine can read its file, which holds people's data and the secret key. \
             Run `chmod 600` on it and on the files beside it"
                .to_owned(),
        ),
        Ok(Inspected::Current) => Good("database   reachable, at this version".to_owned()),
        Ok(Inspected::Behind(steps)) => Warning(format!(
            "database   reachable, {steps} steps behind this version. `commonground migrate` or `serve` brings it up to date"
        )),
        Ok(Inspected::Empty) => Warning("database   reachable and empty. `commonground serve` fills it".to_owned()),
        Ok(Inspected::Missing(path)) => Warning(format!(
            "database   {} is not there yet. `commonground serve` makes it",
            path.display()
        )),
        Err(error) => Fault(format!("database   {error}")),
    }
}

async fn mail(config: &Config) -> Finding {
    let Some(relay) = config.smtp_url.clone() else {
        return Warning("mail       no smtp_url is set: mail is kept in the outbox, not sent".to_owned());
    };
    let server = format!("{}:{}", relay.host, relay.port);
    let signs_in = relay.login.is_some();
    let dialer = match Dialer::new(relay, Phases::default()) {
        Ok(dialer) => dialer,
        Err(error) => {
            return Fault(format!(
                "mail       {server}: TLS cannot be used: {error}. Check the host in smtp_url and the system's certificates"
            ));
        }
    };
    match tokio::time::timeout(PATIENCE, dialer.connect()).await {
        Err(_) => Fault(format!(
            "mail       {server} does not answer. Check host and port in smtp_url, and the firewall"
        )),
        Ok(Err(reply)) => Fault(format!(
            "mail       {server}: {}. {}",
            without_stop(&reply),
            what_to_do(&reply)
        )),
        Ok(Ok(mut connection)) => {
            if let Some(from) = &config.mail_from
                && let Err((step, reply)) = connection.would_take(from.address.as_str()).await
            {
                return Fault(format!(
                    "mail       {server} refuses mail from mail_from to itself at {step}: {}. {}",
                    without_stop(&reply),
                    what_to_do(&reply)
                ));
            }
            let encrypted = if connection.is_encrypted() {
                "encrypted"
            } else {
                "not encrypted"
            };
            let signed_in = if signs_in { ", signed in" } else { "" };
            let limit = connection.size_limit();
            connection.close().await;
            judge_size(config, &format!("{server} connected, {encrypted}{signed_in}"), limit)
        }
    }
}

/// A sentence goes on after it.
fn without_stop(reply: &Reply) -> String {
    reply.to_string().trim_end_matches('.').to_owned()
}

/// Base64 adds a third, and the mail's own text some more.
fn judge_size(config: &Config, so_far: &str, limit: Option<usize>) -> Finding {
    let needed = config.max_attachment.saturating_mul(7) / 5;
    match limit {
        Some(limit) if (limit as u64) < needed => Warning(format!(
            "mail       {so_far}; takes {} MB, less than max_attachment_mb needs: larger papers go as links",
            limit / 1_000_000
        )),
        Some(limit) => Good(format!("mail       {so_far}, takes {} MB", limit / 1_000_000)),
        None => Good(format!("mail       {so_far}, says no size limit")),
    }
}

fn sender(config: &Config) -> Finding {
    match (&config.mail_from, &config.smtp_url) {
        (Some(from), _) => Good(format!("sender     {}", from.address)),
        (None, Some(_)) => Fault("sender     mail_from is not set. Set it to \"Name <name@your-domain>\"".to_owned()),
        (None, None) => Warning("sender     mail_from is not set; it is needed once smtp_url is".to_owned()),
    }
}

/// A clock that was never set is years off.
fn clock(now: Timestamp) -> Finding {
    let year = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).year();
    if (2026..2100).contains(&year) {
        Good(format!("clock      {now:.0}"))
    } else {
        Fault(format!(
            "clock      says {now:.0}. Set it: reminders and links depend on it"
        ))
    }
}

fn disk(config: &Config) -> Finding {
    let directory = data_directory(config);
    match inspect::free_space(&directory) {
        Ok(free) if free < FAULT_BELOW => Fault(format!(
            "disk       {} MB free in {}. Free some space: nothing can be stored soon",
            free / 1_000_000,
            directory.display()
        )),
        Ok(free) if free < WARN_BELOW => Warning(format!(
            "disk       {} MB free in {}",
            free / 1_000_000,
            directory.display()
        )),
        Ok(free) => Good(format!(
            "disk       {} GB free in {}",
            free / 1_000_000_000,
            directory.display()
        )),
        Err(error) => Fault(format!("disk       {}: {error}", directory.display())),
    }
}

/// Where the data will be: the nearest directory that exists.
fn data_directory(config: &Config) -> PathBuf {
    let DatabaseUrl::Sqlite(path) = &config.database_url else {
        return std::env::temp_dir();
    };
    path.ancestors()
        .skip(1)
        .map(|directory| {
            if directory.as_os_str().is_empty() {
                Path::new(".")
            } else {
                directory
            }
        })
        .find(|directory| directory.is_dir())
        .unwrap_or(Path::new("."))
        .to_owned()
}

fn proxies(config: &Config) -> Finding {
    let behind_proxy = match &config.listen {
        Listen::Unix(_) => true,
        Listen::Tcp(address) => address.ip().is_loopback() && config.public_url.is_secure(),
    };
    let trusted = &config.trusted_proxies;
    let trusts_all = trusted.iter().any(|network| network.prefix_len() == 0);
    let trusts_loopback = trusted
        .iter()
        .any(|network| network.contains(&IpAddr::from([127, 0, 0, 1])));
    match (&config.listen, behind_proxy) {
        _ if trusts_all => {
            Fault("proxies    trusted_proxies believes everybody: anyone can claim any address. Name your proxy".to_owned())
        }
        (Listen::Tcp(_), true) if !trusts_loopback => Warning(
            "proxies    a proxy seems to be in front, and trusted_proxies does not name it: all visitors count as one. Set it to 127.0.0.1"
                .to_owned(),
        ),
        _ if trusted.is_empty() => Good("proxies    none trusted".to_owned()),
        _ => Good(format!("proxies    {} trusted", trusted.len())),
    }
}
