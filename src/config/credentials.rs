//! User and password within an address. Some signs end them there, and what follows would be taken for the server.

/// What to do about such a sign, to stand behind the setting's name. No message tells any part of the address itself.
pub(super) const ADVICE: &str =
    "percent-encode # / ? @ and blanks in user and password: write %23 %2F %3F %40 %20, and %25 for %";

/// Whether nothing in user and password can be taken for something else (RFC 3986, 3.2).
pub(crate) fn are_encoded(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, beyond) = rest.split_at(end);
    let is_unclear = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    authority.matches('@').count() <= 1
        && !authority.contains(is_unclear)
        && !beyond.contains(|c: char| c == '@' || c == '#' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_taken_for_something_else_is_found() {
        for good in [
            "smtp://host",
            "smtp://user:pa55@host:587?tls=required&ca=/etc/ssl/relay.pem",
            "smtp://user%40example.org:12%2334@host",
            "smtp://u:a:b;c&d=e+f!g*h@host",
            "postgres://u:p@h/database?host=/var/run/postgresql",
        ] {
            assert!(are_encoded(good), "{good}");
        }
        for bad in [
            "smtp://user:12#34@host",
            "smtp://user:12?34@host",
            "smtp://user:12/34@host",
            "smtp://user@example.org:pa55@host",
            "smtp://user:p@ss@host",
            "smtp://user:12#34",
            "smtp://user:pa 55@host",
            "smtp://user:pa\t55@host",
            "smtp://user:pa\\55@host",
            "postgres://user:12#34@host/database",
            "postgres://host/database?password=12#34",
        ] {
            assert!(!are_encoded(bad), "{bad}");
        }
    }
}
