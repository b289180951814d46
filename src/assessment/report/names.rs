//! Names of two sides where there is little room: what is cut must not make one of the other.

/// Names up to this length are hardly ever cut.
const SHORT: usize = 12;
/// So many letters of each end stay in the narrowest place.
const ENDS: usize = 3;

/// True where two names, cut in the middle, could read the same.
pub(super) fn look_alike(a: &str, b: &str) -> bool {
    let is_long = |name: &str| name.chars().count() > SHORT;
    let begin = |name: &str| name.chars().take(ENDS).collect::<String>();
    let end = |name: &str| name.chars().rev().take(ENDS).collect::<String>();
    (is_long(a) || is_long(b)) && begin(a) == begin(b) && end(a) == end(b)
}

/// What the two sides are called where their names would not fit.
pub(super) fn short<'n>(a: &'n str, b: &'n str) -> [&'n str; 2] {
    if look_alike(a, b) {
        ["inviting side", "invited side"]
    } else {
        [a, b]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_only_in_the_middle_are_not_cut() {
        assert!(look_alike("North Hospital North", "North Clinic North"));
        assert!(!look_alike("University Hospital North", "University Hospital South"));
        assert!(!look_alike("Contoso A", "Contoso B"));
        assert_eq!(short("Contoso", "Northwind"), ["Contoso", "Northwind"]);
    }
}
