//! What strangers typed and others may get to see.
//!
//! Anybody can type anybody's address, with any words as the name. Until the owner of the address has shown that the
//! name is theirs, those words are a stranger's: a mail program must find nothing in them to make a link of, and they must
//! not read like a message of ours. The rule is here, so that no mail, page or file has one of its own.

use std::fmt;

use super::line::{is_joiner, is_unseen, narrow, squeeze};

/// Most characters of a stranger's words that stand in a mail: a name, not a message.
const MOST_IN_MAIL: usize = 40;

/// A stranger's words, such as a name. They print only by a decision about who reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said(String);

impl Said {
    /// As they were typed, or stored.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// All of it: for whoever typed it, for organizers, and for files that go to them.
    #[must_use]
    pub fn whole(&self) -> &str {
        &self.0
    }

    /// For the body of a mail to somebody who has not confirmed it: letters only, and cut. `None` where anything in it
    /// could become a link, or nothing is left.
    #[must_use]
    pub fn plain(&self) -> Option<String> {
        if could_become_a_link(&self.0) {
            return None;
        }
        let words = self
            .0
            .split_whitespace()
            .filter(|word| !word.chars().any(char::is_numeric))
            .map(|word| word.chars().filter(|c| is_of_a_name(*c)).collect::<String>())
            .filter(|word| word.chars().any(char::is_alphabetic));
        let plain = cut(words);
        (!plain.is_empty() && !could_become_a_link(&plain)).then_some(plain)
    }

    /// For pages and files that others open: all of it, with a blank wherever a program would see a web address.
    #[must_use]
    pub fn unlinked(&self) -> String {
        let mut unlinked = String::with_capacity(self.0.len());
        let mut letters = self.0.chars().filter(|c| !is_unseen(*c) || is_joiner(*c)).peekable();
        while let Some(letter) = letters.next() {
            unlinked.push(letter);
            let binds = matches!(narrow(letter), '.' | '@' | ':' | '/' | '\\');
            if binds && letters.peek().is_some_and(|next| narrow(*next).is_alphanumeric()) {
                unlinked.push(' ');
            }
        }
        unlinked
    }
}

/// Whole words, as long as they fit; of a first word that is too long, its beginning.
fn cut(words: impl Iterator<Item = String>) -> String {
    let mut kept = String::new();
    for word in words {
        let length = kept.chars().count() + 1 + word.chars().count();
        if !kept.is_empty() && length > MOST_IN_MAIL {
            break;
        }
        kept = squeeze(&format!("{kept} {word}"));
    }
    kept.chars().take(MOST_IN_MAIL).collect()
}

/// Letters, what is written above and below them, and the few marks that names have.
fn is_of_a_name(c: char) -> bool {
    match c {
        '\'' | '-' | '.' | '`' | '\u{B4}' | '\u{B7}' | '\u{2010}' | '\u{2011}' | '\u{2018}' | '\u{2019}'
        | '\u{30FB}' => true,
        _ if c.is_alphabetic() || is_joiner(c) => true,
        _ => !(c.is_ascii() || c.is_control() || is_unseen(c) || is_symbol(c)),
    }
}

/// Marks and pictures outside ASCII that no name has; combining marks are none of them.
fn is_symbol(c: char) -> bool {
    matches!(
        c,
        '\u{A0}'..='\u{BF}'
            | '\u{D7}'
            | '\u{F7}'
            | '\u{2000}'..='\u{206F}'
            | '\u{20A0}'..='\u{20CF}'
            | '\u{2100}'..='\u{2BFF}'
            | '\u{2E00}'..='\u{2E7F}'
            | '\u{3000}'..='\u{303F}'
            | '\u{E000}'..='\u{F8FF}'
            | '\u{FE00}'..='\u{FE1F}'
            | '\u{FE30}'..='\u{FE6F}'
            | '\u{FF00}'..='\u{FF0F}'
            | '\u{FF1A}'..='\u{FF20}'
            | '\u{FF3B}'..='\u{FF40}'
            | '\u{FF5B}'..='\u{FF65}'
            | '\u{FFE0}'..='\u{FFFF}'
            | '\u{1F000}'..='\u{1FAFF}'
            | '\u{E0000}'..='\u{10FFFF}'
    )
}

/// Whether a mail program might make a link of it: an address of the web or of mail, with or without its scheme, whatever
/// the alphabet. It says yes too often rather than too seldom: `St.Clair` is greeted without the name.
pub(super) fn could_become_a_link(words: &str) -> bool {
    let seen: Vec<char> = words.chars().filter(|c| !is_unseen(*c)).map(narrow).collect();
    if seen.iter().any(|c| matches!(c, '@' | ':' | '/' | '\\')) {
        return true;
    }
    seen.windows(4).any(|four| match four {
        [before, '.', next, after] => {
            !before.is_whitespace() && next.is_alphanumeric() && (after.is_alphanumeric() || *after == '-')
        }
        _ => false,
    })
}

