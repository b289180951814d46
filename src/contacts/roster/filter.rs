//! Which people: by what stands on them, whatever else they have.

use jiff::Timestamp;

use crate::contacts::words;
use crate::db::listing::{FoundBy, ListCondition};
use crate::db::piece::{SqlPiece, SqlValue};
use crate::db::{Conn, DbError, micros};
use crate::mail::suppressions;
use crate::values::EmailAddress;

/// How mail to somebody fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailStanding {
    /// Nothing is known against it.
    Fine,
    /// It does not reach them, for whatever reason.
    Trouble,
    /// It came back.
    Bounced,
    /// They called it spam.
    Complained,
    /// They want no more.
    Unsubscribed,
}

impl MailStanding {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Fine,
        Self::Trouble,
        Self::Bounced,
        Self::Complained,
        Self::Unsubscribed,
    ];

    /// As it stands in the address of a list; a reason also as it is stored.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Trouble => "trouble",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Unsubscribed => "unsubscribed",
        }
    }

    /// Reads it.
    #[must_use]
    pub(crate) fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == raw)
    }
}

/// What must be true of a person; nothing, for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PersonFilter {
    /// The beginning of a word of their name or company, or of their address; of several words, each.
    pub typed: String,
    /// Whether they have shown that the address is theirs.
    pub confirmed: Option<bool>,
    /// How mail to them fares.
    pub mail: Option<MailStanding>,
    /// Whether they agreed to more mail, and have not taken it back.
    pub agreed: Option<bool>,
    /// A tag of theirs.
    pub tag: Option<String>,
}

/// "They agreed to more mail, and have not taken it back", of the person `c`.
#[must_use]
pub(crate) fn agreed() -> &'static str {
    "(COALESCE((SELECT k.act FROM consents k WHERE k.contact_id = c.id AND k.purpose = 'marketing'
                 ORDER BY k.at DESC, k.id DESC LIMIT 1), '') IN ('given', 'confirmed')
      AND NOT EXISTS (SELECT 1 FROM suppressions u
                       WHERE u.address_key = c.email_key AND u.reason IN ('unsubscribed', 'complained')))"
}

impl PersonFilter {
    /// The conditions, over a list whose rows have the person in the column `person`.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn conditions(
        &self,
        conn: &mut Conn,
        person: &str,
        now: Timestamp,
    ) -> Result<Vec<ListCondition>, DbError> {
        let mut conditions = self.typed(conn, person).await?;
        conditions.extend(self.confirmed.map(|is| {
            let text = if is {
                "c.confirmed_at IS NOT NULL"
            } else {
                "c.confirmed_at IS NULL"
            };
            ListCondition::walked(SqlPiece::new(text)).with_person()
        }));
        conditions.extend(self.agreed.map(|is| {
            let not = if is { "" } else { "NOT " };
            ListCondition::walked(SqlPiece::new(format!("{not}{}", agreed()))).with_person()
        }));
        conditions.extend(self.mail.map(|standing| mail(standing, now)));
        if let Some(tag) = &self.tag {
            conditions.push(tagged(conn, person, tag).await?);
        }
        Ok(conditions)
    }

    async fn typed(&self, conn: &mut Conn, person: &str) -> Result<Vec<ListCondition>, DbError> {
        let typed = self.typed.trim();
        if typed.is_empty() {
            return Ok(Vec::new());
        }
        // Before their words are kept, too.
        if let Ok(address) = EmailAddress::parse(typed) {
            let known =
                SqlPiece::new("SELECT id FROM contacts WHERE email_key = ?").with(SqlValue::Text(address.key()));
            if let Some(id) = known.number(conn).await? {
                return Ok(vec![ListCondition::found(
                    SqlPiece::new(format!("{person} = {id}")),
                    FoundBy::People(SqlPiece::new(format!("SELECT CAST({id} AS BIGINT) AS id"))),
                )]);
            }
        }
        let words = words::typed(typed);
        if words.is_empty() {
            // Signs alone: nobody is called so.
            return Ok(vec![nobody()]);
        }
        Ok(words.iter().map(|word| begins(person, word)).collect())
    }
}

/// Holds for nobody.
fn nobody() -> ListCondition {
    ListCondition::found(
        SqlPiece::new("1 = 0"),
        FoundBy::People(SqlPiece::new("SELECT c.id FROM contacts c WHERE 1 = 0")),
    )
}

/// One of their words begins so.
fn begins(person: &str, word: &str) -> ListCondition {
    // What comes after every word that begins so.
    let (from, to) = (word.to_owned(), format!("{word}\u{10ffff}"));
    let between = |piece: SqlPiece| {
        piece
            .with(SqlValue::Text(from.clone()))
            .with(SqlValue::Text(to.clone()))
    };
    ListCondition::found(
        between(SqlPiece::new(format!(
            "(SELECT 1 FROM search_words w WHERE w.contact_id = {person} AND w.word >= ? AND w.word < ? LIMIT 1) IS NOT NULL"
        ))),
        FoundBy::People(between(SqlPiece::new(
            "SELECT w.contact_id AS id FROM search_words w WHERE w.word >= ? AND w.word < ?",
        ))),
    )
}

fn mail(standing: MailStanding, now: Timestamp) -> ListCondition {
    let now = SqlValue::Int(micros(now));
    let trouble = suppressions::trouble("c.email_key", "?");
    let people = "SELECT c.id FROM suppressions x JOIN contacts c ON c.email_key = x.address_key
                   WHERE x.reason <> 'not_me' AND (x.until IS NULL OR x.until > ?)";
    match standing {
        MailStanding::Fine => ListCondition::walked(SqlPiece::new(format!("{trouble} IS NULL")).with(now)),
        MailStanding::Trouble => ListCondition::found(
            SqlPiece::new(format!("{trouble} IS NOT NULL")).with(now.clone()),
            FoundBy::People(SqlPiece::new(people).with(now)),
        ),
        reason => {
            let reason = SqlValue::Text(reason.as_str().to_owned());
            ListCondition::found(
                SqlPiece::new(format!("{trouble} = ?"))
                    .with(now.clone())
                    .with(reason.clone()),
                FoundBy::People(
                    SqlPiece::new(format!("{people} AND x.reason = ?"))
                        .with(now)
                        .with(reason),
                ),
            )
        }
    }
    .with_person()
}

async fn tagged(conn: &mut Conn, person: &str, tag: &str) -> Result<ListCondition, DbError> {
    let known = SqlPiece::new("SELECT id FROM tags WHERE name_key = ?").with(SqlValue::Text(words::fold(tag)));
    Ok(known.number(conn).await?.map_or_else(nobody, |tag| {
        ListCondition::found(
            SqlPiece::new(format!(
                "(SELECT 1 FROM contact_tags ct WHERE ct.contact_id = {person} AND ct.tag_id = {tag} LIMIT 1) IS NOT NULL"
            )),
            FoundBy::People(SqlPiece::new(format!(
                "SELECT ct.contact_id AS id FROM contact_tags ct WHERE ct.tag_id = {tag}"
            ))),
        )
    }))
}
