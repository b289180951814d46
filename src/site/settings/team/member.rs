//! `/organizer/settings/team/{id}`: one account, and what is done to it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::{PATH, TeamRow};
use crate::audit::Actor;
use crate::console::{Console, ConsoleFrame, MenuEntry, list};
use crate::framed;
use crate::organizers::accounts::{self, AccountAct};
use crate::organizers::acts::Act;
use crate::organizers::desk::SignInDesk;
use crate::organizers::store::{self, AccountChange, Member};
use crate::organizers::{Organizer, Role};
use crate::values::PublicId;
use crate::web::layout::{Field, Layout};
use crate::web::{Answer, Form, WebError, page as shown, see_other};

#[derive(Template)]
#[template(path = "console/settings/member.html")]
struct MemberPage {
    layout: Layout,
    frame: ConsoleFrame,
    member: TeamRow,
    /// What an act would have done, and why not.
    refused: Option<String>,
    typed: Field,
    may_manage: bool,
}

framed!(MemberPage);

/// `GET /organizer/settings/team/{id}`
pub(super) async fn page(console: Console, raw: Path<String>) -> Answer {
    let member = find(&console, list::id(&raw)?).await?;
    draw(&console, &member, StatusCode::OK, (None, Field::default()))
}

async fn find(console: &Console, id: PublicId) -> Result<Member, WebError> {
    let members = store::members(&mut console.state.db.read().await?).await?;
    let found = members.into_iter().find(|member| member.organizer.public_id == id);
    found.ok_or(WebError::NotFound)
}

fn draw(console: &Console, member: &Member, status: StatusCode, (refused, typed): (Option<String>, Field)) -> Answer {
    let row = TeamRow::of(console, member)?;
    let (layout, frame) = console.page(MenuEntry::Settings, row.name.clone());
    shown(
        status,
        &MemberPage {
            layout,
            frame: frame.below(PATH, "Team"),
            member: row,
            refused,
            typed,
            may_manage: console.may(Act::ManageTeam),
        },
    )
}

/// `POST /organizer/settings/team/{id}`
pub(super) async fn change(console: Console, desk: Data<SignInDesk>, raw: Path<String>, form: Form) -> Answer {
    let id = list::id(&raw)?;
    let member = find(&console, id).await?;
    let (act, done) = match form.text("act") {
        "role" => {
            let role = Role::parse(form.text("role")).ok_or(WebError::NotFound)?;
            (AccountAct::Role(role), "role")
        }
        "end" => (AccountAct::EndSignIns, "ended"),
        "disable" => (AccountAct::Disable, "disabled"),
        "enable" => (AccountAct::Enable, "enabled"),
        "remove" => (AccountAct::Remove, "removed"),
        _ => return Err(WebError::NotFound),
    };
    if act == AccountAct::Remove {
        let typed = form.text("email").trim();
        if !typed.eq_ignore_ascii_case(member.organizer.email.as_str()) {
            let field = Field {
                value: typed.to_owned(),
                error: Some(format!("Type the address to remove it: {}", member.organizer.email)),
                ..Field::default()
            };
            return draw(&console, &member, StatusCode::UNPROCESSABLE_ENTITY, (None, field));
        }
    }
    match apply(&console, &member.organizer, act).await? {
        AccountChange::Done => {}
        AccountChange::Unknown => return Err(WebError::NotFound),
        AccountChange::LastOwner => {
            let words = "This is the only owner, and somebody must be. Make somebody else an owner first.".to_owned();
            return draw(&console, &member, StatusCode::CONFLICT, (Some(words), Field::default()));
        }
    }
    if act != AccountAct::Enable {
        desk.forget_sign_ins(member.organizer.id);
    }
    if member.organizer.id == console.who.id && act != AccountAct::Enable {
        // One's own sign-ins have ended with it.
        return Ok(see_other("/organizer/sign-in"));
    }
    Ok(see_other(&format!("{PATH}?done={done}")))
}

async fn apply(console: &Console, organizer: &Organizer, act: AccountAct) -> Result<AccountChange, WebError> {
    let (actor, now, organizer) = (Actor::from(&console.who), console.state.clock.now(), organizer.clone());
    let write = console.state.db.write(move |tx| {
        let organizer = organizer.clone();
        Box::pin(async move { accounts::act(tx, actor, &organizer, act, now).await })
    });
    Ok(write.await?)
}
