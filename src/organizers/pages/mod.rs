//! The doors: the set-up link, invitations, the sign-in in one step or two, the password once more or forgotten, the sign-out.

mod code;
mod interrupted;
mod invitation;
mod link_gone;
mod password;
mod reset;
mod setup;
mod sign_in;
mod sign_on;

use std::time::Duration;

use actix_web::web::ServiceConfig;

use super::password::HashError;
use crate::web::{WebError, at};

pub(crate) use code::off_by;
pub(crate) use interrupted::carry_along;
pub(crate) use invitation::read_name;
pub(crate) use password::{PasswordCheck, check_password, sign_in_anew};
pub(crate) use sign_on::{connect, disconnect};

/// Where signing in leads when nothing else was wanted.
const HOME: &str = "/organizer";

/// Adds the routes. The app carries a `Data<SignInDesk>` beside its state.
pub(crate) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/setup/{token}").get(setup::show).post(setup::set_up))
        .service(at("/organizer/sign-in").get(sign_in::show).post(sign_in::sign_in))
        .service(at("/organizer/sign-in/code").get(code::begin_again).post(code::check))
        .service(
            at("/organizer/invitations/{token}")
                .get(invitation::show)
                .post(invitation::accept),
        )
        .service(at("/organizer/oidc").get(sign_on::begin))
        .service(at("/organizer/oidc/callback").get(sign_on::callback))
        .service(at("/organizer/reset").get(reset::ask).post(reset::send))
        .service(at("/organizer/reset/{token}").get(reset::show).post(reset::save))
        .service(at("/organizer/password").post(password::confirm))
        .service(at("/organizer/sign-out").post(sign_in::sign_out));
}

impl From<HashError> for WebError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::TooMany(Duration::from_secs(5)),
            HashError::Failed(_) => Self::internal(error),
        }
    }
}

/// Only a path below the organizers' pages; everything else could lead off this site.
fn safe_path(next: &str) -> &str {
    let below = next
        .strip_prefix(HOME)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if below && plain { next } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_leads_to_organizers_pages_only() {
        for good in ["/organizer", "/organizer/outbox?state=failed", "/organizer?x=1"] {
            assert_eq!(safe_path(good), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "https://evil.example",
            "/organizers",
            "/organizer\\evil",
            "/organizer/\r\nx",
            "/webcasts",
        ] {
            assert_eq!(safe_path(bad), HOME, "{bad:?}");
        }
    }
}
