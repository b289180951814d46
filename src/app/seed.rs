//! The first content: what an empty database starts with. A marker says that it was put in, so that it
//! never comes back after somebody deleted it.

use jiff::civil::{Weekday, date};
use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::contacts::store::consents;
use crate::db::{Db, DbError, Tx, settings};
use crate::values::{Slug, Zone};
use crate::webcasts::WebcastState;
use crate::webcasts::entry::EntryRule;
use crate::webcasts::presenter::AboutPresenter;
use crate::webcasts::store::{self as webcasts, NewSession, NewWebcast};
use crate::webcasts::text::WebcastText;
use crate::whitepapers::ContentsLine;
use crate::whitepapers::store::{self as whitepapers, NewEdition, NewPicture, NewWhitepaper};

/// The marker; its value is when.
pub const SEEDED: &str = "seeded";

const LENGTH: SignedDuration = SignedDuration::from_mins(60);

const DESCRIPTION: &str = "Most partnerships start well. Then one side carries more of the risk, or sees less of the \
reward, and nobody says so until it is late. This hour is about what two firms have to share, and how to notice early \
when the sharing has become uneven.

You hear how to look at a partnership in five parts: shared risk, shared resources, shared rewards, shared vision and \
shared values. For each part there is one question to take home and ask your partner.

The last twenty minutes are for your questions. Send yours when you join.";

const PAPER_SUMMARY: &str = "Partnerships seldom fail because of the plan; they fail when one side carries more and \
nobody says so. These 14 pages show the five things two sides have to share, how an imbalance in each begins and \
shows, a case worked through in figures, and a 90-day plan with a checklist.";

const PAPER_DESCRIPTION: &str = "The paper is for people who run partnerships: between firms, between a firm and its \
supplier, or between two parts of one firm. It takes twenty minutes to read.

It says how often partnerships fail and what those who studied them found. It shows what each of the five shared \
factors means in daily work, and what the first signs of an imbalance look like. One case is worked through in figures, \
before and after. The last pages are a plan for ninety days and a checklist to go through with your partner.";

const PAPER_CONTENTS: [(u32, &str); 11] = [
    (3, "Why partnerships fail"),
    (4, "Five things to share"),
    (5, "Shared Risk"),
    (6, "Shared Resources"),
    (7, "Shared Rewards"),
    (8, "Shared Vision"),
    (9, "Shared Values"),
    (10, "Level times balance"),
    (11, "A case, worked through"),
    (13, "Ninety days: a plan and a checklist"),
    (14, "The next step: self-assessment and sources"),
];

const PAPER_PDF: &[u8] = include_bytes!("../../assets/whitepaper/creating-effective-strategic-partnerships.pdf");
const COVER: &[u8] = include_bytes!("../../assets/whitepaper/cover.png");
const FIRST_PAGE: &[u8] = include_bytes!("../../assets/whitepaper/page-1.png");

/// Puts the sample content into a database that never had it.
pub(super) async fn seed(db: &Db, clock: &Clock) -> Result<(), DbError> {
    let started = clock.now();
    db.write(move |tx| Box::pin(consents::keep_first(tx, started))).await?;
    if settings::find(&mut db.read().await?, SEEDED).await?.is_some() {
        return Ok(());
    }
    let now = clock.now();
    db.write(move |tx| Box::pin(async move { put_in(tx, now).await })).await
}

async fn put_in(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    let stamp = now.to_string();
    // Of several copies that start at once, the one whose stamp is kept puts the content in.
    if settings::put_first(tx, SEEDED, &stamp).await? != stamp {
        return Ok(());
    }
    put_webcast(tx, now).await?;
    put_whitepaper(tx, now).await
}

