//! Who may come to a webcast, in the database. Of those who are listed only the key of their address is kept.

use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, sql};
use crate::on_db;
use crate::values::Slug;
use crate::webcasts::guests::{GuestRule, Guests};

/// Rows in one statement.
const TOGETHER: usize = 400;

/// The rule of a webcast, by its page.
pub async fn guest_rule(conn: &mut Conn, slug: &Slug) -> Result<GuestRule, DbError> {
    let row: Option<(i64, String, String, i64, bool)> = on_db!(conn, c => sqlx::query_as(
        "SELECT id, guests, code, business_only,
                EXISTS (SELECT 1 FROM blocked_domains b WHERE b.webcast_id = webcasts.id) AS has_blocked
           FROM webcasts WHERE slug = $1")
        .bind(slug.as_str())
        .fetch_optional(c)
        .await)?;
    let Some((id, guests, code, business_only, has_blocked)) = row else {
        return Ok(GuestRule::default());
    };
    Ok(GuestRule {
        guests: Guests::parse(&guests).ok_or_else(|| DbError::stored("guests"))?,
        code,
        business_only: business_only == 1,
        blocked: if has_blocked {
            blocked_domains(conn, id).await?
        } else {
            Vec::new()
        },
    })
}

async fn blocked_domains(conn: &mut Conn, webcast_id: i64) -> Result<Vec<String>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT domain FROM blocked_domains WHERE webcast_id = $1 ORDER BY domain")
        .bind(webcast_id)
        .fetch_all(c)
        .await)?)
}

/// Changes the rule of a webcast.
pub async fn put_guest_rule(tx: &mut Tx, webcast_id: i64, rule: &GuestRule) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE webcasts SET guests = $2, code = $3, business_only = $4 WHERE id = $1")
        .bind(webcast_id)
        .bind(rule.guests.as_str())
        .bind(&rule.code)
        .bind(i64::from(rule.business_only))
        .execute(c)
        .await
        .map(drop))?;
    on_db!(tx, c => sqlx::query("DELETE FROM blocked_domains WHERE webcast_id = $1")
        .bind(webcast_id)
        .execute(c)
        .await
        .map(drop))?;
    put_all(tx, "blocked_domains (webcast_id, domain)", webcast_id, &rule.blocked).await
}

/// Gives another webcast the same rule and the same list.
pub async fn copy_guests(tx: &mut Tx, from: i64, to: i64) -> Result<(), DbError> {
    for text in [
        "UPDATE webcasts SET guests = o.guests, code = o.code, business_only = o.business_only
           FROM webcasts AS o WHERE o.id = $1 AND webcasts.id = $2",
        "INSERT INTO blocked_domains (webcast_id, domain) SELECT $2, domain FROM blocked_domains WHERE webcast_id = $1",
        "INSERT INTO invited (webcast_id, address_key) SELECT $2, address_key FROM invited WHERE webcast_id = $1",
    ] {
        on_db!(tx, c => sqlx::query(text).bind(from).bind(to).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Puts addresses on the list of a webcast, by their keys.
pub async fn invite(tx: &mut Tx, webcast_id: i64, keys: &[String]) -> Result<(), DbError> {
    put_all(tx, "invited (webcast_id, address_key)", webcast_id, keys).await
}

async fn put_all(tx: &mut Tx, table: &str, webcast_id: i64, values: &[String]) -> Result<(), DbError> {
    for values in values.chunks(TOGETHER) {
        let text = format!(
            "INSERT INTO {table} SELECT $1, v.column1 FROM (VALUES {}) AS v WHERE TRUE ON CONFLICT DO NOTHING",
            sql::rows(values.len(), 1, 1)
        );
        on_db!(tx, c => {
            let mut query = sqlx::query(AssertSqlSafe(text)).bind(webcast_id);
            for value in values {
                query = query.bind(value);
            }
            query.execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Gives the places of one address on guest lists to another one.
pub async fn pass_on_invitations(tx: &mut Tx, from_key: &str, to_key: &str) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO invited (webcast_id, address_key)
         SELECT webcast_id, $2 FROM invited WHERE address_key = $1 ON CONFLICT DO NOTHING")
        .bind(from_key)
        .bind(to_key)
        .execute(c)
        .await
        .map(drop))?;
    forget_guest(tx, from_key).await.map(drop)
}

/// Takes an address from the guest lists of all webcasts; gives from how many.
pub async fn forget_guest(tx: &mut Tx, address_key: &str) -> Result<u64, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM invited WHERE address_key = $1")
        .bind(address_key)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// Takes everybody off the list.
pub async fn forget_invited(tx: &mut Tx, webcast_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM invited WHERE webcast_id = $1")
        .bind(webcast_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// How many are on the list, and how many posts came by those who are not.
pub async fn count_invited(conn: &mut Conn, webcast_id: i64) -> Result<(i64, i64), DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM invited i WHERE i.webcast_id = w.id), w.turned_away FROM webcasts w WHERE w.id = $1")
        .bind(webcast_id)
        .fetch_one(c)
        .await)?)
}

/// Whether an address is on the list of a webcast.
pub async fn is_invited(conn: &mut Conn, slug: &Slug, key: &str) -> Result<bool, DbError> {
    let found: Option<i64> = on_db!(conn, c => sqlx::query_scalar(
        "SELECT i.webcast_id FROM invited i JOIN webcasts w ON w.id = i.webcast_id WHERE w.slug = $1 AND i.address_key = $2")
        .bind(slug.as_str())
        .bind(key)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// Counts a post by somebody who is not.
pub async fn count_turned_away(tx: &mut Tx, slug: &Slug) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE webcasts SET turned_away = turned_away + 1 WHERE slug = $1")
        .bind(slug.as_str())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
