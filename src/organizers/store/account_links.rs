//! Links that make an account or give it a new password, in SQL. A row is a link that works: one that was used is gone.

use jiff::{SignedDuration, Timestamp};

use super::Role;
use crate::db::{Conn, DbError, Tx, instant, micros};
use crate::on_db;
use crate::values::{EmailAddress, PublicId};

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountLinkKind {
    /// Makes an account for whoever was invited.
    Invite,
    /// Gives an account a new password.
    Reset,
}

impl AccountLinkKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
        }
    }

    /// How long it works.
    const fn lasts(self) -> SignedDuration {
        match self {
            Self::Invite => SignedDuration::from_hours(7 * 24),
            Self::Reset => SignedDuration::from_mins(60),
        }
    }
}

/// A link that works.
#[derive(Debug, Clone)]
pub struct AccountLink {
    /// Inside only.
    pub id: i64,
    /// In its address.
    pub public_id: PublicId,
    /// Whose password; `None` for an invitation.
    pub organizer: Option<i64>,
    /// Who gets it.
    pub email: EmailAddress,
    /// What whoever is invited may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct AccountLinkRow {
    id: i64,
    public_id: Vec<u8>,
    organizer_id: Option<i64>,
    email: String,
    role: String,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<AccountLinkRow> for AccountLink {
    type Error = DbError;

    fn try_from(row: AccountLinkRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            organizer: row.organizer_id,
            email: EmailAddress::parse(&row.email).map_err(DbError::stored)?,
            role: Role::parse(&row.role).ok_or_else(|| DbError::stored("unknown role"))?,
            created_at: instant(row.created_at)?,
            expires_at: instant(row.expires_at)?,
        })
    }
}

const COLUMNS: &str = "id, public_id, organizer_id, email, role, created_at, expires_at";

/// A link that is made.
#[derive(Debug, Clone)]
pub struct NewAccountLink {
    /// What it does.
    pub kind: AccountLinkKind,
    /// Whose password.
    pub organizer: Option<i64>,
    /// Who gets it.
    pub email: EmailAddress,
    /// What whoever is invited may do; of a new password what they may do already.
    pub role: Role,
    /// Who has it made.
    pub made_by: Option<i64>,
}

/// Makes a link in place of any other of its kind for this address.
///
/// # Errors
/// When the database fails.
pub async fn put_account_link(tx: &mut Tx, new: &NewAccountLink, now: Timestamp) -> Result<AccountLink, DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM account_links WHERE kind = $1 AND email_key = $2")
        .bind(new.kind.as_str())
        .bind(new.email.key())
        .execute(c)
        .await
        .map(drop))?;
    let text = format!(
        "INSERT INTO account_links (public_id, kind, organizer_id, email, email_key, role, made_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING {COLUMNS}"
    );
    let row: AccountLinkRow = on_db!(tx, c => sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(PublicId::random().as_bytes())
        .bind(new.kind.as_str())
        .bind(new.organizer)
        .bind(new.email.as_str())
        .bind(new.email.key())
        .bind(new.role.as_str())
        .bind(new.made_by)
        .bind(micros(now))
        .bind(micros(now + new.kind.lasts()))
        .fetch_one(c)
        .await)?;
    row.try_into()
}

/// Forgets links that have run out; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_account_links(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    Ok(
        on_db!(tx, c => sqlx::query("DELETE FROM account_links WHERE expires_at <= $1")
        .bind(micros(now))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?,
    )
}

/// The link of this name, while it works.
///
/// # Errors
/// When the database fails.
pub async fn find_account_link(
    conn: &mut Conn,
    kind: AccountLinkKind,
    id: PublicId,
    now: Timestamp,
) -> Result<Option<AccountLink>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM account_links WHERE public_id = $1 AND kind = $2 AND expires_at > $3");
    let row: Option<AccountLinkRow> = on_db!(conn, c => sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(id.as_bytes())
        .bind(kind.as_str())
        .bind(micros(now))
        .fetch_optional(c)
        .await)?;
    row.map(AccountLink::try_from).transpose()
}

/// Who is invited and has not come yet, those who were invited last first.
///
/// # Errors
/// When the database fails.
pub async fn open_invitations(conn: &mut Conn, now: Timestamp) -> Result<Vec<AccountLink>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM account_links WHERE kind = 'invite' AND expires_at > $1 ORDER BY created_at DESC, id DESC"
    );
    let rows: Vec<AccountLinkRow> = on_db!(conn, c => sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(micros(now))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(AccountLink::try_from).collect()
}

/// Uses a link up, or takes it back. False: it was used meanwhile. The row is what makes two at once take turns.
///
/// # Errors
/// When the database fails.
pub async fn use_account_link(tx: &mut Tx, link: i64) -> Result<bool, DbError> {
    let gone = on_db!(tx, c => sqlx::query("DELETE FROM account_links WHERE id = $1")
        .bind(link)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(gone == 1)
}

/// Ends the links that would give an account a new password.
///
/// # Errors
/// When the database fails.
pub async fn end_resets(tx: &mut Tx, organizer: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("DELETE FROM account_links WHERE organizer_id = $1")
        .bind(organizer)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
