//! `GET, POST /assessment/{token}`: the cards, one factor a page, saved as they are answered.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;

use super::{day, layout, open};
use crate::assessment::answers::{Answer as Rated, Answers, FactorAnswers, ITEMS, Side};
use crate::assessment::assessment::{Assessment, Closing, Doubt, Purpose, SECONDS_A_CARD};
use crate::assessment::bank::Bank;
use crate::assessment::cards::{Card, Progress};
use crate::assessment::factor::{Factor, PerFactor};
use crate::assessment::store::assessments::{self, Posted, PostedClosing, Saved};
use crate::assessment::store::invitations;
use crate::assessment::{AGAIN, PROGRESS, links};
use crate::db::{DbError, Tx};
use crate::values::PublicId;
use crate::web::layout::{Field, Layout, Mistake, When, mistakes};
use crate::web::{Answer, AppState, Form, WebError, ok, page, see_other};

#[derive(Template)]
#[template(path = "assessment/questions.html")]
struct QuestionsPage {
    layout: Layout,
    card: Card,
    action: String,
    back: Option<String>,
    link: String,
    kept_until: Option<When>,
    /// When it was shown, to notice who hurries.
    shown_at: i64,
}

#[derive(Template)]
#[template(path = "assessment/last.html")]
struct LastPage {
    layout: Layout,
    progress: Progress,
    partner: String,
    us: String,
    action: String,
    back: Option<String>,
    link: String,
    kept_until: Option<When>,
    missing: usize,
    mistakes: Vec<Mistake>,
    o1: Field,
    o2: Field,
    o3: Field,
    /// What the three held when they were first shown, so that two devices lose nothing of each other's.
    seen: [String; 3],
}

/// The gentle question before a result.
#[derive(Template)]
#[template(path = "assessment/check.html")]
struct CheckPage {
    layout: Layout,
    token: String,
    question: &'static str,
}

/// `GET /assessment/{token}`; `?page=1` to `6`.
pub(super) async fn show(
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
pub(super) async fn save(
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
            Box::pin(async move { assessments::save(tx, id, &posted, now).await })
        })
        .await?;
    let stored = match saved {
        Saved::Stored(stored) => stored,
        Saved::Frozen => return Ok(see_other(&format!("{}?done=frozen", links::mine_path(&state, id)))),
        Saved::Gone => return Err(WebError::LinkExpired),
    };
    if ends {
        return conclude(&state, &stored).await;
    }
    let next = number.map_or_else(
        || stored.first_open_page().unwrap_or(Progress::PAGES),
        |number| (number + 1).min(Progress::PAGES),
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
        .write(move |tx| Box::pin(async move { finish_and_reveal(tx, id, now).await }))
        .await
}

async fn finish_and_reveal(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), DbError> {
    let invitation = invitations::of_assessment(tx, id).await?;
    if let Some(invitation) = &invitation {
        invitations::lock(tx, invitation.id).await?;
    }
    assessments::finish(tx, id, now).await?;
    if let Some(invitation) = invitation {
        invitations::reveal_if_ready(tx, invitation.id, now).await?;
    }
    Ok(())
}

