//! One's own answers, to take along.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use serde::Serialize;
use serde_json::{Value, json};

use crate::assessment::model::answers::ItemAnswer as Rated;
use crate::assessment::model::assessment::{Assessment, PurposeSentence};
use crate::assessment::model::factor::Factor;
use crate::assessment::pages::open;
use crate::assessment::scoring::{Band, GapWord, SCORING_VERSION, Score};
use crate::assessment::words::bank::{Bank, ITEM_BANK_VERSION};
use crate::export::csv::{CsvStyle, MARK, encode};
use crate::web::{Answer, AppState, WebError};
use std::sync::Arc;

/// `GET /assessment/{token}/answers.json`
pub(crate) async fn json(state: Data<AppState>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    let body = serde_json::to_string_pretty(&AnswersFile::new(&assessment)).map_err(WebError::internal)?;
    Ok(file(
        "application/json; charset=utf-8",
        "answers.json",
        body.into_bytes(),
    ))
}

/// `GET /assessment/{token}/answers.csv`
pub(crate) async fn csv(state: Data<AppState>, bank: Data<Arc<Bank>>, token: Path<String>) -> Answer {
    let assessment = open(&state, &token).await?;
    let lines = lines(&bank, &assessment);
    let mut body = MARK.as_bytes().to_vec();
    body.extend(encode(&lines, CsvStyle::default()).map_err(WebError::internal)?);
    Ok(file("text/csv; charset=utf-8", "answers.csv", body))
}

fn file(content_type: &str, name: &str, body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body)
}

fn lines(bank: &Bank, assessment: &Assessment) -> Vec<Vec<String>> {
    let head = ["id", "factor", "statement", "us", "partner"]
        .map(str::to_owned)
        .to_vec();
    let mut lines = vec![head];
    for factor in Factor::ALL {
        let answers = assessment.answers.get(factor);
        let rated = answers.us.iter().zip(&answers.partner);
        for (item, (us, partner)) in bank.items(factor).iter().zip(rated) {
            lines.push(vec![
                item.id.clone(),
                factor.key().to_owned(),
                item.text(assessment.parties.relationship).to_owned(),
                us.value().to_owned(),
                partner.value().to_owned(),
            ]);
        }
    }
    lines
}

/// What `answers.json` holds: scripts rely on it.
#[derive(Serialize)]
struct AnswersFile<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'static str>,
    us: &'a str,
    partner: &'a str,
    started_at: String,
    finished_at: Option<String>,
    answers: serde_json::Map<String, Value>,
    #[serde(rename = "O1")]
    progress: Option<&'a str>,
    #[serde(rename = "O2")]
    again: Option<&'a str>,
    #[serde(rename = "O3")]
    purpose: Option<&'a str>,
    result: Value,
    item_bank_version: i64,
    scoring_version: i64,
}

impl<'a> AnswersFile<'a> {
    fn new(assessment: &'a Assessment) -> Self {
        let closing = &assessment.closing;
        Self {
            r#type: assessment.parties.relationship.key(),
            side: assessment.parties.side.map(crate::assessment::CustomerSide::key),
            us: &assessment.parties.us,
            partner: &assessment.parties.partner,
            started_at: assessment.created_at.to_string(),
            finished_at: assessment.finished_at.map(|at| at.to_string()),
            answers: answers(assessment),
            progress: closing.progress.as_deref(),
            again: closing.again.as_deref(),
            purpose: closing.purpose.as_ref().map(PurposeSentence::as_str),
            result: result(&assessment.score()),
            item_bank_version: ITEM_BANK_VERSION,
            scoring_version: SCORING_VERSION,
        }
    }
}

fn answers(assessment: &Assessment) -> serde_json::Map<String, Value> {
    let mut all = serde_json::Map::new();
    for factor in Factor::ALL {
        let answers = assessment.answers.get(factor);
        for (number, (us, partner)) in (1..).zip(answers.us.iter().zip(&answers.partner)) {
            let id = format!("{}{number}", factor.letters());
            all.insert(id, json!({"us": value(*us), "partner": value(*partner)}));
        }
    }
    all
}

fn value(answer: Rated) -> Value {
    match answer {
        Rated::Missing => Value::Null,
        Rated::DontKnow => "dk".into(),
        Rated::Rated(rating) => rating.points().into(),
    }
}

fn result(score: &Score) -> Value {
    let whole = score.whole.as_ref();
    let factors: serde_json::Map<String, Value> = score
        .factors
        .iter()
        .map(|(factor, figures)| {
            let both = figures.both.as_ref();
            let value = json!({
                "us": rounded(figures.us),
                "partner": rounded(figures.partner),
                "score": rounded(both.map(|both| both.score)),
                "level": rounded(both.map(|both| both.level)),
                "gap": rounded(both.map(|both| both.gap)),
                "gap_word": both.map(|both| GapWord::of(both.gap).as_str()),
            });
            (factor.key().to_owned(), value)
        })
        .collect();
    let unscored = score.factors.iter().filter(|(_, figures)| figures.both.is_none());
    json!({
        "index": rounded(whole.map(|whole| whole.index)),
        "level": rounded(whole.map(|whole| whole.level)),
        "balance": rounded(whole.and_then(|whole| whole.balance)),
        "band": whole.map(|whole| Band::of(whole.index).number()),
        "lost_weak": rounded(whole.map(|whole| whole.lost_weak)),
        "lost_imbalance": rounded(whole.map(|whole| whole.lost_imbalance)),
        "fair_exchange": rounded(score.fair_exchange),
        "low": rounded(Some(score.low)),
        "high": rounded(Some(score.high)),
        "factors": factors,
        "weakest": score.weakest.map(Factor::key),
        "what_if": score.what_if.map(|what_if| json!({
            "factor": what_if.factor.key(),
            "index": rounded(Some(what_if.index)),
            "gain": rounded(Some(what_if.gain)),
        })),
        "unscored": unscored.map(|(factor, _)| factor.key()).collect::<Vec<_>>(),
        "dont_know": {"us": score.dont_know_us, "partner": score.dont_know_partner},
    })
}

/// Four decimals.
fn rounded(figure: Option<f64>) -> Option<f64> {
    figure.map(|figure| {
        let rounded = (figure * 10_000.0).round() / 10_000.0;
        // Not -0.0.
        rounded + 0.0
    })
}
