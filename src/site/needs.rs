//! What needs somebody: one rule after another, each over what its feature keeps.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::assessment;
use crate::console::discretion::{INITIALS, VIEWERS_SEE};
use crate::console::frame::{Need, Surroundings};
use crate::console::words;
use crate::db::{Conn, DbError, instant, settings};
use crate::mail::outbox::{self, MailState};
use crate::values::Zone;
use crate::web::layout::Tone;
use crate::web::{AppState, time};
use crate::webcasts;
use crate::webcasts::roster::{self, Missed, SessionInNeed};
use crate::whitepapers;

/// A session without a join address is told from so long before it starts.
const JOIN_URL_BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A recording is missed from so long after the end, and for how long.
const REPLAY_AFTER: SignedDuration = SignedDuration::from_hours(48);
const REPLAY_UNTIL: SignedDuration = SignedDuration::from_hours(28 * 24);
/// Sessions that are looked at.
const SESSIONS: i64 = 100;

/// For the frame of every page.
pub(crate) fn look_around<'c>(
    conn: &'c mut Conn,
    state: &'c AppState,
    now: Timestamp,
) -> BoxFuture<'c, Result<Surroundings, DbError>> {
    async move {
        let counts = outbox::counts(conn).await?;
        let count = |state| outbox::count_in(&counts, state);
        let troubled = [MailState::Failed, MailState::Unknown, MailState::Held].map(count);
        let talks = assessment::store::contact_requests::count(conn, words::COUNTED).await?;
        let zone = zone(conn, now).await?;
        let mut needs: Vec<Need> = of_the_way(state, count(MailState::Queued) + count(MailState::Sending))
            .into_iter()
            .collect();
        needs.extend(of_mails(troubled));
        let missed = Missed {
            join_url_before: now + JOIN_URL_BEFORE,
            replay: now - REPLAY_UNTIL..now - REPLAY_AFTER,
        };
        for session in roster::sessions_in_need(conn, &missed, now, SESSIONS).await? {
            needs.extend(of_session(&session, &zone)?);
        }
        needs.extend(of_papers(whitepapers::roster::held(conn).await?));
        needs.extend(of_talks(talks));
        needs.sort_by_key(|need| need.due.unwrap_or(Timestamp::MAX));
        let viewers_see = settings::find(conn, VIEWERS_SEE).await?;
        Ok(Surroundings {
            zone,
            viewers_see_initials: viewers_see.as_deref() == Some(INITIALS),
            needs,
            mails: troubled.iter().sum(),
            talks,
        })
    }
    .boxed()
}

/// Until somebody sets it: the clock of the session that is next, or was last.
async fn zone(conn: &mut Conn, now: Timestamp) -> Result<Zone, DbError> {
    let set = settings::find(conn, super::look::ZONE).await?;
    let zone = match set {
        Some(set) => Some(set),
        None => roster::zone_of_next(conn, now).await?,
    };
    Ok(zone.as_deref().map_or_else(Zone::utc, Zone::stored))
}

/// Whether mail can go at all.
fn of_the_way(state: &AppState, waiting: i64) -> Option<Need> {
    let waits = match waiting {
        0 => "Nothing waits yet.".to_owned(),
        1 => "1 mail waits; nothing is lost.".to_owned(),
        more => format!("{} mails wait; nothing is lost.", words::count(more)),
    };
    let (tone, words) = if state.config.smtp_url.is_none() {
        (
            Tone::Warn,
            format!("No mail server is set, so no mail is sent. {waits}"),
        )
    } else if state.route.shut().is_some() {
        (Tone::Wrong, format!("Mail does not go out. {waits}"))
    } else {
        return None;
    };
    Some(Need {
        tone,
        words,
        button: "Look at it",
        path: "/organizer/mail".to_owned(),
        due: Some(Timestamp::MIN),
    })
}

fn of_mails([failed, unclear, held]: [i64; 3]) -> impl Iterator<Item = Need> {
    let mails = |count: i64, one: &str, many: &str| {
        let words = if count == 1 {
            format!("1 mail {one}.")
        } else {
            format!("{} mails {many}.", words::count(count))
        };
        (count > 0).then(|| Need {
            tone: Tone::Warn,
            words,
            button: "Look at it",
            path: "/organizer/mail".to_owned(),
            due: None,
        })
    };
    [
        mails(failed, "was not delivered", "were not delivered"),
        mails(unclear, "may have arrived or not", "may have arrived or not"),
        mails(held, "is held after a restore", "are held after a restore"),
    ]
    .into_iter()
    .flatten()
}

fn of_session(session: &SessionInNeed, zone: &Zone) -> Result<Vec<Need>, DbError> {
    let start = instant(session.starts_at)?;
    let path = webcasts::console::session_path(&session.slug, &session.public_id)?;
    let (title, when) = (&session.title, time::in_table(start, zone).text);
    let need = |tone, words, button, due| Need {
        tone,
        words,
        button,
        path: path.clone(),
        due,
    };
    let held = match session.held {
        1 => format!("1 registration for {title} is held back."),
        held => format!("{} registrations for {title} are held back.", words::count(held)),
    };
    let asking = match session.asking {
        1 => format!("1 person asks for a place in {title}."),
        asking => format!("{} people ask for a place in {title}.", words::count(asking)),
    };
    let found = [
        session.lacks_join_url.then(|| {
            let words = format!("{title}, {when}, has no join address.");
            need(Tone::Wrong, words, "Set it", Some(start))
        }),
        session.lacks_replay.then(|| {
            let words = format!("{title}, {when}, has no recording yet.");
            need(Tone::Idle, words, "Add it", None)
        }),
        (session.held > 0).then(|| need(Tone::Warn, held, "Look at them", Some(start))),
        (session.asking > 0).then(|| need(Tone::Warn, asking, "Decide", Some(start))),
    ];
    Ok(found.into_iter().flatten().collect())
}

fn of_papers(papers: Vec<(String, String, i64)>) -> impl Iterator<Item = Need> {
    papers.into_iter().map(|(slug, title, held)| Need {
        tone: Tone::Warn,
        words: match held {
            1 => format!("1 request for {title} is held back."),
            held => format!("{} requests for {title} are held back.", words::count(held)),
        },
        button: "Look at them",
        path: format!("/organizer/papers?whitepaper={slug}"),
        due: None,
    })
}

fn of_talks(talks: i64) -> Option<Need> {
    (talks > 0).then(|| Need {
        tone: Tone::Idle,
        words: match talks {
            1 => "Somebody wants to talk about their result.".to_owned(),
            more => format!("{} people want to talk about their results.", words::count(more)),
        },
        button: "Open",
        path: "/organizer/assessment".to_owned(),
        due: None,
    })
}
