//! Accounts, sign-ins and the set-up link, in SQL.

use jiff::{SignedDuration, Timestamp};

use super::{ABSOLUTE_LIMIT, IDLE_LIMIT, Organizer, Role, SETUP_LIMIT};
use crate::db::{Conn, DbError, Tx, micros};
use crate::on_db;
use crate::values::{EmailAddress, Label, PublicId, SecretToken};

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewOrganizer {
    /// Where they are reached.
    pub email: EmailAddress,
    /// Their name.
    pub name: Label,
    /// What they may do.
    pub role: Role,
    /// From [`Hasher::hash`](super::password::Hasher::hash).
    pub password_hash: String,
}

/// An account with what proves who it is.
#[derive(Debug, Clone)]
pub struct Account {
    /// Whose it is.
    pub organizer: Organizer,
    /// What the password is checked against.
    pub password_hash: String,
}

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The row.
    pub id: i64,
    /// Who it is.
    pub organizer: Organizer,
    /// When it was used last, to within some minutes.
    pub last_seen: Timestamp,
}

/// What became of a set-up link that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetUp {
    /// The owner's account was made.
    Done(Organizer),
    /// The link is not, or no longer, the valid one.
    Expired,
    /// Somebody with another role has this address. The link stays valid.
    Known,
}

/// What became of a change of role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleChange {
    /// Done; their sign-ins have ended.
    Done,
    /// They are the only owner, and somebody must be.
    LastOwner,
    /// No such account.
    Unknown,
}

#[derive(sqlx::FromRow)]
struct OrganizerRow {
    id: i64,
    public_id: Vec<u8>,
    email: String,
    name: String,
    role: String,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    #[sqlx(flatten)]
    organizer: OrganizerRow,
    password_hash: String,
}

#[derive(sqlx::FromRow)]
struct SignInRow {
    #[sqlx(flatten)]
    organizer: OrganizerRow,
    sign_in_id: i64,
    last_seen: i64,
}

impl TryFrom<OrganizerRow> for Organizer {
    type Error = DbError;

    fn try_from(row: OrganizerRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            email: EmailAddress::parse(&row.email).map_err(DbError::stored)?,
            name: Label::parse(&row.name).map_err(DbError::stored)?,
            role: Role::parse(&row.role).ok_or_else(|| DbError::stored("unknown role"))?,
        })
    }
}

/// Makes an account; `None` where the address has one already.
///
/// # Errors
/// When the database fails.
pub async fn create(tx: &mut Tx, new: &NewOrganizer, now: Timestamp) -> Result<Option<Organizer>, DbError> {
    let row: Option<OrganizerRow> = on_db!(tx, c => sqlx::query_as(
        "INSERT INTO organizers (public_id, email, email_key, name, role, password_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (email_key) DO NOTHING
         RETURNING id, public_id, email, name, role")
        .bind(PublicId::random().as_bytes().to_vec())
        .bind(new.email.as_str())
        .bind(new.email.key())
        .bind(new.name.as_str())
        .bind(new.role.as_str())
        .bind(&new.password_hash)
        .bind(micros(now))
        .fetch_optional(c)
        .await)?;
    row.map(Organizer::try_from).transpose()
}

/// The account of an address.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, email: &EmailAddress) -> Result<Option<Account>, DbError> {
    let row: Option<AccountRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT id, public_id, email, name, role, password_hash FROM organizers WHERE email_key = $1")
        .bind(email.key())
        .fetch_optional(c)
        .await)?;
    row.map(|row| {
        Ok(Account {
            organizer: row.organizer.try_into()?,
            password_hash: row.password_hash,
        })
    })
    .transpose()
}

/// True once somebody owns this installation.
///
/// # Errors
/// When the database fails.
pub async fn has_owner(conn: &mut Conn) -> Result<bool, DbError> {
    Ok(owners(conn).await? > 0)
}

async fn owners(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(
        on_db!(conn, c => sqlx::query_scalar("SELECT COUNT(*) FROM organizers WHERE role = 'owner'")
        .fetch_one(c)
        .await)?,
    )
}

/// Gives an account another password and ends its sign-ins.
///
/// # Errors
/// When the database fails.
pub async fn set_password(tx: &mut Tx, organizer: i64, password_hash: &str) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE organizers SET password_hash = $2 WHERE id = $1")
        .bind(organizer)
        .bind(password_hash)
        .execute(c)
        .await
        .map(drop))?;
    end_sign_ins(tx, organizer).await
}

