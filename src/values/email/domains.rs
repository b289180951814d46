//! Domains that are mistyped often, and what was meant.

/// Where many people have their mail. A domain that is one slip away from one of these is asked about.
const POPULAR: [&str; 8] = [
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "outlook.com",
    "yahoo.com",
    "icloud.com",
    "protonmail.com",
    "t-online.de",
];

/// Real ones that look like a slip.
const REAL: [&str; 7] = [
    "mail.com",
    "ymail.com",
    "email.com",
    "hotmail.co",
    "yahoo.ca",
    "yahoo.co",
    "t-online.hu",
];

/// Endings that do not exist and are slips of one that does.
const ENDINGS: [(&str, &str); 15] = [
    ("con", "com"),
    ("cmo", "com"),
    ("ocm", "com"),
    ("comm", "com"),
    ("coom", "com"),
    ("ccom", "com"),
    ("cpm", "com"),
    ("cim", "com"),
    ("vom", "com"),
    ("xom", "com"),
    ("nte", "net"),
    ("ner", "net"),
    ("ogr", "org"),
    ("orgg", "org"),
    ("rog", "org"),
];

/// The domain that was probably meant, where this one is probably a slip.
pub(super) fn meant(domain: &str) -> Option<String> {
    if POPULAR.contains(&domain) || REAL.contains(&domain) {
        return None;
    }
    let slip = POPULAR.iter().find(|popular| is_one_slip(domain, popular));
    slip.map(|popular| (*popular).to_owned()).or_else(|| {
        let (name, ending) = domain.rsplit_once('.')?;
        let (_, right) = ENDINGS.iter().find(|(wrong, _)| *wrong == ending)?;
        let repaired = format!("{name}.{right}");
        // "gmial.con" is two slips from one.
        let popular = POPULAR.iter().find(|popular| is_one_slip(&repaired, popular));
        Some(popular.map_or(repaired, |popular| (*popular).to_owned()))
    })
}

/// One letter too many, too few, another one, or two the wrong way round.
fn is_one_slip(typed: &str, meant: &str) -> bool {
    let (typed, meant) = (typed.as_bytes(), meant.as_bytes());
    let same = typed.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (rest, wanted) = (typed.split_at(same).1, meant.split_at(same).1);
    match (rest, wanted) {
        ([_, typed @ ..], wanted) if typed == wanted => true,
        (typed, [_, wanted @ ..]) if typed == wanted => true,
        ([_, typed @ ..], [_, wanted @ ..]) if typed == wanted => true,
        ([a, b, typed @ ..], [c, d, wanted @ ..]) => a == d && b == c && typed == wanted,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_asked_about() {
        for (typed, right) in [
            ("gmail.con", "gmail.com"),
            ("gmial.com", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("gmial.con", "gmail.com"),
            ("hotmial.com", "hotmail.com"),
            ("outlok.com", "outlook.com"),
            ("yaho.com", "yahoo.com"),
            ("example.con", "example.com"),
            ("acme.ogr", "acme.org"),
        ] {
            assert_eq!(meant(typed).as_deref(), Some(right), "{typed}");
        }
    }

    #[test]
    fn real_domains_are_not() {
        for real in POPULAR.into_iter().chain(REAL).chain([
            "example.org",
            "acme.com",
            "mail.co",
            "gmbh.de",
            "love.com",
            "web.de",
            "gmx.net",
            "live.com",
            "conrad.com",
            "fastmail.com",
            "proton.me",
            "uni-bonn.de",
        ]) {
            assert_eq!(meant(real), None, "{real}");
        }
    }
}
