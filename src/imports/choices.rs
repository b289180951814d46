//! What an organizer chooses for an import besides the columns: where to, which clock, who is told.

use serde::{Deserialize, Serialize};

use crate::values::{PublicId, Zone};

/// It, as it is stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct ImportChoices {
    /// The session that registrations or attendance are of, by its public id.
    pub session: String,
    /// The clock of times that the file has without a zone; empty: the session's, or UTC.
    pub zone: String,
    /// A tag for everybody.
    pub tag: String,
    /// New registrations get the confirmation.
    pub tell: bool,
}

impl ImportChoices {
    /// The session.
    #[must_use]
    pub fn session_id(&self) -> Option<PublicId> {
        PublicId::parse(&self.session)
    }

    /// The clock, or this one.
    #[must_use]
    pub fn zone_or(&self, usual: &Zone) -> Zone {
        Zone::parse(&self.zone).unwrap_or_else(|_| usual.clone())
    }
}
