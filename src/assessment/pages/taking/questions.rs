//! `GET, POST /assessment/{token}`: the cards, one factor a page, saved as they are answered.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::cards::{Progress, StatementCard};
use super::posted::{Mistakes, parse, read_factor, seen_closing};
use crate::assessment::jobs::answering::{self, Saved};
use crate::assessment::links;
use crate::assessment::model::assessment::{Assessment, Closing, Doubt};
use crate::assessment::model::factor::Factor;
use crate::assessment::pages::{day, layout, open};
use crate::assessment::store::assessments;
use crate::assessment::words::bank::Bank;
use crate::db::DbError;
use crate::framed;
use crate::values::PublicId;
use crate::web::layout::{Field, Layout, Mistake, When, mistakes};
use crate::web::{Answer, AppState, Form, WebError, ok, page, see_other};

#[derive(Template)]
#[template(path = "assessment/questions.html")]
struct QuestionsPage {
    layout: Layout,
    card: StatementCard,
    action: String,
    has_back: bool,
    link: String,
    kept_until: Option<When>,
    /// When it was shown, to notice who hurries.
    shown_at: i64,
}

framed!(QuestionsPage);

#[derive(Template)]
#[template(path = "assessment/last.html")]
struct LastPage {
    layout: Layout,
    progress: Progress,
    partner: String,
    us: String,
    action: String,
    link: String,
    kept_until: Option<When>,
    missing: usize,
    /// The first page with an answer that is missing.
    open_path: Option<String>,
    mistakes: Vec<Mistake>,
    o1: Field,
    o2: Field,
    o3: Field,
    /// What the three held when they were first shown, so that two devices lose nothing of each other's.
    seen: [String; 3],
}

framed!(LastPage);

/// The gentle question before a result.
#[derive(Template)]
#[template(path = "assessment/check.html")]
struct CheckPage {
    layout: Layout,
    token: String,
    question: &'static str,
}

framed!(CheckPage);

/// `GET /assessment/{token}`; `?page=1` to `6`.
pub(crate) async fn show(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    request: HttpRequest,
    token: Path<String>,
) -> Answer {
    let assessment = open(&state, &token).await?;
    let wanted = page_of(&request);
    if assessment.frozen || (assessment.is_finished() && wanted.is_none()) {
        return Ok(see_other(&links::mine_path(&state, assessment.public_id)));
    }
    let number = wanted.unwrap_or_else(|| assessment.first_open_page().unwrap_or(Progress::PAGES));
    match Factor::on_page(number) {
        Some(factor) => ok(&questions_page(&state, &bank, &assessment, factor)),
        None => ok(&last_page(&state, &assessment, &assessment.closing.clone().into())),
    }
}

/// `POST /assessment/{token}`: a page of cards, the last page, or everything at once.
pub(crate) async fn save(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    request: HttpRequest,
    token: Path<String>,
    form: Form,
) -> Answer {
    let assessment = open(&state, &token).await?;
    let number = page_of(&request);
    let now = state.clock.now();
    let posted = match parse(&assessment, number, &form, now) {
        Ok(posted) => posted,
        Err(mistakes) => return refuse(&state, &bank, &assessment, number, &form, &mistakes),
    };
    let ends = posted.closing.is_some();
    let id = assessment.public_id;
    let saved = state
        .db
        .write(move |tx| {
            let posted = posted.clone();
            Box::pin(async move { answering::save(tx, id, &posted, now).await })
        })
        .await?;
    let stored = match saved {
        Saved::Stored(stored) => stored,
        Saved::Frozen => return Ok(see_other(&format!("{}?done=frozen", links::mine_path(&state, id)))),
        Saved::Gone => return Err(WebError::LinkExpired),
    };
    let goes_back = form.text("go") == "back";
    if ends && !goes_back {
        return conclude(&state, &stored).await;
    }
    let next = number.map_or_else(
        || stored.first_open_page().unwrap_or(Progress::PAGES),
        |number| {
            if goes_back {
                (number - 1).max(1)
            } else {
                (number + 1).min(Progress::PAGES)
            }
        },
    );
    Ok(see_other(&format!("{}?page={next}", links::edit_path(&state, id))))
}

/// To the result, past one gentle question.
async fn conclude(state: &AppState, assessment: &Assessment) -> Answer {
    let id = assessment.id;
    if !assessment.asked_again && !assessment.is_finished() && assessment.doubt().is_some() {
        state
            .db
            .write(move |tx| Box::pin(assessments::note_asked_again(tx, id)))
            .await?;
        let check = format!("{}/check", links::edit_path(state, assessment.public_id));
        return Ok(see_other(&check));
    }
    finish(state, id).await?;
    Ok(see_other(&links::mine_path(state, assessment.public_id)))
}

async fn finish(state: &AppState, id: i64) -> Result<(), DbError> {
    let now = state.clock.now();
    state
        .db
        .write(move |tx| Box::pin(async move { answering::finish_and_reveal(tx, id, now).await }))
        .await
}

/// `GET /assessment/{token}/check`
pub(crate) async fn check(state: Data<AppState>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    let Some(question) = assessment.doubt().map(Doubt::question) else {
        return Ok(see_other(&format!("/assessment/{token}?page={}", Progress::PAGES)));
    };
    ok(&CheckPage {
        layout: layout(&state, "Before you see your result"),
        token: token.into_inner(),
        question,
    })
}

/// `POST /assessment/{token}/check`: show the result all the same.
pub(crate) async fn finish_all_the_same(state: Data<AppState>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    finish(&state, assessment.id).await?;
    Ok(see_other(&links::mine_path(&state, assessment.public_id)))
}

