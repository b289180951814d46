//! What the firm looks like: its name and its colour. What the settings file says holds; else what an owner has saved, which is
//! read again every few seconds.

use std::sync::{Arc, PoisonError, RwLock};

use crate::config::{Config, Source};
use crate::values::{Accent, Label};

/// It, now.
#[derive(Debug)]
pub struct AppearanceNow(RwLock<Arc<Appearance>>);

/// What it looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appearance {
    /// On pages and in mails.
    pub organization: Label,
    /// `None`: ours.
    pub accent: Option<Accent>,
}

impl AppearanceNow {
    /// As the settings file says it.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self(RwLock::new(Arc::new(Appearance {
            organization: config.organization.clone(),
            accent: None,
        })))
    }

    /// What it looks like now.
    #[must_use]
    pub fn now(&self) -> Arc<Appearance> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks like this from now on.
    pub fn replace(&self, appearance: Appearance) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if **kept != appearance {
            *kept = Arc::new(appearance);
        }
    }
}

impl Config {
    /// Where the firm's name came from; `None`: nobody has set it outside, and an owner may.
    #[must_use]
    pub fn organization_is_from(&self) -> Option<&Source> {
        let set = self.shown.iter().find(|setting| setting.name == "organization")?;
        (set.source != Source::Default).then_some(&set.source)
    }
}
