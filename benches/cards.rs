//! Cards for sharing: how long one takes on one core, and how large it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly"
)]

use std::hint::black_box;
use std::time::Instant;

use commonground::cards::{Card, icon};
use commonground::typesetting::Fonts;

mod common;

use common::{line, measured};

fn main() {
    if common::is_only_listed() {
        return;
    }
    println!("cards");
    let fonts = Fonts::load().unwrap();
    let titles = [
        ("a card, short title", "Sharing risk".to_owned()),
        (
            "a card, title of 200 characters",
            "What partners owe each other ".repeat(7),
        ),
    ];
    for (what, title) in titles {
        let card = Card {
            kicker: "Free webcast".to_owned(),
            title,
            lines: vec![
                "Thursday, December 3, 2026, 16:00 to 17:00 CET".to_owned(),
                "With Ada Lovelace".to_owned(),
            ],
            organization: "Common Ground".to_owned(),
            pattern: None,
        };
        let kilobytes = card.draw(&fonts).unwrap().len() / 1000;
        let took = mean(|| card.draw(black_box(&fonts)).unwrap());
        line(what, &took, &format!("goal < 50 ms; {kilobytes} kB"));
    }
    line("an icon of 180 pixels", &mean(|| icon(180).unwrap()), "");
}

/// How long one run takes, over a fifth of the time each figure is measured.
fn mean<T>(mut run: impl FnMut() -> T) -> String {
    let (started, mut runs) = (Instant::now(), 0);
    while started.elapsed() < measured() / 5 {
        black_box(run());
        runs += 1;
    }
    format!("{:.1} ms", (started.elapsed() / runs).as_secs_f64() * 1e3)
}
