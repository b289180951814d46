//! The command line, as a process of its own.

mod doctor;
mod erase;
mod secrets;
mod set_up;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use commonground::on_db;
use tempfile::TempDir;

use crate::on_both_databases;
use crate::support::db::TestDb;
use crate::support::visit::Visit;

/// Runs a command with nothing of this environment's settings.
fn run(arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_commonground"))
        .args(arguments)
        .args(["--config", "/dev/null"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that asks for nothing may have ended before it is told something.
    let _written = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

struct Shell<'u> {
    url: &'u str,
}

impl Shell<'_> {
    fn run(&self, arguments: &[&str], stdin: &str) -> Output {
        run(&[&["--database-url", self.url], arguments].concat(), stdin)
    }

    /// What a command prints that does what it was asked to.
    fn done(&self, arguments: &[&str], stdin: &str) -> String {
        let output = self.run(arguments, stdin);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        stdout(&output)
    }

    /// What a command complains of.
    fn refused(&self, code: i32, arguments: &[&str], stdin: &str) -> String {
        let output = self.run(arguments, stdin);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "complaints go to stderr");
        stderr(&output)
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const PASSWORD: &str = "winter harbour lamp\n";

on_both_databases! {
    async fn accounts_from_the_command_line(test: TestDb) {
        test.db.close().await;
        let shell = Shell { url: &test.url };
        let link = shell.done(&["organizer", "setup-link", "--public-url", "https://events.example.org"], "");
        assert!(link.starts_with("https://events.example.org/organizer/setup/"), "{link}");
        let add = ["organizer", "add", "--email", "olga@example.org", "--name", "Olga", "--role", "owner", "--password-stdin"];
        assert!(shell.refused(2, &add, "short\n").contains("8 characters"));
        assert!(shell.refused(2, &add[..add.len() - 1], PASSWORD).contains("--password-stdin"));
        assert!(shell.done(&add, PASSWORD).contains("olga@example.org is an owner and can sign in"));
        assert!(shell.refused(1, &add, PASSWORD).contains("reset-password"));
        assert!(shell.refused(1, &["organizer", "setup-link"], "").contains("owner already"));
        let reset = ["organizer", "reset-password", "--email", "OLGA@example.org", "--password-stdin"];
        assert!(shell.done(&reset, PASSWORD).contains("sign-ins have ended"));
        let unknown = ["organizer", "reset-password", "--email", "eve@example.org", "--password-stdin"];
        assert!(shell.refused(1, &unknown, PASSWORD).contains("organizer add"));
    }

    async fn accounts_are_listed_changed_and_removed(test: TestDb) {
        test.db.close().await;
        let shell = Shell { url: &test.url };
        assert_eq!(shell.done(&["organizer", "list"], ""), "");
        let add = |email: &'static str, role: &[&'static str]| {
            [&["organizer", "add", "--email", email, "--name", "Somebody", "--password-stdin"], role].concat()
        };
        // Somebody must be able to let others in.
        let said = shell.refused(1, &add("eve@example.org", &["--role", "editor"]), PASSWORD);
        assert!(said.contains("--role owner"), "{said}");
        assert!(shell.done(&add("olga@example.org", &[]), PASSWORD).contains("is an owner"));
        assert!(shell.done(&add("eve@example.org", &[]), PASSWORD).contains("is an editor"));
        assert!(shell.done(&add("ben@example.org", &["--role", "viewer"]), PASSWORD).contains("is a viewer"));
        assert_eq!(
            shell.done(&["organizer", "list"], ""),
            "olga@example.org\towner\tSomebody\neve@example.org\teditor\tSomebody\nben@example.org\tviewer\tSomebody\n"
        );
        let only = [
            &["organizer", "set-role", "--email", "olga@example.org", "--role", "viewer"][..],
            &["organizer", "remove", "--email", "olga@example.org"],
        ];
        for arguments in only {
            assert!(shell.refused(1, arguments, "").contains("only owner"));
        }
        shell.done(&["organizer", "set-role", "--email", "EVE@example.org", "--role", "owner"], "");
        for arguments in [&["organizer", "remove", "--email", "olga@example.org"][..], &["organizer", "remove", "--email", "ben@example.org"]] {
            shell.done(arguments, "");
            assert!(shell.refused(1, arguments, "").contains("organizer add"));
        }
        assert_eq!(shell.done(&["organizer", "list"], ""), "eve@example.org\towner\tSomebody\n");
        // Somebody is invited, and an account is closed and opened again.
        assert!(shell.refused(1, &["organizer", "invite", "--email", "EVE@example.org"], "").contains("has an account already"));
        shell.done(&["organizer", "add", "--email", "kim@example.org", "--name", "Kim", "--password-stdin"], PASSWORD);
        for (act, said) in [("disable", "nobody can sign in"), ("enable", "can sign in again"), ("end-sign-ins", "have ended")] {
            assert!(shell.done(&["organizer", act, "--email", "kim@example.org"], "").contains(said), "{act}");
            let unknown = shell.refused(1, &["organizer", act, "--email", "nobody@example.org"], "");
            assert!(unknown.contains("organizer add"), "{unknown}");
        }
        assert!(shell.refused(1, &["organizer", "disable", "--email", "eve@example.org"], "").contains("the only owner"));
        let off = ["organizer", "reset-password", "--email", "kim@example.org", "--password-stdin", "--totp-off"];
        assert!(shell.done(&off, PASSWORD).contains("the second factor is off"));
    }

    async fn sessions_are_listed_for_scripts(test: TestDb) {
        let visit = Visit::start(&test).await;
        let session = visit.session_id().await;
        visit.register("Ada", "ada@example.org", &session).await;
        visit.end().await;
        let shell = Shell { url: &test.url };
        let list = shell.done(&["webcast", "list"], "");
        let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
        assert!(rows.iter().all(|row| row.len() == 6 && row[0] == "partnering-for-growth"), "{list}");
        let upcoming = rows.iter().find(|row| row[4] == "1").unwrap_or_else(|| panic!("{list}"));
        assert_eq!((upcoming[1], upcoming[5]), (session.as_str(), ""));
        assert!(upcoming[2].contains("T11:00:00-0"), "the session's own time: {list}");
        let export = ["export", "attendees", "--webcast", upcoming[0], "--session", upcoming[1], "--columns", "email"];
        assert_eq!(shell.done(&export, ""), "\u{feff}Email\r\nada@example.org\r\n");
    }

    async fn a_database_of_an_older_version_is_left_alone(test: TestDb) {
        test.db.write(|tx| Box::pin(async move {
            on_db!(tx, c => sqlx::query(
                "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)")
                .execute(c).await.map(drop))?;
            Ok(())
        })).await.unwrap();
        test.db.close().await;
        let shell = Shell { url: &test.url };
        for arguments in [
            &["outbox", "list"][..],
            &["outbox", "show", "x"],
            &["outbox", "retry", "--held"],
            &["export", "requests"],
            &["organizer", "setup-link"],
        ] {
            let said = shell.refused(1, arguments, "");
            assert!(said.contains("older version") && said.contains("commonground migrate"), "{said}");
        }
    }

    async fn a_restore_goes_into_a_database_with_sample_content_and_holds_mail(test: TestDb) {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("backup.db").display().to_string();
        let site = crate::organizer_pages::Site::start(&test).await;
        site.seat(site.upcoming().await, "Ada", "ada@example.org").await;
        site.running.stop().await;
        let shell = Shell { url: &test.url };
        assert!(shell.done(&["doctor"], "").contains("database   reachable, at this version"));
        assert!(shell.done(&["backup", &file], "").contains("rows"));
        assert!(shell.refused(1, &["backup", &file], "").contains("exists already"));
        assert!(shell.refused(1, &["restore", &file], "").contains("not empty"));
        // Another installation that was just started: only the sample content is in it.
        for target in [TestDb::sqlite().await, TestDb::postgres().await] {
            crate::organizer_pages::Site::start(&target).await.running.stop().await;
            let shell = Shell { url: &target.url };
            shell.done(&["restore", &file], "");
            let held = shell.done(&["outbox", "list", "--state", "held"], "");
            assert_eq!(held.lines().count(), 1, "{held}");
            let name = held.split('\t').next().unwrap();
            assert!(shell.done(&["outbox", "show", name], "").contains("ada@example.org"));
            for which in [["--to", "eve@example.org"], ["--reply", "relay access"], ["--since", "2999-01-01"]] {
                assert_eq!(shell.done(&[&["outbox", "retry", "--state", "held"], &which[..]].concat(), ""), "", "{which:?}");
            }
            assert_eq!(shell.done(&["outbox", "retry", "--held"], ""), "Mails released: 1\n");
            assert!(shell.done(&["outbox", "cancel", name], "").contains("is cancelled"));
            assert_eq!(shell.done(&["outbox", "retry", "--kind", "confirmation"], ""), "", "only what failed");
            let again = ["outbox", "retry", "--state", "cancelled", "--kind", "confirmation", "--since", "2026-01-01"];
            assert_eq!(shell.done(&again, ""), format!("{name} waits to be sent\n"));
            assert!(shell.done(&["outbox", "cancel", name], "").contains("is cancelled"));
            assert!(shell.refused(1, &["outbox", "cancel", name], "").contains("not changed"));
            assert!(shell.refused(1, &["outbox", "show", "none"], "").contains("outbox list"));
            let list = shell.done(&["export", "attendees", "--webcast", "partnering-for-growth", "--columns", "full_name,email"], "");
            assert_eq!(list, "\u{feff}Full name,Email\r\nAda,ada@example.org\r\n");
            let export = directory.path().join(format!("{}.csv", target.url.len()));
            let output = export.display().to_string();
            shell.done(&["export", "attendees", "--webcast", "partnering-for-growth", "--output", &output], "");
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&export).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600, "names and addresses");
        }
    }
}

