//! Where a visitor came from: the campaign of the page's address and the site that led here, carried along by forms.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::contacts::{Channel, Origin};
use crate::values::{Label, Zone};
use crate::web::Form;

const CAMPAIGN: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

/// Hidden fields for a form: the campaign in the page's address and the site that led here.
#[must_use]
pub(crate) fn fields(request: &HttpRequest) -> Vec<(&'static str, String)> {
    let query = Form::decode(request.query_string().as_bytes());
    let mut found = campaign(&query);
    if let Some(site) = referring_site(request) {
        found.push(("referrer", site));
    }
    found
}

/// The same fields of a form that is shown again.
#[must_use]
pub(crate) fn fields_again(form: &Form) -> Vec<(&'static str, String)> {
    let mut found = campaign(form);
    if let Some(site) = Label::lenient(form.text("referrer")) {
        found.push(("referrer", site.as_str().to_owned()));
    }
    found
}

/// What a posted form says of where its visitor came from. Nobody typed these: what is wrong is left out.
#[must_use]
pub(crate) fn read(request: &HttpRequest, form: &Form) -> Origin {
    let label = |name: &str| Label::lenient(form.text(name)).map(|label| label.as_str().to_owned());
    Origin {
        channel: Channel::Form,
        utm_source: label("utm_source"),
        utm_medium: label("utm_medium"),
        utm_campaign: label("utm_campaign"),
        utm_term: label("utm_term"),
        utm_content: label("utm_content"),
        referrer: label("referrer"),
        time_zone: Zone::parse(form.text("time_zone"))
            .ok()
            .map(|zone| zone.name().to_owned()),
        locale: locale(request),
    }
}

fn campaign(form: &Form) -> Vec<(&'static str, String)> {
    CAMPAIGN
        .into_iter()
        .filter_map(|name| Some((name, Label::lenient(form.text(name))?.as_str().to_owned())))
        .collect()
}

/// Another site only, and of its address only the host and path: the rest may hold somebody's data.
fn referring_site(request: &HttpRequest) -> Option<String> {
    let referrer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let url = url::Url::parse(referrer).ok()?;
    let host = url.host_str()?;
    let ours = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if ours.is_some_and(|ours| ours.split(':').next() == Some(host)) {
        return None;
    }
    Label::lenient(&format!("{host}{}", url.path())).map(|site| site.as_str().to_owned())
}

/// The first language that the browser asks for.
fn locale(request: &HttpRequest) -> Option<String> {
    let languages = request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = languages.split([',', ';']).next()?.trim();
    let well_formed = (2..=35).contains(&first.len()) && first.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    well_formed.then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn campaign_and_referrer_are_carried_along() {
        let request = TestRequest::with_uri("/webcasts/x?utm_source=letter&utm_campaign=%00spring")
            .insert_header(("referer", "https://blog.example.org/post?secret=1"))
            .insert_header(("host", "events.example.org"))
            .to_http_request();
        assert_eq!(
            fields(&request),
            [
                ("utm_source", "letter".to_owned()),
                ("utm_campaign", "spring".to_owned()),
                ("referrer", "blog.example.org/post".to_owned())
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_left_out() {
        let request = TestRequest::default()
            .insert_header(("accept-language", "de-CH, de;q=0.9"))
            .to_http_request();
        let form = Form::decode(b"time_zone=Mars%2FOlympus&utm_source=%00");
        let origin = read(&request, &form);
        assert_eq!(origin.time_zone, None);
        assert_eq!(origin.utm_source, None);
        assert_eq!(origin.locale.as_deref(), Some("de-CH"));
    }
}
