//! Receipts: a line for each person who was erased, with the time and the fingerprint of their address. Kept beside the
//! backups, they repeat what a restore has brought back.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use futures_util::TryStreamExt;
use jiff::Timestamp;

use super::erasing::{Erasing, erase};
use crate::contacts::TraceOf;
use crate::contacts::erase::ErasedBy;
use crate::contacts::store::erasures::{self, Erasure};
use crate::db::{Db, DbError, instant, micros};
use crate::values::in_hex;

/// Bytes of a fingerprint.
const LENGTH: usize = 32;

/// A line: `2026-11-28T09:00:00Z 3f…`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// When it was done, to the second.
    pub at: Timestamp,
    /// The keyed hash of the address.
    pub fingerprint: Vec<u8>,
}

impl Receipt {
    /// Of what is done now.
    pub(crate) fn new(at: Timestamp, fingerprint: Vec<u8>) -> Self {
        Self { at, fingerprint }
    }

    /// As it stands in addresses.
    pub(crate) fn name(&self) -> String {
        in_hex(&self.fingerprint)
    }

    /// The fingerprint that stands in an address.
    pub(crate) fn fingerprint_of_name(name: &str) -> Option<Vec<u8>> {
        let digits = name.as_bytes();
        if digits.len() != 2 * LENGTH {
            return None;
        }
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect()
    }

    /// All that the database knows of, in the order in which it was done.
    pub(crate) async fn all(db: &Db) -> Result<Vec<Self>, DbError> {
        let rows = erasures::all(&mut db.read().await?).await?;
        rows.into_iter().map(Self::try_from).collect()
    }
}

impl TryFrom<Erasure> for Receipt {
    type Error = DbError;

    fn try_from(row: Erasure) -> Result<Self, DbError> {
        Ok(Self::new(instant(row.erased_at)?, row.fingerprint))
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            in_hex(&self.fingerprint)
        )
    }
}

impl FromStr for Receipt {
    type Err = &'static str;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "a receipt is a time and 64 digits: 2026-11-28T09:00:00Z 3f…";
        let (at, digits) = line.trim().split_once(char::is_whitespace).ok_or(SHAPE)?;
        let at = at.parse().map_err(|_| SHAPE)?;
        let fingerprint = Self::fingerprint_of_name(digits.trim()).ok_or(SHAPE)?;
        Ok(Self::new(at, fingerprint))
    }
}

/// What became of receipts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Repeated {
    /// Erased once more.
    pub erased: usize,
    /// They came again by themselves after they had been erased: they stay.
    pub came_again: usize,
    /// Nothing was kept of them.
    pub gone: usize,
}

/// Erases those once more who are in the database although a receipt says that they were erased.
///
/// # Errors
/// When the database fails.
pub(crate) async fn repeat(with: &Erasing<'_>, receipts: &[Receipt], by: ErasedBy) -> Result<Repeated, DbError> {
    let mut wanted: HashMap<&[u8], Timestamp> = HashMap::new();
    for receipt in receipts {
        let last = wanted.entry(&receipt.fingerprint).or_insert(receipt.at);
        *last = receipt.at.max(*last);
    }
    let mut repeated = Repeated::default();
    let found = found(with, &wanted).await?;
    for (address, at) in &found {
        let came_at = erasures::came_at(&mut with.db.read().await?, address).await?;
        // A receipt is to the second.
        if came_at.is_some_and(|came_at| came_at >= micros(*at) + 1_000_000) {
            repeated.came_again += 1;
        } else {
            erase(with, address, by).await?;
            repeated.erased += 1;
        }
    }
    repeated.gone = wanted.len() - found.len();
    Ok(repeated)
}

/// The addresses that are kept anywhere and that a receipt is of.
async fn found(with: &Erasing<'_>, wanted: &HashMap<&[u8], Timestamp>) -> Result<HashMap<String, Timestamp>, DbError> {
    let mut found = HashMap::new();
    let contacts = [("contacts", "email_key")];
    let others = with.traces.iter().filter_map(|trace| match trace.of {
        TraceOf::Address(key) => Some((trace.table, key)),
        _ => None,
    });
    for (table, key) in contacts.into_iter().chain(others) {
        let conn = &mut with.db.read().await?;
        let mut addresses = erasures::addresses(conn, table, key);
        while let Some(address) = addresses.try_next().await? {
            if let Some(at) = wanted.get(with.links.fingerprint_of_key(&address).as_slice()) {
                found.insert(address, *at);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_reads_as_it_is_written() {
        let at: Timestamp = "2026-11-28T09:00:00Z".parse().unwrap();
        let receipt = Receipt::new(at, (0..32).collect());
        let line = receipt.to_string();
        assert!(line.starts_with("2026-11-28T09:00:00Z 000102"), "{line}");
        assert_eq!(line.parse(), Ok(receipt));
        for wrong in [
            "",
            "2026-11-28T09:00:00Z",
            "soon 00",
            "2026-11-28T09:00:00Z 00",
            &line.replace('f', "g"),
        ] {
            assert!(wrong.parse::<Receipt>().is_err(), "{wrong:?}");
        }
    }
}
