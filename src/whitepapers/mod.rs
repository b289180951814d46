//! Whitepapers, their editions, requests and downloads: types and rules.

pub(crate) mod console;
pub(crate) mod export;
pub(crate) mod mails;
pub(crate) mod pages;
pub mod request;
pub(crate) mod roster;
pub mod store;
pub(crate) mod trace;

use jiff::{SignedDuration, Timestamp};

use crate::values::{EmailAddress, Greeting, PublicId, Said, Slug};

/// Within this time after the paper was mailed, a second request sends no second attachment.
pub const NO_SECOND_ATTACHMENT: SignedDuration = SignedDuration::from_hours(24);

/// How long a personal link works after the last request.
pub const LINK_LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Largest attachment that goes to an address nobody has confirmed: a form is no reason to fill a
/// stranger's mailbox.
pub const MAX_UNCONFIRMED: u64 = 2_000_000;

/// What can be asked for.
#[derive(Debug, Clone)]
pub struct Whitepaper {
    /// The row.
    pub id: i64,
    /// Its page is `/whitepapers/{slug}`.
    pub slug: Slug,
    /// The title.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Paragraphs, with blank lines between them.
    pub description: String,
    /// Rises with every change of what its form asks.
    pub form_version: i64,
    /// The newest PDF; none yet: the paper cannot be asked for.
    pub edition: Option<Edition>,
}

/// One PDF file, without its bytes.
#[derive(Debug, Clone)]
pub struct Edition {
    /// The row.
    pub id: i64,
    /// Its pictures' addresses carry it.
    pub public_id: PublicId,
    /// The file's name, as visitors save it.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// How many pages, where known.
    pub pages: Option<i64>,
    /// The table of contents.
    pub contents: Vec<ContentsLine>,
}

/// A line of a table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsLine {
    /// The heading.
    pub title: String,
    /// Its page.
    pub page: u32,
}

impl Edition {
    /// "14 pages, PDF, 222 kB"
    #[must_use]
    pub fn facts(&self) -> String {
        let size = match self.size {
            bytes @ 0..=999_999 => format!("{} kB", bytes.div_ceil(1_000)),
            bytes => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        };
        match self.pages {
            Some(pages) => format!("{pages} pages, PDF, {size}"),
            None => format!("PDF, {size}"),
        }
    }

    /// True where the file itself goes with the mail; a larger one goes as a link.
    #[must_use]
    pub fn is_attached(&self, is_confirmed: bool, max_attachment: u64) -> bool {
        let most = if is_confirmed {
            max_attachment
        } else {
            max_attachment.min(MAX_UNCONFIRMED)
        };
        self.size <= most
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// The paper is on its way or there.
    Requested,
    /// Held back: a program may have filled in the form, and an organizer looks at it first.
    Held,
}

impl RequestState {
    /// As it is stored and exported.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Held => "held",
        }
    }

    /// Reads a column.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Requested, Self::Held]
            .into_iter()
            .find(|state| state.as_str() == raw)
    }
}

/// A request with what belongs to it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The row.
    pub id: i64,
    /// Its link carries it.
    pub public_id: PublicId,
    /// Raised to revoke its link.
    pub link_generation: i64,
    /// Whose it is.
    pub contact_id: i64,
    /// Where mail goes.
    pub email: EmailAddress,
    /// True once a personal page was used with this address.
    pub is_confirmed: bool,
    /// As given with the request.
    pub name: Said,
    /// Whether that is the name that the owner of the address has confirmed.
    pub is_own_name: bool,
    /// Where it stands.
    pub state: RequestState,
    /// How often it was asked for.
    pub times: i64,
    /// When the paper was last put into the outbox.
    pub mailed_at: Option<Timestamp>,
    /// When the mail to the last repeat went or will go.
    pub repeated_at: Option<Timestamp>,
    /// Until when its link works.
    pub link_until: Timestamp,
    /// The paper.
    pub whitepaper_id: i64,
    /// The paper's page.
    pub slug: Slug,
    /// The paper's title.
    pub title: String,
}

impl Request {
    /// How a mail addresses whoever asked.
    #[must_use]
    pub fn greeting(&self) -> Greeting {
        Greeting::new(&self.name, self.is_own_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edition(size: u64) -> Edition {
        Edition {
            id: 1,
            public_id: PublicId::random(),
            file_name: "paper.pdf".to_owned(),
            size,
            pages: Some(14),
            contents: Vec::new(),
        }
    }

    #[test]
    fn facts_are_short() {
        assert_eq!(edition(221_300).facts(), "14 pages, PDF, 222 kB");
        assert_eq!(edition(3_460_000).facts(), "14 pages, PDF, 3.4 MB");
    }

    #[test]
    fn strangers_get_small_attachments_only() {
        assert!(edition(2_000_000).is_attached(false, 7_000_000));
        assert!(!edition(2_000_001).is_attached(false, 7_000_000));
        assert!(edition(7_000_000).is_attached(true, 7_000_000));
        assert!(!edition(7_000_001).is_attached(true, 7_000_000));
    }
}
