//! What mails about a whitepaper say: the paper itself, or a personal link to it.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{Edition, Request, Whitepaper, store};
use crate::db::{Conn, DbError};
use crate::mail::outbox::Claimed;
use crate::mail::{Compose, Composed, Composition, EncodedFile, Kind, Message, Priority};
use crate::mail_pair;
use crate::values::{Greeting, LinkKey, LinkPurpose};
use crate::web::AppState;
use crate::web::mail_frame::MailFrame;
use crate::web::recent::Recent;

/// The paper: attached, or as a link where it is too large.
pub(crate) const PAPER: Kind = Kind::new("whitepaper", Priority::Paper);
/// A link, because the paper itself was mailed within the last day.
pub(crate) const LINK: Kind = Kind::new("whitepaper-link", Priority::Paper);

/// All kinds of mail about papers.
pub(crate) const KINDS: [Kind; 2] = [PAPER, LINK];

/// Encoded files in memory, in bytes.
const MAX_CACHED: usize = 32 * 1024 * 1024;

/// Composes the mails about whitepapers.
pub(crate) struct PaperMails {
    state: AppState,
    /// By edition, in the form a mail carries them.
    files: Recent<i64, Arc<EncodedFile>>,
}

impl PaperMails {
    /// Links, names and settings come from `state`.
    #[must_use]
    pub(crate) fn new(state: AppState) -> Self {
        Self {
            state,
            files: Recent::new(MAX_CACHED, |file| file.len()),
        }
    }

    async fn file(&self, conn: &mut Conn, edition: &Edition) -> Result<Arc<EncodedFile>, DbError> {
        if let Some(file) = self.files.find(&edition.id) {
            return Ok(file);
        }
        let bytes = store::file(conn, edition).await?;
        let file = Arc::new(EncodedFile::new(&edition.file_name, "application/pdf", &bytes));
        self.files.keep(edition.id, Arc::clone(&file));
        Ok(file)
    }

    async fn paper_mail(
        &self,
        conn: &mut Conn,
        mail: &Claimed,
        request: &Request,
        paper: Option<Whitepaper>,
    ) -> Result<PaperMail, DbError> {
        let max = self.state.config.max_attachment;
        let attached = |edition: &&Edition| {
            mail.kind == PAPER.name && !mail.as_link && edition.is_attached(request.is_confirmed, max)
        };
        let edition = paper.as_ref().and_then(|paper| paper.edition.as_ref());
        let file = match edition.filter(attached) {
            Some(edition) => Some(self.file(conn, edition).await?),
            None => None,
        };
        Ok(PaperMail {
            state: self.state.clone(),
            asked_again: mail.kind == LINK.name,
            request: request.clone(),
            paper,
            file,
        })
    }
}

impl Compose for PaperMails {
    fn kinds(&self) -> &[Kind] {
        &KINDS
    }

    fn load<'a>(
        &'a self,
        conn: &'a mut Conn,
        mails: &'a [Claimed],
    ) -> BoxFuture<'a, Result<Vec<Composition>, DbError>> {
        Box::pin(async move {
            let ids: Vec<i64> = mails.iter().map(|mail| mail.subject_id).collect();
            let requests = store::requests_by_ids(conn, &ids).await?;
            let by_id: HashMap<i64, Request> = requests.into_iter().map(|request| (request.id, request)).collect();
            let mut papers: Vec<i64> = by_id.values().map(|request| request.whitepaper_id).collect();
            papers.sort_unstable();
            papers.dedup();
            let papers = store::whitepapers_by_ids(conn, &papers).await?;
            let mut compositions: Vec<Composition> = Vec::with_capacity(mails.len());
            for mail in mails {
                compositions.push(match by_id.get(&mail.subject_id) {
                    Some(request) => {
                        let paper = papers.iter().find(|paper| paper.id == request.whitepaper_id).cloned();
                        let mail = self.paper_mail(conn, mail, request, paper).await?;
                        Box::new(move || mail.compose())
                    }
                    None => Box::new(|| Composed::Skip("the request is gone".to_owned())),
                });
            }
            Ok(compositions)
        })
    }
}

