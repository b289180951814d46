//! How long it takes to score an assessment, and to write the PDF of a result and of two views. One core.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use commonground::assessment::answers::{Answers, FactorAnswers};
use commonground::assessment::bank::Bank;
use commonground::assessment::paired::compare;
use commonground::assessment::reading::{read, read_joint};
use commonground::assessment::report::{About, Fonts, Paper, joint_pdf, result_pdf};
use commonground::assessment::scoring::score;
use commonground::assessment::{Parties, Relationship};

mod common;

use common::{line, measured};

fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("assessment");
    let bank = Bank::load().unwrap();
    let parties = Parties {
        relationship: Relationship::Partner,
        side: None,
        us: "Contoso Manufacturing".to_owned(),
        partner: "Northwind Trading".to_owned(),
    };
    let about = About {
        organization: "Common Ground".to_owned(),
        relationship: Relationship::Partner.in_words(),
        date: jiff::civil::date(2026, 11, 24),
        home_url: "https://commonground.example".to_owned(),
        kept_until: "November 24, 2028".to_owned(),
    };
    let (a, b) = (answers("44332121"), answers("34333333"));
    let started = Instant::now();
    let fonts = Fonts::load().unwrap();
    line("to load the fonts, once", &milliseconds(started.elapsed()), "");

    let scored = mean(|| score(black_box(&a)));
    let figure = format!("{:.2} µs", scored.as_secs_f64() * 1e6);
    line("to score one assessment", &figure, "goal < 20 µs");

    let result = read(&bank, &parties, &score(&a));
    let joint = read_joint(&bank, &parties, &compare(&a, &b));
    let purposes = Some(("Sell the pumps in the north.", "Learn the market before we build."));
    for (paper, name) in [(Paper::A4, "A4"), (Paper::Letter, "Letter")] {
        let took = mean(|| result_pdf(&fonts, paper, &about, &result).unwrap());
        line(
            &format!("PDF of a result, {name}"),
            &milliseconds(took),
            "goal < 150 ms",
        );
        let took = mean(|| joint_pdf(&fonts, paper, &about, &joint, purposes).unwrap());
        line(
            &format!("PDF of two views, {name}"),
            &milliseconds(took),
            "goal < 150 ms",
        );
    }
    let bytes = result_pdf(&fonts, Paper::A4, &about, &result).unwrap().len();
    line("size of a result's PDF", &format!("{} kB", bytes / 1000), "");
}

/// One lopsided factor, the others even.
fn answers(risk: &str) -> Answers {
    let read = |letters| FactorAnswers::parse(letters).unwrap();
    Answers {
        risk: read(risk),
        ..Answers::from_fn(|_| read("33333332"))
    }
}

/// How long one run takes, over a fifth of the time each figure is measured.
fn mean<T>(mut run: impl FnMut() -> T) -> Duration {
    black_box(run());
    let (started, mut runs) = (Instant::now(), 0);
    while started.elapsed() < measured() / 5 {
        black_box(run());
        runs += 1;
    }
    started.elapsed() / runs
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
