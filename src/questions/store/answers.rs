//! What was answered, and said of a person, with a registration or a request.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use crate::contacts::PersonFields;
use crate::db::{Conn, DbError, Tx, sql};
use crate::on_db;
use crate::questions::{Filled, FilledAnswer, FormOwner, QuestionKind};
use crate::tallies::day_of;
use crate::values::Country;

/// Rows in one statement. Only powers of two are used, so that few statements have to be prepared.
const TOGETHER: usize = 128;

/// What was answered with, by its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerOf {
    /// A registration.
    Registration(i64),
    /// A request for a paper.
    Request(i64),
}

impl AnswerOf {
    fn id(self) -> i64 {
        match self {
            Self::Registration(id) | Self::Request(id) => id,
        }
    }

    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Registration(_) => "registration_id",
            Self::Request(_) => "request_id",
        }
    }

    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Registration(_) => "registrations",
            Self::Request(_) => "requests",
        }
    }
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct KeptAnswer {
    /// The question.
    pub question_id: i64,
    /// As it was answered.
    pub value: String,
    /// An option's key, or what lists tell it by.
    pub value_key: String,
}

/// Keeps what was filled in with registrations, or with requests: all of one kind.
pub async fn insert_answers(tx: &mut Tx, filled: &[(AnswerOf, &Filled)]) -> Result<(), DbError> {
    let Some((first, _)) = filled.first() else {
        return Ok(());
    };
    let people: Vec<(i64, &PersonFields)> = filled
        .iter()
        .filter(|(_, filled)| !filled.person.is_empty())
        .map(|(of, filled)| (of.id(), &filled.person))
        .collect();
    say_person(tx, *first, &people).await?;
    let answers = filled
        .iter()
        .flat_map(|(of, filled)| filled.answers.iter().map(|answer| (of.id(), answer)));
    let answers: Vec<(i64, &FilledAnswer)> = answers.collect();
    let mut rest = answers.as_slice();
    while !rest.is_empty() {
        let (answers, others) = rest.split_at(sql::power_of_two(rest.len().min(TOGETHER)));
        rest = others;
        let text = format!(
            "INSERT INTO answers ({}, question_id, position, value, value_key) VALUES {}",
            first.column(),
            sql::rows(answers.len(), 5, 0)
        );
        on_db!(tx, c => {
            let mut query = sqlx::query(AssertSqlSafe(text));
            for (id, answer) in answers {
                query = query
                    .bind(*id)
                    .bind(answer.question_id)
                    .bind(answer.position)
                    .bind(&answer.value)
                    .bind(&answer.value_key);
            }
            query.execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Writes down what people said of themselves, by the rows of registrations or of requests, as `like` is one.
pub async fn say_person(tx: &mut Tx, like: AnswerOf, people: &[(i64, &PersonFields)]) -> Result<(), DbError> {
    let table = like.table();
    let mut rest = people;
    while !rest.is_empty() {
        let (people, others) = rest.split_at(sql::power_of_two(rest.len().min(TOGETHER)));
        rest = others;
        let text = format!(
            "UPDATE {table}
            SET first_name = v.column2, last_name = v.column3, company = v.column4, job_title = v.column5,
                phone = v.column6, country = v.column7
           FROM (VALUES {}) AS v WHERE {table}.id = v.column1",
            sql::rows(people.len(), 7, 0)
        );
        on_db!(tx, c => {
            let mut query = sqlx::query(AssertSqlSafe(text));
            for (id, person) in people {
                query = query.bind(*id);
                for value in person.values() {
                    query = query.bind(value);
                }
            }
            query.execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Puts other answers in the place of those that were given; those to deleted questions stay.
pub async fn replace_answers(tx: &mut Tx, of: AnswerOf, filled: &Filled) -> Result<(), DbError> {
    let text = format!(
        "DELETE FROM answers
          WHERE {} = $1 AND question_id IN (SELECT q.id FROM questions q WHERE q.deleted_at IS NULL)",
        of.column()
    );
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(of.id()).execute(c).await.map(drop))?;
    say_person(tx, of, &[(of.id(), &filled.person)]).await?;
    let rest = Filled {
        person: PersonFields::default(),
        ..filled.clone()
    };
    insert_answers(tx, &[(of, &rest)]).await
}

/// What was answered with one registration or request.
pub async fn answers_of(conn: &mut Conn, of: AnswerOf) -> Result<Vec<KeptAnswer>, DbError> {
    let text = format!(
        "SELECT question_id, value, value_key FROM answers WHERE {} = $1 ORDER BY question_id, position",
        of.column()
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(of.id()).fetch_all(c).await)?)
}

/// What was asked with the answer `a` to the question `q`: of a consent, the words that were agreed to.
pub(crate) const ASKED: &str = "COALESCE((SELECT w.label FROM question_wordings w
                           WHERE w.question_id = q.id AND CAST(w.version AS TEXT) = a.value_key), q.label)";

/// The same in words: question and answer, in the order of the form; of a consent, the words that were agreed to.
pub async fn answers_in_words(conn: &mut Conn, of: AnswerOf) -> Result<Vec<(String, String)>, DbError> {
    let text = format!(
        "SELECT q.id, q.kind, {ASKED}, a.value
           FROM answers a JOIN questions q ON q.id = a.question_id
          WHERE a.{} = $1 ORDER BY q.position, q.id, a.position",
        of.column()
    );
    let rows: Vec<(i64, String, String, String)> =
        on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(of.id()).fetch_all(c).await)?;
    let mut answers: Vec<(i64, (String, String))> = Vec::new();
    for (question, kind, label, value) in rows {
        let value = match Country::parse(&value) {
            Ok(country) if kind == QuestionKind::Country.as_str() => country.name.to_owned(),
            _ => value,
        };
        match answers.last_mut() {
            Some((last, (_, values))) if *last == question => {
                values.push_str("; ");
                values.push_str(&value);
            }
            _ => answers.push((question, (label, value))),
        }
    }
    Ok(answers.into_iter().map(|(_, said)| said).collect())
}

/// Counts somebody whom these questions ruled out.
pub async fn count_ruled_out(tx: &mut Tx, questions: &[i64], now: Timestamp) -> Result<(), DbError> {
    for question in questions {
        on_db!(tx, c => sqlx::query(
            "INSERT INTO refusals (day, question_id, count) VALUES ($1, $2, 1)
             ON CONFLICT (day, question_id) DO UPDATE SET count = refusals.count + 1")
            .bind(day_of(now))
            .bind(*question)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// How many the questions of a form have ruled out, for those that have.
pub async fn ruled_out(conn: &mut Conn, owner: FormOwner) -> Result<Vec<(i64, i64)>, DbError> {
    let text = format!(
        "SELECT r.question_id, CAST(SUM(r.count) AS BIGINT) FROM refusals r JOIN questions q ON q.id = r.question_id
          WHERE q.{} = $1 GROUP BY r.question_id",
        owner.column()
    );
    Ok(on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(owner.id()).fetch_all(c).await)?)
}
