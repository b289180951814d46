//! Dovecot, only as the one that Postfix asks whether a password is right.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::postfix::Postfix;
use crate::support::skip;

/// It runs until it is dropped.
pub struct Dovecot {
    child: Child,
    directory: TempDir,
}

impl Dovecot {
    /// One that knows this user.
    pub async fn start(test: &str, user: &str, password: &str) -> Option<Self> {
        if !std::path::Path::new("/usr/sbin/dovecot").exists() {
            skip(test, "Dovecot is not installed");
            return None;
        }
        let directory = TempDir::new().unwrap();
        let root = directory.path().display();
        let socket = Postfix::auth_socket(directory.path());
        let settings = format!(
            "base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols =
ssl = no
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}}
service auth {{
  unix_listener {} {{
    mode = 0666
  }}
}}
",
            socket.display()
        );
        fs::write(directory.path().join("dovecot.conf"), settings).unwrap();
        fs::write(directory.path().join("users"), format!("{user}:{{PLAIN}}{password}\n")).unwrap();
        Command::new("chmod").arg("755").arg(directory.path()).status().unwrap();
        let child = Command::new("/usr/sbin/dovecot")
            .arg("-F")
            .arg("-c")
            .arg(directory.path().join("dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while !socket.exists() {
            assert!(started.elapsed() < Duration::from_secs(30), "Dovecot does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(Self { child, directory })
    }

    /// What Postfix needs to know of it.
    pub fn settings(&self) -> String {
        format!(
            "smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {}
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject",
            Postfix::auth_socket(self.directory.path()).display()
        )
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        drop(Command::new("kill").arg(self.child.id().to_string()).status());
        drop(self.child.wait());
    }
}
