//! The two pages of one result.

use super::About;
use super::canvas::Canvas;
use super::closing::{answered, divide, end, method, nameless, range_in_words, talk, worth};
use super::draw::{Align, Mark};
use super::names::told_apart;
use super::style::{BODY, BYLINE, FIGURE, HEADING, SMALL, STRONG, TEXT, WIDE_FIGURE};
use super::table::{Cell, ReportTable, TableColumn, head_text};
use super::{dumbbell, strip};
use crate::assessment::charts::{RangeChart, StripChart};
use crate::assessment::words::reading::{AdviceStep, FirstTopic, Reading, WholeReading, in_a_row};

const FIGURES: [TableColumn; 6] = [
    column(0.2, Align::Left),
    column(0.17, Align::Right),
    column(0.17, Align::Right),
    column(0.18, Align::Left),
    column(0.08, Align::Right),
    column(0.2, Align::Left),
];
const STEPS: [TableColumn; 4] = [
    column(0.13, Align::Left),
    column(0.57, Align::Left),
    column(0.17, Align::Left),
    column(0.13, Align::Left),
];

/// Where the names cannot be told apart in so much room.
const SIDES: [&str; 2] = ["our side", "the other side"];

const fn column(share: f32, align: Align) -> TableColumn {
    TableColumn { share, align }
}

/// The index, the figure, the table, and what to talk about first.
pub(super) fn first_page(canvas: &mut Canvas<'_>, about: &About, reading: &Reading) {
    canvas.title(&about.headline(&reading.us, &reading.partner));
    canvas.y += 4.0;
    let date = about.date_in_words();
    let whose = reading.whose();
    let byline = format!("As {whose} sees it  ·  {}  ·  {date}", about.relationship);
    canvas.paragraph(BYLINE, &byline);
    nameless(canvas, about);
    canvas.gap(20.0);
    index(canvas, reading);
    canvas.gap(20.0);
    canvas.section("The five factors");
    canvas.gap(5.0);
    dumbbell::write(canvas, reading);
    canvas.gap(14.0);
    figures(canvas, reading);
    if let Some(first) = reading.first.as_ref().filter(|_| !reading.advice.nothing_urgent) {
        canvas.gap(18.0);
        canvas.part("Talk about first", |canvas| topic(canvas, first));
    }
}

fn index(canvas: &mut Canvas<'_>, reading: &Reading) {
    if let Some(whole) = &reading.whole {
        let figure = canvas.typesetter.line(FIGURE, &whole.index.to_string());
        canvas.beside(&figure, &format!("Index {}", whole.index), |canvas| {
            whole_in_words(canvas, whole, reading);
        });
        canvas.gap(13.0);
        strip::write(canvas, &StripChart::new(whole));
    } else if let Some((low, high)) = reading.certainty.range {
        let (figure, aloud, title) = if low == high {
            (low.to_string(), low.to_string(), "The index is certain")
        } else {
            (format!("{low}–{high}"), format!("{low} to {high}"), "No index yet")
        };
        let figure = canvas.typesetter.line(WIDE_FIGURE, &figure);
        canvas.beside(&figure, &aloud, |canvas| {
            canvas.heading(2, HEADING, title);
            canvas.y += 3.0;
            let missing = in_a_row(&reading.certainty.unscored);
            let range = range_in_words(low, high);
            let words = format!("Not scored: {missing}. A factor needs two answers about each side. {range}");
            canvas.paragraph(BODY, &words);
            partner_unknown(canvas, reading);
        });
        canvas.gap(13.0);
        strip::write_range(canvas, &RangeChart::new(low, high));
    }
}

fn whole_in_words(canvas: &mut Canvas<'_>, whole: &WholeReading, reading: &Reading) {
    canvas.heading(2, HEADING, &whole.band);
    canvas.y += 3.0;
    canvas.paragraph(BODY, &whole.headline);
    canvas.y += 4.0;
    // "About": the three are rounded, each by itself.
    let (level, index) = (whole.level, whole.index);
    let product = match whole.balance {
        Some(balance) => format!("Level {level} × Balance {balance} % is about the index, {index}."),
        None => format!("At level {level} the index is {index}."),
    };
    canvas.paragraph(STRONG, &product);
    canvas.paragraph(SMALL, "Level is how much both sides share, Balance how evenly.");
    partner_unknown(canvas, reading);
}

