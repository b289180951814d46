//! The words by which a person is found: of their name, their address and their company, folded, so that "unal" finds Ünal.

use icu_normalizer::DecomposingNormalizer;

/// Longer words are cut: nobody types more.
const LONGEST: usize = 40;
/// Of one person, no more are kept.
const MOST: usize = 16;

/// Letters without case and marks.
#[must_use]
pub fn fold(text: &str) -> String {
    let is_mark = |c: &char| matches!(*c, '\u{300}'..='\u{36f}');
    let decomposed = DecomposingNormalizer::new_nfkd().normalize(text);
    decomposed
        .chars()
        .filter(|c| !is_mark(c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// A name as lists are sorted by it.
#[must_use]
pub fn sort_key(name: &str) -> String {
    fold(name.trim()).chars().take(2 * LONGEST).collect()
}

/// What somebody typed to find a person: each word, folded.
#[must_use]
pub fn typed(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',');
    words.filter_map(word).take(4).collect()
}

/// The words of a person.
#[must_use]
pub fn of_person(name: &str, email_key: &str, company: Option<&str>) -> Vec<String> {
    let domain = email_key.rsplit_once('@').map(|(_, domain)| domain);
    let parts = [name, company.unwrap_or_default()];
    let said = parts
        .into_iter()
        .flat_map(|part| part.split(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | '(' | ')')));
    let mut words: Vec<String> = std::iter::once(email_key)
        .chain(domain)
        .chain(said)
        .filter_map(word)
        .take(MOST)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn word(raw: &str) -> Option<String> {
    let folded = fold(raw.trim_matches(|c: char| c.is_ascii_punctuation()));
    let cut: String = folded.chars().take(LONGEST).collect();
    (!cut.is_empty()).then_some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_they_are_typed() {
        for (name, words) in [
            ("Ünal Quote", vec!["quote", "unal"]),
            ("Anne-Marie O’Neil", vec!["anne", "marie", "o’neil"]),
            ("ÅSE  Ødegård", vec!["ase", "ødegard"]),
            ("王 小明", vec!["小明", "王"]),
            ("مريم", vec!["مريم"]),
            ("  ", vec![]),
        ] {
            let mut expected: Vec<&str> = words;
            expected.extend(["ada@example.org", "example.org"]);
            expected.sort_unstable();
            assert_eq!(of_person(name, "ada@example.org", None), expected, "{name}");
        }
        let at_work = of_person("Ada", "ada@example.org", Some("Société Générale (Paris)"));
        assert_eq!(
            at_work,
            ["ada", "ada@example.org", "example.org", "generale", "paris", "societe"]
        );
        assert_eq!(typed("  QUOTE, ünal"), ["quote", "unal"]);
        assert!(typed("<>'\" %").is_empty());
        let endless = "x".repeat(100);
        assert_eq!(typed(&endless), ["x".repeat(LONGEST)]);
    }
}
