//! What features' pages share about a stranger who posts a public form.

mod gate;
pub(crate) mod source;

pub(crate) use gate::Gate;
