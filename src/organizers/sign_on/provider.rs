//! The provider: where its pages are and which keys it signs with (OpenID Connect Discovery 1.0), and the exchange of a code for a
//! token (Core 1.0, 3.1.3).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use super::flow::Begun;
use super::token::{self, Expected, IdClaims, PublishedKeys, TokenProblem};
use crate::config::{SignOnConfig, is_safe};
use crate::web::outgoing::agent;

/// Whoever waits for a page waits no longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a provider says of itself is believed for so long.
const KEPT: SignedDuration = SignedDuration::from_mins(10);
/// Longest answer.
const LONGEST: u64 = 1_000_000;

/// Why somebody is not signed on.
#[derive(Debug, thiserror::Error)]
pub(in crate::organizers) enum SignOnError {
    /// It does not answer, or not as a provider does.
    #[error("the provider cannot be used now: {0}")]
    Down(String),
    /// It did not take the code.
    #[error("the provider did not take the code: {0}")]
    Refused(String),
    /// Its word is not believed.
    #[error("its token is not believed: {0}")]
    Token(#[from] TokenProblem),
}

/// What it says of itself.
#[derive(Debug, Clone, Deserialize)]
struct Discovered {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
struct KnownProvider {
    discovered: Discovered,
    keys: PublishedKeys,
    at: Timestamp,
}

/// It, as far as it is known.
pub(crate) struct Provider {
    config: SignOnConfig,
    /// Where it leads back to.
    redirect_uri: String,
    known: Mutex<Option<KnownProvider>>,
}

impl Provider {
    /// The one of the settings; `redirect_uri` must stand in its list.
    pub(crate) fn new(config: SignOnConfig, redirect_uri: String) -> Self {
        Self {
            config,
            redirect_uri,
            known: Mutex::default(),
        }
    }

    /// As it is called on the sign-in page.
    pub(in crate::organizers) fn host(&self) -> String {
        self.config.host()
    }

    /// The roles that it says somebody has.
    pub(super) fn role<'c>(&'c self, claims: &IdClaims) -> impl Iterator<Item = &'c str> + use<'c> {
        let values: Vec<String> = match &self.config.role_claim {
            Some(claim) => claims.values(claim).into_iter().map(str::to_owned).collect(),
            None => Vec::new(),
        };
        let of_values = self
            .config
            .roles
            .iter()
            .filter(move |(value, _)| values.contains(value));
        of_values.map(|(_, role)| role.as_str())
    }

