//! What an organizer does to a person: adding them, correcting them, writing notes. Each is one job at the write door.

use jiff::Timestamp;

use super::store::details::{self, ContactDetails, Correction};
use super::store::{self, notes};
use super::{AddressChange, FieldChange, MOST_LINKS, PersonChange, Traces, roster};
use crate::audit::{self, Actor, Entry};
use crate::db::{DbError, Tx};
use crate::mail::suppressions;
use crate::organizers::Organizer;
use crate::undo::{self, ActRow, NewAct, UndoKind, Undone};
use crate::values::{EmailAddress, PersonName, PhoneNumber, PublicId};

/// What became of a correction.
#[derive(Debug, Clone)]
pub(crate) enum Corrected {
    /// It is saved.
    Yes,
    /// Somebody else corrected them since the form was opened: this is how it stands.
    Meanwhile(Box<ContactDetails>),
    /// The address is somebody else's: this person's.
    Taken(PublicId),
    /// The address was corrected too often.
    TooOften,
    /// There is no such person any more.
    Gone,
}

/// A correction that an organizer wants.
#[derive(Debug, Clone)]
pub(crate) struct WantedCorrection {
    /// Whose page it was filled in on.
    pub person: PublicId,
    /// What is to be known of them.
    pub correction: Correction,
    /// [`ContactDetails::version`] that the form was filled in from; `None` where a script posts.
    pub version: Option<i64>,
    /// Whether a new address gets at once what the one before was sent.
    pub send: bool,
}

/// Corrects a person. What features keep of them follows: waiting mail goes to the new address, links that were mailed to
/// the old one open nothing any more.
pub(crate) async fn correct(
    tx: &mut Tx,
    wanted: &WantedCorrection,
    who: &Organizer,
    traces: &Traces,
    now: Timestamp,
) -> Result<Corrected, DbError> {
    let Some(before) = details::hold_person(tx, wanted.person).await? else {
        return Ok(Corrected::Gone);
    };
    let changed = changed_fields(&before, &wanted.correction);
    if changed.is_empty() {
        return Ok(Corrected::Yes);
    }
    if wanted.version.is_some_and(|version| version != before.version) {
        return Ok(Corrected::Meanwhile(Box::new(before)));
    }
    let key = wanted.correction.email.key();
    let moves = key != before.email_key;
    if moves {
        if let Some(other) = roster::by_address(tx, &key).await? {
            return Ok(Corrected::Taken(other));
        }
        if before.link_generation >= MOST_LINKS {
            return Ok(Corrected::TooOften);
        }
    }
    details::correct(tx, before.id, &wanted.correction, who.id, now).await?;
    let address = if moves {
        suppressions::lift_bounce_of(tx, &before.email_key).await?;
        let old = EmailAddress::parse(&before.email).map_err(DbError::stored)?;
        Some(AddressChange {
            confirmed: before.confirmed_at.map(|_| old),
            new: wanted.correction.email.clone(),
            send: wanted.send,
        })
    } else {
        None
    };
    let fields = field_changes(&before, &wanted.correction);
    let change = PersonChange {
        contact_id: before.id,
        old_name: before.name,
        name: wanted.correction.name.as_str().to_owned(),
        fields,
        address,
    };
    for follow in traces.iter().filter_map(|trace| trace.follow) {
        follow(tx, &change, now).await?;
    }
    note(tx, who, "person.change", wanted.person, changed.join(", "), now).await?;
    Ok(Corrected::Yes)
}

fn changed_fields(before: &ContactDetails, wanted: &Correction) -> Vec<&'static str> {
    [
        ("name", before.name != wanted.name.as_str()),
        ("email", before.email != wanted.email.as_str()),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .chain(field_changes(before, wanted).into_iter().map(|change| change.column))
    .collect()
}

fn field_changes(before: &ContactDetails, wanted: &Correction) -> Vec<FieldChange> {
    let change = |column, old: &Option<String>, new: Option<&str>| FieldChange {
        column,
        old: old.clone(),
        new: new.map(str::to_owned),
    };
    let all = [
        change("company", &before.company, wanted.company.as_deref()),
        change("job_title", &before.job_title, wanted.job_title.as_deref()),
        change("phone", &before.phone, wanted.phone.as_ref().map(PhoneNumber::as_str)),
        change("country", &before.country, wanted.country.map(|country| country.code)),
    ];
    all.into_iter().filter(|change| change.old != change.new).collect()
}

/// A person whom an organizer puts in.
#[derive(Debug, Clone)]
pub(crate) struct NewPerson {
    /// What they are called.
    pub name: PersonName,
    /// Where mail goes.
    pub email: EmailAddress,
    /// Where they work.
    pub company: Option<String>,
}

/// A person who was put in, or found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Added {
    /// Their row.
    pub contact_id: i64,
    /// Their page.
    pub id: PublicId,
    /// Whether nobody knew them before.
    pub is_new: bool,
}

/// Puts a person in, or finds them; whoever is known keeps what is known of them.
pub(crate) async fn add(tx: &mut Tx, person: &NewPerson, who: &Organizer, now: Timestamp) -> Result<Added, DbError> {
    let known = store::find_by_key(tx, &person.email.key()).await?;
    let contact_id = match &known {
        Some(known) => known.id,
        None => store::put(tx, &person.email, &person.name, now).await?.id,
    };
    let id = roster::page_of(tx, contact_id).await?;
    if known.is_none() {
        details::note_added(tx, contact_id, person.company.as_deref(), who.id, now).await?;
        note(tx, who, "person.add", id, String::new(), now).await?;
    }
    Ok(Added {
        contact_id,
        id,
        is_new: known.is_none(),
    })
}

/// Adds a note. False: there is no such person.
pub(crate) async fn add_note(
    tx: &mut Tx,
    person: PublicId,
    body: &str,
    who: &Organizer,
    now: Timestamp,
) -> Result<bool, DbError> {
    let added = notes::add(tx, person, (who.id, who.name.as_str()), body, now).await?;
    if added {
        note(tx, who, "note.add", person, String::new(), now).await?;
    }
    Ok(added)
}

/// How a deleted note comes back.
pub(crate) const NOTE_DELETED: UndoKind = UndoKind {
    name: "note.delete",
    said: "The note is deleted.",
    turn_back: |tx, act, _| Box::pin(put_note_back(tx, act)),
};

/// Deletes a note of the page `page`. `None`: it is gone already.
pub(crate) async fn delete_note(
    tx: &mut Tx,
    id: PublicId,
    page: String,
    who: &Organizer,
    now: Timestamp,
) -> Result<Option<PublicId>, DbError> {
    if !notes::delete(tx, id, now).await? {
        return Ok(None);
    }
    let act = NewAct {
        kind: NOTE_DELETED.name,
        page,
        mail: None,
        organizer: who,
    };
    undo::keep(tx, &act, &id.to_string(), now).await.map(Some)
}

async fn put_note_back(tx: &mut Tx, act: &ActRow) -> Result<Undone, DbError> {
    let id: String = act.inverse()?;
    let id = PublicId::parse(&id).ok_or_else(|| DbError::stored("an act names no note"))?;
    let is_back = notes::put_back(tx, id).await?;
    Ok(if is_back { Undone::Yes } else { Undone::Changed })
}

async fn note(
    tx: &mut Tx,
    who: &Organizer,
    action: &'static str,
    person: PublicId,
    detail: String,
    now: Timestamp,
) -> Result<(), DbError> {
    let entry = Entry {
        actor: Actor::from(who),
        action,
        subject: person.to_string(),
        detail,
    };
    audit::record(tx, &entry, now).await
}
