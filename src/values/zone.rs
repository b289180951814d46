//! A time zone by its IANA name.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use super::Problem;

/// The rules have it for machines whose zone nobody set; it is no place.
const FACTORY: &str = "Factory";

/// A zone that the bundled rules know: `America/Los_Angeles`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// Reads an IANA name.
    ///
    /// # Errors
    /// When the rules bundled with this binary do not know it.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let unknown = || Problem::new("Choose a time zone like Europe/Berlin.");
        let rules = TimeZone::get(raw.trim()).map_err(|_| unknown())?;
        let name = rules.iana_name().ok_or_else(unknown)?.to_owned();
        if name == FACTORY {
            return Err(unknown());
        }
        Ok(Self { name, rules })
    }

    /// A zone that was stored. One that newer rules dropped is UTC, so that no page goes with it.
    #[must_use]
    pub fn stored(name: &str) -> Self {
        Self::parse(name).unwrap_or_else(|_| Self::utc())
    }

    /// The names to choose from.
    #[must_use]
    pub fn names() -> Vec<String> {
        let names = jiff::tz::db().available().map(|name| name.to_string());
        names.filter(|name| name != FACTORY).collect()
    }

    /// Coordinated Universal Time.
    #[must_use]
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            rules: TimeZone::UTC,
        }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the clocks of this zone show at an instant.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> ZonedDateTime {
        instant.to_zoned_datetime(self.rules.clone())
    }

    /// The rules, for reading a local date and time.
    #[must_use]
    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_iana_names_only() {
        assert_eq!(
            Zone::parse("America/Los_Angeles").unwrap().name(),
            "America/Los_Angeles"
        );
        assert_eq!(Zone::parse("UTC").unwrap(), Zone::utc());
        for raw in [
            "",
            "Mars/Olympus",
            "PST8PDT7",
            "../etc/passwd",
            "Europe/Berlin\0",
            "Factory",
            "factory",
        ] {
            assert!(Zone::parse(raw).is_err(), "{raw:?}");
        }
        assert_eq!(Zone::stored("Mars/Olympus"), Zone::utc());
        assert!(Zone::names().contains(&"Europe/Berlin".to_owned()) && !Zone::names().contains(&FACTORY.to_owned()));
    }
}
