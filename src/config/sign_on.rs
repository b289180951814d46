//! Where organizers may sign in besides: an OpenID Connect provider.

use std::path::PathBuf;

use url::Url;

/// A provider, and what this site is called there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOnConfig {
    /// As its tokens say it: compared letter by letter.
    pub issuer: String,
    /// What this site is called there.
    pub client_id: String,
    /// Where the secret is that goes with it.
    pub secret_file: PathBuf,
    /// The claim that says what somebody may do; none: what their account says holds.
    pub role_claim: Option<String>,
    /// Its values, and the roles that they stand for.
    pub roles: Vec<(String, String)>,
}

impl SignOnConfig {
    /// What it is called where people choose it.
    #[must_use]
    pub fn host(&self) -> String {
        let url = Url::parse(&self.issuer).ok();
        url.and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// The address of a provider: https, or a server on this machine.
pub(super) fn parse_issuer(raw: &str) -> Result<String, String> {
    let wrong = || "expected an address such as https://login.example.org".to_owned();
    let url = Url::parse(raw).map_err(|_| wrong())?;
    if url.query().is_some() || url.fragment().is_some() || !is_safe(&url) {
        return Err(wrong());
    }
    Ok(raw.to_owned())
}

/// Whether what is said there stays between the two.
pub(crate) fn is_safe(url: &Url) -> bool {
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && is_local)
}

/// `admins=owner, staff=editor`
pub(super) fn parse_roles(raw: &str) -> Result<Vec<(String, String)>, String> {
    let pairs = raw.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (value, role) = pair.split_once('=').unwrap_or((pair, ""));
            let (value, role) = (value.trim(), role.trim());
            if value.is_empty() || !["owner", "editor", "viewer"].contains(&role) {
                return Err("expected pairs such as admins=owner, staff=editor".to_owned());
            }
            Ok((value.to_owned(), role.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_asked_over_https_or_on_this_machine() {
        for good in [
            "https://login.example.org",
            "https://login.example.org/realms/x/",
            "http://127.0.0.1:9400",
        ] {
            assert_eq!(parse_issuer(good).as_deref(), Ok(good));
        }
        for wrong in [
            "",
            "login.example.org",
            "http://login.example.org",
            "https://x.example/?a=b",
            "ftp://x.example",
        ] {
            assert!(parse_issuer(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_of_a_claim_stand_for_roles() {
        let pair = |value: &str, role: &str| (value.to_owned(), role.to_owned());
        assert_eq!(
            parse_roles("admins=owner, staff = editor"),
            Ok(vec![pair("admins", "owner"), pair("staff", "editor")])
        );
        assert_eq!(parse_roles(""), Ok(Vec::new()));
        for wrong in ["admins", "admins=boss", "=owner"] {
            assert!(parse_roles(wrong).is_err(), "{wrong}");
        }
    }
}
