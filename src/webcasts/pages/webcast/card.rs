//! `GET /webcasts/{slug}/card.png`: what stands for the page where its address is shared.

use actix_web::web;

use super::{FREE_WEBCAST, Programme};
use crate::cards::Card;
use crate::values::HourCycle;
use crate::web::{Answer, AppState, Pictures};

/// Speakers that a card names.
const MOST_SPEAKERS: usize = 4;

/// The title, the next session in its own zone, since everybody sees the same card, and who speaks.
pub(in crate::webcasts::pages) async fn card(
    state: web::Data<AppState>,
    pictures: web::Data<Pictures>,
    slug: web::Path<String>,
) -> Answer {
    let programme = Programme::load(&state, &slug).await?;
    let (ahead, _) = programme.ahead_and_over(state.clock.now());
    let next = ahead.into_iter().min_by_key(|session| session.starts_at);
    let when = next.map(|session| session.airing().on_page(None, HourCycle::default()));
    let mut speakers: Vec<&str> = programme
        .speakers
        .iter()
        .map(|speaker| speaker.about.name.as_str())
        .collect();
    speakers.truncate(MOST_SPEAKERS);
    let who = (!speakers.is_empty()).then(|| format!("With {}", speakers.join(", ")));
    let card = Card {
        kicker: FREE_WEBCAST.to_owned(),
        title: programme.webcast.text.title.clone(),
        lines: when
            .into_iter()
            .flat_map(|time| [time.span, time.zone_text])
            .chain(who)
            .collect(),
        organization: state.config.organization.as_str().to_owned(),
    };
    pictures.card(card).await
}
