//! Fonts, and text in them: how wide it is, where its lines break.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

use super::ReportError;
use super::kerning::Kerning;
use super::style::{Face, Style};

macro_rules! font {
    ($name:literal) => {
        Cut::load($name, include_bytes!(concat!("../../../assets/fonts/", $name, ".ttf")))
    };
}

/// The typefaces of a report. Loaded once; a clone is cheap.
#[derive(Clone)]
pub struct Fonts(Arc<Cuts>);

struct Cuts {
    serif: Cut,
    serif_italic: Cut,
    serif_bold: Cut,
    sans: Cut,
    sans_bold: Cut,
}

/// One cut: its shapes for the PDF, its measures for us.
pub(super) struct Cut {
    pub(super) font: Font,
    letters: Charmap<'static>,
    measures: GlyphMetrics<'static>,
    kerning: Kerning,
    space: skrifa::GlyphId,
}

impl Fonts {
    /// Reads the fonts that are built in.
    ///
    /// # Errors
    /// When one of them is no font: the program was built wrong.
    pub fn load() -> Result<Self, ReportError> {
        Ok(Self(Arc::new(Cuts {
            serif: font!("source-serif-4-400")?,
            serif_italic: font!("source-serif-4-400-italic")?,
            serif_bold: font!("source-serif-4-600")?,
            sans: font!("source-sans-3-400")?,
            sans_bold: font!("source-sans-3-600")?,
        })))
    }
}

type Measured = HashMap<(Face, String), Rc<[Shape]>>;

/// Sets the texts of one report. A page is gone through several times, so it remembers what it has measured.
pub(super) struct Typesetter {
    fonts: Fonts,
    measured: RefCell<Measured>,
}

impl Typesetter {
    pub(super) fn new(fonts: &Fonts) -> Self {
        Self {
            fonts: fonts.clone(),
            measured: RefCell::default(),
        }
    }

    pub(super) fn cut(&self, face: Face) -> &Cut {
        let cuts = &self.fonts.0;
        match face {
            Face::Serif => &cuts.serif,
            Face::SerifItalic => &cuts.serif_italic,
            Face::SerifBold => &cuts.serif_bold,
            Face::Sans => &cuts.sans,
            Face::SansBold => &cuts.sans_bold,
        }
    }

    fn shapes(&self, face: Face, text: &str) -> Rc<[Shape]> {
        let key = (face, text.to_owned());
        let mut measured = self.measured.borrow_mut();
        let shapes = measured.entry(key).or_insert_with(|| self.cut(face).shape(text).into());
        Rc::clone(shapes)
    }

    /// True where a text has letters that our labels cannot show.
    pub(super) fn lacks(&self, text: &str) -> bool {
        let text = printable(text);
        self.shapes(Face::Sans, &text).iter().any(|shape| shape.is_missing)
    }

    /// A text on one line, however long.
    pub(super) fn line(&self, style: Style, text: &str) -> Line {
        let text = printable(text);
        Line::new(style, &text, &self.shapes(style.face, &text))
    }

