//! Addresses of the links that make an account or give it a new password.

use super::store::AccountLink;
use crate::values::{LinkKey, LinkPurpose};

/// Of an invitation.
pub(crate) fn invitation_path(key: &LinkKey, link: &AccountLink) -> String {
    let token = key.sign(LinkPurpose::AccountInvitation, link.public_id, 0);
    format!("/organizer/invitations/{token}")
}

/// Of a new password.
pub(crate) fn reset_path(key: &LinkKey, link: &AccountLink) -> String {
    let token = key.sign(LinkPurpose::AccountReset, link.public_id, 0);
    format!("/organizer/reset/{token}")
}
