//! Contacts in the database.

pub mod consents;
pub mod details;
pub mod erasures;
pub mod merges;
pub mod notes;
pub(super) mod record;
pub mod tags;
pub mod words;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::record::RecordField::{Plain, Time};
use super::record::RecordPart;
use super::{ErasedPerson, Known, Trace, Traces};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::mail::{outbox, suppressions};
use crate::on_db;
use crate::values::{EmailAddress, PersonName, PublicId};

/// What this module keeps of a contact itself. Whom organizers write about is kept; consents and search words keep nobody.
pub const TRACES: [Trace; 7] = [
    Trace::of("notes").called("note", "notes").telling(&[NOTES]),
    Trace::of("contact_tags")
        .called("tag", "tags")
        .erased_by(erase_tags)
        .joined_by(|tx, people, _| Box::pin(merges::pass_on_tags(tx, people)))
        .telling(&[TAGS]),
    Trace::derived("consents")
        .called("consent", "consents")
        .telling(&[PERSON, CONSENTS]),
    // They are kept anew of whoever stays.
    Trace::derived("search_words").joined_by(|_, _, _| Box::pin(async { Ok(()) })),
    Trace::derived("merges"),
    Trace::of_address("outbox", "LOWER(recipient)", erase_mail)
        .called("mail", "mails")
        .joined_by(|tx, people, _| Box::pin(outbox::pass_on(tx, &people.from_key, &people.into_email)))
        .telling(&[MAILS]),
    Trace::of_address("suppressions", "address_key", erase_suppressions)
        .called("stop of mail", "stops of mail")
        .joined_by(|tx, people, _| Box::pin(suppressions::pass_on(tx, &people.from_key, &people.into_email)))
        .telling(&[SUPPRESSIONS]),
];

const PERSON: RecordPart = RecordPart::new(
    "person",
    &[
        Plain("name", "c.name"),
        Plain("first_name", "c.first_name"),
        Plain("last_name", "c.last_name"),
        Plain("email", "c.email"),
        Plain("company", "c.company"),
        Plain("job_title", "c.job_title"),
        Plain("phone", "c.phone"),
        Plain("country", "c.country"),
        Time("first_came", "c.created_at"),
        Time("address_confirmed", "c.confirmed_at"),
    ],
    "contacts c WHERE c.id = $1",
);

const CONSENTS: RecordPart = RecordPart::new(
    "consents",
    &[
        Plain("purpose", "k.purpose"),
        Plain("act", "k.act"),
        Time("at", "k.at"),
        Plain("wording_version", "k.version"),
        Plain(
            "wording",
            "(SELECT x.text FROM consent_texts x WHERE x.version = k.version)",
        ),
        Plain("source", "k.source"),
        Plain("page", "k.subject"),
    ],
    "consents k WHERE k.contact_id = $1 ORDER BY k.at, k.id",
);

const NOTES: RecordPart = RecordPart::new(
    "notes",
    &[
        Plain("author", "n.author"),
        Plain("note", "n.body"),
        Time("at", "n.created_at"),
    ],
    "notes n WHERE n.contact_id = $1 AND n.deleted_at IS NULL ORDER BY n.id",
)
.internal();

const TAGS: RecordPart = RecordPart::new(
    "tags",
    &[Plain("tag", "t.name"), Time("since", "p.created_at")],
    "contact_tags p JOIN tags t ON t.id = p.tag_id WHERE p.contact_id = $1 ORDER BY t.name_key",
)
.internal();

const MAILS: RecordPart = RecordPart::new(
    "mails",
    &[
        Plain("kind", "o.kind"),
        Plain("to", "o.recipient"),
        Plain("state", "o.state"),
        Time("asked_for", "o.created_at"),
        Time("ended", "o.ended_at"),
    ],
    "outbox o WHERE LOWER(o.recipient) = (SELECT c.email_key FROM contacts c WHERE c.id = $1) ORDER BY o.id",
);

const SUPPRESSIONS: RecordPart = RecordPart::new(
    "no_mail",
    &[
        Plain("reason", "s.reason"),
        Time("since", "s.created_at"),
        Time("until", "s.until"),
    ],
    "suppressions s WHERE s.address_key = (SELECT c.email_key FROM contacts c WHERE c.id = $1) ORDER BY s.id",
);

fn erase_tags<'t>(tx: &'t mut Tx, person: &'t ErasedPerson, _: Timestamp) -> BoxFuture<'t, Result<u64, DbError>> {
    Box::pin(async move {
        match person.contact_id {
            Some(contact) => tags::take_all(tx, contact).await,
            None => Ok(0),
        }
    })
}

