//! Certificates as relays have them: made by `openssl`, of an authority of one's own, for another name, run out.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{LONG, connect_error, dialer, send};
use crate::support::relay::{FakeRelay, Identity};
use commonground::mail::smtp::Outcome;

/// A folder of certificates and their keys.
struct Desk(TempDir);

impl Desk {
    fn open() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .current_dir(self.0.path())
            .args(arguments.split_whitespace())
            .output()
            .expect("tests/run installs openssl");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments}: {said}");
    }

    /// One that vouches for itself, as the manuals say to make it.
    fn own(&self, name: &str, more: &str) -> Identity {
        self.openssl(&format!(
            "req -x509 -nodes -keyout {name}.key -out {name}.pem -subj /CN=vm {more}"
        ));
        self.identity(name)
    }

    /// An authority that calls itself so.
    fn authority(&self, name: &str, called: &str) -> PathBuf {
        self.openssl(&format!(
            "req -x509 -nodes -newkey rsa:2048 -days 2 -keyout {name}.key -out {name}.pem -subj /CN={called}"
        ));
        self.path(&format!("{name}.pem"))
    }

    /// A certificate of this authority.
    fn vouched(&self, name: &str, authority: &str, days: i32) -> Identity {
        std::fs::write(
            self.path("names"),
            "subjectAltName=DNS:localhost,DNS:mail.example.org\n",
        )
        .unwrap();
        self.openssl(&format!(
            "req -new -nodes -newkey rsa:2048 -keyout {name}.key -out {name}.csr -subj /CN=mail"
        ));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA {authority}.pem -CAkey {authority}.key -CAcreateserial -days {days} \
             -extfile names -out {name}.pem"
        ));
        self.identity(name)
    }

    fn identity(&self, name: &str) -> Identity {
        Identity {
            certificate: self.path(&format!("{name}.pem")),
            key: self.path(&format!("{name}.key")),
        }
    }
}

fn url(relay: &FakeRelay, host: &str, ca: &Path) -> String {
    format!("smtps://{host}:{}?ca={}", relay.address.port(), ca.display())
}

#[tokio::test]
async fn the_one_that_is_named_is_believed_however_it_was_made() {
    let desk = Desk::open();
    for (name, more) in [
        ("rsa", "-newkey rsa:2048 -days 365"),
        ("curve", "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 3650"),
        (
            "no-authority",
            "-newkey rsa:2048 -addext basicConstraints=critical,CA:FALSE",
        ),
        ("addressed", "-newkey rsa:3072 -addext subjectAltName=IP:192.0.2.7"),
    ] {
        let own = desk.own(name, more);
        let relay = FakeRelay::with_identity("127.0.0.2", &own).await;
        for host in ["127.0.0.2", "localhost"] {
            let relay = match host {
                "localhost" => &FakeRelay::with_identity("localhost", &own).await,
                _ => &relay,
            };
            let mut connection = dialer(&url(relay, host, &own.certificate), LONG)
                .connect()
                .await
                .unwrap();
            assert!(connection.is_encrypted(), "{name}");
            assert!(matches!(send(&mut connection).await, Outcome::Accepted(_)), "{name}");
        }
    }
}

#[tokio::test]
async fn an_authority_vouches_for_its_names_and_its_time() {
    let desk = Desk::open();
    let authority = desk.authority("authority", "authority");
    let [made_anew, other] = ["authority", "other"].map(|called| desk.authority(&format!("{called}-2"), called));
    let mail = desk.vouched("mail", "authority", 2);
    let old = desk.vouched("old", "authority", -1);
    let at_localhost = FakeRelay::with_identity("localhost", &mail).await;
    let mut connection = dialer(&url(&at_localhost, "localhost", &authority), LONG)
        .connect()
        .await
        .unwrap();
    assert!(matches!(send(&mut connection).await, Outcome::Accepted(_)));

    let elsewhere = FakeRelay::with_identity("127.0.0.2", &mail).await;
    let run_out = FakeRelay::with_identity("localhost", &old).await;
    for (url, words) in [
        (url(&elsewhere, "127.0.0.2", &authority), "it is for another name"),
        (url(&run_out, "localhost", &authority), "it has run out"),
        (url(&at_localhost, "localhost", &other), "no authority known here"),
        (url(&at_localhost, "localhost", &made_anew), "but with another key"),
    ] {
        let reply = connect_error(&url).await;
        assert!(reply.code == 0 && reply.text.contains(words), "{reply}");
        assert!(reply.text.contains("Give ca=FILE in smtp_url"), "{reply}");
    }
}

#[tokio::test]
async fn where_encryption_is_a_choice_on_this_machine_any_certificate_will_do() {
    let desk = Desk::open();
    desk.authority("authority", "authority");
    for identity in [
        desk.own("snakeoil", "-newkey rsa:2048 -days 3650"),
        desk.vouched("other-name", "authority", 2),
        desk.vouched("old", "authority", -1),
    ] {
        let relay = FakeRelay::with_starttls(&identity).await;
        let mut connection = dialer(&format!("smtp://{}", relay.address), LONG)
            .connect()
            .await
            .unwrap();
        assert!(connection.is_encrypted(), "{identity:?}");
        assert!(
            matches!(send(&mut connection).await, Outcome::Accepted(_)),
            "{identity:?}"
        );
        // It is not, once it is asked for.
        let reply = connect_error(&format!("smtp://{}?tls=required", relay.address)).await;
        assert!(reply.text.contains("is not believed"), "{reply}");
    }
}
