//! The whole program, tested from the outside. Each test has its own app, port, database and clock.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

mod architecture;
mod assessment;
mod batch;
mod browser;
mod catcher;
mod cli;
mod copy;
mod door;
mod faults;
mod mail;
mod organizer_pages;
mod organizers;
mod peers;
mod schedule;
mod servers;
mod smtp;
mod support;
mod tables;
mod visitors;
