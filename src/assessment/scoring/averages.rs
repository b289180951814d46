//! The organizers' averages of one kind of relationship: pure functions over the figures of results.

use serde::{Deserialize, Serialize};

use crate::assessment::model::factor::{Factor, PerFactor};
use crate::assessment::scoring::benchmark::STEP;
use crate::assessment::scoring::mean;

/// The figures of one complete result, without whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The index.
    pub index: f64,
    /// The factor scores.
    pub scores: PerFactor<f64>,
    /// The weakest factor.
    pub weakest: Option<Factor>,
}

/// What all of them say together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Averages {
    /// How many there are.
    pub results: usize,
    /// Of the index.
    pub index: Average,
    /// Of the factor scores.
    pub factors: PerFactor<Average>,
    /// In how many results each factor is the weakest.
    pub weakest: PerFactor<usize>,
}

/// A mean, and how far results lie from it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Average {
    pub mean: f64,
    pub spread: f64,
}

impl Averages {
    /// `None` of fewer than five results.
    #[must_use]
    pub fn of(results: &[Figures]) -> Option<Self> {
        if results.len() < STEP {
            return None;
        }
        let of = |value: &dyn Fn(&Figures) -> f64| Average::of(&results.iter().map(value).collect::<Vec<_>>());
        let weakest = |factor| results.iter().filter(|one| one.weakest == Some(factor)).count();
        Some(Self {
            results: results.len(),
            index: of(&|one| one.index),
            factors: PerFactor::from_fn(|factor| of(&|one| *one.scores.get(factor))),
            weakest: PerFactor::from_fn(weakest),
        })
    }
}

impl Average {
    fn of(values: &[f64]) -> Self {
        let middle = mean(values);
        let squares: Vec<f64> = values.iter().map(|value| (value - middle).powi(2)).collect();
        Self {
            mean: middle,
            spread: mean(&squares).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_results_have_averages() {
        let figures = |index| Figures {
            index,
            scores: PerFactor::from_fn(|_| index),
            weakest: Some(Factor::Risk),
        };
        let five: Vec<Figures> = [40.0, 40.0, 50.0, 60.0, 60.0].map(figures).into();
        assert_eq!(Averages::of(&five[..4]), None);
        let found = Averages::of(&five).unwrap();
        assert!((found.index.mean - 50.0).abs() < 1e-9 && (found.index.spread - 80.0_f64.sqrt()).abs() < 1e-9);
        assert_eq!((found.weakest.risk, found.weakest.values), (5, 0));
    }
}
