//! What the pages hold, read back with poppler: the figures of the reading, two pages on every paper, tags.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::assessment::model::answers::{Answers, FactorAnswers};
use crate::assessment::model::factor::Factor;
use crate::assessment::scoring::paired::compare;
use crate::assessment::scoring::score;
use crate::assessment::scoring::tests::{partial, read_answers};
use crate::assessment::words::bank::Bank;
use crate::assessment::words::reading::{read, read_joint};
use crate::assessment::{Parties, Relationship};

const PAPERS: [Paper; 2] = [Paper::A4, Paper::Letter];
/// Sixty characters of the widest kind.
const WIDE: &str = "WWWWWWWWWW MMMMMMMMMM WWWWWWWWWW MMMMMMMMMM WWWWWWWWWW WWWWW";

fn fonts() -> Fonts {
    Fonts::load().unwrap()
}

fn parties(us: &str, partner: &str) -> Parties {
    Parties {
        relationship: Relationship::Partner,
        side: None,
        us: us.to_owned(),
        partner: partner.to_owned(),
    }
}

fn about() -> About {
    About {
        organization: "Common Ground".to_owned(),
        headline: None,
        nameless: false,
        relationship: Relationship::Partner.in_words(),
        date: jiff::civil::date(2026, 11, 24),
        home_url: "https://commonground.example".to_owned(),
        kept_until: "November 24, 2028".to_owned(),
    }
}

fn vector(name: &str, key: &str) -> Answers {
    let vectors: Value = serde_json::from_str(include_str!("../scoring/vectors.json")).unwrap();
    read_answers(&vectors[name][key])
}

fn lopsided() -> Answers {
    vector("V7 one lopsided factor", "answers")
}

fn all(letters: &str) -> Answers {
    Answers::from_fn(|_| FactorAnswers::parse(letters).unwrap())
}

fn reading(parties: &Parties, answers: &Answers) -> Reading {
    read(&Bank::load().unwrap(), parties, &score(answers))
}

fn joint(parties: &Parties, a: &Answers, b: &Answers) -> JointReading {
    read_joint(&Bank::load().unwrap(), parties, &compare(a, b))
}

fn paired(parties: &Parties) -> JointReading {
    joint(parties, &vector("P1 paired", "A"), &vector("P1 paired", "B"))
}

/// What a program of poppler says about a PDF.
fn asked(program: &str, options: &[&str], pdf: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} of poppler-utils: {error}"));
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn info(pdf: &[u8]) -> String {
    asked("pdfinfo", &["-"], pdf)
}

/// Each page on its own, as it lies on the paper.
fn layout(pdf: &[u8]) -> Vec<String> {
    let text = asked("pdftotext", &["-layout", "-", "-"], pdf);
    text.split('\u{c}')
        .filter(|page| !page.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// One page in the order of its content, white space as one space.
fn flow(pdf: &[u8]) -> String {
    let text = asked("pdftotext", &["-raw", "-", "-"], pdf);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words_of_line<'p>(page: &'p str, start: &str) -> Vec<&'p str> {
    let line = page.lines().filter(|line| line.trim_start().starts_with(start));
    line.flat_map(str::split_whitespace).collect()
}

/// How much smaller the pages had to be made: 1.0 is as designed.
fn scale_of_result(fonts: &Fonts, paper: Paper, about: &About, reading: &Reading) -> f32 {
    let frame = Frame {
        typesetter: Typesetter::new(fonts),
        paper,
        title: String::new(),
        date: about.date,
        organization: "",
        kind: "",
    };
    let pages: [page::Content<'_>; 2] = [
        &|canvas| {
            result::first_page(canvas, about, reading);
        },
        &|canvas| {
            result::second_page(canvas, about, reading);
        },
    ];
    frame.scale(pages)
}

fn scale_of_joint(
    fonts: &Fonts,
    paper: Paper,
    about: &About,
    reading: &JointReading,
    purposes: Option<(&str, &str)>,
) -> f32 {
    let frame = Frame {
        typesetter: Typesetter::new(fonts),
        paper,
        title: String::new(),
        date: about.date,
        organization: "",
        kind: "",
    };
    let pages: [page::Content<'_>; 2] = [
        &|canvas| {
            joint::first_page(canvas, about, reading);
        },
        &|canvas| {
            joint::second_page(canvas, about, reading, purposes);
        },
    ];
    frame.scale(pages)
}

#[test]
fn paper_has_two_names() {
    assert_eq!(Paper::parse("a4"), Some(Paper::A4));
    assert_eq!(Paper::parse("letter"), Some(Paper::Letter));
    assert_eq!(Paper::parse("A3"), None);
}

#[test]
fn fonts_may_be_shared() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared(&fonts());
}

