//! Invitations of the partner, and what both agreed to share.

use jiff::Timestamp;

use super::counts::{self, Outcome};
use super::{assessments, row};
use crate::assessment::INVITATION_LIFE;
use crate::assessment::assessment::{AnsweredAs, Assessment};
use crate::assessment::invitation::{Invitation, InvitationState, Party, Shared};
use crate::assessment::store::assessments::NewAssessment;
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, instant, micros, sql};
use crate::on_db;
use crate::values::PublicId;

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
            inviter_name: row.inviter_name,
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
pub struct NewInvitation {
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
pub async fn insert(tx: &mut Tx, new: &NewInvitation, now: Timestamp) -> Result<Option<i64>, DbError> {
    let id = on_db!(tx, c => sqlx::query_scalar(
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
        .await)?;
    if id.is_some() {
        counts::add_outcome(tx, Outcome::Invited).await?;
    }
    Ok(id)
}

/// The invitation of a link.
pub async fn by_public_id(conn: &mut Conn, id: PublicId) -> Result<Option<Invitation>, DbError> {
    row::by_public_id::<InvitationRow, _>(
        conn,
        format!("SELECT {COLUMNS} FROM assessment_invitations WHERE public_id = $1"),
        id,
    )
    .await
}

/// The invitation of a row.
pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<Invitation>, DbError> {
    row::by_id::<InvitationRow, _>(
        conn,
        format!("SELECT {COLUMNS} FROM assessment_invitations WHERE id = $1"),
        id,
    )
    .await
}

/// The latest invitation that an assessment has to do with, made or taken up.
pub async fn of_assessment(conn: &mut Conn, id: i64) -> Result<Option<Invitation>, DbError> {
    row::by_id::<InvitationRow, _>(conn, format!(
        "SELECT {COLUMNS} FROM assessment_invitations WHERE inviter_id = $1 OR guest_id = $1 ORDER BY id DESC LIMIT 1"
    ), id).await
}

/// Holds an invitation until the job ends, so that two who finish or agree at the same moment see each other.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    let text = format!(
        "SELECT id FROM assessment_invitations WHERE id = $1{}",
        sql::for_update(tx)
    );
    on_db!(tx, c => sqlx::query(AssertSqlSafe(text)).bind(id).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets who asked and at which address, where the time of the invitation is over.
pub async fn forget_names(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
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
pub async fn made_since(conn: &mut Conn, inviter_id: i64, since: Timestamp) -> Result<i64, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT COUNT(*) FROM assessment_invitations WHERE inviter_id = $1 AND created_at > $2")
        .bind(inviter_id)
        .bind(micros(since))
        .fetch_one(c)
        .await)?)
}

/// What came of taking one up.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepted {
    /// This post began the partner's assessment, or the same form did before.
    Yes(Box<Assessment>),
    /// It is over, or somebody took it up already.
    No,
}

/// Takes an invitation up: the partner's assessment begins, with the sides swapped.
pub async fn accept(tx: &mut Tx, invitation: PublicId, guest: PublicId, now: Timestamp) -> Result<Accepted, DbError> {
    let Some(found) = by_public_id(tx, invitation).await? else {
        return Ok(Accepted::No);
    };
    let is_used = assessments::by_public_id(tx, guest).await?.is_some();
    if is_used || !found.is_open(now) || !take(tx, found.id).await? {
        return begun_before(tx, invitation, guest).await;
    }
    let Some(inviter) = assessments::by_id(tx, found.inviter_id).await? else {
        return Ok(Accepted::No);
    };
    let new = NewAssessment {
        public_id: guest,
        first_id: None,
        answered_as: AnsweredAs::Guest,
        parties: inviter.parties.mirrored(),
    };
    let Some(guest_id) = assessments::insert(tx, &new, now).await? else {
        return Ok(Accepted::No);
    };
    on_db!(tx, c => sqlx::query("UPDATE assessment_invitations SET guest_id = $2 WHERE id = $1")
        .bind(found.id)
        .bind(guest_id)
        .execute(c)
        .await
        .map(drop))?;
    counts::add_outcome(tx, Outcome::Accepted).await?;
    super::mail::forget_address(tx, found.id).await?;
    let begun = assessments::by_id(tx, guest_id).await?;
    Ok(begun.map_or(Accepted::No, |begun| Accepted::Yes(Box::new(begun))))
}

