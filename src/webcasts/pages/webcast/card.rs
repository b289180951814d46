//! `GET /webcasts/{slug}/card.png`: what stands for the page where its address is shared.

use actix_web::web;

use super::{FREE_WEBCAST, Programme};
use crate::cards::Card;
use crate::values::HourCycle;
use crate::web::{Answer, AppState, Pictures};
use crate::webcasts::Webcast;
use crate::webcasts::cover::Cover;

/// Speakers that a card names.
const MOST_SPEAKERS: usize = 4;

/// The card of a webcast that everybody sees.
pub(in crate::webcasts::pages) async fn card(
    state: web::Data<AppState>,
    pictures: web::Data<Pictures>,
    slug: web::Path<String>,
) -> Answer {
    let programme = Programme::load(&state, &slug).await?;
    pictures.card(of(&state, &programme)).await
}

/// The card as it will be, for those who write it.
pub(crate) async fn preview_card(state: &AppState, pictures: &Pictures, webcast: Webcast) -> Answer {
    let programme = Programme::of(&mut state.db.read().await?, webcast).await?;
    pictures.card_for_one(of(state, &programme)).await
}

/// The title, the next session in its own zone, since everybody sees the same card, and who speaks.
fn of(state: &AppState, programme: &Programme) -> Card {
    let (ahead, _) = programme.ahead_and_over(state.clock.now());
    let next = ahead.into_iter().min_by_key(|session| session.starts_at);
    let when = next.map(|session| session.airing().on_page(None, HourCycle::default()));
    let speakers = programme.speakers.iter().map(|speaker| speaker.about.name.as_str());
    let speakers: Vec<&str> = speakers.take(MOST_SPEAKERS).collect();
    let who = (!speakers.is_empty()).then(|| format!("With {}", speakers.join(", ")));
    let text = &programme.webcast.text;
    Card {
        kicker: FREE_WEBCAST.to_owned(),
        title: text.shared_title().to_owned(),
        lines: when
            .into_iter()
            .flat_map(|time| [time.span, time.zone_text])
            .chain(who)
            .collect(),
        organization: state.organization().as_str().to_owned(),
        pattern: text.cover.and_then(Cover::pattern),
    }
}
