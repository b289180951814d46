//! Signing in (RFC 4954). With a password by PLAIN, else LOGIN; with an access token by OAUTHBEARER (RFC 7628), else
//! XOAUTH2, which Google and Microsoft had before it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;
use tokio::time::timeout;

use super::dialogue::{Dialogue, Lost};
use super::reply::Reply;
use crate::mail::relay::{Relay, Secret};

const STEP: &str = "sign-in";
/// How long the command may take that prints a token.
const TOKEN: Duration = Duration::from_secs(30);

/// Signs in by the best way that the server offers, where the relay wants that.
pub(super) async fn sign_in(dialogue: &mut Dialogue, offered: &[String], relay: &Relay) -> Result<(), Lost> {
    let Some(login) = &relay.login else { return Ok(()) };
    let has = |way: &str| offered.iter().any(|offer| offer == way);
    let (user, secret) = (login.user.as_str(), proof(&login.secret).await?);
    let secret = secret.expose_secret();
    let by_token = matches!(login.secret, Secret::TokenCommand(_));
    let reply = match by_token {
        false if has("PLAIN") => at_once(dialogue, "PLAIN", &format!("\0{user}\0{secret}"), "").await?,
        false if has("LOGIN") => by_questions(dialogue, [user, secret]).await?,
        true if has("OAUTHBEARER") => at_once(dialogue, "OAUTHBEARER", &bearer(relay, user, secret), "\u{1}").await?,
        true if has("XOAUTH2") => {
            let words = format!("user={user}\u{1}auth=Bearer {secret}\u{1}\u{1}");
            at_once(dialogue, "XOAUTH2", &words, "").await?
        }
        _ => return Err(Lost(nothing_in_common(offered, by_token))),
    };
    if reply.is_positive() { Ok(()) } else { Err(Lost(reply)) }
}

/// All in one line. A server that is not content may ask on, to say why; it says no once it has `then`.
async fn at_once(dialogue: &mut Dialogue, way: &str, words: &str, then: &str) -> Result<Reply, Lost> {
    let first = format!("AUTH {way} {}\r\n", STANDARD.encode(words));
    let reply = dialogue.ask(STEP, &first).await?.reply();
    if !reply.asks_on() {
        return Ok(reply);
    }
    Ok(dialogue
        .ask(STEP, &format!("{}\r\n", STANDARD.encode(then)))
        .await?
        .reply())
}

async fn by_questions(dialogue: &mut Dialogue, answers: [&str; 2]) -> Result<Reply, Lost> {
    let mut reply = dialogue.ask(STEP, "AUTH LOGIN\r\n").await?.reply();
    for answer in answers {
        if !reply.asks_on() {
            break;
        }
        let answer = format!("{}\r\n", STANDARD.encode(answer));
        reply = dialogue.ask(STEP, &answer).await?.reply();
    }
    Ok(reply)
}

/// RFC 7628, 3.1; a name's own signs as RFC 5801, 4 writes them.
fn bearer(relay: &Relay, user: &str, token: &str) -> String {
    let user = user.replace('=', "=3D").replace(',', "=2C");
    let (host, port) = (&relay.host, relay.port);
    format!("n,a={user},\u{1}host={host}\u{1}port={port}\u{1}auth=Bearer {token}\u{1}\u{1}")
}

/// The password or the token, as it is now.
async fn proof(secret: &Secret) -> Result<SecretString, Lost> {
    let found = match secret {
        Secret::Password(password) => return Ok(password.clone()),
        Secret::PasswordFile(path) => read(path).await,
        Secret::TokenCommand(command) => run(command).await,
    };
    found.map_err(|problem| Lost(Reply::none(&format!("{}: {problem}.", secret.setting()))))
}

async fn read(path: &Path) -> Result<SecretString, String> {
    let text = tokio::fs::read_to_string(path).await;
    let text = text.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    Ok(password.into())
}

/// What the command prints. What it complains of goes where our own complaints go.
async fn run(command: &str) -> Result<SecretString, String> {
    let output = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output();
    let output = match timeout(TOKEN, output).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(format!("it cannot be run: {error}")),
        Err(_) => return Err(format!("it took longer than {} seconds", TOKEN.as_secs())),
    };
    if !output.status.success() {
        return Err(format!(
            "it failed: {}. The log of this program has its words",
            output.status
        ));
    }
    let token = String::from_utf8(output.stdout).unwrap_or_default();
    let token = token.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it printed no token: one line of ASCII, without blanks, was expected".to_owned());
    }
    Ok(token.into())
}

fn nothing_in_common(offered: &[String], by_token: bool) -> Reply {
    let takes_tokens = offered
        .iter()
        .any(|offer| matches!(offer.as_str(), "OAUTHBEARER" | "XOAUTH2"));
    let words = match (offered, by_token) {
        ([], _) => {
            "The relay offers no sign-in on this connection. Leave the user out of smtp_url, or use the port and \
                    the encryption on which it does."
                .to_owned()
        }
        (_, true) => format!(
            "The relay offers to sign in by {}; with smtp_token_command this program can OAUTHBEARER and XOAUTH2. Use a \
             password instead.",
            offered.join(", ")
        ),
        (_, false) if takes_tokens => format!(
            "The relay offers to sign in by {}, and takes no password. Set smtp_token_command to a command that prints an \
             access token.",
            offered.join(", ")
        ),
        (_, false) => format!(
            "The relay offers to sign in by {}; this program can PLAIN and LOGIN.",
            offered.join(", ")
        ),
    };
    Reply::none(&words)
}
