//! What a server says it can do (RFC 5321, 4.1.1.1).

use super::replies::ReplyLines;

/// The reply to EHLO, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) pipelining: bool,
    pub(super) starttls: bool,
    /// SIZE is known (RFC 1870).
    pub(super) has_size: bool,
    /// The largest mail it takes, where it says.
    pub(super) size: Option<usize>,
    /// Ways to sign in, in capitals.
    pub(super) auth: Vec<String>,
}

impl Offers {
    pub(super) fn read(ehlo: &ReplyLines) -> Self {
        let mut offers = Self::default();
        // The first line is the server's name.
        for line in ehlo.texts.iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // "AUTH=LOGIN" is how servers of the nineties said it, and some still do.
            let mut words = line.split([' ', '=', '\t']).filter(|word| !word.is_empty());
            match words.next() {
                Some("PIPELINING") => offers.pipelining = true,
                Some("STARTTLS") => offers.starttls = true,
                Some("SIZE") => {
                    offers.has_size = true;
                    // None and nought: it has a limit and does not say which.
                    offers.size = words.next().and_then(|size| size.parse().ok()).filter(|size| *size > 0);
                }
                Some("AUTH") => offers.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(lines: &[&str]) -> Offers {
        let texts = ["mail.example.org at your service"].iter().chain(lines);
        Offers::read(&ReplyLines {
            code: 250,
            texts: texts.map(|line| (*line).to_owned()).collect(),
        })
    }

    #[test]
    fn what_is_offered() {
        let all = offers(&[
            "pipelining",
            "SIZE 10240000",
            "StartTLS",
            "AUTH PLAIN login",
            "AUTH=LOGIN",
            "8BITMIME",
            "",
        ]);
        assert!(all.pipelining && all.starttls && all.has_size);
        assert_eq!(all.size, Some(10_240_000));
        assert_eq!(all.auth, ["PLAIN", "LOGIN", "LOGIN"]);
        assert_eq!(offers(&[]), Offers::default());
        for unlimited in ["SIZE", "SIZE 0", "SIZE 99999999999999999999999999", "SIZE many"] {
            assert_eq!(offers(&[unlimited]).size, None, "{unlimited}");
        }
        assert!(!offers(&["XPIPELINING", "SIZEABLE 5"]).pipelining);
    }
}
