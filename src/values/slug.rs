//! The readable part of a page's address.

use std::fmt;

use icu_normalizer::DecomposingNormalizer;

use super::Problem;

/// A slug made of a title is kept readable.
const LONGEST_OF_TITLE: usize = 60;

/// Letters that are no letter with a mark.
fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        '&' => "-and-",
        _ => return None,
    })
}

/// Lower-case letters, digits and single hyphens, 1 to 80 of them: `partnering-for-growth`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// Reads a slug exactly as it stands in an address.
    ///
    /// # Errors
    /// When it is not one.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let well_formed = (1..=80).contains(&raw.len())
            && raw.chars().all(plain)
            && !raw.starts_with('-')
            && !raw.ends_with('-')
            && !raw.contains("--");
        if well_formed {
            Ok(Self(raw.to_owned()))
        } else {
            Err(Problem::new(
                "Use lower-case letters, digits and hyphens, at most 80 of them.",
            ))
        }
    }

    /// The slug that a title suggests: its letters without marks, its words joined. A title in a script without Latin
    /// letters suggests none.
    #[must_use]
    pub fn of_title(title: &str) -> Option<Self> {
        let mut slug = String::new();
        let decomposed = DecomposingNormalizer::new_nfkd().normalize(title);
        for letter in decomposed.chars().flat_map(char::to_lowercase) {
            match letter {
                'a'..='z' | '0'..='9' => slug.push(letter),
                '\u{300}'..='\u{36f}' | '\'' | '’' => {}
                other => match latin(other) {
                    Some(letters) if slug.is_empty() || slug.ends_with('-') => {
                        slug.push_str(letters.trim_start_matches('-'));
                    }
                    Some(letters) => slug.push_str(letters),
                    None if slug.is_empty() || slug.ends_with('-') => {}
                    None => slug.push('-'),
                },
            }
        }
        let cut: String = slug.chars().take(LONGEST_OF_TITLE).collect();
        // Not in the middle of a word, unless there is only one.
        let whole = match cut.rsplit_once('-') {
            Some((whole, _)) if cut.len() < slug.len() => whole,
            _ => &cut,
        };
        Self::parse(whole.trim_end_matches('-')).ok()
    }

    /// The same with a number behind it, for where the plain one is taken.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let end = format!("-{number}");
        let start: String = self.0.chars().take(80 - end.len()).collect();
        Self(format!("{}{end}", start.trim_end_matches('-')))
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_well_formed_slugs() {
        assert!(Slug::parse("partnering-for-growth-2").is_ok());
        for raw in ["", "-a", "a-", "a--b", "A", "a b", "a/b", "ä", &"a".repeat(81)] {
            assert!(Slug::parse(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn a_title_suggests_an_address() {
        let long = "Partnering for growth, innovation, and profits in times of great change and uncertainty";
        for (title, slug) in [
            (
                "Partnering For Growth, Innovation, And Profits",
                "partnering-for-growth-innovation-and-profits",
            ),
            ("  Über Größe & Łódź: don’t panic!  ", "uber-grosse-and-lodz-dont-panic"),
            ("Q4/2026 — Überblick", "q4-2026-uberblick"),
            (long, "partnering-for-growth-innovation-and-profits-in-times-of"),
        ] {
            assert_eq!(Slug::of_title(title).unwrap().as_str(), slug);
        }
        let one_word = "x".repeat(200);
        assert_eq!(Slug::of_title(&one_word).unwrap().as_str().len(), 60);
        for title in ["", "王小明", "!!!", "– –"] {
            assert_eq!(Slug::of_title(title), None, "{title}");
        }
        let numbered = Slug::parse(&"a".repeat(80)).unwrap().numbered(12);
        assert_eq!(
            (numbered.as_str().len(), numbered.as_str().ends_with("a-12")),
            (80, true)
        );
    }
}
