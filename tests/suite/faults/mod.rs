//! The promise, broken on purpose: every registration that was confirmed on screen survives, and every mail
//! goes out. One file for each family of faults; the numbers (R1, R3, ...) are those of `docs/reliability.md`.
//!
//! What is quick runs with every `tests/run`; what is marked `long` with `tests/run --long`. A test that
//! needs root, a mount or a tracer tells it with [`skip`](crate::support::skip) where it cannot have it.

mod backup;
mod clients;
mod disk;
mod kill;
mod poison;
mod relay;
mod start;
mod stop;
