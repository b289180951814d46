//! The two pages of two views.

use super::About;
use super::canvas::Canvas;
use super::closing::{divide, end, method, nameless, talk, worth};
use super::draw::{Align, Mark};
use super::names::told_apart;
use super::style::{BODY, BYLINE, FIGURE, HEADING, OPENING, STRONG};
use super::table::{Cell, ReportTable, TableColumn, head_text};
use super::views;
use crate::assessment::model::factor::Factor;
use crate::assessment::words::reading::{JointFactor, JointReading, Reading, in_a_row};

const FIGURES: [TableColumn; 8] = [
    column(0.115, Align::Left),
    column(0.13, Align::Right),
    column(0.13, Align::Right),
    column(0.13, Align::Right),
    column(0.13, Align::Right),
    column(0.065, Align::Right),
    column(0.18, Align::Left),
    column(0.12, Align::Right),
];
const FLAGS: [TableColumn; 3] = [
    column(0.24, Align::Left),
    column(0.2, Align::Left),
    column(0.56, Align::Left),
];
const PURPOSES: [TableColumn; 2] = [column(0.5, Align::Left), column(0.5, Align::Left)];
const PROMISES: [TableColumn; 3] = [
    column(0.24, Align::Left),
    column(0.56, Align::Left),
    column(0.2, Align::Left),
];

const fn column(share: f32, align: Align) -> TableColumn {
    TableColumn { share, align }
}

/// More findings than this stand closer.
const FEW: usize = 4;

const NO_INDEX: &str = "It needs both views, and at least one of them has too few answers on some factor.";

/// Something good, the two indexes, both views of each factor, and what stands out.
pub(super) fn first_page(canvas: &mut Canvas<'_>, about: &About, reading: &JointReading) {
    canvas.title(&format!("{} and {}", reading.a, reading.b));
    canvas.y += 4.0;
    let byline = format!(
        "As both see it  ·  {}  ·  {}",
        about.relationship,
        about.date_in_words()
    );
    canvas.paragraph(BYLINE, &byline);
    nameless(canvas, about);
    if let Some(opening) = &reading.opening {
        canvas.gap(12.0);
        canvas.paragraph(OPENING, opening);
    }
    canvas.gap(14.0);
    index(canvas, reading);
    canvas.gap(14.0);
    canvas.section("How each of you rates both sides");
    canvas.gap(4.0);
    views::write(canvas, reading);
    canvas.gap(10.0);
    figures(canvas, reading);
    canvas.gap(14.0);
    flags(canvas, reading);
}

fn index(canvas: &mut Canvas<'_>, reading: &JointReading) {
    let (figure, aloud) = match reading.index {
        Some(index) => (index.to_string(), format!("Joint index {index}")),
        None => ("–".to_owned(), "No joint index".to_owned()),
    };
    let figure = canvas.typesetter.line(FIGURE, &figure);
    canvas.beside(&figure, &aloud, |canvas| {
        canvas.heading(2, HEADING, reading.band.as_deref().unwrap_or("No joint index yet"));
        canvas.y += 2.0;
        let mut words = match (reading.index_a, reading.index_b) {
            (Some(of_a), Some(of_b)) => format!(
                "{}’s view gives {of_a}; {}’s view gives {of_b}. The lower view counts.",
                reading.a, reading.b
            ),
            _ => NO_INDEX.to_owned(),
        };
        if !reading.seen_by.is_empty() {
            words.push(' ');
            words.push_str(&reading.seen_by);
        }
        canvas.paragraph(BODY, &words);
        if let (Some(agreement), Some(in_words)) = (reading.agreement, reading.agreement_words) {
            canvas.y += 3.0;
            canvas.paragraph(
                STRONG,
                &format!("Agreement {agreement} of 100: {}.", lowercase(in_words)),
            );
        }
    });
}

