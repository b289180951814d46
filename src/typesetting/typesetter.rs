//! Measuring, breaking, shortening.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use unicode_bidi::Level;

use super::cluster::{Cluster, Shaped};
use super::fonts::Fonts;
use super::line::Line;
use super::printable::printable;
use super::style::{Face, Style};

/// Stands where a text was cut.
const ELLIPSIS: &str = "…";

type Measured = HashMap<(Face, String), Rc<Shaped>>;

/// Sets the texts of one paper or picture. A page is gone through several times, so it remembers what it has measured.
pub(crate) struct Typesetter {
    fonts: Fonts,
    /// The direction of a text; where there is none, its first letter says it.
    level: Option<Level>,
    measured: RefCell<Measured>,
}

impl Typesetter {
    /// For a paper in English: its lines go from left to right, whatever names stand in them.
    pub(crate) fn new(fonts: &Fonts) -> Self {
        Self {
            fonts: fonts.clone(),
            level: Some(Level::ltr()),
            measured: RefCell::default(),
        }
    }

    /// Each text in its own direction.
    pub(crate) fn in_own_direction(fonts: &Fonts) -> Self {
        Self {
            level: None,
            ..Self::new(fonts)
        }
    }

    fn shaped(&self, face: Face, text: &str) -> Rc<Shaped> {
        let key = (face, text.to_owned());
        if let Some(known) = self.measured.borrow().get(&key) {
            return Rc::clone(known);
        }
        let shaped = Rc::new(Shaped::new(&self.fonts, face, text, self.level));
        self.measured.borrow_mut().insert(key, Rc::clone(&shaped));
        shaped
    }

    /// True where a text has letters that no font has. It is only asked, not set.
    pub(crate) fn lacks(&self, text: &str) -> bool {
        let text = printable(text);
        let is_whole = |face| Shaped::new(&self.fonts, face, &text, self.level).is_whole();
        !Face::ALL.into_iter().all(is_whole)
    }

    /// True where something was set, or measured, that no font has.
    pub(crate) fn has_lacked(&self) -> bool {
        self.measured.borrow().values().any(|shaped| !shaped.is_whole())
    }

    /// A text on one line, however long.
    pub(crate) fn line(&self, style: Style, text: &str) -> Line {
        let text = printable(text);
        let shaped = self.shaped(style.face, &text);
        Line::new(style, &text, &shaped.clusters, shaped.level)
    }

    /// A text on as many lines as it takes.
    pub(crate) fn lines(&self, style: Style, text: &str, width: f32) -> Vec<Line> {
        let text = printable(text);
        let shaped = self.shaped(style.face, &text);
        let mut rest = shaped.clusters.as_slice();
        let mut lines = Vec::new();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(fitting(rest, &text, width / style.size).max(1));
            lines.push(Line::new(style, &text, line, shaped.level));
            rest = after;
        }
        lines
    }

    /// As many lines as `lines` gives, of about the same length each: for headings.
    pub(crate) fn balanced_lines(&self, style: Style, text: &str, width: f32) -> Vec<Line> {
        let count = self.lines(style, text, width).len();
        let (mut narrow, mut wide) = (width / 2.0, width);
        for _ in 0..6 {
            let between = f32::midpoint(narrow, wide);
            if self.lines(style, text, between).len() > count {
                narrow = between;
            } else {
                wide = between;
            }
        }
        self.lines(style, text, wide)
    }

    /// How wide the longest part is that should not be broken.
    pub(crate) fn widest_word(&self, style: Style, text: &str) -> f32 {
        let text = printable(text);
        let shaped = self.shaped(style.face, &text);
        let mut rest = shaped.clusters.as_slice();
        let mut widest: f32 = 0.0;
        while !rest.is_empty() {
            let (word, after) = rest.split_at(word(rest, &text));
            widest = widest.max(seen(word));
            rest = after;
        }
        widest * style.size
    }

    /// A text on one line no wider than this. What is too much gives way to an ellipsis, a word at a time. Only a word that
    /// is wider by itself is cut; after one that just fits, the ellipsis hangs over.
    pub(crate) fn shortened(&self, style: Style, text: &str, width: f32) -> Line {
        let whole = self.line(style, text);
        if whole.width <= width {
            return whole;
        }
        let text = printable(text);
        let shaped = self.shaped(style.face, &text);
        let clusters = shaped.clusters.as_slice();
        let room = (width - self.line(style, ELLIPSIS).width) / style.size;
        let kept = whole_words(clusters, &text, room, width / style.size);
        let end = clusters.get(kept).map_or(text.len(), |cluster| cluster.bytes.start);
        let begin = text.get(..end).unwrap_or_default();
        let begin = begin.trim_end_matches(|letter: char| letter == ' ' || ",;:-–—·(/&".contains(letter));
        self.line(style, &format!("{begin}{ELLIPSIS}"))
    }

    /// At most so many lines; what is too much gives way to an ellipsis.
    pub(crate) fn at_most(&self, style: Style, text: &str, width: f32, most: usize) -> Vec<Line> {
        let mut lines = self.lines(style, text, width);
        if lines.len() > most {
            let kept = most.saturating_sub(1);
            let rest: String = lines.iter().skip(kept).map(|line| line.text.as_str()).collect();
            lines.truncate(kept);
            lines.push(self.shortened(style, &rest, width));
        }
        lines
    }
}

