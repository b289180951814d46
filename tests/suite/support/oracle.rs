//! Compares what visitors were told, what is stored and what was mailed.

use std::collections::{HashMap, HashSet};

use super::load::Form;
use super::server::House;
use super::sink::Delivery;

/// The five counts that must be nought, but for mails that may go twice after a kill.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Confirmed on screen, and not there.
    pub acked_lost: usize,
    /// Stored more than once.
    pub dup_rows: usize,
    /// Stored, and no mail about it.
    pub mail_missing: usize,
    /// Mailed, and not stored.
    pub ghost: usize,
    /// The same Message-ID again.
    pub dup_mail: usize,
}

impl Verdict {
    /// True if nothing was lost, invented or stored twice.
    pub fn is_clean(&self) -> bool {
        let Self {
            acked_lost,
            dup_rows,
            mail_missing,
            ghost,
            dup_mail: _,
        } = self;
        [acked_lost, dup_rows, mail_missing, ghost]
            .iter()
            .all(|count| **count == 0)
    }
}

/// Judges by addresses: those acknowledged, those stored, those mailed.
pub fn judge(acknowledged: &[String], stored: &[String], delivered: &[Delivery]) -> Verdict {
    let rows: HashSet<&str> = stored.iter().map(String::as_str).collect();
    let acked: HashSet<&str> = acknowledged.iter().map(String::as_str).collect();
    let mailed: HashSet<&str> = delivered.iter().map(|mail| mail.to.as_str()).collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for mail in delivered {
        *times.entry(mail.message_id.as_str()).or_default() += 1;
    }
    Verdict {
        acked_lost: acked.difference(&rows).count(),
        dup_rows: stored.len() - rows.len(),
        mail_missing: rows.difference(&mailed).count(),
        ghost: mailed.difference(&rows).count(),
        dup_mail: times.values().map(|times| times - 1).sum(),
    }
}

/// The addresses of all attendees, by the program's own export.
pub async fn stored(house: &House, form: &Form) -> Vec<String> {
    let output = house
        .run(&["export", "attendees", "--webcast", form.slug(), "--format", "csv"])
        .await;
    assert!(
        output.status.success(),
        "the export failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let column = reader
        .headers()
        .unwrap()
        .iter()
        .position(|label| label == "Email")
        .unwrap();
    reader.records().map(|row| row.unwrap()[column].to_owned()).collect()
}
