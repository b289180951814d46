//! The one list of settings: name, default, what it means. Flags, `config --sample` and the README come from it.

/// A setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As it stands in the file; `COMMONGROUND_` and capitals in the environment.
    pub name: &'static str,
    /// What holds when nothing is set; empty: nothing.
    pub default: &'static str,
    /// The same in words, where a reader learns more from them.
    pub unset: &'static str,
    /// A value that somebody could set; empty where the default shows it.
    pub example: &'static str,
    /// True where the value must not be printed.
    pub secret: bool,
    /// What it is, for people; code in backticks.
    pub help: &'static str,
}

const KEY: Key = Key {
    name: "",
    default: "",
    unset: "",
    example: "",
    secret: false,
    help: "",
};

/// All settings, in the order of the docs.
pub const KEYS: [Key; 32] = [
    Key {
        name: "listen",
        default: "127.0.0.1:8080",
        help: "address and port, or a path for a unix socket",
        ..KEY
    },
    Key {
        name: "public_url",
        default: "http://localhost:8080",
        example: "https://events.example.org",
        help: "the address that visitors use; the only source of links. Without https only on this machine; no path",
        ..KEY
    },
    Key {
        name: "database_url",
        default: "sqlite://data/commonground.db",
        example: "sqlite:///var/lib/commonground/commonground.db",
        secret: true,
        help: "`sqlite://PATH` or `postgres://user:password@host/database`",
        ..KEY
    },
    Key {
        name: "database_connections",
        default: "24",
        help: "most connections to a PostgreSQL server; below what its role may have, so that commands find one too",
        ..KEY
    },
    Key {
        name: "smtp_url",
        unset: "not set",
        example: "smtp://user:password@mail.example.org:587?tls=required",
        secret: true,
        help: "`smtp://user:password@host:587?tls=required` or `smtps://…`; without it mail is kept. See docs/mail.md",
        ..KEY
    },
    Key {
        name: "smtp_helo",
        unset: "host of `public_url`, else our address",
        example: "events.example.org",
        help: "the full name we give the relay; the right side of Message-IDs",
        ..KEY
    },
    Key {
        name: "smtp_password_file",
        unset: "not set",
        example: "/etc/commonground/smtp-password",
        help: "a file that holds the password of `smtp_url`, instead of writing it there",
        ..KEY
    },
    Key {
        name: "smtp_token_command",
        unset: "not set",
        example: "/usr/local/bin/relay-token",
        help: "a command that prints an access token, for relays that take XOAUTH2 or OAUTHBEARER",
        ..KEY
    },
    Key {
        name: "smtp_connections",
        default: "4",
        help: "connections to the relay, 1 to 64",
        ..KEY
    },
    Key {
        name: "smtp_rate",
        unset: "no limit",
        example: "20",
        help: "most mails a second, over all connections",
        ..KEY
    },
    Key {
        name: "mail_from",
        unset: "not set",
        example: "Example Consulting <events@example.org>",
        help: "who the mail is from: `Name <address>`; needed with `smtp_url`",
        ..KEY
    },
    Key {
        name: "mail_reply_to",
        unset: "not set",
        example: "Example Consulting <office@example.org>",
        help: "where answers go: `Name <address>`",
        ..KEY
    },
    Key {
        name: "organization",
        default: "Common Ground",
        example: "Example Consulting",
        help: "the firm's name on pages and in mails",
        ..KEY
    },
    Key {
        name: "secret_key",
        unset: "made once",
        secret: true,
        help: "32 bytes in base64 that sign links; made and kept in the database unless set",
        ..KEY
    },
    Key {
        name: "trusted_proxies",
        unset: "not set",
        example: "127.0.0.1",
        help: "networks whose `X-Forwarded-For` is believed",
        ..KEY
    },
    Key {
        name: "max_whitepaper_mb",
        default: "25",
        help: "largest PDF that can be uploaded; nothing uploads one yet",
        ..KEY
    },
    Key {
        name: "max_attachment_mb",
        default: "7",
        help: "largest PDF that is attached; a larger one goes as a link",
        ..KEY
    },
    Key {
        name: "rate_limit_ip",
        default: "30/h",
        help: "posts of each form from one network, per `s`, `min`, `h` or `day`; ten times as many registrations for each webcast; `off` for load tests. See docs/security.md",
        ..KEY
    },
    Key {
        name: "rate_limit_recipient",
        default: "5/day",
        help: "mails of one kind that strangers may cause to one address; `off` for load tests",
        ..KEY
    },
    Key {
        name: "calendar_google_url",
        default: "https://calendar.google.com/calendar/render?action=TEMPLATE&text={title}&dates={start}/{end}&details={details}&location={location}",
        unset: "the service's own",
        help: "address of Google's calendar page",
        ..KEY
    },
    Key {
        name: "calendar_outlook_url",
        default: "https://outlook.live.com/calendar/0/deeplink/compose?path=/calendar/action/compose&rru=addevent&subject={title}&startdt={start}&enddt={end}&body={details}&location={location}",
        unset: "the service's own",
        help: "address of Outlook.com's calendar page",
        ..KEY
    },
    Key {
        name: "hsts",
        default: "on",
        help: "whether browsers come by https alone, where `public_url` is https: `on`, `off`, or `subdomains` to include those beneath",
        ..KEY
    },
    Key {
        name: "font_dir",
        unset: "not set",
        example: "/usr/share/fonts",
        help: "a directory of fonts (TTF, OTF, TTC) for names in scripts that the built-in ones lack, such as Chinese, Arabic or Thai; those of the machine (/usr/share/fonts, /usr/local/share/fonts) come after it. Without such a font PDFs say \"Our side\"",
        ..KEY
    },
    Key {
        name: "backup_dir",
        unset: "not set",
        example: "/var/backups/commonground",
        help: "where `commonground backup` puts its files when it is given no name; `doctor` looks how old the newest is",
        ..KEY
    },
    Key {
        name: "backup_keep",
        default: "14",
        help: "how many of them are kept there",
        ..KEY
    },
    Key {
        name: "oidc_issuer",
        unset: "not set",
        example: "https://login.example.org",
        help: "an OpenID Connect provider through which organizers may sign in; its address of return is `public_url` with `/organizer/oidc/callback`",
        ..KEY
    },
    Key {
        name: "oidc_client_id",
        unset: "not set",
        example: "common-ground",
        help: "what this site is called there",
        ..KEY
    },
    Key {
        name: "oidc_client_secret_file",
        unset: "not set",
        example: "/etc/commonground/oidc-secret",
        help: "a file that holds the secret that goes with it",
        ..KEY
    },
    Key {
        name: "oidc_role_claim",
        unset: "not set",
        example: "groups",
        help: "the claim that says what somebody may do here; without it the invitation says it, and an owner changes it",
        ..KEY
    },
    Key {
        name: "oidc_roles",
        unset: "not set",
        example: "admins=owner, staff=editor",
        help: "its values, and the roles that they stand for; the highest holds",
        ..KEY
    },
    Key {
        name: "log_format",
        unset: "`text` on a terminal, else `json`",
        example: "json",
        help: "`text` or `json`",
        ..KEY
    },
    // What strangers send that is no HTTP is answered 400 and is no error of ours; what the web server says of its start
    // is in our own first line.
    Key {
        name: "log",
        default: "info,actix_http=off,actix_server=warn",
        help: "what is logged: a filter like `info,commonground=debug`",
        ..KEY
    },
];

impl Key {
    /// What stands in a table of defaults, with code in backticks.
    #[must_use]
    pub fn shown_default(&self) -> String {
        if self.unset.is_empty() {
            format!("`{}`", self.default)
        } else {
            self.unset.to_owned()
        }
    }
}

/// A settings file with every key and its meaning, all of them commented out.
#[must_use]
pub fn sample() -> String {
    let keys = KEYS.iter().map(|key| {
        let value = [key.example, key.default].into_iter().find(|value| !value.is_empty());
        let value = quoted(value.unwrap_or_default());
        format!(
            "# {}. Default: {}.\n# {} = {value}\n",
            capitalized(key.help),
            key.shown_default(),
            key.name
        )
    });
    let keys: Vec<String> = keys.collect();
    format!(
        "# Settings of Common Ground. Take the # away before what you set.\n\n{}",
        keys.join("\n")
    )
}

/// As TOML writes it.
fn quoted(value: &str) -> String {
    match value.parse::<u64>() {
        Ok(number) => number.to_string(),
        Err(_) => format!("\"{value}\""),
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}
