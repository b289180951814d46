//! Debian's own Postfix, with settings and a queue of its own, that puts what it takes into a mailbox.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::support::server::free_address;
use crate::support::skip;

/// It runs until it is dropped.
pub struct Postfix {
    child: Child,
    directory: TempDir,
    pub port: u16,
}

/// What every mail needs, without the chroot of Debian.
const SERVICES: &str = "
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
proxymap  unix - - n - - proxymap
error     unix - - n - - error
retry     unix - - n - - error
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
tlsproxy  unix - - n - 0 tlsproxy
dnsblog   unix - - n - 0 dnsblog
";

impl Postfix {
    /// With these lines in its settings, and `smtpd` at its port.
    pub async fn start(test: &str, settings: &str) -> Option<Self> {
        Self::serve(test, settings, "smtpd\n").await
    }

    /// With postscreen before it.
    pub async fn behind_postscreen(test: &str, settings: &str) -> Option<Self> {
        Self::serve(test, settings, "postscreen\nsmtpd pass - - n - - smtpd\n").await
    }

    async fn serve(test: &str, settings: &str, at_port: &str) -> Option<Self> {
        if Command::new("id").arg("-u").output().unwrap().stdout != b"0\n" {
            skip(test, "Postfix runs as root");
            return None;
        }
        let directory = TempDir::new().unwrap();
        let root = directory.path();
        for folder in ["etc", "queue", "data", "mail"] {
            fs::create_dir(root.join(folder)).unwrap();
        }
        done(Command::new("chmod").arg("755").arg(root));
        done(Command::new("chown").arg("postfix").arg(root.join("data")));
        done(Command::new("chown").arg("nobody").arg(root.join("mail")));
        let port = free_address().port();
        let most = if at_port.starts_with("postscreen") { "1" } else { "-" };
        let services = format!("127.0.0.1:{port} inet n - n - {most} {at_port}{SERVICES}");
        fs::write(root.join("etc/master.cf"), services).unwrap();
        fs::write(root.join("etc/main.cf"), main_cf(root, settings)).unwrap();
        make_certificate(root);
        let child = Command::new("/usr/sbin/postfix")
            .arg("-c")
            .arg(root.join("etc"))
            .arg("start-fg")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Debian's package postfix is missing");
        let postfix = Self { child, directory, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if started.elapsed() > Duration::from_mins(1) {
                skip(test, &format!("Postfix does not listen here: {}", postfix.log()));
                return None;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(postfix)
    }

    /// The certificate it shows: it vouches for itself, and is for another name.
    pub fn certificate(&self) -> PathBuf {
        self.directory.path().join("etc/cert.pem")
    }

    /// The socket for a sign-in program.
    pub fn auth_socket(directory: &Path) -> PathBuf {
        directory.join("auth")
    }

    /// What it says of its work.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// The mails in the mailbox, once there are so many.
    pub async fn mails(&self, count: usize, most: Duration) -> Vec<Vec<u8>> {
        let started = Instant::now();
        loop {
            let found = self.mailbox();
            if found.len() >= count {
                return found;
            }
            let waited = started.elapsed();
            assert!(waited < most, "{} of {count} mails:\n{}", found.len(), self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn mailbox(&self) -> Vec<Vec<u8>> {
        let Ok(entries) = fs::read_dir(self.directory.path().join("mail/inbox/new")) else {
            return Vec::new();
        };
        entries.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let etc = self.directory.path().join("etc");
        drop(
            Command::new("/usr/sbin/postfix")
                .arg("-c")
                .arg(etc)
                .arg("abort")
                .output(),
        );
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Debian's lines, in folders of our own; every domain is a mailbox here.
fn main_cf(root: &Path, settings: &str) -> String {
    let root = root.display();
    format!(
        "compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/log
maillog_file_prefixes = /
myhostname = relay.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
smtpd_tls_cert_file = {root}/etc/cert.pem
smtpd_tls_key_file = {root}/etc/key.pem
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
virtual_mailbox_domains = static:yes
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
{settings}
"
    )
}

fn make_certificate(root: &Path) {
    let mut openssl = Command::new("openssl");
    openssl.args([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=vm",
    ]);
    openssl.arg("-keyout").arg(root.join("etc/key.pem"));
    openssl.arg("-out").arg(root.join("etc/cert.pem"));
    done(&mut openssl);
}

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
