//! What stands around every organizers' page: where one is, what needs somebody, whose clock the times are of.

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{BoxFuture, LocalBoxFuture};
use jiff::Timestamp;

use super::flash::Flash;
use super::words;
use crate::db::{Conn, DbError, instant};
use crate::organizers::acts::Act;
use crate::organizers::{Organizer, SignedIn};
use crate::undo::UndoKinds;
use crate::values::Zone;
use crate::web::layout::{Layout, Section, Tone, When};
use crate::web::{AppState, WebError, time};

/// Something that needs somebody, with the button that leads to it.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// How bad it is.
    pub tone: Tone,
    /// What it is, in a sentence.
    pub words: String,
    /// What the button says.
    pub button: &'static str,
    /// Where it leads.
    pub path: String,
    /// Until when it must be done; what has no such time comes after what has.
    pub due: Option<Timestamp>,
}

/// What every page shows of the rest. Features know it; the frame does not.
pub(crate) struct Surroundings {
    /// The organization's clock, or one's own.
    pub zone: Zone,
    /// Whether an owner keeps names and addresses from those who only look.
    pub viewers_see_initials: bool,
    /// Most urgent first.
    pub needs: Vec<Need>,
    /// Mails that somebody must look at.
    pub mails: i64,
    /// People who want to talk about their result.
    pub talks: i64,
}

/// Looks around; handed in by `app`.
#[derive(Clone, Copy)]
pub(crate) struct LookAround(
    pub for<'c> fn(&'c mut Conn, &'c AppState, Timestamp) -> BoxFuture<'c, Result<Surroundings, DbError>>,
);

/// Where one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MenuEntry {
    /// `/organizer`
    Home,
    /// Webcasts and their sessions.
    Webcasts,
    /// Whitepapers.
    Papers,
    /// The self-assessment.
    Assessment,
    /// Everybody who left an address.
    People,
    /// Mail.
    Mail,
    /// What owners set for everybody.
    Settings,
}

/// A page above this one.
pub(crate) struct Crumb {
    pub path: String,
    pub words: String,
}

/// The frame, ready to print.
pub(crate) struct ConsoleFrame {
    entry: MenuEntry,
    /// Who is signed in.
    pub who: String,
    /// As what.
    pub role: &'static str,
    /// From the entry's own page down.
    pub crumbs: Vec<Crumb>,
    /// Open tasks; empty where there is none.
    pub tasks: String,
    /// Mails to look at.
    pub mails: String,
    /// People who want to talk.
    pub talks: String,
    /// "Berlin time (UTC+1)".
    pub zone: String,
    /// Whether they set anything for everybody.
    pub sees_settings: bool,
    /// Whether single keys do something.
    pub has_shortcuts: bool,
    /// Names and addresses are kept from whoever looks.
    pub hides_people: bool,
    /// What the last act did.
    pub flash: Option<Flash>,
}

impl ConsoleFrame {
    /// Templates ask this to mark the current entry.
    pub(crate) fn at(&self, entry: &str) -> bool {
        let name = match self.entry {
            MenuEntry::Home => "home",
            MenuEntry::Webcasts => "webcasts",
            MenuEntry::Papers => "papers",
            MenuEntry::Assessment => "assessment",
            MenuEntry::People => "people",
            MenuEntry::Mail => "mail",
            MenuEntry::Settings => "settings",
        };
        name == entry
    }

    /// Below these pages.
    pub(crate) fn below(mut self, path: impl Into<String>, words: impl Into<String>) -> Self {
        self.crumbs.push(Crumb {
            path: path.into(),
            words: words.into(),
        });
        self
    }

    /// With the word that what was typed before the sign-in ended is here again.
    pub(crate) fn brought_back(self) -> Self {
        self.with(Some(
            "You are signed in again. Nothing is saved yet: look over what you typed, then save.",
        ))
    }

    /// With what the last act did.
    pub(crate) fn with(self, flash: Option<impl Into<Flash>>) -> Self {
        Self {
            flash: flash.map(Into::into),
            ..self
        }
    }
}

/// Somebody at an organizers' page that they may see. The argument of every handler that draws one.
pub(crate) struct Console {
    /// Who.
    pub who: Organizer,
    /// The app's state.
    pub state: Data<AppState>,
    /// What is around.
    pub around: Surroundings,
    /// What can be undone.
    pub undo_kinds: UndoKinds,
}

impl FromRequest for Console {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let SignedIn(who) = signed_in.await?;
            let state = AppState::of(&request)?;
            let look = request.app_data::<Data<LookAround>>();
            let look = look.ok_or_else(|| WebError::internal("the app was built without its surroundings"))?;
            let mut around = (look.0)(&mut state.db.read().await?, &state, state.clock.now()).await?;
            if let Some(zone) = &who.zone {
                around.zone = zone.clone();
            }
            let kinds = request.app_data::<Data<UndoKinds>>().map(|kinds| *kinds.get_ref());
            Ok(Self {
                who,
                state,
                around,
                undo_kinds: kinds.unwrap_or(UndoKinds(&[])),
            })
        })
    }
}

impl Console {
    /// Layout and frame of a page.
    pub(crate) fn page(&self, entry: MenuEntry, title: impl Into<String>) -> (Layout, ConsoleFrame) {
        let number = |count: i64| if count == 0 { String::new() } else { words::count(count) };
        let tasks = i64::try_from(self.around.needs.len()).unwrap_or(i64::MAX);
        let frame = ConsoleFrame {
            entry,
            who: self.who.name.as_str().to_owned(),
            role: self.who.role.as_str(),
            crumbs: Vec::new(),
            tasks: number(tasks),
            mails: number(self.around.mails),
            talks: number(self.around.talks),
            zone: time::zone_in_words(self.state.clock.now(), &self.around.zone),
            sees_settings: self.may(Act::SeeTeam),
            has_shortcuts: self.who.has_shortcuts,
            hides_people: self.hides_people(),
            flash: None,
        };
        (self.state.personal_layout(Section::None, title), frame)
    }

    /// Whether they may do that: buttons that lead to a refusal are not drawn.
    pub(crate) fn may(&self, act: Act) -> bool {
        self.who.role.may(act)
    }

    /// A moment in a list, on the organization's clock.
    pub(crate) fn moment(&self, at: Timestamp) -> When {
        time::in_table(at, &self.around.zone)
    }

    /// The same of a stored moment.
    pub(crate) fn stored_moment(&self, at: i64) -> Result<When, DbError> {
        Ok(self.moment(instant(at)?))
    }
}
