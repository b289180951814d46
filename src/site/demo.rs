//! `/demo/mail`: the mails that the catcher of `demo` got. Elsewhere these pages are not there.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::framed;
use crate::mail::catcher::{Caught, CaughtFile, CaughtMail};
use crate::values::Zone;
use crate::web::layout::{Layout, Section, When};
use crate::web::{Answer, AppState, Form, WebError, at, ok, time};

/// A mail's own styles may show, and nothing else may happen.
const BODY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; \
     sandbox allow-popups allow-popups-to-escape-sandbox";
/// The page around it shows it in a frame.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/demo/mail").get(list))
        .service(at("/demo/mail/{id}").get(mail))
        .service(at("/demo/mail/{id}/body.html").get(body))
        .service(at("/demo/mail/{id}/attachments/{number}").get(attachment));
}

#[derive(Template)]
#[template(path = "demo/list.html")]
struct CaughtListPage {
    layout: Layout,
    mails: Vec<CaughtRow>,
}

framed!(CaughtListPage);

struct CaughtRow {
    id: u64,
    to: String,
    subject: String,
    at: When,
    attachments: usize,
}

#[derive(Template)]
#[template(path = "demo/mail.html")]
struct CaughtMailPage {
    layout: Layout,
    id: u64,
    from: String,
    to: String,
    subject: String,
    at: When,
    view: CaughtView,
    attachments: Vec<CaughtAttachment>,
}

framed!(CaughtMailPage);

/// Which part of the mail is shown.
enum CaughtView {
    /// In a sandboxed frame with an address of its own.
    Html,
    Text(String),
    Headers(String),
    Attachments,
}

struct CaughtAttachment {
    /// Its place in the mail.
    number: usize,
    name: String,
    kind: String,
    /// "640 kB"
    size: String,
}

impl CaughtMailPage {
    /// The template asks this to mark the current tab.
    fn shows(&self, tab: &str) -> bool {
        tab == match self.view {
            CaughtView::Html => "html",
            CaughtView::Text(_) => "text",
            CaughtView::Headers(_) => "headers",
            CaughtView::Attachments => "attachments",
        }
    }
}

/// `GET /demo/mail`
async fn list(state: web::Data<AppState>) -> Answer {
    let mails = caught(&state)?.list();
    ok(&CaughtListPage {
        layout: state.personal_layout(Section::Demo, "Caught mails"),
        mails: mails.iter().map(|mail| row(mail)).collect(),
    })
}

fn row(mail: &CaughtMail) -> CaughtRow {
    CaughtRow {
        id: mail.id,
        to: mail.to.clone(),
        subject: mail.subject.clone(),
        at: time::in_table(mail.at, &Zone::utc()),
        attachments: mail.attachments.len(),
    }
}

/// `GET /demo/mail/{id}`, `?view=text|headers|attachments`
async fn mail(state: web::Data<AppState>, request: HttpRequest, id: web::Path<u64>) -> Answer {
    let mail = find(&state, *id)?;
    let query = Form::decode(request.query_string().as_bytes());
    let view = match query.text("view") {
        "text" => CaughtView::Text(mail.text.clone()),
        "headers" => CaughtView::Headers(mail.headers.clone()),
        "attachments" => CaughtView::Attachments,
        _ => CaughtView::Html,
    };
    let mut answer = ok(&CaughtMailPage {
        layout: state.personal_layout(Section::Demo, mail.subject.clone()),
        id: mail.id,
        from: mail.from.clone(),
        to: mail.to.clone(),
        subject: mail.subject.clone(),
        at: time::in_table(mail.at, &Zone::utc()),
        view,
        attachments: (0..)
            .zip(&mail.attachments)
            .map(|(number, file)| line(number, file))
            .collect(),
    })?;
    let policy = header::HeaderValue::from_static(PAGE_POLICY);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(answer)
}

fn line(number: usize, file: &CaughtFile) -> CaughtAttachment {
    CaughtAttachment {
        number,
        name: file.name.clone(),
        kind: file.content_type.clone(),
        size: format!("{} kB", file.bytes.len().div_ceil(1_000)),
    }
}

/// `GET /demo/mail/{id}/body.html`
async fn body(state: web::Data<AppState>, id: web::Path<u64>) -> Answer {
    let mail = find(&state, *id)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, BODY_POLICY))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(mail.html.clone()))
}

/// `GET /demo/mail/{id}/attachments/{number}`
async fn attachment(state: web::Data<AppState>, path: web::Path<(u64, usize)>) -> Answer {
    let (id, number) = path.into_inner();
    let mail = find(&state, id)?;
    let file = mail.attachments.get(number).ok_or(WebError::NotFound)?;
    let name: String = file
        .name
        .chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\'))
        .collect();
    Ok(HttpResponse::Ok()
        .content_type(file.content_type.as_str())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(file.bytes.clone()))
}

fn caught(state: &AppState) -> Result<&Caught, WebError> {
    state.caught.as_ref().ok_or(WebError::NotFound)
}

fn find(state: &AppState, id: u64) -> Result<Arc<CaughtMail>, WebError> {
    caught(state)?.find(id).ok_or(WebError::NotFound)
}
