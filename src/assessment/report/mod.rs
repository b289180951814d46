//! The two-page PDF of a result, and of two views laid side by side. It draws what `reading` says; it knows no
//! formulas.
//!
//! `page` puts two pages on paper, `canvas` fills and tags them, `draw` draws. `result` and `joint` say what stands
//! where. Whatever the names and texts, there are two pages: gaps give way first, then the size.

mod canvas;
mod closing;
mod draw;
mod dumbbell;
mod joint;
mod names;
mod page;
mod pdf_fonts;
mod result;
mod strip;
mod style;
mod table;
mod views;

use jiff::civil::Date;
use krilla::error::KrillaError;

pub use page::Paper;

use crate::assessment::Parties;
use crate::assessment::words::reading::{JointReading, Reading};
use crate::typesetting::{Fonts, Typesetter};
use closing::UNSHOWN;
use page::Frame;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The program was built wrong.
    #[error("the paper has no size")]
    Paper,
    /// The program was built wrong.
    #[error("the PDF settings contradict each other")]
    Settings,
    /// It would not be a valid PDF.
    #[error("the PDF cannot be written: {0}")]
    Pdf(#[from] KrillaError),
}

/// What a report says that is no result.
#[derive(Clone, Debug)]
pub struct About {
    /// Whose installation it is.
    pub organization: String,
    /// What stands as the headline instead of the names of the two sides: for who did not type them.
    pub headline: Option<&'static str>,
    /// The sides are not called by their names: no font has the letters. See [`About::naming`].
    pub nameless: bool,
    /// "Business partners"
    pub relationship: &'static str,
    /// When the result was given.
    pub date: Date,
    /// The public address of the installation. Never a private link: a PDF is passed on.
    pub home_url: String,
    /// "November 24, 2028"
    pub kept_until: String,
}

/// What the two sides of a result are called where no font has the letters of their names.
pub const NAMELESS_SIDES: (&str, &str) = ("Our side", "The other side");

impl About {
    /// The parties as a report can name them: with letters that no font has they are called `usual`, both, and the report
    /// says so.
    #[must_use]
    pub fn naming(self, fonts: &Fonts, parties: &Parties, usual: (&str, &str)) -> (Self, Parties) {
        let typesetter = Typesetter::new(fonts);
        let mut parties = parties.clone();
        let nameless = typesetter.lacks(&parties.us) || typesetter.lacks(&parties.partner);
        if nameless {
            usual.0.clone_into(&mut parties.us);
            usual.1.clone_into(&mut parties.partner);
        }
        (Self { nameless, ..self }, parties)
    }

    /// Whose installation it is; where no font has the letters of its name, its address.
    fn organization(&self, typesetter: &Typesetter) -> &str {
        if typesetter.lacks(&self.organization) {
            &self.home_url
        } else {
            &self.organization
        }
    }

    /// The headline of a report on these two.
    fn headline(&self, us: &str, partner: &str) -> String {
        self.headline
            .map_or_else(|| format!("{us} and {partner}"), str::to_owned)
    }

    /// "May 14, 2026"
    fn date_in_words(&self) -> String {
        in_words(self.date)
    }

    /// When what was agreed should be done: in thirty days.
    fn due_in_words(&self) -> String {
        in_words(self.date.saturating_add(jiff::Span::new().days(30)))
    }
}

fn in_words(date: Date) -> String {
    date.strftime("%B %-d, %Y").to_string()
}

/// A figure of a reading as a length.
fn number(figure: i64) -> f32 {
    f32::from(i16::try_from(figure).unwrap_or_default())
}

/// The report of one result, two pages.
///
/// # Errors
/// When it would not be a valid PDF.
pub fn result_pdf(fonts: &Fonts, paper: Paper, about: &About, reading: &Reading) -> Result<Vec<u8>, ReportError> {
    let typesetter = Typesetter::new(fonts);
    let frame = Frame {
        organization: about.organization(&typesetter),
        typesetter,
        paper,
        title: about.headline.map_or_else(
            || format!("Alignment of {} and {}", reading.us, reading.partner),
            str::to_owned,
        ),
        date: about.date,
        kind: "Alignment self-assessment",
    };
    frame.write([
        &|canvas| {
            result::first_page(canvas, about, reading);
        },
        &|canvas| {
            result::second_page(canvas, about, reading);
        },
    ])
}

/// The report of two views, two pages. `purposes` is what each side, A's first, says the partnership is for; only
/// where both agreed to show it.
///
/// # Errors
/// When it would not be a valid PDF.
pub fn joint_pdf(
    fonts: &Fonts,
    paper: Paper,
    about: &About,
    reading: &JointReading,
    purposes: Option<(&str, &str)>,
) -> Result<Vec<u8>, ReportError> {
    let typesetter = Typesetter::new(fonts);
    let shown = |purpose| if typesetter.lacks(purpose) { UNSHOWN } else { purpose };
    let purposes = purposes.map(|(a, b)| (shown(a), shown(b)));
    let frame = Frame {
        organization: about.organization(&typesetter),
        typesetter,
        paper,
        title: format!("Two views of {} and {}", reading.a, reading.b),
        date: about.date,
        kind: "Alignment self-assessment: joint report",
    };
    frame.write([
        &|canvas| {
            joint::first_page(canvas, about, reading);
        },
        &|canvas| {
            joint::second_page(canvas, about, reading, purposes);
        },
    ])
}

#[cfg(test)]
mod tests;
