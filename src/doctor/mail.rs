//! The relay, as far as it lets itself be tried without a mail, and the sender.

use std::time::Duration;

use super::Finding;
use crate::config::Config;
use crate::mail::advice::what_to_do;
use crate::mail::relay::Phases;
use crate::mail::smtp::Dialer;
use crate::mail::smtp::reply::Reply;

pub(super) async fn relay(config: &Config, patience: Duration) -> Finding {
    let Some(relay) = config.smtp_url.clone() else {
        return Finding::warning(
            "mail",
            "no smtp_url is set: mail is kept in the outbox, not sent".to_owned(),
        );
    };
    let server = format!("{}:{}", relay.host, relay.port);
    let signs_in = relay.login.is_some();
    let dialer = match Dialer::new(relay, Phases::default()) {
        Ok(dialer) => dialer,
        Err(error) => {
            return Finding::fault(
                "mail",
                format!(
                    "{server}: TLS cannot be used: {error}. Check the host in smtp_url and the system's certificates"
                ),
            );
        }
    };
    match tokio::time::timeout(patience, dialer.connect()).await {
        Err(_) => Finding::fault(
            "mail",
            format!("{server} does not answer. Check host and port in smtp_url, and the firewall"),
        ),
        Ok(Err(reply)) => Finding::fault(
            "mail",
            format!("{server}: {}. {}", without_stop(&reply), what_to_do(&reply)),
        ),
        Ok(Ok(mut connection)) => {
            if let Some(from) = &config.mail_from
                && let Err((step, reply)) = connection.would_take(from.address.as_str()).await
            {
                return Finding::fault(
                    "mail",
                    format!(
                        "{server} refuses mail from mail_from to itself at {step}: {}. {}",
                        without_stop(&reply),
                        what_to_do(&reply)
                    ),
                );
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
        Some(limit) if (limit as u64) < needed => Finding::warning(
            "mail",
            format!(
                "{so_far}; takes {} MB, less than max_attachment_mb needs: larger papers go as links",
                limit / 1_000_000
            ),
        ),
        Some(limit) => Finding::good("mail", format!("{so_far}, takes {} MB", limit / 1_000_000)),
        None => Finding::good("mail", format!("{so_far}, says no size limit")),
    }
}

pub(super) fn sender(config: &Config) -> Finding {
    match (&config.mail_from, &config.smtp_url) {
        (Some(from), _) => Finding::good("sender", format!("{}", from.address)),
        (None, Some(_)) => Finding::fault(
            "sender",
            "mail_from is not set. Set it to \"Name <name@your-domain>\"".to_owned(),
        ),
        (None, None) => Finding::warning(
            "sender",
            "mail_from is not set; it is needed once smtp_url is".to_owned(),
        ),
    }
}
