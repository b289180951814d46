//! What forms asked when they were last looked at, so that a post need not read it first. It may be old: the job that
//! stores what was posted compares versions, and the form is looked at anew where they differ.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Design;
use crate::values::Slug;

/// Most forms that are kept.
const MOST: usize = 200;

/// Designs by the address of their page. One that is not here is taken to ask nothing.
#[derive(Default)]
pub(crate) struct KnownDesigns(RwLock<HashMap<String, Arc<Design>>>);

impl KnownDesigns {
    /// What the form of a page asked.
    pub(crate) fn of(&self, slug: &Slug) -> Arc<Design> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(slug.as_str()).cloned().unwrap_or_default()
    }

    /// What it asks now.
    pub(crate) fn keep(&self, slug: &Slug, design: Design) -> Arc<Design> {
        let design = Arc::new(design);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(slug.to_string(), design.clone());
        design
    }
}
