//! The five factors, and a value for each of them.

use serde::{Deserialize, Serialize};

/// What two sides have to share. The order is that of every result; the questions have one of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Factor {
    Risk,
    Resources,
    Rewards,
    Vision,
    Values,
}

impl Factor {
    /// The order of results. Ties are broken in it.
    pub const ALL: [Self; 5] = [Self::Risk, Self::Resources, Self::Rewards, Self::Vision, Self::Values];

    /// The order of the questions: easy first, sensitive last.
    pub const ASKED: [Self; 5] = [Self::Vision, Self::Risk, Self::Resources, Self::Rewards, Self::Values];

    /// As it is stored, exported and named in addresses.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Resources => "resources",
            Self::Rewards => "rewards",
            Self::Vision => "vision",
            Self::Values => "values",
        }
    }

    /// Reads a key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.key() == key)
    }

    /// What the ids of its items begin with: `RI1` to `RI4`.
    #[must_use]
    pub fn letters(self) -> &'static str {
        match self {
            Self::Risk => "RI",
            Self::Resources => "RE",
            Self::Rewards => "RW",
            Self::Vision => "VI",
            Self::Values => "VA",
        }
    }

    /// Which page of questions it is on, from 1.
    #[must_use]
    pub fn page(self) -> usize {
        let before = Self::ASKED.into_iter().take_while(|factor| *factor != self);
        before.count() + 1
    }

    /// The factor asked on a page, from 1.
    #[must_use]
    pub fn on_page(page: usize) -> Option<Self> {
        Self::ASKED.get(page.checked_sub(1)?).copied()
    }
}

/// One value for each factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PerFactor<T> {
    pub risk: T,
    pub resources: T,
    pub rewards: T,
    pub vision: T,
    pub values: T,
}

impl<T> PerFactor<T> {
    /// Makes the value of each.
    pub fn from_fn(mut make: impl FnMut(Factor) -> T) -> Self {
        Self {
            risk: make(Factor::Risk),
            resources: make(Factor::Resources),
            rewards: make(Factor::Rewards),
            vision: make(Factor::Vision),
            values: make(Factor::Values),
        }
    }

    /// The value of one.
    pub fn get(&self, factor: Factor) -> &T {
        match factor {
            Factor::Risk => &self.risk,
            Factor::Resources => &self.resources,
            Factor::Rewards => &self.rewards,
            Factor::Vision => &self.vision,
            Factor::Values => &self.values,
        }
    }

    /// The value of one, to be changed.
    pub fn get_mut(&mut self, factor: Factor) -> &mut T {
        match factor {
            Factor::Risk => &mut self.risk,
            Factor::Resources => &mut self.resources,
            Factor::Rewards => &mut self.rewards,
            Factor::Vision => &mut self.vision,
            Factor::Values => &mut self.values,
        }
    }

    /// Another value for each.
    pub fn map<U>(&self, mut turn: impl FnMut(Factor, &T) -> U) -> PerFactor<U> {
        PerFactor::from_fn(|factor| turn(factor, self.get(factor)))
    }

    /// All of them with their factors, in the order of results.
    pub fn iter(&self) -> impl Iterator<Item = (Factor, &T)> {
        Factor::ALL.into_iter().map(|factor| (factor, self.get(factor)))
    }
}

impl<T> PerFactor<Option<T>> {
    /// All or nothing.
    pub fn all(self) -> Option<PerFactor<T>> {
        Some(PerFactor {
            risk: self.risk?,
            resources: self.resources?,
            rewards: self.rewards?,
            vision: self.vision?,
            values: self.values?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_keys_lead_back() {
        for factor in Factor::ALL {
            assert_eq!(Factor::parse(factor.key()), Some(factor));
            assert_eq!(Factor::on_page(factor.page()), Some(factor));
        }
        assert_eq!(Factor::on_page(0), None);
        assert_eq!(Factor::on_page(6), None);
    }
}
