//! Inviting somebody, once more, and taking it back.

use actix_web::http::StatusCode;
use actix_web::web::Path;

use super::{PATH, TeamPage};
use crate::audit::Actor;
use crate::console::{Console, list};
use crate::organizers::accounts::{self, InviteOutcome};
use crate::organizers::store::{self, AccountLink, AccountLinkKind};
use crate::organizers::{Role, invitation_path};
use crate::values::EmailAddress;
use crate::web::layout::Field;
use crate::web::{Answer, Form, WebError, ok, page as shown, see_other};

/// `POST /organizer/settings/team/invitations`
pub(super) async fn invite(console: Console, form: Form) -> Answer {
    let mut page = TeamPage::read(&console).await?;
    page.email = Field::of(form.text("email"));
    let role = Role::parse(form.text("role")).unwrap_or(Role::Editor);
    role.as_str().clone_into(&mut page.role);
    if form.is_brought_back() {
        page.frame = page.frame.brought_back();
        return ok(&page);
    }
    let Some(email) = page.email.read(EmailAddress::parse) else {
        return shown(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    match invited(&console, email, role).await? {
        InviteOutcome::Yes(link) => tell(&console, &link).await,
        InviteOutcome::HasAccount => {
            page.email.error = Some("This address has an account already. It is in the list above.".to_owned());
            shown(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

async fn invited(console: &Console, email: EmailAddress, role: Role) -> Result<InviteOutcome, WebError> {
    let (actor, now) = (Actor::from(&console.who), console.state.clock.now());
    let write = console.state.db.write(move |tx| {
        let email = email.clone();
        Box::pin(async move { accounts::invite(tx, actor, (&email, role), now).await })
    });
    let invited = write.await?;
    console.state.bell.ring();
    Ok(invited)
}

/// Where mail does not go, the link is shown, once.
async fn tell(console: &Console, link: &AccountLink) -> Answer {
    if console.state.sends_mail() {
        return Ok(see_other(&format!("{PATH}?done=invited")));
    }
    let mut page = TeamPage::read(console).await?;
    let path = invitation_path(&console.state.links, link);
    page.link = Some((link.email.to_string(), console.state.config.public_url.link(&path)));
    ok(&page)
}

/// `POST /organizer/settings/team/invitations/{id}`
pub(super) async fn change(console: Console, raw: Path<String>, form: Form) -> Answer {
    let (id, now) = (list::id(&raw)?, console.state.clock.now());
    let conn = &mut console.state.db.read().await?;
    let found = store::find_account_link(conn, AccountLinkKind::Invite, id, now).await?;
    let Some(link) = found else {
        return Ok(see_other(&format!("{PATH}?done=used")));
    };
    if form.text("act") == "again" {
        return match invited(&console, link.email.clone(), link.role).await? {
            InviteOutcome::Yes(link) => tell(&console, &link).await,
            InviteOutcome::HasAccount => Ok(see_other(&format!("{PATH}?done=used"))),
        };
    }
    let actor = Actor::from(&console.who);
    let write = console.state.db.write(move |tx| {
        let link = link.clone();
        Box::pin(async move { accounts::withdraw(tx, actor, &link, now).await })
    });
    let done = if write.await? { "withdrawn" } else { "used" };
    Ok(see_other(&format!("{PATH}?done={done}")))
}
