//! What stands where on a card. Text at the left, the mark large at the right; where the title is read from right to
//! left, the other way round.

use super::pattern::{Ground, Pattern};
use super::picture::{Sketch, pixels};
use super::{Card, CardError, SIZE, mark};
use crate::typesetting::{Color, Face, Line, Style, Typesetter};

const INK: Color = Color(0x23, 0x1D, 0x1B);
const QUIET: Color = Color(0x5F, 0x56, 0x4E);
const WINE: Color = Color(0x7A, 0x1F, 0x3D);

const KICKER: Style = Style::new(Face::SansBold, 27.0, 34.0, WINE);
const DETAIL: Style = Style::new(Face::Sans, 27.0, 38.0, QUIET);
const OWNER: Style = Style::new(Face::SansBold, 24.0, 30.0, INK);
/// The title in the first of these sizes that it fits in.
const TITLE_SIZES: [f32; 8] = [82.0, 76.0, 70.0, 64.0, 58.0, 52.0, 47.0, 43.0];
const TITLE_LEADING: f32 = 1.13;
const TITLE_LINES: usize = 4;
const DETAILS: usize = 3;

/// White at the edges.
const MARGIN: f32 = 76.0;
/// How wide the text may be.
const COLUMN: f32 = 634.0;
/// Base line of the kicker.
const KICKER_BASE: f32 = 104.0;
/// Where the title begins.
const TITLE_TOP: f32 = 136.0;
/// From the title to the quiet lines.
const BETWEEN: f32 = 26.0;
/// Where the quiet lines must end.
const TEXT_END: f32 = 506.0;
/// Base line of the organization.
const FOOT_BASE: f32 = 562.0;
/// The large mark: the middle of its shared part, its circles.
const MARK: (f32, f32) = (1062.0, 300.0);
const MARK_RADIUS: f32 = 190.0;
const MARK_LINE: f32 = 5.0;
/// How wide a pattern stands at the side, how high, and how thick its lines are.
const PATTERN: (u32, u32) = (440, SIZE.1);
const PATTERN_LINE: f32 = 3.5;
const SMALL_RADIUS: f32 = 13.0;
const SMALL_LINE: f32 = 2.2;

/// Whatever letters no font has are left out, line by line.
pub(super) fn put(card: &Card, typesetter: &Typesetter, picture: &mut Sketch) -> Result<(), CardError> {
    let shown = |text: &str| !text.trim().is_empty() && !typesetter.lacks(text);
    // Without a title the kicker is one.
    let (kicker, title) = match (shown(&card.kicker), shown(&card.title)) {
        (true, true) => (Some(&card.kicker), Some(&card.title)),
        (false, true) => (None, Some(&card.title)),
        (true, false) => (None, Some(&card.kicker)),
        (false, false) => (None, None),
    };
    let details: Vec<Line> = card
        .lines
        .iter()
        .filter(|line| shown(line))
        .take(DETAILS)
        .collect::<Vec<_>>()
        .into_iter()
        .map(|line| typesetter.shortened(DETAIL, line, COLUMN))
        .collect();
    let room = TEXT_END - TITLE_TOP - BETWEEN - height(&details);
    let title = title.map_or_else(Vec::new, |title| set_title(typesetter, title, room));
    let sheet = &mut Sheet {
        picture,
        is_mirrored: title.first().is_some_and(|line| line.is_right_to_left),
    };
    match card.pattern {
        Some(pattern) => sheet.pattern(pattern)?,
        None => sheet.mark(MARK.0, MARK.1, MARK_RADIUS, MARK_LINE),
    }
    if let Some(kicker) = kicker {
        sheet.line(&typesetter.shortened(KICKER, kicker, COLUMN), MARGIN, KICKER_BASE);
    }
    let mut top = TITLE_TOP;
    for line in &title {
        top = sheet.next(line, top);
    }
    top += BETWEEN;
    for line in &details {
        top = sheet.next(line, top);
    }
    foot(card, typesetter, sheet, shown(&card.organization));
    Ok(())
}

fn foot(card: &Card, typesetter: &Typesetter, sheet: &mut Sheet<'_>, is_named: bool) {
    let wide = mark::width(SMALL_RADIUS, SMALL_LINE);
    // The middle of the mark stands at the middle of the capitals.
    let middle = FOOT_BASE - OWNER.size * 0.33;
    sheet.mark(MARGIN + wide / 2.0, middle, SMALL_RADIUS, SMALL_LINE);
    if is_named {
        let begin = wide + 16.0;
        let line = typesetter.shortened(OWNER, &card.organization, COLUMN - begin);
        sheet.line(&line, MARGIN + begin, FOOT_BASE);
    }
}

/// In the largest size in which it fits without breaking a word; in the smallest one it is cut.
fn set_title(typesetter: &Typesetter, title: &str, room: f32) -> Vec<Line> {
    let style = |size: f32| Style::new(Face::SerifBold, size, size * TITLE_LEADING, INK);
    for size in TITLE_SIZES {
        let style = style(size);
        if typesetter.widest_word(style, title) <= COLUMN {
            let lines = typesetter.balanced_lines(style, title, COLUMN);
            if lines.len() <= TITLE_LINES && height(&lines) <= room {
                return lines;
            }
        }
    }
    let smallest = style(TITLE_SIZES.last().copied().unwrap_or_default());
    typesetter.at_most(smallest, title, COLUMN, TITLE_LINES)
}

fn height(lines: &[Line]) -> f32 {
    lines.iter().map(|line| line.style.leading).sum()
}

/// A picture whose left is its right where it is mirrored.
struct Sheet<'p> {
    picture: &'p mut Sketch,
    is_mirrored: bool,
}

impl Sheet<'_> {
    fn line(&mut self, line: &Line, from_edge: f32, base: f32) {
        let x = if self.is_mirrored {
            width() - from_edge - line.width
        } else {
            from_edge
        };
        self.picture.line(line, x, base);
    }

    /// Puts a line of a column, and gives where the next begins.
    fn next(&mut self, line: &Line, top: f32) -> f32 {
        let Style { size, leading, .. } = line.style;
        self.line(line, MARGIN, top + f32::midpoint(leading, size * 0.66));
        top + leading
    }

    fn mark(&mut self, x: f32, y: f32, radius: f32, line: f32) {
        let x = if self.is_mirrored { width() - x } else { x };
        mark::draw(self.picture, x, y, radius, line);
    }

    fn pattern(&mut self, pattern: Pattern) -> Result<(), CardError> {
        let mut panel = Sketch::panel(PATTERN.0, PATTERN.1)?;
        for pair in pattern.pairs(Ground::of(PATTERN)) {
            mark::draw_pair(&mut panel, &pair, PATTERN_LINE);
        }
        let x = if self.is_mirrored { 0 } else { SIZE.0 - PATTERN.0 };
        self.picture.put(&panel, i32::try_from(x).unwrap_or(0));
        Ok(())
    }
}

fn width() -> f32 {
    pixels(SIZE.0)
}
