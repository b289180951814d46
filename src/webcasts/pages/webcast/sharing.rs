//! What the page of a webcast says of itself where it is shared.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Programme;
use crate::web::{AppState, CARD_SIZE, JsonLd, Share};
use crate::webcasts::cover::Cover;
use crate::webcasts::{Availability, Session};

/// The card, and the sessions ahead as events (schema.org/Event); where none is ahead, the one aired last.
pub(super) fn share(state: &AppState, programme: &Programme, now: Timestamp) -> Share {
    let webcast = &programme.webcast;
    let url = state.config.public_url.link(&format!("/webcasts/{}", webcast.slug));
    let (card, card_size) = card(state, programme, &url);
    let (ahead, over) = programme.ahead_and_over(now);
    let sessions: Vec<&Session> = if ahead.is_empty() {
        over.into_iter()
            .max_by_key(|session| session.starts_at)
            .into_iter()
            .collect()
    } else {
        ahead
    };
    let events = sessions
        .into_iter()
        .map(|session| event(state, programme, session, &url, &card, now));
    Share {
        card_alt: format!("{}: {}", super::FREE_WEBCAST, webcast.text.shared_title()),
        title: Some(webcast.text.shared_title().to_owned()),
        about: Some(JsonLd::new(&json!({
            "@context": "https://schema.org",
            "@graph": events.collect::<Vec<Value>>(),
        }))),
        url,
        card,
        card_size,
    }
}

/// Their own picture, or the card that is drawn; and its size.
fn card(state: &AppState, programme: &Programme, url: &str) -> (String, (u32, u32)) {
    match (programme.webcast.text.cover, programme.cover_size) {
        (Some(Cover::Picture(id)), Some(size)) => (state.config.public_url.link(&format!("/pictures/{id}")), size),
        _ => (format!("{url}/card.png"), CARD_SIZE),
    }
}

fn event(state: &AppState, programme: &Programme, session: &Session, url: &str, card: &str, now: Timestamp) -> Value {
    let webcast = &programme.webcast;
    let at = |at: Timestamp| session.zone.at(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let speakers = programme.speakers.iter();
    let performers: Vec<Value> = speakers
        .map(|speaker| json!({"@type": "Person", "name": speaker.about.name}))
        .collect();
    let is_open = session.availability(now) == Availability::Open;
    json!({
        "@type": "Event",
        "name": webcast.text.title,
        "description": webcast.text.summary,
        "startDate": at(session.starts_at),
        "endDate": at(session.ends_at),
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
        "location": {"@type": "VirtualLocation", "url": url},
        "image": [card],
        "isAccessibleForFree": true,
        "organizer": {
            "@type": "Organization",
            "name": state.organization().as_str(),
            "url": state.config.public_url.link("/"),
        },
        "performer": performers,
        "offers": {
            "@type": "Offer",
            "url": url,
            "price": 0,
            "priceCurrency": "USD",
            "availability": if is_open { "https://schema.org/InStock" } else { "https://schema.org/SoldOut" },
        },
    })
}
