//! Forms in the database: what each asks, and what was answered.

mod answers;
mod exported;
mod listed;

pub(crate) use answers::ASKED;
pub use answers::{
    AnswerOf, KeptAnswer, answers_in_words, answers_of, count_ruled_out, insert_answers, replace_answers, ruled_out,
    say_person,
};
pub(crate) use exported::{AnswersByQuestion, ExportedQuestion, answers_as_json, exported_questions, read_answers};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use super::{AnswerOption, Design, FieldMode, FormFields, FormOwner, NameFields, PersonField, Question, QuestionKind};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::PublicId;

/// The name among the fields.
const NAME: &str = "name";

impl FormOwner {
    /// The column that points at it.
    fn column(self) -> &'static str {
        match self {
            Self::Webcast(_) => "webcast_id",
            Self::Whitepaper(_) => "whitepaper_id",
        }
    }

    fn table(self) -> &'static str {
        match self {
            Self::Webcast(_) => "webcasts",
            Self::Whitepaper(_) => "whitepapers",
        }
    }

    /// What its form is filled in with; of no row.
    fn answered_by(self) -> AnswerOf {
        match self {
            Self::Webcast(_) => AnswerOf::Registration(0),
            Self::Whitepaper(_) => AnswerOf::Request(0),
        }
    }

    fn id(self) -> i64 {
        match self {
            Self::Webcast(id) | Self::Whitepaper(id) => id,
        }
    }
}

#[derive(sqlx::FromRow)]
struct QuestionRow {
    id: i64,
    public_id: Vec<u8>,
    key: String,
    kind: String,
    label: String,
    help: String,
    required: i64,
    options: String,
    asked_if: Option<String>,
    ineligible: Option<String>,
    version: i64,
}

const COLUMNS: &str = "id, public_id, key, kind, label, help, required, options, asked_if, ineligible, version";

impl TryFrom<QuestionRow> for Question {
    type Error = DbError;

    fn try_from(row: QuestionRow) -> Result<Self, DbError> {
        let options = StoredOptions::read(&row.options)?;
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            key: row.key,
            kind: QuestionKind::parse(&row.kind).ok_or_else(|| DbError::stored("question kind"))?,
            label: row.label,
            help: row.help,
            required: row.required == 1,
            options: options.live,
            retired: options.retired,
            asked_if: from_json(row.asked_if.as_deref())?,
            ineligible: from_json(row.ineligible.as_deref())?,
            version: row.version,
        })
    }
}

/// What can be chosen, and what could be once; stored as one list.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct StoredOptions {
    pub(super) live: Vec<AnswerOption>,
    pub(super) retired: Vec<AnswerOption>,
}

impl StoredOptions {
    pub(super) fn read(json: &str) -> Result<Self, DbError> {
        serde_json::from_str(json).map_err(DbError::stored)
    }
}

fn from_json<T: DeserializeOwned>(json: Option<&str>) -> Result<Option<T>, DbError> {
    json.map(serde_json::from_str).transpose().map_err(DbError::stored)
}

fn as_json(value: Option<&impl Serialize>) -> Result<Option<String>, DbError> {
    value.map(serde_json::to_string).transpose().map_err(DbError::stored)
}

/// What a form asks; one that was never set asks nothing, and nothing more is read for it.
pub async fn design_of(conn: &mut Conn, owner: FormOwner, version: i64) -> Result<Design, DbError> {
    if version == 0 {
        return Ok(Design::default());
    }
    let fields = format!("SELECT field, mode FROM form_fields WHERE {} = $1", owner.column());
    let fields: Vec<(String, String)> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(fields))
        .bind(owner.id())
        .fetch_all(c)
        .await)?;
    Ok(Design {
        version,
        fields: read_fields(&fields)?,
        questions: questions_of(conn, owner).await?,
    })
}

/// The questions of a form, in their order, without the deleted ones.
pub async fn questions_of(conn: &mut Conn, owner: FormOwner) -> Result<Vec<Question>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM questions WHERE {} = $1 AND deleted_at IS NULL ORDER BY position, id",
        owner.column()
    );
    let rows: Vec<QuestionRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(owner.id())
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(Question::try_from).collect()
}