    /// Where a browser is sent to begin.
    pub(in crate::organizers) async fn page(
        self: &Arc<Self>,
        begun: &Begun,
        now: Timestamp,
    ) -> Result<String, SignOnError> {
        let known = self.known(now).await?;
        let mut url = address(&known.discovered.authorization_endpoint)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", "openid email profile")
            .append_pair("state", &begun.state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &begun.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Exchanges a code for the provider's word, and checks it.
    pub(in crate::organizers) async fn claims(
        self: &Arc<Self>,
        code: &str,
        begun: &Begun,
        now: Timestamp,
    ) -> Result<IdClaims, SignOnError> {
        let known = self.known(now).await?;
        let (this, asked, code, verifier) = (
            Arc::clone(self),
            known.discovered.clone(),
            code.to_owned(),
            begun.verifier.clone(),
        );
        let tokens = beside(move || this.exchange(&asked, &code, &verifier)).await?;
        let expected = Expected {
            issuer: &self.config.issuer,
            client_id: &self.config.client_id,
            nonce: &begun.nonce,
        };
        let claims = match token::verify(&tokens.id_token, &known.keys, expected, now) {
            // It may have changed its keys since they were read.
            Err(TokenProblem::UnknownKey | TokenProblem::Signature) => {
                let newer = self.read(now).await?;
                token::verify(&tokens.id_token, &newer.keys, expected, now)?
            }
            read => read?,
        };
        match (known.discovered.userinfo_endpoint, tokens.access_token) {
            (Some(place), Some(access_token)) if !claims.has_email() => {
                match beside(move || more(&place, &access_token)).await {
                    Ok(more) => Ok(claims.with_more(more)),
                    // Whoever is known already needs no address.
                    Err(error) => {
                        tracing::warn!(%error, "a provider did not say more of somebody");
                        Ok(claims)
                    }
                }
            }
            _ => Ok(claims),
        }
    }

    async fn known(self: &Arc<Self>, now: Timestamp) -> Result<KnownProvider, SignOnError> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match kept.filter(|known| now.duration_since(known.at) < KEPT) {
            Some(known) => Ok(known),
            None => self.read(now).await,
        }
    }

    /// Asks it.
    async fn read(self: &Arc<Self>, now: Timestamp) -> Result<KnownProvider, SignOnError> {
        let issuer = self.config.issuer.clone();
        let (discovered, keys) = beside(move || {
            let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
            let discovered: Discovered = get(&place)?;
            if discovered.issuer != issuer {
                return Err(SignOnError::Down(format!("it calls itself {}", discovered.issuer)));
            }
            let keys: PublishedKeys = get(&discovered.jwks_uri)?;
            Ok((discovered, keys))
        })
        .await?;
        let known = KnownProvider {
            discovered,
            keys,
            at: now,
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    /// Gives the ID token. The secret goes in the form where that is taken, else in the header (RFC 6749, 2.3.1), where not every
    /// provider reads it as it is written there.
    fn exchange(&self, asked: &Discovered, code: &str, verifier: &str) -> Result<Tokens, SignOnError> {
        #[derive(Deserialize)]
        struct Answer {
            id_token: Option<String>,
            access_token: Option<String>,
            error: Option<String>,
        }
        let secret = std::fs::read_to_string(&self.config.secret_file)
            .map_err(|error| SignOnError::Down(format!("oidc_client_secret_file: {error}")))?;
        let secret = secret.trim();
        let methods = asked
            .token_endpoint_auth_methods_supported
            .as_deref()
            .unwrap_or_default();
        let in_form = methods.iter().any(|method| method == "client_secret_post");
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code_verifier", verifier),
        ];
        if in_form {
            form.extend([("client_id", self.config.client_id.as_str()), ("client_secret", secret)]);
        }
        let place = address(&asked.token_endpoint)?;
        let mut request = agent(PATIENCE)
            .post(place.as_str())
            .header("accept", "application/json");
        if !in_form {
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(&self.config.client_id), encoded(secret));
            request = request.header("authorization", format!("Basic {}", STANDARD.encode(pair)));
        }
        let answer = request.send_form(form).map_err(|error| down(&error))?;
        let answer: Answer = body(answer)?;
        match (answer.id_token, answer.error) {
            (Some(id_token), None) => Ok(Tokens {
                id_token,
                access_token: answer.access_token,
            }),
            (_, Some(error)) => Err(SignOnError::Refused(error.chars().take(100).collect())),
            (None, None) => Err(SignOnError::Refused("it sent no token".to_owned())),
        }
    }
}

/// What a code is exchanged for.
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// What it says of somebody beside the token (Core 1.0, 5.3): many say the address there alone.
fn more(place: &str, access_token: &str) -> Result<Map<String, Value>, SignOnError> {
    let place = address(place)?;
    let request = agent(PATIENCE).get(place.as_str());
    let request = request.header("authorization", format!("Bearer {access_token}"));
    body(request.call().map_err(|error| down(&error))?)
}

/// Questions to it block.
async fn beside<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, SignOnError> + Send + 'static,
) -> Result<T, SignOnError> {
    let asked = tokio::task::spawn_blocking(ask).await;
    asked.map_err(|error| SignOnError::Down(error.to_string()))?
}

fn get<T: DeserializeOwned>(place: &str) -> Result<T, SignOnError> {
    let place = address(place)?;
    body(
        agent(PATIENCE)
            .get(place.as_str())
            .call()
            .map_err(|error| down(&error))?,
    )
}

fn body<T: DeserializeOwned>(answer: ureq::http::Response<ureq::Body>) -> Result<T, SignOnError> {
    let status = answer.status();
    let text = answer
        .into_body()
        .into_with_config()
        .limit(LONGEST)
        .read_to_vec()
        .map_err(|error| down(&error))?;
    serde_json::from_slice(&text)
        .map_err(|_| SignOnError::Down(format!("it answered {status}, and nothing to be read")))
}

fn down(error: &ureq::Error) -> SignOnError {
    SignOnError::Down(error.to_string())
}

/// Nothing that is secret goes where others listen.
fn address(raw: &str) -> Result<Url, SignOnError> {
    let url = Url::parse(raw).ok().filter(is_safe);
    url.ok_or_else(|| SignOnError::Down(format!("{raw} is no safe address")))
}
