//! The last mail to somebody who was erased: it takes their entry out of the calendar. Its row carries all that it needs, because
//! nothing else is left of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::kinds::ENTRY_WITHDRAWN;
use super::texts::Withdrawn;
use crate::db::{DbError, Tx, instant};
use crate::mail::calendar::{CalendarEntry, Method};
use crate::mail::outbox::{self, Claimed, NOBODY, NewMail};
use crate::mail::{Composed, Person};
use crate::values::{EmailAddress, HourCycle, PublicId, Zone};
use crate::web::AppState;
use crate::web::mail_frame::{MailFrame, MailTime};
use crate::web::time::Airing;
use crate::webcasts::Seat;

/// What the entry was.
#[derive(Debug, Serialize, Deserialize)]
struct WithdrawnEntry {
    uid: String,
    sequence: i64,
    title: String,
    /// Microseconds, as the others.
    starts_at: i64,
    ends_at: i64,
    session_zone: String,
    /// The zone of whoever has it, where it is known.
    zone: Option<String>,
}

/// Puts it into the outbox. It tells its recipient that all is erased.
pub(crate) async fn enqueue(tx: &mut Tx, seat: &Seat, now: Timestamp) -> Result<(), DbError> {
    let entry = WithdrawnEntry {
        uid: seat.calendar_uid.clone(),
        sequence: seat.calendar_sequence() + 1,
        title: seat.title.clone(),
        starts_at: seat.session.starts_at.as_microsecond(),
        ends_at: seat.session.ends_at.as_microsecond(),
        session_zone: seat.session.zone.name().to_owned(),
        zone: seat.zone.as_ref().map(|zone| zone.name().to_owned()),
    };
    let key = outbox::key(&ENTRY_WITHDRAWN, &PublicId::random(), 0);
    let mail = NewMail::new(&ENTRY_WITHDRAWN, key, &seat.email, NOBODY)
        .with_params(&entry)
        .map_err(DbError::stored)?
        .deadline(seat.session.ends_at);
    outbox::enqueue(tx, &mail, now).await?;
    Ok(())
}

/// Writes it.
pub(super) fn compose(state: &AppState, mail: &Claimed) -> Composed {
    let Ok(entry) = mail.params::<WithdrawnEntry>() else {
        return Composed::Poison("no calendar entry to withdraw".to_owned());
    };
    match written(state, mail, &entry) {
        Ok(composed) => composed,
        Err(error) => Composed::Poison(error.to_string()),
    }
}

fn written(state: &AppState, mail: &Claimed, entry: &WithdrawnEntry) -> Result<Composed, DbError> {
    let (start, end) = (instant(entry.starts_at)?, instant(entry.ends_at)?);
    let session_zone = Zone::stored(&entry.session_zone);
    let own = entry.zone.as_deref().and_then(|zone| Zone::parse(zone).ok());
    let airing = Airing {
        start,
        end,
        zone: &session_zone,
    };
    let text = Withdrawn {
        frame: MailFrame::new(
            state,
            "Your data is erased, and your calendar entry is taken back.",
            "This is the last mail about it: your address is not kept any more.",
        ),
        webcast: entry.title.clone(),
        time: MailTime::new(&airing, own.as_ref(), HourCycle::default()),
    };
    let message = text.message().map_err(DbError::stored)?;
    let (Some(from), Ok(attendee)) = (&state.config.mail_from, EmailAddress::parse(&mail.recipient)) else {
        return Ok(Composed::from(message));
    };
    let entry = CalendarEntry {
        uid: entry.uid.clone(),
        sequence: entry.sequence,
        stamp: state.clock.now(),
        start,
        end,
        summary: entry.title.clone(),
        description: String::new(),
        location: String::new(),
        organizer: Person::from(from),
        attendee: Person::nameless(attendee),
    };
    Ok(Composed::from(
        message.invitation(Method::Cancel, entry.write(Method::Cancel)),
    ))
}
