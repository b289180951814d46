//! `/organizer/settings/team`: who is here, who is invited, and what those who only look see of people.

mod invitations;
mod member;

use actix_web::web::{Query, ServiceConfig};
use askama::Template;

use crate::audit::{self, Actor, Change, Entry};
use crate::console::discretion::{INITIALS, VIEWERS_SEE};
use crate::console::flash::Done;
use crate::console::{Console, ConsoleFrame, MenuEntry};
use crate::db::settings;
use crate::framed;
use crate::organizers::store::{self, AccountLink, Member};
use crate::web::layout::{Field, Layout, Mistake, When, mistakes};
use crate::web::{Answer, Form, WebError, at, ok, see_other};

const PATH: &str = "/organizer/settings/team";

/// What the last act did.
const DONE: [(&str, &str); 9] = [
    ("saved", "Saved. It holds from the next page on."),
    ("invited", "Invited. The mail with the link is on its way."),
    ("withdrawn", "Taken back. The link works no longer."),
    ("used", "It was used meanwhile, or it ran out."),
    ("role", "Saved. All their sign-ins have ended."),
    ("ended", "All their sign-ins have ended."),
    ("disabled", "Nobody can sign in with the account any more."),
    ("enabled", "The account can be used again."),
    ("removed", "The account is removed."),
];

#[derive(Template)]
#[template(path = "console/settings/team.html")]
struct TeamPage {
    layout: Layout,
    frame: ConsoleFrame,
    members: Vec<TeamRow>,
    invitations: Vec<OpenInvitation>,
    email: Field,
    role: String,
    /// A link to be handed on: no mail brings it. Whom it is for, and the link.
    link: Option<(String, String)>,
    sends_mail: bool,
    viewers_see_initials: bool,
    may_manage: bool,
}

framed!(TeamPage);

struct TeamRow {
    path: String,
    name: String,
    email: String,
    role: &'static str,
    is_self: bool,
    is_disabled: bool,
    has_second_factor: bool,
    last_seen: Option<When>,
}

struct OpenInvitation {
    path: String,
    email: String,
    role: &'static str,
    until: When,
}

impl TeamPage {
    async fn read(console: &Console) -> Result<Self, WebError> {
        let conn = &mut console.state.db.read().await?;
        let members = store::members(conn).await?;
        let open = store::open_invitations(conn, console.state.clock.now()).await?;
        let (layout, frame) = console.page(MenuEntry::Settings, "Team");
        Ok(Self {
            layout,
            frame,
            members: members
                .iter()
                .map(|member| TeamRow::of(console, member))
                .collect::<Result<_, _>>()?,
            invitations: open.iter().map(|link| OpenInvitation::of(console, link)).collect(),
            email: Field::default(),
            role: "editor".to_owned(),
            link: None,
            sends_mail: console.state.sends_mail(),
            viewers_see_initials: console.around.viewers_see_initials,
            may_manage: console.may(crate::organizers::acts::Act::ManageTeam),
        })
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[("email", &self.email)])
    }
}

impl TeamRow {
    fn of(console: &Console, member: &Member) -> Result<Self, WebError> {
        let who = &member.organizer;
        Ok(Self {
            path: format!("{PATH}/{}", who.public_id),
            name: who.name.as_str().to_owned(),
            email: who.email.to_string(),
            role: who.role.as_str(),
            is_self: who.id == console.who.id,
            is_disabled: member.disabled_at.is_some(),
            has_second_factor: member.has_second_factor,
            last_seen: member.last_seen.map(|at| console.stored_moment(at)).transpose()?,
        })
    }
}

impl OpenInvitation {
    fn of(console: &Console, link: &AccountLink) -> Self {
        Self {
            path: format!("{PATH}/invitations/{}", link.public_id),
            email: link.email.to_string(),
            role: link.role.as_str(),
            until: console.moment(link.expires_at),
        }
    }
}

/// `GET /organizer/settings/team`
async fn page(console: Console, done: Query<Done>) -> Answer {
    let mut page = TeamPage::read(&console).await?;
    page.frame = page.frame.with(done.said(&DONE));
    ok(&page)
}

/// `POST /organizer/settings/team`
async fn save(console: Console, form: Form) -> Answer {
    let everything = "everything";
    let wanted = if form.text("viewers_see") == INITIALS {
        INITIALS
    } else {
        everything
    };
    let before = if console.around.viewers_see_initials {
        INITIALS
    } else {
        everything
    };
    let (actor, now) = (Actor::from(&console.who), console.state.clock.now());
    let change = Change::of(VIEWERS_SEE, before, wanted);
    let write = console.state.db.write(move |tx| {
        let change = change.clone();
        let entry = Entry {
            actor,
            action: "settings.change",
            subject: VIEWERS_SEE.to_owned(),
            detail: wanted.to_owned(),
        };
        Box::pin(async move {
            settings::put(tx, VIEWERS_SEE, wanted).await?;
            audit::record_change(tx, &entry, &change, now).await
        })
    });
    write.await?;
    Ok(see_other(&format!("{PATH}?done=saved")))
}

/// The routes.
pub(super) fn routes(app: &mut ServiceConfig) {
    app.service(at("/organizer/settings/team").get(page).post(save))
        .service(at("/organizer/settings/team/invitations").post(invitations::invite))
        .service(at("/organizer/settings/team/invitations/{id}").post(invitations::change))
        .service(
            at("/organizer/settings/team/{id}")
                .get(member::page)
                .post(member::change),
        );
}
