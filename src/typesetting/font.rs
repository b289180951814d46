//! One font: which letters it has, their shapes, their outlines.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use harfrust::{Direction, Feature, Script, ShapeOptions, ShapePlan, Shaper, ShaperData, UnicodeBuffer, script};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::TableProvider;
use skrifa::{FontRef, GlyphId, MetadataProvider, Tag};

/// A font in memory.
pub(crate) struct Font {
    bytes: Bytes,
    index: u32,
    units: f32,
    shaping: ShaperData,
    plans: Mutex<Vec<Plan>>,
    space: u32,
}

/// How texts of a script and direction are shaped; it takes longer to make than to follow.
type Plan = (Direction, Script, Arc<ShapePlan>);

/// Letters that may be parted at the end of a line stay single.
const FEATURES: [Feature; 1] = [Feature {
    tag: Tag::new(b"liga"),
    value: 0,
    start: 0,
    end: u32::MAX,
}];

/// A glyph as the shaper gives it; lengths are in ems.
pub(super) struct ShapedGlyph {
    /// 0 where the font has none.
    pub(super) id: u32,
    /// Where in the text the letters begin that it stands for.
    pub(super) start: usize,
    pub(super) advance: f32,
    pub(super) x: f32,
    pub(super) y: f32,
}

impl Font {
    /// `None` where this is no font that can be set.
    pub(super) fn read(bytes: Bytes, index: u32) -> Option<Self> {
        let face = FontRef::from_index(&bytes, index).ok()?;
        let units = f32::from(face.head().ok()?.units_per_em());
        if units < 1.0 {
            return None;
        }
        let space = face.charmap().map(' ')?;
        let shaping = ShaperData::new(&face);
        Some(Self {
            shaping,
            plans: Mutex::default(),
            units,
            space: space.to_u32(),
            bytes,
            index,
        })
    }

    /// The file, and the font's number in it.
    pub(crate) fn file(&self) -> (&Bytes, u32) {
        (&self.bytes, self.index)
    }

    /// What stands where nothing is to be seen.
    pub(super) fn space(&self) -> u32 {
        self.space
    }

    fn face(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(&self.bytes, self.index).ok()
    }

    /// Whether it has each of these letters.
    pub(super) fn covers(&self, letters: &[char]) -> Vec<bool> {
        let Some(face) = self.face() else {
            return vec![false; letters.len()];
        };
        let map = face.charmap();
        let has = |letter: &char| map.map(*letter).is_some_and(|glyph| glyph != GlyphId::NOTDEF);
        letters.iter().map(has).collect()
    }

    /// The glyphs of a text in one script and one direction, from left to right.
    pub(super) fn shape(&self, text: &str, right_to_left: bool) -> Vec<ShapedGlyph> {
        let Some(face) = self.face() else {
            return Vec::new();
        };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(if right_to_left {
            Direction::RightToLeft
        } else {
            Direction::LeftToRight
        });
        buffer.guess_segment_properties();
        let shaper = self.shaping.shaper(&face).build();
        let plan = self.plan(&shaper, buffer.direction(), buffer.script());
        let options = ShapeOptions::new().features(&FEATURES).plan(Some(&plan));
        let set = shaper.shape(buffer, options);
        let ems = |units: i32| {
            #[expect(clippy::cast_precision_loss, reason = "a font's unit")]
            let units = units as f32;
            units / self.units
        };
        let glyphs = set.glyph_infos().iter().zip(set.glyph_positions());
        glyphs
            .map(|(glyph, place)| ShapedGlyph {
                id: glyph.glyph_id,
                start: usize::try_from(glyph.cluster).unwrap_or_default(),
                advance: ems(place.x_advance),
                x: ems(place.x_offset),
                y: ems(place.y_offset),
            })
            .collect()
    }

    fn plan(&self, shaper: &Shaper<'_>, direction: Direction, script: Script) -> Arc<ShapePlan> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let known = plans.iter().find(|plan| (plan.0, plan.1) == (direction, script));
        if let Some((_, _, plan)) = known {
            return Arc::clone(plan);
        }
        let known_script = Some(script).filter(|script| *script != script::UNKNOWN);
        let plan = Arc::new(ShapePlan::new(shaper, direction, known_script, None, &FEATURES));
        plans.push((direction, script, Arc::clone(&plan)));
        plan
    }

    /// Draws a glyph at this size, upwards from its base line.
    pub(crate) fn outline(&self, glyph: u32, size: f32, pen: &mut impl OutlinePen) {
        let Some(face) = self.face() else { return };
        if let Some(outline) = face.outline_glyphs().get(GlyphId::new(glyph)) {
            let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
            // What of a damaged outline cannot be drawn is left out.
            drop(outline.draw(settings, pen));
        }
    }

    /// Whether there is anything to see of a glyph.
    pub(super) fn is_seen(&self, glyph: u32) -> bool {
        let mut seen = Ink(false);
        self.outline(glyph, 16.0, &mut seen);
        seen.0
    }
}

/// Notes whether a line was drawn.
struct Ink(bool);

impl OutlinePen for Ink {
    fn move_to(&mut self, _: f32, _: f32) {}

    fn line_to(&mut self, _: f32, _: f32) {
        self.0 = true;
    }

    fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {
        self.0 = true;
    }

    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
        self.0 = true;
    }

    fn close(&mut self) {}
}
