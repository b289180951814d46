//! Paper, and two pages put on it: as large as they fit, with a running head and foot, as one tagged document.

use jiff::civil::Date;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{Page, PageSettings};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, TagKind, TagTree};
use krilla::{Document, SerializeSettings};

use super::ReportError;
use super::canvas::{Canvas, LinkArea, Written};
use super::draw::{Align, Painter};
use super::pdf_fonts::PdfFonts;
use super::style::{HAIR, LABEL};
use crate::typesetting::Typesetter;

/// What the pages are printed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    A4,
    Letter,
}

impl Paper {
    /// Reads a name as it stands in an address.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "a4" => Some(Self::A4),
            "letter" => Some(Self::Letter),
            _ => None,
        }
    }

    /// Width and height in points.
    fn size(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.0, 842.0),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// White at the left and at the right.
const SIDES: f32 = 54.0;
/// Where the text begins, below the running head, and how far from the lower edge it ends.
const TOP: f32 = 76.0;
const BOTTOM: f32 = 60.0;
const HEAD: f32 = 34.0;
const FOOT: f32 = 40.0;

/// Gaps may be so many times as high before the text gets smaller, or the page is left short.
const TIGHT: f32 = 0.72;
const LOOSE: f32 = 1.6;
/// Text gets smaller in such steps, never below the last: there it is a third of its size.
const STEP: f32 = 0.015;
const STEPS: u8 = 45;

/// What a page says, from top to bottom. It is gone through several times, to find out how large it may be.
pub(super) type Content<'c> = &'c dyn Fn(&mut Canvas<'_>);

/// What both pages have around their own words.
pub(super) struct Frame<'f> {
    pub(super) typesetter: Typesetter,
    pub(super) paper: Paper,
    /// The title of the document.
    pub(super) title: String,
    pub(super) date: Date,
    /// At the head.
    pub(super) organization: &'f str,
    pub(super) kind: &'static str,
}

