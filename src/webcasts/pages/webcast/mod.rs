//! `GET /webcasts/{slug}`: the page with its form, what the form's post leads to, and how the page is shared.

mod card;
mod form;
mod registering;
mod sharing;
mod thanks;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;

pub(super) use card::card;
pub(crate) use card::preview_card;
pub(super) use form::{SessionChoice, choice};
pub(super) use registering::take_registration;
pub(super) use thanks::{calendar, thanks};

use super::{availability_state, places_note, session_time};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::questions::{self, Design, FormOwner};
use crate::values::Slug;
use crate::web::layout::{Badge, Layout, Section, SessionTime};
use crate::web::{Answer, AppState, Visitor, WebError, markdown, ok, public, see_other};
use crate::webcasts::cover::Cover;
use crate::webcasts::guests::Guests;
use crate::webcasts::presenter::Presenter;
use crate::webcasts::register::Promise;
use crate::webcasts::text::AgendaItem;
use crate::webcasts::{Availability, Session, SessionState, Webcast, store};
use form::{RegisterForm, Registering};

/// So many sessions stand beside a form that lists them all.
const MOST_BESIDE_FORM: usize = 3;

/// What stands above the title, on the page and on its card.
const FREE_WEBCAST: &str = "Free webcast";

#[derive(Template)]
#[template(path = "webcasts/page.html")]
struct WebcastPage {
    layout: Layout,
    slug: String,
    title: String,
    summary: String,
    /// HTML.
    description: String,
    cover: Option<Cover>,
    takeaways: Vec<String>,
    agenda: Vec<AgendaItem>,
    speakers: Vec<SpeakerItem>,
    upcoming: Vec<SessionItem>,
    /// Sessions ahead that only the form lists.
    more: usize,
    past: Vec<SessionItem>,
    registering: Registering,
    /// Who may register.
    guests: Guests,
    /// Where it is written, on a page that only organizers see.
    preview_of: Option<String>,
}

framed!(WebcastPage);

/// One session on the webcast's page.
struct SessionItem {
    time: SessionTime,
    state: Badge,
    /// "12 places left", "Replay available".
    note: Option<String>,
}

struct SpeakerItem {
    name: String,
    /// "Speaker, Contoso"
    role: String,
    bio: String,
    /// Where their picture is.
    picture: Option<String>,
    /// What stands for their face where there is none.
    initials: String,
}

/// `GET /webcasts/{slug}`
pub(super) async fn show(state: web::Data<AppState>, visitor: Visitor, slug: web::Path<String>) -> Answer {
    let programme = match Programme::load(&state, &slug).await {
        Err(WebError::NotFound) => return moved_to(&state, &visitor, &slug).await,
        loaded => loaded?,
    };
    let form = RegisterForm::new(&state, &programme.design, &visitor.trail);
    ok(&programme.page(&state, &visitor, form))
}

/// The page as it will be, for those who write it; its form does nothing.
pub(crate) async fn preview(state: &AppState, visitor: &Visitor, webcast: Webcast) -> Answer {
    let programme = Programme::of(&mut state.db.read().await?, webcast).await?;
    let written_at = format!("/organizer/webcasts/{}/page", programme.webcast.slug);
    let form = RegisterForm::new(state, &programme.design, &visitor.trail);
    let mut page = programme.page(state, visitor, form);
    page.preview_of = Some(written_at);
    ok(&page)
}

/// An address that the page had leads to the one of today, for ever; a draft is nobody's business.
async fn moved_to(state: &AppState, visitor: &Visitor, slug: &str) -> Answer {
    let slug = Slug::parse(slug).map_err(|_| WebError::NotFound)?;
    let conn = &mut state.db.read().await?;
    let today = store::slug_of_today(conn, &slug).await?.ok_or(WebError::NotFound)?;
    let webcast = store::public_webcast(conn, &today).await?.ok_or(WebError::NotFound)?;
    let path = visitor.trail.link(&format!("/webcasts/{}", webcast.slug));
    let answer = HttpResponse::MovedPermanently()
        .insert_header((header::LOCATION, path))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .finish();
    Ok(public(answer))
}

/// `GET /webcasts/{slug}/register`: somebody reloaded after a refused post.
pub(super) async fn back_to_form(visitor: Visitor, slug: web::Path<String>) -> Answer {
    let slug = Slug::parse(&slug).map_err(|_| WebError::NotFound)?;
    Ok(see_other(&visitor.trail.link(&format!("/webcasts/{slug}#register"))))
}

