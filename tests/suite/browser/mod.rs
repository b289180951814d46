//! What people do, done in a real browser against the real program.

mod assessment;
mod engines;
mod forms;
mod history;
mod organizer;
mod rules;
mod visitor;
