//! How a result stands among others: pure functions over a histogram of shown indexes.
//!
//! Others are assessments that opted in, each with the latest complete result of its repeats. Of fewer than five
//! nothing is said, and the less there are the coarser it is said. Whoever answers chose to: this is "people who used
//! this tool", not all partnerships.

use crate::values::Problem;

/// With fewer others nothing is said.
pub(crate) const NEEDED: u64 = 5;
/// New results are taken in when there are at least so many, so that no step shows one of them.
pub(crate) const STEP: usize = 5;
/// From here on quarters are told, and the spread is drawn.
const FOR_QUARTERS: u64 = 20;
/// From here on a share is told, rounded to five.
const FOR_SHARES: u64 = 100;
/// Points within which a result is near the middle.
const NEAR: i64 = 8;

/// How many results stand at each index from 0 to 100.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram(Vec<u64>);

impl Default for Histogram {
    fn default() -> Self {
        Self(vec![0; 101])
    }
}

impl Histogram {
    /// Counts a shown index.
    pub fn add(&mut self, index: i64) {
        let place = usize::try_from(index).ok().and_then(|index| self.0.get_mut(index));
        if let Some(count) = place {
            *count += 1;
        }
    }

    /// The same without one result at this index.
    #[must_use]
    pub fn without(mut self, index: i64) -> Self {
        let place = usize::try_from(index).ok().and_then(|index| self.0.get_mut(index));
        if let Some(count) = place {
            *count = count.saturating_sub(1);
        }
        self
    }

    /// All results.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// As it is stored: 101 numbers.
    #[must_use]
    pub fn store(&self) -> String {
        let numbers: Vec<String> = self.0.iter().map(u64::to_string).collect();
        numbers.join(" ")
    }

    /// Reads what was stored.
    ///
    /// # Errors
    /// Anything but 101 numbers.
    pub fn parse(stored: &str) -> Result<Self, Problem> {
        let numbers: Result<Vec<u64>, _> = stored.split(' ').map(str::parse).collect();
        let numbers = numbers.map_err(|_| Problem::new("a histogram holds numbers"))?;
        if numbers.len() != 101 {
            return Err(Problem::new("a histogram has 101 numbers"));
        }
        Ok(Self(numbers))
    }

    /// The share of results below an index and half of those at it, in percent.
    #[must_use]
    pub fn percentile(&self, index: i64) -> f64 {
        let (mut below, mut equal) = (0, 0);
        for (place, count) in (0_i64..).zip(&self.0) {
            if place < index {
                below += count;
            } else if place == index {
                equal += count;
            }
        }
        let total = self.total().max(1);
        #[expect(clippy::cast_precision_loss, reason = "counts of results are far below 2^52")]
        let share = 100.0 * (below as f64 + 0.5 * equal as f64) / total as f64;
        share
    }

    /// The least index that so many percent of the results do not exceed.
    #[must_use]
    pub fn quantile(&self, percent: u64) -> i64 {
        let wanted = (self.total() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (place, count) in (0_i64..).zip(&self.0) {
            seen += count;
            if seen >= wanted {
                return place;
            }
        }
        100
    }
}

/// Where a result stands among others, as fine as their number allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How many others.
    pub others: u64,
    /// "higher than about 40 of 100 similar partnerships"
    pub words: String,
    /// The 10th, 50th and 90th percentile; `None` where so few others would be told one by one.
    pub spread: Option<(i64, i64, i64)>,
}

/// Where a shown index stands. `None`: there are too few others.
#[must_use]
pub(crate) fn standing(others: &Histogram, index: i64) -> Option<Standing> {
    let count = others.total();
    if count < NEEDED {
        return None;
    }
    let percentile = others.percentile(index);
    let words = match count {
        count if count < FOR_QUARTERS => middle(index - others.quantile(50)).to_owned(),
        count if count < FOR_SHARES => quarter(percentile).to_owned(),
        _ => format!("higher than about {} of 100 similar partnerships", rounded(percentile)),
    };
    let spread = || (others.quantile(10), others.quantile(50), others.quantile(90));
    Some(Standing {
        others: count,
        words,
        spread: (count >= FOR_QUARTERS).then(spread),
    })
}

fn middle(from_median: i64) -> &'static str {
    match from_median {
        ..=-9 => "below the middle of similar partnerships",
        NEAR.. if from_median > NEAR => "above the middle of similar partnerships",
        _ => "near the middle of similar partnerships",
    }
}

fn quarter(percentile: f64) -> &'static str {
    match percentile {
        share if share < 25.0 => "in the lowest quarter of similar partnerships",
        share if share < 50.0 => "in the second quarter from below of similar partnerships",
        share if share < 75.0 => "in the second quarter from above of similar partnerships",
        _ => "in the highest quarter of similar partnerships",
    }
}

/// To five, and never 0 or 100.
#[expect(clippy::cast_possible_truncation, reason = "a percentile lies between 0 and 100")]
fn rounded(percentile: f64) -> i64 {
    ((percentile / 5.0).round() as i64 * 5).clamp(5, 95)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(indexes: impl IntoIterator<Item = i64>) -> Histogram {
        let mut histogram = Histogram::default();
        indexes.into_iter().for_each(|index| histogram.add(index));
        histogram
    }

    #[test]
    fn seven_below_and_two_equal_of_twenty_are_forty() {
        let others = of([40; 7].into_iter().chain([50; 2]).chain([60; 11]));
        assert!((others.percentile(50) - 40.0).abs() < 1e-9);
    }

    #[test]
    fn the_fewer_there_are_the_coarser_it_is_said() {
        assert_eq!(standing(&of([50; 4]), 50), None);
        let words = |others: Histogram, index| standing(&others, index).unwrap().words;
        assert_eq!(words(of([50; 5]), 58), "near the middle of similar partnerships");
        assert_eq!(words(of([50; 5]), 59), "above the middle of similar partnerships");
        assert_eq!(words(of([50; 19]), 41), "below the middle of similar partnerships");
        assert_eq!(
            words(of([50; 20]), 90),
            "in the highest quarter of similar partnerships"
        );
        assert_eq!(words(of([50; 99]), 10), "in the lowest quarter of similar partnerships");
        let hundred = || of((0..100).map(|index| index % 100));
        assert_eq!(words(hundred(), 42), "higher than about 45 of 100 similar partnerships");
        assert_eq!(
            words(hundred(), 100),
            "higher than about 95 of 100 similar partnerships"
        );
        assert_eq!(words(hundred(), 0), "higher than about 5 of 100 similar partnerships");
        assert_eq!(standing(&of([50; 19]), 50).unwrap().spread, None);
        assert_eq!(standing(&hundred(), 50).unwrap().spread, Some((9, 49, 89)));
    }

    #[test]
    fn what_is_stored_reads_back() {
        let histogram = of([0, 57, 57, 100]);
        assert_eq!(Histogram::parse(&histogram.store()).unwrap(), histogram);
        assert_eq!(histogram.clone().without(57).total(), 3);
        assert!(Histogram::parse("1 2 3").is_err());
    }
}
