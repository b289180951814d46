//! What every handler may use.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

use actix_web::HttpRequest;
use actix_web::web::Data;
use futures_util::future::BoxFuture;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError, Tx};
use crate::mail::catcher::Caught;
use crate::mail::{Bell, Route};
use crate::uploads::PictureReader;
use crate::values::{HourCycle, Label, LinkKey};

use super::WebError;
use super::appearance::AppearanceNow;
use super::asked_consent::AskedConsent;
use super::client::Network;
use super::layout::{Keeping, Layout, Section};
use super::limits::{Limits, OwnLimits};
use super::revalidate::RecentTags;
use super::trail::Trail;

/// Built once by `app`, shared by all handlers.
#[derive(Clone)]
pub struct AppState {
    /// The database.
    pub db: Db,
    /// The settings.
    pub config: Arc<Config>,
    /// What time it is.
    pub clock: Clock,
    /// Signs and checks personal links.
    pub links: LinkKey,
    /// Rung after a commit that put mail into the outbox.
    pub bell: Bell,
    /// What is known of the way to the mail relay.
    pub route: Arc<Route>,
    /// What strangers did so often, by network and by address.
    pub limits: Arc<Limits>,
    /// Tags of the pages that browsers asked for last.
    pub recent_tags: Arc<RecentTags>,
    /// What organizers set for single webcasts.
    pub own_limits: Arc<OwnLimits>,
    /// What the firm looks like.
    pub appearance: Arc<AppearanceNow>,
    /// The wording of the consent to more mail.
    pub consent: Arc<AskedConsent>,
    /// Whether there is an imprint, to which every page leads.
    pub has_imprint: Arc<AtomicBool>,
    /// Warns once of a proxy that `trusted_proxies` does not name.
    pub proxy_warning: Arc<Once>,
    /// Has pictures from outside read.
    pub picture_reader: PictureReader,
    /// The mails of `demo`, where the built-in catcher runs.
    pub caught: Option<Caught>,
}

impl AppState {
    /// The state of the app that a request came to.
    ///
    /// # Errors
    /// When the app was built without it.
    pub fn of(request: &HttpRequest) -> Result<Data<Self>, WebError> {
        let state = request.app_data::<Data<Self>>().cloned();
        state.ok_or_else(|| WebError::internal("the app was built without its state"))
    }

    /// Who a request came from, for limits.
    #[must_use]
    pub fn network_of(&self, request: &HttpRequest) -> Network {
        Network::of(request, &self.config.trusted_proxies, &self.proxy_warning)
    }

    /// Writes down, beside the request, what no answer depends on: nobody waits for it, and a database that cannot write
    /// now takes no page away. `what` stands in the log where it could not be written.
    pub fn note<F>(&self, what: &'static str, job: F)
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<(), DbError>> + Send + Sync + 'static,
    {
        let (db, bell) = (self.db.clone(), self.bell.clone());
        tokio::spawn(async move {
            match db.write(job).await {
                Ok(()) => bell.ring(),
                Err(error) => tracing::warn!(%error, "{what} could not be noted"),
            }
        });
    }

    /// The firm's name.
    #[must_use]
    pub fn organization(&self) -> Label {
        self.appearance.now().organization.clone()
    }

    /// Whether mail can go out at all.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.config.smtp_url.is_some() && self.config.mail_from.is_some()
    }

    /// The frame of a public page.
    #[must_use]
    pub fn layout(&self, section: Section, title: impl Into<String>) -> Layout {
        let appearance = self.appearance.now();
        Layout {
            title: title.into(),
            organization: appearance.organization.as_str().to_owned(),
            accent: appearance.accent.map(|accent| accent.to_string()),
            description: String::new(),
            section,
            demo: self.caught.is_some(),
            has_imprint: self.has_imprint.load(Ordering::Relaxed),
            keeping: Keeping::Asked,
            hours: HourCycle::default(),
            trail: Trail::default(),
            share: None,
            console: None,
        }
    }

    /// The frame of a page that belongs to one person.
    #[must_use]
    pub fn personal_layout(&self, section: Section, title: impl Into<String>) -> Layout {
        Layout {
            keeping: Keeping::Personal,
            ..self.layout(section, title)
        }
    }
}
