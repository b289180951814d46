//! Two who have the same form open: the second is told what the first changed, and chooses field by field. Nothing typed
//! is lost.

/// What somebody else changed meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Conflict {
    /// "Ben changed this on 26 Nov 2026, 14:01."
    pub words: String,
    /// The fields that differ, with both values.
    pub fields: Vec<ConflictField>,
}

/// A field with two values.
#[derive(Debug, Clone)]
pub(crate) struct ConflictField {
    /// The field's name; its radio buttons carry it, so that choosing is filling in.
    pub name: &'static str,
    /// As people call it.
    pub label: &'static str,
    /// What was typed here.
    pub mine: String,
    /// What is stored.
    pub theirs: String,
}

impl Conflict {
    /// Those of these fields that differ: name, label, what was typed, what is stored.
    pub(crate) fn between(words: String, fields: &[(&'static str, &'static str, &str, &str)]) -> Self {
        let differ = fields.iter().filter(|(_, _, mine, theirs)| mine != theirs);
        Self {
            words,
            fields: differ
                .map(|(name, label, mine, theirs)| ConflictField {
                    name,
                    label,
                    mine: (*mine).to_owned(),
                    theirs: (*theirs).to_owned(),
                })
                .collect(),
        }
    }

    /// Whether the form asks about a field by radio buttons.
    pub(crate) fn is_about(&self, field: &str) -> bool {
        self.fields.iter().any(|conflict| conflict.name == field)
    }
}
