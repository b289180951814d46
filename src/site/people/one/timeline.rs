//! What happened with a person, the newest first.

use super::seats::PersonHas;
use crate::assessment::store::contact_requests;
use crate::console::Console;
use crate::contacts::store::consents::ConsentLine;
use crate::contacts::store::details::ContactDetails;
use crate::db::{Conn, DbError};
use crate::web::layout::When;
use crate::webcasts::console::session_path;
use crate::webcasts::roster::PersonsSeat;
use crate::whitepapers::roster::PersonsRequest;

/// Something that happened.
pub(super) struct Event {
    pub(super) at: When,
    pub(super) what: String,
    /// Where it leads.
    pub(super) path: Option<String>,
}

/// The same before it is put in order.
struct Happened {
    at: i64,
    what: String,
    path: Option<String>,
}

/// Reads what is not read yet, and puts it in order.
pub(super) async fn find(
    conn: &mut Conn,
    console: &Console,
    person: &ContactDetails,
    has: &PersonHas,
    agreed: &[ConsentLine],
) -> Result<Vec<Event>, DbError> {
    let mut happened = Vec::new();
    for seat in &has.read_seats {
        happened.extend(of_seat(seat)?);
    }
    happened.extend(has.read_requests.iter().map(of_request));
    happened.extend(agreed.iter().map(of_consent));
    happened.extend(of_change(person));
    happened.extend(person.confirmed_at.map(|at| Happened {
        at,
        what: "Confirmed the address by using a personal page".to_owned(),
        path: None,
    }));
    for at in contact_requests::of_person(conn, person.id).await? {
        happened.push(Happened {
            at,
            what: "Wants to talk about their result".to_owned(),
            path: Some("/organizer/assessment".to_owned()),
        });
    }
    happened.sort_by_key(|happened| std::cmp::Reverse(happened.at));
    let events = happened.into_iter().map(|happened| {
        Ok(Event {
            at: console.stored_moment(happened.at)?,
            what: happened.what,
            path: happened.path,
        })
    });
    events.collect()
}

fn of_seat(seat: &PersonsSeat) -> Result<Vec<Happened>, DbError> {
    let path = session_path(&seat.slug, &seat.session)?;
    let source = seat.utm_source.as_ref().or(seat.referrer.as_ref());
    let from = source.map_or_else(String::new, |source| format!(", from {source}"));
    let all = [
        (Some(seat.created_at), format!("Registered for {}{from}", seat.title)),
        (seat.cancelled_at, format!("Cancelled {}", seat.title)),
        (seat.joined_at, format!("Joined {}", seat.title)),
    ];
    let happened = all.into_iter().filter_map(|(at, what)| {
        Some(Happened {
            at: at?,
            what,
            path: Some(path.clone()),
        })
    });
    Ok(happened.collect())
}

fn of_request(request: &PersonsRequest) -> Happened {
    let downloads = match request.downloads {
        0 => String::new(),
        1 => ", downloaded once by link".to_owned(),
        many => format!(", downloaded {many} times by link"),
    };
    Happened {
        at: request.created_at,
        what: format!("Asked for {}{downloads}", request.title),
        path: Some(format!("/organizer/papers?whitepaper={}", request.slug)),
    }
}

fn of_consent(consent: &ConsentLine) -> Happened {
    let what = if consent.is_given {
        format!("Agreed to news by mail (text {})", consent.version)
    } else {
        "Took the consent to news by mail back".to_owned()
    };
    Happened {
        at: consent.at,
        what,
        path: None,
    }
}

fn of_change(person: &ContactDetails) -> Option<Happened> {
    let by = person
        .changed_by
        .as_deref()
        .unwrap_or("an organizer who is not here any more");
    person.changed_at.map(|at| Happened {
        at,
        what: format!("Added or corrected by {by}"),
        path: None,
    })
}
