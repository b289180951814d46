//! Tables: head cells, row heads, hairlines between rows, and lines to write on.

use krilla::tagging::{ContentTag, SpanTag, TableHeaderScope, Tag};

use super::canvas::Canvas;
use super::draw::{Align, Mark, aligned};
use super::style::{DARK_HAIR, HAIR, LABEL, TEXT};
use crate::typesetting::{Line, Style};

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
pub(super) struct TableColumn {
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
        Self::Text(super::style::STRONG, text.into())
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
pub(super) struct ReportTable<'t> {
    pub(super) columns: &'t [TableColumn],
    pub(super) head: Vec<Cell>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// White above and below the text of a row.
    pub(super) padding: f32,
}

/// Where a column is.
#[derive(Clone, Copy)]
struct Slot {
    left: f32,
    width: f32,
    align: Align,
}

impl ReportTable<'_> {
    pub(super) fn write(&self, canvas: &mut Canvas<'_>) {
        let places = places(self.columns, canvas);
        canvas.group(Tag::Table, |canvas| {
            canvas.group(Tag::THead, |canvas| write_row(canvas, &places, &self.head, true, 0.0));
            canvas.y += 4.0;
            canvas.rule(DARK_HAIR);
            canvas.group(Tag::TBody, |canvas| {
                for row in &self.rows {
                    write_row(canvas, &places, row, false, self.padding);
                }
            });
        });
    }
}

fn places(columns: &[TableColumn], canvas: &Canvas<'_>) -> Vec<Slot> {
    let gutters = GUTTER * f32::from(u8::try_from(columns.len().saturating_sub(1)).unwrap_or_default());
    let shares: f32 = columns.iter().map(|column| column.share).sum();
    let mut left = canvas.left;
    let place = |column: &TableColumn| {
        let width = (canvas.width - gutters) * column.share / shares;
        let place = Slot {
            left,
            width,
            align: column.align,
        };
        left += width + GUTTER;
        place
    };
    columns.iter().map(place).collect()
}

/// How a name with its sign reads at the head of a column.
pub(super) fn head_text(canvas: &Canvas<'_>, columns: &[TableColumn], column: usize, name: &str) -> String {
    let places = places(columns, canvas);
    let width = places.get(column).map_or(0.0, |place| place.width) - MARK_ROOM;
    let lines = canvas.typesetter.at_most(LABEL, name, width, HEAD_LINES);
    lines.iter().map(|line| line.text.as_str()).collect()
}

fn write_row(canvas: &mut Canvas<'_>, places: &[Slot], cells: &[Cell], is_head: bool, padding: f32) {
    let top = canvas.y + padding;
    let texts: Vec<Vec<Line>> = places
        .iter()
        .zip(cells)
        .map(|(place, cell)| lines(canvas, *place, cell, is_head))
        .collect();
    let has_blanks = cells.iter().any(|cell| matches!(cell, Cell::Blank));
    let least = if has_blanks { HAND - 2.0 * padding } else { 0.0 };
    let height = texts.iter().map(|lines| height(lines)).fold(least, f32::max);
    let bottom = top + height + padding;
    canvas.group(Tag::TR, |canvas| {
        for (index, ((place, cell), lines)) in places.iter().zip(cells).zip(&texts).enumerate() {
            // Heads of different lengths stand on one line.
            canvas.y = if is_head {
                top + height - self::height(lines)
            } else {
                top
            };
            let write = |canvas: &mut Canvas<'_>| write_cell(canvas, *place, cell, lines, bottom);
            match (is_head, index) {
                (true, _) => canvas.group(Tag::TH(TableHeaderScope::Column), write),
                (false, 0) => canvas.group(Tag::TH(TableHeaderScope::Row), write),
                (false, _) => canvas.group(Tag::TD, write),
            }
            if has_blanks && !matches!(cell, Cell::Blank) {
                let (from, to) = ((place.left, bottom), (place.left + place.width, bottom));
                canvas.decorate(|painter| painter.rule(from, to, 0.6, HAIR));
            }
        }
    });
    canvas.y = bottom;
    if !is_head && !has_blanks {
        canvas.hairline();
    }
}

fn lines(canvas: &Canvas<'_>, place: Slot, cell: &Cell, is_head: bool) -> Vec<Line> {
    match cell {
        Cell::Text(style, text) if is_head => canvas.typesetter.at_most(*style, text, place.width, HEAD_LINES),
        Cell::Text(style, text) => canvas.typesetter.lines(*style, text, place.width),
        Cell::Marked(mark, name, _) => {
            let style = LABEL.colored(mark.color());
            canvas
                .typesetter
                .at_most(style, name, place.width - MARK_ROOM, HEAD_LINES)
        }
        Cell::Blank => Vec::new(),
    }
}

fn height(lines: &[Line]) -> f32 {
    lines.iter().map(|line| line.style.leading).sum()
}

fn write_cell(canvas: &mut Canvas<'_>, place: Slot, cell: &Cell, lines: &[Line], bottom: f32) {
    let whole = (canvas.left, canvas.width);
    (canvas.left, canvas.width) = (place.left, place.width);
    match cell {
        Cell::Text(..) => canvas.lines(lines, place.align),
        Cell::Marked(mark, _, aloud) => {
            let used = lines.iter().map(|line| line.width).fold(0.0, f32::max) + MARK_ROOM;
            let left = place.left + aligned(place.align, place.width, used);
            let middle = canvas.y + lines.first().map_or(0.0, |line| line.style.leading) / 2.0;
            let mut top = canvas.y;
            let aloud = SpanTag::empty().with_actual_text(Some(aloud));
            canvas.draw(ContentTag::Span(aloud), |painter| {
                painter.mark(*mark, left + MARK / 2.0, middle, MARK);
                for line in lines {
                    painter.line(line, left + MARK_ROOM, top);
                    top += line.style.leading;
                }
            });
        }
        Cell::Blank => {
            let (from, to) = ((place.left, bottom), (place.left + place.width, bottom));
            let blank = SpanTag::empty().with_alt_text(Some("to be filled in"));
            canvas.draw(ContentTag::Span(blank), |painter| {
                painter.rule(from, to, 0.8, DARK_HAIR);
            });
        }
    }
    (canvas.left, canvas.width) = whole;
}
