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
//! | [`app`] | the one route table and what its posts may cost, the first content, which features' work runs, start and stop, `demo` |
//! | [`site`] | what crosses features: front page, organizers' home and mail, what needs somebody, caught mails |
//! | [`privacy`] | what is kept of people, and how it goes: erasing, receipts of it, one person's data, retention |
//! | [`imports`] | lists and reports of other programs: what they are, their columns, their rows, what is made of them |
//! | [`lists`] | lists of people across features: what one is asked for, acts on many of its rows, files of it |
//! | [`webcasts`] | webcasts, sessions, speakers, registrations, attendance |
//! | [`whitepapers`] | papers, editions, requests, downloads |
//! | [`assessment`] | the self-assessment: items, scoring, results, comparison, teams, benchmark |
//! | [`contacts`] | one person per address, consent, where a person leaves traces, how much mail strangers may cause |
//! | [`questions`] | what a form asks besides the address, and what was answered |
//! | [`console`] | the kit of organizers' pages: frame, lists, flash, words, downloads; knows no feature |
//! | [`tallies`] | how many came, by day, where to and from where, added up beside the posts |
//! | [`undo`] | what was done at once and can be undone for a while |
//! | [`organizers`] | accounts, sign-ins, roles and what they may do: identity only |
//! | [`web`] | what pages share: state, layout, forms, errors, the gate and its limits, the origin rule, static files |
//! | [`schedule`] | due work in one table, claimed under a lease; features bring their kinds |
//! | [`mail`] | outbox, couriers, SMTP, calendar, suppressions; knows no feature |
//! | [`export`] | columns, choice of columns, spool file, CSV; knows no feature |
//! | [`audit`] | who did what |
//! | [`db`] | the two databases, and the only place that knows there are two |
//! | [`config`] | file, environment and flags, parsed once |
//! | [`uploads`] | pictures and tables from outside, read by a helper process |
//! | [`cards`] | the picture that stands for a page where its address is shared, and the mark as an icon |
//! | [`typesetting`] | fonts, shaping, lines: what PDFs and pictures are set with |
//! | [`values`] | types that hold only what is valid, one per file; the one source of randomness |
//! | [`clock`] | what time it is; nothing else asks |
//!
//! Beside `src`: `migrations/{sqlite,postgres}` with the same file names, `templates` in folders named as here,
//! `assets` (static files, fonts, the whitepaper and its source), `tests/suite`, `benches`.
//!
//! Inside a feature the file's name says the layer. One that outgrows a screenful of ideas is a folder of the same name,
//! split by noun.
//!
//! | file | holds | does not hold |
//! |---|---|---|
//! | `mod.rs`, `model` | types and rules | I/O |
//! | `store` | statements | HTTP, rules |
//! | a verb (`register.rs`, `request.rs`, `change`), `jobs` | the jobs at the write door | HTTP |
//! | `pages` | what visitors see | statements, jobs |
//! | `console` | what organizers see: one noun a file, its form beside it | statements, jobs |
//! | `mails` | what its mails say | statements, HTTP |
//! | `roster.rs`, `export.rs` | what organizers' lists read; the columns of its files | HTTP |
//!
//! A module uses only what stands to its left:
//!
//! `clock, values < typesetting < cards, config, uploads < db < audit < mail, export < schedule < web < organizers < tallies,
//! undo < console, contacts < questions < assessment, webcasts, whitepapers < imports, lists < privacy < site < app < cli <
//! main`
//!
//! What a lower module must know of higher ones is handed in by [`app`]: who composes which mail
//! ([`mail::Composers`]), which work is due ([`schedule::Work`]), where a contact leaves traces ([`contacts::Traces`]).
//!
//! `tests/suite/architecture.rs` keeps all of this true: the order, where statements and HTTP stand, that no page holds a
//! job, that a type's name means one thing, that no file is longer than 400 lines before its tests, and that each
//! foreign key to a contact is known to `app`.
//!
//! There is no global state. One [`web::AppState`] holds database, settings, clock and the rest; [`app`] builds it and
//! hands it to everybody.
//!
//! A page belongs to one person unless its layout says that it is everybody's: it is not stored, not indexed and not
//! framed. The headers follow from the layout ([`web::Page`]), not from a list of paths.
//!
//! # How a registration travels
//!
//! 1. `POST /webcasts/{slug}/register` passes the origin rule (`web/origin.rs`) and the gate ([`web::gate`]), which charges
//!    it to its network before it is known whom it is for (429). Its body is read within bounds (`web/form.rs`).
//! 2. `webcasts/pages/webcast/registering.rs` parses the form into values, by what the form asks ([`questions::Design`]); all
//!    mistakes come back at once, with what was typed (422), and are given back at the gate. What it asks is known from
//!    before; the job compares versions, and the form is looked at anew where they differ.
//! 3. One job at the write door, [`webcasts::register::register`]: contact, registration, mail, by `ON CONFLICT`. A
//!    known address changes nothing; it gets its link again. Those who come while another job runs go into one
//!    together ([`webcasts::batch`]), three statements for all of them, and what else their form asked in a few more.
//! 4. Where places are counted, one network takes a share of them while its addresses are not confirmed; what comes
//!    beyond is held, and its owner asked by mail.
//! 5. After the commit the mail's bell rings, and the visitor goes on to the thanks page (303). The page is the same
//!    for new and for known addresses.
//!
//! There is no SMTP, no DNS and no mail template in the request. A crash before the commit leaves nothing; after it,
//! everything. A request for a whitepaper goes the same way, through [`whitepapers::request::request`].
//!
//! # How a result comes about
//!
//! 1. `POST /assessment` stores a draft; its private link is all there is to know of the respondent.
//! 2. Each page of cards posts what it was shown with, so that two devices lose nothing of each other
//!    ([`assessment::jobs::answering`]).
//! 3. [`assessment::scoring`] turns forty answers into figures, lays two views side by side, or several. It is pure.
//! 4. [`assessment::words::reading`] says the figures in words and whole numbers, with the texts of
//!    [`assessment::words::bank`]. Page, PDF and mail show the same reading, so they cannot differ.
//! 5. What others may see is decided in one place each: [`assessment::jobs::comparing`] for two,
//!    [`assessment::scoring::team::Showing`] for teams, [`assessment::scoring::benchmark::standing`] for the comparison.
//!
//! # How a mail travels
//!
//! 1. A feature puts a row into the outbox in the transaction of what the mail is about
//!    ([`mail::outbox::enqueue`]): kind, ids, Message-ID, date, deadline. Never a body.
//! 2. A courier (`mail/courier.rs`) hears the bell, claims at most 16 rows under a lease, the urgent first, and
//!    commits.
//! 3. Suppressed addresses and domains that take no mail are left out, and the rest is composed by the feature
//!    ([`mail::Compose`]), from today's truth (`mail/preparation.rs`).
//! 4. It sends them one by one over a kept connection (`mail/smtp`). `mail/verdict.rs` says what each answer means:
//!    sent, again and when, or the end. A fault of the way itself (`mail/route.rs`) costs no mail a try.
//! 5. The results are recorded together with the next claim. So after a kill at most 16 mails of each connection go
//!    twice, with the same Message-ID.
//!
//! `docs/mail.md` has every time and limit.
//!
//! # How due work is done
//!
//! A job puts a row into `due_work` ([`schedule::store::put`]), or a feature says that its work comes again
//! ([`schedule::Work::every`]). [`schedule::Schedule`] claims what is due under a lease, does it and writes down how it
//! went. Of several copies of the program one does it; another takes over where that one was killed. So work must bear to
//! be done twice.
//!
//! # The write door
//!
//! [`db::Db::write`] is the only way to a [`db::Tx`], and only functions that take one can change anything. A job
//! awaits nothing but its `Tx`, has two seconds (five on PostgreSQL), catches no database error and may run more than
//! once. On SQLite all jobs that wait run in one transaction on one connection, and each is answered only after the
//! commit, so one sync of the disk serves everybody. If a job fails, the others run again with a savepoint each, and it
//! fails alone; if the commit fails, that is an error for all of them. On PostgreSQL a job is a transaction of its own,
//! run again at most four times when the server reports a serialization failure or a deadlock.

#![warn(unreachable_pub)]

pub mod app;
pub mod assessment;
pub mod audit;
pub mod cards;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod contacts;
pub mod db;
mod doctor;
pub mod export;
pub mod imports;
mod lists;
pub mod mail;
pub mod organizers;
pub(crate) mod privacy;
pub mod questions;
pub mod schedule;
pub mod site;
mod tallies;
pub mod typesetting;
mod undo;
pub mod uploads;
pub mod values;
pub mod web;
pub mod webcasts;
pub mod whitepapers;
