//! One line of text as people type and paste it: what is folded, what falls away, what is refused.

use super::Problem;

/// Marks that nobody sees and that come along with what is pasted: of width zero, of direction, soft hyphens, the byte
/// order, and fillers that look like a blank.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFA0}'
    )
}

/// Joins or parts letters of Persian and Indic words without a gap, and so belongs to them.
pub(super) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// True for what must never stand in a single line of text: control characters, line and paragraph
/// separators, the invisible marks that override the direction of the text around them, and what stands for
/// bytes that were no text.
pub(crate) fn is_forbidden_in_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{FFFD}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

/// True for what ends a line.
pub(super) fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\u{0B}' | '\u{0C}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Without blanks and unseen marks at the ends.
pub(crate) fn trimmed(raw: &str) -> &str {
    raw.trim_matches(|c: char| c.is_whitespace() || is_unseen(c))
}

/// Whether nothing is to be seen of it.
pub(crate) fn is_blank(raw: &str) -> bool {
    trimmed(raw).is_empty()
}

/// Trims, and folds every run of white space into one blank.
pub(crate) fn squeeze(raw: &str) -> String {
    trimmed(raw).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One line, trimmed and folded; it may be empty.
///
/// # Errors
/// Control characters and their like.
pub(crate) fn squeeze_line(raw: &str) -> Result<String, Problem> {
    let line = squeeze(raw);
    if line.chars().any(is_forbidden_in_line) {
        return Err(Problem::new("Enter one line without control characters."));
    }
    Ok(line)
}

/// Several lines, each without blanks at its end, of at most so many letters; line breaks of all systems are one.
///
/// # Errors
/// Too long, or control characters.
pub(crate) fn squeeze_text(raw: &str, most: usize) -> Result<String, Problem> {
    let lines: Vec<String> = raw
        .replace("\r\n", "\n")
        .split(is_line_break)
        .map(|line| line.trim_end().replace('\t', " "))
        .collect();
    let text = trimmed(&lines.join("\n")).to_owned();
    if text.chars().any(|c| c != '\n' && is_forbidden_in_line(c)) {
        return Err(Problem::new("Enter the text without control characters."));
    }
    if text.chars().count() > most {
        return Err(Problem::new(format!("Enter at most {most} characters.")));
    }
    Ok(text)
}

/// A text with what East Asian keyboards write as ASCII has it.
pub(crate) fn narrowed(text: &str) -> String {
    text.chars().map(narrow).collect()
}

/// Full-width letters, digits and marks of East Asian keyboards as ASCII has them.
pub(super) fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        '\u{3002}' | '\u{FF61}' => '.',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_falls_away_at_the_ends() {
        for (raw, line) in [
            ("\u{200B}Ada\u{FEFF}", "Ada"),
            ("\u{202A} Ada\tLovelace \u{202C}", "Ada Lovelace"),
            ("Ada\u{A0}\u{3000}Lovelace", "Ada Lovelace"),
            ("\u{3164}", ""),
            ("\u{2066}\u{200F}محمد علي\u{2069}", "محمد علي"),
        ] {
            assert_eq!(squeeze_line(raw).unwrap(), line, "{raw:?}");
        }
        assert!(squeeze_line("Ada\u{202E}ecalevoL").is_err());
    }

    #[test]
    fn full_width_is_the_same_letter() {
        let narrowed: String = "ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ".chars().map(narrow).collect();
        assert_eq!(narrowed, "ada@example.org");
    }
}
