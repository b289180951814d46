//! The second factor: codes of an app (TOTP, RFC 6238), and recovery codes for whoever has lost it.

mod qr;
mod recovery;
mod totp;

pub use recovery::{RecoveryCode, recovery_hash};
pub use totp::{CodeVerdict, TotpSecret};
