//! What a form is shown with, so that posted twice it does one thing.

use crate::values::{LinkPurpose, PublicId};
use crate::web::{AppState, Form};

/// What the form was shown with; a script that posts without it gets a new one. It is signed: the id of something that
/// is there already, out of a link for another purpose, is none.
pub(crate) fn read(state: &AppState, form: &Form) -> PublicId {
    let shown = state.links.read(LinkPurpose::AssessmentForm, form.text("draft"));
    shown.map_or_else(PublicId::random, |link| link.id)
}

/// For a form that is shown.
pub(crate) fn fresh(state: &AppState) -> String {
    sign(state, PublicId::random())
}

/// For a form that is shown again.
pub(crate) fn sign(state: &AppState, id: PublicId) -> String {
    state.links.sign(LinkPurpose::AssessmentForm, id, 0)
}
