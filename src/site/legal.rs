//! `/privacy` and `/imprint`: ours, with what an owner has set, or theirs.

use std::sync::atomic::Ordering;

use actix_web::web;
use askama::Template;

use crate::contacts::CONSENT;
use crate::db::DbError;
use crate::framed;
use crate::privacy::legal::Legal;
use crate::privacy::retention;
use crate::web::layout::{Layout, Section};
use crate::web::{Answer, AppState, AskedWording, Share, Visitor, WebError, at, markdown, ok};

/// The routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/privacy").get(privacy))
        .service(at("/imprint").get(imprint));
}

/// Reads what every page needs: what the firm looks like, whether there is an imprint, and the wording of the consent.
pub(crate) async fn read_settings(state: &AppState) -> Result<(), DbError> {
    let conn = &mut state.db.read().await?;
    super::look::read(conn, state).await?;
    let legal = Legal::read(conn).await?;
    state.has_imprint.store(legal.has_imprint(), Ordering::Relaxed);
    let newest = legal.consent.into_iter().next();
    let (version, text) = newest.map_or_else(
        || (CONSENT.version.to_owned(), CONSENT.text.to_owned()),
        |wording| (wording.version, wording.text),
    );
    if state.consent.now().version != version {
        state.consent.replace(AskedWording { version, text });
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "site/privacy.html")]
struct PrivacyPage {
    layout: Layout,
    legal: Legal,
    /// Where to write, if an address is set.
    contact: Option<String>,
    /// What goes by itself: a sentence each.
    kept: Vec<String>,
}

framed!(PrivacyPage);

#[derive(Template)]
#[template(path = "site/text.html")]
struct OwnTextPage {
    layout: Layout,
    /// HTML, of Markdown.
    text: String,
}

framed!(OwnTextPage);

/// `GET /privacy`
async fn privacy(state: web::Data<AppState>, visitor: Visitor) -> Answer {
    let conn = &mut state.db.read().await?;
    let legal = Legal::read(conn).await?;
    let layout = state
        .layout(Section::Privacy, "Privacy")
        .seen_by(&visitor)
        .shared_as(Share::of_page(&state, "/privacy"));
    if let Some(text) = &legal.privacy {
        return ok(&OwnTextPage {
            layout,
            text: markdown::to_html(text),
        });
    }
    let rules = retention::all(conn).await?;
    let kept = rules
        .iter()
        .filter(|kept| kept.is_on)
        .map(|kept| kept.rule.promise.replace("{}", &kept.in_words()));
    ok(&PrivacyPage {
        contact: contact(&state, &legal),
        kept: kept.collect(),
        layout,
        legal,
    })
}

/// Where questions about data go: what an owner set, or where mail from here comes from.
fn contact(state: &AppState, legal: &Legal) -> Option<String> {
    let config = &state.config;
    let mailbox = config.mail_reply_to.as_ref().or(config.mail_from.as_ref());
    let set = legal.fact("contact").map(str::to_owned);
    set.or_else(|| mailbox.map(|mailbox| mailbox.address.to_string()))
}

#[derive(Template)]
#[template(path = "site/imprint.html")]
struct ImprintPage {
    layout: Layout,
    controller: Option<String>,
    address: String,
    contact: Option<String>,
    /// HTML, of Markdown.
    text: String,
}

framed!(ImprintPage);

/// `GET /imprint`
async fn imprint(state: web::Data<AppState>, visitor: Visitor) -> Answer {
    let legal = Legal::read(&mut state.db.read().await?).await?;
    if !legal.has_imprint() {
        return Err(WebError::NotFound);
    }
    ok(&ImprintPage {
        layout: state
            .layout(Section::None, "Imprint")
            .seen_by(&visitor)
            .shared_as(Share::of_page(&state, "/imprint")),
        controller: legal.fact("controller").map(str::to_owned),
        address: legal.fact("address").unwrap_or_default().to_owned(),
        contact: contact(&state, &legal),
        text: legal.imprint.as_deref().map(markdown::to_html).unwrap_or_default(),
    })
}
