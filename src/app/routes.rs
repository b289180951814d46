//! The one route table.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::web::{AppState, INSTALLATION, WebError, assets, at, without_slash};
use crate::{assessment, organizers, site, webcasts, whitepapers};

/// Every route of the program.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/healthz").get(alive))
        .service(at("/readyz").get(ready))
        .service(at("/static/{name:.*}").get(assets::serve))
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

/// `GET /healthz`: the process answers, and says which installation it is.
async fn alive(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((INSTALLATION, state.links.installation()))
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

/// No such address; with a slash too many at its end, the one that was meant.
async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, WebError> {
    let (path, query) = (request.uri().path(), request.query_string());
    let meant = without_slash(path, query, request.resource_map()).ok_or(WebError::NotFound)?;
    Ok(HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, meant))
        .finish())
}