/// A webcast with all that its page shows.
struct Programme {
    webcast: Webcast,
    speakers: Vec<Presenter>,
    sessions: Vec<Session>,
    /// What its form asks.
    design: Design,
    /// Width and height of the picture that is its cover, in pixels.
    cover_size: Option<(u32, u32)>,
}

impl Programme {
    async fn load(state: &AppState, slug: &str) -> Result<Self, WebError> {
        let slug = Slug::parse(slug).map_err(|_| WebError::NotFound)?;
        let conn: &mut Conn = &mut state.db.read().await?;
        let webcast = store::public_webcast(conn, &slug).await?.ok_or(WebError::NotFound)?;
        Ok(Self::of(conn, webcast).await?)
    }

    async fn of(conn: &mut Conn, webcast: Webcast) -> Result<Self, DbError> {
        let cover_size = match webcast.text.cover.and_then(Cover::picture) {
            Some(id) => store::picture_size(conn, id).await?,
            None => None,
        };
        Ok(Self {
            speakers: store::speakers_of(conn, webcast.id).await?,
            sessions: store::sessions_of(conn, webcast.id).await?,
            design: questions::store::design_of(conn, FormOwner::Webcast(webcast.id), webcast.form_version).await?,
            cover_size,
            webcast,
        })
    }

    /// Those ahead and those that are over, without what was called off.
    fn ahead_and_over(&self, now: jiff::Timestamp) -> (Vec<&Session>, Vec<&Session>) {
        let aired = |session: &&Session| session.state != SessionState::Cancelled;
        let sessions = self.sessions.iter().filter(aired);
        sessions.partition(|session| session.ends_at > now)
    }

    fn page(self, state: &AppState, visitor: &Visitor, form: RegisterForm) -> WebcastPage {
        let now = state.clock.now();
        let (ahead, over) = self.ahead_and_over(now);
        let line = |session: &&Session| {
            let availability = session.availability(now);
            let replay = (availability == Availability::Past && session.replay_url.is_some())
                .then(|| "Replay available".to_owned());
            SessionItem {
                time: session_time(session, visitor.hours),
                state: availability_state(availability),
                note: places_note(session, availability).or(replay),
            }
        };
        let mut layout = state
            .layout(Section::Webcasts, self.webcast.text.title.clone())
            .seen_by(visitor)
            .changed_at(
                format!("/organizer/webcasts/{}", self.webcast.slug),
                "Edit this webcast",
            )
            .shared_as(sharing::share(state, &self, now));
        layout.description.clone_from(&self.webcast.text.summary);
        let registering = Registering::now(&ahead, &over, form, visitor.hours, now);
        let shown = match &registering {
            Registering::Open(_) => MOST_BESIDE_FORM,
            _ => ahead.len(),
        };
        WebcastPage {
            layout,
            slug: self.webcast.slug.to_string(),
            upcoming: ahead.iter().take(shown).map(line).collect(),
            more: ahead.len().saturating_sub(shown),
            past: over.iter().rev().map(line).collect(),
            registering,
            preview_of: None,
            guests: self.webcast.guests,
            description: markdown::to_html(&self.webcast.text.description),
            cover: self.webcast.text.cover,
            takeaways: self.webcast.text.takeaways,
            agenda: self.webcast.text.agenda,
            speakers: self.speakers.into_iter().map(SpeakerItem::from).collect(),
            title: self.webcast.text.title,
            summary: self.webcast.text.summary,
        }
    }
}

impl From<Presenter> for SpeakerItem {
    fn from(speaker: Presenter) -> Self {
        Self {
            initials: initials(&speaker.about.name),
            role: speaker.about.role_and_firm(),
            picture: speaker.picture.map(|id| format!("/pictures/{id}")),
            name: speaker.about.name,
            bio: speaker.about.bio,
        }
    }
}

/// The first letters of the first and the last name.
fn initials(name: &str) -> String {
    let letter = |word: &str| word.chars().find(|c| c.is_alphanumeric());
    let mut letters = name.split_whitespace().filter_map(letter);
    let first = letters.next();
    first
        .into_iter()
        .chain(letters.next_back())
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_first_and_last() {
        assert_eq!(initials("Francine Allaire"), "FA");
        assert_eq!(initials("Ludwig van der Rohe"), "LR");
        assert_eq!(initials("ñandú"), "Ñ");
        assert_eq!(initials("(Dr.) 李 小龙"), "D小");
        assert_eq!(initials("…"), "");
    }
}