/// `GET /assessment/{token}/check`
pub(super) async fn check(state: Data<AppState>, token: Path<String>) -> Answer {
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
pub(super) async fn finish_all_the_same(state: Data<AppState>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    finish(&state, assessment.id).await?;
    Ok(see_other(&links::mine_path(&state, assessment.public_id)))
}

fn page_of(request: &HttpRequest) -> Option<usize> {
    let query = Form::decode(request.query_string().as_bytes());
    let number = query.text("page").parse().ok()?;
    (1..=Progress::PAGES).contains(&number).then_some(number)
}

/// What is wrong, by field.
type Mistakes = Vec<(String, String)>;

/// All mistakes at once. What a post does not hold stays as it is.
fn parse(assessment: &Assessment, number: Option<usize>, form: &Form, now: Timestamp) -> Result<Posted, Mistakes> {
    let mut wrong = Mistakes::new();
    let seen = seen(assessment, number, form);
    let answers = PerFactor::from_fn(|factor| read_factor(factor, seen.get(factor), form, &mut wrong));
    let closing = read_closing(assessment, number, form, &mut wrong);
    for name in form.names().filter(|name| is_unknown_statement(name)) {
        wrong.push((name.to_owned(), "There is no such statement.".to_owned()));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(Posted {
        pace: number.and_then(Factor::on_page).and_then(|factor| {
            let fresh = fresh_cards(seen.get(factor), answers.get(factor).as_ref()?);
            Some((factor.page(), is_too_fast(fresh, form, now)?))
        }),
        seen: Some(seen),
        answers,
        closing,
    })
}

/// The answers that the page showed: of its own factor as the form says, else as they are stored now.
fn seen(assessment: &Assessment, number: Option<usize>, form: &Form) -> Answers {
    let mut seen = assessment.answers;
    let shown = FactorAnswers::parse(form.text("seen"));
    if let (Some(factor), Ok(shown)) = (number.and_then(Factor::on_page), shown) {
        *seen.get_mut(factor) = shown;
    }
    seen
}

/// `None`: the post holds nothing about this factor.
fn read_factor(factor: Factor, seen: &FactorAnswers, form: &Form, wrong: &mut Mistakes) -> Option<FactorAnswers> {
    let mut answers = *seen;
    let mut is_there = false;
    for side in Side::ASKED {
        for (item, answer) in (1..=ITEMS).zip(answers.side_mut(side)) {
            let field = format!("{}_{}{item}", side.letter(), factor.letters());
            if !form.has(&field) {
                continue;
            }
            is_there = true;
            if form.is_ambiguous(&field) {
                wrong.push((field, "This was answered twice. Choose one of the answers.".to_owned()));
                continue;
            }
            match Rated::parse(form.text(&field)) {
                Ok(read) => *answer = read,
                Err(problem) => wrong.push((field, problem.to_string())),
            }
        }
    }
    is_there.then_some(answers)
}

/// `None`: the post holds nothing of the last page.
fn read_closing(
    assessment: &Assessment,
    number: Option<usize>,
    form: &Form,
    wrong: &mut Mistakes,
) -> Option<PostedClosing> {
    let is_there = number == Some(Progress::PAGES) || ["O1", "O2", "O3"].iter().any(|field| form.has(field));
    if !is_there {
        return None;
    }
    let seen = seen_closing(assessment, form);
    let mut choice = |field: &str, choices: &[(&str, &str)]| {
        let value = form.text(field);
        let known = choices.iter().any(|(key, _)| *key == value);
        if form.is_ambiguous(field) || !(value.is_empty() || known) {
            wrong.push((field.to_owned(), "Choose one of the answers.".to_owned()));
        }
        known.then(|| value.to_owned())
    };
    let mut posted = seen.clone();
    if form.has("O1") {
        posted.progress = choice("O1", &PROGRESS);
    }
    if form.has("O2") {
        posted.again = choice("O2", &AGAIN);
    }
    if form.has("O3") {
        match Purpose::parse(form.text("O3")) {
            Ok(purpose) => posted.purpose = purpose,
            Err(problem) => wrong.push(("O3".to_owned(), problem.to_string())),
        }
    }
    Some(PostedClosing { seen, posted })
}

/// What the last page showed: as the form says, else what is stored now.
fn seen_closing(assessment: &Assessment, form: &Form) -> Closing {
    let stored = &assessment.closing;
    let choice = |field: &str, stored: &Option<String>| {
        if form.has(field) {
            Some(form.text(field).to_owned()).filter(|shown| !shown.is_empty())
        } else {
            stored.clone()
        }
    };
    let purpose = form.has("seen_O3").then(|| Purpose::parse(form.text("seen_O3")).ok());
    Closing {
        progress: choice("seen_O1", &stored.progress),
        again: choice("seen_O2", &stored.again),
        purpose: purpose.flatten().unwrap_or_else(|| stored.purpose.clone()),
    }
}

/// `u_` or `p_` and something that is no statement: a script's mistake, better told than lost.
fn is_unknown_statement(name: &str) -> bool {
    let Some(id) = name.strip_prefix("u_").or_else(|| name.strip_prefix("p_")) else {
        return false;
    };
    let known = Factor::ALL
        .into_iter()
        .flat_map(|factor| (1..=ITEMS).map(move |item| format!("{}{item}", factor.letters())));
    known.into_iter().all(|known| known != id)
}

/// Cards on which both sides were answered with this post.
fn fresh_cards(seen: &FactorAnswers, posted: &FactorAnswers) -> i64 {
    let before = seen.us.iter().zip(&seen.partner);
    let after = posted.us.iter().zip(&posted.partner);
    let fresh = before.zip(after).filter(|(before, after)| {
        let given = |answer: &Rated| *answer != Rated::Missing;
        !(given(before.0) || given(before.1)) && given(after.0) && given(after.1)
    });
    i64::try_from(fresh.count()).unwrap_or_default()
}

/// Whether a page was answered faster than it can be read. `None`: it cannot be said.
fn is_too_fast(fresh: i64, form: &Form, now: Timestamp) -> Option<bool> {
    let shown = Timestamp::from_microsecond(form.text("shown_at").parse().ok()?).ok()?;
    (fresh > 1).then(|| now.duration_since(shown).as_secs() < fresh * SECONDS_A_CARD)
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
        card: Card::new(bank, &assessment.parties, factor, assessment.answers.get(factor)),
        action: format!("{path}?page={number}"),
        back: (number > 1).then(|| format!("{path}?page={}", number - 1)),
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
        back: Some(format!("{path}?page={}", Progress::PAGES - 1)),
        link: state.config.public_url.link(&path),
        kept_until: (!assessment.is_finished()).then(|| day(assessment.keep_until)),
        missing: 40 - assessment.answers.given(),
        mistakes: mistakes(&[("O1", &fields.o1), ("O2", &fields.o2), ("O3", &fields.o3)]),
        o1: fields.o1.clone(),
        o2: fields.o2.clone(),
        o3: fields.o3.clone(),
        seen: fields.seen.clone(),
    }
}

/// Where an assessment that has just begun leads to.
pub(super) fn begun(state: &AppState, id: PublicId) -> actix_web::HttpResponse {
    see_other(&links::edit_path(state, id))
}
