//! `POST /organizer/settings/account/sign-ins`: one's own sign-ins in other browsers end, one or all.

use actix_web::HttpRequest;

use super::PATH;
use crate::audit::{self, Actor, Entry};
use crate::console::Console;
use crate::organizers::store;
use crate::organizers::this_sign_in;
use crate::web::{Answer, Form, see_other};

/// `sign_in`: the one that ends; without it, all but this one.
pub(super) async fn end(console: Console, request: HttpRequest, form: Form) -> Answer {
    let (who, now) = (console.who.clone(), console.state.clock.now());
    let this = this_sign_in(&console.state, &request);
    let open = store::sign_ins_of(&mut console.state.db.read().await?, who.id, now).await?;
    let one: Option<i64> = form.text("sign_in").parse().ok();
    let ending: Vec<i64> = open
        .iter()
        .filter(|row| one.map_or(this.as_deref() != Some(row.token_hash.as_slice()), |id| row.id == id))
        .map(|row| row.id)
        .collect();
    let write = console.state.db.write(move |tx| {
        let (who, ending) = (who.clone(), ending.clone());
        Box::pin(async move {
            for id in &ending {
                store::end_sign_in(tx, who.id, *id).await?;
            }
            let entry = Entry {
                actor: Actor::from(&who),
                action: "sign-out.elsewhere",
                subject: who.public_id.to_string(),
                detail: format!("{} ended", ending.len()),
            };
            audit::record(tx, &entry, now).await
        })
    });
    write.await?;
    let done = if one.is_some() { "ended" } else { "others" };
    Ok(see_other(&format!("{PATH}?done={done}")))
}
