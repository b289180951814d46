//! The front page with its article.

use actix_web::web;
use askama::Template;

use crate::cards::Card;
use crate::db::DbError;
use crate::framed;
use crate::privacy::texts::{FrontKind, FrontPage};
use crate::values::HourCycle;
use crate::web::layout::{Layout, Section, SessionTime};
use crate::web::pictures::{favicon, touch_icon};
use crate::web::{Answer, AppState, JsonLd, Pictures, Share, Visitor, at, ok};
use crate::webcasts::Availability;
use crate::webcasts::pages::{next_session, session_time};
use crate::whitepapers::pages::{FeaturedPaper, featured};

/// The routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/").get(home))
        .service(at("/look.css").get(super::look::stylesheet))
        .service(at("/card.png").get(card))
        .service(at("/favicon.ico").get(favicon))
        .service(at("/apple-touch-icon.png").get(touch_icon))
        .configure(super::legal::routes);
}

/// What the front page, and with it the site, is about.
const TITLE: &str = "What makes partnerships work";

#[derive(Template)]
#[template(path = "site/home.html")]
struct HomePage {
    layout: Layout,
    /// The next session that can be registered for.
    next: Option<NextSession>,
    /// The newest whitepaper.
    paper: Option<FeaturedPaper>,
    /// What it begins with, and the lines beside it.
    front: FrontPage,
    /// The firm's own text, as HTML; our figure stands between two pieces.
    pieces: Vec<String>,
}

impl HomePage {
    fn is(&self, kind: &str) -> bool {
        self.front.kind.as_str() == kind
    }
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

impl NextSession {
    fn path(&self) -> String {
        format!("/webcasts/{}", self.slug)
    }

    /// Where one can register at once.
    fn form_path(&self) -> String {
        let fragment = if self.open { "#register" } else { "" };
        format!("/webcasts/{}{fragment}", self.slug)
    }
}

/// `GET /`
async fn home(state: web::Data<AppState>, visitor: Visitor) -> Answer {
    let front = FrontPage::read(&mut state.db.read().await?).await?;
    let (title, description) = match front.kind {
        FrontKind::Article => (
            TITLE.to_owned(),
            "Partnerships fail for lack of alignment. Five things to share, a free webcast and a whitepaper."
                .to_owned(),
        ),
        FrontKind::List => (
            "Webcasts and whitepapers".to_owned(),
            "Free webcasts and whitepapers.".to_owned(),
        ),
        FrontKind::Own => (front.title.clone(), front.title.clone()),
    };
    let mut layout = state
        .layout(Section::Home, title)
        .seen_by(&visitor)
        .shared_as(share(&state));
    layout.description = description;
    ok(&HomePage {
        layout,
        next: next(&state, visitor.hours).await?,
        paper: featured(&mut state.db.read().await?).await?,
        pieces: match front.kind {
            FrontKind::Own => front.pieces(),
            FrontKind::Article | FrontKind::List => Vec::new(),
        },
        front,
    })
}

/// The site as a whole (schema.org/WebSite).
fn share(state: &AppState) -> Share {
    let organization = state.organization();
    let name = organization.as_str();
    let about = serde_json::json!({
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": name,
        "url": state.config.public_url.link("/"),
        "publisher": {"@type": "Organization", "name": name},
    });
    Share {
        about: Some(JsonLd::new(&about)),
        ..Share::of_page(state, "/")
    }
}

async fn next(state: &AppState, hours: HourCycle) -> Result<Option<NextSession>, DbError> {
    let now = state.clock.now();
    let found = next_session(&mut state.db.read().await?, now).await?;
    Ok(found.map(|(webcast, session)| NextSession {
        slug: webcast.slug.to_string(),
        title: webcast.text.title,
        time: session_time(&session, hours),
        summary: webcast.text.summary,
        open: session.availability(now) == Availability::Open,
    }))
}

/// `GET /card.png`: stands for the site, and for the pages that have no card of their own.
async fn card(state: web::Data<AppState>, pictures: web::Data<Pictures>) -> Answer {
    let card = Card {
        kicker: "Webcasts, whitepapers, self-assessment".to_owned(),
        title: TITLE.to_owned(),
        lines: Vec::new(),
        organization: state.organization().as_str().to_owned(),
        pattern: None,
    };
    pictures.card(card).await
}
