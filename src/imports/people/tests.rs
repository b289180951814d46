//! Lists of people as they come.

use super::*;
use crate::imports::{ImportKind, OurColumn};

fn options() -> ReadOptions {
    ReadOptions {
        zone: Zone::parse("Europe/Berlin").unwrap(),
        now: "2026-11-28T12:00:00Z".parse().unwrap(),
    }
}

fn read(bytes: &[u8]) -> PeopleRead {
    let table = Table::of_file(bytes).unwrap();
    let (kind, header) = ImportKind::find(&table).unwrap();
    assert!(
        matches!(kind, ImportKind::People | ImportKind::Registrations),
        "{kind:?}"
    );
    let mapping = Mapping::of_header(&table.rows()[header]).unwrap();
    read_all(&table, &mapping, header, &options())
}

fn reasons(read: &PeopleRead) -> Vec<(u32, &str)> {
    read.bad.iter().map(|bad| (bad.line, bad.reason.as_str())).collect()
}

fn warnings(read: &PeopleRead) -> Vec<(u32, &str)> {
    read.warnings
        .iter()
        .map(|warning| (warning.line, warning.text.as_str()))
        .collect()
}

#[test]
fn a_list_of_an_old_german_excel() {
    let read = read(include_bytes!("../../../tests/files/imports/people-german.csv"));
    let [juergen, zoe] = read.good.as_slice() else {
        panic!("{read:?}")
    };
    assert_eq!((juergen.line, juergen.name.as_str()), (2, "Jürgen Weiß"));
    assert_eq!(juergen.email.as_str(), "juergen.weiss@example.org");
    assert_eq!(
        juergen.person,
        PersonFieldsOf([
            "Jürgen",
            "Weiß",
            "Müller & Söhne",
            "Geschäftsführer",
            "+49301234567",
            "DE"
        ])
        .into()
    );
    assert_eq!(juergen.note.as_deref(), Some("Will den Bericht; 2 × erinnert"));
    assert_eq!(zoe.person.company.as_deref(), Some("„Häuser“ AG"));
    assert_eq!(zoe.person.phone.as_deref(), Some("+4315123456"));
    assert_eq!(
        reasons(&read),
        [(4, "Email: \"karl@example\" is not an e-mail address.")]
    );
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
}

