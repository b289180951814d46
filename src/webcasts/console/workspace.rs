//! What stands above every page of one webcast: its title, who sees it, where its page is, and the way to its other pages.

use jiff::{SignedDuration, Timestamp};

use super::run_path;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::organizers::acts::Act;
use crate::values::Slug;
use crate::web::WebError;
use crate::web::layout::{Badge, Layout, Tone};
use crate::webcasts::{Session, SessionState, Webcast, WebcastState, store};

/// A page of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// How it stands.
    Overview,
    /// What its page says.
    Page,
    /// Who speaks.
    Speakers,
    /// When it is aired.
    Sessions,
    /// Who is registered.
    People,
    /// What the form asks.
    Form,
    /// Who may register.
    Guests,
}

/// What is to be done next with a webcast.
pub(crate) enum NextStep {
    /// Show it to everybody.
    Publish,
    /// Its day has come: the page for it.
    Run(String),
    /// It is over, and there is nothing to watch: the page of its last session.
    AddReplay(String),
}

/// From so long before the start on, what one needs is the day's page.
const THE_DAY: SignedDuration = SignedDuration::from_hours(2);

/// The head, ready to print.
pub(crate) struct WorkspaceHead {
    /// The workspace's address.
    pub(crate) path: String,
    /// The page that visitors see.
    pub(crate) page: String,
    pub(crate) title: String,
    pub(crate) state: Badge,
    /// False for those who only look.
    pub(crate) may_edit: bool,
    /// The one filled button.
    pub(crate) next_step: Option<NextStep>,
    tab: Tab,
    is_draft: bool,
}

impl WorkspaceHead {
    /// Templates ask this to mark the current page.
    pub(crate) fn at(&self, tab: &str) -> bool {
        let name = match self.tab {
            Tab::Overview => "overview",
            Tab::Page => "page",
            Tab::Speakers => "speakers",
            Tab::Sessions => "sessions",
            Tab::People => "people",
            Tab::Form => "form",
            Tab::Guests => "guests",
        };
        name == tab
    }

    /// Whether only organizers see it.
    pub(crate) fn is_draft(&self) -> bool {
        self.is_draft
    }
}

/// A webcast with its sessions, as its workspace needs it.
pub(crate) struct Workspace {
    pub(crate) webcast: Webcast,
    pub(crate) sessions: Vec<Session>,
}

impl Workspace {
    /// The webcast of an address.
    pub(crate) async fn load(console: &Console, slug: &str) -> Result<Self, WebError> {
        let slug = Slug::parse(slug).map_err(|_| WebError::NotFound)?;
        let conn = &mut console.state.db.read().await?;
        let webcast = store::webcast_by_slug(conn, &slug).await?.ok_or(WebError::NotFound)?;
        Ok(Self {
            sessions: store::sessions_of(conn, webcast.id).await?,
            webcast,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> String {
        format!("/organizer/webcasts/{}", self.webcast.slug)
    }

    /// Layout, frame and head of one of its pages.
    pub(crate) fn page(&self, console: &Console, tab: Tab) -> (Layout, ConsoleFrame, WorkspaceHead) {
        let title = match tab {
            Tab::Overview => self.webcast.text.title.clone(),
            Tab::Page => format!("Page: {}", self.webcast.text.title),
            Tab::Speakers => format!("Speakers: {}", self.webcast.text.title),
            Tab::Sessions => format!("Sessions: {}", self.webcast.text.title),
            Tab::People => format!("People: {}", self.webcast.text.title),
            Tab::Form => format!("Form: {}", self.webcast.text.title),
            Tab::Guests => format!("Guests: {}", self.webcast.text.title),
        };
        let (layout, frame) = console.page(MenuEntry::Webcasts, title);
        let head = WorkspaceHead {
            path: self.path(),
            page: format!("/webcasts/{}", self.webcast.slug),
            title: self.webcast.text.title.clone(),
            state: self.state(console.state.clock.now()),
            may_edit: console.may(Act::ChangeWebcasts),
            next_step: self.next_step(console),
            tab,
            is_draft: self.is_draft(),
        };
        (layout, frame.below("/organizer/webcasts", "Webcasts"), head)
    }

    fn next_step(&self, console: &Console) -> Option<NextStep> {
        let now = console.state.clock.now();
        let may = console.may(Act::ChangeWebcasts);
        match self.webcast.state {
            WebcastState::Draft => may.then_some(NextStep::Publish),
            WebcastState::Cancelled => None,
            WebcastState::Published => match self.ahead(now).min_by_key(|session| session.starts_at) {
                Some(next) if next.starts_at - THE_DAY <= now => {
                    Some(NextStep::Run(run_path(&self.webcast.slug, next.public_id)))
                }
                Some(_) => None,
                None => self.without_replay().filter(|_| may).map(NextStep::AddReplay),
            },
        }
    }

    /// The page of the session aired last, where nobody can watch it.
    fn without_replay(&self) -> Option<String> {
        let aired = |session: &&Session| session.state != SessionState::Cancelled;
        let last = self
            .sessions
            .iter()
            .filter(aired)
            .max_by_key(|session| session.starts_at)?;
        last.replay_url
            .is_none()
            .then(|| format!("{}/sessions/{}#replay_url", self.path(), last.public_id))
    }

    /// Whether only organizers see it.
    pub(crate) fn is_draft(&self) -> bool {
        self.webcast.state == WebcastState::Draft
    }

    /// Draft, Published, Ended or Cancelled.
    pub(crate) fn state(&self, now: Timestamp) -> Badge {
        state(self.webcast.state, self.ahead(now).next().is_some())
    }

    /// Sessions that are not over and not called off.
    pub(crate) fn ahead(&self, now: Timestamp) -> impl Iterator<Item = &Session> {
        let is_ahead = move |session: &&Session| session.ends_at > now && session.state != SessionState::Cancelled;
        self.sessions.iter().filter(is_ahead)
    }
}

/// The state of a webcast in a word.
pub(crate) fn state(state: WebcastState, has_session_ahead: bool) -> Badge {
    let (tone, word) = match (state, has_session_ahead) {
        (WebcastState::Draft, _) => (Tone::Idle, "Draft"),
        (WebcastState::Published, true) => (Tone::Good, "Published"),
        (WebcastState::Published, false) => (Tone::Idle, "Ended"),
        (WebcastState::Cancelled, _) => (Tone::Wrong, "Cancelled"),
    };
    Badge {
        tone,
        word: word.to_owned(),
    }
}
