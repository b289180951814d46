//! Which organizers' route is which act. Who may do it stands at [`Act::least`]; a test goes through every route as every
//! role, and a route that is missing here lets nobody in.

use crate::contacts::correct::NOTE_DELETED;
use crate::organizers::acts::{Act, ActRule};
use crate::questions::change::QUESTION_DELETED;
use crate::undo::UndoKind;
use crate::webcasts::change::organizing::{SEAT_CANCELLED, SEAT_MOVED};

const fn look(route: &'static str) -> ActRule {
    get(route, Act::Look)
}

const fn get(route: &'static str, act: Act) -> ActRule {
    ActRule {
        method: "GET",
        route,
        act,
        is_form: false,
    }
}

const fn post(route: &'static str, act: Act) -> ActRule {
    ActRule {
        method: "POST",
        route,
        act,
        is_form: false,
    }
}

/// A filled form, which shows itself again where it was interrupted.
const fn form(route: &'static str, act: Act) -> ActRule {
    ActRule {
        is_form: true,
        ..post(route, act)
    }
}

/// All of them but the doors (sign-in, sign-out, set-up). The last ones are where pages were before.
pub const ACTS: [ActRule; 144] = [
    look("/organizer"),
    look("/organizer/webcasts"),
    look("/organizer/webcasts/{slug}/sessions/{id}"),
    form("/organizer/webcasts/{slug}/sessions/{id}", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/sessions/{id}/send", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/sessions/{id}/decide", Act::ChangeWebcasts),
    post(
        "/organizer/webcasts/{slug}/sessions/{id}/decide/send",
        Act::ChangeWebcasts,
    ),
    get("/organizer/webcasts/{slug}/sessions/{id}/cancel", Act::ChangeWebcasts),
    post(
        "/organizer/webcasts/{slug}/sessions/{id}/cancel/review",
        Act::ChangeWebcasts,
    ),
    post(
        "/organizer/webcasts/{slug}/sessions/{id}/cancel/send",
        Act::ChangeWebcasts,
    ),
    look("/organizer/webcasts/{slug}/page"),
    form("/organizer/webcasts/{slug}/page", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/page/publish", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/page/send", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/page/discard", Act::ChangeWebcasts),
    look("/organizer/webcasts/{slug}/form"),
    post("/organizer/webcasts/{slug}/form", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/form/order", Act::ChangeWebcasts),
    get("/organizer/webcasts/{slug}/form/questions/{id}", Act::ChangeWebcasts),
    form("/organizer/webcasts/{slug}/form/questions/{id}", Act::ChangeWebcasts),
    post(
        "/organizer/webcasts/{slug}/form/questions/{id}/delete",
        Act::ChangeWebcasts,
    ),
    look("/organizer/webcasts/{slug}/guests"),
    form("/organizer/webcasts/{slug}/guests", Act::ChangeWebcasts),
    look("/organizer/webcasts/{slug}/cover"),
    post("/organizer/webcasts/{slug}/cover", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/cover/picture", Act::ChangeWebcasts),
    look("/organizer/webcasts/{slug}/card.png"),
    look("/organizer/webcasts/{slug}/sessions"),
    get("/organizer/webcasts/{slug}/sessions/new", Act::ChangeWebcasts),
    form("/organizer/webcasts/{slug}/sessions/new", Act::ChangeWebcasts),
    get("/organizer/webcasts/new", Act::ChangeWebcasts),
    form("/organizer/webcasts/new", Act::ChangeWebcasts),
    look("/organizer/webcasts/{slug}"),
    post("/organizer/webcasts/{slug}/publish", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/unpublish", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/duplicate", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/delete", Act::ChangeWebcasts),
    get("/organizer/webcasts/{slug}/cancel", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/cancel/review", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/cancel/send", Act::ChangeWebcasts),
    get("/organizer/webcasts/{slug}/series/{id}", Act::ChangeWebcasts),
    form("/organizer/webcasts/{slug}/series/{id}", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/series/{id}/send", Act::ChangeWebcasts),
    look("/organizer/webcasts/{slug}/preview"),
    look("/organizer/webcasts/{slug}/confirmation"),
    post("/organizer/webcasts/{slug}/confirmation", Act::ChangeWebcasts),
    look("/organizer/webcasts/{slug}/speakers"),
    post("/organizer/webcasts/{slug}/speakers", Act::ChangeWebcasts),
    post("/organizer/webcasts/{slug}/speakers/known", Act::ChangeWebcasts),
    form("/organizer/webcasts/{slug}/speakers/new", Act::ChangeWebcasts),
    look("/organizer/presenters/{id}"),
    form("/organizer/presenters/{id}", Act::ChangeWebcasts),
    post("/organizer/presenters/{id}/picture", Act::ChangeWebcasts),
    post("/organizer/presenters/{id}/picture/remove", Act::ChangeWebcasts),
    post("/organizer/presenters/{id}/delete", Act::ChangeWebcasts),
    look("/organizer/webcasts/{slug}/run/{id}"),
    post("/organizer/webcasts/{slug}/run/{id}/doors", Act::ChangeWebcasts),
    form("/organizer/webcasts/{slug}/run/{id}/address", Act::ChangeWebcasts),
    post("/organizer/registrations/{id}/way-in", Act::ChangeWebcasts),
    post("/organizer/registrations/{id}/release", Act::ChangeWebcasts),
    post("/organizer/registrations/{id}/cancel", Act::ChangeWebcasts),
    post("/organizer/registrations/{id}/again", Act::ChangeWebcasts),
    get("/organizer/registrations/{id}/move", Act::ChangeWebcasts),
    post("/organizer/registrations/{id}/move/review", Act::ChangeWebcasts),
    post("/organizer/registrations/{id}/move/send", Act::ChangeWebcasts),
    look("/organizer/papers"),
    look("/organizer/papers/{slug}/form"),
    post("/organizer/papers/{slug}/form", Act::ChangePapers),
    post("/organizer/papers/{slug}/form/order", Act::ChangePapers),
    get("/organizer/papers/{slug}/form/questions/{id}", Act::ChangePapers),
    form("/organizer/papers/{slug}/form/questions/{id}", Act::ChangePapers),
    post("/organizer/papers/{slug}/form/questions/{id}/delete", Act::ChangePapers),
    post("/organizer/requests/{id}/release", Act::ChangePapers),
    post("/organizer/requests/{id}/again", Act::ChangePapers),
    look("/organizer/assessment"),
    look("/organizer/people"),
    look("/organizer/webcasts/{slug}/people"),
    look("/organizer/papers/{slug}/people"),
    post("/organizer/lists/columns", Act::Look),
    post("/organizer/lists/views", Act::Look),
    post("/organizer/views/{id}/forget", Act::Look),
    post("/organizer/bulk", Act::ChangePeople),
    post("/organizer/bulk/send", Act::ChangePeople),
    get("/organizer/bulk/{id}", Act::ChangePeople),
    post("/organizer/bulk/{id}/undo", Act::ChangePeople),
    get("/organizer/bulk/{id}/erase", Act::Erase),
    form("/organizer/bulk/{id}/erase", Act::Erase),
    get("/organizer/exports/people.{ending}", Act::DownloadPeople),
    post("/organizer/exports/people", Act::DownloadPeople),
    get("/organizer/exports/files/{id}", Act::Download),
    get("/organizer/exports/files/{id}/file", Act::Download),
    get("/organizer/people/new", Act::ChangePeople),
    form("/organizer/people/new", Act::ChangePeople),
    look("/organizer/people/{id}"),
    get("/organizer/people/{id}/edit", Act::ChangePeople),
    form("/organizer/people/{id}/edit", Act::ChangePeople),
    get("/organizer/people/import", Act::ChangePeople),
    post("/organizer/people/import", Act::ChangePeople),
    get("/organizer/people/import/{id}", Act::ChangePeople),
    post("/organizer/people/import/{id}", Act::ChangePeople),
    get("/organizer/people/import/{id}/preview", Act::ChangePeople),
    post("/organizer/people/import/{id}/start", Act::ChangePeople),
    post("/organizer/people/import/{id}/undo", Act::ChangePeople),
    post("/organizer/people/import/{id}/match", Act::ChangePeople),
    get("/organizer/people/import/{id}/not-taken.csv", Act::ChangePeople),
    get("/organizer/people/{id}/erase", Act::Erase),
    form("/organizer/people/{id}/erase", Act::Erase),
    get("/organizer/people/{id}/merge", Act::ChangePeople),
    post("/organizer/people/{id}/merge", Act::ChangePeople),
    get("/organizer/erasures/{fingerprint}", Act::Erase),
    get("/organizer/receipts.txt", Act::Erase),
    get("/organizer/people/{id}/data.{ending}", Act::Download),
    post("/organizer/people/{id}/notes", Act::ChangePeople),
    post("/organizer/people/{id}/tags", Act::ChangePeople),
    post("/organizer/notes/{id}/delete", Act::ChangePeople),
    look("/organizer/start"),
    post("/organizer/start/test-mail", Act::HandleMail),
    post("/organizer/start/arrived", Act::HandleMail),
    post("/organizer/start/put-away", Act::HandleMail),
    post("/organizer/undo/{id}", Act::ChangePeople),
    look("/organizer/mail"),
    post("/organizer/mail/check", Act::HandleMail),
    post("/organizer/mail/again", Act::HandleMail),
    look("/organizer/mail/sent"),
    look("/organizer/mail/do-not-mail"),
    post("/organizer/mail/do-not-mail", Act::HandleMail),
    look("/organizer/mail/{name}"),
    post("/organizer/mail/{name}/retry", Act::HandleMail),
    post("/organizer/mail/{name}/cancel", Act::HandleMail),
    get("/organizer/settings/team", Act::SeeTeam),
    post("/organizer/settings/team", Act::ManageTeam),
    get("/organizer/settings/legal", Act::ManageSettings),
    form("/organizer/settings/legal", Act::ManageSettings),
    get("/organizer/settings/retention", Act::ManageSettings),
    form("/organizer/settings/retention", Act::ManageSettings),
    get("/organizer/exports/attendees.{ending}", Act::Download),
    get("/organizer/exports/requests.{ending}", Act::Download),
    get("/organizer/exports", Act::Download),
    look("/organizer/sessions/{id}"),
    get("/organizer/sessions/{id}/attendees.csv", Act::Download),
    look("/organizer/requests"),
    get("/organizer/requests.csv", Act::Download),
    look("/organizer/outbox"),
    look("/organizer/outbox/{name}"),
];

/// What organizers do at once and can undo.
pub(super) const UNDO: [UndoKind; 4] = [SEAT_CANCELLED, SEAT_MOVED, NOTE_DELETED, QUESTION_DELETED];