fn advances(clusters: &[Cluster]) -> f32 {
    clusters.iter().map(|cluster| cluster.advance).sum()
}

/// How wide these are without the space at their end.
fn seen(clusters: &[Cluster]) -> f32 {
    let last = clusters.iter().rposition(|cluster| !cluster.is_space);
    advances(clusters.get(..last.map_or(0, |last| last + 1)).unwrap_or_default())
}

/// How many of these make the next line: up to the last break that fits, or as much of a long word as fits.
fn fitting(clusters: &[Cluster], text: &str, width: f32) -> usize {
    let (mut used, mut after_break) = (0.0, None);
    for (index, cluster) in clusters.iter().enumerate() {
        used += cluster.advance;
        if !cluster.is_space && used > width {
            return after_break.unwrap_or(index);
        }
        if is_break(cluster, clusters.get(index + 1), text) {
            after_break = Some(index + 1);
        }
    }
    clusters.len()
}

/// How many of these are the first word, with the spaces after it.
fn word(clusters: &[Cluster], text: &str) -> usize {
    let ends = |(index, cluster): (usize, &Cluster)| {
        let next = clusters.get(index + 1);
        is_break(cluster, next, text) && next.is_none_or(|next| !next.is_space)
    };
    let end = clusters.iter().enumerate().position(ends);
    end.map_or(clusters.len(), |end| end + 1).max(1)
}

/// How many of these fit into `room` as whole words. Of a word that would not even fit into a whole line, as much of it
/// as fits.
fn whole_words(clusters: &[Cluster], text: &str, room: f32, line: f32) -> usize {
    let (mut kept, mut used) = (0, 0.0);
    loop {
        let rest = clusters.get(kept..).unwrap_or_default();
        if rest.is_empty() {
            return kept;
        }
        let (next, _) = rest.split_at(word(rest, text));
        let width = seen(next);
        if used + width > room {
            return match (width > line, kept) {
                (true, _) => kept + within(next, room - used),
                (false, 0) => next.len(),
                (false, _) => kept,
            };
        }
        used += advances(next);
        kept += next.len();
    }
}

/// How many of these fit.
fn within(clusters: &[Cluster], width: f32) -> usize {
    let mut used = 0.0;
    let fits = clusters.iter().take_while(|cluster| {
        used += cluster.advance;
        used <= width
    });
    fits.count()
}

/// A line may end after a space, after a hyphen or a slash inside a word, and between two signs of Chinese or Japanese.
fn is_break(cluster: &Cluster, next: Option<&Cluster>, text: &str) -> bool {
    let Some(next) = next.filter(|_| !cluster.is_space) else {
        return cluster.is_space;
    };
    let letter = |cluster: &Cluster| {
        text.get(cluster.bytes.clone())
            .and_then(|letters| letters.chars().next())
    };
    match (letter(cluster), letter(next)) {
        (Some('-' | '/' | '–' | '—'), _) => !next.is_space,
        (Some(one), Some(other)) => is_ideograph(one) && is_ideograph(other),
        _ => false,
    }
}

/// What stands in no word: Chinese signs and Japanese letters, without those that no line begins with.
fn is_ideograph(letter: char) -> bool {
    matches!(letter,
        '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        && !matches!(letter, 'っ' | 'ゃ' | 'ゅ' | 'ょ' | 'ッ' | 'ャ' | 'ュ' | 'ョ')
}
