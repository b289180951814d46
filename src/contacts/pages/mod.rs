//! What features' pages share about a stranger who posts a public form.

pub(crate) mod address;
pub(crate) mod source;

use crate::web::Form;

/// Whether a program may have filled in the form: people see neither of these fields. The second one is of earlier pages,
/// and what programs look for.
#[must_use]
pub(crate) fn looks_like_a_program(form: &Form) -> bool {
    form.is_filled("leave_this_empty") || form.is_filled("website")
}
