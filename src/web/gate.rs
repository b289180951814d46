//! The gate: every post that writes something passes it, before it is known whom it is for.
//!
//! A post is charged to its network by the rule of its route. Limits slow down before they refuse; what was refused as
//! a mistake is given back. `app` hands in the rules, one for each route that takes posts ([`GateRules`]); a route without
//! one is limited like a form.

use std::cell::Cell;
use std::collections::HashMap;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentEncoding};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use jiff::Timestamp;

use super::client::Network;
use super::limits::{Allowance, Limit, LimitKey, Limits};
use super::{AppState, WebError, too_many};
use crate::config::Rate;
use crate::values::Slug;

/// How often one network may post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// A form that causes mail or makes somebody look: `rate_limit_ip`, 30 an hour.
    Form,
    /// What many people in one room may do, and what causes mail to nobody else: ten times as often.
    Room,
    /// What a firm behind one address does at the same moment, such as joining: three hundred times as often.
    Crowd,
    /// One form for each subject in the route's address: ten times `rate_limit_ip`, slower from a third of it, unless an
    /// organizer has set another number for that subject.
    Subject,
    /// A password: 30 in a quarter of an hour.
    SignIn,
}

/// What the posts of one route may cost.
#[derive(Debug, Clone, Copy)]
pub struct GateRule {
    /// The route as the table has it: `/webcasts/{slug}/register`.
    pub route: &'static str,
    /// Routes of one name are counted together.
    pub name: &'static str,
    /// How often.
    pub quota: Quota,
    /// The handler shows the form again, filled in as it was; else the page says that it was too often.
    pub keeps_typed: bool,
}

/// The rules of all routes that take posts, by route.
#[derive(Debug, Clone)]
pub struct GateRules(HashMap<&'static str, GateRule>);

impl GateRules {
    /// One for each route.
    #[must_use]
    pub fn new(rules: &[GateRule]) -> Self {
        Self(rules.iter().map(|rule| (rule.route, *rule)).collect())
    }

    fn find(&self, route: &str) -> GateRule {
        self.0.get(route).copied().unwrap_or(UNKNOWN)
    }
}

/// For a route that has no rule.
const UNKNOWN: GateRule = GateRule {
    route: "",
    name: "unknown",
    quota: Quota::Form,
    keeps_typed: false,
};

/// Filled-in forms that one network gets back as too many; to what comes after, little is said, since a flood must cost
/// little.
const FORMS_GIVEN_BACK: Limit = Limit::at_once(Rate {
    count: 30,
    seconds: 3_600,
});
const SIGN_IN: Rate = Rate {
    count: 30,
    seconds: 900,
};
const SIGN_IN_AROUND: Limit = Limit::at_once(Rate {
    count: 300,
    seconds: 900,
});

impl Quota {
    /// What it comes to with the settings; `None`: no limit.
    pub(crate) fn limit(self, state: &AppState, subject: Option<&Slug>) -> Option<Limit> {
        let usual = state.config.rate_limit_ip;
        match self {
            Self::Form => usual.map(Limit::of),
            Self::Room => usual.map(|rate| Limit::of(times(rate, 10))),
            Self::Crowd => usual.map(|rate| Limit::at_once(times(rate, 300))),
            Self::Subject => usual.map(|rate| {
                let own = subject.and_then(|slug| state.own_limits.of(slug));
                let rate = Rate {
                    count: own.unwrap_or(rate.count.saturating_mul(10)),
                    ..rate
                };
                Limit {
                    rate,
                    slow_from: (rate.count / 3).max(1),
                }
            }),
            Self::SignIn => Some(Limit::of(SIGN_IN)),
        }
    }
}

fn times(rate: Rate, factor: u32) -> Rate {
    Rate {
        count: rate.count.saturating_mul(factor),
        ..rate
    }
}

/// What one post is charged to: first what is given back where the post should not have counted, then what is not.
struct Charge {
    key: LimitKey,
    limit: Option<Limit>,
    besides: Option<(LimitKey, Option<Limit>)>,
}

impl Charge {
    fn of(state: &AppState, rule: GateRule, network: Network, subject: Option<&Slug>) -> Self {
        let key = match subject {
            Some(slug) => LimitKey::PostAbout(rule.name, slug.to_string(), network),
            None => LimitKey::Post(rule.name, network),
        };
        let besides = match rule.quota {
            // Subjects are many, and may be made up.
            Quota::Subject => Some((LimitKey::Post("all subjects", network), Quota::Crowd.limit(state, None))),
            // Who has many addresses must not keep everybody else waiting for their turn.
            Quota::SignIn => Some((
                LimitKey::Post("sign-in from around", network.around()),
                Some(SIGN_IN_AROUND),
            )),
            Quota::Form | Quota::Room | Quota::Crowd => None,
        };
        Self {
            key,
            limit: rule.quota.limit(state, subject),
            besides,
        }
    }

    fn make(&self, limits: &Limits, now: Timestamp) -> Allowance {
        let allowed = limits.charge(self.key.clone(), self.limit, now);
        let (Some((key, limit)), false) = (&self.besides, matches!(allowed, Allowance::Refuse(_))) else {
            return allowed;
        };
        match limits.charge(key.clone(), *limit, now) {
            Allowance::Refuse(wait) => {
                self.give_back(limits, now);
                Allowance::Refuse(wait)
            }
            Allowance::Pass | Allowance::Slow(_) => allowed,
        }
    }

    fn give_back(&self, limits: &Limits, now: Timestamp) {
        limits.give_back(&self.key, self.limit, now);
    }
}

/// How a post came through the gate. An argument of handlers that have a say in it.
#[derive(Debug, Clone)]
pub struct Admission {
    refused: Option<Duration>,
    counts: Rc<Cell<Option<bool>>>,
}

impl Admission {
    /// Too often: come back after this long. Nothing may be written.
    #[must_use]
    pub fn refused(&self) -> Option<Duration> {
        self.refused
    }

    /// It counts, whatever is answered.
    pub fn keep(&self) {
        self.counts.set(Some(true));
    }

    /// It does not count, whatever is answered.
    pub fn give_back(&self) {
        self.counts.set(Some(false));
    }
}

impl FromRequest for Admission {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admission = request.extensions().get::<Self>().cloned();
        ready(admission.ok_or_else(|| WebError::internal("a post has not passed the gate")))
    }
}

