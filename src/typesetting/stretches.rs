//! Which part of a text is set in which font, in which direction.

use std::ops::Range;
use std::sync::Arc;

use harfrust::{Script, UnicodeBuffer, script};
use unicode_bidi::{BidiClass, Level, bidi_class};

use super::font::Font;
use super::fonts::Fonts;
use super::printable::is_joiner;
use super::style::Face;

/// Part of a text in one font, one script and one direction.
pub(super) struct Stretch {
    pub(super) bytes: Range<usize>,
    pub(super) font: Arc<Font>,
    pub(super) level: Level,
    /// Set in another font than our own.
    pub(super) is_foreign: bool,
    /// Where it matters, and any letter says it.
    script: Option<Script>,
}

impl Stretch {
    /// Whether both can be shaped together.
    fn goes_on_in(&self, next: &Self) -> bool {
        let is_one_script = self.script.is_none() || next.script.is_none() || self.script == next.script;
        Arc::ptr_eq(&self.font, &next.font) && self.level == next.level && is_one_script
    }
}

/// A letter with its accents.
struct Unit {
    bytes: Range<usize>,
    letters: Vec<char>,
    /// Our own font lacks it.
    is_lacking: bool,
    /// Our own font lacks it, but another has it.
    font: Option<Arc<Font>>,
}

impl Unit {
    /// Spaces and punctuation go with what stands around them.
    fn is_between(&self) -> bool {
        !self.is_lacking && !self.letters.iter().any(|letter| letter.is_alphanumeric())
    }
}

/// The parts of a text. `levels` has the direction of each byte.
pub(super) fn stretches(fonts: &Fonts, face: Face, text: &str, levels: &[Level]) -> Vec<Stretch> {
    let own = fonts.cut(face);
    let mut units = units(own, text);
    stand_in(fonts, face, &mut units);
    let mut stretches: Vec<Stretch> = Vec::new();
    for unit in units {
        let level = levels.get(unit.bytes.start).copied().unwrap_or(Level::ltr());
        let stretch = Stretch {
            level,
            is_foreign: unit.font.is_some(),
            // Our own scripts are shaped alike.
            script: unit.font.as_ref().and_then(|_| script_of(&unit.letters)),
            font: unit.font.unwrap_or_else(|| Arc::clone(own)),
            bytes: unit.bytes,
        };
        match stretches.last_mut().filter(|last| last.goes_on_in(&stretch)) {
            Some(last) => {
                last.bytes.end = stretch.bytes.end;
                last.script = last.script.or(stretch.script);
            }
            None => stretches.push(stretch),
        }
    }
    stretches
}

fn units(own: &Font, text: &str) -> Vec<Unit> {
    let letters: Vec<char> = text.chars().collect();
    let mut units: Vec<Unit> = Vec::with_capacity(letters.len());
    for ((start, letter), has) in text.char_indices().zip(own.covers(&letters)) {
        let end = start + letter.len_utf8();
        let clings = bidi_class(letter) == BidiClass::NSM || is_joiner(letter);
        match units.last_mut().filter(|_| clings) {
            Some(unit) => {
                unit.bytes.end = end;
                unit.is_lacking |= !has && !is_joiner(letter);
                unit.letters.push(letter);
            }
            None => units.push(Unit {
                bytes: start..end,
                letters: vec![letter],
                is_lacking: !has,
                font: None,
            }),
        }
    }
    units
}

/// Finds fonts for what ours lacks: one for a whole run where there is one, and the spaces inside it too.
fn stand_in(fonts: &Fonts, face: Face, units: &mut [Unit]) {
    let mut rest = units;
    while let Some(first) = rest.iter().position(|unit| unit.is_lacking) {
        let (_, from) = rest.split_at_mut(first);
        let length = run(from);
        let (run, after) = from.split_at_mut(length);
        choose(fonts, face, run);
        rest = after;
    }
}

/// How many units belong to the run that begins here: up to the last lacking one before a letter of our own.
fn run(units: &[Unit]) -> usize {
    let reach = units.iter().take_while(|unit| unit.is_lacking || unit.is_between());
    let reach = reach.count();
    let last = units.iter().take(reach).rposition(|unit| unit.is_lacking);
    last.map_or(reach, |last| last + 1)
}

fn choose(fonts: &Fonts, face: Face, run: &mut [Unit]) {
    let needed = |unit: &Unit| -> Vec<char> {
        let letters = unit.letters.iter().copied();
        letters.filter(|letter| !is_joiner(*letter)).collect()
    };
    let mut letters: Vec<char> = run.iter().filter(|unit| unit.is_lacking).flat_map(needed).collect();
    letters.sort_unstable();
    letters.dedup();
    let for_all = fonts.standing_in(face, &letters);
    let mut before: Option<Arc<Font>> = None;
    for unit in run {
        let letters = needed(unit);
        let has = |font: &Arc<Font>| font.covers(&letters).into_iter().all(|has| has);
        let found = match &for_all {
            Some(font) if has(font) => Some(Arc::clone(font)),
            Some(_) => None,
            None => before.clone().filter(has).or_else(|| {
                let other = unit.is_lacking.then(|| fonts.standing_in(face, &letters));
                other.flatten()
            }),
        };
        if found.is_some() {
            before.clone_from(&found);
        }
        unit.font = found;
    }
}

/// `None` where the letters are of all scripts, as spaces are.
fn script_of(letters: &[char]) -> Option<Script> {
    let mut buffer = UnicodeBuffer::new();
    for letter in letters {
        buffer.add(*letter, 0);
    }
    buffer.guess_segment_properties();
    Some(buffer.script()).filter(|script| *script != script::UNKNOWN)
}
