//! The alignment self-assessment as respondents, partners, teams and organizers use it, on both databases.

mod benchmark;
mod comparing;
mod erasing;
mod mails;
mod organizers;
mod result;
mod rounds;
mod snapshots;
mod taking;

use reqwest::StatusCode;
use serde_json::Value;

use crate::support::visit::{self, NOW, Visit, link};

/// Answers of each factor: our side, then the partner's.
type Ratings = [(&'static str, &'static str, &'static str); 5];

/// One lopsided factor: the vector V7, index 57.11.
const CONTOSO: Ratings = [
    ("RI", "4433", "2121"),
    ("RE", "3333", "3323"),
    ("RW", "3233", "3333"),
    ("VI", "3433", "3333"),
    ("VA", "4343", "3343"),
];
/// How the partner sees it, its own side first: with V7 the vector P1, index 64.03.
const NORTHWIND: Ratings = [
    ("RI", "3433", "3333"),
    ("RE", "3333", "3323"),
    ("RW", "2222", "4334"),
    ("VI", "3333", "3333"),
    ("VA", "3343", "3333"),
];
/// The same answer everywhere.
const MOSTLY: Ratings = [
    ("RI", "3333", "3333"),
    ("RE", "3333", "3333"),
    ("RW", "3333", "3333"),
    ("VI", "3333", "3333"),
    ("VA", "3333", "3333"),
];

const NAMES: [(&str, &str); 3] = [("type", "partner"), ("us", "Contoso"), ("partner", "Northwind")];

/// The fields of a form; `-` is not answered, `d` "don't know".
fn fields(ratings: &[(&str, &str, &str)]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for (letters, us, partner) in ratings {
        for (side, given) in [('u', us), ('p', partner)] {
            for (number, answer) in (1..).zip(given.chars()) {
                let value = match answer {
                    '-' => continue,
                    'd' => "dk".to_owned(),
                    points => points.to_string(),
                };
                fields.push((format!("{side}_{letters}{number}"), value));
            }
        }
    }
    fields
}

/// Where an answer leads to: of an assessment that has just begun, the path of its private pages.
fn location(answer: &reqwest::Response) -> String {
    visit::location(answer).trim_end_matches("?page=1").to_owned()
}

/// What a form carries so that it begins one thing, however often it is posted.
fn draft_in(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"draft\" value=\"").expect("a form with a draft");
    rest.split('"').next().unwrap_or_default().to_owned()
}

impl Visit {
    async fn send(&self, path: &str, fields: &[(String, String)]) -> reqwest::Response {
        let borrowed: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(path, &borrowed).await
    }

    /// Starts an assessment; gives the path of its private pages.
    async fn begin(&self, fields: &[(&str, &str)]) -> String {
        let answer = self.post("/assessment", fields).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        location(&answer)
    }

    /// Answers everything and asks for the result.
    async fn answer(&self, path: &str, ratings: &Ratings, purpose: &str) {
        let mut fields = fields(ratings);
        fields.push(("O1".to_owned(), "half".to_owned()));
        fields.push(("O2".to_owned(), "probably".to_owned()));
        fields.push(("O3".to_owned(), purpose.to_owned()));
        let answer = self.send(path, &fields).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        if location(&answer).ends_with("/check") {
            let shown = self.post(&location(&answer), &[]).await;
            assert_eq!(location(&shown), format!("{path}/mine"));
        } else {
            assert_eq!(location(&answer), format!("{path}/mine"));
        }
    }

    /// A finished assessment.
    async fn finished(&self, ratings: &Ratings) -> String {
        let path = self.begin(&NAMES).await;
        self.answer(&path, ratings, "").await;
        path
    }

    async fn answers_json(&self, path: &str) -> Value {
        let body = self.page(&format!("{path}/answers.json")).await;
        serde_json::from_str(&body).unwrap()
    }

    /// Posts a form of one's own result page, and expects to be led back to it.
    async fn do_on_mine(&self, path: &str, what: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(&format!("{path}/{what}"), fields).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{what}");
        let back = location(&answer);
        assert!(back.starts_with(&format!("{path}/mine?done=")), "{back}");
        self.page(&back).await
    }

    /// The result page.
    async fn mine(&self, path: &str) -> String {
        self.page(&format!("{path}/mine")).await
    }
}

/// The first link on a page that leads below this path.
fn href(page: &str, below: &str) -> String {
    let at = page.find(below).unwrap_or_else(|| panic!("no link below {below}"));
    page[at..].split(['"', '<', '?', '#']).next().unwrap().to_owned()
}
