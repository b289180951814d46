//! One respondent's assessment, from its first card to its end.

use jiff::Timestamp;

use crate::assessment::model::answers::Answers;
use crate::assessment::model::factor::Factor;
use crate::assessment::scoring::{Score, score};
use crate::assessment::{AGAIN, PURPOSE_CHARACTERS, Parties};
use crate::values::{Problem, PublicId, squeeze_line};

/// Pages answered faster than this, for each of their cards, were hardly read.
pub(crate) const SECONDS_A_CARD: i64 = 2;
/// Of five pages, so many make the median.
const MEDIAN_OF_PAGES: u32 = 3;

/// One respondent's view of a partnership.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Assessment {
    /// The row.
    pub id: i64,
    /// Its links carry it.
    pub public_id: PublicId,
    /// Raised to make the links shown to others stop working.
    pub view_generation: i64,
    /// The first of a row of repeats, where this is a later one.
    pub first_id: Option<i64>,
    /// How its respondent came to answer.
    pub answered_as: AnsweredAs,
    /// The two sides.
    pub parties: Parties,
    /// The forty answers.
    pub answers: Answers,
    /// What is asked once and not scored.
    pub closing: Closing,
    /// Pages answered faster than anybody reads, one bit each.
    pub hurried: i64,
    /// The gentle question was asked.
    pub asked_again: bool,
    /// Counted in the benchmark, if it is finished.
    pub in_benchmark: bool,
    /// Sample data of the demo.
    pub sample: bool,
    /// Part of a report that others saw: it changes no more.
    pub frozen: bool,
    /// When it was started.
    pub created_at: Timestamp,
    /// When the respondent last changed an answer.
    pub changed_at: Timestamp,
    /// When the result was first asked for.
    pub finished_at: Option<Timestamp>,
    /// It is erased then.
    pub keep_until: Timestamp,
}

/// How somebody came to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnsweredAs {
    /// By themselves; perhaps they asked the partner later.
    Alone,
    /// Because the partner asked.
    Guest,
    /// For a side that several answer for, in a round.
    OneOfSeveral,
}

impl AnsweredAs {
    /// As it is stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Guest => "guest",
            Self::OneOfSeveral => "one_of_several",
        }
    }

    /// Reads a column.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Alone, Self::Guest, Self::OneOfSeveral]
            .into_iter()
            .find(|way| way.key() == key)
    }
}

/// The last page: three questions that are not in the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// A key of [`crate::assessment::PROGRESS`].
    pub progress: Option<String>,
    /// A key of [`crate::assessment::AGAIN`].
    pub again: Option<String>,
    /// What the partnership is for, in a sentence.
    pub purpose: Option<PurposeSentence>,
}

impl Closing {
    /// What stands after a post: of each question what this post changed since `seen` was shown, else what is stored. So
    /// two devices that show the last page lose nothing of each other's.
    #[must_use]
    pub fn merged(stored: &Self, seen: &Self, posted: &Self) -> Self {
        let mut merged = stored.clone();
        if posted.progress != seen.progress {
            merged.progress.clone_from(&posted.progress);
        }
        if posted.again != seen.again {
            merged.again.clone_from(&posted.again);
        }
        if posted.purpose != seen.purpose {
            merged.purpose.clone_from(&posted.purpose);
        }
        merged
    }
}

/// "In one sentence: what is this partnership for?"
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeSentence(String);

impl PurposeSentence {
    /// One line of at most 140 characters.
    ///
    /// # Errors
    /// Too long, or with control characters.
    pub fn parse(raw: &str) -> Result<Option<Self>, Problem> {
        let line = squeeze_line(raw)?;
        if line.chars().count() > PURPOSE_CHARACTERS {
            return Err(Problem::new("Shorten this to 140 characters."));
        }
        Ok((!line.is_empty()).then_some(Self(line)))
    }

    /// The sentence.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why the answers are worth a second look. It is asked once, gently, and never blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Forty times the same answer.
    AllTheSame,
    /// Half of the pages were answered faster than they can be read.
    Hurried,
    /// A very good result, and "definitely not" again.
    BetterThanFelt,
    /// A very poor result, and "definitely" again.
    WorseThanFelt,
}

impl Doubt {
    /// The question.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Self::AllTheSame => "You gave the same answer everywhere. Look again?",
            Self::Hurried => "That was quick. Look at your answers again?",
            Self::BetterThanFelt => {
                "Your answers say that this partnership is strongly aligned, and you would not start it again. \
                 Want to look at your answers again?"
            }
            Self::WorseThanFelt => {
                "Your answers say that very little is shared, and you would definitely start this partnership again. \
                 Want to look at your answers again?"
            }
        }
    }
}

