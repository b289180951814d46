//! No part of a secret is ever printed, whatever else is wrong.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use commonground::config::Settings;
use proptest::prelude::*;
use tempfile::TempDir;

/// Unlike anything that a message could hold by itself.
const SECRET_PARTS: [&str; 3] = ["Zq7x", "Wk9v", "Jb3y"];

/// A password with signs that end one in an address, in a text of TOML, or in a line.
fn secret() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        "#", "?", "/", "@", ":", "%", "%2", "%41", "\"", "'", "\\", " ", "\n", "=", "[", "]", "&", "ü", "+", "",
    ]);
    (sign.clone(), sign).prop_map(|(one, two)| {
        let [first, second, third] = SECRET_PARTS;
        format!("{first}{one}{second}{two}{third}")
    })
}

/// An address as somebody in a hurry writes it.
fn address() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec![
        "smtp://",
        "smtps://",
        "smtp:/",
        "",
        "http://",
        "postgres://",
        "postgresql:",
    ]);
    let user = prop::sample::select(vec!["user", "user@example.org", "", "user%40example.org"]);
    let rest = prop::sample::select(vec![
        "@127.0.0.1",
        "@127.0.0.1:1",
        "@127.0.0.1:port",
        "",
        "@",
        "@[::1",
        "@127.0.0.1?tls=maybe",
        "@127.0.0.1?tsl=none",
        "@127.0.0.1/database",
        "@127.0.0.1:99999999",
        "@127.0.0.1?ca=/none",
    ]);
    (scheme, user, secret(), rest).prop_map(|(scheme, user, secret, rest)| format!("{scheme}{user}:{secret}{rest}"))
}

fn keys() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["smtp_url", "database_url", "secret_key"])
}

/// Something else that is wrong.
fn other() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("listen", "127.0.0.1:0"),
        ("listen", "nowhere"),
        ("public_url", "ftp://x"),
        ("smtp_password_file", "/none"),
        ("smtp_token_command", "false"),
        ("mail_from", "nobody"),
        ("no_such_key", "1"),
    ])
}

fn check(said: &str) {
    for part in SECRET_PARTS {
        assert!(!said.contains(part), "{said}");
    }
}

/// What the program prints for these settings, by every command that reads them and ends.
fn print(arguments: &[&str], variables: &[(String, String)]) -> String {
    let mut all = String::new();
    for command in ["config", "doctor"] {
        let output = Command::new(env!("CARGO_BIN_EXE_commonground"))
            .args([&[command], arguments].concat())
            .env_clear()
            .envs(variables.iter().cloned())
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        all += &String::from_utf8_lossy(&output.stdout);
        all += &String::from_utf8_lossy(&output.stderr);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn of_what_is_set(key in keys(), address in address(), other in other()) {
        let environment = [(key, address.as_str()), other]
            .map(|(key, value)| (format!("COMMONGROUND_{}", key.to_uppercase()), value.to_owned()));
        let settings = Settings::gather(Some("/dev/null".as_ref()), environment.into_iter(), &BTreeMap::default()).unwrap();
        if let Err(problems) = settings.parse() {
            check(&problems.to_string());
        }
        check(&settings.warnings().join("\n"));
    }

    #[test]
    fn of_a_file_that_is_no_toml(key in keys(), address in address(), quote in prop::sample::select(vec!["\"", "'", "", "\"\"\""]), other in other()) {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("settings.toml");
        std::fs::write(&path, format!("{} = \"{}\"\n{key} = {quote}{address}{quote}\n", other.0, other.1)).unwrap();
        match Settings::gather(Some(&path), std::iter::empty(), &BTreeMap::default()) {
            Err(problems) => check(&problems.to_string()),
            Ok(settings) => {
                if let Err(problems) = settings.parse() {
                    check(&problems.to_string());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    #[test]
    fn of_commands(key in keys(), address in address(), other in other()) {
        let set = [(key, address.as_str()), other].map(|(key, value)| (format!("COMMONGROUND_{}", key.to_uppercase()), value.to_owned()));
        check(&print(&["--config", "/dev/null"], &set));
    }
}
