//! What an operator begins with: settings, their list, pages for `man`, and what systemd hears.

use std::collections::BTreeSet;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use commonground::config::KEYS;
use tempfile::TempDir;

use super::{stderr, stdout};
use crate::support::server::House;

fn ask(arguments: &[&str], variables: &[(&str, &str)]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_commonground"))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap()
}

#[test]
fn the_table_of_settings_in_the_readme_is_the_programs_own() {
    let readme = include_str!("../../../README.md");
    for key in &KEYS {
        let row = format!("| `{}` | {} | {} |", key.name, key.shown_default(), key.help);
        assert!(readme.contains(&row), "{row}");
    }
    let rows = readme
        .split("## Settings")
        .nth(1)
        .unwrap()
        .split("## Commands")
        .next()
        .unwrap();
    assert_eq!(rows.matches("\n| `").count(), KEYS.len(), "and no others");
}

#[test]
fn every_command_stands_in_the_readme() {
    let readme = include_str!("../../../README.md");
    let help = stdout(&ask(&["-h"], &[]));
    let commands = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    let names: BTreeSet<&str> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .collect();
    for name in names.into_iter().filter(|name| !name.is_empty() && *name != "help") {
        assert!(
            readme.contains(&format!("| `{name}")) || readme.contains(&format!(", `{name} ")),
            "{name}"
        );
    }
}

#[test]
fn the_sample_can_be_used_as_it_is_and_with_every_line_of_it() {
    let directory = TempDir::new().unwrap();
    let sample = stdout(&ask(&["config", "--sample"], &[]));
    let file = directory.path().join("commonground.toml");
    let file_name = file.display().to_string();
    std::fs::write(&file, &sample).unwrap();
    let shown = ask(&["config", "--config", &file_name], &[]);
    assert_eq!(shown.status.code(), Some(0), "{}", stderr(&shown));
    // Without the signs in front: every key is there, and can be read.
    let set = |line: &str| Some(line.strip_prefix("# ")?.to_owned()).filter(|line| is_setting(line));
    let settings: Vec<String> = sample.lines().filter_map(set).collect();
    let table: toml::Table = settings.join("\n").parse().unwrap();
    let names: BTreeSet<&str> = table.keys().map(String::as_str).collect();
    assert_eq!(names, KEYS.iter().map(|key| key.name).collect());
}

fn is_setting(line: &str) -> bool {
    line.split_once(" = ")
        .is_some_and(|(name, _)| KEYS.iter().any(|key| key.name == name))
}

#[test]
fn variables_of_other_software_warn_and_stop_nothing() {
    for (variable, value) in [
        // What Kubernetes sets for a service that is called commonground.
        ("COMMONGROUND_PORT", "tcp://10.0.0.1:8080"),
        ("COMMONGROUND_SERVICE_HOST", "10.0.0.1"),
        ("COMMONGROUND_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("COMMONGROUND_IMAGE_TAG", "0.1"),
    ] {
        let output = ask(&["config", "--config", "/dev/null"], &[(variable, value)]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(
            stderr(&output).contains(&format!("ignored: {variable}")),
            "{}",
            stderr(&output)
        );
    }
    for (misspelt, meant) in [
        ("COMMONGROUND_SMPT_URL", "COMMONGROUND_SMTP_URL"),
        ("COMMONGROUND_PUBLICURL", "COMMONGROUND_PUBLIC_URL"),
        ("COMMONGROUND_DATABASE_URI", "COMMONGROUND_DATABASE_URL"),
        ("COMMONGROUND_MAILFROM", "COMMONGROUND_MAIL_FROM"),
    ] {
        let output = ask(&["config", "--config", "/dev/null"], &[(misspelt, "x")]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(
            stderr(&output).contains(&format!("Is {meant} meant?")),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn unknown_keys_in_the_file_and_flags_stop() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("settings.toml");
    let name = file.display().to_string();
    for (text, said) in [
        ("smpt_url = \"smtp://h\"", "Is smtp_url meant?"),
        ("port = 80", "unknown setting"),
        ("[server]\nlisten = \"127.0.0.1:1\"", "server:"),
        ("public_url = https://events.example.org", "line 1 cannot be read"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = ask(&["config", "--config", &name], &[]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(stderr(&output).contains(said), "{text}: {}", stderr(&output));
    }
    assert_eq!(ask(&["config", "--smpt-url", "x"], &[]).status.code(), Some(2));
}

#[test]
fn shells_and_man_are_told_every_command() {
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef"),
        ("fish", "complete -c commonground"),
    ] {
        let script = stdout(&ask(&["completions", shell], &[]));
        assert!(script.contains(sign) && script.contains("setup-link"), "{shell}");
    }
    let directory = TempDir::new().unwrap();
    let pages = directory.path().join("man/man1").display().to_string();
    assert!(ask(&["man", &pages], &[]).status.success());
    let names: BTreeSet<String> = std::fs::read_dir(&pages)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for page in ["commonground.1", "commonground-serve.1", "commonground-organizer-add.1"] {
        assert!(names.contains(page), "{names:?}");
    }
    let main = std::fs::read_to_string(directory.path().join("man/man1/commonground.1")).unwrap();
    assert!(
        KEYS.iter().all(|key| main.contains(&key.name.replace('_', "\\-"))),
        "{main}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_hears_when_it_is_ready_and_when_it_stops() {
    let house = House::on_sqlite();
    let path = house.directory.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let hear = move || {
        let mut said = [0; 256];
        let length = socket.recv(&mut said).unwrap();
        (String::from_utf8_lossy(&said[..length]).trim().to_owned(), socket)
    };
    let mut command = house.command(&["serve"]);
    command.env("NOTIFY_SOCKET", &path);
    let mut server = house.spawn(command);
    let (said, socket) = tokio::task::spawn_blocking(hear).await.unwrap();
    assert_eq!(said, "READY=1");
    let page = crate::support::http::once(house.address, &crate::support::http::get("/readyz")).await;
    assert_eq!(page.unwrap().status, 200, "ready when it says so");
    server.signal("HUP");
    let mut said = [0; 256];
    let length = tokio::task::spawn_blocking(move || (socket.recv(&mut said).unwrap(), said))
        .await
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&length.1[..length.0]).trim(), "STOPPING=1");
    let ended = server.ended(Duration::from_secs(20)).await;
    assert!(ended.is_some_and(|status| status.success()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_line_says_what_runs() {
    let house = House::on_sqlite()
        .with("log", "info")
        .with("smtp_url", "smtp://ada:pa55word@127.0.0.1:1?tls=none");
    let _server = house.start().await;
    let log = house.log();
    let line = log
        .lines()
        .find(|line| line.contains("serving"))
        .unwrap_or_else(|| panic!("{log}"));
    for part in [
        env!("CARGO_PKG_VERSION"),
        &house.address.to_string(),
        &format!("http://localhost:{}", house.address.port()),
        &house.database().display().to_string(),
        "127.0.0.1:1",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!log.contains("pa55word"), "{log}");
}