fn page_of(request: &HttpRequest) -> Option<usize> {
    let query = Form::decode(request.query_string().as_bytes());
    let number = query.text("page").parse().ok()?;
    (1..=Progress::PAGES).contains(&number).then_some(number)
}

/// The page again, with what is wrong and with what was chosen.
fn refuse(
    state: &AppState,
    bank: &Bank,
    assessment: &Assessment,
    number: Option<usize>,
    form: &Form,
    wrong: &Mistakes,
) -> Answer {
    let on_page = number.and_then(Factor::on_page);
    let of_wrong = wrong.iter().find_map(|(field, _)| factor_of(field));
    if let Some(factor) = on_page.or(of_wrong) {
        let mut typed = assessment.clone();
        let read = read_factor(factor, assessment.answers.get(factor), form, &mut Mistakes::new());
        *typed.answers.get_mut(factor) = read.unwrap_or_default();
        let mut shown = questions_page(state, bank, &typed, factor);
        // What is stored is what was seen: what was chosen here is not saved yet.
        shown.card.seen = assessment.answers.get(factor).letters();
        let mut is_told = false;
        for (field, message) in wrong {
            is_told |= shown
                .card
                .statements
                .iter()
                .flat_map(|one| &one.rows)
                .any(|row| row.field == *field);
            shown.card.refuse(field, message);
        }
        if is_told {
            return page(StatusCode::UNPROCESSABLE_ENTITY, &shown);
        }
    }
    if wrong.iter().any(|(field, _)| field.starts_with('O')) {
        let mut fields = LastFields::typed(assessment, form);
        for (field, message) in wrong {
            let target = match field.as_str() {
                "O1" => &mut fields.o1,
                "O2" => &mut fields.o2,
                "O3" => &mut fields.o3,
                _ => continue,
            };
            target.error = Some(message.clone());
        }
        return page(StatusCode::UNPROCESSABLE_ENTITY, &last_page(state, assessment, &fields));
    }
    let told: Vec<String> = wrong
        .iter()
        .map(|(field, message)| format!("{field}: {message}"))
        .collect();
    Err(WebError::Unprocessable(told.join(" ")))
}

fn factor_of(field: &str) -> Option<Factor> {
    let id = field.strip_prefix("u_").or_else(|| field.strip_prefix("p_"))?;
    Factor::ALL.into_iter().find(|factor| id.starts_with(factor.letters()))
}

fn questions_page(state: &AppState, bank: &Bank, assessment: &Assessment, factor: Factor) -> QuestionsPage {
    let path = links::edit_path(state, assessment.public_id);
    let number = factor.page();
    QuestionsPage {
        layout: layout(state, bank.factors.get(factor).name.clone()),
        card: StatementCard::new(bank, &assessment.parties, factor, assessment.answers.get(factor)),
        action: format!("{path}?page={number}"),
        has_back: number > 1,
        link: state.config.public_url.link(&path),
        kept_until: (!assessment.is_finished()).then(|| day(assessment.keep_until)),
        shown_at: state.clock.now().as_microsecond(),
    }
}

/// The three fields of the last page, and what was stored when it was first shown.
struct LastFields {
    o1: Field,
    o2: Field,
    o3: Field,
    seen: [String; 3],
}

impl From<Closing> for LastFields {
    fn from(closing: Closing) -> Self {
        let seen = in_fields(closing);
        let [o1, o2, o3] = seen.clone().map(Field::of);
        Self { o1, o2, o3, seen }
    }
}

impl LastFields {
    /// As it was filled in; what was not posted is as it is stored.
    fn typed(assessment: &Assessment, form: &Form) -> Self {
        let stored = Self::from(assessment.closing.clone());
        let typed = |name: &str, stored: Field| {
            if form.has(name) {
                Field::of(form.text(name))
            } else {
                stored
            }
        };
        Self {
            o1: typed("O1", stored.o1),
            o2: typed("O2", stored.o2),
            o3: typed("O3", stored.o3),
            seen: in_fields(seen_closing(assessment, form)),
        }
    }
}

fn in_fields(closing: Closing) -> [String; 3] {
    let purpose = closing.purpose.map(|purpose| purpose.as_str().to_owned());
    [closing.progress, closing.again, purpose].map(Option::unwrap_or_default)
}

fn last_page(state: &AppState, assessment: &Assessment, fields: &LastFields) -> LastPage {
    let path = links::edit_path(state, assessment.public_id);
    LastPage {
        layout: layout(state, "Three last questions"),
        progress: Progress::last(),
        partner: assessment.parties.partner.clone(),
        us: assessment.parties.us.clone(),
        action: format!("{path}?page={}", Progress::PAGES),
        link: state.config.public_url.link(&path),
        kept_until: (!assessment.is_finished()).then(|| day(assessment.keep_until)),
        missing: 40 - assessment.answers.given(),
        open_path: assessment.first_open_page().map(|page| format!("{path}?page={page}")),
        mistakes: mistakes(&[("O1", &fields.o1), ("O2", &fields.o2), ("O3", &fields.o3)]),
        o1: fields.o1.clone(),
        o2: fields.o2.clone(),
        o3: fields.o3.clone(),
        seen: fields.seen.clone(),
    }
}

/// Where an assessment that has just begun leads to.
pub(crate) fn begun(state: &AppState, id: PublicId) -> actix_web::HttpResponse {
    // With its number, so that Back leads to this page and not to the first one that is open.
    see_other(&format!("{}?page=1", links::edit_path(state, id)))
}
