//! Which organizers' route is which act. Who may do it stands at [`Act::least`]; a test goes through every route as every
//! role, and a route that is missing here lets nobody in.

use crate::organizers::acts::{Act, ActRule};

const fn look(route: &'static str) -> ActRule {
    get(route, Act::Look)
}

const fn get(route: &'static str, act: Act) -> ActRule {
    ActRule {
        method: "GET",
        route,
        act,
    }
}

const fn post(route: &'static str, act: Act) -> ActRule {
    ActRule {
        method: "POST",
        route,
        act,
    }
}

/// All of them but the doors (sign-in, sign-out, set-up). The last ones are where pages were before.
pub const ACTS: [ActRule; 27] = [
    look("/organizer"),
    look("/organizer/webcasts"),
    look("/organizer/webcasts/{slug}/sessions/{id}"),
    post("/organizer/webcasts/{slug}/sessions/{id}", Act::ChangeWebcasts),
    post("/organizer/registrations/{id}/release", Act::ChangeWebcasts),
    look("/organizer/papers"),
    post("/organizer/requests/{id}/release", Act::ChangePapers),
    look("/organizer/assessment"),
    look("/organizer/people"),
    look("/organizer/people/{id}"),
    look("/organizer/mail"),
    post("/organizer/mail/check", Act::HandleMail),
    post("/organizer/mail/again", Act::HandleMail),
    look("/organizer/mail/sent"),
    look("/organizer/mail/do-not-mail"),
    post("/organizer/mail/do-not-mail", Act::HandleMail),
    look("/organizer/mail/{name}"),
    post("/organizer/mail/{name}/retry", Act::HandleMail),
    post("/organizer/mail/{name}/cancel", Act::HandleMail),
    get("/organizer/exports/attendees.csv", Act::Download),
    get("/organizer/exports/requests.csv", Act::Download),
    look("/organizer/sessions/{id}"),
    get("/organizer/sessions/{id}/attendees.csv", Act::Download),
    look("/organizer/requests"),
    get("/organizer/requests.csv", Act::Download),
    look("/organizer/outbox"),
    look("/organizer/outbox/{name}"),
];
