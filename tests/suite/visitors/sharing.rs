//! What a shared link shows, and how it is known where somebody came from.

use reqwest::header;
use serde_json::Value;

use super::*;

const FROM: &str = "utm_source=linkedin&utm_campaign=spring&ref=blog.example.net";

impl Visit {
    async fn page_from(&self, path: &str, referer: &str) -> String {
        let answer = self
            .client
            .get(format!("{}{path}", self.base))
            .header(header::REFERER, referer)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    /// Of the last registration.
    async fn source(&self) -> (Option<String>, Option<String>, Option<String>) {
        let mut conn = self.running.state.db.read().await.unwrap();
        let text = "SELECT utm_source, utm_campaign, referrer FROM registrations ORDER BY id DESC LIMIT 1";
        on_db!(conn, c => sqlx::query_as(text).fetch_one(c).await).unwrap()
    }
}

/// The addresses of our own public pages that a page links to.
fn links(page: &str) -> Vec<String> {
    let addresses = page
        .split("href=\"/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    let is_page = |address: &&str| {
        let public = ["", "webcasts", "whitepapers", "assessment", "privacy"];
        public.contains(&address.split(['/', '?', '#']).next().unwrap()) && !address.contains(".ics")
    };
    addresses
        .filter(is_page)
        .map(|address| format!("/{}", address.replace("&#38;", "&").replace("&amp;", "&")))
        .collect()
}

/// Value of a hidden field.
fn hidden<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    let at = page.split_once(&format!("name=\"{name}\" value=\""))?.1;
    at.split('"').next()
}

/// From the front page, where a link of a campaign led, by any way to the form.
#[tokio::test]
async fn the_source_is_carried_from_page_to_page() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start_with(
        &test,
        &[("rate_limit_ip", "off"), ("public_url", "https://events.example.org")],
    )
    .await;
    let entry = "/?utm_source=linkedin&utm_campaign=spring";
    let mut page = visit
        .page_from(entry, "https://Blog.example.net/post/token-of-somebody?x=1")
        .await;
    assert!(
        !page.contains("token-of-somebody"),
        "the rest of another site's address may be somebody's"
    );
    for next in [
        "/webcasts",
        "/assessment",
        "/privacy",
        "/whitepapers",
        PAPER,
        "/webcasts",
        WEBCAST,
    ] {
        let all = links(&page);
        assert!(all.iter().all(|link| link.contains(FROM)), "{all:?}");
        let link = all.iter().find(|link| link.split(['?', '#']).next() == Some(next));
        let link = link.unwrap_or_else(|| panic!("no way to {next} in {all:?}")).clone();
        page = visit.page_from(&link, "https://events.example.org/somewhere").await;
    }
    assert_eq!(hidden(&page, "utm_source"), Some("linkedin"));
    assert_eq!(hidden(&page, "referrer"), Some("blog.example.net"));
    let fields = [
        ("name", "Ada"),
        ("email", "ada@example.org"),
        ("utm_source", "linkedin"),
        ("utm_campaign", "spring"),
        ("referrer", "blog.example.net"),
    ];
    let thanks = location(&visit.post(&format!("{WEBCAST}/register"), &fields).await);
    let stored = visit.source().await;
    assert_eq!(stored.0.as_deref(), Some("linkedin"));
    assert_eq!(stored.1.as_deref(), Some("spring"));
    assert_eq!(stored.2.as_deref(), Some("blog.example.net"));
    assert!(
        links(&visit.page(&thanks).await).iter().all(|link| link.contains(FROM)),
        "{thanks}"
    );
    visit.end().await;
}

/// The settings say what is ours, whatever a proxy in front makes of `Host`.
#[tokio::test]
async fn our_own_site_is_no_referrer() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start_with(&test, &[("public_url", "https://events.example.org")]).await;
    let page = visit.page_from(WEBCAST, "https://events.example.org/webcasts").await;
    assert_eq!(hidden(&page, "referrer"), None);
    assert!(links(&page).iter().all(|link| !link.contains("ref=")));
    visit.end().await;
}

