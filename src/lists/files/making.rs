//! From what was asked for to a file. Page, command and whatever else asks go this one way.

use jiff::Timestamp;

use crate::audit::{Actor, Entry};
use crate::console::downloads::is_ticked;
use crate::contacts::export::PeopleExport;
use crate::db::listing::{ListCondition, Listing};
use crate::db::{Conn, Db, DbError};
use crate::export::{self, ExportError, ExportedList, FirstRows, Options, Preset, Spool};
use crate::lists::{ListPlace, ListQuery};
use crate::values::Slug;
use crate::web::{Form, WebError};
use crate::webcasts::export::AttendeesExport;
use crate::webcasts::roster::ExportFilter;
use crate::whitepapers::export::RequestsExport;

/// A file that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct FileWanted {
    list: ListQuery,
    /// Of attendees: also those that were given back, or not given.
    pub cancelled: bool,
    /// Also those that are held back.
    pub held: bool,
    /// Only those that were made since.
    pub since: Option<Timestamp>,
    /// Columns and look.
    pub options: Options,
}

/// The list of it, ready to be read.
enum FileSource {
    Attendees(AttendeesExport),
    Requests(RequestsExport),
    People(PeopleExport),
}

impl FileWanted {
    /// As an address of a list says it, with these columns and this look.
    ///
    /// # Errors
    /// 404 for a value that there is not.
    pub(crate) fn read(place: ListPlace, asked: &Form, options: Options) -> Result<Self, WebError> {
        Ok(Self {
            list: ListQuery::read(place, asked)?,
            cancelled: is_ticked(asked, "cancelled"),
            held: is_ticked(asked, "held"),
            since: None,
            options,
        })
    }

    /// The beginning of the file's name: what it is of.
    pub(crate) fn name(&self) -> String {
        let preset = match self.options.preset {
            Some(Preset::Sales) => "-sales",
            Some(Preset::Speaker) => "-speaker",
            Some(Preset::Everything) | None => "",
        };
        let place = &self.list.place;
        match place {
            ListPlace::Attendees(slug) | ListPlace::Requests(Some(slug)) => format!("{slug}-{}{preset}", place.kind()),
            ListPlace::People | ListPlace::Requests(None) => format!("{}{preset}", place.kind()),
        }
    }

    /// `None`: what it is of is not there.
    async fn source(&self, conn: &mut Conn, now: Timestamp) -> Result<Option<(FileSource, Options)>, DbError> {
        let Some(Listing { part, conditions, .. }) = self.list.listing(conn, now).await? else {
            return Ok(None);
        };
        let part = part.map(|part| ListCondition::walked(part.holds()));
        let conditions: Vec<ListCondition> = part.into_iter().chain(conditions).collect();
        let options = self.options.clone();
        Ok(match &self.list.place {
            ListPlace::People => Some((
                FileSource::People(PeopleExport::new(conditions, &options, now)),
                options,
            )),
            ListPlace::Requests(paper) => {
                let found = RequestsExport::find(conn, paper.as_ref(), conditions, &options, now).await?;
                found.map(|list| (FileSource::Requests(list), options))
            }
            ListPlace::Attendees(webcast) => {
                let filter = self.attendees(webcast, conditions);
                let found = AttendeesExport::find(conn, &filter, &options, now).await?;
                found.map(|(list, options)| (FileSource::Attendees(list), options))
            }
        })
    }

    fn attendees(&self, webcast: &Slug, conditions: Vec<ListCondition>) -> ExportFilter {
        // Whoever asks for those that stand so gets them.
        let by_state = self.list.seats.state.is_some();
        ExportFilter {
            webcast: webcast.clone(),
            conditions,
            cancelled: self.cancelled || by_state,
            held: self.held || by_state,
            since: self.since,
        }
    }

    /// For the audit log: which list, and by which filters, but not whom somebody searched for.
    fn entry(&self, options: &Options, rows: u64, actor: Actor) -> Entry {
        let (action, subject, which) = match &self.list.place {
            ListPlace::Attendees(slug) => ("export.attendees", slug.to_string(), self.which_seats()),
            ListPlace::Requests(Some(slug)) => ("export.requests", slug.to_string(), "all requests".to_owned()),
            ListPlace::Requests(None) => (
                "export.requests",
                "all whitepapers".to_owned(),
                "all requests".to_owned(),
            ),
            ListPlace::People => ("export.people", "people".to_owned(), "everybody".to_owned()),
        };
        let narrowed = self.list.narrowed_in_words();
        let said: Vec<String> = [which]
            .into_iter()
            // The session stands first.
            .chain(narrowed.into_iter().filter(|words| !words.starts_with("session ")))
            .chain([options.columns_in_words(), format!("{rows} rows")])
            .collect();
        Entry {
            actor,
            action,
            subject,
            detail: said.join(", "),
        }
    }

    fn which_seats(&self) -> String {
        let session = self
            .list
            .seats
            .session
            .map_or("all sessions".to_owned(), |id| format!("session {id}"));
        let cancelled = if self.cancelled { ", cancelled ones too" } else { "" };
        let held = if self.held { ", held ones too" } else { "" };
        format!("{session}{cancelled}{held}")
    }
}

/// Writes the file and notes in the audit log who took what. `None`: what it is of is not there.
///
/// # Errors
/// See [`ExportError`]; nothing is left behind then.
pub(crate) async fn make(
    db: &Db,
    wanted: &FileWanted,
    actor: Actor,
    now: Timestamp,
) -> Result<Option<Spool>, ExportError> {
    let found = wanted.source(&mut db.read().await?, now).await?;
    let Some((source, options)) = found else {
        return Ok(None);
    };
    let spool = match &source {
        FileSource::Attendees(list) => export::write(db, list, &options).await?,
        FileSource::Requests(list) => export::write(db, list, &options).await?,
        FileSource::People(list) => export::write(db, list, &options).await?,
    };
    export::note(db, wanted.entry(&options, spool.rows(), actor), now).await?;
    Ok(Some(spool))
}

/// What the file begins with, and which columns there are. `None`: what it is of is not there.
///
/// # Errors
/// See [`ExportError`].
pub(crate) async fn first_rows(db: &Db, wanted: &FileWanted, now: Timestamp) -> Result<Option<FirstRows>, ExportError> {
    let found = wanted.source(&mut db.read().await?, now).await?;
    let Some((source, options)) = found else {
        return Ok(None);
    };
    Ok(Some(match &source {
        FileSource::Attendees(list) => export::first_rows(db, list, &options).await?,
        FileSource::Requests(list) => export::first_rows(db, list, &options).await?,
        FileSource::People(list) => export::first_rows(db, list, &options).await?,
    }))
}

/// How many rows it has.
pub(crate) async fn count(db: &Db, wanted: &FileWanted, now: Timestamp) -> Result<i64, DbError> {
    let conn = &mut db.read().await?;
    Ok(match wanted.source(conn, now).await? {
        Some((FileSource::Attendees(list), _)) => list.count(conn).await?,
        Some((FileSource::Requests(list), _)) => list.count(conn).await?,
        Some((FileSource::People(list), _)) => list.count(conn).await?,
        None => 0,
    })
}
