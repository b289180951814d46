//! The two pages of one result.

use super::About;
use super::closing::{answered, divide, end, method, range_in_words, talk, worth};
use super::ink::{Align, Mark};
use super::look::{BODY, BYLINE, FIGURE, HEADING, SMALL, STRONG, TEXT, WIDE_FIGURE};
use super::pen::Pen;
use super::table::{Cell, Column, Table};
use super::{dumbbell, strip};
use crate::assessment::reading::{FirstTopic, Reading, Step, WholeReading, in_a_row};

const FIGURES: [Column; 6] = [
    column(0.2, Align::Left),
    column(0.17, Align::Right),
    column(0.17, Align::Right),
    column(0.18, Align::Left),
    column(0.08, Align::Right),
    column(0.2, Align::Left),
];
const STEPS: [Column; 4] = [
    column(0.13, Align::Left),
    column(0.57, Align::Left),
    column(0.17, Align::Left),
    column(0.13, Align::Left),
];

const fn column(share: f32, align: Align) -> Column {
    Column { share, align }
}

/// The index, the figure, the table, and what to talk about first.
pub(super) fn first_page(pen: &mut Pen<'_>, about: &About, reading: &Reading) {
    pen.title(&format!("{} and {}", reading.us, reading.partner));
    pen.y += 4.0;
    let date = about.date_in_words();
    let whose = reading.whose();
    let byline = format!("As {whose} sees it  ·  {}  ·  {date}", about.relationship);
    pen.paragraph(BYLINE, &byline);
    pen.gap(20.0);
    index(pen, reading);
    pen.gap(20.0);
    pen.section("The five factors");
    pen.gap(5.0);
    dumbbell::write(pen, reading);
    pen.gap(14.0);
    figures(pen, reading);
    if let Some(first) = reading.first.as_ref().filter(|_| !reading.advice.nothing_urgent) {
        pen.gap(18.0);
        pen.part("Talk about first", |pen| topic(pen, first));
    }
}

fn index(pen: &mut Pen<'_>, reading: &Reading) {
    if let Some(whole) = &reading.whole {
        let figure = pen.typesetter.line(FIGURE, &whole.index.to_string());
        pen.beside(&figure, &format!("Index {}", whole.index), |pen| {
            whole_in_words(pen, whole, reading);
        });
        pen.gap(13.0);
        strip::write(pen, whole.strip);
    } else if let Some((low, high)) = reading.certainty.range {
        let (figure, aloud, title) = if low == high {
            (low.to_string(), low.to_string(), "The index is certain")
        } else {
            (format!("{low}–{high}"), format!("{low} to {high}"), "No index yet")
        };
        let figure = pen.typesetter.line(WIDE_FIGURE, &figure);
        pen.beside(&figure, &aloud, |pen| {
            pen.heading(2, HEADING, title);
            pen.y += 3.0;
            let missing = in_a_row(&reading.certainty.unscored);
            let range = range_in_words(low, high);
            let words = format!("Not scored: {missing}. A factor needs two answers about each side. {range}");
            pen.paragraph(BODY, &words);
            partner_unknown(pen, reading);
        });
        pen.gap(13.0);
        strip::write_range(pen, low, high);
    }
}

fn whole_in_words(pen: &mut Pen<'_>, whole: &WholeReading, reading: &Reading) {
    pen.heading(2, HEADING, &whole.band);
    pen.y += 3.0;
    pen.paragraph(BODY, &whole.headline);
    pen.y += 4.0;
    // "About": the three are rounded, each by itself.
    let (level, index) = (whole.level, whole.index);
    let product = match whole.balance {
        Some(balance) => format!("Level {level} × Balance {balance} % is about the index, {index}."),
        None => format!("At level {level} the index is {index}."),
    };
    pen.paragraph(STRONG, &product);
    pen.paragraph(SMALL, "Level is how much both sides share, Balance how evenly.");
    partner_unknown(pen, reading);
}

/// So many "don't know" about the partner are a finding of their own.
fn partner_unknown(pen: &mut Pen<'_>, reading: &Reading) {
    if reading.certainty.partner_unknown {
        pen.y += 4.0;
        let times = reading.certainty.dont_know_partner;
        let words = format!(
            "You may not know your partner well enough yet: “don’t know” was the answer to {times} of 20 statements \
             about it."
        );
        pen.paragraph(TEXT, &words);
    }
}

