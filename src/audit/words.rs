//! What was done, in words: "changed a session".

/// Acts that belong together.
#[derive(Debug)]
pub(crate) struct AuditGroup {
    /// In an address.
    pub name: &'static str,
    /// As it is chosen.
    pub label: &'static str,
    /// How its acts begin. They are of ours, and need no quoting.
    pub prefixes: &'static [&'static str],
}

impl AuditGroup {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::of("sign-ins", "Sign-ins", &["sign-in", "sign-out"]),
        Self::of(
            "accounts",
            "Accounts and the team",
            &["organizer.", "account.", "password.", "second-factor."],
        ),
        Self::of(
            "people",
            "People, their registrations and requests",
            &[
                "person.",
                "note.",
                "registration.",
                "request.",
                "bulk.",
                "import.",
                "retention.",
            ],
        ),
        Self::of("exports", "Lists taken away", &["export."]),
        Self::of(
            "webcasts",
            "Webcasts and papers",
            &[
                "webcast.",
                "session.",
                "series.",
                "presenter.",
                "question.",
                "form.",
                "paper.",
            ],
        ),
        Self::of("mail", "Mail", &["outbox.", "mail."]),
        Self::of("settings", "Settings and system", &["settings.", "system."]),
    ];

    const fn of(name: &'static str, label: &'static str, prefixes: &'static [&'static str]) -> Self {
        Self { name, label, prefixes }
    }

    /// The one of this name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        static ALL: [AuditGroup; 7] = AuditGroup::ALL;
        ALL.iter().find(|group| group.name == name)
    }
}

/// Acts whose names do not say it well by themselves.
const WORDS: [(&str, &str); 47] = [
    ("account.change", "changed the own account"),
    ("bulk.accept", "gave places to many"),
    ("bulk.again", "sent mail again to many"),
    ("bulk.attended", "noted of many that they were there"),
    ("bulk.cancel", "cancelled registrations of many"),
    ("bulk.erase", "erased many people"),
    ("bulk.let-through", "let many through"),
    ("bulk.mail-again", "sent mail again to many"),
    ("bulk.tag", "gave many a tag"),
    ("bulk.untag", "took a tag from many"),
    ("export.attendees", "took a list of attendees away"),
    ("export.people", "took a list of people away"),
    ("export.person", "took one person’s data away"),
    ("export.requests", "took a list of requests away"),
    ("form.fields", "changed the fields of a form"),
    ("form.order", "put questions into another order"),
    ("import.begin", "began an import"),
    ("import.end", "an import ended"),
    ("import.match", "said who somebody in a report is"),
    ("import.undo", "undid an import"),
    ("mail.release-address", "let mail go to an address again"),
    ("organizer.add", "an account was made"),
    ("organizer.disable", "disabled an account"),
    ("organizer.enable", "opened an account again"),
    ("organizer.end-sign-ins", "ended somebody’s sign-ins"),
    ("organizer.invite", "invited somebody to the team"),
    ("organizer.remove", "removed an account"),
    ("organizer.reset-password", "gave an account a new password"),
    ("organizer.set-role", "gave somebody another role"),
    ("organizer.unlock", "let an account be tried again"),
    ("organizer.withdraw-invitation", "took an invitation back"),
    ("outbox.cancel", "stopped a mail"),
    ("outbox.preview", "looked at a mail"),
    ("outbox.release", "let held mails go"),
    ("outbox.retry", "sent a mail again"),
    ("password.ask", "asked for a new password"),
    ("password.change", "changed the own password"),
    ("password.reset", "chose a new password by a link"),
    ("retention.erase", "erased what was too old"),
    ("second-factor.codes", "made new recovery codes"),
    ("second-factor.off", "switched a second factor off"),
    ("second-factor.on", "switched a second factor on"),
    ("sign-in", "signed in"),
    ("sign-in.failed", "was not let in"),
    ("sign-out.elsewhere", "ended other sign-ins"),
    ("sign-out.everywhere", "signed out everywhere"),
    ("system.backup", "had a backup made"),
];

/// What an act is called. One that is not in the list is called by its name: "session change".
pub(crate) fn in_words(action: &str) -> String {
    let known = WORDS.iter().find(|(name, _)| *name == action);
    known.map_or_else(
        || match action.split_once('.') {
            Some((what, verb)) => format!("{}: {}", what.replace('-', " "), verb.replace('-', " ")),
            None => action.replace('-', " "),
        },
        |(_, words)| (*words).to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_said_in_words() {
        assert_eq!(in_words("sign-in.failed"), "was not let in");
        assert_eq!(in_words("webcast.publish-text"), "webcast: publish text");
        assert_eq!(in_words("undo"), "undo");
    }

    #[test]
    fn each_group_is_found_by_its_name_alone() {
        for group in &AuditGroup::ALL {
            assert_eq!(AuditGroup::find(group.name).unwrap().label, group.label);
        }
        assert!(AuditGroup::find("").is_none());
        assert!(WORDS.is_sorted_by_key(|(name, _)| *name));
    }
}
