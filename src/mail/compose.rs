//! Who writes the bodies: features, when the mail is sent, from today's truth.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::kind::Kind;
use super::message::Message;
use super::outbox::Claimed;
use crate::db::{Conn, DbError};

/// What came of composing one mail.
#[derive(Debug)]
pub enum Composed {
    /// Send this.
    Send(Box<Message>),
    /// There is nothing to say any more, and why.
    Skip(String),
    /// It cannot be written, and why. The mail fails alone and visibly.
    Poison(String),
}

impl From<Message> for Composed {
    fn from(message: Message) -> Self {
        Self::Send(Box::new(message))
    }
}

/// Writes one mail from what was loaded. It runs just before the mail is sent; a panic in it is a poison row.
pub type Composition = Box<dyn FnOnce() -> Composed + Send>;

/// Implemented by each feature that sends mail (its `mails.rs`), registered by `app.rs`.
pub trait Compose: Send + Sync {
    /// The kinds it composes.
    fn kinds(&self) -> &[Kind];

    /// Loads what all of these mails need, with one query and not one for each, and gives a composition for each, in the
    /// same order. All are of one kind.
    fn load<'a>(&'a self, conn: &'a mut Conn, mails: &'a [Claimed])
    -> BoxFuture<'a, Result<Vec<Composition>, DbError>>;
}

/// All composers, by the kinds they bring.
#[derive(Clone, Default)]
pub struct Composers(HashMap<&'static str, (Kind, Arc<dyn Compose>)>);

impl Composers {
    /// Adds a feature's.
    #[must_use]
    pub fn with(mut self, composer: impl Compose + 'static) -> Self {
        let composer: Arc<dyn Compose> = Arc::new(composer);
        for kind in composer.kinds() {
            self.0.insert(kind.name, (*kind, Arc::clone(&composer)));
        }
        self
    }

    /// All kinds that are composed.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        self.0.values().map(|(kind, _)| *kind).collect()
    }

    pub(super) fn find(&self, kind: &str) -> Option<(Kind, &dyn Compose)> {
        self.0.get(kind).map(|(kind, composer)| (*kind, composer.as_ref()))
    }

    /// Writes one mail now, as an organizer's preview shows it. `None`: nobody composes this kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn preview(&self, conn: &mut Conn, mail: &Claimed) -> Result<Option<Composed>, DbError> {
        let Some((_, composer)) = self.find(&mail.kind) else {
            return Ok(None);
        };
        let composition = composer.load(conn, std::slice::from_ref(mail)).await?.pop();
        Ok(composition.map(|composition| composition()))
    }
}
