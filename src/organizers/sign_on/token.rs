//! The provider's word on who somebody is: an ID token (OpenID Connect Core 1.0, 3.1.3.7), signed with RS256 or ES256 (RFC 7518)
//! by one of its published keys (RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};

/// No two clocks are the same: so many seconds.
const LEEWAY: i64 = 60;
/// Longer ones are none.
const LONGEST: usize = 64_000;

/// What must stand in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::organizers) enum TokenProblem {
    #[error("it is no token")]
    Shape,
    #[error("it is signed in a way that is not taken")]
    Algorithm,
    #[error("its key is not among the published ones")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("it is of another issuer")]
    Issuer,
    #[error("it is for somebody else")]
    Audience,
    #[error("it has run out, or is of a time to come")]
    Time,
    #[error("it is of another sign-in")]
    Nonce,
}

/// Who somebody is.
#[derive(Debug, Clone)]
pub(in crate::organizers) struct IdClaims {
    pub issuer: String,
    pub subject: String,
    /// Only where the provider says that it is theirs.
    pub verified_email: Option<String>,
    pub name: Option<String>,
    all: Map<String, Value>,
}

impl IdClaims {
    /// Whether the token speaks of an address.
    pub(super) fn has_email(&self) -> bool {
        self.all.contains_key("email")
    }

    /// With what the provider says besides, if it is of the same subject; what the token says holds.
    pub(super) fn with_more(self, more: Map<String, Value>) -> Self {
        if more.get("sub").and_then(Value::as_str) != Some(&self.subject) {
            return self;
        }
        let mut all = more;
        all.extend(self.all);
        Self::of(self.issuer, self.subject, all)
    }

    fn of(issuer: String, subject: String, all: Map<String, Value>) -> Self {
        let text = |name: &str| all.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        // Some providers write the word.
        let is_verified = match all.get("email_verified") {
            Some(Value::Bool(is)) => *is,
            Some(Value::String(word)) => word == "true",
            _ => false,
        };
        Self {
            verified_email: text("email").filter(|_| is_verified).map(str::to_owned),
            name: text("name").map(str::to_owned),
            issuer,
            subject,
            all,
        }
    }

    /// The values of a claim that is a text or a list of texts.
    pub(super) fn values(&self, claim: &str) -> Vec<&str> {
        match self.all.get(claim) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

/// Keys as a provider publishes them. Those of kinds that are not taken are passed over.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct PublishedKeys {
    keys: Vec<PublishedKey>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct PublishedKey {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    is_for: Option<String>,
    n: String,
    e: String,
    crv: String,
    x: String,
    y: String,
}

impl PublishedKey {
    fn verifies(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        let read = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).unwrap_or_default();
        match (algorithm, self.kty.as_str()) {
            ("RS256", "RSA") => {
                let key = RsaPublicKeyComponents {
                    n: read(&self.n),
                    e: read(&self.e),
                };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok()
            }
            ("ES256", "EC") if self.crv == "P-256" => {
                // An uncompressed point (SEC 1, 2.3.3).
                let point = [vec![4], read(&self.x), read(&self.y)].concat();
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(signed, signature).is_ok()
            }
            _ => false,
        }
    }

    fn is_of(&self, header: &Header) -> bool {
        self.is_for.as_deref().is_none_or(|is_for| is_for == "sig")
            && header.kid.as_ref().is_none_or(|kid| self.kid.as_ref() == Some(kid))
    }
}

/// Reads a token and checks all of it.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn verify(
    raw: &str,
    keys: &PublishedKeys,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<IdClaims, TokenProblem> {
    if raw.len() > LONGEST {
        return Err(TokenProblem::Shape);
    }
    let (signed, signature) = raw.rsplit_once('.').ok_or(TokenProblem::Shape)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenProblem::Shape)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenProblem::Shape);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| TokenProblem::Shape)?;
    let signature = decode(signature)?;
    if !["RS256", "ES256"].contains(&header.alg.as_str()) {
        return Err(TokenProblem::Algorithm);
    }
    let mut of_it = keys.keys.iter().filter(|key| key.is_of(&header)).peekable();
    if of_it.peek().is_none() {
        return Err(TokenProblem::UnknownKey);
    }
    if !of_it.any(|key| key.verifies(&header.alg, signed.as_bytes(), &signature)) {
        return Err(TokenProblem::Signature);
    }
    let claims: Map<String, Value> = serde_json::from_slice(&decode(claims)?).map_err(|_| TokenProblem::Shape)?;
    check(&claims, expected, now)?;
    read(claims)
}