/// How the mail with the paper would read, without its private link.
pub(crate) fn preview(state: &AppState, request: &Request, paper: Whitepaper) -> Composed {
    let max = state.config.max_attachment;
    let edition = paper.edition.as_ref();
    let attached = edition.filter(|edition| edition.is_attached(request.is_confirmed, max));
    let mail = PaperMail {
        state: AppState {
            links: LinkKey::redacting(),
            ..state.clone()
        },
        asked_again: false,
        file: attached.map(|edition| Arc::new(EncodedFile::new(&edition.file_name, "application/pdf", b""))),
        request: request.clone(),
        paper: Some(paper),
    };
    mail.compose()
}

/// One mail, with everything it needs.
struct PaperMail {
    state: AppState,
    asked_again: bool,
    request: Request,
    paper: Option<Whitepaper>,
    file: Option<Arc<EncodedFile>>,
}

impl PaperMail {
    fn compose(self) -> Composed {
        let Some(edition) = self.paper.as_ref().and_then(|paper| paper.edition.as_ref()) else {
            return Composed::Skip("the paper is not offered any more".to_owned());
        };
        let message = match &self.file {
            Some(file) => self.attached(edition).map(|message| message.file(Arc::clone(file))),
            None => self.link(edition),
        };
        match message {
            Ok(message) => Composed::from(message.to(&self.request.greeting())),
            Err(error) => Composed::Poison(error.to_string()),
        }
    }

    fn attached(&self, edition: &Edition) -> askama::Result<Message> {
        let mail = PaperAttached {
            frame: self.frame("The PDF is attached."),
            greeting: self.request.greeting(),
            title: self.request.title.clone(),
            facts: edition.facts(),
            webcasts_url: self.state.config.public_url.link("/webcasts"),
        };
        mail.message()
    }

    fn link(&self, edition: &Edition) -> askama::Result<Message> {
        let request = &self.request;
        let token = self
            .state
            .links
            .sign(LinkPurpose::Download, request.public_id, request.link_generation);
        let mail = PaperLink {
            frame: self.frame("Here is your personal link to the PDF."),
            greeting: request.greeting(),
            title: request.title.clone(),
            facts: edition.facts(),
            download_url: self.state.config.public_url.link(&format!("/downloads/{token}")),
            expires: request.link_until.strftime("%B %-d, %Y").to_string(),
            asked_again: self.asked_again,
            webcasts_url: self.state.config.public_url.link("/webcasts"),
        };
        mail.message()
    }

    fn frame(&self, preheader: &str) -> MailFrame {
        let reason = "You get this mail because this address was used to ask for the whitepaper.";
        MailFrame::new(&self.state, preheader, reason)
    }
}

/// The paper is attached.
struct PaperAttached {
    frame: MailFrame,
    greeting: Greeting,
    title: String,
    /// "12 pages, PDF, 640 kB"
    facts: String,
    webcasts_url: String,
}

mail_pair!(
    PaperAttached,
    PaperAttachedHtml = "mails/whitepaper.html",
    PaperAttachedText = "mails/whitepaper.txt"
);

impl PaperAttached {
    fn subject(&self) -> String {
        format!("Your whitepaper: {}", self.title)
    }
}

/// A personal link to the paper.
struct PaperLink {
    frame: MailFrame,
    greeting: Greeting,
    title: String,
    facts: String,
    download_url: String,
    /// "December 1, 2026"
    expires: String,
    /// Asked for before, within a day.
    asked_again: bool,
    webcasts_url: String,
}

mail_pair!(
    PaperLink,
    PaperLinkHtml = "mails/whitepaper_link.html",
    PaperLinkText = "mails/whitepaper_link.txt"
);

impl PaperLink {
    fn subject(&self) -> String {
        format!("Your whitepaper: {}", self.title)
    }
}