#[test]
fn pages_have_the_size_of_the_paper_and_are_tagged() {
    let reading = reading(&parties("Contoso", "Northwind"), &lopsided());
    for (paper, size) in [
        (Paper::A4, "595 x 842 pts (A4)"),
        (Paper::Letter, "612 x 792 pts (letter)"),
    ] {
        let pdf = result_pdf(&fonts(), paper, &about(), &reading).unwrap();
        let info = info(&pdf);
        assert!(info.contains(size), "{info}");
        assert!(words_of_line(&info, "Pages:").ends_with(&["2"]), "{info}");
        assert!(words_of_line(&info, "Tagged:").ends_with(&["yes"]), "{info}");
        assert!(words_of_line(&info, "Title:").ends_with(&["Alignment", "of", "Contoso", "and", "Northwind"]));
        for personal in ["Author:", "Subject:", "Keywords:"] {
            assert!(!info.contains(personal), "{info}");
        }
    }
}

#[test]
fn the_structure_is_there_and_says_its_language() {
    let pdf = result_pdf(
        &fonts(),
        Paper::A4,
        &about(),
        &reading(&parties("Contoso", "Northwind"), &lopsided()),
    )
    .unwrap();
    let raw = String::from_utf8_lossy(&pdf);
    assert!(raw.contains("/StructTreeRoot"));
    assert!(raw.contains("/Lang(en)") || raw.contains("/Lang (en)"));
    assert!(raw.contains("pdfuaid"), "it says that it is PDF/UA");
    let tree = asked("pdfinfo", &["-struct-text", "-"], &pdf);
    for tag in [
        "Document",
        "H1",
        "H2",
        "P (block)",
        "Figure",
        "Table",
        "THead",
        "TH",
        "TD",
        "LBody",
        "Link",
    ] {
        assert!(tree.contains(tag), "{tag} is missing in\n{tree}");
    }
    let levels: Vec<_> = tree
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("H1"))
        .collect();
    assert_eq!(levels.len(), 1, "one title");
}

#[test]
fn the_figures_on_the_page_are_those_of_the_reading() {
    let reading = reading(&parties("Contoso", "Northwind"), &lopsided());
    for paper in PAPERS {
        let pdf = result_pdf(&fonts(), paper, &about(), &reading).unwrap();
        let pages = layout(&pdf);
        assert_eq!(pages.len(), 2);
        let text = flow(&pdf);
        let whole = reading.whole.as_ref().unwrap();
        let first = reading.first.as_ref().unwrap();
        for said in [
            format!("Level {} × Balance {} % is about the index, {}.", whole.level, whole.balance.unwrap(), whole.index),
            whole.headline.clone(),
            format!("Index 57 {}", whole.band),
            first.sentence.clone(),
            first.what_if.clone().unwrap(),
            first.meaning.clone(),
            first.looks_like.clone(),
            reading.fair_exchange.clone().unwrap(),
            "57 index 11 lost to imbalance 6 lost to weak spots 26 to go".to_owned(),
            "As Contoso sees it · Business partners · November 24, 2026".to_owned(),
            "What is one thing each of us will do by December 24, 2026?".to_owned(),
            "40 of 40 questions were answered with a rating.".to_owned(),
            "They are kept until November 24, 2028. https://commonground.example".to_owned(),
            "This shows how Contoso sees the partnership on November 24, 2026. It is a start for a conversation, not a \
             verdict."
                .to_owned(),
        ] {
            assert!(text.contains(&said), "{said:?} is missing in\n{text}");
        }
        for step in reading.advice.first.iter().chain(&reading.advice.further) {
            assert!(text.contains(&step.text), "{} is missing", step.text);
        }
        for factor in &reading.factors {
            let figures = [factor.us, factor.partner, factor.gap].map(|figure| figure.unwrap().to_string());
            let row = pages[0]
                .lines()
                .find(|line| line.trim_start().starts_with(&factor.name));
            let found: Vec<&str> = row.unwrap().split_whitespace().collect();
            let expected: Vec<&str> = factor
                .name
                .split(' ')
                .chain(figures.iter().map(String::as_str))
                .collect();
            assert_eq!(found[..4], expected[..4], "{}", pages[0]);
            assert_eq!(found[4].trim_end_matches(','), expected[4]);
            assert_eq!(found[5], factor.gap_word.unwrap());
            assert_eq!(found[6], factor.score.unwrap().to_string());
            assert_eq!(found[7..].join(" "), *factor.band.as_ref().unwrap());
        }
    }
}

