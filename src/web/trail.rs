//! Where a visitor came from, carried from page to page by the links of our pages: no cookie, nothing stored.
//!
//! A page's address brings the campaign (`utm_…`) and `ref`, the host of the site that led here first; forms hand both on
//! in hidden fields.

use actix_web::HttpRequest;
use actix_web::http::header;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::form::Form;
use crate::config::PublicUrl;
use crate::values::Label;

/// The fields of a campaign, in links and in forms.
pub(crate) const CAMPAIGN: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
/// The site that led here, in links.
const REF: &str = "ref";
/// The same in forms.
pub(crate) const REFERRER: &str = "referrer";
/// The longest name of a host (RFC 1035, 2.3.4).
const MAX_HOST: usize = 253;

/// Campaign and first referrer of one visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    campaign: Vec<(&'static str, String)>,
    referrer: Option<String>,
}

impl Trail {
    /// Reads a page's address and the `Referer` header. Nobody typed these: what is wrong is left out.
    #[must_use]
    pub fn of(request: &HttpRequest, public_url: &PublicUrl) -> Self {
        let query = Form::decode(request.query_string().as_bytes());
        let carried = host(query.text(REF)).filter(|host| !is_ours(host, public_url));
        Self {
            campaign: campaign(&query),
            referrer: carried.or_else(|| referring_host(request, public_url)),
        }
    }

    /// Reads the hidden fields of a posted form.
    #[must_use]
    pub fn posted(form: &Form) -> Self {
        Self {
            campaign: campaign(form),
            referrer: Label::lenient(form.text(REFERRER)).map(|label| label.as_str().to_owned()),
        }
    }

    /// Hidden fields for a form.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let referrer = self.referrer.iter().map(|host| (REFERRER, host.clone()));
        self.campaign.iter().cloned().chain(referrer).collect()
    }

    /// A path of ours, with its fragment, that carries the trail on.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        if self.campaign.is_empty() && self.referrer.is_none() {
            return path.to_owned();
        }
        let (page, fragment) = path.split_at(path.find('#').unwrap_or(path.len()));
        let referrer = self.referrer.iter().map(|host| (REF, host.as_str()));
        let pairs = self.campaign.iter().map(|(name, value)| (*name, value.as_str()));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs.chain(referrer))
            .finish();
        let mark = if page.contains('?') { '&' } else { '?' };
        format!("{page}{mark}{query}{fragment}")
    }
}

/// A text as the fragment of an address.
#[must_use]
pub(crate) fn fragment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn campaign(form: &Form) -> Vec<(&'static str, String)> {
    CAMPAIGN
        .into_iter()
        .filter_map(|name| Some((name, Label::lenient(form.text(name))?.as_str().to_owned())))
        .collect()
}

/// Of another site's address only the host: the rest may hold somebody's data.
fn referring_host(request: &HttpRequest, public_url: &PublicUrl) -> Option<String> {
    let referrer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let url = url::Url::parse(referrer).ok()?;
    host(url.host_str()?).filter(|host| !is_ours(host, public_url))
}

fn host(raw: &str) -> Option<String> {
    let is_host = !raw.is_empty()
        && raw.len() <= MAX_HOST
        && raw
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'[' | b']' | b':'));
    is_host.then(|| raw.to_ascii_lowercase())
}

/// A proxy in front may rewrite `Host`: what is ours is what the settings say.
fn is_ours(host: &str, public_url: &PublicUrl) -> bool {
    public_url.host() == host
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn trail(path: &str, referer: Option<&str>) -> Trail {
        let mut request = TestRequest::with_uri(path).insert_header(("host", "10.0.0.7"));
        if let Some(referer) = referer {
            request = request.insert_header(("referer", referer));
        }
        Trail::of(
            &request.to_http_request(),
            &PublicUrl::parse("https://events.example.org").unwrap(),
        )
    }

    #[test]
    fn links_and_forms_carry_campaign_and_first_referrer() {
        let first = trail(
            "/?utm_source=linkedin&utm_campaign=%00spring+mail",
            Some("https://Blog.example.net/post/token?secret=1"),
        );
        assert_eq!(
            first.fields(),
            [
                ("utm_source", "linkedin".to_owned()),
                ("utm_campaign", "spring mail".to_owned()),
                ("referrer", "blog.example.net".to_owned())
            ]
        );
        let next = first.link("/webcasts/x#register");
        assert_eq!(
            next,
            "/webcasts/x?utm_source=linkedin&utm_campaign=spring+mail&ref=blog.example.net#register"
        );
        assert_eq!(trail(&next, Some("https://events.example.org/")), first);
    }

    #[test]
    fn our_own_site_is_no_referrer_whatever_the_proxy_says() {
        assert_eq!(
            trail("/", Some("https://events.example.org/webcasts")),
            Trail::default()
        );
        assert_eq!(trail("/?ref=events.example.org", None), Trail::default());
        assert_eq!(trail("/webcasts", None).link("/"), "/");
    }

    #[test]
    fn what_is_no_host_is_left_out() {
        for odd in ["/?ref=%3Cb%3E", "/?ref=a%20b", "/?ref=", "/?ref=a/b?token=1"] {
            assert_eq!(trail(odd, None), Trail::default(), "{odd}");
        }
        assert_eq!(trail("/", Some("mailto:ada@example.org")), Trail::default());
        let markup = trail("/?utm_source=%22%3E%3Cscript%3E", None).link("/webcasts");
        assert_eq!(markup, "/webcasts?utm_source=%22%3E%3Cscript%3E");
    }
}
