//! The one route table.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::web::{AppState, WebError, assets, public};
use crate::{assessment, organizers, site, webcasts, whitepapers};

/// Every route of the program.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(alive))
        .route("/readyz", web::get().to(ready))
        .route("/robots.txt", web::get().to(robots))
        .route("/static/{name:.*}", web::get().to(assets::serve))
        .configure(site::front::routes)
        .configure(webcasts::pages::routes)
        .configure(whitepapers::pages::routes)
        .configure(assessment::pages::routes)
        .configure(webcasts::console::routes)
        .configure(whitepapers::console::routes)
        .configure(assessment::console::routes)
        .configure(organizers::pages::routes)
        .configure(site::routes)
        .default_service(web::to(nothing_here));
}

/// `GET /healthz`: the process answers.
async fn alive() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// `GET /readyz`: the database answers. It was migrated before the first request.
async fn ready(state: web::Data<AppState>) -> Result<HttpResponse, WebError> {
    state.db.ping().await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ready\n"))
}

/// Personal pages say `noindex` themselves; their addresses are not told to robots.
async fn robots() -> HttpResponse {
    let answer = HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body("User-agent: *\nDisallow: /organizer\n");
    public(answer)
}

async fn nothing_here() -> Result<HttpResponse, WebError> {
    Err(WebError::NotFound)
}
