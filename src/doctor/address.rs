//! What visitors come through: the public address, and the proxy before it.

use std::net::IpAddr;
use std::time::Duration;

use super::Finding;
use crate::config::{Config, Listen};
use crate::web::INSTALLATION;
use crate::web::outgoing::agent;

/// Whether `public_url` leads to this installation, asked as a visitor's browser would.
pub(super) async fn lead(config: &Config, here: Option<&str>, patience: Duration) -> Finding {
    let url = config.public_url.link("/healthz");
    let asked = tokio::task::spawn_blocking(move || ask(&url, patience)).await;
    let (url, answer) = (
        config.public_url.link(""),
        asked.unwrap_or(Err(ureq::Error::HostNotFound)),
    );
    let mark = match answer {
        Ok(mark) => mark,
        Err(error) if is_of_tls(&error) => {
            return Finding::fault(
                "address",
                format!(
                    "{url} fails at TLS: {}. See to its certificate, at the proxy",
                    in_words(&error)
                ),
            );
        }
        Err(error) => {
            return Finding::warning(
                "address",
                format!(
                    "{url} cannot be reached from here: {}. Start `commonground serve`; then check the name's DNS entry, the proxy and the firewall",
                    in_words(&error)
                ),
            );
        }
    };
    match (mark, here) {
        (None, _) => Finding::fault(
            "address",
            format!(
                "something else answers at {url}. Have the proxy lead to listen, or set public_url to what visitors type"
            ),
        ),
        (Some(there), Some(here)) if there != here => Finding::fault(
            "address",
            format!(
                "{url} leads to another installation, with another secret key. Have the proxy lead to this one's listen"
            ),
        ),
        (Some(_), None) => Finding::warning(
            "address",
            format!("{url} leads to an installation; whether to this one, its database would tell"),
        ),
        (Some(_), Some(_)) => Finding::good("address", format!("{url} leads here")),
    }
}

fn is_of_tls(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => true,
        ureq::Error::Io(error) => error
            .get_ref()
            .is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>),
        _ => false,
    }
}

fn in_words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// The mark of the installation that answers there; `None` where something else does.
fn ask(url: &str, patience: Duration) -> Result<Option<String>, ureq::Error> {
    let answer = agent(patience).get(url).call()?;
    let mark = answer.headers().get(INSTALLATION);
    Ok(mark.and_then(|mark| mark.to_str().ok()).map(str::to_owned))
}

pub(super) fn proxies(config: &Config) -> Finding {
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
            Finding::fault("proxies", "trusted_proxies believes everybody: anyone can claim any address. Name your proxy".to_owned())
        }
        (Listen::Tcp(_), true) if !trusts_loopback => Finding::warning("proxies", "a proxy seems to be in front, and trusted_proxies does not name it: all visitors count as one. Set it to 127.0.0.1"
                .to_owned(),
        ),
        _ if trusted.is_empty() => Finding::good("proxies", "none trusted".to_owned()),
        _ => Finding::good("proxies", format!("{} trusted", trusted.len())),
    }
}