fn lowercase(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

fn figures(canvas: &mut Canvas<'_>, reading: &JointReading) {
    let rows = reading.factors.iter().map(|factor| {
        let band = factor.band.clone().unwrap_or_else(|| "Not scored".to_owned());
        vec![
            Cell::strong(&factor.short),
            Cell::figure(factor.aa),
            Cell::figure(factor.ba),
            Cell::figure(factor.ab),
            Cell::figure(factor.bb),
            Cell::Text(
                STRONG,
                factor.score.map_or_else(|| "–".to_owned(), |score| score.to_string()),
            ),
            Cell::text(band),
            Cell::figure(factor.agreement),
        ]
    });
    let (a, b) = (reading.a.as_str(), reading.b.as_str());
    let about = |name: &str| head_text(canvas, &FIGURES, 1, &format!("about {name}"));
    let [own_a, own_b, other_a, other_b] = match told_apart([a, b], about) {
        Some([a, b]) => [a.clone(), b.clone(), a, b],
        None => ["about itself", "about itself", "about the other", "about the other"].map(str::to_owned),
    };
    let said = |mark: Mark, label: String, by: &str, of: &str| Cell::Marked(mark, label, format!("{by} says of {of}"));
    let table = ReportTable {
        columns: &FIGURES,
        head: vec![
            Cell::head("Factor"),
            said(Mark::Us, own_a, a, a),
            said(Mark::Partner, other_a, b, a),
            said(Mark::Us, other_b, a, b),
            said(Mark::Partner, own_b, b, b),
            Cell::head("Joint score"),
            Cell::head("Band"),
            Cell::head("Agreement"),
        ],
        rows: rows.collect(),
        padding: 2.2,
    };
    table.write(canvas);
}

/// What stands out, each finding once, with the factors it is true of.
fn flags(canvas: &mut Canvas<'_>, reading: &JointReading) {
    let mut found: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for factor in &reading.factors {
        for flag in &factor.flags {
            match found.iter_mut().find(|(_, sentence, _)| *sentence == flag.sentence) {
                // Where both sides have the same name, one sentence may come twice.
                Some((_, _, factors)) if factors.contains(&factor.short) => (),
                Some((_, _, factors)) => factors.push(factor.short.clone()),
                None => found.push((flag.name, &flag.sentence, vec![factor.short.clone()])),
            }
        }
    }
    if let Some(nothing) = reading.nothing_stands_out {
        canvas.part("What stands out", |canvas| canvas.paragraph(BODY, nothing));
        return;
    }
    let padding = if found.len() > FEW { 1.4 } else { 2.6 };
    let rows = found.into_iter().map(|(name, sentence, factors)| {
        vec![Cell::strong(name), Cell::text(in_a_row(&factors)), Cell::text(sentence)]
    });
    let table = ReportTable {
        columns: &FLAGS,
        head: ["What stands out", "On", "What it says"]
            .into_iter()
            .map(Cell::head)
            .collect(),
        rows: rows.collect(),
        padding,
    };
    table.write(canvas);
}

/// What it is for, what to talk about, what to promise, and how it works.
pub(super) fn second_page(
    canvas: &mut Canvas<'_>,
    about: &About,
    reading: &JointReading,
    purposes: Option<(&str, &str)>,
) {
    if let Some((a, b)) = purposes {
        canvas.section("What each of you says it is for");
        canvas.gap(6.0);
        let table = ReportTable {
            columns: &PURPOSES,
            head: vec![Cell::side(Mark::Us, &reading.a), Cell::side(Mark::Partner, &reading.b)],
            rows: vec![vec![Cell::Text(BODY, a.to_owned()), Cell::Text(BODY, b.to_owned())]],
            padding: 6.0,
        };
        table.write(canvas);
        canvas.gap(20.0);
    }
    topic(canvas, reading);
    talk(canvas, about);
    canvas.gap(10.0);
    promises(canvas, about, reading);
    canvas.gap(20.0);
    canvas.part("How sure is this?", |canvas| {
        // No counts: neither side agreed to show how much it answered.
        canvas.paragraph(
            BODY,
            "These are the views of two people, one of each side. Figures stand where both rated a factor.",
        );
    });
    divide(canvas);
    method(canvas, &method_lines());
    let whose = format!("each of {} and {}", reading.a, reading.b);
    end(
        canvas,
        about,
        &whose,
        " If either side deletes its answers, the joint report goes too.",
    );
}

/// The factor with the lowest joint score, as each of the two sees it.
fn topic(canvas: &mut Canvas<'_>, reading: &JointReading) {
    let scored = reading
        .factors
        .iter()
        .filter_map(|factor| Some((factor.score?, factor)));
    let lowest = scored.reduce(|best, next| if next.0 < best.0 { next } else { best });
    let Some((_, lowest)) = lowest else { return };
    canvas.section(&format!("Talk first about {}", lowest.name));
    canvas.gap(4.0);
    if let Some(meaning) = meaning(reading, lowest) {
        canvas.paragraph(BODY, meaning);
        canvas.gap(4.0);
    }
    for (name, view) in [(&reading.a, &reading.reading_a), (&reading.b, &reading.reading_b)] {
        canvas.gap(2.0);
        canvas.paragraph(BODY, &format!("As {name} sees it: {}", seen(view, lowest.factor)));
    }
    divide(canvas);
}

/// One of the two has it as the first topic of its own result, unless they tie.
fn meaning<'r>(reading: &'r JointReading, factor: &JointFactor) -> Option<&'r str> {
    [&reading.reading_a, &reading.reading_b]
        .into_iter()
        .filter_map(|view| view.first.as_ref())
        .find(|first| first.name == factor.name)
        .map(|first| first.meaning.as_str())
}

fn seen(view: &Reading, factor: Factor) -> String {
    let found = view.factors.iter().find(|reading| reading.factor == factor);
    let Some((reading, score)) = found.and_then(|reading| Some((reading, reading.score?))) else {
        return "not compared, because both sides need to have rated it.".to_owned();
    };
    match (&reading.gap_sentence, reading.gap_word, reading.gap) {
        (Some(sentence), Some(word), Some(gap)) => format!("{sentence} ({word}, gap {gap}, score {score})."),
        _ => format!("both sides stand about even (score {score})."),
    }
}

/// One thing each side will do.
fn promises(canvas: &mut Canvas<'_>, about: &About, reading: &JointReading) {
    let row = |name: &String| vec![Cell::strong(name), Cell::Blank, Cell::Blank];
    let table = ReportTable {
        columns: &PROMISES,
        head: vec![
            Cell::head("Who"),
            Cell::head(format!("What we will do by {}", about.due_in_words())),
            Cell::head("When we look at it"),
        ],
        rows: vec![row(&reading.a), row(&reading.b)],
        padding: 5.0,
    };
    table.write(canvas);
}

fn method_lines() -> [String; 5] {
    [
        "Each of you rated both sides on the same 20 statements, without seeing the other’s answers.".to_owned(),
        "Within a factor we multiply the two sides and take off up to a third for the gap. We multiply the factors too, \
         and the weakest counts again."
            .to_owned(),
        "Two views are never averaged: the joint index and joint scores are the lower of the two.".to_owned(),
        "Agreement is 100 where all answers are the same; random answers would give about 60. Single answers are not \
         shown."
            .to_owned(),
        worth(),
    ]
}
