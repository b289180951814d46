//! Does a domain take mail at all?
//!
//! Asked of DNS before the first mail to a domain, so that a mistyped one is seen at once. Whatever is not certain
//! counts as yes: a resolver that fails, answers late, or knows no domain at all stops no mail.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{Name, RData};
use tokio::time::{Instant, timeout};

/// How long an answer is believed.
const BELIEVED: Duration = Duration::from_hours(1);
/// Answers kept; then the old ones go.
const KEPT: usize = 10_000;

/// What DNS says of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// It takes mail, or nobody can say.
    Mail,
    /// It says that it takes none (a null MX).
    None,
    /// There is no such domain.
    Nonexistent,
}

impl Takes {
    /// Why a mail to it cannot be sent, for the outbox's list.
    pub(super) fn objection(self) -> Option<&'static str> {
        match self {
            Self::Mail => None,
            Self::None => Some("The domain says that it takes no mail."),
            Self::Nonexistent => Some("The domain does not exist."),
        }
    }
}

/// What stands after the @.
pub(super) fn domain(recipient: &str) -> &str {
    recipient.rsplit('@').next().unwrap_or_default()
}

/// Asks DNS and remembers.
pub(super) struct Domains {
    /// `None`: every domain takes mail, because the relay is on this machine or there is no resolver.
    resolver: Option<TokioResolver>,
    patience: Duration,
    known: Mutex<HashMap<String, (Instant, Takes)>>,
    /// The resolver has found at least one domain. One that finds none (a closed network) is not believed when it
    /// says that a domain does not exist.
    proven: AtomicBool,
}

impl Domains {
    /// Asks nobody.
    pub(super) fn unasked() -> Self {
        Self::with(None, Duration::ZERO)
    }

    /// Asks the system's resolver.
    pub(super) fn asked(patience: Duration) -> Self {
        let resolver = TokioResolver::builder_tokio().and_then(hickory_resolver::ResolverBuilder::build);
        if let Err(error) = &resolver {
            tracing::warn!(%error, "no DNS resolver; domains are not checked before mail goes to them");
        }
        Self::with(resolver.ok(), patience)
    }

    fn with(resolver: Option<TokioResolver>, patience: Duration) -> Self {
        Self {
            resolver,
            patience,
            known: Mutex::default(),
            proven: AtomicBool::new(false),
        }
    }

    /// Whether these domains take mail. All are asked at the same time.
    pub(super) async fn check_all(&self, domains: impl Iterator<Item = &str>) -> HashMap<String, Takes> {
        if self.resolver.is_none() {
            return HashMap::new();
        }
        let different: HashSet<&str> = domains.collect();
        let answers = different
            .into_iter()
            .map(async |domain| (domain.to_owned(), self.check(domain).await));
        join_all(answers).await.into_iter().collect()
    }

    /// Whether the domain takes mail.
    async fn check(&self, domain: &str) -> Takes {
        let Some(resolver) = &self.resolver else {
            return Takes::Mail;
        };
        if let Some(takes) = self.remembered(domain) {
            return takes;
        }
        let takes = match timeout(self.patience, self.ask(resolver, domain)).await {
            Ok(takes) => takes,
            Err(_) => Takes::Mail,
        };
        self.remember(domain, takes);
        takes
    }

    async fn ask(&self, resolver: &TokioResolver, domain: &str) -> Takes {
        // With the root's dot, the resolver's search list stays out of it.
        match resolver.mx_lookup(format!("{domain}.")).await {
            Ok(found) => {
                self.proven.store(true, Ordering::Relaxed);
                let mut exchanges = found.answers().iter().filter_map(|record| match &record.data {
                    RData::MX(mx) => Some(&mx.exchange),
                    _ => None,
                });
                let null = |name: &Name| name.is_root();
                if exchanges.next().is_some_and(null) && exchanges.next().is_none() {
                    Takes::None
                } else {
                    Takes::Mail
                }
            }
            Err(error) if error.is_nx_domain() && self.proven.load(Ordering::Relaxed) => Takes::Nonexistent,
            Err(_) => Takes::Mail,
        }
    }

    fn remembered(&self, domain: &str) -> Option<Takes> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, takes) = known.get(domain)?;
        (at.elapsed() < BELIEVED).then_some(*takes)
    }

    fn remember(&self, domain: &str, takes: Takes) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(domain.to_owned(), (Instant::now(), takes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_resolver_every_domain_takes_mail() {
        assert_eq!(Domains::unasked().check("example.org").await.objection(), None);
    }

    #[tokio::test]
    async fn what_is_remembered_is_not_asked_again() {
        let domains = Domains::asked(Duration::from_millis(1));
        domains.remember("nowhere.example", Takes::None);
        assert_eq!(domains.check("nowhere.example").await, Takes::None);
    }
}
