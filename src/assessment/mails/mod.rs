//! What mails about an assessment say: the report, the reminder to look again, the invitation of the partner.

pub mod kinds;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::links::{self, about};
use super::report::{About, NAMELESS_SIDES, Paper, result_pdf};
use super::store::{assessments, invitations};
use crate::assessment::model::assessment::Assessment;
use crate::assessment::model::invitation::Invitation;
use crate::assessment::words::bank::Bank;
use crate::assessment::words::reading::read_own;
use crate::db::{Conn, DbError};
use crate::mail::outbox::Claimed;
use crate::mail::{Compose, Composed, Composition, EncodedFile, Kind, Message};
use crate::mail_pair;
use crate::typesetting::Fonts;
use crate::values::{LinkPurpose, Said};
use crate::web::AppState;
use crate::web::mail_frame::MailFrame;
use kinds::{INVITATION, KINDS, REMINDER};

/// Composes them.
pub struct AssessmentMails {
    state: AppState,
    bank: Arc<Bank>,
    fonts: Fonts,
}

impl AssessmentMails {
    /// Links, names and settings come from `state`, words from `bank`.
    #[must_use]
    pub fn new(state: AppState, bank: Arc<Bank>, fonts: Fonts) -> Self {
        Self { state, bank, fonts }
    }

    async fn invitations(&self, conn: &mut Conn, ids: &[i64]) -> Result<Vec<Composition>, DbError> {
        let invitations = invitations::by_ids(conn, ids).await?;
        let inviters: Vec<i64> = invitations.iter().map(|invitation| invitation.inviter_id).collect();
        let inviters = assessments::by_ids(conn, &inviters).await?;
        let composition = |id: &i64| {
            let invitation = invitations.iter().find(|invitation| invitation.id == *id)?.clone();
            let inviter = inviters
                .iter()
                .find(|inviter| inviter.id == invitation.inviter_id)?
                .clone();
            let state = self.state.clone();
            Some(Box::new(move || invite(&state, &invitation, &inviter)) as Composition)
        };
        Ok(ids.iter().map(|id| composition(id).unwrap_or_else(erased)).collect())
    }

    async fn about_assessments(&self, conn: &mut Conn, kind: &str, ids: &[i64]) -> Result<Vec<Composition>, DbError> {
        let assessments = assessments::by_ids(conn, ids).await?;
        let composition = |id: &i64| {
            let assessment = assessments.iter().find(|assessment| assessment.id == *id)?.clone();
            let state = self.state.clone();
            if kind == REMINDER.name {
                return Some(Box::new(move || remind(&state, &assessment)) as Composition);
            }
            let (bank, fonts) = (Arc::clone(&self.bank), self.fonts.clone());
            Some(Box::new(move || report(&state, &bank, &fonts, &assessment)) as Composition)
        };
        Ok(ids.iter().map(|id| composition(id).unwrap_or_else(erased)).collect())
    }
}

fn erased() -> Composition {
    Box::new(|| Composed::Skip("what it was about was erased".to_owned()))
}

impl Compose for AssessmentMails {
    fn kinds(&self) -> &[Kind] {
        &KINDS
    }

    fn load<'a>(
        &'a self,
        conn: &'a mut Conn,
        mails: &'a [Claimed],
    ) -> BoxFuture<'a, Result<Vec<Composition>, DbError>> {
        Box::pin(async move {
            let Some(first) = mails.first() else {
                return Ok(Vec::new());
            };
            let ids: Vec<i64> = mails.iter().map(|mail| mail.subject_id).collect();
            if first.kind == INVITATION.name {
                self.invitations(conn, &ids).await
            } else {
                self.about_assessments(conn, &first.kind, &ids).await
            }
        })
    }
}

fn composed(message: askama::Result<Message>) -> Composed {
    message.map_or_else(|error| Composed::Poison(error.to_string()), Composed::from)
}

