//! What a webcast says of itself, as organizers write it.

use serde::{Deserialize, Serialize};

use super::cover::Cover;
use crate::values::Label;

/// Longest description, in characters.
const LONGEST: usize = 20_000;
/// So many points to take away, and rows of an agenda.
const MOST_LINES: usize = 20;
/// The last minute of an agenda: a day.
const LAST_MINUTE: u16 = 24 * 60;

/// Title and texts of a webcast.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebcastText {
    /// The title.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// What who was there takes away, each in one line.
    #[serde(default)]
    pub takeaways: Vec<String>,
    /// What happens when.
    #[serde(default)]
    pub agenda: Vec<AgendaItem>,
    /// What is seen before it is read.
    #[serde(default)]
    pub cover: Option<Cover>,
    /// The title where the page is shared; empty: the same.
    #[serde(default)]
    pub share_title: String,
}

/// A row of an agenda.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgendaItem {
    /// Minutes from the start.
    pub minute: u16,
    /// What happens then.
    pub what: String,
}

impl AgendaItem {
    /// "0:10".
    #[must_use]
    pub fn clock(&self) -> String {
        format!("{}:{:02}", self.minute / 60, self.minute % 60)
    }
}

/// Reads Markdown: whole, but for what no text holds.
///
/// # Errors
/// Too long, or with control characters.
pub fn description(raw: &str) -> Result<String, String> {
    let text = raw.replace("\r\n", "\n").replace('\r', "\n");
    let length = text.chars().count();
    if length > LONGEST {
        return Err(format!(
            "Enter at most 20,000 characters. These are {}.",
            thousands(length)
        ));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("Enter it without control characters.".to_owned());
    }
    Ok(text.trim().to_owned())
}

fn thousands(count: usize) -> String {
    match count {
        0..1_000 => count.to_string(),
        _ => format!("{},{:03}", thousands(count / 1_000), count % 1_000),
    }
}

/// Reads points, one a line; a dash or a bullet before each may stand.
///
/// # Errors
/// Too many, or one that is too long.
pub fn takeaways(raw: &str) -> Result<Vec<String>, String> {
    let bullet = |c: char| matches!(c, '-' | '*' | '•' | '–') || c.is_whitespace();
    lines(raw)?
        .into_iter()
        .map(|(number, line)| label(number, line.trim_start_matches(bullet)))
        .collect()
}

/// Reads rows of an agenda, one a line: the minute, then what happens. They are put in order.
///
/// # Errors
/// Too many, one without a minute, or one that is too long.
pub fn agenda(raw: &str) -> Result<Vec<AgendaItem>, String> {
    let mut items = lines(raw)?
        .into_iter()
        .map(|(number, line)| agenda_item(number, line))
        .collect::<Result<Vec<_>, _>>()?;
    items.sort_by_key(|item| item.minute);
    Ok(items)
}

fn agenda_item(number: usize, line: &str) -> Result<AgendaItem, String> {
    let end = line
        .find(|c: char| !c.is_ascii_digit() && c != ':')
        .unwrap_or(line.len());
    let (clock, what) = line.split_at(end);
    let minute = minute(clock).ok_or_else(|| {
        format!("Begin line {number} with a minute of the session, for example: 10 Why partnerships fail")
    })?;
    let what = what.trim_start_matches(|c: char| matches!(c, '-' | '–' | '\'' | '.') || c.is_whitespace());
    Ok(AgendaItem {
        minute,
        what: label(number, what)?,
    })
}

/// "10", or "0:10".
fn minute(clock: &str) -> Option<u16> {
    let minute = match clock.trim_end_matches(':').split_once(':') {
        None => clock.trim_end_matches(':').parse().ok()?,
        Some((hours, minutes)) => {
            let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
            hours.checked_mul(60)?.checked_add(minutes)?
        }
    };
    (minute <= LAST_MINUTE).then_some(minute)
}

/// Lines with something in them, by their number.
fn lines(raw: &str) -> Result<Vec<(usize, &str)>, String> {
    let lines: Vec<(usize, &str)> = (1..)
        .zip(raw.lines().map(str::trim))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    if lines.len() > MOST_LINES {
        return Err(format!("Enter at most {MOST_LINES} lines."));
    }
    Ok(lines)
}

fn label(number: usize, line: &str) -> Result<String, String> {
    match Label::parse(line) {
        Ok(label) => Ok(label.as_str().to_owned()),
        Err(problem) => Err(format!("Line {number}: {problem}")),
    }
}

impl WebcastText {
    /// The title where the page is shared.
    #[must_use]
    pub fn shared_title(&self) -> &str {
        match self.share_title.as_str() {
            "" => &self.title,
            title => title,
        }
    }

    /// The points as they are typed.
    #[must_use]
    pub fn takeaways_typed(&self) -> String {
        self.takeaways.join("\n")
    }

    /// The agenda as it is typed.
    #[must_use]
    pub fn agenda_typed(&self) -> String {
        let rows: Vec<String> = self
            .agenda
            .iter()
            .map(|item| format!("{} {}", item.minute, item.what))
            .collect();
        rows.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_line_by_line() {
        let points = takeaways("- What to share\r\n\r\n • Where it *fails*\n").unwrap();
        assert_eq!(points, ["What to share", "Where it *fails*"]);
        assert_eq!(takeaways("-\nb").unwrap_err(), "Line 1: Enter some text.");
        assert!(takeaways(&"x\n".repeat(21)).unwrap_err().contains("at most 20"));
    }

    #[test]
    fn an_agenda_is_read_and_put_in_order() {
        let read = agenda("45 Questions\n0 Welcome\n0:10 – Why they fail\n90: More\n1:05 A 2nd part").unwrap();
        let rows: Vec<(String, &str)> = read.iter().map(|item| (item.clock(), item.what.as_str())).collect();
        assert_eq!(
            rows,
            [
                ("0:00".to_owned(), "Welcome"),
                ("0:10".to_owned(), "Why they fail"),
                ("0:45".to_owned(), "Questions"),
                ("1:05".to_owned(), "A 2nd part"),
                ("1:30".to_owned(), "More"),
            ]
        );
        let text = WebcastText {
            agenda: read.clone(),
            ..WebcastText::default()
        };
        assert_eq!(agenda(&text.agenda_typed()).unwrap(), read);
        for wrong in ["Welcome", "99999 x", "1:2:3 x", ": x", "2000 x"] {
            assert!(
                agenda(wrong).unwrap_err().starts_with("Begin line 1 with a minute"),
                "{wrong}"
            );
        }
        assert_eq!(agenda("10").unwrap_err(), "Line 1: Enter some text.");
    }

    #[test]
    fn a_long_description_is_counted() {
        let problem = description(&"ä".repeat(1_000_000)).unwrap_err();
        assert_eq!(problem, "Enter at most 20,000 characters. These are 1,000,000.");
        assert_eq!(description("a\r\nb\rc \n").unwrap(), "a\nb\nc");
    }
}
