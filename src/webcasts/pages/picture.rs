//! Pictures of those who speak.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};

use crate::values::PublicId;
use crate::web::{Answer, AppState, WebError, public};
use crate::webcasts::store;

/// It never changes: another picture has another address. A day at most, so that one that was removed is soon nowhere.
const FOR_A_DAY: &str = "public, max-age=86400";

/// `GET /pictures/{id}`
pub(super) async fn show(state: Data<AppState>, id: Path<String>) -> Answer {
    let id = PublicId::parse(&id).ok_or(WebError::NotFound)?;
    let jpeg = store::picture_jpeg(&mut state.db.read().await?, id)
        .await?
        .ok_or(WebError::NotFound)?;
    let answer = HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header((header::CACHE_CONTROL, FOR_A_DAY))
        .body(jpeg);
    Ok(public(answer))
}
