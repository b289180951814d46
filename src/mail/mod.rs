//! Mail: what is owed, how it is written and how it leaves the house. Knows no feature.
//!
//! | file | owns |
//! |---|---|
//! | `message`, `calendar`, `person` | one mail and its form on the wire |
//! | `kind`, `compose` | what features bring: kinds of mail, and who writes their bodies |
//! | `outbox`, `suppressions` | the rows: mail that is owed, addresses that must not get any |
//! | `relay`, `smtp` | where the relay is, and the dialogue with it |
//! | `policy` | the one table of timeouts, retries and give-up times |
//! | `blame`, `verdict` | whom a refusal speaks of, and what an answer means for a mail |
//! | `route`, `domains` | what is known of the way: is it open, does the domain take mail |
//! | `advice` | what to do about what a relay says |
//! | `preparation` | what stops a mail; loading, writing and encoding it |
//! | `delivery`, `exchange`, `courier`, `worker` | what couriers share, what they settle with the outbox, and who carries the mail |
//! | `catcher` | the mail server of `demo` |
//!
//! A feature puts a row into the outbox in the transaction of what the mail is about ([`outbox::enqueue`]), rings the
//! [`Bell`] after the commit, and implements [`Compose`] for its kinds. A courier claims a batch of rows under a lease,
//! commits, has them composed, sends them one by one over its connection, and records the results together with the
//! next claim. So a connection has at most 16 accepted mails whose result is not committed, and that is how many go
//! twice, with the same Message-ID, when the process is killed.

pub mod advice;
mod bell;
mod blame;
pub mod calendar;
pub mod catcher;
mod compose;
mod courier;
mod delivery;
mod domains;
mod exchange;
mod kind;
pub mod message;
pub mod outbox;
mod person;
mod policy;
mod preparation;
pub mod relay;
mod route;
pub mod smtp;
pub mod suppressions;
mod verdict;
mod worker;

pub use bell::Bell;
pub use compose::{Compose, Composed, Composers, Composition};
pub use delivery::Delivery;
pub use kind::{Kind, MailPurpose, Priority};
pub use message::{EncodedFile, Message};
pub use person::Person;
pub use policy::{Policy, Retries};
pub use route::Route;
pub use worker::Worker;