/// Gives an account another role and ends its sign-ins. The last owner stays owner.
///
/// # Errors
/// When the database fails.
pub async fn set_role(tx: &mut Tx, organizer: i64, role: Role) -> Result<RoleChange, DbError> {
    // Locks every owner's row on PostgreSQL, so that two owners cannot step down at the same moment.
    let owners: Vec<i64> = on_db!(tx, c => sqlx::query_scalar(
        "UPDATE organizers SET role = role WHERE role = 'owner' RETURNING id")
        .fetch_all(c)
        .await)?;
    if role != Role::Owner && owners == [organizer] {
        return Ok(RoleChange::LastOwner);
    }
    let changed = on_db!(tx, c => sqlx::query("UPDATE organizers SET role = $2 WHERE id = $1")
        .bind(organizer)
        .bind(role.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed == 0 {
        return Ok(RoleChange::Unknown);
    }
    end_sign_ins(tx, organizer).await?;
    Ok(RoleChange::Done)
}

/// Signs a browser in; sign-ins that have run out are cleared away on the occasion. False where the
/// password was changed since it was checked.
///
/// # Errors
/// When the database fails.
pub async fn sign_in(tx: &mut Tx, account: &Account, token_hash: &[u8], now: Timestamp) -> Result<bool, DbError> {
    let (idle, absolute) = ended_before(now);
    on_db!(tx, c => sqlx::query("DELETE FROM sign_ins WHERE last_seen <= $1 OR created_at <= $2")
        .bind(idle)
        .bind(absolute)
        .execute(c)
        .await
        .map(drop))?;
    let rows = on_db!(tx, c => sqlx::query(
        "INSERT INTO sign_ins (organizer_id, token_hash, created_at, last_seen)
         SELECT id, $2, $3, $3 FROM organizers WHERE id = $1 AND password_hash = $4")
        .bind(account.organizer.id)
        .bind(token_hash)
        .bind(micros(now))
        .bind(&account.password_hash)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Who holds this token, while the sign-in lasts.
///
/// # Errors
/// When the database fails.
pub async fn who_is(conn: &mut Conn, token_hash: &[u8], now: Timestamp) -> Result<Option<SignIn>, DbError> {
    let (idle, absolute) = ended_before(now);
    let row: Option<SignInRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT o.id, o.public_id, o.email, o.name, o.role, s.id AS sign_in_id, s.last_seen
         FROM sign_ins s JOIN organizers o ON o.id = s.organizer_id
         WHERE s.token_hash = $1 AND s.last_seen > $2 AND s.created_at > $3")
        .bind(token_hash)
        .bind(idle)
        .bind(absolute)
        .fetch_optional(c)
        .await)?;
    row.map(|row| {
        Ok(SignIn {
            id: row.sign_in_id,
            organizer: row.organizer.try_into()?,
            last_seen: crate::db::instant(row.last_seen)?,
        })
    })
    .transpose()
}

/// What was used or made at or before these has ended: idle, absolute.
fn ended_before(now: Timestamp) -> (i64, i64) {
    let back = |limit: SignedDuration| micros(now.saturating_sub(limit).unwrap_or(Timestamp::MIN));
    (back(IDLE_LIMIT), back(ABSOLUTE_LIMIT))
}

/// Notes that a sign-in is in use.
///
/// # Errors
/// When the database fails.
pub async fn seen(tx: &mut Tx, sign_in: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE sign_ins SET last_seen = $2 WHERE id = $1 AND last_seen < $2")
        .bind(sign_in)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends one sign-in.
///
/// # Errors
/// When the database fails.
pub async fn sign_out(tx: &mut Tx, token_hash: &[u8]) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM sign_ins WHERE token_hash = $1")
        .bind(token_hash)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

async fn end_sign_ins(tx: &mut Tx, organizer: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM sign_ins WHERE organizer_id = $1")
        .bind(organizer)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Keeps a new set-up link in place of any other. `only_if_none`: leaves a valid one alone. True where
/// it was kept: never once there is an owner.
///
/// # Errors
/// When the database fails.
pub async fn put_setup_link(
    tx: &mut Tx,
    token_hash: &[u8],
    only_if_none: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    if has_owner(tx).await? {
        return Ok(false);
    }
    let replaced = if only_if_none { micros(now) } else { i64::MAX };
    let expires = micros(now.saturating_add(SETUP_LIMIT).unwrap_or(now));
    let rows = on_db!(tx, c => sqlx::query(
        "INSERT INTO setup_link (id, token_hash, expires_at) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at
         WHERE setup_link.expires_at <= $3")
        .bind(token_hash)
        .bind(expires)
        .bind(replaced)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// True while a set-up link opens its page.
///
/// # Errors
/// When the database fails.
pub async fn is_setup_link(conn: &mut Conn, token: &SecretToken, now: Timestamp) -> Result<bool, DbError> {
    let valid: i64 = on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM setup_link WHERE token_hash = $1 AND expires_at > $2")
        .bind(token.hash())
        .bind(micros(now))
        .fetch_one(c)
        .await)?;
    Ok(valid == 1 && !has_owner(conn).await?)
}

/// Uses the set-up link up and makes the owner. The link's row is what makes two at once take turns.
///
/// # Errors
/// When the database fails.
pub async fn set_up(tx: &mut Tx, token_hash: &[u8], new: &NewOrganizer, now: Timestamp) -> Result<SetUp, DbError> {
    if find(tx, &new.email).await?.is_some() {
        return Ok(SetUp::Known);
    }
    let used = on_db!(tx, c => sqlx::query("DELETE FROM setup_link WHERE token_hash = $1 AND expires_at > $2")
        .bind(token_hash)
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if used == 0 || has_owner(tx).await? {
        return Ok(SetUp::Expired);
    }
    Ok(create(tx, new, now).await?.map_or(SetUp::Known, SetUp::Done))
}
