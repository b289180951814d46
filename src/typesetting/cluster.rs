//! Letters that belong together, shaped: what a line may be broken between.

use std::ops::Range;
use std::sync::Arc;

use unicode_bidi::{Level, ParagraphBidiInfo};

use super::font::{Font, ShapedGlyph};
use super::fonts::Fonts;
use super::stretches::{Stretch, stretches};
use super::style::Face;

/// How much room a letter takes that has no shape, in ems.
const GAP: f32 = 0.62;

/// A shaped text.
pub(super) struct Shaped {
    /// In the order they are read.
    pub(super) clusters: Vec<Cluster>,
    /// The direction of the whole.
    pub(super) level: Level,
}

/// One letter with all that is set together with it. Lengths are in ems.
pub(super) struct Cluster {
    pub(super) bytes: Range<usize>,
    pub(super) advance: f32,
    /// From left to right.
    pub(super) glyphs: Vec<ShapedGlyph>,
    pub(super) font: Arc<Font>,
    pub(super) level: Level,
    pub(super) is_space: bool,
    /// No font has it: an empty space stands there.
    pub(super) is_missing: bool,
}

impl Shaped {
    /// Shapes a text that is printable. `level` is its direction, or where there is none, that of its first letter.
    pub(super) fn new(fonts: &Fonts, face: Face, text: &str, level: Option<Level>) -> Self {
        let (levels, level) = levels(text, level);
        let mut clusters = Vec::with_capacity(text.len());
        for stretch in stretches(fonts, face, text, &levels) {
            clusters.extend(shape(&stretch, text));
        }
        Self { clusters, level }
    }

    pub(super) fn is_whole(&self) -> bool {
        !self.clusters.iter().any(|cluster| cluster.is_missing)
    }
}

/// The direction of each byte, and of the whole.
fn levels(text: &str, level: Option<Level>) -> (Vec<Level>, Level) {
    // What stands before Hebrew is written from left to right.
    if text.chars().all(|letter| letter < '\u{590}') {
        return (Vec::new(), Level::ltr());
    }
    let read = ParagraphBidiInfo::new(text, level);
    (read.levels, read.paragraph_level)
}

fn shape(stretch: &Stretch, text: &str) -> Vec<Cluster> {
    let part = text.get(stretch.bytes.clone()).unwrap_or_default();
    let mut clusters: Vec<Cluster> = Vec::with_capacity(part.len());
    for glyph in stretch.font.shape(part, stretch.level.is_rtl()) {
        let start = stretch.bytes.start + glyph.start;
        match clusters.last_mut().filter(|last| last.bytes.start == start) {
            Some(last) => {
                last.advance += glyph.advance;
                last.glyphs.push(glyph);
            }
            None => clusters.push(Cluster {
                bytes: start..start,
                advance: glyph.advance,
                glyphs: vec![glyph],
                font: Arc::clone(&stretch.font),
                level: stretch.level,
                is_space: false,
                is_missing: false,
            }),
        }
    }
    if stretch.level.is_rtl() {
        clusters.reverse();
    }
    let mut end = stretch.bytes.end;
    for cluster in clusters.iter_mut().rev() {
        cluster.bytes.end = end;
        end = cluster.bytes.start;
        cluster.finish(text, stretch.is_foreign);
    }
    clusters
}

impl Cluster {
    /// What can be said once it is known which letters it stands for.
    fn finish(&mut self, text: &str, is_foreign: bool) {
        let letters = text.get(self.bytes.clone()).unwrap_or_default();
        self.is_space = letters == " ";
        let has_all = self.glyphs.iter().all(|glyph| glyph.id != 0);
        // There are fonts whose letters are empty.
        let is_seen = || !is_foreign || self.is_space || self.glyphs.iter().any(|glyph| self.font.is_seen(glyph.id));
        if has_all && is_seen() {
            return;
        }
        self.is_missing = true;
        self.advance = GAP;
        self.glyphs = vec![ShapedGlyph {
            id: self.font.space(),
            start: 0,
            advance: GAP,
            x: 0.0,
            y: 0.0,
        }];
    }
}
