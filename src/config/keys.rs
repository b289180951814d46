//! The one list of settings: name, default, what it means. `config`, the flags and the docs come from it.

/// A setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As it stands in the file; `COMMONGROUND_` and capitals in the environment.
    pub name: &'static str,
    /// What holds when nothing is set; empty: nothing.
    pub default: &'static str,
    /// True where the value must not be printed.
    pub secret: bool,
    /// One line for people.
    pub help: &'static str,
}

const fn key(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key {
        name,
        default,
        secret: false,
        help,
    }
}

const fn secret(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key {
        name,
        default,
        secret: true,
        help,
    }
}

/// All settings, in the order of the docs.
pub const KEYS: [Key; 24] = [
    key(
        "listen",
        "127.0.0.1:8080",
        "address and port, or a path for a unix socket",
    ),
    key(
        "public_url",
        "http://localhost:8080",
        "the address that visitors use; the only source of links",
    ),
    secret(
        "database_url",
        "sqlite://data/commonground.db",
        "sqlite://PATH or postgres://…",
    ),
    secret(
        "smtp_url",
        "",
        "smtp://user:pass@host:587?tls=required, smtps://…; without it mail is kept",
    ),
    key(
        "smtp_helo",
        "",
        "the full name we give the relay; else the host of public_url, or our address",
    ),
    key(
        "smtp_password_file",
        "",
        "a file that holds the password of smtp_url, instead of writing it there",
    ),
    key(
        "smtp_token_command",
        "",
        "a command that prints an access token, for relays that take XOAUTH2 or OAUTHBEARER",
    ),
    key("smtp_connections", "4", "connections to the relay"),
    key("smtp_rate", "", "most mails a second"),
    key("mail_from", "", "who the mail is from: Name <address>"),
    key("mail_reply_to", "", "where answers go: Name <address>"),
    key("organization", "Common Ground", "the firm's name on pages and in mails"),
    secret(
        "secret_key",
        "",
        "32 bytes in base64 that sign links; made and kept in the database unless set",
    ),
    key("trusted_proxies", "", "networks whose X-Forwarded-For is believed"),
    key("max_whitepaper_mb", "25", "largest PDF that can be uploaded"),
    key(
        "max_attachment_mb",
        "7",
        "largest PDF that is attached; a larger one goes as a link",
    ),
    key(
        "rate_limit_ip",
        "30/h",
        "posts of each form from one network, ten times as many for registrations; off for load tests",
    ),
    key(
        "rate_limit_recipient",
        "5/day",
        "mails of one kind that strangers may cause to one address; off for load tests",
    ),
    key(
        "calendar_google_url",
        "https://calendar.google.com/calendar/render?action=TEMPLATE&text={title}&dates={start}/{end}&details={details}&location={location}",
        "address of Google's calendar page",
    ),
    key(
        "calendar_outlook_url",
        "https://outlook.live.com/calendar/0/deeplink/compose?path=/calendar/action/compose&rru=addevent&subject={title}&startdt={start}&enddt={end}&body={details}&location={location}",
        "address of Outlook.com's calendar page",
    ),
    key(
        "hsts",
        "on",
        "whether browsers come by https alone: on, off, or subdomains to include those beneath",
    ),
    key(
        "font_dir",
        "",
        "a directory of fonts for names in scripts that the built-in ones lack; those of the machine come after it",
    ),
    key("log_format", "", "text or json; text on a terminal"),
    // What strangers send that is no HTTP is answered 400 and is no error of ours.
    key(
        "log",
        "info,actix_http=off",
        "what is logged: a filter like info,commonground=debug",
    ),
];