    /// A text on as many lines as it takes.
    pub(super) fn lines(&self, style: Style, text: &str, width: f32) -> Vec<Line> {
        let text = printable(text);
        let shapes = self.shapes(style.face, &text);
        let mut rest = &*shapes;
        let mut lines = Vec::new();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(fitting(rest, &text, width / style.size));
            lines.push(Line::new(style, &text, line));
            rest = after;
        }
        lines
    }

    /// As many lines as `lines` gives, of about the same length each: for headings.
    pub(super) fn balanced_lines(&self, style: Style, text: &str, width: f32) -> Vec<Line> {
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

    /// A text on one line no wider than this; what is too much gives way to an ellipsis.
    pub(super) fn shortened(&self, style: Style, text: &str, width: f32) -> Line {
        let text = printable(text);
        let shapes = self.shapes(style.face, &text);
        let whole = Line::new(style, &text, &shapes);
        if whole.width <= width {
            return whole;
        }
        // In the middle: names that begin alike often differ at the end.
        let room = (width - self.line(style, "…").width) / style.size;
        let begin = within(&shapes, room / 2.0);
        let used = advances(shapes.get(..begin).unwrap_or_default());
        let end = begin + from_the_end(shapes.get(begin..).unwrap_or_default(), room - used);
        let at = |index: usize| shapes.get(index).map_or(text.len(), |shape| shape.bytes.start);
        let begin = text.get(..at(begin)).unwrap_or_default().trim_end();
        let end = text.get(at(end)..).unwrap_or_default().trim_start();
        self.line(style, &format!("{begin}…{end}"))
    }

    /// At most so many lines; what is too much gives way to an ellipsis.
    pub(super) fn at_most(&self, style: Style, text: &str, width: f32, most: usize) -> Vec<Line> {
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

/// Text on one line, ready to be drawn.
pub(super) struct Line {
    pub(super) style: Style,
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// Where a character has no shape in our fonts, in ems from the left: a box stands for it.
    pub(super) boxes: Vec<f32>,
    /// In points, without the space at its end.
    pub(super) width: f32,
}

/// How wide a box is that stands for a character, in ems.
pub(super) const BOX: f32 = 0.62;

impl Line {
    fn new(style: Style, text: &str, shapes: &[Shape]) -> Self {
        let start = shapes.first().map_or(0, |shape| shape.bytes.start);
        let end = shapes.last().map_or(0, |shape| shape.bytes.end);
        let seen = shapes
            .iter()
            .rposition(|shape| !shape.is_space)
            .map_or(0, |last| last + 1);
        let mut boxes = Vec::new();
        let mut at = 0.0;
        for shape in shapes {
            if shape.is_missing {
                boxes.push(at);
            }
            at += shape.advance;
        }
        Self {
            style,
            text: text.get(start..end).unwrap_or_default().to_owned(),
            glyphs: glyphs(shapes, start),
            boxes,
            width: advances(shapes.get(..seen).unwrap_or_default()) * style.size,
        }
    }
}

/// One character and its shape. Advances are in ems.
struct Shape {
    id: GlyphId,
    bytes: Range<usize>,
    advance: f32,
    is_space: bool,
    /// It clings to the letter before it.
    is_mark: bool,
    is_missing: bool,
}

/// What is drawn of a text that begins at `start`. Boxes beside each other stand for their characters together, so that
/// a reader finds the word and not its letters.
fn glyphs(shapes: &[Shape], start: usize) -> Vec<KrillaGlyph> {
    let runs = shapes.chunk_by(|one, next| one.is_missing && next.is_missing);
    let of_run = |run: &[Shape]| {
        let from = run.first().map_or(start, |shape| shape.bytes.start);
        let to = run.last().map_or(start, |shape| shape.bytes.end);
        let glyph = |shape: &Shape| {
            let bytes = from - start..to - start;
            KrillaGlyph::new(shape.id, shape.advance, 0.0, 0.0, 0.0, bytes, None)
        };
        run.iter().map(glyph).collect::<Vec<_>>()
    };
    runs.flat_map(of_run).collect()
}

impl Cut {
    fn load(name: &'static str, bytes: &'static [u8]) -> Result<Self, ReportError> {
        let unreadable = || ReportError::Font(name);
        let font = Font::new(bytes.into(), 0).ok_or_else(unreadable)?;
        let face = FontRef::new(bytes).map_err(|_| unreadable())?;
        let letters = face.charmap();
        Ok(Self {
            font,
            space: letters.map(' ').ok_or_else(unreadable)?,
            letters,
            measures: face.glyph_metrics(Size::unscaled(), LocationRef::default()),
            kerning: Kerning::of(&face),
        })
    }

    fn shape(&self, text: &str) -> Vec<Shape> {
        let units = self.font.units_per_em();
        let mut shapes: Vec<Shape> = Vec::with_capacity(text.len());
        let mut before = None;
        for (start, letter) in text.char_indices() {
            let known = self.letters.map(letter);
            let id = known.unwrap_or(self.space);
            if let (Some(left), Some(right), Some(shape)) = (before, known, shapes.last_mut()) {
                shape.advance += f32::from(self.kerning.between(left, right)) / units;
            }
            before = known;
            shapes.push(Shape {
                id: GlyphId::new(id.to_u32()),
                bytes: start..start + letter.len_utf8(),
                advance: match known {
                    Some(id) => self.measures.advance_width(id).unwrap_or_default() / units,
                    None => BOX,
                },
                is_space: letter == ' ',
                is_mark: matches!(letter, '\u{300}'..='\u{36F}'),
                is_missing: known.is_none(),
            });
        }
        shapes
    }
}

/// White space becomes one space; what cannot be seen and what no PDF may hold is left out.
fn printable(text: &str) -> String {
    let seen = text.chars().filter(|letter| {
        !matches!(letter,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}'
            | '\u{E0000}'..='\u{10FFFF}')
    });
    let mut printable = String::with_capacity(text.len());
    for letter in seen {
        if letter.is_whitespace() || letter.is_control() {
            if !printable.ends_with(' ') {
                printable.push(' ');
            }
        } else {
            printable.push(letter);
        }
    }
    printable.trim().to_owned()
}

fn advances(shapes: &[Shape]) -> f32 {
    shapes.iter().map(|shape| shape.advance).sum()
}

/// How many of these make the next line: up to the last break that fits, or as much of a long word as fits.
fn fitting(shapes: &[Shape], text: &str, width: f32) -> usize {
    let (mut used, mut after_break, mut after_word) = (0.0, None, 1);
    for (index, shape) in shapes.iter().enumerate() {
        used += shape.advance;
        if !shape.is_space && used > width {
            return after_break.unwrap_or(after_word).max(1);
        }
        let next = shapes.get(index + 1);
        if next.is_none_or(|next| !next.is_mark) {
            after_word = index + 1;
        }
        if is_break(shape, next, text) {
            after_break = Some(index + 1);
        }
    }
    shapes.len()
}

/// How many of these fit, without parting a letter from its accent.
fn within(shapes: &[Shape], width: f32) -> usize {
    let (mut used, mut whole) = (0.0, 0);
    for (index, shape) in shapes.iter().enumerate() {
        if !shape.is_mark {
            whole = index;
        }
        used += shape.advance;
        if used > width {
            return whole;
        }
    }
    shapes.len()
}

/// Where those begin that fit from the end, without parting a letter from its accent.
fn from_the_end(shapes: &[Shape], width: f32) -> usize {
    let (mut used, mut whole) = (0.0, shapes.len());
    for (index, shape) in shapes.iter().enumerate().rev() {
        used += shape.advance;
        if used > width {
            return whole;
        }
        if !shape.is_mark {
            whole = index;
        }
    }
    whole
}

/// A line may end after a space, and after a hyphen or a slash inside a word.
fn is_break(shape: &Shape, next: Option<&Shape>, text: &str) -> bool {
    let letter = text.get(shape.bytes.clone()).unwrap_or_default();
    let goes_on = next.is_some_and(|next| !next.is_space && !next.is_mark);
    shape.is_space || (goes_on && matches!(letter, "-" | "/" | "–" | "—"))
}

#[cfg(test)]
mod tests {
    use super::super::style::{BODY, TITLE};
    use super::*;

    fn typesetter() -> Typesetter {
        Typesetter::new(&Fonts::load().unwrap())
    }

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn lines_break_at_spaces_and_keep_them() {
        let fonts = typesetter();
        let text = "One small but real commitment from each side.";
        let lines = fonts.lines(BODY, text, 90.0);
        assert_eq!(texts(&lines).concat(), text);
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| line.width <= 90.0));
        assert!(lines.iter().rev().skip(1).all(|line| line.text.ends_with(' ')));
    }

    #[test]
    fn a_long_word_breaks_where_it_must_and_never_before_an_accent() {
        let fonts = typesetter();
        let word = "e\u{301}".repeat(40);
        let lines = fonts.lines(BODY, &word, 50.0);
        assert_eq!(texts(&lines).concat(), word);
        assert!(lines.iter().all(|line| line.text.starts_with('e')));
        assert_eq!(fonts.lines(BODY, "W", 1.0).len(), 1);
    }

    #[test]
    fn letters_are_kerned() {
        let fonts = typesetter();
        let apart = fonts.line(TITLE, "V").width + fonts.line(TITLE, "a").width;
        assert!(fonts.line(TITLE, "Va").width < apart - 0.5);
    }

    #[test]
    fn what_has_no_shape_gets_a_box_and_what_cannot_be_seen_nothing() {
        let fonts = typesetter();
        let line = fonts.line(BODY, "\u{FEFF}北 風\u{200D}\u{0}x\n\u{202E}");
        assert_eq!(line.text, "北 風 x");
        assert_eq!(line.boxes.len(), 2);
    }

    #[test]
    fn what_is_too_much_gives_way_to_an_ellipsis() {
        let fonts = typesetter();
        let line = fonts.shortened(BODY, "Northwind Trading Company of Rotterdam", 80.0);
        assert!(line.width <= 80.0 && line.text.contains('…'), "{}", line.text);
        assert!(
            line.text.starts_with("North") && line.text.ends_with("dam"),
            "{}",
            line.text
        );
        let two = ["North", "South"].map(|end| {
            let lines = fonts.at_most(BODY, &format!("about University Hospital {end}"), 60.0, 2);
            texts(&lines).concat()
        });
        assert_ne!(two[0], two[1]);
        let lines = fonts.at_most(BODY, "Northwind Trading Company of Rotterdam", 80.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(fonts.shortened(BODY, "Northwind", 1.0).text.ends_with('…'));
    }
}
