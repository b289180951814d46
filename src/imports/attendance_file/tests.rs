//! Reports as the services write them, of one session that began at two in the afternoon in Berlin.

use super::*;
use crate::imports::ImportKind;

fn file(bytes: &[u8], service: Service) -> AttendanceFile {
    let table = Table::of_file(bytes).unwrap();
    let (kind, header) = ImportKind::find(&table).unwrap();
    assert_eq!(kind, ImportKind::Attendance(service));
    assert_eq!(kind.header(&table), Some(header));
    let zone = Zone::parse("Europe/Berlin").unwrap();
    read(&table, service, &zone, "2026-11-26T13:00:00Z".parse().unwrap())
}

/// Row, who, from and to by the clock of UTC, and a mark for those who held it.
fn stays(file: &AttendanceFile) -> Vec<String> {
    let line = |stay: &Stay| {
        let who = stay.email.as_ref().map_or(stay.name.as_str(), EmailAddress::as_str);
        let clock = |at: Timestamp| Zone::utc().at(at).strftime("%H:%M:%S").to_string();
        let host = if stay.is_host { " host" } else { "" };
        format!("{} {who} {} {}{host}", stay.line, clock(stay.from), clock(stay.to))
    };
    file.stays.iter().map(line).collect()
}

fn registrants(file: &AttendanceFile) -> Vec<String> {
    let line = |one: &Registrant| {
        let at = one.registered_at.map(|at| at.to_string()).unwrap_or_default();
        format!("{} {} {} {at}", one.line, one.name, one.email)
    };
    file.registrants.iter().map(line).collect()
}

#[test]
fn a_webinar_of_zoom() {
    let file = file(
        include_bytes!("../../../tests/files/imports/zoom-webinar.csv"),
        Service::Zoom,
    );
    assert_eq!(file.title.as_deref(), Some("Partnership clinic, part 2"));
    assert_eq!(
        stays(&file),
        [
            "7 olga.brandt@example.com 12:55:03 14:10:20 host",
            "10 daniel@example.com 12:56:10 14:10:18 host",
            "13 ada@example.org 13:01:00 13:20:00",
            "14 ada@example.org 13:22:30 14:09:00",
            "18 zoe@example.org 12:58:00 14:10:00",
            "21 Caller 1 13:05:00 13:45:00",
        ]
    );
    assert_eq!(
        registrants(&file),
        [
            "13 Ada Lovelace ada@example.org 2026-11-20T07:15:00Z",
            "16 Grace Hopper grace@example.org 2026-11-21T09:00:00Z",
            "17 Jürgen Weiß juergen@example.org 2026-11-21T10:30:00Z",
            "18 Zoë Okafor zoe@example.org 2026-11-22T08:00:00Z",
        ]
    );
    let [bad] = file.bad.as_slice() else {
        panic!("{:?}", file.bad)
    };
    assert_eq!(
        (bad.line, bad.reason.as_str()),
        (
            17,
            "Leave time: \"11/26/2026 02:10:00 PM\" is before they joined, at \"11/26/2026 02:30:00 PM\"."
        )
    );
}

#[test]
fn a_meeting_of_zoom() {
    let file = file(
        include_bytes!("../../../tests/files/imports/zoom-meeting.csv"),
        Service::Zoom,
    );
    assert_eq!(file.title.as_deref(), Some("Office hour"));
    assert_eq!(
        stays(&file),
        [
            "5 olga.brandt@example.com 12:58:00 14:02:00 host",
            "7 Ada Lovelace (Ada) 13:00:00 14:01:00",
        ],
        "not the minute in the waiting room"
    );
    assert_eq!(file.bad.len(), 1);
    assert_eq!(
        (file.bad[0].line, file.bad[0].reason.as_str()),
        (9, "Leave time: the cell is empty.")
    );
}

#[test]
fn a_report_of_teams() {
    let file = file(
        include_bytes!("../../../tests/files/imports/teams-new.csv"),
        Service::Teams,
    );
    assert_eq!(file.title.as_deref(), Some("Partnership clinic"));
    assert_eq!(
        stays(&file),
        [
            "18 olga.brandt@example.com 12:58:00 14:05:12 host",
            "19 ada@example.org 13:03:12 13:30:00",
            "20 ada@example.org 13:40:00 14:05:00",
            "21 daniel@example.com 12:59:00 14:05:10 host",
            "22 Guest 13:10:00 13:30:00",
        ]
    );
    assert!(file.bad.is_empty(), "{:?}", file.bad);
}

#[test]
fn a_list_of_teams_as_it_was_before() {
    let file = file(
        include_bytes!("../../../tests/files/imports/teams-old.csv"),
        Service::Teams,
    );
    assert_eq!(
        stays(&file),
        [
            "2 Olga Brandt 12:58:00 14:05:12",
            "3 Ada Lovelace 12:58:00 13:30:00",
            "5 Ada Lovelace 13:40:00 14:05:12",
        ],
        "who did not leave was there until the end"
    );
    assert_eq!(
        file.bad,
        [BadRow {
            line: 6,
            reason: "Join time: the cell is empty.".to_owned()
        }]
    );
}

#[test]
fn a_report_of_teams_in_another_language() {
    let text = "1. Zusammenfassung\nBesprechungstitel\tSprechstunde\nTeilnehmer\t2\n\n2. Teilnehmer\n\
                Name\tErste\tLetzte\tDauer\tE-Mail\tTeilnehmer-ID (UPN)\tRolle\n\
                Ada\t26.11.26, 14:03:12\t26.11.26, 15:00:00\t56m 48s\tada@example.org\tada@example.org\tReferent\n\
                Olga\t26.11.26, 14:00:00\t26.11.26, 15:00:00\t1h\tolga@example.com\tolga@example.com\tOrganisator\n";
    let table = Table::of_file(text.as_bytes()).unwrap();
    let file = read(
        &table,
        Service::Teams,
        &Zone::utc(),
        "2026-11-26T14:00:00Z".parse().unwrap(),
    );
    assert_eq!(file.title.as_deref(), Some("Sprechstunde"));
    assert_eq!(
        stays(&file),
        [
            "7 ada@example.org 14:03:12 15:00:00",
            "8 olga@example.com 14:00:00 15:00:00 host"
        ]
    );
}

#[test]
fn a_report_of_goto() {
    for bytes in [
        &include_bytes!("../../../tests/files/imports/goto.csv")[..],
        &include_bytes!("../../../tests/files/imports/goto.xlsx")[..],
    ] {
        let file = file(bytes, Service::Goto);
        assert_eq!(file.title.as_deref(), Some("Partnership clinic"));
        assert_eq!(
            stays(&file),
            [
                "8 ada@example.org 14:01:00 14:20:00",
                "8 ada@example.org 14:30:00 15:05:00",
                "9 zoe@example.org 13:58:00 14:40:00",
                "10 zoe@example.org 14:45:00 15:05:00",
                "14 olga.brandt@example.com 13:55:00 15:06:00 host",
            ]
        );
        assert_eq!(registrants(&file).len(), 3);
        assert!(file.bad.is_empty(), "{:?}", file.bad);
    }
}

#[test]
fn a_wrong_file_gives_nobody() {
    let table = Table::of_file(b"Name,Email\nAda,ada@example.org\n").unwrap();
    for service in [Service::Zoom, Service::Teams, Service::Goto] {
        let file = read(&table, service, &Zone::utc(), Timestamp::UNIX_EPOCH);
        assert!(file.stays.is_empty() && file.bad.is_empty() && file.registrants.is_empty());
    }
}
