//! Personal links: signed, one purpose each, nothing of them stored.
//!
//! A link is `base64url(public_id || HMAC-SHA-256(key(purpose), public_id || generation)[..16])`.
//! Raising a row's generation revokes the links made before. The generation is not part of the text:
//! [`LinkKey::read`] finds it among the few that a row can have, so that a forged link is refused
//! before the database is asked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{EmailAddress, PublicId};

const MAC_BYTES: usize = 16;

/// Generations that a link may have. A row is revoked less often than this.
pub const MAX_GENERATION: i64 = 32;

/// What a link opens. A link of one purpose never opens another's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The visitor's own page of a registration.
    Registration,
    /// The way into a session.
    Join,
    /// The same in the hands of an organizer, who passes it on: it says nothing of whose the address is.
    JoinByOrganizer,
    /// The calendar entry of a registration. Calendars are shared: nothing else is opened by it.
    Calendar,
    /// A whitepaper's PDF.
    Download,
    /// The respondent's own pages of an assessment.
    AssessmentEdit,
    /// The result of an assessment, as others may see it.
    AssessmentView,
    /// The partner's way into an assessment.
    AssessmentInvitation,
    /// The joint report of two.
    AssessmentJoint,
    /// A round of several respondents, for who opened it.
    AssessmentRound,
    /// A respondent's place in a round.
    AssessmentPlace,
    /// What a form was shown with, so that posted twice it does one thing. Nobody can make up the id of another's.
    AssessmentForm,
    /// The account of whoever is invited.
    AccountInvitation,
    /// A new password for an account.
    AccountReset,
}

impl LinkPurpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Join => "join",
            Self::JoinByOrganizer => "join-by-organizer",
            Self::Calendar => "calendar",
            Self::Download => "download",
            Self::AssessmentEdit => "assessment-edit",
            Self::AssessmentView => "assessment-view",
            Self::AssessmentInvitation => "assessment-invitation",
            Self::AssessmentJoint => "assessment-joint",
            Self::AssessmentRound => "assessment-round",
            Self::AssessmentPlace => "assessment-seat",
            Self::AssessmentForm => "assessment-draft",
            Self::AccountInvitation => "account-invitation",
            Self::AccountReset => "account-reset",
        }
    }
}

/// What stands in a preview where a private link would be.
const REDACTED: &str = "private-link";

/// Signs and checks links. Made from the secret key of the installation.
#[derive(Clone)]
pub struct LinkKey {
    /// `None`: it signs nothing.
    secret: Option<[u8; 32]>,
}

/// A link whose signature is right for one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The row that it opens.
    pub id: PublicId,
    /// The generation it was signed for: equal to the row's, or the link is revoked.
    pub generation: i64,
}

impl LinkKey {
    /// Takes the installation's secret.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret: Some(secret) }
    }

    /// For what organizers see of other people's mails: no link that it makes opens anything.
    #[must_use]
    pub fn redacting() -> Self {
        Self { secret: None }
    }

    /// The text of a link.
    #[must_use]
    pub fn sign(&self, purpose: LinkPurpose, id: PublicId, generation: i64) -> String {
        let Some(secret) = &self.secret else {
            return REDACTED.to_owned();
        };
        let mut bytes = Vec::with_capacity(32);
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(&mac(&key_of(secret, purpose), id, generation));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Checks a link before the database is asked. `None`: forged, cut off, or for another purpose.
    #[must_use]
    pub fn read(&self, purpose: LinkPurpose, raw: &str) -> Option<Link> {
        let bytes = URL_SAFE_NO_PAD.decode(raw).ok()?;
        let (id, signed) = bytes.split_at_checked(bytes.len().checked_sub(MAC_BYTES)?)?;
        let id = PublicId::from_slice(id)?;
        let key = key_of(self.secret.as_ref()?, purpose);
        (0..=MAX_GENERATION)
            .find(|generation| mac(&key, id, *generation).ct_eq(signed).into())
            .map(|generation| Link { id, generation })
    }

    /// Tells this installation from others, and nothing of its key: 16 hexadecimal digits.
    #[must_use]
    pub fn installation(&self) -> String {
        let hidden = self.hidden("installation", b"");
        let start = hidden.first_chunk().copied().unwrap_or_default();
        format!("{:016x}", u64::from_be_bytes(start))
    }

    /// A keyed hash of an address that must not be stored itself. Without the key nobody can try addresses on it.
    #[must_use]
    pub fn fingerprint(&self, address: &EmailAddress) -> Vec<u8> {
        self.fingerprint_of_key(&address.key())
    }

    /// The same of an [`EmailAddress::key`].
    #[must_use]
    pub fn fingerprint_of_key(&self, key: &str) -> Vec<u8> {
        self.hidden("address", key.as_bytes())
    }

    /// The same of anything else that must not be stored itself; `what` says what it is.
    #[must_use]
    pub fn hidden(&self, what: &str, bytes: &[u8]) -> Vec<u8> {
        let key = digest(&self.secret.unwrap_or_default(), &[what.as_bytes()]);
        digest(&key, &[bytes]).to_vec()
    }
}

fn key_of(secret: &[u8; 32], purpose: LinkPurpose) -> [u8; 32] {
    digest(secret, &[purpose.as_str().as_bytes()])
}

fn mac(key: &[u8; 32], id: PublicId, generation: i64) -> [u8; MAC_BYTES] {
    let full = digest(key, &[id.as_bytes(), &generation.to_be_bytes()]);
    let mut mac = [0; MAC_BYTES];
    mac.iter_mut().zip(full).for_each(|(to, from)| *to = from);
    mac
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn digest(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_own_purpose_only() {
        let key = LinkKey::new([7; 32]);
        let id = PublicId::random();
        let link = key.sign(LinkPurpose::Registration, id, 3);
        assert_eq!(
            key.read(LinkPurpose::Registration, &link),
            Some(Link { id, generation: 3 })
        );
        assert_eq!(key.read(LinkPurpose::Join, &link), None);
        assert_eq!(LinkKey::new([8; 32]).read(LinkPurpose::Registration, &link), None);
    }

    #[test]
    fn a_changed_link_opens_nothing() {
        let key = LinkKey::new([7; 32]);
        let link = key.sign(LinkPurpose::Join, PublicId::random(), 0);
        for position in 0..link.len() {
            let mut bytes = link.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(key.read(LinkPurpose::Join, &changed), None, "{position}");
        }
        for raw in ["", "x", "é", &link[1..], &format!("{link}A")] {
            assert_eq!(key.read(LinkPurpose::Join, raw), None);
        }
    }
}
