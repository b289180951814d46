//! Invitations of the partner, and what both agreed to share.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::row;
use crate::assessment::INVITATION_LIFE;
use crate::assessment::model::invitation::{Invitation, InvitationState, Party, Shared};
use crate::db::{Conn, DbError, Tx, instant, micros, sql};
use crate::on_db;
use crate::values::{PublicId, Said};

const COLUMNS: &str = "id, public_id, inviter_id, guest_id, inviter_name, address_hash, state, inviter_shares, guest_shares, \
                       inviter_purpose, guest_purpose, created_at, expires_at, revealed_at";

#[derive(sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "the table's columns")]
struct InvitationRow {
    id: i64,
    public_id: Vec<u8>,
    inviter_id: i64,
    guest_id: Option<i64>,
    inviter_name: String,
    address_hash: Option<Vec<u8>>,
    state: String,
    inviter_shares: bool,
    guest_shares: bool,
    inviter_purpose: bool,
    guest_purpose: bool,
    created_at: i64,
    expires_at: i64,
    revealed_at: Option<i64>,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = DbError;

    fn try_from(row: InvitationRow) -> Result<Self, DbError> {
        let state = InvitationState::parse(&row.state);
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            inviter_id: row.inviter_id,
            guest_id: row.guest_id,
            inviter_name: Said::new(row.inviter_name),
            address_hash: row.address_hash,
            state: state.ok_or_else(|| DbError::stored("an invitation is in no known state"))?,
            inviter: Shared {
                scores: row.inviter_shares,
                purpose: row.inviter_purpose,
            },
            guest: Shared {
                scores: row.guest_shares,
                purpose: row.guest_purpose,
            },
            created_at: instant(row.created_at)?,
            expires_at: instant(row.expires_at)?,
            revealed_at: row.revealed_at.map(instant).transpose()?,
        })
    }
}

/// An invitation to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewInvitation {
    /// Drawn where the form was shown, so that a form posted twice makes one.
    pub public_id: PublicId,
    /// Who asks.
    pub inviter_id: i64,
    /// The name of who asks.
    pub inviter_name: String,
    /// What they share, once the partner does.
    pub shared: Shared,
    /// The keyed hash of the address that is written to.
    pub address_hash: Option<Vec<u8>>,
}

/// Makes one; gives its row. `None`: it was made already.
pub(crate) async fn insert(tx: &mut Tx, new: &NewInvitation, now: Timestamp) -> Result<Option<i64>, DbError> {
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO assessment_invitations
             (public_id, inviter_id, inviter_name, state, inviter_shares, inviter_purpose, created_at, expires_at,
              address_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (public_id) DO NOTHING RETURNING id")
        .bind(new.public_id.as_bytes())
        .bind(new.inviter_id)
        .bind(&new.inviter_name)
        .bind(InvitationState::Open.key())
        .bind(new.shared.scores)
        .bind(new.shared.purpose)
        .bind(micros(now))
        .bind(micros(now + INVITATION_LIFE))
        .bind(new.address_hash.as_deref())
        .fetch_optional(c)
        .await)?)
}

/// The invitation of a link.
pub(crate) async fn by_public_id(conn: &mut Conn, id: PublicId) -> Result<Option<Invitation>, DbError> {
    row::by_public_id::<InvitationRow, _>(
        conn,
        format!("SELECT {COLUMNS} FROM assessment_invitations WHERE public_id = $1"),
        id,
    )
    .await
}

/// The invitation of a row.
pub(crate) async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Invitation>, DbError> {
    row::by_id::<InvitationRow, _>(
        conn,
        format!("SELECT {COLUMNS} FROM assessment_invitations WHERE id = $1"),
        id,
    )
    .await
}

/// The invitations of these rows, in no particular order.
pub(crate) async fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Invitation>, DbError> {
    row::by_ids::<InvitationRow, _>(conn, format!("SELECT {COLUMNS} FROM assessment_invitations"), ids).await
}

