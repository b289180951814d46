//! The mail server of `demo`, with our own client.

use std::sync::Arc;

use commonground::clock::Clock;
use commonground::mail::Person;
use commonground::mail::calendar::Method;
use commonground::mail::catcher::Catcher;
use commonground::mail::message::{EncodedFile, Head, Message};
use commonground::mail::relay::{Phases, Relay};
use commonground::mail::smtp::{Connection, Dialer, Outcome};
use commonground::values::{EmailAddress, Greeting, Said};

async fn connect(catcher: &Catcher) -> Connection {
    let relay = Relay::parse(&catcher.url(), None).unwrap();
    Dialer::new(relay, Phases::default()).unwrap().connect().await.unwrap()
}

async fn send(connection: &mut Connection, message: &Message) -> Outcome {
    let from = Person::named("Common Ground", EmailAddress::parse("events@example.org").unwrap());
    let date = "2026-11-23T10:00:00Z".parse().unwrap();
    let head = Head {
        from: &from,
        reply_to: None,
        to: "ada@example.net",
        message_id: "<1@example.org>",
        date,
    };
    let wire = message.encode(&head).unwrap();
    connection
        .send("events@example.org", "ada@example.net", &wire, None)
        .await
}

#[tokio::test]
async fn a_mail_is_caught_whole_and_shown_in_parts() {
    let catcher = Catcher::start(Clock::system()).await.unwrap();
    let pdf: Vec<u8> = (0..300_000_u32).map(|n| u8::try_from(n * 31 % 251).unwrap()).collect();
    let message = Message::new("Ihr Platz: Größe zählt", ".Hello\n..\nGrüße", "<p>Hello</p>")
        .to(&Greeting::new(&Said::new("Ada Lovelace"), true))
        .invitation(Method::Request, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned())
        .file(Arc::new(EncodedFile::new("paper.pdf", "application/pdf", &pdf)));
    let mut connection = connect(&catcher).await;
    assert!(matches!(send(&mut connection, &message).await, Outcome::Accepted(_)));
    let caught = catcher.caught().list();
    let mail = &caught[0];
    assert_eq!(mail.subject, "Ihr Platz: Größe zählt");
    assert_eq!(mail.from, "Common Ground <events@example.org>");
    assert_eq!(mail.to, "Ada Lovelace <ada@example.net>");
    assert_eq!(mail.envelope_to, ["ada@example.net"]);
    assert!(mail.text.starts_with(".Hello\r\n..\r\nGrüße"), "{:?}", mail.text);
    assert!(mail.html.contains("<p>Hello</p>"));
    assert!(mail.headers.contains("Auto-Submitted: auto-generated"));
    let files: Vec<(&str, &str)> = mail
        .attachments
        .iter()
        .map(|file| (file.name.as_str(), file.content_type.as_str()))
        .collect();
    assert!(files.contains(&("invite.ics", "application/ics")), "{files:?}");
    assert!(files.contains(&("paper.pdf", "application/pdf")), "{files:?}");
    assert_eq!(
        mail.attachments
            .iter()
            .find(|file| file.name == "paper.pdf")
            .unwrap()
            .bytes,
        pdf
    );
    assert!(catcher.caught().find(mail.id).is_some());
}

#[tokio::test]
async fn the_last_200_are_kept_newest_first() {
    let catcher = Catcher::start(Clock::system()).await.unwrap();
    let mut connection = connect(&catcher).await;
    for n in 0..205 {
        let message = Message::new(format!("Mail {n}"), "text", "<p>text</p>");
        assert!(matches!(send(&mut connection, &message).await, Outcome::Accepted(_)));
    }
    let caught = catcher.caught().list();
    assert_eq!(
        (caught.len(), caught[0].subject.as_str(), caught[199].subject.as_str()),
        (200, "Mail 204", "Mail 5")
    );
    assert!(catcher.caught().find(1).is_none());
}
