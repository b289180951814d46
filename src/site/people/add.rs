//! `/organizer/people/new`: somebody who called, or gave a card.

use actix_web::http::StatusCode;
use askama::Template;

use super::PATH;
use super::edit::company;
use crate::console::busy::form_again;
use crate::console::{Console, ConsoleFrame, MenuEntry, words};
use crate::contacts::correct::{self, Added, NewPerson};
use crate::contacts::pages::address;
use crate::db::DbError;
use crate::framed;
use crate::site::session_options::{SESSIONS, SessionToChoose, sessions_to_choose};
use crate::values::{PersonName, PublicId, Slug};
use crate::web::layout::{Field, Layout, Mistake, mistakes};
use crate::web::{Answer, Form, WebError, ok, page as answer, see_other};
use crate::webcasts::change::organizing::{Given, SeatByHand, add_with_seat};
use crate::webcasts::roster::choices;
use crate::webcasts::store;

#[derive(Template)]
#[template(path = "console/people/add.html")]
struct AddPage {
    layout: Layout,
    frame: ConsoleFrame,
    form: AddForm,
    /// Those that are ahead.
    sessions: Vec<SessionToChoose>,
}

framed!(AddPage);

/// What is typed, and what is wrong with it.
#[derive(Default)]
struct AddForm {
    name: Field,
    email: Field,
    company: Field,
    session: Field,
    /// Whether the confirmation goes out.
    send: bool,
}

impl AddForm {
    fn typed(form: &Form) -> Self {
        Self {
            name: Field::of(form.text("name")),
            email: address::shown(form, "email"),
            company: Field::of(form.text("company")),
            session: Field::of(form.text("session")),
            send: form.is_checked("send"),
        }
    }

    fn read(&mut self, form: &Form) -> Option<NewPerson> {
        let name = PersonName::parse(form.text("name"))
            .map_err(|problem| self.name.error = Some(words::of_them(&problem)))
            .ok();
        let email = address::read(form, "email").map_err(|field| self.email = field).ok();
        let company = company(form.text("company"))
            .map_err(|problem| self.company.error = Some(problem))
            .ok();
        Some(NewPerson {
            name: name?,
            email: email?,
            company: company?,
        })
    }

    fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("name", &self.name),
            ("email", &self.email),
            ("company", &self.company),
            ("session", &self.session),
        ])
    }
}

/// `GET /organizer/people/new`
pub(super) async fn page(console: Console) -> Answer {
    let form = AddForm {
        send: true,
        ..AddForm::default()
    };
    ok(&draw(&console, form).await?)
}

/// `POST /organizer/people/new`
pub(super) async fn save(console: Console, form: Form) -> Answer {
    let mut typed = AddForm::typed(&form);
    if form.is_brought_back() {
        let mut shown = draw(&console, typed).await?;
        shown.frame = shown.frame.brought_back();
        return ok(&shown);
    }
    let person = typed.read(&form);
    let seat = wanted_seat(&console, &typed.session.value).await?;
    let Some(person) = person else {
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &draw(&console, typed).await?);
    };
    let Some(seat) = seat else {
        typed.session.error = Some("Choose a session from the list, or none.".to_owned());
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &draw(&console, typed).await?);
    };
    let seat = seat.map(|(slug, session)| SeatByHand::new(slug, session, &person, typed.send));
    let (added, given) = match write(&console, person, seat).await {
        Ok(written) => written,
        Err(error) => {
            let mut shown = draw(&console, typed).await?;
            shown.frame = shown.frame.not_saved();
            return form_again(error, &shown);
        }
    };
    console.state.bell.ring();
    if given == Some(Given::NoPlace) {
        typed.session.error = Some(
            "They are in the list, but no place is left in this session. Give it more places, or choose another one."
                .to_owned(),
        );
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &draw(&console, typed).await?);
    }
    let done = if added.is_new || given == Some(Given::Yes) {
        "added"
    } else {
        "known"
    };
    Ok(see_other(&format!("{PATH}/{}?done={done}", added.id)))
}

async fn write(
    console: &Console,
    person: NewPerson,
    seat: Option<SeatByHand>,
) -> Result<(Added, Option<Given>), DbError> {
    let (now, who) = (console.state.clock.now(), console.who.clone());
    let write = console.state.db.write(move |tx| {
        let (person, seat, who) = (person.clone(), seat.clone(), who.clone());
        Box::pin(async move {
            match seat {
                Some(seat) => {
                    let (added, given) = add_with_seat(tx, &person, &seat, &who, now).await?;
                    Ok((added, Some(given)))
                }
                None => Ok((correct::add(tx, &person, &who, now).await?, None)),
            }
        })
    });
    write.await
}

/// The session that a form names, with its webcast. `None`: it names one that is not there; `Some(None)`: it names none.
async fn wanted_seat(
    console: &Console,
    typed: &str,
) -> Result<Option<Option<(Slug, crate::webcasts::Session)>>, WebError> {
    if typed.is_empty() {
        return Ok(Some(None));
    }
    let Some(id) = PublicId::parse(typed) else {
        return Ok(None);
    };
    let conn = &mut console.state.db.read().await?;
    let Some(session) = store::session_by_public_id(conn, id).await? else {
        return Ok(None);
    };
    let options = choices(conn, SESSIONS).await?;
    let option = options.into_iter().find(|option| option.public_id == id.as_bytes());
    let slug = option.map(|option| Slug::parse(&option.slug)).transpose();
    Ok(slug.map_err(WebError::internal)?.map(|slug| Some((slug, session))))
}

async fn draw(console: &Console, form: AddForm) -> Result<AddPage, WebError> {
    let now = console.state.clock.now();
    let conn = &mut console.state.db.read().await?;
    let sessions = sessions_to_choose(conn, Some(now), &form.session.value).await?;
    let (layout, frame) = console.page(MenuEntry::People, "Add a person");
    Ok(AddPage {
        layout,
        frame: frame.below(PATH, "People"),
        form,
        sessions,
    })
}
