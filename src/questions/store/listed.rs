//! Lists of those who gave one answer.

use super::{AnswerOf, ExportedQuestion};
use crate::db::listing::{FoundBy, ListCondition};
use crate::db::piece::{SqlPiece, SqlValue};
use crate::questions::{AnswerOption, FormOwner, QuestionKind};

impl ExportedQuestion {
    /// What a list can be narrowed to: the answers to choose from, also those that can be chosen no more.
    pub(crate) fn answers_to_choose(&self) -> Vec<AnswerOption> {
        let answer = |key: &str, label: &str| AnswerOption {
            key: key.to_owned(),
            label: label.to_owned(),
        };
        match self.kind {
            QuestionKind::YesNo => vec![answer("yes", "Yes"), answer("no", "No")],
            _ => self.options.clone(),
        }
    }

    /// "They answered so", over the rows `row` of those who filled in the form of this owner. `only`: the list has all of
    /// them.
    pub(crate) fn answered(&self, owner: FormOwner, row: &str, key: &str, only: bool) -> ListCondition {
        let column = AnswerOf::column(owner.answered_by());
        let which = format!("a.question_id = {} AND a.value_key = ? AND a.value_key <> ''", self.id);
        let key = SqlValue::Text(key.to_owned());
        let holds = format!("(SELECT 1 FROM answers a WHERE a.{column} = {row}.id AND {which} LIMIT 1) IS NOT NULL");
        let rows = SqlPiece::new(format!("SELECT a.{column} AS id FROM answers a WHERE {which}")).with(key.clone());
        let found = if only {
            FoundBy::Exactly(rows)
        } else {
            FoundBy::Rows(rows)
        };
        ListCondition::found(SqlPiece::new(holds).with(key), found)
    }
}
