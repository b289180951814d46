//! `GET /assessment/{token}/mine`: the respondent's own result, and everything that can be done with it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;

use crate::assessment::charts::{BenchmarkChart, ResultCharts};
use crate::assessment::jobs::benchmark;
use crate::assessment::mails::kinds::{KINDS, REMINDER, REPORT};
use crate::assessment::model::assessment::Assessment;
use crate::assessment::model::invitation::Shared;
use crate::assessment::model::round::Round;
use crate::assessment::pages::comparing::standing::{Comparing, WayIn, comparing};
use crate::assessment::pages::taking::form_id;
use crate::assessment::pages::{day, layout, open};
use crate::assessment::scoring::benchmark::{Standing, standing};
use crate::assessment::scoring::shown;
use crate::assessment::store::assessments::{self};
use crate::assessment::store::{contact_requests, results, rounds};
use crate::assessment::words::bank::Bank;
use crate::assessment::words::reading::{Reading, read_own};
use crate::assessment::{CLEAR_CHANGE, links};
use crate::db::{Conn, DbError};
use crate::framed;
use crate::mail::outbox::{self, MailState};
use crate::web::layout::{Field, Layout, Mistake, When, mistakes};
use crate::web::too_many;
use crate::web::{Answer, AppState, Form, WebError, ok, page, see_other};

/// How long a result is kept, as it can be chosen: key, words, days.
pub(super) const PERIODS: [(&str, &str, i64); 3] = [
    ("24", "24 months", 730),
    ("1", "30 days", 30),
    ("0", "only until tomorrow", 1),
];

#[derive(Template)]
#[template(path = "assessment/mine.html")]
pub(crate) struct MinePage {
    layout: Layout,
    token: String,
    reading: Reading,
    charts: ResultCharts,
    date: When,
    /// What the last post did.
    flash: Option<&'static str>,
    /// Why the last post was not taken, where it is no mistake in a field.
    problem: Option<String>,
    /// Set where it cannot be changed any more.
    frozen: bool,
    change: Option<ChangeSinceBefore>,
    benchmark: BenchmarkSection,
    comparing: Comparing,
    round: Option<RoundSection>,
    view_url: String,
    view_path: String,
    private_url: String,
    kept_until: When,
    /// Key and words, and whether it is what is set.
    periods: [(&'static str, &'static str, bool); 3],
    form: ContactForm,
    /// What became of the last report that was asked for, in a sentence.
    reported: Option<&'static str>,
    /// Where a reminder is planned.
    reminded_on: Option<When>,
    /// The firm knows who it is.
    talking: bool,
    /// A later answer to the same statements has begun.
    form_id: String,
}

framed!(MinePage);

/// The change since the last time.
struct ChangeSinceBefore {
    date: When,
    before: i64,
    after: i64,
    /// With its sign.
    difference: String,
    /// Smaller changes say nothing.
    is_clear: bool,
}

/// How the result stands among others.
struct BenchmarkSection {
    opted_in: bool,
    standing: Option<Standing>,
    chart: Option<BenchmarkChart>,
    sample: bool,
}

/// The round that this answer belongs to.
struct RoundSection {
    title: String,
    side: String,
    closed: bool,
    name: Option<String>,
}

/// Addresses that were typed on this page.
#[derive(Default)]
pub(crate) struct ContactForm {
    pub(crate) email: Field,
    pub(crate) report: bool,
    pub(crate) remind: bool,
    /// Why there can be no reminder.
    pub(crate) remind_error: Option<String>,
    pub(crate) talk_name: Field,
    pub(crate) talk_email: Field,
    pub(crate) partner_email: Field,
    pub(crate) inviter_name: Field,
    pub(crate) shares: Shared,
    pub(crate) seat_name: Field,
    pub(crate) seat_named: bool,
}

impl ContactForm {
    /// The place of the form on the page is opened then.
    fn has_mail_mistakes(&self) -> bool {
        self.email.error.is_some() || self.remind_error.is_some()
    }

    fn has_talk_mistakes(&self) -> bool {
        self.talk_name.error.is_some() || self.talk_email.error.is_some()
    }

    fn mistakes(&self) -> Vec<Mistake> {
        let remind = Field {
            error: self.remind_error.clone(),
            ..Field::default()
        };
        mistakes(&[
            ("remind", &remind),
            ("inviter_name", &self.inviter_name),
            ("partner_email", &self.partner_email),
            ("email", &self.email),
            ("talk_name", &self.talk_name),
            ("talk_email", &self.talk_email),
            ("seat_name", &self.seat_name),
        ])
    }
}

