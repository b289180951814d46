//! Who is responsible, and what the law wants said: facts that an owner sets, an imprint, and a privacy page of their own in
//! place of ours. What is not set is not said.

use jiff::Timestamp;

use crate::contacts::store::consents::{self, ConsentWording};
use crate::db::{Conn, DbError, Tx, settings};
use crate::privacy::texts;

/// A fact, its name in forms and in the database, and what it is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LegalFact {
    /// The name.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What to write.
    pub help: &'static str,
    /// Whether it has several lines.
    pub is_long: bool,
}

/// All of them, in the order in which they are asked.
pub(crate) const FACTS: [LegalFact; 6] = [
    LegalFact {
        name: "controller",
        label: "Who is responsible",
        help: "The firm or person by its full name, as the register has it.",
        is_long: false,
    },
    LegalFact {
        name: "address",
        label: "Postal address",
        help: "Street, town, country. No post box.",
        is_long: true,
    },
    LegalFact {
        name: "contact",
        label: "E-mail address for questions about data",
        help: "Empty: where mail from here comes from.",
        is_long: false,
    },
    LegalFact {
        name: "basis",
        label: "Legal basis",
        help: "For example: We hold your place and send what you asked for because you asked for it (Art. 6(1)(b) GDPR), and news because you agreed (Art. 6(1)(a) GDPR).",
        is_long: true,
    },
    LegalFact {
        name: "authority",
        label: "Supervisory authority",
        help: "Where somebody can complain: its name, and its address on the web.",
        is_long: true,
    },
    LegalFact {
        name: "backup_days",
        label: "Backups are kept for how many days",
        help: "Empty: the page says nothing of backups. Whoever runs this server knows.",
        is_long: false,
    },
];

/// Longest fact, in characters.
pub(crate) const LONGEST_FACT: usize = 2_000;
/// Most days of a backup.
pub(crate) const MOST_BACKUP_DAYS: i64 = 3_650;

/// What is set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Legal {
    facts: Vec<(&'static str, String)>,
    /// Markdown.
    pub imprint: Option<String>,
    /// Markdown; `None`: the page is ours.
    pub privacy: Option<String>,
    /// The wordings of the consent to more mail, the one that is asked now first.
    pub consent: Vec<ConsentWording>,
}

impl Legal {
    /// Reads it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn read(conn: &mut Conn) -> Result<Self, DbError> {
        let mut facts = Vec::new();
        for fact in &FACTS {
            if let Some(value) = settings::find(conn, &key(fact)).await? {
                facts.push((fact.name, value));
            }
        }
        Ok(Self {
            facts,
            imprint: texts::find(conn, texts::IMPRINT).await?,
            privacy: texts::find(conn, texts::PRIVACY).await?,
            consent: consents::wordings(conn).await?,
        })
    }

    /// A fact; `None` where it is not set.
    pub(crate) fn fact(&self, name: &str) -> Option<&str> {
        let found = self.facts.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Labels of what is not set.
    pub(crate) fn gaps(&self) -> Vec<&'static str> {
        let open = FACTS.iter().filter(|fact| self.fact(fact.name).is_none());
        open.map(|fact| fact.label).collect()
    }

    /// Whether there is an imprint: its own text, or at least who is responsible and where.
    pub(crate) fn has_imprint(&self) -> bool {
        self.imprint.is_some() || (self.fact("controller").is_some() && self.fact("address").is_some())
    }
}

fn key(fact: &LegalFact) -> String {
    format!("legal.{}", fact.name)
}

/// What an owner wants set: facts by name, and both texts; empty is none.
#[derive(Debug, Clone, Default)]
pub(crate) struct WantedLegal {
    /// In the order of [`FACTS`].
    pub facts: Vec<String>,
    /// Markdown.
    pub imprint: String,
    /// Markdown.
    pub privacy: String,
    /// The wording of the consent from now on.
    pub consent: String,
}

/// Sets it. Gives the names of what changed.
///
/// # Errors
/// When the database fails.
pub(crate) async fn put(tx: &mut Tx, wanted: &WantedLegal, who: i64, now: Timestamp) -> Result<Vec<String>, DbError> {
    let mut changed = Vec::new();
    for (fact, value) in FACTS.iter().zip(&wanted.facts) {
        if settings::find(tx, &key(fact)).await?.unwrap_or_default() != *value {
            settings::put(tx, &key(fact), value).await?;
            changed.push(fact.name.to_owned());
        }
    }
    for (name, text) in [(texts::IMPRINT, &wanted.imprint), (texts::PRIVACY, &wanted.privacy)] {
        if texts::put(tx, name, text, who, now).await? {
            changed.push(name.to_owned());
        }
    }
    let asked = consents::wordings(tx).await?.into_iter().next();
    if asked.is_none_or(|asked| asked.text != wanted.consent) {
        consents::word_anew(tx, &wanted.consent, now).await?;
        changed.push("consent".to_owned());
    }
    Ok(changed)
}
