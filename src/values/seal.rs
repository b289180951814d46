//! Sealing: what is stored, or handed to a browser and taken back, and must be read by this installation alone.
//!
//! `nonce (12 bytes) || ChaCha20-Poly1305(key(what), nonce, plain) || tag`, RFC 8439. What was sealed for one use is not read
//! for another.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::{LinkKey, random_bytes};

impl LinkKey {
    /// Seals it; `what` says what for.
    #[must_use]
    pub fn seal(&self, what: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random_bytes();
        let mut bytes = plain.to_vec();
        let sealed = self.sealing_key(what).and_then(|key| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            key.seal_in_place_append_tag(nonce, Aad::empty(), &mut bytes).ok()
        });
        if sealed.is_none() {
            // Longer than 256 GiB: never handed out unsealed.
            bytes.clear();
        }
        let mut out = nonce.to_vec();
        out.append(&mut bytes);
        out
    }

    /// Reads what was sealed. `None`: changed, of another installation, or for something else.
    #[must_use]
    pub fn unseal(&self, what: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, bytes) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut bytes = bytes.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.sealing_key(what)?.open_in_place(nonce, Aad::empty(), &mut bytes);
        Some(plain.ok()?.to_vec())
    }

    fn sealing_key(&self, what: &str) -> Option<LessSafeKey> {
        let key = self.hidden("seal", what.as_bytes());
        UnboundKey::new(&CHACHA20_POLY1305, &key).ok().map(LessSafeKey::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_is_read_for_its_own_use_only() {
        let key = LinkKey::new([7; 32]);
        let sealed = key.seal("totp", b"a secret");
        assert_eq!(key.unseal("totp", &sealed).as_deref(), Some(&b"a secret"[..]));
        assert_eq!(key.unseal("other", &sealed), None);
        assert_eq!(LinkKey::new([8; 32]).unseal("totp", &sealed), None);
        assert_ne!(key.seal("totp", b"a secret"), sealed, "a nonce of its own each time");
    }

    #[test]
    fn what_was_changed_is_not_read() {
        let key = LinkKey::new([7; 32]);
        let sealed = key.seal("totp", b"a secret");
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert_eq!(key.unseal("totp", &changed), None, "{position}");
        }
        for length in 0..sealed.len() {
            assert_eq!(key.unseal("totp", &sealed[..length]), None, "{length}");
        }
    }
}