fn figures(pen: &mut Pen<'_>, reading: &Reading) {
    let rows = reading.factors.iter().map(|factor| {
        let gap = match (factor.gap, factor.gap_word) {
            (Some(gap), Some(word)) => format!("{gap}, {word}{}", if factor.different_questions { " *" } else { "" }),
            _ => "–".to_owned(),
        };
        let band = factor.band.clone().unwrap_or_else(|| "Not scored".to_owned());
        vec![
            Cell::strong(&factor.name),
            Cell::figure(factor.us),
            Cell::figure(factor.partner),
            Cell::text(gap),
            Cell::Text(
                STRONG,
                factor.score.map_or_else(|| "–".to_owned(), |score| score.to_string()),
            ),
            Cell::text(band),
        ]
    });
    let table = Table {
        columns: &FIGURES,
        head: vec![
            Cell::head("Factor"),
            Cell::side(Mark::Us, &reading.us),
            Cell::side(Mark::Partner, &reading.partner),
            Cell::head("Gap"),
            Cell::head("Score"),
            Cell::head("Band"),
        ],
        rows: rows.collect(),
        padding: 3.2,
    };
    table.write(pen);
    if reading.has_different_questions() {
        pen.y += 4.0;
        let note = "* The two sides were rated on different questions, so take this gap with care.";
        pen.paragraph(SMALL, note);
    }
}

fn topic(pen: &mut Pen<'_>, first: &FirstTopic) {
    pen.paragraph(HEADING, &first.name);
    pen.y += 2.0;
    pen.paragraph(BODY, &first.sentence);
    if let Some(what_if) = &first.what_if {
        pen.paragraph(BODY, what_if);
    }
}

/// What to do, a talk, how sure it is, and how it works.
pub(super) fn second_page(pen: &mut Pen<'_>, about: &About, reading: &Reading) {
    steps(pen, reading);
    pen.gap(14.0);
    if let Some(exchange) = &reading.fair_exchange {
        pen.gap(6.0);
        pen.part("A fair exchange?", |pen| pen.paragraph(BODY, exchange));
        divide(pen);
    }
    talk(pen, about);
    divide(pen);
    pen.part("How sure is this?", |pen| {
        pen.paragraph(BODY, &answered(&reading.certainty));
        if !reading.certainty.unscored.is_empty() {
            let missing = in_a_row(&reading.certainty.unscored);
            pen.paragraph(BODY, &format!("Not scored: {missing}."));
        }
        pen.paragraph(BODY, "It is the view of one person.");
    });
    divide(pen);
    method(pen, &method_lines());
    let names = [reading.us.as_str(), &reading.partner];
    end(pen, about, names, &reading.whose(), "");
}

fn steps(pen: &mut Pen<'_>, reading: &Reading) {
    let advice = &reading.advice;
    let Some(first) = &reading.first else {
        pen.section("Answer a little more first");
        pen.gap(4.0);
        pen.paragraph(
            BODY,
            "No factor has two answers about each side yet, so there is nothing to work on.",
        );
        return;
    };
    if advice.nothing_urgent {
        pen.section("Nothing is urgent");
        pen.gap(4.0);
        pen.paragraph(BODY, "All five factors are strong. This is how to keep them so.");
        pen.gap(10.0);
        write_steps(pen, advice.keep.iter(), "What keeps it strong");
        return;
    }
    pen.section(&format!("Work first on {}", first.name));
    pen.gap(4.0);
    pen.paragraph(BODY, &first.meaning);
    if !first.looks_like.is_empty() {
        pen.gap(4.0);
        pen.paragraph(BODY, &first.looks_like);
    }
    pen.gap(10.0);
    write_steps(pen, advice.first.iter().chain(&advice.further), "What to do next");
}

fn write_steps<'s>(pen: &mut Pen<'_>, steps: impl Iterator<Item = &'s Step>, what: &str) {
    let rows = steps.map(|step| {
        vec![
            Cell::strong(&step.factor),
            Cell::text(&step.text),
            Cell::Blank,
            Cell::Blank,
        ]
    });
    let table = Table {
        columns: &STEPS,
        head: ["Factor", what, "Who", "When"].into_iter().map(Cell::head).collect(),
        rows: rows.collect(),
        padding: 5.0,
    };
    table.write(pen);
}

fn method_lines() -> [String; 5] {
    [
        "One person rates both sides on 20 statements, four for each factor, from 0 “not at all” to 4 “fully”. A side’s \
         mean is shown from 0 to 100."
            .to_owned(),
        "Within a factor we multiply the two sides and take off up to a third for the gap between them.".to_owned(),
        "We multiply the factors, so one cannot pay for another, and the weakest counts again.".to_owned(),
        "Level is the same without the gaps; Balance is how much of it the gaps leave. Together they are the index."
            .to_owned(),
        worth(),
    ]
}