/// Where the same form was posted before: a double click begins once and leads to the same page.
async fn begun_before(tx: &mut Tx, invitation: PublicId, guest: PublicId) -> Result<Accepted, DbError> {
    let taken = by_public_id(tx, invitation).await?;
    let Some(guest_id) = taken.and_then(|taken| taken.guest_id) else {
        return Ok(Accepted::No);
    };
    let begun = assessments::by_id(tx, guest_id).await?;
    let same = begun.filter(|begun| begun.public_id == guest);
    Ok(same.map_or(Accepted::No, |begun| Accepted::Yes(Box::new(begun))))
}

/// False: somebody else was faster.
async fn take(tx: &mut Tx, id: i64) -> Result<bool, DbError> {
    move_on(tx, id, &[InvitationState::Open], InvitationState::Accepted).await
}

/// The partner says no, or refuses for good. False: it was not open any more.
pub async fn decline(tx: &mut Tx, id: i64, for_good: bool) -> Result<bool, DbError> {
    let declined = move_on(tx, id, &[InvitationState::Open], InvitationState::Declined).await?;
    if declined {
        let outcome = if for_good { Outcome::Refused } else { Outcome::Declined };
        counts::add_outcome(tx, outcome).await?;
        super::mail::forget_address(tx, id).await?;
    }
    Ok(declined)
}

/// One of the two takes it back; a joint report is gone for both. False: there was nothing to take back.
///
/// Who was asked leaves it as declined: by the link, whoever asked does not see which of the two it was.
pub async fn withdraw(tx: &mut Tx, id: i64, party: Party) -> Result<bool, DbError> {
    let from = [InvitationState::Open, InvitationState::Accepted];
    let to = match party {
        Party::Inviter => InvitationState::Withdrawn,
        Party::Guest => InvitationState::Declined,
    };
    let withdrawn = move_on(tx, id, &from, to).await?;
    if withdrawn {
        counts::add_outcome(tx, Outcome::Withdrawn).await?;
        super::mail::forget_about_invitation(tx, id).await?;
    }
    Ok(withdrawn)
}

/// Where one of the two erases the answers, that is a withdrawal.
pub(super) async fn leave(tx: &mut Tx, assessment_id: i64) -> Result<(), DbError> {
    let text = format!("SELECT {COLUMNS} FROM assessment_invitations WHERE inviter_id = $1 OR guest_id = $1");
    let rows: Vec<InvitationRow> =
        on_db!(tx, c => sqlx::query_as(AssertSqlSafe(text)).bind(assessment_id).fetch_all(c).await)?;
    for row in rows {
        let invitation = Invitation::try_from(row)?;
        let party = invitation.party(assessment_id).unwrap_or(Party::Guest);
        withdraw(tx, invitation.id, party).await?;
    }
    Ok(())
}

async fn move_on(tx: &mut Tx, id: i64, from: &[InvitationState], to: InvitationState) -> Result<bool, DbError> {
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
pub async fn set_shares(tx: &mut Tx, id: i64, party: Party, shared: Shared) -> Result<bool, DbError> {
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

/// Reveals the joint report once both have finished and agreed: from then on neither changes. True: it is revealed.
pub async fn reveal_if_ready(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, DbError> {
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
    let Some(invitation) = by_id(tx, id).await? else {
        return Ok(false);
    };
    if revealed == 1 {
        counts::add_outcome(tx, Outcome::Revealed).await?;
        assessments::freeze(tx, invitation.inviter_id).await?;
        if let Some(guest_id) = invitation.guest_id {
            assessments::freeze(tx, guest_id).await?;
        }
    }
    Ok(invitation.revealed_at.is_some() && invitation.state == InvitationState::Accepted)
}

/// Open invitations whose time is over: their mail holds an address that is not needed any more.
pub async fn expired_with_mail(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<i64>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT id FROM assessment_invitations WHERE state = $1 AND expires_at <= $2 ORDER BY id LIMIT $3")
        .bind(InvitationState::Open.key())
        .bind(micros(now))
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Ends an invitation that nobody took up.
pub async fn expire(tx: &mut Tx, id: i64) -> Result<(), DbError> {
    if move_on(tx, id, &[InvitationState::Open], InvitationState::Withdrawn).await? {
        counts::add_outcome(tx, Outcome::Expired).await?;
        super::mail::forget_address(tx, id).await?;
    }
    Ok(())
}
