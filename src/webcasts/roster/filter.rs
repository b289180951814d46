//! Which registrations: of a webcast or session, by where they stand, whether they came, where from, and what was answered.

use crate::db::listing::{FoundBy, ListCondition, ListPart, ListedTable};
use crate::db::piece::{SqlPiece, SqlValue};
use crate::db::{Conn, DbError, sql};
use crate::questions::FormOwner;
use crate::questions::store::{ExportedQuestion, exported_questions};
use crate::tallies::source_of;
use crate::values::{PublicId, Slug};
use crate::webcasts::RegistrationState;
use crate::webcasts::attendance::Attended;

/// Registrations as a list has them.
pub(crate) const SEATS: ListedTable = ListedTable {
    table: "registrations r",
    id: "r.id",
    public_id: "r.public_id",
    person: "r.contact_id",
};

/// What a list is asked for, as it stands in an address.
#[derive(Debug, Clone, Default)]
pub(crate) struct SeatsWanted {
    /// Of this webcast.
    pub webcast: Option<Slug>,
    /// Of this session.
    pub session: Option<PublicId>,
    /// Those that stand so.
    pub state: Option<RegistrationState>,
    /// Those whose owners came, or did not.
    pub attendance: Option<Attended>,
    /// The campaign, else the site that led here.
    pub source: Option<String>,
    /// Keys of questions, each with the key of an answer.
    pub answers: Vec<(String, String)>,
}

/// The same, with what the database knows of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct SeatFilter {
    webcast: Option<i64>,
    session: Option<i64>,
    state: Option<RegistrationState>,
    attendance: Option<Attended>,
    source: Option<String>,
    answers: Vec<(ExportedQuestion, String)>,
}

impl SeatFilter {
    /// Looks it up. `None`: there is no such webcast, session or question.
    pub(crate) async fn find(conn: &mut Conn, wanted: &SeatsWanted) -> Result<Option<Self>, DbError> {
        let mut filter = Self {
            state: wanted.state,
            attendance: wanted.attendance,
            source: wanted.source.clone(),
            ..Self::default()
        };
        if let Some(slug) = &wanted.webcast {
            let webcast =
                SqlPiece::new("SELECT id FROM webcasts WHERE slug = ?").with(SqlValue::Text(slug.to_string()));
            filter.webcast = webcast.number(conn).await?;
            if filter.webcast.is_none() {
                return Ok(None);
            }
        }
        if let Some(id) = wanted.session {
            let session: Vec<(i64, i64)> = SqlPiece::new("SELECT id, webcast_id FROM sessions WHERE public_id = ?")
                .with(SqlValue::Bytes(id.as_bytes().to_vec()))
                .fetch_all(conn)
                .await?;
            match session.first() {
                Some((session, webcast)) if filter.webcast.is_none_or(|known| known == *webcast) => {
                    (filter.session, filter.webcast) = (Some(*session), Some(*webcast));
                }
                _ => return Ok(None),
            }
        }
        if !filter.find_answers(conn, &wanted.answers).await? {
            return Ok(None);
        }
        Ok(Some(filter))
    }

    /// False: there is no such question.
    async fn find_answers(&mut self, conn: &mut Conn, wanted: &[(String, String)]) -> Result<bool, DbError> {
        if wanted.is_empty() {
            return Ok(true);
        }
        let Some(webcast) = self.webcast else {
            return Ok(false);
        };
        let questions = exported_questions(conn, FormOwner::Webcast(webcast)).await?;
        for (key, answer) in wanted {
            let Some(question) = questions.iter().find(|question| question.key == *key) else {
                return Ok(false);
            };
            self.answers.push((question.clone(), answer.clone()));
        }
        Ok(true)
    }

    /// Whether it leaves anybody out.
    pub(crate) fn is_empty(&self) -> bool {
        self.webcast.is_none() && self.conditions_are_empty()
    }

    fn conditions_are_empty(&self) -> bool {
        self.session.is_none()
            && self.state.is_none()
            && self.attendance.is_none()
            && self.source.is_none()
            && self.answers.is_empty()
    }

    /// The part of all registrations that it is about, where it is about a webcast.
    pub(crate) fn part(&self) -> Option<ListPart> {
        let session = self.session.map(|row| ListPart {
            column: "r.session_id",
            row,
        });
        let webcast = || {
            self.webcast.map(|row| ListPart {
                column: "r.webcast_id",
                row,
            })
        };
        session.or_else(webcast)
    }

