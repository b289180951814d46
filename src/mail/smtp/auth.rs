//! Signing in (RFC 4954): PLAIN, else LOGIN.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

use super::dialogue::{Dialogue, Lost};
use super::reply::Reply;
use crate::mail::relay::Login;

const STEP: &str = "sign-in";

/// Signs in by the best way that the server offers.
pub(super) async fn sign_in(dialogue: &mut Dialogue, offered: &[String], login: &Login) -> Result<(), Lost> {
    let has = |way: &str| offered.iter().any(|offer| offer == way);
    let reply = if has("PLAIN") {
        plain(dialogue, login).await?
    } else if has("LOGIN") {
        by_questions(dialogue, login).await?
    } else {
        return Err(Lost(nothing_in_common(offered)));
    };
    if reply.is_positive() { Ok(()) } else { Err(Lost(reply)) }
}

async fn plain(dialogue: &mut Dialogue, login: &Login) -> Result<Reply, Lost> {
    let secret = STANDARD.encode(format!("\0{}\0{}", login.user, login.password.expose_secret()));
    Ok(dialogue.ask(STEP, &format!("AUTH PLAIN {secret}\r\n")).await?.reply())
}

async fn by_questions(dialogue: &mut Dialogue, login: &Login) -> Result<Reply, Lost> {
    let mut reply = dialogue.ask(STEP, "AUTH LOGIN\r\n").await?.reply();
    for answer in [login.user.as_str(), login.password.expose_secret()] {
        if !reply.asks_on() {
            break;
        }
        let answer = format!("{}\r\n", STANDARD.encode(answer));
        reply = dialogue.ask(STEP, &answer).await?.reply();
    }
    Ok(reply)
}

fn nothing_in_common(offered: &[String]) -> Reply {
    Reply::none(&if offered.is_empty() {
        "The relay offers no sign-in on this connection. Leave user and password out of smtp_url, or use the port and the \
         encryption on which it does."
            .to_owned()
    } else {
        format!(
            "The relay offers to sign in by {}; this program can PLAIN and LOGIN.",
            offered.join(", ")
        )
    })
}
