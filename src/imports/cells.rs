//! What cells of a row say, before they are values: placeholders, guards against formulas, yes and no, words for a sentence.

use super::headings::squashed;

/// Longest piece of a cell in a sentence.
const MOST_SHOWN: usize = 60;

/// Without what programs write where there is nothing.
pub(super) fn said(cell: &str) -> &str {
    let is_nothing = matches!(cell, "-" | "--" | "—" | "–" | "n/a" | "N/A" | "#N/A" | "null" | "NULL");
    if is_nothing { "" } else { cell }
}

/// Without the apostrophes that keep spreadsheets from taking a cell, or a part of one, for a formula.
pub(super) fn unguarded(cell: &str) -> String {
    if !cell.contains('\'') {
        return cell.to_owned();
    }
    let parts = cell.split_inclusive([';', '\t', '\n']);
    parts
        .map(|part| match part.strip_prefix('\'') {
            Some(rest) if begins_a_formula(rest) => rest,
            _ => part,
        })
        .collect()
}

fn begins_a_formula(part: &str) -> bool {
    let text = part.trim_start_matches(['"', ' ', '\u{a0}', '\u{3000}']);
    text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// Whether a cell says yes or no; `None`: neither.
pub(super) fn yes_or_no(cell: &str) -> Option<bool> {
    const YES: [&str; 20] = [
        "yes",
        "y",
        "true",
        "1",
        "x",
        "on",
        "ja",
        "j",
        "oui",
        "si",
        "sim",
        "wahr",
        "vrai",
        "optin",
        "optedin",
        "subscribed",
        "agreed",
        "granted",
        "checked",
        "accepted",
    ];
    const NO: [&str; 17] = [
        "",
        "no",
        "n",
        "false",
        "0",
        "off",
        "nein",
        "non",
        "nee",
        "nao",
        "falsch",
        "faux",
        "optout",
        "optedout",
        "unsubscribed",
        "declined",
        "none",
    ];
    // A tick is no letter.
    if matches!(cell, "✓" | "✔" | "☑") {
        return Some(true);
    }
    let word = squashed(cell);
    let is = |words: &[&str]| words.contains(&word.as_str());
    if is(&YES) {
        Some(true)
    } else if is(&NO) {
        Some(false)
    } else {
        None
    }
}

/// A cell in a sentence: in one line, cut where it is long, in quotation marks.
pub(super) fn shown(cell: &str) -> String {
    let line = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("\"{}…\"", line.get(..end).unwrap_or_default().trim_end()),
        None => format!("\"{line}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_taken_away_and_apostrophes_stay() {
        for (cell, plain) in [
            ("'=cmd", "=cmd"),
            ("'+49 30 1", "+49 30 1"),
            ("'-", "-"),
            ("'@SUM(A1)", "@SUM(A1)"),
            ("'=1;'-2+3;x", "=1;-2+3;x"),
            ("x;' =1+1", "x; =1+1"),
            ("a\n'=1+1", "a\n=1+1"),
            ("'＝1+1", "＝1+1"),
            ("'t Hooft", "'t Hooft"),
            ("O'Neil", "O'Neil"),
            ("'", "'"),
        ] {
            assert_eq!(unguarded(cell), plain, "{cell}");
        }
    }

    #[test]
    fn yes_and_no_are_told_apart() {
        for (cell, expected) in [
            ("Yes", Some(true)),
            ("OPT-IN", Some(true)),
            ("sí", Some(true)),
            ("✓", Some(true)),
            ("No", Some(false)),
            ("", Some(false)),
            ("perhaps", None),
        ] {
            assert_eq!(yes_or_no(cell), expected, "{cell}");
        }
    }

    #[test]
    fn long_cells_are_cut_in_sentences() {
        assert_eq!(shown("a\n b"), "\"a b\"");
        assert_eq!(shown(&"é".repeat(100)), format!("\"{}…\"", "é".repeat(60)));
    }
}