impl Assessment {
    /// The figures.
    #[must_use]
    pub fn score(&self) -> Score {
        score(&self.answers)
    }

    /// The day the result is of: the last change of its answers.
    #[must_use]
    pub fn dated(&self) -> Timestamp {
        self.finished_at
            .map_or(self.changed_at, |finished| finished.max(self.changed_at))
    }

    /// True once the result was asked for.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.finished_at.is_some()
    }

    /// The first page with a statement that has no answer; `None` where all have one.
    #[must_use]
    pub fn first_open_page(&self) -> Option<usize> {
        let is_open = |factor: &Factor| {
            let answers = self.answers.get(*factor);
            answers
                .iter()
                .any(|answer| answer == crate::assessment::model::answers::ItemAnswer::Missing)
        };
        Factor::ASKED.into_iter().find(is_open).map(Factor::page)
    }

    /// True where the answers are not to be counted with others': given without reading.
    #[must_use]
    pub fn is_careless(&self) -> bool {
        self.answers.all_the_same() || self.is_hurried()
    }

    fn is_hurried(&self) -> bool {
        self.hurried.count_ones() >= MEDIAN_OF_PAGES
    }

    /// What to ask about before the result is shown.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        if self.answers.all_the_same() {
            return Some(Doubt::AllTheSame);
        }
        if self.is_hurried() {
            return Some(Doubt::Hurried);
        }
        let index = self.score().whole?.index;
        let (worst, best) = (AGAIN.first()?.0, AGAIN.last()?.0);
        match self.closing.again.as_deref() {
            Some(again) if again == worst && index >= 80.0 => Some(Doubt::BetterThanFelt),
            Some(again) if again == best && index < 25.0 => Some(Doubt::WorseThanFelt),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Relationship;
    use crate::assessment::model::answers::FactorAnswers;

    fn assessment(letters: &str) -> Assessment {
        let at = Timestamp::UNIX_EPOCH;
        Assessment {
            id: 1,
            public_id: PublicId::random(),
            view_generation: 0,
            first_id: None,
            parties: Parties {
                relationship: Relationship::Partner,
                side: None,
                us: "Contoso".to_owned(),
                partner: "Northwind".to_owned(),
            },
            answers: Answers::from_fn(|_| FactorAnswers::parse(letters).unwrap()),
            closing: Closing::default(),
            hurried: 0,
            asked_again: false,
            in_benchmark: false,
            sample: false,
            frozen: false,
            answered_as: AnsweredAs::Alone,
            created_at: at,
            changed_at: at,
            finished_at: None,
            keep_until: at,
        }
    }

    fn with_again(letters: &str, again: &str) -> Assessment {
        let mut assessment = assessment(letters);
        assessment.closing.again = Some(again.to_owned());
        assessment
    }

    #[test]
    fn doubts_are_few() {
        assert_eq!(assessment("33333333").doubt(), Some(Doubt::AllTheSame));
        assert_eq!(assessment("33333332").doubt(), None);
        assert_eq!(
            with_again("44443444", "definitely_not").doubt(),
            Some(Doubt::BetterThanFelt)
        );
        assert_eq!(with_again("44443444", "probably_not").doubt(), None);
        assert_eq!(with_again("00001000", "definitely").doubt(), Some(Doubt::WorseThanFelt));
        let mut hurried = assessment("33333332");
        hurried.hurried = 0b1011;
        assert_eq!(hurried.doubt(), Some(Doubt::Hurried));
        assert!(hurried.is_careless());
    }

    #[test]
    fn the_first_open_page_follows_the_order_of_the_questions() {
        let mut assessment = assessment("33333332");
        assert_eq!(assessment.first_open_page(), None);
        assessment.answers.risk = FactorAnswers::parse("3333333-").unwrap();
        assert_eq!(assessment.first_open_page(), Some(2));
        assessment.answers.vision = FactorAnswers::parse("d33333--").unwrap();
        assert_eq!(assessment.first_open_page(), Some(1));
    }

    #[test]
    fn a_purpose_is_one_short_line() {
        assert_eq!(PurposeSentence::parse("  ").unwrap(), None);
        assert_eq!(
            PurposeSentence::parse(" Sell \n more ").unwrap().unwrap().as_str(),
            "Sell more"
        );
        assert!(PurposeSentence::parse(&"é".repeat(140)).is_ok());
        assert!(PurposeSentence::parse(&"é".repeat(141)).is_err());
        assert!(PurposeSentence::parse("a\0b").is_err());
    }
}
