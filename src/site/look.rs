//! What the firm looks like, for everybody: what an owner has saved is read, and its colour is a stylesheet of its own.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web;

use crate::db::{Conn, DbError, settings};
use crate::values::{Accent, Label};
use crate::web::{Answer, AppState, Appearance, WebError};

/// Where the name is kept,
pub(super) const NAME: &str = "org.name";
/// the colour,
pub(super) const ACCENT: &str = "org.accent";
/// and the clock.
pub(super) const ZONE: &str = "org.zone";

/// Reads it. A value that cannot be read is as good as none.
///
/// # Errors
/// When the database fails.
pub(super) async fn read(conn: &mut Conn, state: &AppState) -> Result<(), DbError> {
    let saved = settings::find(conn, NAME).await?;
    let saved = saved.and_then(|name| Label::parse(&name).ok());
    let accent = settings::find(conn, ACCENT).await?;
    let is_set_outside = state.config.organization_is_from().is_some();
    state.appearance.replace(Appearance {
        organization: saved
            .filter(|_| !is_set_outside)
            .unwrap_or_else(|| state.config.organization.clone()),
        accent: accent.and_then(|accent| Accent::parse(&accent).ok()),
    });
    Ok(())
}

/// `GET /look.css`: the colours that follow from the firm's. Its address has the colour in it, so browsers may keep it.
pub(crate) async fn stylesheet(state: web::Data<AppState>) -> Answer {
    let accent = state.appearance.now().accent.ok_or(WebError::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(accent.stylesheet()))
}
