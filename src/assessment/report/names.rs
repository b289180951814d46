//! Names of two sides where there is little room: what is cut must not make one of the other.

use crate::typesetting::{Style, Typesetter};

/// Two names as they fit, where they still tell the sides apart. `fit` says how a name reads where it stands.
pub(super) fn told_apart(names: [&str; 2], fit: impl Fn(&str) -> String) -> Option<[String; 2]> {
    let differ = |fitted: &[String; 2]| {
        let [one, other] = fitted.each_ref().map(|name| name.trim_matches('…'));
        one != other
    };
    let fitted = names.map(&fit);
    if differ(&fitted) {
        return Some(fitted);
    }
    // Names that begin alike differ further on.
    let [one, other] = names.map(|name| name.split(' ').collect::<Vec<_>>());
    let shared = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let rest = |words: Vec<&str>| {
        words
            .get(shared..)
            .filter(|rest| !rest.is_empty())
            .map(|rest| rest.join(" "))
    };
    let (one, other) = rest(one).zip(rest(other))?;
    let fitted = [one, other].map(|name| fit(&format!("…{name}")));
    differ(&fitted).then_some(fitted)
}

/// What the two sides are called in so much room.
pub(super) fn short(
    typesetter: &Typesetter,
    style: Style,
    names: [&str; 2],
    width: f32,
    usual: [&str; 2],
) -> [String; 2] {
    let fit = |name: &str| typesetter.shortened(style, name, width).text;
    told_apart(names, fit).unwrap_or_else(|| usual.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::super::style::LABEL;
    use super::*;
    use crate::typesetting::Fonts;

    fn both(a: &str, b: &str, width: f32) -> [String; 2] {
        let typesetter = Typesetter::new(&Fonts::load().unwrap());
        short(&typesetter, LABEL, [a, b], width, ["inviting side", "invited side"])
    }

    #[test]
    fn names_that_fit_stay() {
        assert_eq!(both("Contoso", "Northwind", 60.0), ["Contoso", "Northwind"]);
        assert_eq!(both("Contoso A", "Contoso B", 60.0), ["Contoso A", "Contoso B"]);
    }

    #[test]
    fn a_long_name_is_cut_after_a_word() {
        assert_eq!(
            both("Northwind Trading Company", "Contoso", 75.0),
            ["Northwind Trading…", "Contoso"]
        );
    }

    #[test]
    fn names_that_begin_alike_lose_their_beginning() {
        let names = both("University Hospital North", "University Hospital South", 60.0);
        assert_eq!(names, ["…North", "…South"]);
    }

    #[test]
    fn names_that_cannot_be_told_apart_are_not_cut() {
        let sides = ["inviting side", "invited side"];
        assert_eq!(both("Northwind", "Northwind Trading Company", 50.0), sides);
        assert_eq!(both("Contoso", "Contoso", 60.0), sides, "both have the same name");
        assert_eq!(
            both(
                "Donaudampfschifffahrtsgesellschaft A",
                "Donaudampfschifffahrtsgesellschaft B",
                40.0
            ),
            ["…A", "…B"]
        );
    }
}
