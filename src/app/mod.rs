//! The whole program: state, the one route table, start and stop.

mod acts;
mod addresses;
mod background;
mod demo;
mod http;
mod request_lines;
mod routes;
mod rules;
mod sample;
mod seed;
mod start;
mod stop_signal;

pub use acts::ACTS;
pub use background::{add_up, forget_files, give_turns, make_airings, note_absences, remove_old};
pub use demo::demo;
pub use rules::RULES;
pub use seed::SEEDED;
pub(crate) use start::link_key;
pub use start::{Running, Start, StartError, serve, traces};
