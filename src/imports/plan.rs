//! What an import would do, before it does it: by the same reading as it goes by.

use jiff::Timestamp;

use super::matched::{self, Matched};
use super::store::{self, BadLine, ImportRow};
use super::{
    BadRow, ImportChoices, ImportKind, Mapping, PeopleRead, PersonRow, ReadOptions, RowWarning, put, read_all,
    read_attendance,
};
use crate::contacts::store::erasures;
use crate::db::{Conn, DbError};
use crate::uploads::Table;
use crate::values::{LinkKey, Zone};
use crate::webcasts::Session;
use crate::webcasts::store as webcasts;

/// An import with its words read.
#[derive(Debug, Clone)]
pub(crate) struct ImportPlan {
    /// The row.
    pub id: i64,
    /// Who sent the file.
    pub organizer: i64,
    /// What it is.
    pub kind: ImportKind,
    /// Which column is which; `None`: they are still to be chosen.
    pub mapping: Option<Mapping>,
    /// What else was chosen.
    pub choices: ImportChoices,
    /// The session that was chosen.
    pub session: Option<Session>,
}

impl ImportPlan {
    /// Reads it.
    pub(crate) async fn read(conn: &mut Conn, row: &ImportRow) -> Result<Self, DbError> {
        let choices: ImportChoices = serde_json::from_str(&row.choices).map_err(DbError::stored)?;
        let session = match choices.session_id() {
            Some(id) => webcasts::session_by_public_id(conn, id).await?,
            None => None,
        };
        Ok(Self {
            id: row.id,
            organizer: row.organizer_id,
            kind: ImportKind::parse(&row.kind).ok_or_else(|| DbError::stored("the kind of an import"))?,
            mapping: Mapping::parse(&row.mapping).ok(),
            choices,
            session,
        })
    }

    /// What it lacks before it can begin, in a sentence.
    pub(crate) fn lacks(&self) -> Option<&'static str> {
        let needs_session = self.kind != ImportKind::People;
        if needs_session && self.session.is_none() {
            return Some("Choose the session.");
        }
        let needs_columns = !matches!(self.kind, ImportKind::Attendance(_));
        (needs_columns && self.mapping.is_none()).then_some("Choose which column has the e-mail addresses.")
    }

    fn zone(&self) -> Zone {
        let usual = self
            .session
            .as_ref()
            .map_or_else(Zone::utc, |session| session.zone.clone());
        self.choices.zone_or(&usual)
    }

    /// Its people, as the columns say. Takes a while for many.
    pub(crate) fn people(&self, table: &Table, now: Timestamp) -> PeopleRead {
        let (Some(mapping), Some(header)) = (&self.mapping, self.kind.header(table)) else {
            return PeopleRead::default();
        };
        let options = ReadOptions { zone: self.zone(), now };
        let mut read = read_all(table, mapping, header, &options);
        if !self.choices.tag.is_empty() {
            for row in &mut read.good {
                row.tags.push(self.choices.tag.clone());
            }
        }
        read
    }

    /// Who was there, and who of them is who of ours.
    pub(crate) async fn attendance(&self, conn: &mut Conn, table: &Table) -> Result<(Matched, Vec<BadRow>), DbError> {
        let (ImportKind::Attendance(service), Some(session)) = (self.kind, &self.session) else {
            return Ok((Matched::default(), Vec::new()));
        };
        let file = read_attendance(table, service, &self.zone(), session.starts_at);
        let seat_holders = store::seat_holders(conn, session.id).await?;
        Ok((matched::find(matched::attendants(&file), &seat_holders), file.bad))
    }
}

/// What a list would bring.
#[derive(Debug, Default)]
pub(crate) struct PeoplePreview {
    /// Who is not known.
    pub new: usize,
    /// Who is.
    pub known: usize,
    /// Who was erased, and stays so.
    pub erased: usize,
    /// The first who would be put in.
    pub first: Vec<PersonRow>,
    /// Rows that cannot be taken,
    pub bad: Vec<BadRow>,
    /// and cells of others.
    pub warnings: Vec<RowWarning>,
}

/// Rows that are shown.
const SHOWN: usize = 10;

/// Counts it.
pub(crate) async fn preview(conn: &mut Conn, read: PeopleRead, links: &LinkKey) -> Result<PeoplePreview, DbError> {
    let fingerprints: Vec<Vec<u8>> = read.good.iter().map(|row| links.fingerprint(&row.email)).collect();
    let erased = erasures::among(conn, &fingerprints).await?;
    // Whoever was erased and came again by themselves is not touched either.
    let rest = read.good.into_iter().zip(&fingerprints);
    let taken: Vec<PersonRow> = rest
        .filter(|(_, fingerprint)| !erased.contains(*fingerprint))
        .map(|(row, _)| row)
        .collect();
    let keys: Vec<String> = taken.iter().map(|row| row.email.key()).collect();
    let known = store::known_keys(conn, &keys).await?.len();
    Ok(PeoplePreview {
        new: taken.len() - known,
        known,
        erased: erased.len(),
        first: taken.into_iter().take(SHOWN).collect(),
        bad: read.bad,
        warnings: read.warnings,
    })
}

/// Rows that cannot be taken, with their cells.
pub(crate) fn bad_lines(table: &Table, bad: &[BadRow]) -> Vec<BadLine> {
    let mut rows = table.iter();
    let mut lines = Vec::with_capacity(bad.len());
    // Both are in the order of the file.
    let mut sorted: Vec<&BadRow> = bad.iter().collect();
    sorted.sort_by_key(|bad| bad.line);
    for bad in sorted {
        if let Some((_, cells)) = rows.by_ref().find(|(line, _)| *line == bad.line) {
            lines.push(put::bad_line(bad, cells));
        }
    }
    lines
}
