//! What somebody answered: for each of twenty statements, how far it is true of our side and of the partner's.

use crate::assessment::model::factor::{Factor, PerFactor};
use crate::values::Problem;

/// Statements of each factor.
pub const ITEMS: usize = 4;

/// How far a statement is true, from 0 "not at all" to 4 "fully".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating(u8);

impl Rating {
    /// The highest.
    pub const MOST: u8 = 4;

    /// Reads a number.
    #[must_use]
    pub fn new(points: u8) -> Option<Self> {
        (points <= Self::MOST).then_some(Self(points))
    }

    /// 0 to 4.
    #[must_use]
    pub fn points(self) -> u8 {
        self.0
    }
}

/// One answer. "Don't know" and nothing at all are kept apart and scored alike: both are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ItemAnswer {
    /// Not answered.
    #[default]
    Missing,
    /// "Don't know / does not apply".
    DontKnow,
    /// How far it is true.
    Rated(Rating),
}

impl ItemAnswer {
    /// As a form and an export say it: `0` to `4`, `dk`, or nothing.
    #[must_use]
    pub fn value(self) -> &'static str {
        match self {
            Self::Missing => "",
            Self::DontKnow => "dk",
            Self::Rated(Rating(points)) => ["0", "1", "2", "3", "4"].get(usize::from(points)).unwrap_or(&""),
        }
    }

    /// Reads a form's field.
    ///
    /// # Errors
    /// Anything but `0` to `4`, `dk` or nothing.
    pub fn parse(value: &str) -> Result<Self, Problem> {
        match value {
            "" => Ok(Self::Missing),
            "dk" => Ok(Self::DontKnow),
            _ => value
                .parse()
                .ok()
                .filter(|_| value.len() == 1)
                .and_then(Rating::new)
                .map(Self::Rated)
                .ok_or_else(|| Problem::new("Choose one of the answers.")),
        }
    }

    /// The points, where there are any.
    #[must_use]
    pub fn points(self) -> Option<u8> {
        match self {
            Self::Rated(rating) => Some(rating.points()),
            Self::Missing | Self::DontKnow => None,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Missing => '-',
            Self::DontKnow => 'd',
            Self::Rated(Rating(points)) => char::from(b'0' + points),
        }
    }

    fn of_letter(letter: char) -> Option<Self> {
        match letter {
            '-' => Some(Self::Missing),
            'd' => Some(Self::DontKnow),
            _ => letter
                .to_digit(10)
                .and_then(|points| u8::try_from(points).ok())
                .and_then(Rating::new)
                .map(Self::Rated),
        }
    }
}

/// Which of the two sides a statement is about, as the respondent sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The respondent's own.
    Us,
    /// The other one.
    Partner,
}

impl Side {
    /// The order they are asked in: whoever has looked at the other side first credits it more.
    /// Schroeder, Caruso & Epley 2016.
    pub const ASKED: [Self; 2] = [Self::Partner, Self::Us];

    /// What its form fields begin with.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Us => 'u',
            Self::Partner => 'p',
        }
    }

    /// As it is stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Partner => "partner",
        }
    }

    /// Reads a stored side.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Us, Self::Partner].into_iter().find(|side| side.key() == key)
    }
}

/// The eight answers of one factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactorAnswers {
    /// About the respondent's own side.
    pub us: [ItemAnswer; ITEMS],
    /// About the other side.
    pub partner: [ItemAnswer; ITEMS],
}

impl FactorAnswers {
    /// About one side.
    #[must_use]
    pub fn side(&self, side: Side) -> &[ItemAnswer; ITEMS] {
        match side {
            Side::Us => &self.us,
            Side::Partner => &self.partner,
        }
    }

    /// About one side, to be changed.
    pub fn side_mut(&mut self, side: Side) -> &mut [ItemAnswer; ITEMS] {
        match side {
            Side::Us => &mut self.us,
            Side::Partner => &mut self.partner,
        }
    }

    /// All eight, our side's first.
    pub fn iter(&self) -> impl Iterator<Item = ItemAnswer> {
        self.us.into_iter().chain(self.partner)
    }

