//! The canvas: a page that is filled from top to bottom. It tags what is put on it, and can also go through the motions
//! without a surface, to find out how much room a page takes.

use std::num::NonZeroU16;

use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, ListNumbering, Node, SpanTag, Tag, TagGroup, TagKind};

use super::draw::{Align, Painter, aligned};
use super::pdf_fonts::PdfFonts;
use super::style::{BODY, HAIR, HEADING, LONG_TITLE, PART, TITLE};
use crate::typesetting::{Color, Line, Style, Typesetter};

/// The column that labels stand in, beside their texts.
const LABELS: f32 = 100.0;
const GUTTER: f32 = 16.0;
/// The column that numbers of a list stand in.
const NUMBERS: f32 = 15.0;

/// One page.
pub(super) struct Canvas<'d> {
    pub(super) typesetter: &'d Typesetter,
    /// Where the next thing begins.
    pub(super) y: f32,
    pub(super) left: f32,
    pub(super) width: f32,
    /// All gaps so far, before they are stretched.
    pub(super) flexible: f32,
    stretch: f32,
    surface: Option<(Surface<'d>, &'d PdfFonts)>,
    /// The groups that are open, outermost first.
    open: Vec<Vec<Node>>,
    headings: Vec<(String, f32)>,
    links: Vec<LinkArea>,
}

/// What was written: the tags, and what a page has beside its marks.
#[derive(Default)]
pub(super) struct Written {
    pub(super) nodes: Vec<Node>,
    /// Headings and where they are.
    pub(super) headings: Vec<(String, f32)>,
    pub(super) links: Vec<LinkArea>,
}

/// A place that leads to an address.
pub(super) struct LinkArea {
    pub(super) address: String,
    /// Left, top, width, height.
    pub(super) area: [f32; 4],
}

impl<'d> Canvas<'d> {
    /// A canvas at the top of a page. Without a surface it only measures.
    pub(super) fn new(typesetter: &'d Typesetter, left: f32, top: f32, width: f32) -> Self {
        Self {
            typesetter,
            y: top,
            left,
            width,
            flexible: 0.0,
            stretch: 1.0,
            surface: None,
            open: vec![Vec::new()],
            headings: Vec::new(),
            links: Vec::new(),
        }
    }

    /// The same on a surface, and gaps so many times as high.
    pub(super) fn on(self, surface: Surface<'d>, fonts: &'d PdfFonts, stretch: f32) -> Self {
        Self {
            surface: Some((surface, fonts)),
            stretch,
            ..self
        }
    }

    /// The page is full.
    pub(super) fn finish(self) -> Written {
        if let Some((mut surface, _)) = self.surface {
            surface.pop();
            surface.finish();
        }
        Written {
            nodes: self.open.into_iter().next().unwrap_or_default(),
            headings: self.headings,
            links: self.links,
        }
    }

    /// Room that may grow or shrink with the page.
    pub(super) fn gap(&mut self, height: f32) {
        self.flexible += height;
        self.y += height * self.stretch;
    }

    /// What is written inside belongs together.
    pub(super) fn group(&mut self, tag: impl Into<TagKind>, inside: impl FnOnce(&mut Self)) {
        self.open.push(Vec::new());
        inside(self);
        let children = self.open.pop().unwrap_or_default();
        self.push(TagGroup::with_children(tag, children).into());
    }

    fn push(&mut self, node: Node) {
        if let Some(group) = self.open.last_mut() {
            group.push(node);
        }
    }

    /// One piece of content. Nothing is drawn without a surface.
    pub(super) fn draw(&mut self, tag: ContentTag<'_>, draw: impl FnOnce(&mut Painter<'_, 'd>)) {
        if let Some((surface, fonts)) = &mut self.surface {
            let id = surface.start_tagged(tag);
            draw(&mut Painter {
                typesetter: self.typesetter,
                fonts,
                surface,
            });
            surface.end_tagged();
            self.push(id.into());
        }
    }

    /// Something to look at that says nothing.
    pub(super) fn decorate(&mut self, draw: impl FnOnce(&mut Painter<'_, 'd>)) {
        let layout = Artifact::with_kind(ArtifactType::Layout);
        self.draw(ContentTag::Artifact(layout), draw);
    }

    /// A figure of this height, and what it shows in words.
    pub(super) fn figure(&mut self, alt: String, height: f32, draw: impl FnOnce(&mut Painter<'_, 'd>)) {
        self.group(Tag::Figure(Some(alt)), |canvas| canvas.draw(ContentTag::Other, draw));
        self.y += height;
    }

