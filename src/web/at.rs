//! A route's address with what it takes. Any other method is answered 405, and told what would do (RFC 9110, 15.5.6).

use actix_web::dev::{AppService, HttpServiceFactory, ResourceMap};
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, Handler, Resource, Responder, ResponseError, web};

use super::WebError;

/// One address, under construction: `at("/webcasts").get(list)`.
pub struct At {
    resource: Resource,
    takes: Methods,
}

/// Which methods an address takes. HEAD goes with GET.
#[derive(Debug, Clone, Copy, Default)]
struct Methods {
    get: bool,
    post: bool,
}

/// Begins with the address's pattern.
#[must_use]
pub fn at(pattern: &str) -> At {
    At {
        resource: Resource::new(pattern),
        takes: Methods::default(),
    }
}

impl At {
    /// Answers GET, and HEAD with the same head.
    #[must_use]
    pub fn get<H, Args>(mut self, handler: H) -> Self
    where
        H: Handler<Args>,
        Args: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        self.resource = self.resource.route(web::get().to(handler));
        self.takes.get = true;
        self
    }

    /// Answers POST.
    #[must_use]
    pub fn post<H, Args>(mut self, handler: H) -> Self
    where
        H: Handler<Args>,
        Args: FromRequest + 'static,
        H::Output: Responder + 'static,
    {
        self.resource = self.resource.route(web::post().to(handler));
        self.takes.post = true;
        self
    }
}

impl Methods {
    fn allow(self) -> HeaderValue {
        HeaderValue::from_static(match (self.get, self.post) {
            (true, true) => "GET, HEAD, POST",
            (true, false) => "GET, HEAD",
            (false, true) => "POST",
            (false, false) => "",
        })
    }
}

impl HttpServiceFactory for At {
    fn register(self, config: &mut AppService) {
        let takes = self.takes;
        let refuse = move || async move {
            let mut answer = WebError::WrongMethod.error_response();
            answer.headers_mut().insert(header::ALLOW, takes.allow());
            answer
        };
        self.resource.default_service(web::to(refuse)).register(config);
    }
}

/// Where an address leads that ends in a slash and is one of ours without it.
#[must_use]
pub fn without_slash(path: &str, query: &str, routes: &ResourceMap) -> Option<String> {
    let shorter = path.trim_end_matches('/');
    // Two slashes at the front would lead to another host.
    let is_ours = shorter.len() < path.len() && shorter.starts_with('/') && !shorter.starts_with("//");
    if !is_ours || !routes.has_resource(shorter) {
        return None;
    }
    Some(if query.is_empty() {
        shorter.to_owned()
    } else {
        format!("{shorter}?{query}")
    })
}
