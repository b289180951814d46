//! `GET /organizer/assessment`: how many take it, where they stand, and who wants to talk. Never one person's answers,
//! unless that person chose to share the result with the firm.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use askama::Template;

use crate::assessment::Relationship;
use crate::assessment::jobs::averages;
use crate::assessment::model::assessment::Assessment;
use crate::assessment::model::factor::{Factor, PerFactor};
use crate::assessment::scoring::averages::{Average, Averages};
use crate::assessment::scoring::{Band, shown};
use crate::assessment::store::contact_requests;
use crate::assessment::store::counts::{self, InvitationOutcome, WeekCount};
use crate::assessment::store::snapshots::Snapshot;
use crate::assessment::words::bank::Bank;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::web::layout::{Layout, When};
use crate::web::{Answer, WebError, at, ok};

/// Weeks that are listed.
const WEEKS: i64 = 12;
/// People who want to talk that are listed.
const CONTACT_REQUESTS: i64 = 200;

/// The route.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(at("/organizer/assessment").get(page));
}

#[derive(Template)]
#[template(path = "console/assessment.html")]
struct FiguresPage {
    layout: Layout,
    frame: ConsoleFrame,
    totals: Vec<TotalRow>,
    weeks: Vec<WeekRow>,
    kinds: Vec<KindSection>,
    outcomes: Vec<(&'static str, i64)>,
    contact_requests: Vec<ContactRequestRow>,
    sample: bool,
}

framed!(FiguresPage);

struct TotalRow {
    kind: &'static str,
    started: i64,
    finished: i64,
    /// "62 %"
    share: String,
}

struct WeekRow {
    /// "2026-11-23"
    monday: String,
    /// Started and finished, in the order of the kinds.
    counts: Vec<(i64, i64)>,
}

/// One kind of relationship.
struct KindSection {
    name: &'static str,
    /// `None`: there were fewer than five results.
    averages: Option<AveragesSection>,
}

struct AveragesSection {
    results: usize,
    /// "November 24, 2026": what came later does not count yet.
    day: String,
    index: AverageRow,
    factors: Vec<(String, AverageRow, usize)>,
}

/// A mean and how far results lie from it.
struct AverageRow {
    mean: i64,
    /// "±12"
    spread: String,
    band: String,
}

struct ContactRequestRow {
    name: String,
    email: String,
    at: When,
    partnership: String,
    kind: &'static str,
    index: String,
    /// Factor, our side, partner, score.
    factors: Vec<(String, String, String, String)>,
}

async fn page(console: Console, bank: Data<Arc<Bank>>) -> Answer {
    let conn = &mut console.state.db.read().await?;
    let now = console.state.clock.now();
    let (layout, frame) = console.page(MenuEntry::Assessment, "Assessment");
    let since = counts::week_of(now) - 7 * (WEEKS - 1);
    let mut kinds = Vec::new();
    let mut sample = false;
    for relationship in Relationship::ALL {
        let snapshot = averages::published(conn, relationship).await?;
        sample |= snapshot.as_ref().is_some_and(|snapshot| snapshot.sample);
        kinds.push(kind_section(&bank, relationship, snapshot.as_ref()));
    }
    ok(&FiguresPage {
        layout,
        frame,
        totals: totals(&counts::totals(conn).await?),
        weeks: weeks(&counts::weeks(conn, since).await?)?,
        kinds,
        outcomes: outcomes(&counts::outcomes(conn).await?),
        contact_requests: contact_request_rows(conn, &console, &bank).await?,
        sample,
    })
}

fn totals(counts: &[WeekCount]) -> Vec<TotalRow> {
    let row = |kind: Relationship| {
        let found = counts.iter().find(|count| count.relationship == kind.key());
        let (started, finished) = found.map_or((0, 0), |count| (count.started, count.finished));
        TotalRow {
            kind: kind.in_words(),
            started,
            finished,
            share: if started == 0 {
                "–".to_owned()
            } else {
                format!("{} %", (finished * 100 + started / 2) / started)
            },
        }
    };
    Relationship::ALL.map(row).into()
}

fn weeks(counts: &[WeekCount]) -> Result<Vec<WeekRow>, WebError> {
    let mut mondays: Vec<i64> = counts.iter().map(|count| count.week).collect();
    mondays.dedup();
    let row = |monday: i64| {
        let of = |kind: Relationship| {
            let found = counts
                .iter()
                .find(|count| count.week == monday && count.relationship == kind.key());
            found.map_or((0, 0), |count| (count.started, count.finished))
        };
        let at = jiff::Timestamp::from_second(monday * 86_400).map_err(WebError::internal)?;
        Ok(WeekRow {
            monday: at.strftime("%Y-%m-%d").to_string(),
            counts: Relationship::ALL.map(of).into(),
        })
    };
    mondays.into_iter().map(row).collect()
}

fn outcomes(counts: &[(String, i64)]) -> Vec<(&'static str, i64)> {
    let of = |outcome: InvitationOutcome| {
        let found = counts.iter().find(|(key, _)| key == outcome.key());
        (outcome.in_words(), found.map_or(0, |(_, count)| *count))
    };
    InvitationOutcome::ALL.map(of).into()
}

/// As of the last count: two looks never differ by one result.
fn kind_section(bank: &Bank, relationship: Relationship, snapshot: Option<&Snapshot<Averages>>) -> KindSection {
    KindSection {
        name: relationship.in_words(),
        averages: snapshot.map(|snapshot| AveragesSection {
            results: snapshot.counted.results,
            day: snapshot.built_at.strftime("%B %-d, %Y").to_string(),
            index: average(bank, snapshot.counted.index),
            factors: factor_averages(bank, &snapshot.counted),
        }),
    }
}

fn factor_averages(bank: &Bank, averages: &Averages) -> Vec<(String, AverageRow, usize)> {
    let row = |(factor, figures): (Factor, &Average)| {
        let short = bank.factors.get(factor).short.clone();
        (short, average(bank, *figures), *averages.weakest.get(factor))
    };
    averages.factors.iter().map(row).collect()
}

fn average(bank: &Bank, average: Average) -> AverageRow {
    let text = bank.band(Band::of(average.mean));
    AverageRow {
        mean: shown(average.mean),
        spread: format!("±{}", shown(average.spread)),
        band: text.map(|text| text.name.clone()).unwrap_or_default(),
    }
}

async fn contact_request_rows(
    conn: &mut Conn,
    console: &Console,
    bank: &Bank,
) -> Result<Vec<ContactRequestRow>, DbError> {
    let requests = contact_requests::list(conn, CONTACT_REQUESTS).await?;
    requests
        .into_iter()
        .map(|(row, assessment)| {
            Ok(ContactRequestRow {
                name: console.name(&row.name),
                email: console.address(&row.email),
                at: console.stored_moment(row.created_at)?,
                partnership: format!("{} and {}", assessment.parties.us, assessment.parties.partner),
                kind: assessment.parties.relationship.in_words(),
                index: figure(assessment.score().whole.map(|whole| whole.index)),
                factors: factor_rows(bank, &assessment),
            })
        })
        .collect()
}

fn factor_rows(bank: &Bank, assessment: &Assessment) -> Vec<(String, String, String, String)> {
    let score = assessment.score();
    let rows: PerFactor<_> = score.factors.map(|factor, figures| {
        (
            bank.factors.get(factor).short.clone(),
            figure(figures.us),
            figure(figures.partner),
            figure(figures.both.map(|both| both.score)),
        )
    });
    rows.iter().map(|(_, row)| row.clone()).collect()
}

fn figure(figure: Option<f64>) -> String {
    figure.map_or("–".to_owned(), |figure| shown(figure).to_string())
}
