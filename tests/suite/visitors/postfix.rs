//! What Postfix's own sink writes down of our mails, read by other libraries than those that wrote them.

use std::process::{Child, Command, Stdio};

use std::time::{Duration, Instant};

use mail_parser::{MessageParser, MimeHeaders};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::*;
use crate::on_both_databases;
use crate::support::server::free_address;

const PDF: &[u8] = include_bytes!("../../../assets/whitepaper/creating-effective-strategic-partnerships.pdf");

/// `smtp-sink` that dumps each mail into a file.
struct Dump {
    child: Child,
    directory: TempDir,
    url: String,
}

impl Dump {
    async fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let address = free_address();
        let mut command = Command::new("/usr/sbin/smtp-sink");
        // As root it wants another user, who must be able to write here.
        if Command::new("id").arg("-u").output().unwrap().stdout == b"0\n" {
            command.args(["-u", "nobody"]);
            Command::new("chmod").arg("777").arg(directory.path()).status().unwrap();
        }
        let template = directory.path().join("mail.");
        let mut child = command
            .arg("-d")
            .arg(&template)
            .args([&address.to_string(), "64"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink is missing: it comes with Debian's package postfix");
        let started = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            assert!(child.try_wait().unwrap().is_none(), "smtp-sink ended at its start");
            assert!(started.elapsed() < Duration::from_secs(30), "smtp-sink does not listen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Self {
            child,
            directory,
            url: format!("smtp://{address}?tls=none"),
        }
    }

    fn files(&self) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(self.directory.path()).unwrap();
        entries
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect()
    }
}

impl Drop for Dump {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

on_both_databases! {
    async fn what_arrives_is_whole(test: TestDb) {
        let dump = Dump::start().await;
        let visit = Visit::start_with(&test, &[("rate_limit_ip", "off"), ("smtp_url", &dump.url)]).await;
        let session = visit.session_id().await;
        visit.register("Zoë Müller", "zoe@example.net", &session).await;
        visit.request("Zoë Müller", "zoe@example.net").await;
        let started = Instant::now();
        while visit.count("SELECT COUNT(*) FROM outbox WHERE state = 'sent'").await < 2 {
            assert!(started.elapsed() < Duration::from_secs(30), "the mails did not arrive");
            visit.running.state.bell.ring();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (mut papers, mut invitations) = (0, 0);
        for raw in dump.files() {
            assert!(raw.is_ascii() && raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
            let mail = MessageParser::default().parse(&raw).unwrap();
            assert_eq!(mail.to().unwrap().first().unwrap().name(), Some("Zoë Müller"));
            for part in mail.attachments() {
                if part.attachment_name().is_some_and(|name| name.to_ascii_lowercase().ends_with(".pdf")) {
                    assert!(part.contents() == PDF, "byte for byte");
                    papers += 1;
                }
            }
            for part in &mail.parts {
                if part.content_type().is_some_and(|kind| kind.subtype() == Some("calendar")) {
                    let text = part.text_contents().unwrap().to_owned();
                    let calendar: icalendar::Calendar = text.parse().unwrap();
                    assert_eq!(calendar.property_value("METHOD"), Some("REQUEST"));
                    invitations += 1;
                }
            }
        }
        assert_eq!((papers, invitations), (1, 1));
        visit.end().await;
    }
}