/// So many "don't know" about the partner are a finding of their own.
fn partner_unknown(canvas: &mut Canvas<'_>, reading: &Reading) {
    if reading.certainty.partner_unknown {
        canvas.y += 4.0;
        let times = reading.certainty.dont_know_partner;
        let words = format!(
            "You may not know your partner well enough yet: “don’t know” was the answer to {times} of 20 statements \
             about it."
        );
        canvas.paragraph(TEXT, &words);
    }
}

fn figures(canvas: &mut Canvas<'_>, reading: &Reading) {
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
    let [us, partner] = told_apart([&reading.us, &reading.partner], |name| {
        head_text(canvas, &FIGURES, 1, name)
    })
    .unwrap_or_else(|| SIDES.map(str::to_owned));
    let table = ReportTable {
        columns: &FIGURES,
        head: vec![
            Cell::head("Factor"),
            Cell::Marked(Mark::Us, us, reading.us.clone()),
            Cell::Marked(Mark::Partner, partner, reading.partner.clone()),
            Cell::head("Gap"),
            Cell::head("Score"),
            Cell::head("Band"),
        ],
        rows: rows.collect(),
        padding: 3.2,
    };
    table.write(canvas);
    if reading.has_different_questions() {
        canvas.y += 4.0;
        let note = "* The two sides were rated on different questions, so take this gap with care.";
        canvas.paragraph(SMALL, note);
    }
}

fn topic(canvas: &mut Canvas<'_>, first: &FirstTopic) {
    canvas.paragraph(HEADING, &first.name);
    canvas.y += 2.0;
    canvas.paragraph(BODY, &first.sentence);
    if let Some(what_if) = &first.what_if {
        canvas.paragraph(BODY, what_if);
    }
}

/// What to do, a talk, how sure it is, and how it works.
pub(super) fn second_page(canvas: &mut Canvas<'_>, about: &About, reading: &Reading) {
    steps(canvas, reading);
    canvas.gap(14.0);
    if let Some(exchange) = &reading.fair_exchange {
        canvas.gap(6.0);
        canvas.part("A fair exchange?", |canvas| canvas.paragraph(BODY, exchange));
        divide(canvas);
    }
    talk(canvas, about);
    divide(canvas);
    canvas.part("How sure is this?", |canvas| {
        canvas.paragraph(BODY, &answered(&reading.certainty));
        if !reading.certainty.unscored.is_empty() {
            let missing = in_a_row(&reading.certainty.unscored);
            canvas.paragraph(BODY, &format!("Not scored: {missing}."));
        }
        canvas.paragraph(BODY, "It is the view of one person.");
    });
    divide(canvas);
    method(canvas, &method_lines());
    end(canvas, about, &reading.whose(), "");
}

fn steps(canvas: &mut Canvas<'_>, reading: &Reading) {
    let advice = &reading.advice;
    let Some(first) = &reading.first else {
        canvas.section("Answer a little more first");
        canvas.gap(4.0);
        canvas.paragraph(
            BODY,
            "No factor has two answers about each side yet, so there is nothing to work on.",
        );
        return;
    };
    if advice.nothing_urgent {
        canvas.section("Nothing is urgent");
        canvas.gap(4.0);
        canvas.paragraph(BODY, "All five factors are strong. This is how to keep them so.");
        canvas.gap(10.0);
        write_steps(canvas, advice.keep.iter(), "What keeps it strong");
        return;
    }
    canvas.section(&format!("Work first on {}", first.name));
    canvas.gap(4.0);
    canvas.paragraph(BODY, &first.meaning);
    if !first.looks_like.is_empty() {
        canvas.gap(4.0);
        canvas.paragraph(BODY, &first.looks_like);
    }
    canvas.gap(10.0);
    write_steps(canvas, advice.first.iter().chain(&advice.further), "What to do next");
}

fn write_steps<'s>(canvas: &mut Canvas<'_>, steps: impl Iterator<Item = &'s AdviceStep>, what: &str) {
    let rows = steps.map(|step| {
        vec![
            Cell::strong(&step.factor),
            Cell::text(&step.text),
            Cell::Blank,
            Cell::Blank,
        ]
    });
    let table = ReportTable {
        columns: &STEPS,
        head: ["Factor", what, "Who", "When"].into_iter().map(Cell::head).collect(),
        rows: rows.collect(),
        padding: 5.0,
    };
    table.write(canvas);
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
