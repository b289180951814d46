//! Accounts, sign-ins and the set-up link, in SQL.

mod account_links;
mod members;
mod second_factor;
mod setup;
mod sign_ins;
mod subjects;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::{Organizer, Role};
use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::{EmailAddress, Label, PublicId, Zone};

pub use account_links::{
    AccountLink, AccountLinkKind, NewAccountLink, end_resets, find_account_link, forget_account_links,
    open_invitations, put_account_link, use_account_link,
};
pub use members::{Member, SignInOfMember, end_sign_in, members, sign_ins_of};
pub use second_factor::{put_recovery_codes, recovery_codes_left, switch_off, switch_on, use_recovery_code, use_step};
pub use setup::{SetUp, is_setup_link, put_setup_link, set_up};
pub use sign_ins::{
    NewSignIn, SignIn, end_sign_ins, freshen, know_network, knows_network, seen, sign_in, sign_out, who_is,
};
pub use subjects::{bind_subject, find_by_subject, is_bound, unbind_subject};

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
    /// When somebody who runs this server last let it be tried again.
    pub unlocked_at: Option<i64>,
    /// Since when nobody can use it.
    pub disabled_at: Option<i64>,
    /// The sealed secret of its second factor.
    pub second_factor: Option<Vec<u8>>,
}

impl Account {
    /// One that was made a moment ago.
    #[must_use]
    pub fn new(organizer: Organizer, password_hash: String) -> Self {
        Self {
            organizer,
            password_hash,
            unlocked_at: None,
            disabled_at: None,
            second_factor: None,
        }
    }

    /// Whether it can be used.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.disabled_at.is_none()
    }
}

/// What became of a change of role, or of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountChange {
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
    time_zone: Option<String>,
    shortcuts: i64,
}

/// Of an [`OrganizerRow`].
const ORGANIZER: &str = "id, public_id, email, name, role, time_zone, shortcuts";

#[derive(sqlx::FromRow)]
struct AccountRow {
    #[sqlx(flatten)]
    organizer: OrganizerRow,
    password_hash: String,
    unlocked_at: Option<i64>,
    disabled_at: Option<i64>,
    totp_secret: Option<Vec<u8>>,
}

impl TryFrom<AccountRow> for Account {
    type Error = DbError;

    fn try_from(row: AccountRow) -> Result<Self, DbError> {
        Ok(Self {
            organizer: row.organizer.try_into()?,
            password_hash: row.password_hash,
            unlocked_at: row.unlocked_at,
            disabled_at: row.disabled_at,
            second_factor: row.totp_secret,
        })
    }
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
            zone: row.time_zone.as_deref().and_then(|name| Zone::parse(name).ok()),
            has_shortcuts: row.shortcuts != 0,
        })
    }
}

/// Makes an account; `None` where the address has one already.
///
/// # Errors
/// When the database fails.
pub async fn create(tx: &mut Tx, new: &NewOrganizer, now: Timestamp) -> Result<Option<Organizer>, DbError> {
    let text = format!(
        "INSERT INTO organizers (public_id, email, email_key, name, role, password_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (email_key) DO NOTHING
         RETURNING {ORGANIZER}"
    );
    let row: Option<OrganizerRow> = on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text))
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
    let text = format!("SELECT {ORGANIZER}, {ACCOUNT} FROM organizers WHERE email_key = $1");
    let row: Option<AccountRow> =
        on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(email.key()).fetch_optional(c).await)?;
    row.map(Account::try_from).transpose()
}

/// The account of a row.
///
/// # Errors
/// When the database fails.
pub async fn find_by_id(conn: &mut Conn, id: i64) -> Result<Option<Account>, DbError> {
    let text = format!("SELECT {ORGANIZER}, {ACCOUNT} FROM organizers WHERE id = $1");
    let row: Option<AccountRow> =
        on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(id).fetch_optional(c).await)?;
    row.map(Account::try_from).transpose()
}

/// Of an [`AccountRow`], besides.
const ACCOUNT: &str = "password_hash, unlocked_at, disabled_at, totp_secret";

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
    end_resets(tx, organizer).await?;
    end_sign_ins(tx, organizer).await
}

