//! Something happened to an account that its owner should know of.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::{DbError, Tx, instant};
use crate::mail::outbox::{self, NewMail};
use crate::mail::{Composed, Kind, Priority};
use crate::mail_pair;
use crate::organizers::Organizer;
use crate::values::{HourCycle, PublicId, Zone};
use crate::web::AppState;
use crate::web::mail_frame::MailFrame;
use crate::web::time::with_zone;

/// Its kind.
pub(super) const ACCOUNT_NOTICE: Kind = Kind::new("account-notice", Priority::Note);

/// What happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::organizers) enum NoticeOf {
    /// A sign-in from a network that the account was not used from before; the network in words, cut.
    SignIn { network: String },
    /// Another password.
    Password,
    /// The second factor was switched on,
    SecondFactorOn,
    /// or off.
    SecondFactorOff,
    /// A recovery code was used; so many are left.
    RecoveryCode { left: i64 },
    /// A row that nobody can read.
    #[default]
    Unknown,
}

/// What a notice's row remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Notice {
    #[serde(default)]
    of: NoticeOf,
    /// Microseconds.
    at: i64,
    /// As rows before version 0.2 had it, which were of sign-ins alone.
    #[serde(default, skip_serializing)]
    network: String,
}

/// Tells the owner of an account.
///
/// # Errors
/// When the database fails.
pub(in crate::organizers) async fn enqueue_notice(
    tx: &mut Tx,
    organizer: &Organizer,
    of: &NoticeOf,
    now: Timestamp,
) -> Result<(), DbError> {
    let key = outbox::key(&ACCOUNT_NOTICE, &PublicId::random(), 0);
    let notice = Notice {
        of: of.clone(),
        at: now.as_microsecond(),
        network: String::new(),
    };
    let mail = NewMail::new(&ACCOUNT_NOTICE, key, &organizer.email, organizer.id);
    outbox::enqueue(tx, &mail.with_params(&notice).map_err(DbError::stored)?, now).await?;
    Ok(())
}

pub(super) fn compose(state: &AppState, organizer: &Organizer, notice: &Notice) -> Composed {
    let Ok(at) = instant(notice.at) else {
        return Composed::Poison("the time of what happened cannot be read".to_owned());
    };
    let of = match &notice.of {
        NoticeOf::Unknown => NoticeOf::SignIn {
            network: notice.network.clone(),
        },
        known => known.clone(),
    };
    let mail = AccountNotice {
        frame: MailFrame::new(
            state,
            of.preview(),
            "You get this mail because this address has an organizer’s account.",
        ),
        title: of.title(),
        name: organizer.name.as_str().to_owned(),
        what: of.what(),
        when: with_zone(at, &Zone::utc(), HourCycle::default()),
        network: match &of {
            NoticeOf::SignIn { network } => Some(network.clone()),
            _ => None,
        },
        account_url: state.config.public_url.link("/organizer/settings/account"),
    };
    mail.message()
        .map_or_else(|error| Composed::Poison(error.to_string()), Composed::from)
}

impl NoticeOf {
    const fn title(&self) -> &'static str {
        match self {
            Self::SignIn { .. } | Self::Unknown => "A new sign-in to your account",
            Self::Password => "Your password was changed",
            Self::SecondFactorOn => "Your second factor is on",
            Self::SecondFactorOff => "Your second factor is off",
            Self::RecoveryCode { .. } => "A recovery code of yours was used",
        }
    }

    const fn preview(&self) -> &'static str {
        match self {
            Self::SignIn { .. } | Self::Unknown => "From a network that it was not used from before.",
            Self::Password => "All sign-ins of your account have ended.",
            Self::SecondFactorOn => "From now on a code of your app is asked for.",
            Self::SecondFactorOff => "From now on the password is enough.",
            Self::RecoveryCode { .. } => "It stood in for a code of your app.",
        }
    }

    fn what(&self) -> String {
        match self {
            Self::SignIn { .. } | Self::Unknown => {
                "Somebody signed in to your account from a network that it was not used from before.".to_owned()
            }
            Self::Password => "Your account has a new password, and all its sign-ins have ended.".to_owned(),
            Self::SecondFactorOn => {
                "Signing in to your account takes a code of your app from now on, besides the password.".to_owned()
            }
            Self::SecondFactorOff => "Signing in to your account takes the password alone from now on.".to_owned(),
            Self::RecoveryCode { left } => format!(
                "Somebody signed in to your account with a recovery code in place of a code of your app. Codes that are left: {left}."
            ),
        }
    }
}

struct AccountNotice {
    frame: MailFrame,
    title: &'static str,
    name: String,
    what: String,
    when: String,
    network: Option<String>,
    account_url: String,
}

mail_pair!(
    AccountNotice,
    AccountNoticeHtml = "mails/account_notice.html",
    AccountNoticeText = "mails/account_notice.txt"
);

impl AccountNotice {
    fn subject(&self) -> String {
        format!("{}: {}", self.title, self.frame.organization)
    }
}
