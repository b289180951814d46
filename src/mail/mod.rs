//! Mail
pub mod calendar;
pub mod message;
mod person;
pub mod relay;
pub mod reply;
pub mod smtp;
mod tls;
pub use person::Person;