    /// As it is stored: eight letters, our side's first; `-` is missing, `d` "don't know".
    #[must_use]
    pub fn letters(&self) -> String {
        self.iter().map(ItemAnswer::letter).collect()
    }

    /// Reads what was stored.
    ///
    /// # Errors
    /// Anything but eight of the letters.
    pub fn parse(letters: &str) -> Result<Self, Problem> {
        let read: Option<Vec<ItemAnswer>> = letters.chars().map(ItemAnswer::of_letter).collect();
        let wrong = || Problem::new("eight answers are expected");
        let read = read.ok_or_else(wrong)?;
        let (us, partner) = read.split_at_checked(ITEMS).ok_or_else(wrong)?;
        Ok(Self {
            us: us.try_into().map_err(|_| wrong())?,
            partner: partner.try_into().map_err(|_| wrong())?,
        })
    }

    /// What stands after a post: of each answer the one that this post changed since `seen` was shown, else the one
    /// that is stored. So two devices that answer the same page lose nothing of each other's.
    #[must_use]
    pub fn merged(stored: &Self, seen: &Self, posted: &Self) -> Self {
        let pick =
            |stored: ItemAnswer, seen: ItemAnswer, posted: ItemAnswer| if posted == seen { stored } else { posted };
        let side = |side: Side| {
            let mut merged = *stored.side(side);
            let others = seen.side(side).iter().zip(posted.side(side));
            for (answer, (seen, posted)) in merged.iter_mut().zip(others) {
                *answer = pick(*answer, *seen, *posted);
            }
            merged
        };
        Self {
            us: side(Side::Us),
            partner: side(Side::Partner),
        }
    }
}

/// All forty.
pub type Answers = PerFactor<FactorAnswers>;

impl Answers {
    /// All forty, factor by factor.
    pub fn each(&self) -> impl Iterator<Item = ItemAnswer> {
        Factor::ALL.into_iter().flat_map(|factor| self.get(factor).iter())
    }

    /// How many of the forty say something: a rating or "don't know".
    #[must_use]
    pub fn given(&self) -> usize {
        self.each().filter(|answer| *answer != ItemAnswer::Missing).count()
    }

    /// How many are ratings.
    #[must_use]
    pub fn rated(&self) -> usize {
        self.each().filter(|answer| answer.points().is_some()).count()
    }

    /// True where all forty ratings are the same one.
    #[must_use]
    pub fn all_the_same(&self) -> bool {
        let first = self.risk.us.first().and_then(|answer| answer.points());
        first.is_some() && self.each().all(|answer| answer.points() == first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back() {
        for letters in ["01234d--", "--------", "44444444"] {
            assert_eq!(FactorAnswers::parse(letters).unwrap().letters(), letters);
        }
        for wrong in ["", "0123456", "012345678", "5-------", "0123456é", "٣-------"] {
            assert!(FactorAnswers::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_field_is_one_of_six_answers_or_nothing() {
        for value in ["", "0", "1", "2", "3", "4", "dk"] {
            assert_eq!(ItemAnswer::parse(value).unwrap().value(), value);
        }
        for wrong in ["5", "-1", "04", "+3", "DK", "x", " 3", "٣"] {
            assert!(ItemAnswer::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn two_devices_lose_nothing_of_each_other() {
        let read = |letters| FactorAnswers::parse(letters).unwrap();
        let seen = read("12------");
        let first = read("1233----");
        let second = read("12----44");
        let stored = FactorAnswers::merged(&seen, &seen, &first);
        assert_eq!(FactorAnswers::merged(&stored, &seen, &second).letters(), "1233--44");
        assert_eq!(
            FactorAnswers::merged(&stored, &seen, &read("02------")).letters(),
            "0233----"
        );
    }

    #[test]
    fn the_same_answer_everywhere_is_noticed() {
        let everywhere = |letters: &str| Answers::from_fn(|_| FactorAnswers::parse(letters).unwrap());
        assert!(everywhere("33333333").all_the_same());
        assert!(!everywhere("33333332").all_the_same());
        assert!(!everywhere("dddddddd").all_the_same());
        assert_eq!(everywhere("33d-3333").given(), 35);
        assert_eq!(everywhere("33d-3333").rated(), 30);
    }
}
