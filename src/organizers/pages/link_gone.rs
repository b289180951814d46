//! Links of accounts that do not work, or no longer: used, too old, changed, or somebody else's. What to do now differs.

use actix_web::http::StatusCode;
use askama::Template;

use crate::framed;
use crate::web::layout::{Layout, Section};
use crate::web::{Answer, AppState, page};

#[derive(Template)]
#[template(path = "organizers/link_gone.html")]
struct LinkGonePage {
    layout: Layout,
    is_invitation: bool,
}

framed!(LinkGonePage);

/// An invitation.
pub(super) fn invitation(state: &AppState) -> Answer {
    draw(state, true, "This invitation no longer works")
}

/// A new password.
pub(super) fn reset(state: &AppState) -> Answer {
    draw(state, false, "This link no longer works")
}

fn draw(state: &AppState, is_invitation: bool, title: &str) -> Answer {
    page(
        StatusCode::NOT_FOUND,
        &LinkGonePage {
            layout: state.personal_layout(Section::None, title),
            is_invitation,
        },
    )
}