#[tokio::test]
async fn a_campaign_with_markup_stays_text() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start(&test).await;
    for path in ["/", WEBCAST, PAPER, "/assessment"] {
        let page = visit
            .page(&format!(
                "{path}?utm_source=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&ref=%3Cb%3E"
            ))
            .await;
        assert!(!page.contains("<script>alert") && !page.contains("<b>"), "{path}");
    }
    visit.end().await;
}

/// Open Graph, canonical address, and what it is about.
#[tokio::test]
async fn a_shared_page_says_what_it_is() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start_with(&test, &[("public_url", "https://events.example.org")]).await;
    for path in [
        "/",
        "/webcasts",
        WEBCAST,
        "/whitepapers",
        PAPER,
        "/assessment",
        "/assessment/rounds",
        "/privacy",
    ] {
        let page = visit.page(&format!("{path}?utm_source=letter")).await;
        let canonical = format!("<link rel=\"canonical\" href=\"https://events.example.org{path}\">");
        assert!(page.contains(&canonical), "{path}");
        for property in ["og:title", "og:url", "og:image", "og:image:alt", "og:site_name"] {
            assert!(
                page.contains(&format!("<meta property=\"{property}\"")),
                "{path} {property}"
            );
        }
        let card = page
            .split_once("og:image\" content=\"")
            .unwrap()
            .1
            .split('"')
            .next()
            .unwrap();
        let card = card.strip_prefix("https://events.example.org").unwrap();
        let picture = visit.get(card).await;
        assert_eq!(picture.status(), StatusCode::OK, "{card}");
        assert_eq!(picture.headers()[header::CONTENT_TYPE], "image/png");
        assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG"));
    }
    visit.end().await;
}

fn about(page: &str) -> Value {
    let text = page.split_once("<script type=\"application/ld+json\">").unwrap().1;
    serde_json::from_str(text.split_once("</script>").unwrap().0).unwrap()
}

#[tokio::test]
async fn sessions_ahead_are_events_and_a_paper_is_a_report() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start_with(&test, &[("public_url", "https://events.example.org")]).await;
    visit.add_session(None).await;
    visit
        .sql("UPDATE webcasts SET title = '</script><script>alert(1)</script>'")
        .await;
    let page = visit.page(WEBCAST).await;
    assert!(!page.contains("<script>alert"));
    let found = about(&page);
    let events = found["@graph"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    let first = &events[0];
    assert_eq!(first["@type"], "Event");
    assert_eq!(first["name"], "</script><script>alert(1)</script>");
    assert_eq!(first["startDate"], "2026-12-04T11:00:00-08:00");
    assert_eq!(first["endDate"], "2026-12-04T12:00:00-08:00");
    assert_eq!(first["performer"][0]["name"], "Francine Allaire");
    assert_eq!(first["offers"]["availability"], "https://schema.org/InStock");
    assert_eq!(first["location"]["url"], format!("https://events.example.org{WEBCAST}"));
    let paper = about(&visit.page(PAPER).await);
    assert_eq!(
        (&paper["@type"], &paper["isAccessibleForFree"]),
        (&Value::from("Report"), &Value::from(true))
    );
    visit.end().await;
}

#[tokio::test]
async fn search_engines_find_every_public_page() {
    let test = TestDb::sqlite().await;
    let visit = Visit::start_with(&test, &[("public_url", "https://events.example.org")]).await;
    assert!(
        visit
            .page("/robots.txt")
            .await
            .contains("Sitemap: https://events.example.org/sitemap.xml")
    );
    let sitemap = visit.page("/sitemap.xml").await;
    for path in ["/", "/webcasts", WEBCAST, PAPER, "/assessment"] {
        assert!(
            sitemap.contains(&format!("<loc>https://events.example.org{path}</loc>")),
            "{path}"
        );
    }
    for icon in ["/favicon.ico", "/apple-touch-icon.png"] {
        assert_eq!(visit.get(icon).await.status(), StatusCode::OK, "{icon}");
    }
    visit.end().await;
}
