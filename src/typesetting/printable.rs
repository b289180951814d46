//! What of a text can be seen.

/// White space becomes one space; what cannot be seen and what no PDF may hold is left out.
pub(super) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if is_joiner(letter) {
            let joins = |letter: Option<char>| letter.is_some_and(is_of_joining_script);
            if joins(printable.chars().next_back()) && joins(letters.peek().copied()) {
                printable.push(letter);
            }
        } else if is_unseen(letter) {
        } else if letter.is_whitespace() || letter.is_control() {
            if !printable.ends_with(' ') {
                printable.push(' ');
            }
        } else {
            printable.push(letter);
        }
    }
    printable.trim().to_owned()
}

/// Says whether two letters join.
pub(super) fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200C}' | '\u{200D}')
}

/// Arabic and its neighbours, and the scripts of India: there a joiner changes what is read.
fn is_of_joining_script(letter: char) -> bool {
    matches!(letter, '\u{600}'..='\u{8FF}' | '\u{900}'..='\u{DFF}')
}

fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\u{AD}' | '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}'
        | '\u{E0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        assert_eq!(printable("\u{FEFF}北 風\u{200D}\u{0}x\n\u{202E} "), "北 風 x");
        assert_eq!(
            printable("می\u{200C}خواهم"),
            "می\u{200C}خواهم",
            "it parts two letters in Persian"
        );
        assert_eq!(printable("a\u{200C}b\u{200D}"), "ab");
    }
}