/// The latest invitation that an assessment has to do with, made or taken up.
pub(crate) async fn of_assessment(conn: &mut Conn, id: i64) -> Result<Option<Invitation>, DbError> {
    row::by_id::<InvitationRow, _>(conn, format!(
        "SELECT {COLUMNS} FROM assessment_invitations WHERE inviter_id = $1 OR guest_id = $1 ORDER BY id DESC LIMIT 1"
    ), id).await
}

/// Holds an invitation until the job ends, so that two who finish or agree at the same moment see each other.
pub(crate) async fn lock(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let text = format!(
        "SELECT id FROM assessment_invitations WHERE id = $1{}",
        sql::for_update(tx)
    );
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets who asked and at which address, where the time of the invitation is over.
pub(crate) async fn forget_names(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE assessment_invitations SET inviter_name = '', address_hash = NULL
          WHERE expires_at <= $1 AND (inviter_name <> '' OR address_hash IS NOT NULL)")
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// How many an assessment has made since a moment.
pub(crate) async fn made_since(conn: &mut Conn, inviter_id: i64, since: Timestamp) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM assessment_invitations WHERE inviter_id = $1 AND created_at > $2")
        .bind(inviter_id)
        .bind(micros(since))
        .fetch_one(c)
        .await)?)
}

/// Moves it from one of at most two states to another. False: it was in none of them.
pub(crate) async fn move_on(
    tx: &mut Tx,
    id: i64,
    from: &[InvitationState],
    to: InvitationState,
) -> Result<bool, DbError> {
    let first = from.first().map(|state| state.key());
    let last = from.last().map(|state| state.key());
    let rows = on_db!(tx, c => sqlx::query(
        "UPDATE assessment_invitations SET state = $2 WHERE id = $1 AND state IN ($3, $4)")
        .bind(id)
        .bind(to.key())
        .bind(first)
        .bind(last)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// What one of the two shares from now on. False: the report was revealed, so it can only be withdrawn.
pub(crate) async fn set_shares(tx: &mut Tx, id: i64, party: Party, shared: Shared) -> Result<bool, DbError> {
    let text = match party {
        Party::Inviter => {
            "UPDATE assessment_invitations SET inviter_shares = $2, inviter_purpose = $3
              WHERE id = $1 AND revealed_at IS NULL"
        }
        Party::Guest => {
            "UPDATE assessment_invitations SET guest_shares = $2, guest_purpose = $3
              WHERE id = $1 AND revealed_at IS NULL"
        }
    };
    let rows = on_db!(tx, c => sqlx::query(text)
        .bind(id)
        .bind(shared.scores)
        .bind(shared.purpose)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Notes who answers.
pub(crate) async fn set_guest(tx: &mut Tx, id: i64, guest_id: i64) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query("UPDATE assessment_invitations SET guest_id = $2 WHERE id = $1")
        .bind(id)
        .bind(guest_id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// All that an assessment has to do with, made or taken up.
pub(crate) async fn all_of_assessment(conn: &mut Conn, id: i64) -> Result<Vec<Invitation>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM assessment_invitations WHERE inviter_id = $1 OR guest_id = $1");
    let rows: Vec<InvitationRow> = on_db!(conn, c => sqlx::query_as(AssertSqlSafe(text)).bind(id).fetch_all(c).await)?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// Notes that the joint report is revealed, if both have finished and agreed. False: they have not, or it was before.
pub(crate) async fn mark_revealed(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, DbError> {
    let revealed = on_db!(tx, c => sqlx::query(
        "UPDATE assessment_invitations SET revealed_at = $2
          WHERE id = $1 AND state = $3 AND inviter_shares AND guest_shares AND revealed_at IS NULL
            AND EXISTS (SELECT 1 FROM assessments WHERE id = inviter_id AND finished_at IS NOT NULL)
            AND EXISTS (SELECT 1 FROM assessments WHERE id = guest_id AND finished_at IS NOT NULL)")
        .bind(id)
        .bind(micros(now))
        .bind(InvitationState::Accepted.key())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(revealed == 1)
}

/// Open invitations whose time is over: their mail holds an address that is not needed any more.
pub(crate) async fn expired_with_mail(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM assessment_invitations WHERE state = $1 AND expires_at <= $2 ORDER BY id LIMIT $3")
        .bind(InvitationState::Open.key())
        .bind(micros(now))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
