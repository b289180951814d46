//! What stands around every organizers' page.

use crate::organizers::Organizer;
use crate::web::AppState;
use crate::web::layout::{Layout, Section};

/// The frame of a page that somebody who is signed in sees.
pub fn layout(organizer: &Organizer, state: &AppState, section: Section, title: impl Into<String>) -> Layout {
    Layout {
        organizer: Some(organizer.name.as_str().to_owned()),
        ..state.personal_layout(section, title)
    }
}