/// Gives an account another name, and a clock of its own or the organization's.
///
/// # Errors
/// When the database fails.
pub async fn set_profile(
    tx: &mut Tx,
    organizer: i64,
    (name, zone, has_shortcuts): (&Label, Option<&Zone>, bool),
) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE organizers SET name = $2, time_zone = $3, shortcuts = $4 WHERE id = $1")
        .bind(organizer)
        .bind(name.as_str())
        .bind(zone.map(Zone::name))
        .bind(i64::from(has_shortcuts))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Lets nobody sign in with an account, and ends its sign-ins. The last owner's stays open.
///
/// # Errors
/// When the database fails.
pub async fn disable(tx: &mut Tx, organizer: i64, now: Timestamp) -> Result<AccountChange, DbError> {
    if is_last_owner(tx, organizer).await? {
        return Ok(AccountChange::LastOwner);
    }
    end_resets(tx, organizer).await?;
    end_sign_ins(tx, organizer).await?;
    set_disabled(tx, organizer, Some(now)).await
}

/// Opens it again.
///
/// # Errors
/// When the database fails.
pub async fn enable(tx: &mut Tx, organizer: i64) -> Result<AccountChange, DbError> {
    set_disabled(tx, organizer, None).await
}

async fn set_disabled(tx: &mut Tx, organizer: i64, at: Option<Timestamp>) -> Result<AccountChange, DbError> {
    let changed = on_db!(tx, c => sqlx::query("UPDATE organizers SET disabled_at = $2 WHERE id = $1")
        .bind(organizer)
        .bind(at.map(micros))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(if changed == 1 {
        AccountChange::Done
    } else {
        AccountChange::Unknown
    })
}

/// Gives an account another role and ends its sign-ins. The last owner stays owner.
///
/// # Errors
/// When the database fails.
pub async fn set_role(tx: &mut Tx, organizer: i64, role: Role) -> Result<AccountChange, DbError> {
    if role != Role::Owner && is_last_owner(tx, organizer).await? {
        return Ok(AccountChange::LastOwner);
    }
    let changed = on_db!(tx, c => sqlx::query("UPDATE organizers SET role = $2 WHERE id = $1")
        .bind(organizer)
        .bind(role.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed == 0 {
        return Ok(AccountChange::Unknown);
    }
    end_sign_ins(tx, organizer).await?;
    Ok(AccountChange::Done)
}

/// Removes an account with its sign-ins. The last owner stays. What they did stays in the audit log, without a name.
///
/// # Errors
/// When the database fails.
pub async fn remove(tx: &mut Tx, organizer: i64) -> Result<AccountChange, DbError> {
    if is_last_owner(tx, organizer).await? {
        return Ok(AccountChange::LastOwner);
    }
    let removed = on_db!(tx, c => sqlx::query("DELETE FROM organizers WHERE id = $1")
        .bind(organizer)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(if removed == 1 {
        AccountChange::Done
    } else {
        AccountChange::Unknown
    })
}

/// Locks every owner's row on PostgreSQL, so that two owners cannot step down at the same moment.
async fn is_last_owner(tx: &mut Tx, organizer: i64) -> Result<bool, DbError> {
    let owners: Vec<i64> = on_db!(tx, c => sqlx::query_scalar(
        "UPDATE organizers SET role = role WHERE role = 'owner' AND disabled_at IS NULL RETURNING id")
        .fetch_all(c)
        .await)?;
    Ok(owners == [organizer])
}

/// Lets an account be tried again at once. False: no such account.
///
/// # Errors
/// When the database fails.
pub async fn unlock(tx: &mut Tx, organizer: i64, now: Timestamp) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query("UPDATE organizers SET unlocked_at = $2 WHERE id = $1")
        .bind(organizer)
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

const BY_ROLE: &str = "CASE role WHEN 'owner' THEN 0 WHEN 'editor' THEN 1 ELSE 2 END, email_key";

/// All accounts, those of owners first, then by address.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn) -> Result<Vec<Organizer>, DbError> {
    let text = format!("SELECT {ORGANIZER} FROM organizers ORDER BY {BY_ROLE}");
    let rows: Vec<OrganizerRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).fetch_all(c).await)?;
    rows.into_iter().map(Organizer::try_from).collect()
}

/// The accounts of these rows, in no particular order.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Organizer>, DbError> {
    let text = format!(
        "SELECT {ORGANIZER} FROM organizers WHERE id IN ({})",
        sql::placeholders(ids.len())
    );
    let rows: Vec<OrganizerRow> = on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?;
    rows.into_iter().map(Organizer::try_from).collect()
}
