//! Many who register at the same moment, as one job.
//!
//! Three statements put in all of them whose case is clear: not known yet, a session that takes everybody; what else their
//! form asked takes a few more. Whoever
//! is left takes the way of one who comes alone, in the same transaction.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::config::Rate;
use crate::contacts::store::consents::{self, ConsentSource};
use crate::contacts::{AgreedTo, Traces};
use crate::db::{Batch, Db, DbError, Tx, instant, sql};
use crate::mail::outbox::{self, NewMail};
use crate::questions::KnownDesigns;
use crate::values::PublicId;
use crate::webcasts::mails::kinds;
use crate::webcasts::register::{Promise, Registered, register};
use crate::webcasts::store::{self, DrawnSeat, Entrant, NewSeat, Seating};

/// Most registrations in one job: what it writes stays far below its time.
const MOST: usize = 128;
/// Most rows in one statement. Only powers of two are used, so that few statements have to be prepared.
const MOST_ROWS: usize = 32;

/// A post of the form.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// The seat that is asked for.
    pub seat: NewSeat,
    /// How many mails strangers may cause for an address.
    pub limit: Option<Rate>,
    /// When.
    pub now: Timestamp,
}

/// Where forms are read and posts are taken.
pub(crate) struct RegistrationDesk {
    /// Where posts wait.
    pub batch: RegistrationBatch,
    /// What forms ask.
    pub designs: KnownDesigns,
}

/// Where posts wait for those that come with them.
pub(crate) struct RegistrationBatch(Batch<Post, Registered>);

impl RegistrationBatch {
    /// At most so many in one transaction.
    #[must_use]
    pub(crate) fn open(db: Db, most: usize, traces: Traces) -> Self {
        Self(Batch::open(db, most.min(MOST), move |tx, posts| {
            let traces = traces.clone();
            Box::pin(async move { register_all(tx, posts, &traces).await })
        }))
    }

    /// Takes a registration; see [`register`].
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn register(&self, post: Post) -> Result<Registered, DbError> {
        self.0.run(post).await
    }
}

/// The job.
async fn register_all(tx: &mut Tx, posts: &[Post], traces: &Traces) -> Result<Vec<Registered>, DbError> {
    let mut clear = clear_cases(tx, posts).await?;
    let mut outcomes = Vec::with_capacity(posts.len());
    for (index, post) in posts.iter().enumerate() {
        outcomes.push(match clear.remove(&index) {
            Some(outcome) => outcome,
            None => register(tx, &post.seat, post.limit, traces, post.now).await?,
        });
    }
    Ok(outcomes)
}

/// The outcomes of those that were put in together, by their place.
async fn clear_cases(tx: &mut Tx, posts: &[Post]) -> Result<HashMap<usize, Registered>, DbError> {
    let mut outcomes = HashMap::new();
    for same in by_session(posts) {
        let mut rest = same.as_slice();
        while rest.len() > 1 {
            let (together, others) = rest.split_at(sql::power_of_two(rest.len().min(MOST_ROWS)));
            outcomes.extend(put_in(tx, together).await?);
            rest = others;
        }
    }
    Ok(outcomes)
}

type Placed<'p> = (usize, &'p Post);

/// The first post for each address, by session and by what the form asked, in the order of addresses: so two copies of the program lock the same
/// contacts in the same order.
fn by_session(posts: &[Post]) -> Vec<Vec<Placed<'_>>> {
    let mut seen = HashSet::new();
    let mut sessions: HashMap<(&str, PublicId, i64), Vec<Placed<'_>>> = HashMap::new();
    for (index, post) in posts.iter().enumerate() {
        let seat = &post.seat;
        if !seat.suspicious && seen.insert(seat.email.key()) {
            let session = (seat.slug.as_str(), seat.session, seat.filled.version);
            sessions.entry(session).or_default().push((index, post));
        }
    }
    let mut sessions: Vec<_> = sessions.into_values().collect();
    for posts in &mut sessions {
        posts.sort_by_cached_key(|(_, post)| post.seat.email.key());
    }
    sessions
}

