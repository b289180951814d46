//! Common Ground: free webcasts, gated whitepapers and a partnership alignment self-assessment in one binary.
//!
//! # Architecture
//!
//! Features are folders, layers are file names. Whoever knows one feature finds their way in every other.
//!
//! | place | owns |
//! |---|---|
//! | `main.rs` | the command line is handed over, the exit code comes back |
//! | [`cli`] | one file per command |
//! | [`app`] | the one route table, the first content, start and stop, `demo` |
//! | [`site`] | pages of no single feature: front page, organizers' lists and forms, exports, outbox, caught mails |
//! | [`webcasts`] | webcasts, sessions, speakers, registrations, attendance |
//! | [`whitepapers`] | papers, editions, requests, downloads |
//! | [`assessment`] | the self-assessment: items, scoring, results, comparison, teams, benchmark |
//! | [`contacts`] | one person per address, consent, how much mail strangers may cause |
//! | [`organizers`] | accounts, sign-ins, roles, audit: identity only |
//! | [`web`] | what pages share: state, layout, forms, errors, limits, the origin rule, static files |
//! | [`mail`] | outbox, couriers, SMTP, calendar; knows no feature |
//! | [`db`] | the two databases, and the only place that knows there are two |
//! | [`config`] | file, environment and flags, parsed once |
//! | [`values`] | types that hold only what is valid, one per file; the one source of randomness |
//! | [`clock`] | what time it is; nothing else asks |
//!
//! Beside `src`: `migrations/{sqlite,postgres}` with the same file names, `templates` in folders named as here,
//! `assets` (static files, fonts, the whitepaper and its source), `tests/suite`, `benches`.
//!
//! Inside a feature the file's name says the layer:
//!
//! | file | holds | does not hold |
//! |---|---|---|
//! | `mod.rs` | types and rules | I/O |
//! | `store` | SQL | HTTP |
//! | `register.rs`, `request.rs`, `change.rs` | the jobs at the write door | HTTP |
//! | `pages` | what visitors see | SQL |
//! | `mails.rs` | what its mails say | SQL of its own, HTTP |
//! | `roster.rs` | what organizers' lists and exports read | HTTP |
//!
//! A module uses only what stands to its left; `tests/suite/architecture.rs` keeps it so:
//!
//! `clock, values < config < db < mail < web < organizers < contacts < assessment, webcasts, whitepapers < site < app < cli < main`
//!
//! There is no global state. One [`web::AppState`] holds database, settings, clock and the rest; [`app`] builds it and
//! hands it to everybody.
//!
//! # How a registration travels
//!
//! 1. `POST /webcasts/{slug}/register` passes the origin rule (`web/origin.rs`), and its body is read within bounds
//!    (`web/form.rs`).
//! 2. `webcasts/pages/webcast.rs` parses the form into values; all mistakes come back at once, with what was typed
//!    (422). Then it asks the limit for this network (429).
//! 3. One job at the write door, [`webcasts::register::register`]: contact, registration, mail, by `ON CONFLICT`. A
//!    known address changes nothing; it gets its link again. Those who come while another job runs go into one
//!    together ([`webcasts::crowd`]), three statements for all of them.
//! 4. After the commit the mail's bell rings, and the visitor goes on to the thanks page (303). The page is the same
//!    for new and for known addresses.
//!
//! There is no SMTP, no DNS and no mail template in the request. A crash before the commit leaves nothing; after it,
//! everything. A request for a whitepaper goes the same way, through [`whitepapers::request::request`].
//!
//! # How a result comes about
//!
//! 1. `POST /assessment` stores a draft; its private link is all there is to know of the respondent.
//! 2. Each page of cards posts what it was shown with, so that two devices lose nothing of each other
//!    ([`assessment::store::assessments::save`]).
//! 3. [`assessment::scoring`] turns forty answers into figures, [`assessment::paired`] lays two views side by side,
//!    [`assessment::team`] several. All three are pure.
//! 4. [`assessment::reading`] says the figures in words and whole numbers, with the texts of [`assessment::bank`]. Page,
//!    PDF and mail show the same reading, so they cannot differ.
//! 5. What others may see is decided in one place each: [`assessment::store::invitations::reveal_if_ready`] for two,
//!    [`assessment::team::Showing`] for teams, [`assessment::benchmark::standing`] for the comparison.
//!
//! # How a mail travels
//!
//! 1. A feature puts a row into the outbox in the transaction of what the mail is about
//!    ([`mail::outbox::enqueue`]): kind, ids, Message-ID, date, deadline. Never a body.
//! 2. A courier (`mail/courier.rs`) hears the bell, claims at most 16 rows under a lease, the urgent first, and
//!    commits.
//! 3. Suppressed addresses and domains that take no mail are left out, and the rest is composed by the feature
//!    ([`mail::Compose`]), from today's truth (`mail/preparation.rs`).
//! 4. It sends them one by one over a kept connection (`mail/smtp.rs`). `mail/verdict.rs` says what each answer means:
//!    sent, again and when, or the end. A fault of the way itself (`mail/route.rs`) costs no mail a try.
//! 5. The results are recorded together with the next claim. So after a kill at most 16 mails of each connection go
//!    twice, with the same Message-ID.
//!
//! `docs/mail.md` has every time and limit.
//!
//! # The write door
//!
//! [`db::Db::write`] is the only way to a [`db::Tx`], and only functions that take one can change anything. A job
//! awaits nothing but its `Tx`, has two seconds (five on PostgreSQL), catches no database error and may run more than
//! once. On SQLite all jobs that wait run in one transaction on one connection, and each is answered only after the
//! commit, so one sync of the disk serves everybody. If a job fails, the others run again with a savepoint each, and it fails alone; if the
//! commit fails, that is an error for all of them. On PostgreSQL a job is a transaction of its own, run again at most
//! four times when the server reports a serialization failure or a deadlock.

pub mod app;
pub mod assessment;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contacts;
pub mod db;
pub mod mail;
pub mod organizers;
pub mod site;
pub mod values;
pub mod web;
pub mod webcasts;
pub mod whitepapers;
