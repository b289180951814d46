//! What search engines are told: `/sitemap.xml` (sitemaps.org) and `/robots.txt`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::web::{Answer, AppState, WebError, public};
use crate::{webcasts, whitepapers};

/// Pages that are always there.
const PAGES: [&str; 6] = [
    "/",
    "/webcasts",
    "/whitepapers",
    "/assessment",
    "/assessment/rounds",
    "/privacy",
];

#[derive(Template)]
#[template(
    source = r#"<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{%- for address in addresses %}
<url><loc>{{ address }}</loc></url>
{%- endfor %}
</urlset>
"#,
    ext = "xml"
)]
struct Sitemap {
    addresses: Vec<String>,
}

/// `GET /sitemap.xml`
pub(super) async fn sitemap(state: web::Data<AppState>) -> Answer {
    let conn = &mut state.db.read().await?;
    let webcasts = webcasts::store::public_webcasts(conn).await?;
    let papers = whitepapers::store::list_whitepapers(conn).await?;
    let paths = PAGES
        .iter()
        .map(|page| (*page).to_owned())
        .chain(webcasts.iter().map(|webcast| format!("/webcasts/{}", webcast.slug)))
        .chain(papers.iter().map(|paper| format!("/whitepapers/{}", paper.slug)));
    let sitemap = Sitemap {
        addresses: paths.map(|path| state.config.public_url.link(&path)).collect(),
    };
    let answer = HttpResponse::Ok()
        .content_type("application/xml; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(sitemap.render().map_err(WebError::internal)?);
    Ok(public(answer))
}

/// `GET /robots.txt`. Personal pages say `noindex` themselves; their addresses are not told to robots.
pub(super) async fn robots(state: web::Data<AppState>) -> HttpResponse {
    let sitemap = state.config.public_url.link("/sitemap.xml");
    let answer = HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(format!("User-agent: *\nDisallow: /organizer\n\nSitemap: {sitemap}\n"));
    public(answer)
}
