//! Texts as they come to stand on a line: measured, broken, shortened, in their own script and direction.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;

const TITLE: Style = Style::new(Face::SerifBold, 25.0, 29.0, Color(0, 0, 0));
const BODY: Style = Style::new(Face::Serif, 10.5, 14.6, Color(0, 0, 0));
/// Names in scripts that the built-in fonts lack, with the letters of the fonts for tests.
const NAMES: [&str; 5] = [
    "株式会社コモングラウンド",
    "شركة الأرض المشتركة",
    "שלום",
    "บริษัทกรุงเทพ",
    "हिन्दी",
];

fn typesetter() -> Typesetter {
    Typesetter::new(&Fonts::load().unwrap())
}

fn with_fonts_for_tests() -> Typesetter {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts/tests");
    Typesetter::new(&Fonts::load_with_folder(&folder).unwrap())
}

fn texts(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

/// The letters of each glyph, from left to right.
fn from_left(line: &Line) -> Vec<&str> {
    let glyphs = line.runs.iter().flat_map(|run| &run.glyphs);
    glyphs.map(|glyph| &line.text[glyph.bytes.clone()]).collect()
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
    assert!(fonts.widest_word(BODY, &word) > 50.0);
    assert!(fonts.widest_word(BODY, "a small word") < 50.0);
}

#[test]
fn letters_are_kerned() {
    let fonts = typesetter();
    let apart = fonts.line(TITLE, "V").width + fonts.line(TITLE, "a").width;
    assert!(fonts.line(TITLE, "Va").width < apart - 0.5);
}

#[test]
fn what_is_too_much_gives_way_a_word_at_a_time() {
    let fonts = typesetter();
    let name = "Northwind Trading Company of Rotterdam";
    let line = fonts.shortened(BODY, name, 110.0);
    assert!(line.width <= 110.0);
    assert_eq!(line.text, "Northwind Trading…");
    let lines = fonts.at_most(BODY, name, 80.0, 2);
    assert_eq!(texts(&lines), ["Northwind ", "Trading…"]);
    let just = fonts.line(BODY, "Northwind").width + 1.0;
    assert_eq!(
        fonts.shortened(BODY, name, just).text,
        "Northwind…",
        "the ellipsis hangs over"
    );
    assert_eq!(fonts.shortened(BODY, "Northwind, Trading", 70.0).text, "Northwind…");
}

#[test]
fn only_a_word_that_is_too_long_by_itself_is_cut() {
    let fonts = typesetter();
    let line = fonts.shortened(BODY, "Donaudampfschifffahrtsgesellschaft", 80.0);
    assert!(
        line.text.starts_with("Donaudampf") && line.text.ends_with('…'),
        "{}",
        line.text
    );
    let line = fonts.shortened(BODY, "The Donaudampfschifffahrtsgesellschaft", 80.0);
    assert!(
        line.text.starts_with("The Donau") && line.text.ends_with('…'),
        "{}",
        line.text
    );
    assert!(fonts.shortened(BODY, "Northwind", 1.0).text.ends_with('…'));
}

#[test]
fn what_our_fonts_lack_is_set_in_another() {
    let (without, with) = (typesetter(), with_fonts_for_tests());
    for name in NAMES {
        assert!(without.lacks(name) && !with.lacks(name), "{name}");
        let line = with.line(BODY, name);
        assert!(line.width > 10.0);
        assert_eq!(line.runs.len(), 1, "spaces in {name} go with it");
        let mixed = format!("As {name} and Contoso see it");
        let line = with.line(BODY, &mixed);
        assert_eq!((line.text.as_str(), line.runs.len()), (mixed.as_str(), 3));
    }
    assert!(with.lacks("🙂") && with.lacks("שלום 🙂"));
}

#[test]
fn arabic_letters_join_and_stand_from_right_to_left() {
    let fonts = with_fonts_for_tests();
    let word = fonts.line(BODY, "شركة");
    let alone = fonts.line(BODY, "ش");
    assert!(!word.is_right_to_left, "the paper is in English");
    assert_eq!(from_left(&word), ["ة", "ك", "ر", "ش"]);
    let last = word.runs.last().and_then(|run| run.glyphs.last()).unwrap();
    assert_ne!(
        last.id, alone.runs[0].glyphs[0].id,
        "at the beginning of a word it has another shape"
    );
}

#[test]
fn a_number_after_a_hebrew_name_is_read_from_the_left() {
    let line = with_fonts_for_tests().line(BODY, "שלום 57 and");
    assert_eq!(from_left(&line).concat(), "57 םולש and");
}

#[test]
fn a_text_of_its_own_begins_where_its_first_letter_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts/tests");
    let fonts = Typesetter::in_own_direction(&Fonts::load_with_folder(&folder).unwrap());
    assert!(fonts.line(TITLE, "שלום Contoso").is_right_to_left);
    assert!(!fonts.line(TITLE, "Contoso שלום").is_right_to_left);
    let lines = fonts.lines(TITLE, "שלום שלום שלום שלום", 100.0);
    assert!(lines.len() > 1 && lines.iter().all(|line| line.width <= 100.0));
}

