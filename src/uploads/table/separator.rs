//! What stands between the cells of a text file, by its first lines.

/// So many bytes and lines are looked at.
const MOST_BYTES: usize = 64 * 1024;
const MOST_LINES: usize = 100;

/// The separator, and the text without a line that only names it (`sep=;`).
pub(super) fn separator(text: &str) -> (u8, &str) {
    if let Some(named) = named(text) {
        return named;
    }
    let lines = counts(text.as_bytes());
    // Tabs stand in hardly any cell, while names, times and numbers have commas.
    let with_tab = lines.iter().filter(|line| line.tabs > 0).count();
    if with_tab * 2 >= lines.len() && with_tab > 0 {
        return (b'\t', text);
    }
    let (commas, semicolons) = (
        steadiness(lines.iter().map(|line| line.commas)),
        steadiness(lines.iter().map(|line| line.semicolons)),
    );
    let first = lines.first().copied().unwrap_or_default();
    let is_semicolon = semicolons > commas || (semicolons == commas && first.semicolons > first.commas);
    (if is_semicolon { b';' } else { b',' }, text)
}

/// `sep=;` as the first line, by which Excel is told.
fn named(text: &str) -> Option<(u8, &str)> {
    let (line, rest) = text.split_at(text.find(['\r', '\n'])?);
    let line = line.trim_matches('"');
    let (head, separator) = line.split_at_checked(4)?;
    let &[separator @ (b',' | b';' | b'\t')] = separator.as_bytes() else {
        return None;
    };
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..));
    head.eq_ignore_ascii_case("sep=").then_some((separator, rest?))
}

/// How many of each stand in a line, outside quotation marks.
#[derive(Clone, Copy, Default)]
struct InLine {
    commas: usize,
    semicolons: usize,
    tabs: usize,
}

fn counts(text: &[u8]) -> Vec<InLine> {
    let mut lines = Vec::new();
    let (mut line, mut is_blank, mut is_quoted) = (InLine::default(), true, false);
    for byte in text.iter().take(MOST_BYTES) {
        match byte {
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'\n' | b'\r' => {
                if !is_blank {
                    lines.push(line);
                }
                (line, is_blank) = (InLine::default(), true);
                if lines.len() == MOST_LINES {
                    return lines;
                }
                continue;
            }
            b',' => line.commas += 1,
            b';' => line.semicolons += 1,
            b'\t' => line.tabs += 1,
            _ => {}
        }
        is_blank = false;
    }
    if !is_blank {
        lines.push(line);
    }
    lines
}

/// In how many lines equally many stand, and how many: what separates cells does so in each line, what belongs to a sentence
/// comes as it comes.
fn steadiness(counts: impl Iterator<Item = usize>) -> (usize, usize) {
    let mut counts: Vec<usize> = counts.filter(|count| *count > 0).collect();
    counts.sort_unstable();
    let runs = counts.chunk_by(|a, b| a == b);
    let of_run = |run: &[usize]| (run.len(), run.first().copied().unwrap_or(0));
    runs.map(of_run).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_what_stands_in_each_line() {
        for (text, expected) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1;2\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("a;b\n1,5;2,5\n3,5;4,5\n", b';'),
            ("name;note;x\nAda;one, two, three, four;1\nBob;one, two;2\n", b';'),
            ("name,tags,x\nAda,a; b; c,1\nBob,a; b,2\n", b','),
            ("\"a;b;c;d\",x\n\"e;f;g;h\",y\n", b','),
            (
                "Name\tFirst Join\nDoe, Jane\t11/26/25, 2:03:12 PM\nRoe, Max\t11/26/25, 2:04:12 PM\n",
                b'\t',
            ),
            ("alone\nmore\n", b','),
            ("", b','),
        ] {
            assert_eq!(separator(text).0, expected, "{text}");
        }
    }

    #[test]
    fn a_named_separator_wins_and_is_no_row() {
        assert_eq!(separator("sep=;\r\na,b;c\r\n"), (b';', "a,b;c\r\n"));
        assert_eq!(separator("\"SEP=,\"\na;b,c\n"), (b',', "a;b,c\n"));
        assert_eq!(separator("sep=|\na;b\n"), (b';', "sep=|\na;b\n"));
    }
}
