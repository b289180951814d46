//! `/organizer/webcasts/{slug}/series/{id}`: airings that come again.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use jiff::civil::Date;

use super::series_form::SeriesForm;
use super::series_review::review;
use super::workspace::{Tab, Workspace, WorkspaceHead};
use crate::console::busy::form_again;
use crate::console::{Console, ConsoleFrame, list};
use crate::framed;
use crate::values::PublicId;
use crate::web::layout::Layout;
use crate::web::{Answer, Form, WebError, ok, page as answer, see_other};
use crate::webcasts::change::series::{self, SeriesSaved};
use crate::webcasts::series::{Series, which_in_words};
use crate::webcasts::store;

#[derive(Template)]
#[template(path = "console/webcasts/series.html")]
struct SeriesPage {
    layout: Layout,
    frame: ConsoleFrame,
    head: WorkspaceHead,
    /// Where it posts to.
    action: String,
    is_new: bool,
    form: SeriesForm,
    /// Value and words of each.
    which: Vec<(String, &'static str)>,
}

framed!(SeriesPage);

/// What a series' form posts, for the page in between.
const FIELDS: [&str; 16] = [
    "date",
    "time",
    "time_zone",
    "duration",
    "join_url",
    "capacity",
    "repeats",
    "every",
    "which",
    "until",
    "except",
    "waiting_list",
    "offer_hours",
    "approval",
    "version",
    "state",
];

/// Which series a page is about; `None`: a new one.
async fn find(console: &Console, workspace: &Workspace, raw: &str) -> Result<Option<Series>, WebError> {
    if raw == "new" {
        return Ok(None);
    }
    let id = list::id(raw)?;
    let all = store::series_of(&mut console.state.db.read().await?, workspace.webcast.id).await?;
    let found = all.into_iter().find(|series| series.public_id == id);
    found.map(Some).ok_or(WebError::NotFound)
}

/// `GET /organizer/webcasts/{slug}/series/{id}`
pub(super) async fn page(console: Console, at: Path<(String, String)>) -> Answer {
    let workspace = Workspace::load(&console, &at.0).await?;
    let series = find(&console, &workspace, &at.1).await?;
    let form = match &series {
        Some(series) => SeriesForm::of(series, next_day(&console, series).await?),
        None => SeriesForm::empty(&console.around.zone, workspace.sessions.last()),
    };
    ok(&draw(&console, &workspace, series.as_ref(), form))
}

/// The day of the next airing: what is changed holds from then on, unless another day is chosen.
async fn next_day(console: &Console, series: &Series) -> Result<Date, WebError> {
    let now = console.state.clock.now();
    let today = series.plan.zone.at(now).date();
    let airings = store::airings_of(&mut console.state.db.read().await?, series.id, today).await?;
    let next = airings.iter().find(|airing| airing.session.starts_at > now);
    Ok(next.map_or_else(
        || series.plan.days(today).next().unwrap_or(series.plan.rule.first),
        |airing| airing.day,
    ))
}

fn draw(console: &Console, workspace: &Workspace, series: Option<&Series>, form: SeriesForm) -> SeriesPage {
    let (layout, frame, head) = workspace.page(console, Tab::Sessions);
    let id = series.map_or("new".to_owned(), |series| series.public_id.to_string());
    let which = [1, 2, 3, 4, 5, -1].map(|which| {
        let value = if which < 0 {
            "last".to_owned()
        } else {
            which.to_string()
        };
        (value, which_in_words(which))
    });
    SeriesPage {
        layout,
        frame: frame.below(
            format!("{}/sessions", workspace.path()),
            workspace.webcast.text.title.clone(),
        ),
        action: format!("{}/series/{id}", workspace.path()),
        is_new: series.is_none(),
        head,
        form,
        which: which.into(),
    }
}

/// `POST /organizer/webcasts/{slug}/series/{id}`: saved at once, unless people are told of it.
pub(super) async fn save(console: Console, at: Path<(String, String)>, form: Form) -> Answer {
    let workspace = Workspace::load(&console, &at.0).await?;
    let series = find(&console, &workspace, &at.1).await?;
    let wanted = SeriesForm::typed(&form).read().filter(|_| !form.is_brought_back());
    if let (Some(series), Some(plan)) = (&series, wanted) {
        let sent = FIELDS.into_iter().filter(|name| form.has(name));
        let hidden = sent.map(|name| (name.to_owned(), form.text(name).to_owned())).collect();
        if let Some(page) = review(&console, &workspace, series, &plan, hidden).await? {
            return ok(&page);
        }
    }
    keep(&console, &workspace, series, &form).await
}

/// `POST /organizer/webcasts/{slug}/series/{id}/send`: saved, and everybody is told whose time moves.
pub(super) async fn send(console: Console, at: Path<(String, String)>, form: Form) -> Answer {
    let workspace = Workspace::load(&console, &at.0).await?;
    let series = find(&console, &workspace, &at.1).await?.ok_or(WebError::NotFound)?;
    keep(&console, &workspace, Some(series), &form).await
}

async fn keep(console: &Console, workspace: &Workspace, series: Option<Series>, form: &Form) -> Answer {
    let mut typed = SeriesForm::typed(form);
    if form.is_brought_back() {
        let mut shown = draw(console, workspace, series.as_ref(), typed);
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let Some(plan) = typed.read() else {
        return refuse(&draw(console, workspace, series.as_ref(), typed));
    };
    let (webcast, who, clock) = (
        workspace.webcast.clone(),
        console.who.clone(),
        console.state.clock.clone(),
    );
    let id: Option<PublicId> = series.as_ref().map(|series| series.public_id);
    let version = typed.version.parse().ok();
    let write = console.state.db.write(move |tx| {
        let (webcast, plan, who, clock) = (webcast.clone(), plan.clone(), who.clone(), clock.clone());
        Box::pin(async move {
            match id {
                Some(id) => series::change(tx, &webcast, id, version, &plan, &who, &clock).await,
                None => series::begin(tx, &webcast, &plan, &who, clock.now()).await,
            }
        })
    });
    match write.await {
        Ok(SeriesSaved::Yes) => {
            console.state.bell.ring();
            let done = if id.is_some() { "series" } else { "begun" };
            Ok(see_other(&format!("{}/sessions?done={done}", workspace.path())))
        }
        Ok(SeriesSaved::NoDay) => {
            typed.session.date.error =
                Some("No day of this series is ahead. Look at its days, and until when it goes.".to_owned());
            refuse(&draw(console, workspace, series.as_ref(), typed))
        }
        Ok(SeriesSaved::Meanwhile) => {
            typed.session.date.error = Some(
                "Somebody else changed this series while you had it open. Check all entries, then save again."
                    .to_owned(),
            );
            let fresh = store::series_of(&mut console.state.db.read().await?, workspace.webcast.id).await?;
            let fresh = fresh.into_iter().find(|series| Some(series.public_id) == id);
            typed.version = fresh.map(|series| series.version.to_string()).unwrap_or_default();
            refuse(&draw(console, workspace, series.as_ref(), typed))
        }
        Ok(SeriesSaved::Gone) => {
            typed.session.date.error =
                Some("This webcast is cancelled. Duplicate it, and begin the series in the copy.".to_owned());
            refuse(&draw(console, workspace, series.as_ref(), typed))
        }
        Err(error) => {
            let mut shown = draw(console, workspace, series.as_ref(), typed);
            shown.frame = shown.frame.not_saved();
            form_again(error, &shown)
        }
    }
}

fn refuse(shown: &SeriesPage) -> Answer {
    answer(StatusCode::UNPROCESSABLE_ENTITY, shown)
}
