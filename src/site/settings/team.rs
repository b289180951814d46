//! `/organizer/settings/team`: who is here, and what those who only look see of people.

use actix_web::web::Query;
use askama::Template;

use crate::audit::{self, Actor, Entry};
use crate::console::discretion::{INITIALS, VIEWERS_SEE};
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::db::settings;
use crate::framed;
use crate::organizers::store;
use crate::web::layout::Layout;
use crate::web::{Answer, Form, ok, see_other};

const PATH: &str = "/organizer/settings/team";

/// What the last act did.
const DONE: [(&str, &str); 1] = [("saved", "Saved. It holds from the next page on.")];

#[derive(Template)]
#[template(path = "console/settings/team.html")]
struct TeamPage {
    layout: Layout,
    frame: ConsoleFrame,
    members: Vec<MemberRow>,
    viewers_see_initials: bool,
}

framed!(TeamPage);

struct MemberRow {
    name: String,
    email: String,
    role: &'static str,
}

/// `GET /organizer/settings/team`
pub(super) async fn page(console: Console, done: Query<Done>) -> Answer {
    let members = store::list(&mut console.state.db.read().await?).await?;
    let (layout, frame) = console.page(MenuEntry::Settings, "Team");
    ok(&TeamPage {
        layout,
        frame: frame.with(done.said(&DONE)),
        members: members
            .into_iter()
            .map(|member| MemberRow {
                name: member.name.as_str().to_owned(),
                email: member.email.to_string(),
                role: member.role.as_str(),
            })
            .collect(),
        viewers_see_initials: console.around.viewers_see_initials,
    })
}

/// `POST /organizer/settings/team`
pub(super) async fn save(console: Console, form: Form) -> Answer {
    let wanted = if form.text("viewers_see") == INITIALS {
        INITIALS
    } else {
        "everything"
    };
    let (actor, now) = (Actor::from(&console.who), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let entry = Entry {
            actor,
            action: "settings.change",
            subject: VIEWERS_SEE.to_owned(),
            detail: wanted.to_owned(),
        };
        Box::pin(async move {
            settings::put(tx, VIEWERS_SEE, wanted).await?;
            audit::record(tx, &entry, now).await
        })
    });
    write.await?;
    Ok(see_other(&format!("{PATH}?done=saved")))
}
