//! Addresses as people paste them: what is certain is taken, what is likely is offered.

use percent_encoding::percent_decode_str;

use super::super::line::{is_joiner, is_unseen, narrow, trimmed};

/// What was certainly meant: without the name around it, `mailto:`, marks that nobody sees, full-width letters, and what
/// belongs to the sentence it stood in.
pub(super) fn certain(typed: &str) -> String {
    let unseen = |c: char| is_unseen(c) && !is_joiner(c);
    let seen: String = trimmed(typed)
        .chars()
        .filter(|c| !unseen(*c))
        .map(narrow)
        .map(straight)
        .collect();
    let address = bare(within_angles(bare(trimmed(&seen))));
    let Some(link) = without_prefix(address, "mailto:") else {
        return address.to_owned();
    };
    let link = link.split('?').next().unwrap_or_default();
    bare(&percent_decode_str(link).decode_utf8_lossy()).to_owned()
}

/// What may have been meant where [`certain`] gave no address; each is to be offered, not taken.
pub(super) fn likely(address: &str) -> Vec<String> {
    let spelled = spelled_out(&address.to_lowercase());
    let words: Vec<&str> = spelled.split_whitespace().collect();
    let joined = || repaired(&words.concat());
    match words.as_slice() {
        // "a da@example.org": a blank that slipped in, or an initial.
        [first, address] if first.len() <= 2 && !first.contains('@') => vec![joined(), repaired(bare(address))],
        // "Ada Lovelace ada@example.org"
        [.., address] if words.iter().filter(|word| word.contains('@')).count() == 1 && is_whole(address) => {
            vec![repaired(bare(address))]
        }
        _ if spelled.matches('@').count() <= 2 => vec![joined()],
        _ => Vec::new(),
    }
}

/// Has both sides of an address.
fn is_whole(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

/// Quotes as they stand on a keyboard.
fn straight(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{B4}' => '\'',
        '\u{201C}' | '\u{201D}' | '\u{201E}' => '"',
        other => other,
    }
}

/// `ada@example.org` of `Ada <ada@example.org>`; not where another address stands before it.
fn within_angles(typed: &str) -> &str {
    let inside = || {
        let (before, inside) = typed.strip_suffix('>')?.split_once('<')?;
        let inside = inside.trim();
        let names_another = before
            .split_whitespace()
            .map(bare)
            .any(|word| is_whole(word) && word != inside);
        (!names_another && !inside.contains('<')).then_some(inside)
    };
    inside().unwrap_or(typed)
}

/// Without the brackets around it and the marks after it.
fn bare(typed: &str) -> &str {
    let mut bare = typed.trim();
    loop {
        let before = bare;
        bare = bare.trim_end_matches(['.', ',', ';', ':', '!']).trim();
        for (open, close) in [('<', '>'), ('(', ')'), ('[', ']'), ('"', '"'), ('\'', '\'')] {
            if let Some(inside) = bare.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
                bare = inside.trim();
            }
        }
        if bare == before {
            return bare;
        }
    }
}

fn without_prefix<'t>(typed: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, rest) = typed.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// `(at)` and `[dot]` as marks.
fn spelled_out(lower: &str) -> String {
    let mut address = lower.to_owned();
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), (" ", " ")] {
        for (word, mark) in [("at", "@"), ("dot", ".")] {
            address = address.replace(&format!("{open}{word}{close}"), mark);
        }
    }
    address
}

/// Marks that were typed twice, or one key away from the right one.
fn repaired(joined: &str) -> String {
    let mut address = joined.replace("@@", "@").replace("@.", "@").replace(".@", "@");
    if let Some((local, domain)) = address.rsplit_once('@') {
        address = format!("{local}@{}", domain.replace([',', ';', '/'], "."));
    }
    while address.contains("..") {
        address = address.replace("..", ".");
    }
    address.trim_matches('.').to_owned()
}