async fn put_webcast(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    let slug = Slug::parse("partnering-for-growth").map_err(DbError::stored)?;
    let zone = Zone::parse("America/Los_Angeles").map_err(DbError::stored)?;
    let text = WebcastText {
        title: "Partnering For Growth, Innovation, And Profits".to_owned(),
        summary: "An hour on what makes partnerships work: what two sides have to share, and how to notice an imbalance early."
            .to_owned(),
        description: DESCRIPTION.to_owned(),
        ..WebcastText::default()
    };
    let webcast = NewWebcast {
        slug: &slug,
        text: &text,
        state: WebcastState::Published,
    };
    let Some(webcast_id) = webcasts::insert_webcast(tx, &webcast, now).await? else {
        return Ok(());
    };
    let mut speakers = Vec::new();
    for (name, role) in [
        ("Francine Allaire", "Speaker"),
        ("Daniel Stevenson", "Speaker"),
        ("The host", "Host"),
    ] {
        let about = AboutPresenter {
            name: name.to_owned(),
            role: role.to_owned(),
            ..AboutPresenter::default()
        };
        speakers.push(webcasts::insert_presenter(tx, &about).await?.0);
    }
    webcasts::put_speakers(tx, webcast_id, &speakers).await?;
    for starts_at in [first_airing(&zone)?, next_airing(&zone, now)?] {
        let session = NewSession {
            webcast_id,
            starts_at,
            ends_at: starts_at + LENGTH,
            zone: &zone,
            join_url: None,
            capacity: None,
            entry: EntryRule::default(),
            airing: None,
        };
        webcasts::insert_session(tx, &session, now).await?;
    }
    Ok(())
}

/// Friday, July 29, 2011, 11:00.
fn first_airing(zone: &Zone) -> Result<Timestamp, DbError> {
    let local = date(2011, 7, 29).at(11, 0, 0, 0);
    zone.rules()
        .to_ambiguous_timestamp(local)
        .compatible()
        .map_err(DbError::stored)
}

/// The second Friday from now, at the same hour.
fn next_airing(zone: &Zone, now: Timestamp) -> Result<Timestamp, DbError> {
    let today = zone.at(now).date();
    let second = today.nth_weekday(2, Weekday::Friday).map_err(DbError::stored)?;
    let local = second.at(11, 0, 0, 0);
    zone.rules()
        .to_ambiguous_timestamp(local)
        .compatible()
        .map_err(DbError::stored)
}

async fn put_whitepaper(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    let slug = Slug::parse("creating-effective-strategic-partnerships").map_err(DbError::stored)?;
    let paper = NewWhitepaper {
        slug: &slug,
        title: "Creating Effective Strategic Partnerships",
        summary: PAPER_SUMMARY,
        description: PAPER_DESCRIPTION,
    };
    let id = whitepapers::insert_whitepaper(tx, &paper, now).await?;
    let contents: Vec<ContentsLine> = PAPER_CONTENTS
        .into_iter()
        .map(|(page, title)| ContentsLine {
            title: title.to_owned(),
            page,
        })
        .collect();
    let edition = NewEdition {
        file_name: "creating-effective-strategic-partnerships.pdf",
        bytes: PAPER_PDF,
        pages: Some(14),
        contents: &contents,
        pictures: &[
            picture(
                COVER,
                "Cover of the whitepaper: two circles that overlap, and its title",
            ),
            picture(FIRST_PAGE, "First page of the whitepaper: why partnerships fail"),
        ],
    };
    whitepapers::insert_edition(tx, id, &edition, now).await?;
    Ok(())
}

fn picture(bytes: &'static [u8], alt: &'static str) -> NewPicture<'static> {
    NewPicture {
        media_type: "image/png",
        width: 580,
        height: 820,
        alt,
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_on_fridays_at_eleven() {
        let zone = Zone::parse("America/Los_Angeles").unwrap();
        let first = first_airing(&zone).unwrap();
        assert_eq!(first.to_string(), "2011-07-29T18:00:00Z");
        let monday: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        assert_eq!(next_airing(&zone, monday).unwrap().to_string(), "2026-12-04T19:00:00Z");
        let friday: Timestamp = "2026-11-27T22:00:00Z".parse().unwrap();
        assert_eq!(next_airing(&zone, friday).unwrap().to_string(), "2026-12-11T19:00:00Z");
    }
}
