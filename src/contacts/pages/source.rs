//! What a form posts of where its visitor came from, kept with the registration or the request.

use actix_web::HttpRequest;

use crate::contacts::{Channel, Origin};
use crate::values::{Label, Zone};
use crate::web::{Form, locale};

/// Nobody typed these: what is wrong is left out.
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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

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
