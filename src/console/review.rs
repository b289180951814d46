//! What reaches people outside is looked at first: who is told, what, and when. Then a button says how many.

use askama::Template;

use super::preview::MailPreview;
use super::{Console, ConsoleFrame};
use crate::framed;
use crate::web::layout::Layout;
use crate::web::{Answer, ok};

/// What is to be done, and who is told.
pub(crate) struct Review {
    /// What is done, as a sentence: "Jane Doe moves to Friday, December 18."
    pub what: String,
    /// Whom the mail reaches: the first of them.
    pub who: Vec<String>,
    /// How many in all.
    pub count: String,
    /// When it goes.
    pub when: &'static str,
    /// What they read.
    pub mail: MailPreview,
    /// Where the button posts to, with what.
    pub action: String,
    /// Names and values that go along.
    pub hidden: Vec<(String, String)>,
    /// "Move and tell Jane Doe"
    pub button: String,
    /// The page before.
    pub back: String,
}

#[derive(Template)]
#[template(path = "console/review.html")]
struct ReviewPage {
    layout: Layout,
    frame: ConsoleFrame,
    review: Review,
}

framed!(ReviewPage);

/// Draws it in this frame.
pub(crate) fn page((layout, frame): (Layout, ConsoleFrame), review: Review) -> Answer {
    ok(&ReviewPage { layout, frame, review })
}

impl Console {
    /// As a sentence of who is told: "1 person" or "28 people".
    pub(crate) fn people(count: i64) -> String {
        match count {
            1 => "1 person".to_owned(),
            more => format!("{} people", super::words::count(more)),
        }
    }
}
