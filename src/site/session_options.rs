//! Sessions to choose from in a form.

use jiff::Timestamp;

use crate::console::list;
use crate::db::{Conn, DbError, instant};
use crate::values::Zone;
use crate::web::time;
use crate::webcasts::roster::{SessionOption, choices};

/// Sessions to choose from.
pub(super) const SESSIONS: i64 = 200;

/// A session to choose.
pub(super) struct SessionToChoose {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// Those that end after this, the next one first; `None`: all of them, the latest first.
pub(super) async fn sessions_to_choose(
    conn: &mut Conn,
    ahead_of: Option<Timestamp>,
    chosen: &str,
) -> Result<Vec<SessionToChoose>, DbError> {
    let mut options = choices(conn, SESSIONS).await?;
    if let Some(now) = ahead_of {
        options.reverse();
        options.retain(|option| option.ends_at > now.as_microsecond());
    }
    options.iter().map(|option| to_choose(option, chosen)).collect()
}

fn to_choose(option: &SessionOption, chosen: &str) -> Result<SessionToChoose, DbError> {
    let (zone, start) = (Zone::stored(&option.time_zone), instant(option.starts_at)?);
    let id = list::shown_id(&option.public_id)?;
    Ok(SessionToChoose {
        label: format!(
            "{}, {}: {}",
            time::in_table(start, &zone).text,
            time::zone_in_words(start, &zone),
            option.title
        ),
        chosen: id == chosen,
        id,
    })
}
