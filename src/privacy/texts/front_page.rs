//! Which front page there is: with our article, with nothing but the ways onward, or with a text of the firm's own.

use std::collections::BTreeMap;

use super::{FRONT, find, put};
use crate::db::{Conn, DbError, Tx, settings};
use crate::web::markdown;

/// Where it is kept: the kind, and the lines beside the text.
const KIND: &str = "front.kind";
const TITLE: &str = "front.title";
const BYLINE: &str = "front.byline";
const CONTACT: &str = "front.contact";
/// In a text: here stands our figure.
const FIGURE: &str = "{figure}";

/// What the front page begins with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum FrontKind {
    /// Our article.
    #[default]
    Article,
    /// The ways onward alone.
    List,
    /// A text of the firm's own.
    Own,
}

impl FrontKind {
    /// As it is stored, and as it stands in the form.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::List => "list",
            Self::Own => "own",
        }
    }

    /// Reads it; what nobody knows is our article.
    pub(crate) fn parse(raw: &str) -> Self {
        let all = [Self::Article, Self::List, Self::Own];
        all.into_iter().find(|kind| kind.as_str() == raw).unwrap_or_default()
    }
}

/// It, as an owner has written it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FrontPage {
    pub kind: FrontKind,
    /// The heading of their own text.
    pub title: String,
    /// Who wrote it; also of our article.
    pub byline: String,
    /// Where to ask; at the end.
    pub contact: String,
    /// Markdown.
    pub text: String,
}

impl FrontPage {
    /// Reads it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn read(conn: &mut Conn) -> Result<Self, DbError> {
        let mut kept = BTreeMap::new();
        for key in [KIND, TITLE, BYLINE, CONTACT] {
            kept.insert(key, settings::find(conn, key).await?.unwrap_or_default());
        }
        let mut take = |key| kept.remove(key).unwrap_or_default();
        Ok(Self {
            kind: FrontKind::parse(&take(KIND)),
            title: take(TITLE),
            byline: take(BYLINE),
            contact: take(CONTACT),
            text: find(conn, FRONT).await?.unwrap_or_default(),
        })
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn keep(&self, tx: &mut Tx, who: i64, now: jiff::Timestamp) -> Result<(), DbError> {
        for (key, value) in [
            (KIND, self.kind.as_str()),
            (TITLE, &self.title),
            (BYLINE, &self.byline),
            (CONTACT, &self.contact),
        ] {
            settings::put(tx, key, value).await?;
        }
        put(tx, FRONT, &self.text, who, now).await?;
        Ok(())
    }

    /// The text as HTML, in pieces: our figure stands between two of them.
    pub(crate) fn pieces(&self) -> Vec<String> {
        self.text.split(FIGURE).map(markdown::to_html).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_figure_stands_where_the_text_says() {
        let page = FrontPage {
            text: "Before.\n\n{figure}\n\n<b>After</b>".to_owned(),
            ..FrontPage::default()
        };
        let pieces = page.pieces();
        assert_eq!(pieces.len(), 2);
        assert!(
            pieces[0].contains("<p>Before.</p>") && pieces[1].contains("&lt;b&gt;After"),
            "{pieces:?}"
        );
    }
}