    /// Lines of text, at the left edge or elsewhere in the width.
    pub(super) fn lines(&mut self, lines: &[Line], align: Align) {
        for line in lines {
            let (x, top) = (self.left + aligned(align, self.width, line.width), self.y);
            self.draw(ContentTag::Span(SpanTag::empty()), |painter| painter.line(line, x, top));
            self.y += line.style.leading;
        }
    }

    /// A paragraph.
    pub(super) fn paragraph(&mut self, style: Style, text: &str) {
        let lines = self.typesetter.lines(style, text, self.width);
        self.group(Tag::P, |canvas| canvas.lines(&lines, Align::Left));
    }

    /// The title of the document.
    pub(super) fn title(&mut self, text: &str) {
        let is_long = self.typesetter.lines(TITLE, text, self.width).len() > 2;
        self.heading(1, if is_long { LONG_TITLE } else { TITLE }, text);
    }

    /// A heading, which the outline has too.
    pub(super) fn heading(&mut self, level: u16, style: Style, text: &str) {
        let lines = self.typesetter.balanced_lines(style, text, self.width);
        self.headings.push((text.to_owned(), self.y));
        let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
        let tag = Tag::Hn(level, Some(text.to_owned()));
        self.group(tag, |canvas| canvas.lines(&lines, Align::Left));
    }

    /// A heading over the whole width.
    pub(super) fn section(&mut self, text: &str) {
        self.heading(2, HEADING, text);
    }

    /// A heading in the narrow column and its text in the wide one.
    pub(super) fn part(&mut self, label: &str, inside: impl FnOnce(&mut Self)) {
        let top = self.y;
        let (left, width) = (self.left, self.width);
        self.width = LABELS;
        // On one line with the first of the larger text beside it.
        self.y += (BODY.leading - PART.leading) / 2.0;
        self.heading(2, PART, label);
        let below_label = self.y;
        (self.y, self.left, self.width) = (top, left + LABELS + GUTTER, width - LABELS - GUTTER);
        inside(self);
        (self.y, self.left, self.width) = (self.y.max(below_label), left, width);
    }

    /// The same with a large figure in the narrow column, and what is read aloud in its place.
    pub(super) fn beside(&mut self, figure: &Line, aloud: &str, inside: impl FnOnce(&mut Self)) {
        let top = self.y;
        let (left, width) = (self.left, self.width);
        let aloud = SpanTag::empty().with_actual_text(Some(aloud));
        self.group(Tag::P, |canvas| {
            canvas.draw(ContentTag::Span(aloud), |painter| painter.line(figure, left, top));
        });
        let below = top + figure.style.leading;
        (self.y, self.left, self.width) = (top, left + LABELS + GUTTER, width - LABELS - GUTTER);
        inside(self);
        (self.y, self.left, self.width) = (self.y.max(below), left, width);
    }

    /// A numbered list.
    pub(super) fn list(&mut self, style: Style, items: &[String]) {
        self.group(Tag::L(ListNumbering::Decimal), |canvas| {
            for (index, item) in items.iter().enumerate() {
                canvas.group(Tag::LI, |canvas| canvas.item(style, index + 1, item));
            }
        });
    }

    fn item(&mut self, style: Style, number: usize, text: &str) {
        let top = self.y;
        let label = [self.typesetter.line(style, &format!("{number}."))];
        self.group(Tag::Lbl, |canvas| canvas.lines(&label, Align::Left));
        self.y = top;
        self.left += NUMBERS;
        self.width -= NUMBERS;
        let lines = self.typesetter.lines(style, text, self.width);
        self.group(Tag::LBody, |canvas| canvas.lines(&lines, Align::Left));
        self.left -= NUMBERS;
        self.width += NUMBERS;
    }

    /// An address that can be followed.
    pub(super) fn link(&mut self, style: Style, address: &str) {
        let line = [self.typesetter.shortened(style, address, self.width)];
        let area = [
            self.left,
            self.y,
            line.iter().map(|line| line.width).sum(),
            style.leading,
        ];
        self.group(Tag::P, |canvas| {
            canvas.group(Tag::Link, |canvas| canvas.lines(&line, Align::Left));
        });
        let address = address.to_owned();
        self.links.push(LinkArea { address, area });
    }

    /// A line across.
    pub(super) fn hairline(&mut self) {
        self.rule(HAIR);
    }

    pub(super) fn rule(&mut self, color: Color) {
        let (left, right, y) = (self.left, self.left + self.width, self.y);
        self.decorate(|painter| painter.rule((left, y), (right, y), 0.6, color));
    }
}