fn erase_mail<'t>(tx: &'t mut Tx, person: &'t ErasedPerson, _: Timestamp) -> BoxFuture<'t, Result<u64, DbError>> {
    Box::pin(outbox::forget_address(tx, &person.address_key))
}

fn erase_suppressions<'t>(
    tx: &'t mut Tx,
    person: &'t ErasedPerson,
    _: Timestamp,
) -> BoxFuture<'t, Result<u64, DbError>> {
    Box::pin(suppressions::forget(tx, &person.address_key))
}

/// Notes that a personal page was used: the address is somebody's who reads its mail. `own_name`: they also went on under
/// the name that stood there.
pub async fn confirm(tx: &mut Tx, contact_id: i64, own_name: Option<&str>, now: Timestamp) -> Result<(), DbError> {
    // Many join at once, and nobody renames themselves by that.
    let is_renamed = match own_name {
        Some(name) => is_called_otherwise(tx, contact_id, name).await?,
        None => false,
    };
    on_db!(tx, c => sqlx::query(
        "UPDATE contacts
            SET confirmed_at = COALESCE(confirmed_at, $2), name = COALESCE($3, name), own_name = COALESCE($3, own_name)
          WHERE id = $1 AND (confirmed_at IS NULL OR own_name IS NULL OR own_name <> COALESCE($3, own_name))")
        .bind(contact_id)
        .bind(micros(now))
        .bind(own_name)
        .execute(c)
        .await
        .map(drop))?;
    if is_renamed {
        words::keep_of(tx, contact_id).await?;
    }
    Ok(())
}

async fn is_called_otherwise(conn: &mut Conn, contact_id: i64, name: &str) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar("SELECT id FROM contacts WHERE id = $1 AND name <> $2")
        .bind(contact_id)
        .bind(name)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// Counts a mail that a repeated post caused; `window` is how long a count lasts, in microseconds.
pub async fn count_repeat(tx: &mut Tx, contact_id: i64, window: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE contacts
            SET repeats       = CASE WHEN repeats_since + $2 > $3 THEN repeats + 1 ELSE 1 END,
                repeats_since = CASE WHEN repeats_since + $2 > $3 THEN repeats_since ELSE $3 END
          WHERE id = $1")
        .bind(contact_id)
        .bind(window)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Puts contacts in, or finds them; a known one is not changed. The text of the one statement that does so: `$1` is the
/// time, and after `before` more placeholders each row takes address, key, name and
/// a fresh public id. A feature adds its own `condition` (it begins with WHERE) and what else is to come back for each row.
#[must_use]
pub fn upsert(rows: usize, before: usize, condition: &str, also: &str) -> String {
    // A conflict updates the key to itself: DO NOTHING would give no row back for those who are known.
    format!(
        "INSERT INTO contacts (email, email_key, name, public_id, created_at)
         SELECT v.column1, v.column2, v.column3, v.column4, $1 FROM (VALUES {}) AS v {condition}
         ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key
         RETURNING id, email_key, confirmed_at, repeats, repeats_since{also}",
        sql::rows(rows, 4, 1 + before)
    )
}

/// Puts one contact in, or finds it.
pub async fn put(tx: &mut Tx, email: &EmailAddress, name: &PersonName, now: Timestamp) -> Result<Known, DbError> {
    // SQLite takes ON CONFLICT after a SELECT for a join, unless there is a WHERE.
    let text = upsert(1, 0, "WHERE TRUE", "");
    Ok(on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text))
        .bind(micros(now))
        .bind(email.as_str())
        .bind(email.key())
        .bind(name.as_str())
        .bind(PublicId::in_order(now).as_bytes().to_vec())
        .fetch_one(c)
        .await)?)
}

/// Takes back a contact that nothing refers to any more, unless an organizer put it in.
pub async fn remove_unused(tx: &mut Tx, contact_id: i64, traces: &Traces) -> Result<(), DbError> {
    let text = format!(
        "DELETE FROM contacts WHERE id = $1 AND changed_at IS NULL AND {}",
        traces.unused("$1")
    );
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(contact_id).execute(c).await.map(drop))?;
    Ok(())
}

/// The contact of a normalised address.
pub async fn find_by_key(conn: &mut Conn, key: &str) -> Result<Option<Known>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT id, confirmed_at, repeats, repeats_since FROM contacts WHERE email_key = $1")
        .bind(key)
        .fetch_optional(c)
        .await)?)
}