fn read_fields(rows: &[(String, String)]) -> Result<FormFields, DbError> {
    let mode_of = |name: &str| rows.iter().find_map(|(field, mode)| (field == name).then_some(mode));
    let mut fields = FormFields::default();
    if let Some(names) = mode_of(NAME) {
        fields.names = NameFields::parse(names).ok_or_else(|| DbError::stored("name fields"))?;
    }
    for field in PersonField::ALL {
        if let Some(mode) = mode_of(field.as_str()) {
            let mode = FieldMode::parse(mode).ok_or_else(|| DbError::stored("field mode"))?;
            fields = fields.with(field, mode);
        }
    }
    Ok(fields)
}

/// Holds a form until the transaction ends, since it is about to change. Its new version is the time: no two forms have
/// the same one, also where one stands under the address that another one had.
pub async fn change_form(tx: &mut Tx, owner: FormOwner, now: Timestamp) -> Result<(), DbError> {
    let text = format!(
        "UPDATE {} SET form_version = CASE WHEN form_version < $2 THEN $2 ELSE form_version + 1 END WHERE id = $1",
        owner.table()
    );
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text))
        .bind(owner.id())
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Sets which fields a form has.
pub async fn put_fields(tx: &mut Tx, owner: FormOwner, fields: FormFields) -> Result<(), DbError> {
    let text = format!("DELETE FROM form_fields WHERE {} = $1", owner.column());
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(owner.id()).execute(c).await.map(drop))?;
    let modes = PersonField::ALL.map(|field| (field.as_str(), fields.mode(field).as_str()));
    let text = format!(
        "INSERT INTO form_fields ({}, field, mode) VALUES {}",
        owner.column(),
        sql::rows(modes.len() + 1, 3, 0)
    );
    on_db!(tx, c => {
        let query = sqlx::query(AssertSqlSafe(text)).bind(owner.id()).bind(NAME).bind(fields.names.as_str());
        let query = modes.iter().fold(query, |query, (field, mode)| query.bind(owner.id()).bind(*field).bind(*mode));
        query.execute(c).await.map(drop)
    })?;
    Ok(())
}

/// All keys that a form ever had.
pub async fn keys_of(conn: &mut Conn, owner: FormOwner) -> Result<Vec<String>, DbError> {
    let text = format!("SELECT key FROM questions WHERE {} = $1", owner.column());
    Ok(on_db!(conn, c => sqlx::query_scalar(AssertSqlSafe(text)).bind(owner.id()).fetch_all(c).await)?)
}

/// What organizers set of a question.
#[derive(Debug, Clone)]
pub struct QuestionText {
    /// The question.
    pub label: String,
    /// A sentence beneath it.
    pub help: String,
    /// Whether it must be answered.
    pub required: bool,
    /// What can be chosen.
    pub options: Vec<AnswerOption>,
    /// What could be chosen once.
    pub retired: Vec<AnswerOption>,
    /// To whom it is asked.
    pub asked_if: Option<super::Condition>,
    /// Who cannot come.
    pub ineligible: Option<super::Ineligible>,
}

/// Its columns that are JSON.
struct AsJson {
    options: String,
    asked_if: Option<String>,
    ineligible: Option<String>,
}

impl TryFrom<&QuestionText> for AsJson {
    type Error = DbError;

    fn try_from(text: &QuestionText) -> Result<Self, DbError> {
        Ok(Self {
            options: serde_json::to_string(&StoredOptions {
                live: text.options.clone(),
                retired: text.retired.clone(),
            })
            .map_err(DbError::stored)?,
            asked_if: as_json(text.asked_if.as_ref())?,
            ineligible: as_json(text.ineligible.as_ref())?,
        })
    }
}

