//! What papers keep of a contact: what becomes of it when an organizer corrects them and when they are erased, and what is
//! told of it.

use super::request::{erase, follow, join};
use crate::contacts::Trace;
use crate::contacts::record::RecordField::{Plain, Time};
use crate::contacts::record::RecordPart;
use crate::questions::store::ASKED;

/// It.
pub(crate) const TRACE: Trace = Trace::of("requests")
    .called("request for a paper", "requests for papers")
    .following(|tx, change, now| Box::pin(follow(tx, change, now)))
    .erased_by(|tx, person, _| Box::pin(erase(tx, person)))
    .joined_by(|tx, people, now| Box::pin(join(tx, people, now)))
    .telling(&TOLD);

const TOLD: [RecordPart; 2] = [
    RecordPart::new(
        "requests",
        &[
            Plain("paper", "w.title"),
            Plain("state", "r.state"),
            Time("asked_for", "r.created_at"),
            Plain("times", "r.times"),
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
            Plain("utm_source", "r.utm_source"),
            Plain("utm_medium", "r.utm_medium"),
            Plain("utm_campaign", "r.utm_campaign"),
            Plain("utm_term", "r.utm_term"),
            Plain("utm_content", "r.utm_content"),
            Plain("referrer", "r.referrer"),
            Time("agreed_to_news", "r.consent_at"),
            Time("mailed", "r.mailed_at"),
            Plain("downloads", "r.downloads"),
            Time("last_download", "r.last_download_at"),
        ],
        "requests r JOIN whitepapers w ON w.id = r.whitepaper_id WHERE r.contact_id = $1 ORDER BY r.id",
    ),
    RecordPart::new(
        "answers_for_papers",
        &[
            Plain("paper", "w.title"),
            Plain("question", ASKED),
            Plain("answer", "a.value"),
        ],
        "answers a JOIN questions q ON q.id = a.question_id JOIN requests r ON r.id = a.request_id
           JOIN whitepapers w ON w.id = r.whitepaper_id WHERE r.contact_id = $1 ORDER BY a.request_id, q.position, a.position",
    ),
];