#[test]
fn the_demo_takes_no_database_and_no_relay_of_others() {
    for (flag, value, instead) in [
        ("--database-url", "sqlite:///tmp/mine.db", "--data-dir"),
        ("--smtp-url", "smtp://127.0.0.1:1?tls=none", "serve"),
    ] {
        let output = run(&["demo", flag, value], "");
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(
            stderr(&output).contains(flag) && stderr(&output).contains(instead),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn wrong_usage_is_2_and_help_is_0() {
    for arguments in [
        &["bogus"][..],
        &["outbox"],
        &["outbox", "retry"],
        &["outbox", "retry", "confirmation:x:0", "--state", "failed"],
        &["outbox", "retry", "--held", "--reply", "no"],
        &["outbox", "retry", "--since", "yesterday"],
        &["config", "--smtp-url", "smtp://ada@mail.example.org"],
        &[
            "config",
            "--smtp-url",
            "smtp://mail.example.org",
            "--smtp-password-file",
            "/etc/relay",
        ],
        &["export", "requests", "--format", "pdf"],
        &["config", "--listen", "80"],
        &["backup"],
        &["completions", "cobol"],
        &["webcast"],
        &["config", "--smtp-url", "https://mail.example.org"],
        &["outbox", "list", "--smtp-url", "https://mail.example.org"],
        &["serve", "--smtp-url", "https://mail.example.org"],
    ] {
        assert_eq!(run(arguments, "").status.code(), Some(2), "{arguments:?}");
    }
    let help = Command::new(env!("CARGO_BIN_EXE_commonground"))
        .arg("--help")
        .output()
        .unwrap();
    assert_eq!(help.status.code(), Some(0));
    assert!(stdout(&help).contains("--public-url"));
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_commonground"))
        .args(["config", "--config", "/dev/null"])
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn a_command_that_looks_makes_no_database() {
    let directory = TempDir::new().unwrap();
    let url = format!("sqlite://{}", directory.path().join("data/none.db").display());
    let shell = Shell { url: &url };
    for arguments in [
        &["outbox", "list"][..],
        &["outbox", "show", "x"],
        &["outbox", "retry", "--held"],
        &["outbox", "cancel", "x"],
        &["export", "attendees", "--webcast", "partnering-for-growth"],
        &["export", "requests"],
        &["organizer", "list"],
        &["webcast", "list"],
    ] {
        let said = shell.refused(1, arguments, "");
        assert!(said.contains("is not there yet") && said.lines().count() == 1, "{said}");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