/// Six that are all there.
struct PersonFieldsOf([&'static str; 6]);

impl From<PersonFieldsOf> for crate::contacts::PersonFields {
    fn from(PersonFieldsOf(values): PersonFieldsOf) -> Self {
        Self::of(values.map(Some))
    }
}

#[test]
fn a_workbook_with_dates_formulas_and_rich_text() {
    let read = read(include_bytes!("../../../tests/files/imports/people.xlsx"));
    let [ada, grace] = read.good.as_slice() else {
        panic!("{read:?}")
    };
    assert_eq!(
        (ada.line, ada.name.as_str(), ada.tags.join("|")),
        (3, "Ada Lovelace", "vip|press".to_owned())
    );
    assert_eq!(ada.person.company.as_deref(), Some("Analytical Engines & Co"));
    assert_eq!(
        ada.person.phone.as_deref(),
        Some("+49301234567"),
        "a number without an exponent"
    );
    let consent = ada.consent.as_ref().unwrap();
    assert_eq!(
        (consent.at.to_string(), consent.source.as_str()),
        ("2026-11-14T23:00:00Z".to_owned(), "Fair in Cologne")
    );
    assert_eq!(ada.registered_at.unwrap().to_string(), "2026-11-20T07:15:00Z");
    assert_eq!(
        (grace.line, grace.name.as_str()),
        (4, "Grace Hopper"),
        "an error is an empty cell"
    );
    assert_eq!(grace.person.phone.as_deref(), Some("+12025550123"));
    assert!(grace.consent.is_none());
}

#[test]
fn the_registrants_of_a_webinar() {
    let read = read(include_bytes!("../../../tests/files/imports/zoom-registrants.csv"));
    let [ada, grace] = read.good.as_slice() else {
        panic!("{read:?}")
    };
    assert_eq!((ada.line, ada.name.as_str()), (7, "Ada Lovelace"));
    assert_eq!(
        ada.join_url.as_ref().unwrap().as_str(),
        "https://video.example.com/w/83920012345?tk=abc"
    );
    assert_eq!(ada.registered_at.unwrap().to_string(), "2026-11-20T07:15:00Z");
    assert_eq!(ada.origin.utm_source.as_deref(), Some("Newsletter"));
    assert_eq!(grace.person.country.as_deref(), Some("US"));
    assert!(read.bad.is_empty() && read.warnings.is_empty(), "{read:?}");
}

#[test]
fn names_come_from_where_they_are() {
    let names = |text: &str| {
        let read = read(text.as_bytes());
        let names = read.good.iter().map(|row| row.name.to_string());
        names.collect::<Vec<_>>().join("|")
    };
    assert_eq!(
        names("Email,Full name,First name\na@example.org,Ada King,Ada\n"),
        "Ada King"
    );
    assert_eq!(
        names("Email,First name,Last name\na@example.org,Ada,Lovelace\nb@example.org,,Bo\n"),
        "Ada Lovelace|Bo"
    );
    assert_eq!(
        names("Email\n\"\"\"Lovelace, Ada\"\" <ada@example.org>\"\nada.l@example.org\nmailto:bob@example.org\n"),
        "Lovelace, Ada|ada.l|bob"
    );
}

#[test]
fn what_cannot_be_imported_says_why() {
    let read = read(
        b"Email,Full name\njane@,Jane\n,Nobody\nada@example.org,Ada\nADA@example.org,Ada again\n\
          eve@example.org,win https://example.com\nbob@@example.org,Bob\n",
    );
    assert_eq!(
        reasons(&read),
        [
            (2, "Email: \"jane@\" is not an e-mail address."),
            (3, "Email: the cell is empty."),
            (5, "Email: the same address stands in row 4."),
            (
                6,
                "Full name: \"win https://example.com\" is not taken as a name. Enter a name without a web address."
            ),
            (
                7,
                "Email: \"bob@@example.org\" is not an e-mail address. Perhaps bob@example.org is meant."
            ),
        ]
    );
}

#[test]
fn what_is_left_out_is_warned_of() {
    let long = "t".repeat(41);
    let text = format!(
        "Email,Phone,Country,Tags,Join URL,Registered at\n\
         a@example.org,call me,Atlantis,\"vip,{long};vip\",not a link,soon\n\
         b@example.org,030 1234567,,,,2027-01-01\n\
         c@example.org,'+49 30 1234567,DEU,'-a,,--\n"
    );
    let read = read(text.as_bytes());
    assert_eq!(
        warnings(&read),
        [
            (
                2,
                "Country: \"Atlantis\" is not a country that is known. It was left out."
            ),
            (
                2,
                "Phone: \"call me\" is not read as a telephone number. It was left out. Write it with + and the code of its country."
            ),
            (
                2,
                format!("Tags: \"{long}\" was left out. A tag has at most 40 characters.").as_str()
            ),
            (2, "Registered at: \"soon\" is not read as a date. It was left out."),
            (2, "Join link: \"not a link\" is not a web address. It was left out."),
            (
                3,
                "Phone: \"030 1234567\" is not read as a telephone number. It was left out. Write it with + and the code of its country."
            ),
            (3, "Registered at: \"2027-01-01\" is in the future. It was left out."),
        ]
    );
    let [a, _, c] = read.good.as_slice() else {
        panic!("{read:?}")
    };
    assert_eq!(a.tags, ["vip"]);
    assert_eq!(
        (c.person.phone.as_deref(), c.tags.join("")),
        (Some("+49301234567"), "-a".to_owned())
    );
}

#[test]
fn a_consent_needs_its_moment_and_its_source() {
    let read = read(
        "Email,Marketing consent,Consent at (UTC),Consent source\n\
         a@example.org,yes,2026-11-01 09:00:00,Fair\n\
         b@example.org,yes,,Fair\n\
         c@example.org,yes,2026-11-01,\n\
         d@example.org,no,2026-11-01,Fair\n\
         e@example.org,perhaps,2026-11-01,Fair\n\
         f@example.org,yes,2026-12-24,Fair\n"
            .as_bytes(),
    );
    let given: Vec<Option<String>> = read
        .good
        .iter()
        .map(|row| row.consent.as_ref().map(|consent| consent.at.to_string()))
        .collect();
    assert_eq!(
        given,
        [Some("2026-11-01T09:00:00Z".to_owned()), None, None, None, None, None]
    );
    assert_eq!(
        warnings(&read),
        [
            (3, "Consent at: the cell is empty. The consent was left out."),
            (4, "Consent source: the cell is empty. The consent was left out."),
            (
                6,
                "Marketing consent: \"perhaps\" is neither yes nor no. The consent was left out."
            ),
            (
                7,
                "Consent at: \"2026-12-24\" is in the future. The consent was left out."
            ),
        ]
    );
}

#[test]
fn one_day_after_the_twelfth_decides_for_all_dates_of_a_column() {
    let at = |text: &str| read(text.as_bytes()).good[0].registered_at.unwrap().to_string();
    assert_eq!(
        at("Email,Registered at\na@example.org,03/04/2026\nb@example.org,04/05/2026\n"),
        "2026-03-03T23:00:00Z"
    );
    assert_eq!(
        at("Email,Registered at\na@example.org,03/04/2026\nb@example.org,13/05/2026\n"),
        "2026-04-02T22:00:00Z"
    );
}

#[test]
fn answers_keep_the_key_of_their_question() {
    let read = read(b"Email,q_diet,q_size,Shoe\na@example.org,'=vegan,,42\n");
    assert_eq!(read.good[0].answers, [("diet".to_owned(), "=vegan".to_owned())]);
    let table = Table::of_file(b"Address here,Other\na@example.org,b@example.org\n").unwrap();
    let mapping = Mapping::new(vec![None, Some(OurColumn::Email)]).unwrap();
    assert_eq!(
        read_all(&table, &mapping, 0, &options()).good[0].email.as_str(),
        "b@example.org"
    );
}

#[test]
fn many_people_are_read() {
    let mut text = "Email,First name,Last name,Company,Job title,Phone,Country,Tags,Registered at\n".to_owned();
    for n in 0..20_000 {
        let (email, name) = (format!("p{n}@example.org"), format!("Nr {n}"));
        let rest = "Acme,Engineer,030 1234567,Germany,vip;press,2026-11-01 09:00";
        text.extend([email.as_str(), ",Ada,", &name, ",", rest, "\n"]);
    }
    assert_eq!(read(text.as_bytes()).good.len(), 20_000);
}