/// Contacts, seats, mails: a statement each.
async fn put_in(tx: &mut Tx, posts: &[Placed<'_>]) -> Result<Vec<(usize, Registered)>, DbError> {
    let Some(now) = posts.iter().map(|(_, post)| post.now).max() else {
        return Ok(Vec::new());
    };
    let seats: Vec<&NewSeat> = posts.iter().map(|(_, post)| &post.seat).collect();
    let entrants = store::insert_contacts(tx, &seats, false, now).await?;
    let Some(session_ends) = entrants.first().map(|entrant| entrant.ends_at) else {
        return Ok(Vec::new());
    };
    let entrants: HashMap<String, Entrant> = entrants.into_iter().map(|e| (e.email_key.clone(), e)).collect();
    let drawn = draw(&seats, &entrants);
    let new: HashMap<i64, i64> = store::insert_seats(tx, &drawn, now).await?.into_iter().collect();
    keep_filled(tx, &drawn, &new).await?;
    note_consents(tx, &drawn, &new, now).await?;
    let mails = confirmations(&drawn, &new, instant(session_ends)?);
    outbox::enqueue_all(tx, &mails, now).await?;
    let outcome = |(index, post): &Placed<'_>| {
        let entrant = entrants.get(&post.seat.email.key())?;
        let is_new = new.contains_key(&entrant.contact.id);
        is_new.then_some((*index, Registered::Thanks(Promise::Place)))
    };
    Ok(posts.iter().filter_map(outcome).collect())
}

fn draw<'s>(seats: &[&'s NewSeat], entrants: &HashMap<String, Entrant>) -> Vec<DrawnSeat<'s>> {
    let drawn = |seat: &&'s NewSeat| {
        let contact = &entrants.get(&seat.email.key())?.contact;
        Some(DrawnSeat {
            seat,
            contact_id: contact.id,
            public_id: PublicId::random(),
            place: Seating::Uncounted,
            is_confirmed: contact.is_confirmed(),
        })
    };
    seats.iter().filter_map(drawn).collect()
}

/// Of those whose seat is new.
async fn keep_filled(tx: &mut Tx, drawn: &[DrawnSeat<'_>], new: &HashMap<i64, i64>) -> Result<(), DbError> {
    let filled: Vec<_> = drawn
        .iter()
        .filter_map(|drawn| Some((*new.get(&drawn.contact_id)?, drawn.contact_id, &drawn.seat.filled)))
        .collect();
    store::keep_filled(tx, &filled).await
}

/// Of those whose seat is new.
async fn note_consents(
    tx: &mut Tx,
    drawn: &[DrawnSeat<'_>],
    new: &HashMap<i64, i64>,
    now: Timestamp,
) -> Result<(), DbError> {
    let agreed = drawn
        .iter()
        .filter(|drawn| drawn.seat.consent && new.contains_key(&drawn.contact_id));
    let contacts: Vec<(i64, &AgreedTo)> = agreed.map(|drawn| (drawn.contact_id, &drawn.seat.agreed_to)).collect();
    let page = drawn.first().map_or("", |drawn| drawn.seat.slug.as_str());
    consents::give(tx, &contacts, ConsentSource::Form, page, now).await
}

/// The first mails of those whose seat is new.
fn confirmations(drawn: &[DrawnSeat<'_>], new: &HashMap<i64, i64>, session_ends: Timestamp) -> Vec<NewMail> {
    let mail = |drawn: &DrawnSeat<'_>| {
        let id = *new.get(&drawn.contact_id)?;
        Some(kinds::confirmation(
            &drawn.seat.email,
            id,
            drawn.public_id,
            session_ends,
        ))
    };
    drawn.iter().filter_map(mail).collect()
}
