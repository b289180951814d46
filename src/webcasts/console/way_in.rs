//! A way into a session that an organizer passes on to somebody who cannot get in: by phone, or in a chat. It is noted who
//! asked for it.

use actix_web::web::Path;
use askama::Template;

use super::seat;
use crate::audit::{self, Actor, Entry};
use crate::console::{Console, ConsoleFrame, MenuEntry, list};
use crate::framed;
use crate::values::LinkPurpose;
use crate::web::layout::Layout;
use crate::web::{Answer, WebError, ok};
use crate::webcasts::RegistrationState;

#[derive(Template)]
#[template(path = "console/webcasts/way_in.html")]
struct WayInPage {
    layout: Layout,
    frame: ConsoleFrame,
    name: String,
    link: String,
    back: String,
}

framed!(WayInPage);

/// `POST /organizer/registrations/{id}/way-in`
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    let state = &console.state;
    let (seat, _) = seat::find(state, list::id(&raw)?).await?;
    if seat.state != RegistrationState::Registered {
        return Err(WebError::Unprocessable(
            "Only somebody who is registered has a way in. Go back to the day's page, and open theirs to see how it stands."
                .to_owned(),
        ));
    }
    let now = state.clock.now();
    let entry = Entry {
        actor: Actor::from(&console.who),
        action: "registration.way-in",
        subject: seat.public_id.to_string(),
        detail: String::new(),
    };
    let write = state.db.write(move |tx| {
        let entry = entry.clone();
        Box::pin(async move { audit::record(tx, &entry, now).await })
    });
    write.await?;
    let token = state
        .links
        .sign(LinkPurpose::JoinByOrganizer, seat.public_id, seat.link_generation);
    let back = super::run_path(&seat.slug, seat.session.public_id);
    let name = console.name(seat.name.whole());
    let (layout, frame) = console.page(MenuEntry::Webcasts, format!("A way in for {name}"));
    ok(&WayInPage {
        layout,
        frame: frame
            .below("/organizer/webcasts", "Webcasts")
            .below(format!("/organizer/webcasts/{}", seat.slug), seat.title.clone())
            .below(back.clone(), "The day"),
        name,
        link: state.config.public_url.link(&format!("/join/{token}")),
        back,
    })
}
