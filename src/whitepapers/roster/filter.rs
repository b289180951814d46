//! Which requests: for a paper, by where they stand, where from, and what was answered.

use crate::db::listing::{FoundBy, ListCondition, ListPart, ListedTable};
use crate::db::piece::{SqlPiece, SqlValue};
use crate::db::{Conn, DbError, sql};
use crate::questions::FormOwner;
use crate::questions::store::exported_questions;
use crate::tallies::source_of;
use crate::values::Slug;
use crate::whitepapers::RequestState;

/// Requests as a list has them.
pub(crate) const REQUESTED: ListedTable = ListedTable {
    table: "requests r",
    id: "r.id",
    public_id: "r.public_id",
    person: "r.contact_id",
};

/// What a list is asked for, as it stands in an address.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestsWanted {
    /// For this paper.
    pub paper: Option<Slug>,
    /// Those that stand so.
    pub state: Option<RequestState>,
    /// The campaign, else the site that led here.
    pub source: Option<String>,
    /// Keys of questions, each with the key of an answer.
    pub answers: Vec<(String, String)>,
}

/// The same, with what the database knows of it.
#[derive(Debug, Clone)]
pub(crate) struct RequestFilter {
    /// The part of all requests that it is about, where it is about one paper.
    pub part: Option<ListPart>,
    /// What must be true of a request besides.
    pub conditions: Vec<ListCondition>,
}

impl RequestFilter {
    /// Looks it up. `None`: there is no such paper or question.
    pub(crate) async fn find(conn: &mut Conn, wanted: &RequestsWanted) -> Result<Option<Self>, DbError> {
        let mut paper = None;
        if let Some(slug) = &wanted.paper {
            let Some(found) = paper_of(conn, slug).await? else {
                return Ok(None);
            };
            paper = Some(found);
        }
        let mut conditions: Vec<ListCondition> = Vec::new();
        conditions.extend(wanted.state.map(|state| stands(conn, paper, state)));
        conditions.extend(wanted.source.as_ref().map(|source| {
            let holds = SqlPiece::new(format!("{} = ?", source_of("r"))).with(SqlValue::Text(source.clone()));
            ListCondition::walked(holds)
        }));
        if !wanted.answers.is_empty() {
            let Some(paper) = paper else { return Ok(None) };
            let owner = FormOwner::Whitepaper(paper);
            let questions = exported_questions(conn, owner).await?;
            for (key, answer) in &wanted.answers {
                let Some(question) = questions.iter().find(|question| question.key == *key) else {
                    return Ok(None);
                };
                conditions.push(question.answered(owner, "r", answer, true));
            }
        }
        let part = paper.map(|row| ListPart {
            column: "r.whitepaper_id",
            row,
        });
        Ok(Some(Self { part, conditions }))
    }
}

async fn paper_of(conn: &mut Conn, slug: &Slug) -> Result<Option<i64>, DbError> {
    let paper = SqlPiece::new("SELECT id FROM whitepapers WHERE slug = ?").with(SqlValue::Text(slug.to_string()));
    paper.number(conn).await
}

fn stands(conn: &Conn, paper: Option<i64>, state: RequestState) -> ListCondition {
    let state = state.as_str();
    let holds = SqlPiece::new(format!("{} = '{state}'", sql::without_index(conn, "r.state")));
    if paper.is_some() {
        return ListCondition::walked(holds);
    }
    // Those that are held back have an index of their own.
    let rows = SqlPiece::new(format!("SELECT r.id AS id FROM requests r WHERE r.state = '{state}'"));
    ListCondition::found(holds, FoundBy::Exactly(rows))
}

/// "They asked for this paper", over the people in a column. `None`: there is no such paper.
pub(crate) async fn asked_for(conn: &mut Conn, person: &str, paper: &Slug) -> Result<Option<ListCondition>, DbError> {
    let paper = paper_of(conn, paper).await?;
    Ok(paper.map(|paper| {
        ListCondition::found(
            SqlPiece::new(format!(
                "(SELECT 1 FROM requests q WHERE q.contact_id = {person} AND q.whitepaper_id = {paper} LIMIT 1) IS NOT NULL"
            )),
            FoundBy::People(SqlPiece::new(format!(
                "SELECT q.contact_id AS id FROM requests q WHERE q.whitepaper_id = {paper}"
            ))),
        )
    }))
}