    /// What must be true of a registration besides.
    pub(crate) fn conditions(&self, conn: &Conn) -> Vec<ListCondition> {
        let owner = FormOwner::Webcast(self.webcast.unwrap_or_default());
        let answered = self
            .answers
            .iter()
            .map(|(question, answer)| question.answered(owner, "r", answer, self.session.is_none()));
        let about_the_seat = [self.standing(conn), self.came_from()];
        about_the_seat.into_iter().flatten().chain(answered).collect()
    }

    /// Where it stands, and whether its owner came: one index has both, by session.
    fn standing(&self, conn: &Conn) -> Option<ListCondition> {
        let state = self.state.map(|state| ("r.state", state.as_str()));
        let attendance = self.attendance.map(|attended| ("r.attendance", attended.as_str()));
        if state.is_none() && attendance.is_none() {
            return None;
        }
        let given = || state.into_iter().chain(attendance);
        let holds: Vec<String> = given()
            .map(|(column, value)| format!("{} = '{value}'", sql::without_index(conn, column)))
            .collect();
        let sessions = match (self.session, self.webcast) {
            (Some(session), _) => format!("r.session_id = {session}"),
            (None, Some(webcast)) => {
                format!("r.session_id IN (SELECT s.id FROM sessions s WHERE s.webcast_id = {webcast})")
            }
            (None, None) => "r.session_id IN (SELECT s.id FROM sessions s)".to_owned(),
        };
        // The index has the state before the attendance.
        let all = RegistrationState::ALL.map(|state| format!("'{}'", state.as_str()));
        let any_state = state.is_none().then(|| format!("r.state IN ({})", all.join(", ")));
        let rows: Vec<String> = std::iter::once(sessions)
            .chain(any_state)
            .chain(given().map(|(column, value)| format!("{column} = '{value}'")))
            .collect();
        let rows = format!("SELECT r.id AS id FROM registrations r WHERE {}", rows.join(" AND "));
        Some(ListCondition::found(
            SqlPiece::new(holds.join(" AND ")),
            FoundBy::Exactly(SqlPiece::new(rows)),
        ))
    }

    fn came_from(&self) -> Option<ListCondition> {
        let source = SqlValue::Text(self.source.clone()?);
        // The index has only those whose source is known.
        let holds = format!("{0} = ? AND {0} <> ''", source_of("r"));
        let webcasts = match self.webcast {
            Some(webcast) => format!("r.webcast_id = {webcast}"),
            None => "r.webcast_id IN (SELECT w.id FROM webcasts w)".to_owned(),
        };
        let rows = SqlPiece::new(format!(
            "SELECT r.id AS id FROM registrations r WHERE {webcasts} AND {holds}"
        ))
        .with(source.clone());
        let found = if self.session.is_none() {
            FoundBy::Exactly(rows)
        } else {
            FoundBy::Rows(rows)
        };
        Some(ListCondition::found(SqlPiece::new(holds).with(source), found))
    }

    /// "They have such a registration", over people `c`: all of it true of one of theirs.
    pub(crate) fn of_people(&self, conn: &Conn) -> Vec<ListCondition> {
        if self.is_empty() {
            return Vec::new();
        }
        let conditions = self.conditions(conn);
        let mut holds = SqlPiece::new("(SELECT 1 FROM registrations r WHERE r.contact_id = c.id");
        // Their few registrations, not all of the webcast or session.
        if let Some(ListPart { column, row }) = self.part() {
            holds = holds.then(&format!(" AND {} = {row}", sql::without_index(conn, column)));
        }
        let holds = holds
            .each(" AND ", conditions.iter().map(|condition| &condition.holds))
            .then(" LIMIT 1) IS NOT NULL");
        let rows = conditions.iter().filter_map(|condition| match &condition.found {
            Some(FoundBy::Exactly(rows) | FoundBy::Rows(rows)) => Some(rows.clone()),
            _ => None,
        });
        let found = self
            .part()
            .map(|part| part.rows(SEATS))
            .into_iter()
            .chain(rows)
            .map(|rows| {
                SqlPiece::new("SELECT x.contact_id AS id FROM (")
                    .and_then(&rows)
                    .then(") AS y CROSS JOIN registrations x WHERE x.id = y.id")
            });
        // All of it is asked once; each of them may be the one that few have.
        let asked = std::iter::once(holds).chain(std::iter::repeat(SqlPiece::new("1 = 1")));
        asked
            .zip(found)
            .map(|(holds, people)| ListCondition::found(holds, FoundBy::People(people)))
            .collect()
    }
}
