//! `/organizer/webcasts/{slug}/confirmation`: the mail that everybody gets who registers, before anybody does.

use actix_web::web::Path;
use askama::Template;

use super::workspace::{Tab, Workspace};
use crate::console::preview::MailPreview;
use crate::console::{Console, ConsoleFrame};
use crate::framed;
use crate::web::layout::Layout;
use crate::web::{Answer, ok, see_other};
use crate::webcasts::mails::preview_of_confirmation;
use crate::webcasts::store;

#[derive(Template)]
#[template(path = "console/webcasts/confirmation.html")]
struct ConfirmationPage {
    layout: Layout,
    frame: ConsoleFrame,
    path: String,
    /// `None`: no session is ahead that it could name.
    mail: Option<MailPreview>,
    may_edit: bool,
}

framed!(ConfirmationPage);

/// `GET /organizer/webcasts/{slug}/confirmation`
pub(super) async fn page(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let next = workspace
        .ahead(console.state.clock.now())
        .min_by_key(|session| session.starts_at);
    let mail = next.map(|session| preview_of_confirmation(&console.state, &workspace.webcast, session, &console.who));
    let (layout, frame, head) = workspace.page(&console, Tab::Overview);
    ok(&ConfirmationPage {
        layout: Layout {
            title: format!("Confirmation mail: {}", workspace.webcast.text.title),
            ..layout
        },
        frame: frame.below(workspace.path(), workspace.webcast.text.title.clone()),
        path: workspace.path(),
        mail: mail.map(MailPreview::from),
        may_edit: head.may_edit,
    })
}

/// `POST /organizer/webcasts/{slug}/confirmation`: somebody has looked at it.
pub(super) async fn seen(console: Console, slug: Path<String>) -> Answer {
    let workspace = Workspace::load(&console, &slug).await?;
    let id = workspace.webcast.id;
    let write = console
        .state
        .db
        .write(move |tx| Box::pin(async move { store::note_confirmation_seen(tx, id).await }));
    write.await?;
    Ok(see_other(&workspace.path()))
}