fn report(state: &AppState, bank: &Bank, fonts: &Fonts, assessment: &Assessment) -> Composed {
    if !assessment.is_finished() {
        return Composed::Skip("the assessment is not finished".to_owned());
    }
    // Whoever opens it may not be who typed the names.
    let parties = assessment.parties.for_mail();
    let (about, parties) = about(state, assessment).naming(fonts, &parties, NAMELESS_SIDES);
    let reading = read_own(
        bank,
        &Assessment {
            parties,
            ..assessment.clone()
        },
    );
    let about = About {
        headline: Some("Alignment report"),
        ..about
    };
    let pdf = match result_pdf(fonts, Paper::A4, &about, &reading) {
        Ok(pdf) => pdf,
        Err(error) => return Composed::Poison(error.to_string()),
    };
    let mail = ReportMail {
        frame: MailFrame::new(
            state,
            "Two pages, as a PDF.",
            "You get this mail because you asked for your result at this address.",
        ),
        about: partnership(assessment),
        summary: reading
            .whole
            .map(|whole| format!("{} of 100: {}.", whole.index, whole.band)),
        mine_url: links::mine_url(state, assessment),
    };
    let file = Arc::new(EncodedFile::new("alignment-report.pdf", "application/pdf", &pdf));
    composed(mail.message().map(|message| message.file(file)))
}

fn remind(state: &AppState, assessment: &Assessment) -> Composed {
    let mail = ReminderMail {
        frame: MailFrame::new(
            state,
            "Has anything changed?",
            "You get this mail because you asked to be reminded at this address. There will not be another one.",
        ),
        about: partnership(assessment),
        date: assessment.dated().strftime("%B %-d, %Y").to_string(),
        mine_url: links::mine_url(state, assessment),
    };
    composed(mail.message())
}

fn invite(state: &AppState, invitation: &Invitation, inviter: &Assessment) -> Composed {
    if !invitation.is_open(state.clock.now()) {
        return Composed::Skip("the invitation is not open any more".to_owned());
    }
    let token = state
        .links
        .sign(LinkPurpose::AssessmentInvitation, invitation.public_id, 0);
    let mail = InvitationMail {
        frame: MailFrame::new(
            state,
            "Twenty statements about your partnership, about eight minutes.",
            "You get this mail because somebody typed your address in order to ask for your view. We send it once. \
             Your address is deleted when you answer or refuse, or after 30 days.",
        ),
        who: invitation.inviter_name.plain().unwrap_or_else(|| "Somebody".to_owned()),
        side: inviter.parties.typed_us().and_then(plain),
        invitation_url: state
            .config
            .public_url
            .link(&format!("/assessment/invitations/{token}")),
        expires: invitation.expires_at.strftime("%B %-d, %Y").to_string(),
    };
    composed(mail.message())
}

fn plain(name: &str) -> Option<String> {
    Said::new(name).plain()
}

/// "Contoso and Northwind", where both are plain names.
fn partnership(assessment: &Assessment) -> String {
    let parties = &assessment.parties;
    let names = parties
        .typed_us()
        .and_then(plain)
        .zip(parties.typed_partner().and_then(plain));
    names.map_or_else(
        || "your partnership".to_owned(),
        |(us, partner)| format!("{us} and {partner}"),
    )
}

struct ReportMail {
    frame: MailFrame,
    /// "Contoso and Northwind"
    about: String,
    /// "57 of 100: Partly aligned."
    summary: Option<String>,
    mine_url: String,
}

impl ReportMail {
    #[expect(clippy::unused_self, reason = "nothing that was typed stands in a subject")]
    fn subject(&self) -> String {
        "Your alignment report".to_owned()
    }
}

mail_pair!(
    ReportMail,
    ReportHtml = "mails/assessment_report.html",
    ReportText = "mails/assessment_report.txt"
);

struct ReminderMail {
    frame: MailFrame,
    about: String,
    date: String,
    mine_url: String,
}

impl ReminderMail {
    #[expect(clippy::unused_self, reason = "nothing that was typed stands in a subject")]
    fn subject(&self) -> String {
        "Look at your partnership again".to_owned()
    }
}

mail_pair!(
    ReminderMail,
    ReminderHtml = "mails/assessment_reminder.html",
    ReminderText = "mails/assessment_reminder.txt"
);

struct InvitationMail {
    frame: MailFrame,
    /// The name of who asks.
    who: String,
    /// The side of who asks, where a plain name was typed.
    side: Option<String>,
    invitation_url: String,
    expires: String,
}

impl InvitationMail {
    #[expect(clippy::unused_self, reason = "nothing that was typed stands in a subject")]
    fn subject(&self) -> String {
        "Your view of a partnership is asked for".to_owned()
    }
}

mail_pair!(
    InvitationMail,
    InvitationHtml = "mails/assessment_invitation.html",
    InvitationText = "mails/assessment_invitation.txt"
);
