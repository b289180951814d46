//! Who of a report is who of ours: by address, by what an organizer said before, and by name where only one is called so.

use std::collections::HashMap;

use super::store::SeatHolder;
use super::{AttendanceFile, Stay};
use crate::contacts::words::fold;
use crate::db::micros;
use crate::values::EmailAddress;

/// Somebody of a report, with all their stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attendant {
    pub name: String,
    pub email: Option<EmailAddress>,
    pub is_host: bool,
    /// Pairs of microseconds.
    pub stays: Vec<(i64, i64)>,
}

impl Attendant {
    /// What they are found by: the key of their address, or their name, folded.
    pub(crate) fn alias(&self) -> String {
        let by_name = || fold(&self.name);
        self.email.as_ref().map_or_else(by_name, EmailAddress::key)
    }
}

/// Those of a report, in its order.
pub(crate) fn attendants(file: &AttendanceFile) -> Vec<Attendant> {
    let mut people: Vec<Attendant> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for stay in &file.stays {
        let attendant = attendant(stay);
        let alias = attendant.alias();
        if let Some(known) = places.get(&alias).and_then(|place| people.get_mut(*place)) {
            known.stays.extend(attendant.stays);
        } else {
            places.insert(alias, people.len());
            people.push(attendant);
        }
    }
    people
}

fn attendant(stay: &Stay) -> Attendant {
    Attendant {
        name: stay.name.clone(),
        email: stay.email.clone(),
        is_host: stay.is_host,
        stays: vec![(micros(stay.from), micros(stay.to))],
    }
}

/// What became of those of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Matched {
    /// A registration, and when its holder was there.
    pub found: Vec<(i64, Vec<(i64, i64)>)>,
    /// Nobody that we know of.
    pub unmatched: Vec<Attendant>,
    /// Those who held it.
    pub hosts: usize,
}

/// Finds out.
pub(crate) fn find(attendants: Vec<Attendant>, seat_holders: &[SeatHolder]) -> Matched {
    let registered = HolderIndex::of(seat_holders);
    let mut by_seat: HashMap<i64, Vec<(i64, i64)>> = HashMap::new();
    let mut order = Vec::new();
    let mut matched = Matched::default();
    for attendant in attendants {
        match registered.find(&attendant) {
            Some(seat) => {
                if !by_seat.contains_key(&seat) {
                    order.push(seat);
                }
                by_seat.entry(seat).or_default().extend(attendant.stays);
            }
            None if attendant.is_host => matched.hosts += 1,
            None => matched.unmatched.push(attendant),
        }
    }
    matched.found = order
        .into_iter()
        .filter_map(|seat| Some((seat, by_seat.remove(&seat)?)))
        .collect();
    matched
}

/// Everybody who was registered, by what they are found by.
struct HolderIndex<'e> {
    addresses: HashMap<&'e str, i64>,
    aliases: HashMap<&'e str, i64>,
    /// `None`: several are called so.
    names: HashMap<String, Option<i64>>,
}

impl<'e> HolderIndex<'e> {
    fn of(seat_holders: &'e [SeatHolder]) -> Self {
        let mut registered = Self {
            addresses: HashMap::with_capacity(seat_holders.len()),
            aliases: HashMap::new(),
            names: HashMap::with_capacity(seat_holders.len()),
        };
        for holder in seat_holders {
            let id = holder.registration_id;
            registered.addresses.insert(&holder.email_key, id);
            let aliases = holder.aliases.as_deref().unwrap_or_default().lines();
            registered.aliases.extend(aliases.map(|alias| (alias, id)));
            registered
                .names
                .entry(fold(&holder.name))
                .and_modify(|one| *one = None)
                .or_insert(Some(id));
        }
        registered
    }

    /// A name decides only where the report gives no address.
    fn find(&self, attendant: &Attendant) -> Option<i64> {
        let alias = attendant.alias();
        if let Some(seat) = self.aliases.get(alias.as_str()) {
            return Some(*seat);
        }
        match &attendant.email {
            Some(_) => self.addresses.get(alias.as_str()).copied(),
            None => self.names.get(&alias).copied().flatten(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(id: i64, email: &str, name: &str, aliases: &str) -> SeatHolder {
        SeatHolder {
            registration_id: id,
            contact_id: id,
            email_key: email.to_owned(),
            name: name.to_owned(),
            aliases: Some(aliases.to_owned()).filter(|aliases| !aliases.is_empty()),
        }
    }

    fn there(name: &str, email: &str) -> Attendant {
        Attendant {
            name: name.to_owned(),
            email: EmailAddress::parse(email).ok(),
            is_host: false,
            stays: vec![(1, 2)],
        }
    }

    #[test]
    fn an_address_goes_before_a_name() {
        let seat_holders = [
            holder(1, "ada@example.org", "Ada Åkesson", ""),
            holder(2, "ben@example.org", "Ben Berg", "ben.private@example.com\nbenny b"),
            holder(3, "one@example.org", "Sam Same", ""),
            holder(4, "two@example.org", "Sam Same", ""),
        ];
        let matched = find(
            vec![
                there("Whoever", "ADA@example.org"),
                there("ada akesson", ""),
                there("Benny B", ""),
                there("B", "ben.private@example.com"),
                there("Sam Same", ""),
                there("Ada Åkesson", "other@example.org"),
            ],
            &seat_holders,
        );
        assert_eq!(matched.found, [(1, vec![(1, 2), (1, 2)]), (2, vec![(1, 2), (1, 2)])]);
        let unmatched: Vec<&str> = matched.unmatched.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            unmatched,
            ["Sam Same", "Ada Åkesson"],
            "two of one name, and another address, are nobody for sure"
        );
    }
}
