//! What features' pages share about a stranger who posts a public form.

mod gate;
pub mod source;

pub use gate::Gate;
