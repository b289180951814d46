//! How a mail would read, for organizers: as plain text, without the private links in it.

use crate::mail::{Composed, Message};

/// A mail, ready to be shown.
pub(crate) struct MailPreview {
    pub subject: String,
    pub text: String,
    /// Names of files.
    pub attachments: Vec<String>,
}

impl From<Composed> for MailPreview {
    fn from(composed: Composed) -> Self {
        match composed {
            Composed::Send(message) => Self {
                attachments: attachments(&message),
                subject: message.subject,
                text: message.text,
            },
            Composed::Skip(reason) => Self {
                subject: "There is nothing to send any more".to_owned(),
                text: reason,
                attachments: Vec::new(),
            },
            Composed::Poison(problem) => Self {
                subject: "This mail cannot be written".to_owned(),
                text: problem,
                attachments: Vec::new(),
            },
        }
    }
}

fn attachments(message: &Message) -> Vec<String> {
    let invitation = message.invitation.as_ref().map(|_| "invite.ics".to_owned());
    let file = message.file.as_ref().map(|file| file.name().to_owned());
    invitation.into_iter().chain(file).collect()
}