impl Frame<'_> {
    /// Writes two pages, whatever their length.
    pub(super) fn write(&self, pages: [Content<'_>; 2]) -> Result<Vec<u8>, ReportError> {
        let scale = self.scale(pages);
        let fonts = PdfFonts::default();
        let mut document = Document::new_with(settings(self.is_whole())?);
        let mut tags = TagTree::new().with_lang(Some("en".to_owned()));
        let mut outline = Outline::new();
        for (index, content) in pages.into_iter().enumerate() {
            let written = self.write_page(&mut document, &fonts, index, scale, content)?;
            written.nodes.into_iter().for_each(|node| tags.push(node));
            for (text, y) in written.headings {
                let there = XyzDestination::new(index, Point::from_xy(SIDES, y * scale));
                outline.push_child(OutlineNode::new(text, there));
            }
        }
        document.set_tag_tree(tags);
        document.set_outline(outline);
        document.set_metadata(self.metadata());
        Ok(document.finish()?)
    }

    /// Whether every letter has a shape. All pages were gone through before.
    fn is_whole(&self) -> bool {
        let around = [self.title.as_str(), self.organization, self.kind];
        !self.typesetter.has_lacked() && !around.into_iter().any(|text| self.typesetter.lacks(text))
    }

    /// The largest scale at which both pages fit.
    pub(super) fn scale(&self, pages: [Content<'_>; 2]) -> f32 {
        let at = |step: u8| 1.0 - STEP * f32::from(step);
        let fits = |step: u8| pages.iter().all(|page| self.stretch(at(step), *page) >= TIGHT);
        if fits(0) {
            return 1.0;
        }
        let (mut too_large, mut fitting) = (0, STEPS);
        while fitting - too_large > 1 {
            let between = u8::midpoint(too_large, fitting);
            if fits(between) {
                fitting = between;
            } else {
                too_large = between;
            }
        }
        at(fitting)
    }

    /// How high gaps must be for a page to end where it should; less than [`TIGHT`] where it does not fit.
    fn stretch(&self, scale: f32, page: Content<'_>) -> f32 {
        let mut canvas = self.canvas(scale);
        page(&mut canvas);
        let room = (self.paper.size().1 - BOTTOM) / scale - canvas.y;
        1.0 + room / canvas.flexible.max(1.0)
    }

    /// A canvas without a surface, at the top of a page.
    fn canvas(&self, scale: f32) -> Canvas<'_> {
        let width = self.paper.size().0 - 2.0 * SIDES;
        Canvas::new(&self.typesetter, SIDES / scale, TOP / scale, width / scale)
    }

    fn write_page(
        &self,
        document: &mut Document,
        fonts: &PdfFonts,
        index: usize,
        scale: f32,
        content: Content<'_>,
    ) -> Result<Written, ReportError> {
        let (width, height) = self.paper.size();
        let settings = PageSettings::from_wh(width, height).ok_or(ReportError::Paper)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        self.head_and_foot(&mut surface, fonts, index);
        surface.push_transform(&Transform::from_scale(scale, scale));
        let stretch = self.stretch(scale, content).clamp(TIGHT, LOOSE);
        let mut canvas = self.canvas(scale).on(surface, fonts, stretch);
        content(&mut canvas);
        let mut written = canvas.finish();
        let ids: Vec<Identifier> = written
            .links
            .iter()
            .filter_map(|link| add_link(&mut page, link, scale))
            .collect();
        attach(&mut written.nodes, &mut ids.into_iter());
        Ok(written)
    }

    fn head_and_foot(&self, surface: &mut Surface<'_>, fonts: &PdfFonts, index: usize) {
        let (width, height) = self.paper.size();
        let (right, room) = (width - SIDES, width - 2.0 * SIDES);
        let mut draw = |kind, draw: &dyn Fn(&mut Painter<'_, '_>)| {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
            draw(&mut Painter {
                typesetter: &self.typesetter,
                fonts,
                surface,
            });
            surface.end_tagged();
        };
        draw(ArtifactType::Header, &|painter| {
            painter.two_circles(SIDES + 0.5, HEAD + 5.5, 6.2);
            let (begin, half) = (SIDES + 26.0, room / 2.0);
            painter.words(LABEL, self.organization, begin, HEAD, room - 26.0 - 150.0, Align::Left);
            painter.words(LABEL, self.kind, right - half, HEAD, half, Align::Right);
            painter.rule((SIDES, HEAD + 19.0), (right, HEAD + 19.0), 0.6, HAIR);
        });
        let foot = height - FOOT;
        draw(ArtifactType::Footer, &|painter| {
            painter.rule((SIDES, foot - 6.0), (right, foot - 6.0), 0.6, HAIR);
            painter.words(LABEL, &self.title, SIDES, foot, room - 60.0, Align::Left);
            let number = format!("{} of 2", index + 1);
            painter.words(LABEL, &number, right - 50.0, foot, 50.0, Align::Right);
        });
    }

    /// Nothing about anybody but the two names in the title.
    fn metadata(&self) -> Metadata {
        let number = |part: i8| u8::try_from(part).unwrap_or_default();
        let date = DateTime::new(u16::try_from(self.date.year()).unwrap_or_default())
            .month(number(self.date.month()))
            .day(number(self.date.day()));
        Metadata::new()
            .title(self.title.clone())
            .language("en".to_owned())
            .creator("Common Ground".to_owned())
            .creation_date(date)
    }
}

/// A PDF says that it is PDF/UA only where that is true: nothing may be missing.
fn settings(is_whole: bool) -> Result<SerializeSettings, ReportError> {
    let mut builder = ConfigurationBuilder::new();
    if is_whole {
        builder = builder.with_accessibility_validator(Accessibility::UA1);
    }
    let configuration = builder.finish().map_err(|_| ReportError::Settings)?;
    Ok(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    })
}

fn add_link(page: &mut Page<'_>, link: &LinkArea, scale: f32) -> Option<Identifier> {
    let [x, y, width, height] = link.area.map(|length| length * scale);
    let area = Rect::from_xywh(x, y, width, height)?;
    let target = Target::Action(Action::Link(LinkAction::new(link.address.clone())));
    let annotation = LinkAnnotation::new(area, target);
    Some(page.add_tagged_annotation(Annotation::new_link(annotation, Some(link.address.clone()))))
}

/// Puts the place of each link before its text. Places are known only when a page is written.
fn attach(nodes: &mut [Node], places: &mut impl Iterator<Item = Identifier>) {
    for node in nodes {
        if let Node::Group(group) = node {
            if !matches!(group.tag, TagKind::Link(_)) {
                attach(&mut group.children, places);
            } else if let Some(place) = places.next() {
                group.children.insert(0, place.into());
            }
        }
    }
}