#[test]
fn chinese_and_japanese_break_between_signs() {
    let fonts = with_fonts_for_tests();
    let lines = fonts.lines(BODY, "Contoso 株式会社コモングラウンド", 90.0);
    assert!(lines[0].text.starts_with("Contoso 株"), "{:?}", texts(&lines));
}

#[test]
fn fonts_that_are_none_or_have_no_outlines_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let hebrew = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts/tests/noto-sans-hebrew.ttf");
    let mut bytes = fs::read(hebrew).unwrap();
    fs::write(folder.path().join("a-cut-off.ttf"), &bytes[..200]).unwrap();
    fs::write(folder.path().join("b-no-font.otf"), "nothing").unwrap();
    fs::create_dir(folder.path().join("c.ttf")).unwrap();
    let glyf = bytes.windows(4).position(|tag| tag == b"glyf").unwrap();
    bytes[glyf..glyf + 4].copy_from_slice(b"CBDT");
    fs::write(folder.path().join("d-pictures.ttf"), &bytes).unwrap();
    let lacks = || Typesetter::new(&Fonts::load_with_folder(folder.path()).unwrap()).lacks("שלום");
    assert!(lacks());
    bytes[glyf..glyf + 4].copy_from_slice(b"glyf");
    fs::write(folder.path().join("e-good.ttf"), &bytes).unwrap();
    assert!(!lacks());
    assert!(Typesetter::new(&Fonts::load_with_folder(Path::new("/no/such/folder")).unwrap()).lacks("שלום"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_text_comes_out_whole(text in any::<String>(), width in 1.0_f32..200.0) {
        let fonts = with_fonts_for_tests();
        let lines = fonts.lines(BODY, &text, width);
        prop_assert_eq!(texts(&lines).concat(), fonts.line(BODY, &text).text);
        let short = fonts.shortened(BODY, &text, width);
        prop_assert!(short.width <= width + fonts.line(BODY, "…").width + 0.01);
        for line in lines {
            for glyph in line.runs.iter().flat_map(|run| &run.glyphs) {
                prop_assert!(line.text.get(glyph.bytes.clone()).is_some());
            }
        }
    }
}

/// The program carries the fonts packed; the whitepaper is set with them as they are.
#[test]
fn the_packed_fonts_are_those_of_the_paper() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts");
    let fonts: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ttf"))
        .collect();
    assert_eq!(fonts.len(), 5);
    for path in fonts {
        let packed = std::fs::read(path.with_extension("ttf.br")).unwrap();
        let mut bytes = Vec::new();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut bytes).unwrap();
        assert!(bytes == std::fs::read(&path).unwrap(), "{}", path.display());
    }
}
