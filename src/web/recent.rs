//! What was made or read last, kept in memory up to a bound.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values by key; the oldest ones go when all together are larger than the bound.
pub(crate) struct Recent<K, V> {
    most: usize,
    size: fn(&V) -> usize,
    values: Mutex<VecDeque<(K, V)>>,
}

impl<K: PartialEq, V: Clone> Recent<K, V> {
    /// At most so many bytes, and at least one value.
    pub(crate) fn new(most: usize, size: fn(&V) -> usize) -> Self {
        Self {
            most,
            size,
            values: Mutex::default(),
        }
    }

    pub(crate) fn find(&self, key: &K) -> Option<V> {
        let values = self.values();
        values
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.clone())
    }

    pub(crate) fn keep(&self, key: K, value: V) {
        let mut values = self.values();
        values.retain(|(known, _)| *known != key);
        values.push_back((key, value));
        while values.len() > 1 && values.iter().map(|(_, value)| (self.size)(value)).sum::<usize>() > self.most {
            values.pop_front();
        }
    }

    fn values(&self) -> MutexGuard<'_, VecDeque<(K, V)>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_the_last_one_stays() {
        let recent = Recent::new(10, |text: &String| text.len());
        recent.keep(1, "12345".to_owned());
        recent.keep(2, "12345".to_owned());
        recent.keep(3, "1".to_owned());
        assert_eq!((recent.find(&1), recent.find(&3)), (None, Some("1".to_owned())));
        recent.keep(4, "far too much for it".to_owned());
        assert!(recent.find(&2).is_none() && recent.find(&4).is_some());
    }
}