fn check(claims: &Map<String, Value>, expected: Expected<'_>, now: Timestamp) -> Result<(), TokenProblem> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(TokenProblem::Issuer);
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_party = text("azp").is_none_or(|party| party == expected.client_id);
    let is_sole = audiences.len() == 1 || text("azp").is_some();
    if !audiences.contains(&expected.client_id) || !is_party || !is_sole {
        return Err(TokenProblem::Audience);
    }
    let second = |name: &str| claims.get(name).and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double")]
    let (now, leeway) = (now.as_second() as f64, LEEWAY as f64);
    let lasts = second("exp").is_some_and(|end| now < end + leeway);
    let has_begun = ["iat", "nbf"]
        .iter()
        .all(|name| second(name).is_none_or(|begin| begin <= now + leeway));
    if !lasts || !has_begun || second("iat").is_none() {
        return Err(TokenProblem::Time);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(TokenProblem::Nonce);
    }
    Ok(())
}

fn read(claims: Map<String, Value>) -> Result<IdClaims, TokenProblem> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (issuer, subject) = (
        text("iss").ok_or(TokenProblem::Issuer)?.to_owned(),
        text("sub").ok_or(TokenProblem::Shape)?.to_owned(),
    );
    Ok(IdClaims::of(issuer, subject, claims))
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const EXPECTED: Expected<'_> = Expected {
        issuer: "https://login.example.org",
        client_id: "common-ground",
        nonce: "n-1",
    };

    struct Signer(EcdsaKeyPair);

    impl Signer {
        fn new() -> Self {
            let random = SystemRandom::new();
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap())
        }

        fn keys(&self, kid: &str) -> PublishedKeys {
            let point = self.0.public_key().as_ref();
            let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
            let key =
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": part(1..33), "y": part(33..65)});
            serde_json::from_value(json!({"keys": [{"kty": "oct", "k": "x"}, key]})).unwrap()
        }

        fn token(&self, header: &Value, claims: &Value) -> String {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let signed = format!("{}.{}", part(header), part(claims));
            let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
        }
    }

    fn claims() -> Value {
        json!({"iss": "https://login.example.org", "sub": "s-1", "aud": "common-ground", "nonce": "n-1", "iat": NOW,
               "exp": NOW + 300, "email": "ben@example.org", "email_verified": true, "name": "Ben", "groups": ["staff", "x"]})
    }

    fn check_one(signer: &Signer, change: impl FnOnce(&mut Value)) -> Result<IdClaims, TokenProblem> {
        let mut claims = claims();
        change(&mut claims);
        let token = signer.token(&json!({"alg": "ES256", "kid": "1"}), &claims);
        verify(
            &token,
            &signer.keys("1"),
            EXPECTED,
            Timestamp::from_second(NOW).unwrap(),
        )
    }

    #[test]
    fn a_good_token_says_who_somebody_is() {
        let signer = Signer::new();
        let read = check_one(&signer, |_| {}).unwrap();
        assert_eq!(
            (read.subject.as_str(), read.verified_email.as_deref()),
            ("s-1", Some("ben@example.org"))
        );
        assert_eq!(read.values("groups"), ["staff", "x"]);
        let several = |claims: &mut Value| {
            claims["aud"] = json!(["other", "common-ground"]);
            claims["azp"] = json!("common-ground");
            claims["email_verified"] = json!("true");
        };
        assert!(check_one(&signer, several).unwrap().verified_email.is_some());
    }

    #[test]
    fn an_address_counts_only_where_the_provider_says_whose_it_is() {
        let signer = Signer::new();
        for verified in [json!(false), json!("false"), json!(1), Value::Null] {
            let read = check_one(&signer, |claims| claims["email_verified"] = verified.clone()).unwrap();
            assert_eq!(read.verified_email, None, "{verified}");
        }
        let read = check_one(&signer, |claims| {
            claims.as_object_mut().unwrap().remove("email_verified");
        });
        assert_eq!(read.unwrap().verified_email, None);
    }

    #[test]
    fn a_token_that_lies_is_not_believed() {
        let signer = Signer::new();
        let lies = [
            ("iss", json!("https://login.example.org/"), TokenProblem::Issuer),
            ("iss", Value::Null, TokenProblem::Issuer),
            ("aud", json!("other"), TokenProblem::Audience),
            ("aud", json!(["common-ground", "other"]), TokenProblem::Audience),
            ("azp", json!("other"), TokenProblem::Audience),
            ("exp", json!(NOW - 61), TokenProblem::Time),
            ("exp", Value::Null, TokenProblem::Time),
            ("iat", json!(NOW + 120), TokenProblem::Time),
            ("nbf", json!(NOW + 120), TokenProblem::Time),
            ("nonce", json!("n-2"), TokenProblem::Nonce),
            ("sub", json!(""), TokenProblem::Shape),
        ];
        for (claim, value, problem) in lies {
            let found = check_one(&signer, |claims| claims[claim] = value.clone()).unwrap_err();
            assert_eq!(found, problem, "{claim}: {value}");
        }
    }

    #[test]
    fn only_the_published_keys_sign_and_only_in_two_ways() {
        let (signer, other) = (Signer::new(), Signer::new());
        let at = Timestamp::from_second(NOW).unwrap();
        let good = json!({"alg": "ES256", "kid": "1"});
        let token = signer.token(&good, &claims());
        let problem = |token: &str, keys: &PublishedKeys| verify(token, keys, EXPECTED, at).unwrap_err();
        assert_eq!(problem(&token, &other.keys("1")), TokenProblem::Signature);
        assert_eq!(problem(&token, &signer.keys("2")), TokenProblem::UnknownKey);
        for alg in ["none", "HS256", "RS512", "es256", ""] {
            let token = signer.token(&json!({"alg": alg, "kid": "1"}), &claims());
            assert_eq!(problem(&token, &signer.keys("1")), TokenProblem::Algorithm, "{alg}");
        }
        // Said to be of another kind than its key is.
        let token = signer.token(&json!({"alg": "RS256", "kid": "1"}), &claims());
        assert_eq!(problem(&token, &signer.keys("1")), TokenProblem::Signature);
        for broken in ["", "a", "a.b", "a.b.c", ".."] {
            assert_eq!(problem(broken, &signer.keys("1")), TokenProblem::Shape, "{broken}");
        }
    }

    /// Made with another program.
    #[test]
    fn a_token_signed_with_rsa_is_read() {
        let n = "ylg5YFTGr_48zQQPrOsC6a47z8e4DNCeaqNwvYTCWsMoIsBvxiWMw0-y0BNdRGIxYO24vLlua4ocitpZXElPE0e7R_CyS9XufeqAJ8Syl44cf2ELc7tuLD7OgA-az3u749jFi3lpNHMveaXXl_8vzz2ki_cVba2bWO1_jDssggHQKGDzRYibPfbVeh6__lk7JTOyuKHmkMaDOj5cSg7YXGe3sfkJBPnEaxBI4V8Vyrzb92x7-0VArXOKU__OpPpNxZemJADZlInTHKOINKeEU7kkJvzrHTZ6Ygm7JbZW3ERQuWiNoxds-D4iu8XmYf6GGcDriqp-DR5IsCVviWKfsw";
        let token = "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwic3ViIjoicy0xIiwiYXVkIjoiY29tbW9uLWdyb3VuZCIsIm5vbmNlIjoibi0xIiwiaWF0IjoxODAwMDAwMDAwLCJleHAiOjE4MDAwMDAzMDB9.uLt0YFmfhfuUJJzMcsg8Enfn2fKbeyBhoj-Ba-03zfwu6ySYEJJlOR4tALxtdFreSboIba3I0q_DIts_2YMVlRWfL7uIxIynEY_6Swu3v2qDqSi9mbJKIHr9MJWrmq4Fa-qiHnPyW_swBpUjj1Rs1PBN_0BFizCMhd4b0jrSV1UpwdqdNOzjgmue_ZkVKcX-0tLPmyXUium9ZozkiVorbs4jnafZLsIB15RSUXcVmT9HH34jSfzG1slbHQkHp5BL4C9w6YRtNCIKbuh0F9urbPA7ed85R1qbBIOmn-P7ZZDbz_a5Pd4-vOr94ZAdK5vS7Ysv2byCZotaWClqCWRWQA";
        let keys = json!({"keys": [{"kty": "RSA", "kid": "r", "alg": "RS256", "n": n, "e": "AQAB"}]});
        let keys: PublishedKeys = serde_json::from_value(keys).unwrap();
        let at = Timestamp::from_second(NOW).unwrap();
        assert_eq!(verify(token, &keys, EXPECTED, at).unwrap().subject, "s-1");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let changed = format!("{}A.{signature}", &signed[..signed.len() - 1]);
        assert!(verify(&changed, &keys, EXPECTED, at).is_err());
    }

    #[test]
    fn what_is_said_besides_is_of_the_same_subject_and_takes_nothing_back() {
        let signer = Signer::new();
        let bare = || check_one(&signer, |claims| claims["email"] = Value::Null).unwrap();
        let more = |sub: &str| match json!({"sub": sub, "email": "ben@example.org", "email_verified": true, "iss": "x", "name": "Other"})
        {
            Value::Object(more) => more,
            _ => unreachable!(),
        };
        let without = |claims: &mut Value| {
            claims.as_object_mut().unwrap().remove("email");
        };
        let read = check_one(&signer, without).unwrap();
        assert!(!read.has_email());
        let read = read.with_more(more("s-1"));
        assert_eq!(
            (read.verified_email.as_deref(), read.name.as_deref()),
            (Some("ben@example.org"), Some("Ben"))
        );
        assert_eq!(read.issuer, "https://login.example.org");
        assert_eq!(
            check_one(&signer, without)
                .unwrap()
                .with_more(more("s-2"))
                .verified_email,
            None
        );
        assert_eq!(bare().with_more(more("s-1")).verified_email, None, "the token holds");
    }
}
