//! What those who only look see of people: everything, or initials where an owner says so.

use super::Console;
use crate::organizers::Role;

/// The setting, and its value for initials.
pub(crate) const VIEWERS_SEE: &str = "org.viewers_see";
/// See [`VIEWERS_SEE`].
pub(crate) const INITIALS: &str = "initials";

impl Console {
    /// Whether names and addresses are kept from whoever is signed in.
    pub(crate) fn hides_people(&self) -> bool {
        self.around.viewers_see_initials && self.who.role == Role::Viewer
    }

    /// A person's name, as they may see it.
    pub(crate) fn name(&self, name: &str) -> String {
        if self.hides_people() {
            initials(name)
        } else {
            name.to_owned()
        }
    }

    /// A person's address, as they may see it.
    pub(crate) fn address(&self, address: &str) -> String {
        if self.hides_people() {
            hidden(address)
        } else {
            address.to_owned()
        }
    }
}

/// "Jane van der Doe" reads "J. v. d. D."
fn initials(name: &str) -> String {
    let letters = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let initials: Vec<String> = letters.take(5).map(|letter| format!("{letter}.")).collect();
    if initials.is_empty() {
        "…".to_owned()
    } else {
        initials.join(" ")
    }
}

/// "jane.doe@example.com" reads "j…@e…"
fn hidden(address: &str) -> String {
    let first = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}…@{}…", first(local), first(domain)),
        None => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_say_who_to_those_who_know() {
        for (name, said) in [
            ("Jane Doe", "J. D."),
            ("Jane van der Doe", "J. v. d. D."),
            ("  王 小明 ", "王. 小."),
            ("(Bo) O’Neil", "B. O."),
            ("<b>x</b>", "b."),
            ("🙂", "…"),
            ("a b c d e f g", "a. b. c. d. e."),
        ] {
            assert_eq!(initials(name), said);
        }
        assert_eq!(hidden("jane.doe@example.com"), "j…@e…");
        assert_eq!(hidden("nobody"), "…");
    }
}
