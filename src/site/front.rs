//! The front page with its article, and the privacy page.

use actix_web::web;
use askama::Template;

use crate::db::DbError;
use crate::framed;
use crate::web::layout::{Layout, Section, SessionTime};
use crate::web::{Answer, AppState, ok};
use crate::webcasts::Availability;
use crate::webcasts::pages::{next_session, session_time};
use crate::whitepapers::pages::{FeaturedPaper, featured};

/// The routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(home))
        .route("/privacy", web::get().to(privacy));
}

#[derive(Template)]
#[template(path = "site/home.html")]
struct HomePage {
    layout: Layout,
    /// The next session that can be registered for.
    next: Option<NextSession>,
    /// The newest whitepaper.
    paper: Option<FeaturedPaper>,
}

framed!(HomePage);

/// The next session, as the front page names it.
struct NextSession {
    slug: String,
    title: String,
    time: SessionTime,
    summary: String,
    /// False where the session is full or closed: the page then says "See the webcast".
    open: bool,
}

#[derive(Template)]
#[template(path = "site/privacy.html")]
struct PrivacyPage {
    layout: Layout,
    /// Where to write, if an address is set.
    contact: Option<String>,
}

framed!(PrivacyPage);

/// `GET /`
async fn home(state: web::Data<AppState>) -> Answer {
    let mut layout = state.layout(Section::Home, "What makes partnerships work");
    "Partnerships fail for lack of alignment. Five things to share, a free webcast and a whitepaper."
        .clone_into(&mut layout.description);
    ok(&HomePage {
        layout,
        next: next(&state).await?,
        paper: featured(&mut state.db.read().await?).await?,
    })
}

async fn next(state: &AppState) -> Result<Option<NextSession>, DbError> {
    let now = state.clock.now();
    let found = next_session(&mut state.db.read().await?, now).await?;
    Ok(found.map(|(webcast, session)| NextSession {
        slug: webcast.slug.to_string(),
        title: webcast.title,
        time: session_time(&session),
        summary: webcast.summary,
        open: session.availability(now) == Availability::Open,
    }))
}

/// `GET /privacy`
async fn privacy(state: web::Data<AppState>) -> Answer {
    let config = &state.config;
    let contact = config.mail_reply_to.as_ref().or(config.mail_from.as_ref());
    ok(&PrivacyPage {
        layout: state.layout(Section::Privacy, "Privacy"),
        contact: contact.map(|mailbox| mailbox.address.to_string()),
    })
}