/// `GET /assessment/{token}/mine`
pub(crate) async fn show(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    request: HttpRequest,
    token: Path<String>,
) -> Answer {
    let assessment = open(&state, &token).await?;
    if !assessment.is_finished() {
        return Ok(see_other(&links::edit_path(&state, assessment.public_id)));
    }
    let flash = flash(request.query_string());
    let form = ContactForm::default();
    ok(&draw(&state, &bank, &assessment, form, flash).await?)
}

/// The page again, with what was typed and what is wrong with it.
pub(crate) async fn refuse(state: &AppState, bank: &Bank, assessment: &Assessment, form: ContactForm) -> Answer {
    let shown = draw(state, bank, assessment, form, None).await?;
    page(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

/// The page again, with what was typed and when to try again.
pub(crate) async fn refuse_for_now(
    state: &AppState,
    bank: &Bank,
    assessment: &Assessment,
    form: ContactForm,
    wait: Duration,
) -> Answer {
    let mut shown = draw(state, bank, assessment, form, None).await?;
    shown.problem = Some(too_many::sentence(wait));
    too_many::answer(page(StatusCode::TOO_MANY_REQUESTS, &shown), wait)
}

async fn draw(
    state: &AppState,
    bank: &Bank,
    assessment: &Assessment,
    form: ContactForm,
    flash: Option<&'static str>,
) -> Result<MinePage, WebError> {
    let reading = read_own(bank, assessment);
    let conn = &mut state.db.read().await?;
    let view_path = links::view_path(state, assessment);
    let title = format!("{} and {}", assessment.parties.us, assessment.parties.partner);
    let mails = mail_section(conn, assessment).await?;
    Ok(MinePage {
        layout: layout(state, title),
        token: links::edit_path(state, assessment.public_id).replace("/assessment/", ""),
        charts: ResultCharts::new(&reading),
        date: day(assessment.dated()),
        flash,
        problem: None,
        frozen: assessment.frozen,
        change: change(conn, assessment).await?,
        benchmark: benchmark_section(conn, assessment, &reading).await?,
        comparing: comparing(state, conn, assessment).await?,
        round: round_section(conn, assessment).await?,
        view_url: state.config.public_url.link(&view_path),
        view_path,
        private_url: links::mine_url(state, assessment),
        kept_until: day(assessment.keep_until),
        periods: periods(assessment, state.clock.now()),
        form,
        reported: mails.0,
        reminded_on: mails.1,
        talking: contact_requests::exists(conn, assessment.id).await?,
        form_id: form_id::fresh(state),
        reading,
    })
}

/// The periods to choose from, with the one that is set.
fn periods(assessment: &Assessment, now: Timestamp) -> [(&'static str, &'static str, bool); 3] {
    let left = assessment.keep_until.duration_since(now).as_hours();
    let set = PERIODS.into_iter().rev().find(|(_, _, days)| left <= days * 24);
    PERIODS.map(|(key, words, _)| (key, words, set.is_none_or(|(is_set, _, _)| is_set == key)))
}

/// What became of the last report, and when a reminder is planned.
async fn mail_section(
    conn: &mut Conn,
    assessment: &Assessment,
) -> Result<(Option<&'static str>, Option<When>), DbError> {
    let rows = outbox::about(conn, &KINDS, assessment.id).await?;
    let report = rows.iter().find(|row| row.kind == REPORT.name);
    let reported = report.map(|row| match row.state {
        MailState::Sent => "A report was sent before.",
        MailState::Queued | MailState::Sending | MailState::Held => "A report waits to be sent.",
        _ => "The last report did not arrive. Check the address, and ask again.",
    });
    let reminder = rows
        .iter()
        .find(|row| row.kind == REMINDER.name && row.state == MailState::Queued);
    let at = reminder.map(outbox::OutboxRow::next_at).transpose()?;
    Ok((reported, at.map(day)))
}

async fn change(conn: &mut Conn, assessment: &Assessment) -> Result<Option<ChangeSinceBefore>, DbError> {
    let Some(previous) = assessments::previous(conn, assessment).await? else {
        return Ok(None);
    };
    let (Some(before), Some(after)) = (previous.score().whole, assessment.score().whole) else {
        return Ok(None);
    };
    let difference = shown(after.index) - shown(before.index);
    Ok(Some(ChangeSinceBefore {
        date: day(previous.dated()),
        before: shown(before.index),
        after: shown(after.index),
        difference: format!("{difference:+}"),
        is_clear: is_clear(difference),
    }))
}

/// Decided on what is shown, so that words and figures agree.
fn is_clear(difference: i64) -> bool {
    difference.abs() >= shown(CLEAR_CHANGE)
}

async fn benchmark_section(
    conn: &mut Conn,
    assessment: &Assessment,
    reading: &Reading,
) -> Result<BenchmarkSection, DbError> {
    let benchmark = benchmark::published(conn, assessment.parties.relationship).await?;
    let own = reading.whole.as_ref().map(|whole| whole.index);
    let sample = benchmark.as_ref().is_some_and(|benchmark| benchmark.sample);
    let found = match (benchmark, own) {
        (Some(benchmark), Some(own)) => {
            let others = match results::counted(conn, assessment).await? {
                Some(index) => benchmark.counted.without(index),
                None => benchmark.counted,
            };
            standing(&others, own).map(|standing| (standing, own))
        }
        _ => None,
    };
    let chart = found.as_ref().and_then(|(standing, own)| {
        let (p10, p50, p90) = standing.spread?;
        Some(BenchmarkChart::new(p10, p50, p90, *own))
    });
    Ok(BenchmarkSection {
        opted_in: assessment.in_benchmark,
        standing: found.map(|(standing, _)| standing),
        chart,
        sample,
    })
}

async fn round_section(conn: &mut Conn, assessment: &Assessment) -> Result<Option<RoundSection>, DbError> {
    let Some(place) = rounds::place_of_assessment(conn, assessment.id).await? else {
        return Ok(None);
    };
    let round: Option<Round> = rounds::by_id(conn, place.round_id).await?;
    Ok(round.map(|round| RoundSection {
        title: links::round_title(&round),
        side: round.parties.seen_from(place.side).us,
        closed: round.closed_at.is_some(),
        name: place.name,
    }))
}

fn flash(query: &str) -> Option<&'static str> {
    match Form::decode(query.as_bytes()).text("done") {
        "mailed" => Some("The report is on its way to the address you gave."),
        "reminder" => Some("We shall remind you in 90 days."),
        "both" => Some("The report is on its way, and we shall remind you in 90 days."),
        "talk" => Some("Thank you. We know who you are now, and we shall be in touch."),
        "talk-removed" => Some("We have forgotten your name and address again."),
        "benchmark" => Some("Thank you. Your scores count in the anonymous comparison from the next night on."),
        "no-benchmark" => Some("Your scores do not count in the comparison from the next night on."),
        "kept" => Some("How long we keep this result is changed."),
        "kept-no-reminder" => Some(
            "How long we keep this result is changed. It is deleted before the day of your reminder, so we shall not \
             remind you.",
        ),
        "renewed" => Some("The old link stopped working. There is a new one to show to others."),
        "invited" => Some("The invitation is made. Send the link to your partner."),
        "invited-by-mail" => Some("If that address takes mail from us, the invitation is on its way."),
        "invited-before" => Some(
            "The invitation is made, and no mail goes: we wrote to that address before, and write to it only once. \
             Send the link below to your partner yourself.",
        ),
        "invited-already" => Some(
            "Nothing was made and no mail goes: there is an invitation already, and its link is below. Withdraw it \
             first to make another one.",
        ),
        "invitation-used" => Some(
            "Nothing was made: this form made an invitation before, which is over. Make another one with the form below.",
        ),
        "shared" => Some("What you share is saved."),
        "share-late" => Some(
            "Nothing was saved: the joint report was revealed meanwhile. To take it back for both of you, open “Take \
             back what I share” below and withdraw.",
        ),
        "withdrawn" => Some("That is withdrawn. There is no joint report."),
        "named" => Some("What is shown of your name is saved."),
        "name-late" => Some("The round is closed, so what is shown of your name changes no more."),
        "frozen" => {
            Some("These answers are part of a report that others saw, so they change no more. Nothing was saved.")
        }
        _ => None,
    }
}

/// Back to the result after a good post.
pub(crate) fn back(state: &AppState, assessment: &Assessment, done: &str) -> actix_web::HttpResponse {
    see_other(&format!(
        "{}?done={done}",
        links::mine_path(state, assessment.public_id)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_clear_by_the_figures_that_are_shown() {
        for (before, after, clear) in [
            (61.4, 68.6, true),
            (60.6, 68.4, false),
            (69.0, 61.0, true),
            (61.0, 61.0, false),
        ] {
            assert_eq!(is_clear(shown(after) - shown(before)), clear, "{before} {after}");
        }
    }
}