/// Puts a question at the end of a form; gives its row.
pub async fn insert_question(
    tx: &mut Tx,
    owner: FormOwner,
    key: &str,
    kind: QuestionKind,
    text: &QuestionText,
) -> Result<i64, DbError> {
    let json = AsJson::try_from(text)?;
    let column = owner.column();
    let statement = format!(
        "INSERT INTO questions (public_id, {column}, key, position, kind, label, help, required, options, asked_if, ineligible)
         VALUES ($1, $2, $3, (SELECT COALESCE(MAX(position), 0) + 1 FROM questions WHERE {column} = $2), $4, $5, $6, $7, $8,
                 $9, $10)
         RETURNING id"
    );
    Ok(on_db!(tx, c => sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(PublicId::random().as_bytes())
        .bind(owner.id())
        .bind(key)
        .bind(kind.as_str())
        .bind(&text.label)
        .bind(&text.help)
        .bind(i64::from(text.required))
        .bind(json.options)
        .bind(json.asked_if)
        .bind(json.ineligible)
        .fetch_one(c)
        .await)?)
}

/// Words a question anew. Its version rises with its label alone: what was agreed to is the same otherwise.
pub async fn update_question(tx: &mut Tx, id: i64, text: &QuestionText) -> Result<i64, DbError> {
    let json = AsJson::try_from(text)?;
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "UPDATE questions
            SET version = version + CASE WHEN label = $2 THEN 0 ELSE 1 END, label = $2, help = $3, required = $4,
                options = $5, asked_if = $6, ineligible = $7
          WHERE id = $1 RETURNING version")
        .bind(id)
        .bind(&text.label)
        .bind(&text.help)
        .bind(i64::from(text.required))
        .bind(json.options)
        .bind(json.asked_if)
        .bind(json.ineligible)
        .fetch_one(c)
        .await)?)
}

/// Keeps how a consent is worded from now on.
pub async fn keep_wording(tx: &mut Tx, id: i64, version: i64, label: &str, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO question_wordings (question_id, version, label, since) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(version)
        .bind(label)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// How a consent was worded: version, words and since when, the newest first.
pub async fn wordings_of(conn: &mut Conn, id: i64) -> Result<Vec<(i64, String, i64)>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT version, label, since FROM question_wordings WHERE question_id = $1 ORDER BY version DESC")
        .bind(id)
        .fetch_all(c)
        .await)?)
}

/// Puts questions into this order.
pub async fn arrange(tx: &mut Tx, ids: &[i64]) -> Result<(), DbError> {
    for (position, id) in (1_i64..).zip(ids) {
        on_db!(tx, c => sqlx::query("UPDATE questions SET position = $2 WHERE id = $1")
            .bind(*id)
            .bind(position)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Asks a question no more, or again where `deleted` is `None`. False: it stood so already.
pub async fn set_deleted(tx: &mut Tx, id: i64, deleted: Option<Timestamp>) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE questions SET deleted_at = $2 WHERE id = $1 AND (deleted_at IS NULL) = $3")
        .bind(id)
        .bind(deleted.map(micros))
        .bind(deleted.is_some())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Gives one form the fields and questions of another one, in one that has none; the keys stay.
pub async fn copy_form(tx: &mut Tx, from: FormOwner, to: FormOwner, now: Timestamp) -> Result<(), DbError> {
    let questions = questions_of(tx, from).await?;
    let (from_column, to_column) = (from.column(), to.column());
    let fields = format!(
        "INSERT INTO form_fields ({to_column}, field, mode) SELECT $2, field, mode FROM form_fields WHERE {from_column} = $1"
    );
    let copied = on_db!(tx, c => sqlx::query(AssertSqlSafe(fields))
        .bind(from.id())
        .bind(to.id())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    for question in &questions {
        let text = QuestionText {
            label: question.label.clone(),
            help: question.help.clone(),
            required: question.required,
            options: question.options.clone(),
            // Nobody has answered this copy.
            retired: Vec::new(),
            asked_if: question.asked_if.clone(),
            ineligible: question.ineligible.clone(),
        };
        let id = insert_question(tx, to, &question.key, question.kind, &text).await?;
        if question.kind == QuestionKind::Consent {
            keep_wording(tx, id, 1, &question.label, now).await?;
        }
    }
    if copied > 0 || !questions.is_empty() {
        change_form(tx, to, now).await?;
    }
    Ok(())
}
