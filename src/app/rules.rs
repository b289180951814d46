//! What posts may cost: one rule for each route that takes them. `docs/security.md` says the same in words; a test
//! compares this list with the route table.

use crate::web::gate::{GateRule, Quota};

const fn rule(route: &'static str, name: &'static str, quota: Quota) -> GateRule {
    GateRule {
        route,
        name,
        quota,
        keeps_typed: false,
    }
}

/// The same for a form that comes back as it was filled in.
const fn form(route: &'static str, name: &'static str, quota: Quota) -> GateRule {
    GateRule {
        keeps_typed: true,
        ..rule(route, name, quota)
    }
}

/// All of them.
pub const RULES: [GateRule; 83] = [
    form("/webcasts/{slug}/register", "register", Quota::Subject),
    rule("/registrations/{token}/confirm", "seat", Quota::Room),
    rule("/registrations/{token}/edit", "seat", Quota::Room),
    rule("/registrations/{token}/cancel", "seat", Quota::Room),
    rule("/registrations/{token}/again", "seat", Quota::Room),
    rule("/join/{token}", "join", Quota::Crowd),
    form("/whitepapers/{slug}/request", "request", Quota::Form),
    form("/assessment", "assessment", Quota::Room),
    rule("/assessment/{token}", "answers", Quota::Crowd),
    rule("/assessment/{token}/check", "answers", Quota::Crowd),
    form("/assessment/{token}/mail", "assessment-mail", Quota::Form),
    form("/assessment/{token}/talk", "assessment-talk", Quota::Form),
    form("/assessment/{token}/invite", "assessment-invite", Quota::Room),
    rule("/assessment/{token}/talk/remove", "result", Quota::Room),
    rule("/assessment/{token}/benchmark", "result", Quota::Room),
    rule("/assessment/{token}/keep", "result", Quota::Room),
    rule("/assessment/{token}/view-link", "result", Quota::Room),
    rule("/assessment/{token}/again", "assessment", Quota::Room),
    rule("/assessment/{token}/name", "result", Quota::Room),
    rule("/assessment/{token}/delete", "result", Quota::Room),
    rule("/assessment/{token}/share", "result", Quota::Room),
    rule("/assessment/{token}/withdraw", "result", Quota::Room),
    rule("/assessment/invitations/{token}", "invitation", Quota::Room),
    form("/assessment/rounds", "assessment-round", Quota::Room),
    rule("/assessment/rounds/{token}", "round", Quota::Room),
    rule("/organizer/setup/{token}", "set-up", Quota::Form),
    form("/organizer/sign-in", "sign-in", Quota::SignIn),
    form("/organizer/password", "sign-in", Quota::SignIn),
    rule("/organizer/sign-out", "organizer", Quota::Crowd),
    rule("/organizer/settings/team", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/sessions/{id}", "organizer", Quota::Crowd),
    rule(
        "/organizer/webcasts/{slug}/sessions/{id}/send",
        "organizer",
        Quota::Crowd,
    ),
    rule(
        "/organizer/webcasts/{slug}/sessions/{id}/cancel/review",
        "organizer",
        Quota::Crowd,
    ),
    rule(
        "/organizer/webcasts/{slug}/sessions/{id}/cancel/send",
        "organizer",
        Quota::Crowd,
    ),
    rule(
        "/organizer/webcasts/{slug}/sessions/{id}/decide",
        "organizer",
        Quota::Crowd,
    ),
    rule(
        "/organizer/webcasts/{slug}/sessions/{id}/decide/send",
        "organizer",
        Quota::Crowd,
    ),
    rule("/organizer/webcasts/{slug}/sessions/new", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/new", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/page", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/page/publish", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/page/send", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/page/discard", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/guests", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/cover", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/cover/picture", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/confirmation", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/publish", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/unpublish", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/duplicate", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/delete", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/cancel/review", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/cancel/send", "organizer", Quota::Crowd),
    rule("/organizer/start/test-mail", "organizer", Quota::Crowd),
    rule("/organizer/start/arrived", "organizer", Quota::Crowd),
    rule("/organizer/start/put-away", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/speakers", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/speakers/known", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/speakers/new", "organizer", Quota::Crowd),
    rule("/organizer/presenters/{id}", "organizer", Quota::Crowd),
    rule("/organizer/presenters/{id}/picture", "organizer", Quota::Crowd),
    rule("/organizer/presenters/{id}/picture/remove", "organizer", Quota::Crowd),
    rule("/organizer/presenters/{id}/delete", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/run/{id}/doors", "organizer", Quota::Crowd),
    rule("/organizer/webcasts/{slug}/run/{id}/address", "organizer", Quota::Crowd),
    rule("/organizer/registrations/{id}/release", "organizer", Quota::Crowd),
    rule("/organizer/registrations/{id}/cancel", "organizer", Quota::Crowd),
    rule("/organizer/registrations/{id}/way-in", "organizer", Quota::Crowd),
    rule("/organizer/registrations/{id}/again", "organizer", Quota::Crowd),
    rule("/organizer/registrations/{id}/move/review", "organizer", Quota::Crowd),
    rule("/organizer/registrations/{id}/move/send", "organizer", Quota::Crowd),
    rule("/organizer/requests/{id}/release", "organizer", Quota::Crowd),
    rule("/organizer/requests/{id}/again", "organizer", Quota::Crowd),
    rule("/organizer/people/new", "organizer", Quota::Crowd),
    rule("/organizer/people/{id}/edit", "organizer", Quota::Crowd),
    rule("/organizer/people/{id}/notes", "organizer", Quota::Crowd),
    rule("/organizer/people/{id}/tags", "organizer", Quota::Crowd),
    rule("/organizer/notes/{id}/delete", "organizer", Quota::Crowd),
    rule("/organizer/undo/{id}", "organizer", Quota::Crowd),
    rule("/organizer/mail/check", "organizer", Quota::Crowd),
    rule("/organizer/mail/again", "organizer", Quota::Crowd),
    rule("/organizer/mail/do-not-mail", "organizer", Quota::Crowd),
    rule("/organizer/mail/{name}/retry", "organizer", Quota::Crowd),
    rule("/organizer/mail/{name}/cancel", "organizer", Quota::Crowd),
];