/// How a mail addresses its recipient: prints as what stands between the word of greeting and its comma, " Ada" or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Greeting(Option<String>);

impl Greeting {
    /// By name: all of it where its owner has confirmed that name, else what can do no harm.
    #[must_use]
    pub fn new(name: &Said, is_confirmed: bool) -> Self {
        Self(if is_confirmed {
            Some(name.0.clone())
        } else {
            name.plain()
        })
    }

    /// The name, where one may be said: for the head of a mail and for a calendar entry.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Display for Greeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, " {name}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(words: &str) -> Option<String> {
        Said::new(words).plain()
    }

    #[test]
    fn people_are_greeted_by_their_names() {
        for name in [
            "Ada Lovelace",
            "J.R.R. Tolkien",
            "Sinéad O’Connor",
            "Sinéad O'Connor",
            "Jean-Luc",
            "李小龍",
            "محمد علي",
            "अर्जुन",
            "สมชาย",
            "Anne\u{200C}Marie",
            "Gal·la",
            "ジョン・スミス",
        ] {
            assert_eq!(plain(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn what_is_no_name_falls_away() {
        for (typed, greeted) in [
            ("Ada 🙂", "Ada"),
            ("Martin Luther King, Jr.", "Martin Luther King Jr."),
            ("Account locked! Call 0800 123 456", "Account locked Call"),
            ("Ada ①②③ ٠٨٠٠", "Ada"),
            ("John Smith 3rd", "John Smith"),
            ("«Ada» <b>", "Ada b"),
            (
                "This account of yours was closed and you must now answer",
                "This account of yours was closed and you",
            ),
        ] {
            assert_eq!(plain(typed).as_deref(), Some(greeted), "{typed}");
        }
        assert_eq!(plain(&"ab".repeat(60)).unwrap().len(), MOST_IN_MAIL);
        for nothing in ["", "🙂", "0800 123456", "!!!", "\u{3164}"] {
            assert_eq!(plain(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn what_could_become_a_link_is_not_said() {
        for typed in [
            "Win iPhone t.me/prize",
            "Jo.Link",
            "evil.de",
            "evil\u{200B}.de",
            "ｅｖｉｌ．ｄｅ",
            "evil。de",
            "пример.рф",
            "مثال.إختبار",
            "Mike @ Acme",
            "mike@acme.org",
            "http:evil",
            "tel:0800",
            r"\\server\share",
            "10.0.0.12",
            "a.co-op",
            "evil-.de",
            "evil!.de",
            "𝐞𝐯𝐢𝐥.𝐝𝐞",
        ] {
            assert_eq!(plain(typed), None, "{typed}");
        }
    }

    #[test]
    fn others_read_it_with_nothing_to_click() {
        for (typed, read) in [
            ("Contoso", "Contoso"),
            ("Booking.com", "Booking. com"),
            ("http://evil.de/x", "http:// evil. de/ x"),
            ("Tom@Acme", "Tom@ Acme"),
            ("S.p.A. 4.5", "S. p. A. 4. 5"),
        ] {
            assert_eq!(Said::new(typed).unlinked(), read);
        }
    }

    #[test]
    fn a_greeting_prints_with_and_without_a_name() {
        let said = Said::new("Jo.Link");
        assert_eq!(format!("Hello{},", Greeting::new(&said, false)), "Hello,");
        assert_eq!(format!("Hello{},", Greeting::new(&said, true)), "Hello Jo.Link,");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn no_words_at_all_become_a_link(words in "\\PC{0,80}|[a-z@:/\\\\.．。 0-9\u{200B}-]{0,60}") {
            if let Some(plain) = plain(&words) {
                prop_assert!(plain.chars().count() <= MOST_IN_MAIL);
                prop_assert!(!plain.chars().any(|c| c.is_numeric() || "@:/\\<>\"!?,;".contains(c)), "{plain}");
                prop_assert!(!could_become_a_link(&plain), "{plain}");
            }
            prop_assert!(!could_be_clicked(&Said::new(words).unlinked()));
        }
    }

    /// An address of the web or of mail that a program would find: it has no blank.
    fn could_be_clicked(words: &str) -> bool {
        words.split_whitespace().any(|word| {
            let word: Vec<char> = word.chars().map(narrow).collect();
            word.windows(2)
                .any(|two| matches!(two[0], '.' | '@' | ':' | '/' | '\\') && two[1].is_alphanumeric())
        })
    }
}