#[test]
fn no_private_link_is_on_it() {
    let pdf = result_pdf(
        &fonts(),
        Paper::A4,
        &about(),
        &reading(&parties("Contoso", "Northwind"), &lopsided()),
    )
    .unwrap();
    let links = String::from_utf8_lossy(&pdf).matches("/URI").count();
    let home = String::from_utf8_lossy(&pdf)
        .matches("https://commonground.example")
        .count();
    assert!(links > 0 && home > 0);
    assert!(!flow(&pdf).contains("/assessment/") && !String::from_utf8_lossy(&pdf).contains("/assessment/"));
}

#[test]
fn both_views_are_on_the_joint_report() {
    let reading = paired(&parties("Contoso", "Northwind"));
    let purposes = ("Sell the pumps in the north.", "Learn the market before we build.");
    for paper in PAPERS {
        let pdf = joint_pdf(&fonts(), paper, &about(), &reading, Some(purposes)).unwrap();
        let (pages, text) = (layout(&pdf), flow(&pdf));
        assert_eq!(pages.len(), 2);
        for said in [
            reading.opening.as_deref().unwrap(),
            "Contoso’s view gives 57; Northwind’s view gives 64. The lower view counts. Contoso sees it lower.",
            "Agreement 87 of 100: you see it much the same.",
            purposes.0,
            purposes.1,
            "Talk first about Shared Risk",
            "As Contoso sees it: Contoso carries more of the risk (lopsided, gap 50, score 48).",
            "As Northwind sees it: both sides stand about even (score 76).",
            "This shows how each of Contoso and Northwind sees the partnership on November 24, 2026.",
        ] {
            assert!(text.contains(said), "{said:?} is missing in\n{text}");
        }
        for flag in reading.factors.iter().flat_map(|factor| &factor.flags) {
            assert!(text.contains(&flag.sentence), "{} is missing", flag.sentence);
        }
        for factor in &reading.factors {
            let figures =
                [factor.aa, factor.ba, factor.ab, factor.bb, factor.score].map(|figure| figure.unwrap().to_string());
            let rows = pages[0]
                .lines()
                .filter(|line| line.trim_start().starts_with(&factor.short));
            let has_all = |line: &str| {
                let words: Vec<&str> = line.split_whitespace().collect();
                words[1..].starts_with(&figures.each_ref().map(String::as_str))
            };
            assert!(rows.into_iter().any(has_all), "{} in\n{}", factor.short, pages[0]);
        }
        assert!(
            !joint_pdf(&fonts(), paper, &about(), &reading, None)
                .map(|pdf| flow(&pdf).contains("says it is for"))
                .unwrap()
        );
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let parties = parties("Contoso", "株式会社 Northwind");
    let (one, two) = (reading(&parties, &lopsided()), paired(&parties));
    for paper in PAPERS {
        let twice = [0, 1].map(|_| result_pdf(&fonts(), paper, &about(), &one).unwrap());
        assert!(twice[0] == twice[1]);
        let twice = [0, 1].map(|_| joint_pdf(&fonts(), paper, &about(), &two, None).unwrap());
        assert!(twice[0] == twice[1]);
    }
}

#[test]
fn without_an_index_there_is_a_range_and_what_is_missing() {
    let mut answers = lopsided();
    answers.risk = FactorAnswers::parse("3333ddd-").unwrap();
    answers.vision = FactorAnswers::parse("3---3333").unwrap();
    let reading = reading(&parties("Contoso", "Northwind"), &answers);
    let (low, high) = reading.certainty.range.unwrap();
    let pdf = result_pdf(&fonts(), Paper::A4, &about(), &reading).unwrap();
    let text = flow(&pdf);
    for said in [
        format!("{low} to {high} No index yet Not scored: Shared Risk and Shared Vision."),
        format!("the index would lie between {low} and {high}."),
        format!(
            "33 of 40 questions were answered with a rating. “Don’t know” was said never about the own side and 3 times \
             about the partner. 4 stayed open. With the missing answers the index would lie between {low} and {high}."
        ),
    ] {
        assert!(text.contains(&said), "{said:?} is missing in\n{text}");
    }
    let joint = joint(&parties("Contoso", "Northwind"), &answers, &lopsided());
    let text = flow(&joint_pdf(&fonts(), Paper::A4, &about(), &joint, None).unwrap());
    assert!(text.contains("No joint index yet It needs both views"), "{text}");
    assert!(
        !text.contains(&format!("{low} and {high}")) && !text.contains("were answered with a rating"),
        "what one side lacks, the other is not given"
    );
}

#[test]
fn a_certain_index_is_one_number() {
    let mut answers = all("33333333");
    answers.risk = FactorAnswers::parse("0000dddd").unwrap();
    let reading = reading(&parties("Contoso", "Northwind"), &answers);
    let text = flow(&result_pdf(&fonts(), Paper::A4, &about(), &reading).unwrap());
    assert!(
        text.contains("The index is certain") && !text.contains("between 0 and 0"),
        "{text}"
    );
    assert!(
        text.contains("Whatever the missing answers are, the index is 0."),
        "{text}"
    );
}

#[test]
fn one_person_of_several_speaks_for_nobody_else() {
    let mut reading = reading(&parties("Marketing", "Sales"), &lopsided());
    reading.one_of_several = true;
    let text = flow(&result_pdf(&fonts(), Paper::A4, &about(), &reading).unwrap());
    assert!(text.contains("As one person of Marketing sees it"), "{text}");
    assert!(
        text.contains("This shows how one person of Marketing sees the partnership"),
        "{text}"
    );
}

#[test]
fn where_nothing_is_urgent_it_says_how_to_keep_it() {
    let reading = reading(&parties("Contoso", "Northwind"), &all("44444444"));
    let text = flow(&result_pdf(&fonts(), Paper::A4, &about(), &reading).unwrap());
    assert!(text.contains("Nothing is urgent"));
    let answers = Answers {
        risk: FactorAnswers::parse("44444443").unwrap(),
        ..all("44444444")
    };
    let nearly = self::reading(&parties("Contoso", "Northwind"), &answers);
    assert!(nearly.advice.nothing_urgent && nearly.first.as_ref().unwrap().what_if.is_some());
    let nearly = flow(&result_pdf(&fonts(), Paper::A4, &about(), &nearly).unwrap());
    for words in ["Lowest of the five", "Talk about first", "If both sides stood"] {
        assert!(
            !text.contains(words) && !nearly.contains(words),
            "{words}: the page does not say it either"
        );
    }
    for step in &reading.advice.keep {
        assert!(text.contains(&step.text), "{}", step.text);
    }
}

#[test]
fn an_unknown_partner_and_different_questions_are_said() {
    let reading = reading(
        &parties("Contoso", "Northwind"),
        &vector("V10 missing, still scored", "answers"),
    );
    let text = flow(&result_pdf(&fonts(), Paper::A4, &about(), &reading).unwrap());
    assert!(text.contains("You may not know your partner well enough yet"));
    let mut answers = lopsided();
    answers.values = FactorAnswers::parse("33----33").unwrap();
    let reading = self::reading(&parties("Contoso", "Northwind"), &answers);
    let text = flow(&result_pdf(&fonts(), Paper::A4, &about(), &reading).unwrap());
    assert!(
        text.contains("0, even *") && text.contains("rated on different questions"),
        "{text}"
    );
}

/// Names in many scripts, and whether the built-in fonts have their letters.
const NAMES: [(&str, &str, bool); 7] = [
    ("株式会社コモングラウンド", "شركة الأرض المشتركة", false),
    ("Ελλάς Α.Ε.", "ООО «Общая почва»", true),
    ("Công ty Việt Nam", "Αθήνα", true),
    ("Łódź Čeští ąę", "e\u{301}quipe nai\u{308}ve", true),
    (
        "🙂👩‍💻 & Söhne <b>",
        "a\u{0}b\u{7}c\u{FEFF}\u{FFFE}\u{FFFF}\u{10FFFD}",
        false,
    ),
    ("", " ", true),
    (
        "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunt",
        "x",
        true,
    ),
];
const SIDES: (&str, &str) = ("The inviting side", "The invited side");
const NO_FONT: &str = "The names use letters that this server has no font for.";

/// The built-in fonts, and a few letters of other scripts.
fn fonts_for_tests() -> Fonts {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts/tests");
    Fonts::load_with_folder(&folder).unwrap()
}

/// The text as it is read, without the marks that poppler puts around what goes from right to left.
fn in_reading_order(pdf: &[u8]) -> String {
    let text = asked("pdftotext", &["-", "-"], pdf);
    let text = text.replace(['\u{202A}', '\u{202B}', '\u{202C}'], "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says_pdf_ua(pdf: &[u8]) -> bool {
    String::from_utf8_lossy(pdf).contains("pdfuaid")
}

/// Both reports on two names, as they are asked for.
fn reports(fonts: &Fonts, paper: Paper, parties: &Parties) -> [Vec<u8>; 2] {
    let (about, shown) = about().naming(fonts, parties, NAMELESS_SIDES);
    let result = result_pdf(fonts, paper, &about, &reading(&shown, &lopsided())).unwrap();
    let (about, shown) = self::about().naming(fonts, parties, SIDES);
    let joint = joint_pdf(fonts, paper, &about, &paired(&shown), None).unwrap();
    [result, joint]
}

#[test]
fn names_whose_letters_no_font_has_are_not_used() {
    for (us, partner, has_letters) in NAMES {
        for paper in PAPERS {
            for pdf in reports(&fonts(), paper, &parties(us, partner)) {
                assert_eq!(layout(&pdf).len(), 2, "{us}");
                assert!(says_pdf_ua(&pdf), "{us}: nothing is missing");
                let text = flow(&pdf);
                assert_eq!(layout(&pdf)[0].contains(NO_FONT), !has_letters, "{us}\n{text}");
                assert_eq!(
                    text.contains(us.split(' ').next().unwrap()),
                    has_letters || us.is_empty(),
                    "{us}\n{text}"
                );
            }
        }
    }
    let [result, joint] = reports(&fonts(), Paper::A4, &parties("株式会社", "Northwind"));
    let text = flow(&result);
    assert!(
        text.contains("As Our side sees it") && text.contains("Our side and The other side"),
        "{text}"
    );
    let text = flow(&joint);
    assert!(text.contains("The inviting side and The invited side"), "{text}");
    assert!(!text.contains("Northwind"));
}

#[test]
fn names_are_set_in_the_fonts_that_have_their_letters() {
    let fonts = fonts_for_tests();
    for name in ["株式会社コモングラウンド", "شركة مشتركة", "שלום", "บริษัทกรุงเทพ", "हिन्दी"]
    {
        for pdf in reports(&fonts, Paper::A4, &parties(name, "Northwind")) {
            let text = in_reading_order(&pdf);
            assert!(text.contains(name), "{name}\n{text}");
            assert!(!text.contains(NO_FONT) && says_pdf_ua(&pdf), "{name}");
        }
    }
}

#[test]
fn a_purpose_that_cannot_be_shown_is_left_out() {
    let reading = paired(&parties("Contoso", "Northwind"));
    let purposes = Some(("株式会社", "Learn the market."));
    let pdf = joint_pdf(&fonts(), Paper::A4, &about(), &reading, purposes).unwrap();
    let text = flow(&pdf);
    assert!(
        text.contains("This sentence uses letters that this server has no font for."),
        "{text}"
    );
    assert!(text.contains("Learn the market.") && !text.contains("株"), "{text}");
    assert!(says_pdf_ua(&pdf));
    let pdf = joint_pdf(&fonts_for_tests(), Paper::A4, &about(), &reading, purposes).unwrap();
    assert!(flow(&pdf).contains("株式会社") && says_pdf_ua(&pdf));
}

#[test]
fn an_organization_without_letters_is_called_by_its_address() {
    let about = About {
        organization: "株式会社".to_owned(),
        ..about()
    };
    let reading = reading(&parties("Contoso", "Northwind"), &lopsided());
    let pdf = result_pdf(&fonts(), Paper::A4, &about, &reading).unwrap();
    assert!(says_pdf_ua(&pdf) && !flow(&pdf).contains("株"));
}

#[test]
fn what_has_no_shape_is_never_called_accessible() {
    let reading = reading(&parties("株式会社", "Northwind"), &lopsided());
    let pdf = result_pdf(&fonts(), Paper::A4, &about(), &reading).unwrap();
    assert!(!says_pdf_ua(&pdf));
}

/// Answers that bring each text of the bank onto a page: each factor weakest, even and leaning either way, high and low.
fn every_case() -> Vec<Answers> {
    let weak = ["22222222", "44440000", "00004444", "22221111", "4444dd--", "d33--22d"];
    let strong = ["33333333", "44442222", "22224444"];
    let mut cases = Vec::new();
    for factor in Factor::ALL {
        for weak in weak {
            for strong in strong {
                let mut answers = all(strong);
                *answers.get_mut(factor) = FactorAnswers::parse(weak).unwrap();
                cases.push(answers);
            }
        }
    }
    cases
}

#[test]
fn the_longest_texts_and_names_stay_on_two_pages_in_a_size_that_can_be_read() {
    let fonts = fonts();
    let names = parties(WIDE, WIDE);
    let mut about = about();
    about.organization = "Organisation ".repeat(10);
    about.home_url = format!("https://{}.example/", "long-name-of-a-host.".repeat(8));
    // Letter is the shorter paper, so it decides.
    let mut smallest: Vec<(f32, Answers)> = every_case()
        .into_iter()
        .map(|answers| {
            let reading = reading(&names, &answers);
            (scale_of_result(&fonts, Paper::Letter, &about, &reading), answers)
        })
        .collect();
    smallest.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (scale, answers) in smallest.into_iter().take(3) {
        let reading = reading(&names, &answers);
        assert!(scale >= 0.8, "{scale}");
        for paper in PAPERS {
            assert!(scale_of_result(&fonts, paper, &about, &reading) >= scale);
            let pdf = result_pdf(&fonts, paper, &about, &reading).unwrap();
            assert_eq!(layout(&pdf).len(), 2);
            assert!(flow(&pdf).contains("not a verdict."), "the last line is on the page");
        }
    }
}

#[test]
fn the_longest_joint_report_stays_on_two_pages() {
    let fonts = fonts();
    let names = parties(WIDE, WIDE);
    let purpose = "W".repeat(crate::assessment::PURPOSE_CHARACTERS);
    let purposes = Some((purpose.as_str(), purpose.as_str()));
    let mut smallest: f32 = 1.0;
    let b = [
        all("44440000"),
        all("00004444"),
        all("22222222"),
        all("11111111"),
        all("d3--33dd"),
    ];
    for answers in every_case().iter().step_by(7) {
        for b in &b {
            let reading = joint(&names, answers, b);
            smallest = smallest.min(scale_of_joint(&fonts, Paper::Letter, &about(), &reading, purposes));
        }
    }
    assert!(smallest >= 0.71, "{smallest}");
    let reading = joint(&names, &all("44440000"), &all("44440000"));
    for paper in PAPERS {
        let pdf = joint_pdf(&fonts, paper, &about(), &reading, purposes).unwrap();
        assert_eq!(layout(&pdf).len(), 2);
    }
}

#[test]
fn usual_names_are_set_in_the_size_of_the_design() {
    let fonts = fonts();
    let names = parties("Contoso Manufacturing", "Northwind Trading");
    for paper in PAPERS {
        let scale = scale_of_result(&fonts, paper, &about(), &reading(&names, &lopsided()));
        assert!(scale >= 0.94, "{scale} on {paper:?}");
        let scale = scale_of_joint(&fonts, paper, &about(), &paired(&names), None);
        assert!(scale >= 0.9, "{scale} on {paper:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_answers_and_no_names_make_it_fail(
        a in partial(),
        b in partial(),
        us in "\\PC{0,60}",
        partner in any::<String>(),
        letter in any::<bool>(),
    ) {
        let partner: String = partner.chars().take(60).collect();
        let parties = parties(&us, &partner);
        let paper = if letter { Paper::Letter } else { Paper::A4 };
        let pdf = result_pdf(&fonts(), paper, &about(), &reading(&parties, &a)).unwrap();
        prop_assert!(pdf.starts_with(b"%PDF-1.7"));
        let purposes = Some((us.as_str(), partner.as_str()));
        let pdf = joint_pdf(&fonts(), paper, &about(), &joint(&parties, &a, &b), purposes).unwrap();
        prop_assert!(pdf.starts_with(b"%PDF-1.7"));
    }
}
