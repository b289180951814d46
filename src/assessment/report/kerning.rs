//! How much closer two letters stand: the pairs of a font's `GPOS` table.

use skrifa::raw::TableProvider;
use skrifa::raw::tables::gpos::{PairPos, PairPosFormat1, PairPosFormat2, PositionSubtables, ValueContext};
use skrifa::{FontRef, GlyphId, Tag};

const KERN: Tag = Tag::new(b"kern");

/// Lookups, each with its tables. Of a lookup the first table that knows the pair counts.
pub(super) struct Kerning(Vec<Vec<PairPos<'static>>>);

impl Kerning {
    /// Of a font; none where it says nothing about pairs.
    pub(super) fn of(font: &FontRef<'static>) -> Self {
        Self(lookups(font).unwrap_or_default())
    }

    /// What is added to the left one's width, in the font's units.
    pub(super) fn between(&self, left: GlyphId, right: GlyphId) -> i16 {
        let of_lookup = |tables: &Vec<PairPos<'static>>| {
            let known = tables.iter().find_map(|table| match table {
                PairPos::Format1(table) => of_glyphs(table, left, right),
                PairPos::Format2(table) => of_classes(table, left, right),
            });
            known.unwrap_or_default()
        };
        self.0.iter().map(of_lookup).sum()
    }
}

fn lookups(font: &FontRef<'static>) -> Option<Vec<Vec<PairPos<'static>>>> {
    let gpos = font.gpos().ok()?;
    let features = gpos.feature_list().ok()?;
    let list = gpos.lookup_list().ok()?.lookups();
    let mut numbers: Vec<u16> = Vec::new();
    for record in features.feature_records() {
        if record.feature_tag() == KERN {
            let feature = record.feature(features.offset_data()).ok()?;
            for number in feature.lookup_list_indices() {
                numbers.push(number.get());
            }
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    let pairs = numbers.into_iter().filter_map(|number| {
        let lookup = list.get(usize::from(number)).ok()?;
        match lookup.subtables().ok()? {
            PositionSubtables::Pair(tables) => Some(tables.iter().filter_map(Result::ok).collect()),
            _ => None,
        }
    });
    Some(pairs.collect())
}

fn of_glyphs(table: &PairPosFormat1<'static>, left: GlyphId, right: GlyphId) -> Option<i16> {
    let covered = table.coverage().ok()?.get(left)?;
    let pairs = table.pair_sets().get(usize::from(covered)).ok()?.pair_value_records();
    let (mut low, mut high) = (0, pairs.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let pair = pairs.get(middle).ok()?;
        match GlyphId::from(pair.second_glyph()).cmp(&right) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(pair.value_record1().x_advance().unwrap_or_default()),
        }
    }
    None
}

fn of_classes(table: &PairPosFormat2<'static>, left: GlyphId, right: GlyphId) -> Option<i16> {
    table.coverage().ok()?.get(left)?;
    let (one, other) = (table.class_def1().ok()?.get(left), table.class_def2().ok()?.get(right));
    let [value, _] = table.values(one, other, &ValueContext::default()).ok()?;
    Some(value.x_advance)
}
