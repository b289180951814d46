//! What webcasts keep of a contact: what becomes of it when an organizer corrects them and when they are erased, and what is
//! told of it.

use super::change::organizing::{erase, erase_invitations, follow, join};
use super::store;
use crate::contacts::Trace;
use crate::contacts::record::RecordField::{Plain, Time};
use crate::contacts::record::RecordPart;
use crate::questions::store::ASKED;

/// It.
pub(crate) const TRACES: [Trace; 2] = [
    Trace::of("registrations")
        .called("registration", "registrations")
        .following(|tx, change, now| Box::pin(follow(tx, change, now)))
        .erased_by(|tx, person, now| Box::pin(erase(tx, person, now)))
        .joined_by(|tx, people, now| Box::pin(join(tx, people, now)))
        .telling(&TOLD),
    Trace::of_address("invited", "address_key", |tx, person, _| {
        Box::pin(erase_invitations(tx, person))
    })
    .called("place on a guest list", "places on guest lists")
    .joined_by(|tx, people, _| {
        Box::pin(async move { store::pass_on_invitations(tx, &people.from_key, &people.into_email.key()).await })
    }),
];

const TOLD: [RecordPart; 4] = [
    RecordPart::new(
        "registrations",
        &[
            Plain("webcast", "r.title"),
            Time("session_start", "r.starts_at"),
            Plain("state", "r.state"),
            Time("registered", "r.created_at"),
            Plain("name", "r.name"),
            Plain("first_name", "r.first_name"),
            Plain("last_name", "r.last_name"),
            Plain("company", "r.company"),
            Plain("job_title", "r.job_title"),
            Plain("phone", "r.phone"),
            Plain("country", "r.country"),
            Plain("time_zone", "r.time_zone"),
            Plain("language", "r.locale"),
            Plain("way_in", "r.channel"),
            Plain("utm_source", "x.utm_source"),
            Plain("utm_medium", "x.utm_medium"),
            Plain("utm_campaign", "x.utm_campaign"),
            Plain("utm_term", "x.utm_term"),
            Plain("utm_content", "x.utm_content"),
            Plain("referrer", "x.referrer"),
            Time("agreed_to_news", "r.consent_at"),
            Time("page_opened", "x.opened_at"),
            Plain("attendance", "x.attendance"),
            Time("first_join", "x.first_join"),
            Time("last_leave", "x.last_leave"),
            Plain("minutes", "x.minutes"),
            Time("replay_watched", "x.replay_at"),
            Time("cancelled", "x.cancelled_at"),
            Plain("cancel_reason", "x.cancel_reason"),
        ],
        "seats r JOIN registrations x ON x.id = r.id WHERE r.contact_id = $1 ORDER BY r.id",
    ),
    RecordPart::new(
        "answers",
        &[
            Plain("webcast", "w.title"),
            Plain("question", ASKED),
            Plain("answer", "a.value"),
        ],
        "answers a JOIN questions q ON q.id = a.question_id JOIN registrations r ON r.id = a.registration_id
           JOIN webcasts w ON w.id = r.webcast_id WHERE r.contact_id = $1 ORDER BY a.registration_id, q.position, a.position",
    ),
    RecordPart::new(
        "attendance",
        &[
            Plain("webcast", "w.title"),
            Time("session_start", "s.starts_at"),
            Plain("source", "a.source"),
            Time("from", "a.from_at"),
            Time("to", "a.to_at"),
        ],
        "attendance a JOIN registrations r ON r.id = a.registration_id JOIN sessions s ON s.id = a.session_id
           JOIN webcasts w ON w.id = r.webcast_id WHERE r.contact_id = $1 ORDER BY a.from_at",
    ),
    RecordPart::new(
        "guest_lists",
        &[Plain("webcast", "w.title")],
        "invited i JOIN webcasts w ON w.id = i.webcast_id
          WHERE i.address_key = (SELECT c.email_key FROM contacts c WHERE c.id = $1) ORDER BY w.id",
    ),
];
