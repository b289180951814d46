//! An OpenID Connect provider that says what a test wants.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

pub const CLIENT: &str = "common ground";
pub const SECRET: &str = "a secret: with % and ü";

/// What it says of somebody; `None` as a value takes a claim away.
pub type Claims = Vec<(&'static str, Value)>;

struct Approved {
    nonce: String,
    challenge: String,
    redirect_uri: String,
    claims: Claims,
}

struct Inner {
    key: EcdsaKeyPair,
    kid: u32,
    is_down: bool,
    /// The secret goes in the form, and the address is not in the token.
    is_other: bool,
    approved: HashMap<String, Approved>,
}

/// It.
#[derive(Clone)]
pub struct FakeProvider {
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
    now: i64,
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap()
}

impl FakeProvider {
    /// One whose clock says this, in seconds.
    pub fn start(now: i64) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let inner = Inner {
            key: new_key(),
            kid: 1,
            is_down: false,
            is_other: false,
            approved: HashMap::new(),
        };
        let this = Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            inner: Arc::new(Mutex::new(inner)),
            now,
        };
        let shared = web::Data::new(this.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/.well-known/openid-configuration", web::get().to(discover))
                .route("/keys", web::get().to(keys))
                .route("/token", web::post().to(token))
                .route("/me", web::get().to(me))
        });
        tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        this
    }

    pub fn goes_down(&self, is_down: bool) {
        self.inner.lock().unwrap().is_down = is_down;
    }

    /// Takes the secret in the form, and says the address beside the token.
    pub fn is_of_the_other_kind(&self) {
        self.inner.lock().unwrap().is_other = true;
    }

    pub fn changes_its_keys(&self) {
        let mut inner = self.inner.lock().unwrap();
        inner.key = new_key();
        inner.kid += 1;
    }

    /// Somebody says yes on its page; gives the address that it leads back to, without the site.
    pub fn approve(&self, page: &str, claims: Claims) -> String {
        let page = Url::parse(page).unwrap();
        let asked: HashMap<String, String> = page.query_pairs().into_owned().collect();
        assert!(
            page.as_str().starts_with(&format!("{}/authorize?", self.issuer)),
            "{page}"
        );
        assert_eq!(
            (asked["response_type"].as_str(), asked["client_id"].as_str()),
            ("code", CLIENT)
        );
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let code = format!("code-{}", asked["state"]);
        let redirect_uri = asked["redirect_uri"].clone();
        let approved = Approved {
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect_uri: redirect_uri.clone(),
            claims,
        };
        self.inner.lock().unwrap().approved.insert(code.clone(), approved);
        let path = Url::parse(&redirect_uri).unwrap().path().to_owned();
        format!("{path}?code={code}&state={}", asked["state"])
    }

    fn sign(&self, approved: &Approved) -> String {
        let inner = self.inner.lock().unwrap();
        let mut claims = json!({"iss": self.issuer, "aud": CLIENT, "sub": "s-1", "nonce": approved.nonce,
                                "iat": self.now, "exp": self.now + 300});
        for (name, value) in &approved.claims {
            if !(inner.is_other && name.starts_with("email")) {
                claims[*name] = value.clone();
            }
        }
        let header = json!({"alg": "ES256", "kid": inner.kid.to_string()});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = inner.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

async fn discover(this: web::Data<FakeProvider>) -> HttpResponse {
    if this.inner.lock().unwrap().is_down {
        return HttpResponse::ServiceUnavailable().body("<h1>down</h1>");
    }
    let (methods, me) = if this.inner.lock().unwrap().is_other {
        (
            json!(["client_secret_basic", "client_secret_post"]),
            json!(format!("{}/me", this.issuer)),
        )
    } else {
        (Value::Null, Value::Null)
    };
    HttpResponse::Ok().body(
        json!({"token_endpoint_auth_methods_supported": methods, "userinfo_endpoint": me,
               "issuer": this.issuer, "authorization_endpoint": format!("{}/authorize", this.issuer),
               "token_endpoint": format!("{}/token", this.issuer), "jwks_uri": format!("{}/keys", this.issuer)})
        .to_string(),
    )
}

async fn keys(this: web::Data<FakeProvider>) -> HttpResponse {
    let inner = this.inner.lock().unwrap();
    let point = inner.key.public_key().as_ref();
    let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
    let key = json!({"kty": "EC", "crv": "P-256", "kid": inner.kid.to_string(), "use": "sig",
                     "x": part(1..33), "y": part(33..65)});
    HttpResponse::Ok().body(json!({ "keys": [key] }).to_string())
}

async fn me(this: web::Data<FakeProvider>, request: HttpRequest) -> HttpResponse {
    let token = request
        .headers()
        .get("authorization")
        .and_then(|given| given.to_str().ok());
    let email = token
        .and_then(|token| token.strip_prefix("Bearer email:"))
        .unwrap_or_default();
    assert!(this.inner.lock().unwrap().is_other, "asked for nothing");
    HttpResponse::Ok().body(json!({"sub": "s-1", "email": email, "email_verified": true}).to_string())
}

async fn token(
    this: web::Data<FakeProvider>,
    request: HttpRequest,
    form: web::Form<HashMap<String, String>>,
) -> HttpResponse {
    let refuse = |error: &str| HttpResponse::BadRequest().body(json!({ "error": error }).to_string());
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET)))
    );
    let in_form = form.get("client_secret").is_some_and(|secret| secret == SECRET) && form["client_id"] == CLIENT;
    let in_header = request
        .headers()
        .get("authorization")
        .is_some_and(|given| given.to_str().ok() == Some(&basic));
    if if this.inner.lock().unwrap().is_other {
        !in_form
    } else {
        !in_header
    } {
        return refuse("invalid_client");
    }
    let Some(approved) = this.inner.lock().unwrap().approved.remove(&form["code"]) else {
        return refuse("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if challenge != approved.challenge || form["redirect_uri"] != approved.redirect_uri {
        return refuse("invalid_grant");
    }
    let email = approved
        .claims
        .iter()
        .find(|(name, _)| *name == "email")
        .and_then(|(_, value)| value.as_str());
    let access_token = format!("email:{}", email.unwrap_or_default());
    let answer = json!({"access_token": access_token, "token_type": "Bearer", "id_token": this.sign(&approved)});
    HttpResponse::Ok().body(answer.to_string())
}
