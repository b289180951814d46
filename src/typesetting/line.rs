//! A line ready to be drawn, from left to right.

use std::ops::Range;
use std::sync::Arc;

use unicode_bidi::{BidiInfo, Level};

use super::cluster::Cluster;
use super::font::Font;
use super::style::Style;

/// Text on one line.
pub(crate) struct Line {
    pub(crate) style: Style,
    pub(crate) text: String,
    /// From left to right.
    pub(crate) runs: Vec<Run>,
    /// Without the space at its end.
    pub(crate) width: f32,
    /// It reads from right to left.
    pub(crate) is_right_to_left: bool,
}

/// Part of a line in one font.
pub(crate) struct Run {
    pub(crate) font: Arc<Font>,
    /// How far from the left it begins, in ems.
    pub(crate) at: f32,
    pub(crate) glyphs: Vec<Glyph>,
}

/// A glyph and its place; lengths are in ems.
pub(crate) struct Glyph {
    pub(crate) id: u32,
    pub(crate) advance: f32,
    /// Off its place to the right, and upwards.
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// The letters of the line it stands for.
    pub(crate) bytes: Range<usize>,
}

impl Line {
    /// Puts clusters that are in reading order into their places. `level` is the direction of the whole text.
    pub(super) fn new(style: Style, text: &str, clusters: &[Cluster], level: Level) -> Self {
        let start = clusters.first().map_or(0, |cluster| cluster.bytes.start);
        let end = clusters.last().map_or(0, |cluster| cluster.bytes.end);
        let seen = clusters.iter().rposition(|cluster| !cluster.is_space);
        let (words, spaces) = clusters.split_at(seen.map_or(0, |last| last + 1));
        let width: f32 = words.iter().map(|cluster| cluster.advance).sum();
        // The space at the end stands at the end of the line, wherever that is; at the left it would only push.
        let spaces: &[Cluster] = if level.is_rtl() { &[] } else { spaces };
        let mut runs: Vec<Run> = Vec::new();
        let mut at = 0.0;
        for cluster in in_sight_order(words).into_iter().chain(spaces) {
            let bytes = cluster.bytes.start - start..cluster.bytes.end - start;
            let glyphs = cluster.glyphs.iter().map(|glyph| Glyph {
                id: glyph.id,
                advance: glyph.advance,
                x: glyph.x,
                y: glyph.y,
                bytes: bytes.clone(),
            });
            match runs.last_mut().filter(|run| Arc::ptr_eq(&run.font, &cluster.font)) {
                Some(run) => run.glyphs.extend(glyphs),
                None => runs.push(Run {
                    font: Arc::clone(&cluster.font),
                    at,
                    glyphs: glyphs.collect(),
                }),
            }
            at += cluster.advance;
        }
        Self {
            style,
            text: text.get(start..end).unwrap_or_default().to_owned(),
            runs,
            width: width * style.size,
            is_right_to_left: level.is_rtl(),
        }
    }
}

/// From left to right.
fn in_sight_order(clusters: &[Cluster]) -> Vec<&Cluster> {
    if clusters.iter().all(|cluster| cluster.level.is_ltr()) {
        return clusters.iter().collect();
    }
    let levels: Vec<Level> = clusters.iter().map(|cluster| cluster.level).collect();
    let order = BidiInfo::reorder_visual(&levels);
    order.into_iter().filter_map(|index| clusters.get(index)).collect()
}
