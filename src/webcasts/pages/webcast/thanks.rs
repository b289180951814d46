//! `GET /webcasts/{slug}/thanks`: when it is, where the mail goes, the calendar. The same for everybody.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::db::Conn;
use crate::framed;
use crate::mail::Person;
use crate::mail::calendar::{CalendarEntry, Method};
use crate::values::{PublicId, Slug};
use crate::web::layout::{Layout, Section, SessionTime};
use crate::web::{Answer, AppState, Form, Visitor, WebError, ok};
use crate::webcasts::calendar_links::{CalendarLinks, Occasion};
use crate::webcasts::pages::session_time;
use crate::webcasts::register::Promise;
use crate::webcasts::{Session, Webcast, store};

/// The typed address stands in the fragment of the page's address, which no browser sends; the script shows it.
#[derive(Template)]
#[template(path = "webcasts/thanks.html")]
struct RegisterThanksPage {
    layout: Layout,
    slug: String,
    title: String,
    /// The session that was chosen; `None` where the address does not say, or where the replay was asked for.
    session: Option<ThanksSession>,
    /// The recording was asked for.
    is_replay: bool,
    /// What everybody was promised who posted then.
    promise: Promise,
    /// From which address the mail comes, if one is set.
    mail_from: Option<String>,
    demo: bool,
}

framed!(RegisterThanksPage);

struct ThanksSession {
    id: String,
    time: SessionTime,
    calendar: CalendarLinks,
}

/// `GET /webcasts/{slug}/thanks?session=…`
pub(in crate::webcasts::pages) async fn thanks(
    state: web::Data<AppState>,
    visitor: Visitor,
    request: HttpRequest,
    slug: web::Path<String>,
) -> Answer {
    let (webcast, session) = load(&state, &request, &slug).await?;
    let promise = Promise::parse(Form::decode(request.query_string().as_bytes()).text("promise"));
    let is_over = session
        .as_ref()
        .is_some_and(|session| session.ends_at <= state.clock.now());
    let page_url = state.config.public_url.link(&format!("/webcasts/{}", webcast.slug));
    ok(&RegisterThanksPage {
        layout: state.personal_layout(Section::Webcasts, "Thank you").seen_by(&visitor),
        slug: webcast.slug.to_string(),
        session: session.filter(|_| !is_over).map(|session| ThanksSession {
            id: session.public_id.to_string(),
            time: session_time(&session, visitor.hours),
            calendar: CalendarLinks::new(&state.config.calendar_links, &occasion(&webcast, &session, &page_url)),
        }),
        is_replay: is_over,
        promise,
        title: webcast.text.title,
        mail_from: state.config.mail_from.as_ref().map(|from| from.address.to_string()),
        demo: state.caught.is_some(),
    })
}

/// `GET /webcasts/{slug}/calendar.ics?session=…`: an entry for everybody; the mail brings one with the personal link.
pub(in crate::webcasts::pages) async fn calendar(
    state: web::Data<AppState>,
    request: HttpRequest,
    slug: web::Path<String>,
) -> Answer {
    let (webcast, session) = load(&state, &request, &slug).await?;
    let (Some(session), Some(from)) = (session, &state.config.mail_from) else {
        return Err(WebError::NotFound);
    };
    let page_url = state.config.public_url.link(&format!("/webcasts/{}", webcast.slug));
    let occasion = occasion(&webcast, &session, &page_url);
    let entry = CalendarEntry {
        uid: format!("{}@commonground", session.public_id),
        sequence: session.sequence,
        stamp: state.clock.now(),
        start: session.starts_at,
        end: session.ends_at,
        summary: webcast.text.title.clone(),
        description: occasion.details.clone(),
        location: page_url.clone(),
        organizer: Person::from(from),
        attendee: Person::from(from),
    };
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8; method=PUBLISH")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"webcast.ics\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(entry.write(Method::Publish)))
}

async fn load(state: &AppState, request: &HttpRequest, slug: &str) -> Result<(Webcast, Option<Session>), WebError> {
    let slug = Slug::parse(slug).map_err(|_| WebError::NotFound)?;
    let conn: &mut Conn = &mut state.db.read().await?;
    let webcast = store::public_webcast(conn, &slug).await?.ok_or(WebError::NotFound)?;
    let query = Form::decode(request.query_string().as_bytes());
    let session = match PublicId::parse(query.text("session")) {
        Some(id) => store::session_by_public_id(conn, id).await?,
        None => None,
    };
    let session = session.filter(|session| session.webcast_id == webcast.id);
    Ok((webcast, session))
}

fn occasion<'o>(webcast: &'o Webcast, session: &Session, page_url: &'o str) -> Occasion<'o> {
    Occasion {
        title: &webcast.text.title,
        start: session.starts_at,
        end: session.ends_at,
        details: format!("Your personal link to join comes by mail. About the webcast: {page_url}"),
        location: page_url,
    }
}
