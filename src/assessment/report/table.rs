//! Tables: head cells, row heads, hairlines between rows, and lines to write on.

use krilla::tagging::{ContentTag, SpanTag, TableHeaderScope, Tag};

use super::ink::{Align, Mark, aligned};
use super::look::{DARK_HAIR, HAIR, LABEL, Style, TEXT};
use super::pen::Pen;
use super::text::Line;

/// White between two columns.
const GUTTER: f32 = 16.0;
/// A mark and the white after it.
const MARK: f32 = 7.4;
const MARK_ROOM: f32 = 10.5;
/// What a line needs that is written on by hand.
const HAND: f32 = 25.0;
const HEAD_LINES: usize = 2;

/// One column.
#[derive(Clone, Copy)]
pub(super) struct Column {
    /// Its part of the width.
    pub(super) share: f32,
    pub(super) align: Align,
}

/// One cell.
pub(super) enum Cell {
    Text(Style, String),
    /// A name with its sign before it, and what is read aloud in place of both.
    Marked(Mark, String, String),
    /// Empty, with a line to write on.
    Blank,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(TEXT, text.into())
    }

    pub(super) fn strong(text: impl Into<String>) -> Self {
        Self::Text(super::look::STRONG, text.into())
    }

    pub(super) fn head(text: impl Into<String>) -> Self {
        Self::Text(LABEL, text.into())
    }

    /// The name of a side.
    pub(super) fn side(mark: Mark, name: &str) -> Self {
        Self::Marked(mark, name.to_owned(), name.to_owned())
    }

    /// A figure, or a dash where there is none.
    pub(super) fn figure(figure: Option<i64>) -> Self {
        Self::text(figure.map_or_else(|| "–".to_owned(), |figure| figure.to_string()))
    }
}

/// A table. Its first column says what a row is about.
pub(super) struct Table<'t> {
    pub(super) columns: &'t [Column],
    pub(super) head: Vec<Cell>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// White above and below the text of a row.
    pub(super) padding: f32,
}

/// Where a column is.
#[derive(Clone, Copy)]
struct Place {
    left: f32,
    width: f32,
    align: Align,
}

impl Table<'_> {
    pub(super) fn write(&self, pen: &mut Pen<'_>) {
        let places = self.places(pen);
        pen.group(Tag::Table, |pen| {
            pen.group(Tag::THead, |pen| write_row(pen, &places, &self.head, true, 0.0));
            pen.y += 4.0;
            pen.rule(DARK_HAIR);
            pen.group(Tag::TBody, |pen| {
                for row in &self.rows {
                    write_row(pen, &places, row, false, self.padding);
                }
            });
        });
    }

    fn places(&self, pen: &Pen<'_>) -> Vec<Place> {
        let gutters = GUTTER * f32::from(u8::try_from(self.columns.len().saturating_sub(1)).unwrap_or_default());
        let shares: f32 = self.columns.iter().map(|column| column.share).sum();
        let mut left = pen.left;
        let place = |column: &Column| {
            let width = (pen.width - gutters) * column.share / shares;
            let place = Place {
                left,
                width,
                align: column.align,
            };
            left += width + GUTTER;
            place
        };
        self.columns.iter().map(place).collect()
    }
}

fn write_row(pen: &mut Pen<'_>, places: &[Place], cells: &[Cell], is_head: bool, padding: f32) {
    let top = pen.y + padding;
    let texts: Vec<Vec<Line>> = places
        .iter()
        .zip(cells)
        .map(|(place, cell)| lines(pen, *place, cell, is_head))
        .collect();
    let has_blanks = cells.iter().any(|cell| matches!(cell, Cell::Blank));
    let least = if has_blanks { HAND - 2.0 * padding } else { 0.0 };
    let height = texts.iter().map(|lines| height(lines)).fold(least, f32::max);
    let bottom = top + height + padding;
    pen.group(Tag::TR, |pen| {
        for (index, ((place, cell), lines)) in places.iter().zip(cells).zip(&texts).enumerate() {
            // Heads of different lengths stand on one line.
            pen.y = if is_head {
                top + height - self::height(lines)
            } else {
                top
            };
            let write = |pen: &mut Pen<'_>| write_cell(pen, *place, cell, lines, bottom);
            match (is_head, index) {
                (true, _) => pen.group(Tag::TH(TableHeaderScope::Column), write),
                (false, 0) => pen.group(Tag::TH(TableHeaderScope::Row), write),
                (false, _) => pen.group(Tag::TD, write),
            }
            if has_blanks && !matches!(cell, Cell::Blank) {
                let (from, to) = ((place.left, bottom), (place.left + place.width, bottom));
                pen.decorate(|ink| ink.rule(from, to, 0.6, HAIR));
            }
        }
    });
    pen.y = bottom;
    if !is_head && !has_blanks {
        pen.hairline();
    }
}

fn lines(pen: &Pen<'_>, place: Place, cell: &Cell, is_head: bool) -> Vec<Line> {
    match cell {
        Cell::Text(style, text) if is_head => pen.typesetter.at_most(*style, text, place.width, HEAD_LINES),
        Cell::Text(style, text) => pen.typesetter.lines(*style, text, place.width),
        Cell::Marked(mark, name, _) => {
            let style = LABEL.colored(mark.color());
            pen.typesetter.at_most(style, name, place.width - MARK_ROOM, HEAD_LINES)
        }
        Cell::Blank => Vec::new(),
    }
}

fn height(lines: &[Line]) -> f32 {
    lines.iter().map(|line| line.style.leading).sum()
}

fn write_cell(pen: &mut Pen<'_>, place: Place, cell: &Cell, lines: &[Line], bottom: f32) {
    let whole = (pen.left, pen.width);
    (pen.left, pen.width) = (place.left, place.width);
    match cell {
        Cell::Text(..) => pen.lines(lines, place.align),
        Cell::Marked(mark, _, aloud) => {
            let used = lines.iter().map(|line| line.width).fold(0.0, f32::max) + MARK_ROOM;
            let left = place.left + aligned(place.align, place.width, used);
            let middle = pen.y + lines.first().map_or(0.0, |line| line.style.leading) / 2.0;
            let mut top = pen.y;
            let aloud = SpanTag::empty().with_actual_text(Some(aloud));
            pen.draw(ContentTag::Span(aloud), |ink| {
                ink.mark(*mark, left + MARK / 2.0, middle, MARK);
                for line in lines {
                    ink.line(line, left + MARK_ROOM, top);
                    top += line.style.leading;
                }
            });
        }
        Cell::Blank => {
            let (from, to) = ((place.left, bottom), (place.left + place.width, bottom));
            let blank = SpanTag::empty().with_alt_text(Some("to be filled in"));
            pen.draw(ContentTag::Span(blank), |ink| ink.rule(from, to, 0.8, DARK_HAIR));
        }
    }
    (pen.left, pen.width) = whole;
}
