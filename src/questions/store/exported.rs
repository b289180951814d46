//! Answers as files have them.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::StoredOptions;
use crate::db::{Conn, DbError, sql};
use crate::on_db;
use crate::questions::{AnswerOption, FormOwner, QuestionKind};

/// A question that has a column.
#[derive(Debug, Clone)]
pub(crate) struct ExportedQuestion {
    /// The row.
    pub(crate) id: i64,
    /// The column is `q_<key>`.
    pub(crate) key: String,
    /// Its heading.
    pub(crate) label: String,
    /// All that could ever be chosen.
    pub(super) options: Vec<AnswerOption>,
    pub(super) kind: QuestionKind,
    /// Of a consent, today's wording.
    wording: Option<String>,
}

/// The answers of one row, by question.
pub(crate) type AnswersByQuestion = HashMap<i64, Vec<(String, String)>>;

/// The questions of a form in its order, then the deleted ones that somebody has answered.
pub(crate) async fn exported_questions(conn: &mut Conn, owner: FormOwner) -> Result<Vec<ExportedQuestion>, DbError> {
    let text = format!(
        "SELECT id, key, label, options, kind, version FROM questions
          WHERE {owner} = $1
            AND (deleted_at IS NULL
                 OR EXISTS (SELECT 1 FROM answers a WHERE a.question_id = questions.id AND a.value_key <> '')
                 OR EXISTS (SELECT 1 FROM {table} r JOIN answers a ON a.{with} = r.id AND a.question_id = questions.id
                             WHERE r.{owner} = $1))
          ORDER BY CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END, position, id",
        owner = owner.column(),
        table = owner.answered_by().table(),
        with = owner.answered_by().column(),
    );
    let rows: Vec<(i64, String, String, String, String, i64)> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(owner.id())
        .fetch_all(c)
        .await)?;
    let question = |(id, key, label, options, kind, version): (i64, String, String, String, String, i64)| {
        let options = StoredOptions::read(&options)?;
        let kind = QuestionKind::parse(&kind).ok_or_else(|| DbError::stored("question kind"))?;
        Ok(ExportedQuestion {
            id,
            key,
            label,
            options: options.live.into_iter().chain(options.retired).collect(),
            wording: (kind == QuestionKind::Consent).then(|| version.to_string()),
            kind,
        })
    };
    rows.into_iter().map(question).collect()
}

/// All answers of the row `row` of registrations or requests, whose answers point at it by `column`, as one value of a
/// SELECT; see [`read_answers`].
pub(crate) fn answers_as_json(conn: &Conn, column: &str, row: &str) -> String {
    let one = sql::json_array(conn);
    let group = if conn.is_sqlite() {
        "json_group_array"
    } else {
        "json_agg"
    };
    format!(
        "(SELECT CAST({group}({one}(a.question_id, a.value, a.value_key) ORDER BY a.question_id, a.position) AS TEXT)
            FROM answers a WHERE a.{column} = {row}.id)"
    )
}

/// Reads such a value.
pub(crate) fn read_answers(json: Option<&str>) -> AnswersByQuestion {
    // Written by the database itself: what cannot be read is nothing.
    let rows: Vec<(i64, String, String)> = json
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    let mut answers = AnswersByQuestion::new();
    for (question, value, key) in rows {
        answers.entry(question).or_default().push((value, key));
    }
    answers
}

impl ExportedQuestion {
    /// What one row has in its column: of several answers, all with "; " between them; an option as it is worded today; a
    /// consent to other words than those of the heading with the version that it was given to.
    pub(crate) fn cell(&self, answers: &AnswersByQuestion) -> String {
        let worded = |(value, key): &(String, String)| {
            if self.wording.as_ref().is_some_and(|wording| wording != key) {
                return format!("{value} (version {key})");
            }
            let option = self.options.iter().find(|option| option.key == *key);
            option.map_or_else(|| value.clone(), |option| option.label.clone())
        };
        let of_it = answers.get(&self.id);
        let all: Vec<String> = of_it.into_iter().flatten().map(worded).collect();
        all.join("; ")
    }
}