/// The middleware.
///
/// # Errors
/// Carries on what the layers beneath answer with.
pub async fn gate<B: MessageBody + 'static>(
    state: web::Data<AppState>,
    rules: web::Data<GateRules>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody + 'static>, Error> {
    if request.method().is_safe() {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    // Decoded, as the router reads it: other spellings of an address are the same route.
    let path = request.match_info().as_str();
    let rule = rules.find(&request.resource_map().match_pattern(path).unwrap_or_default());
    let (network, now) = (state.network_of(request.request()), state.clock.now());
    let subject = (rule.quota == Quota::Subject)
        .then(|| subject(rule.route, path))
        .flatten();
    let charge = Charge::of(&state, rule, network, subject.as_ref());
    let refused = match charge.make(&state.limits, now) {
        Allowance::Pass => None,
        Allowance::Slow(moment) => {
            tokio::time::sleep(moment).await;
            None
        }
        Allowance::Refuse(wait) => Some(wait),
    };
    if let Some(wait) = refused {
        let told = LimitKey::Post("too many", network);
        let is_flood = state.limits.charge(told, Some(FORMS_GIVEN_BACK), now) != Allowance::Pass;
        if is_flood {
            return Ok(request.into_response(in_short(wait)).map_into_right_body());
        }
        if !rule.keeps_typed {
            return Ok(request.error_response(WebError::TooMany(wait)).map_into_right_body());
        }
    }
    let counts = Rc::new(Cell::new(None));
    let admission = Admission {
        refused,
        counts: Rc::clone(&counts),
    };
    request.extensions_mut().insert(admission);
    let answer = next.call(request).await?;
    let counted = counts.get().unwrap_or_else(|| match answer.status() {
        StatusCode::UNPROCESSABLE_ENTITY => false,
        // What does not exist is kept nowhere: strangers make up as many as they like.
        StatusCode::NOT_FOUND => rule.quota != Quota::Subject,
        status => !status.is_server_error(),
    });
    if refused.is_none() && !counted {
        charge.give_back(&state.limits, state.clock.now());
    }
    Ok(answer.map_into_left_body())
}

/// What a flood is answered: nothing that has to be drawn or packed.
fn in_short(wait: Duration) -> HttpResponse {
    let answer = HttpResponse::TooManyRequests()
        .content_type("text/html; charset=utf-8")
        .insert_header(ContentEncoding::Identity)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body("<!doctype html><title>Too many attempts</title><p>Too many attempts. Try again later.</p>");
    too_many::retry_after(answer, wait.as_secs().max(1))
}

/// The slug in a decoded path.
fn subject(route: &str, path: &str) -> Option<Slug> {
    let position = route.split('/').position(|part| part == "{slug}")?;
    Slug::parse(path.split('/').nth(position)?).ok()
}
