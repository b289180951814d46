//! What can be done on organizers' pages, and by whom. `app` says which route is which act; whoever is signed in is let
//! in by that table alone, and a route that does not stand there lets nobody in.

use super::Role;

/// Something that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// See pages.
    Look,
    /// Change webcasts, their sessions and who has a place.
    ChangeWebcasts,
    /// Change papers and who gets them.
    ChangePapers,
    /// Correct people, add them, write notes about them.
    ChangePeople,
    /// Send mail again, stop it.
    HandleMail,
    /// Take lists away as files.
    Download,
    /// Take everybody away as a file.
    DownloadPeople,
    /// Erase people.
    Erase,
    /// See who is in the team, and what each may do.
    SeeTeam,
    /// Change that.
    ManageTeam,
    /// Say who is responsible, and how long what is kept.
    ManageSettings,
    /// See who did what.
    SeeAudit,
    /// See how the program stands, and have a backup made.
    SeeSystem,
    /// Change one's own account.
    ChangeAccount,
    /// Switch one's own second factor on or off.
    ChangeSecondFactor,
}

impl Act {
    /// The role from which on it is allowed.
    #[must_use]
    pub const fn least(self) -> Role {
        match self {
            Self::Look | Self::ChangeAccount | Self::ChangeSecondFactor => Role::Viewer,
            Self::ChangeWebcasts
            | Self::ChangePapers
            | Self::ChangePeople
            | Self::HandleMail
            | Self::Download
            | Self::DownloadPeople => Role::Editor,
            Self::Erase
            | Self::SeeAudit
            | Self::SeeSystem
            | Self::SeeTeam
            | Self::ManageTeam
            | Self::ManageSettings => Role::Owner,
        }
    }

    /// As it stands in "Viewers cannot …".
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Look => "see this page",
            Self::ChangeWebcasts => "change webcasts",
            Self::ChangePapers => "change papers",
            Self::ChangePeople => "change people",
            Self::HandleMail => "send or stop mail",
            Self::Download | Self::DownloadPeople => "download lists",
            Self::Erase => "erase people",
            Self::ManageSettings => "change settings",
            Self::SeeAudit => "see who did what",
            Self::SeeSystem => "see how the program stands",
            Self::ChangeAccount | Self::ChangeSecondFactor => "change an account",
            Self::SeeTeam | Self::ManageTeam => "change what the team may see and do",
        }
    }

    /// Whether the password must have been typed a moment ago.
    #[must_use]
    pub const fn needs_password(self) -> bool {
        matches!(
            self,
            Self::ManageTeam | Self::DownloadPeople | Self::Erase | Self::ChangeSecondFactor
        )
    }
}

impl Role {
    /// Whether this role may do that.
    #[must_use]
    pub fn may(self, act: Act) -> bool {
        self >= act.least()
    }
}

/// Which act a route is.
#[derive(Debug, Clone, Copy)]
pub struct ActRule {
    /// `GET` (HEAD goes with it) or `POST`.
    pub method: &'static str,
    /// As the route table writes it.
    pub route: &'static str,
    /// What it does.
    pub act: Act,
    /// A filled form: where it is interrupted, it is shown again before it counts.
    pub is_form: bool,
}

/// All of them, handed in by `app`.
#[derive(Debug, Clone, Copy)]
pub struct ActRules(pub &'static [ActRule]);

impl ActRules {
    /// The rule of a route; `None` where nobody said.
    #[must_use]
    pub fn find(self, method: &str, route: &str) -> Option<&'static ActRule> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.0.iter().find(|rule| rule.method == method && rule.route == route)
    }
}
