//! What a heading means, as the programs that people bring their lists from write it.

use std::collections::HashMap;
use std::sync::LazyLock;

use csv::StringRecord;

use super::columns::OurColumn;
use crate::contacts::words::fold;

/// Letters and digits of a text, without case, marks, blanks and signs: so are headings compared.
pub(super) fn squashed(text: &str) -> String {
    if text.is_ascii() {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        return kept.map(|c| c.to_ascii_lowercase()).collect();
    }
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The headings of each column, the best first.
const HEADINGS: [(OurColumn, &str); 21] = [
    (
        OurColumn::Email,
        "email|email address|user email|e-mail 1 - value|work email|business email|registration email|contact email|\
         email 1|primary email|emailaddress1|mail|mail address|e-mail-adresse|mailadresse|adresse e-mail|\
         adresse électronique|courriel|adresse mail|correo electrónico|correo|dirección de correo electrónico|\
         indirizzo e-mail|posta elettronica|e-mailadres|endereço de e-mail|adres e-mail|e-postadress|e-post",
    ),
    (
        OurColumn::FullName,
        "full name|name|display name|user name (original name)|name (original name)|user name|contact name|\
         attendee name|participant name|registrant name|vollständiger name|anzeigename|nom complet|nombre completo|\
         nome completo|volledige naam|naam|nom|nombre|nome|imię i nazwisko",
    ),
    (
        OurColumn::FirstName,
        "first name|firstname|given name|forename|first|vorname|prénom|primer nombre|voornaam|imię|förnamn|fornavn",
    ),
    (
        OurColumn::LastName,
        "last name|lastname|surname|family name|last|nachname|familienname|zuname|nom de famille|apellido|apellidos|\
         cognome|achternaam|sobrenome|apelido|nazwisko|efternamn|etternavn",
    ),
    (
        OurColumn::Company,
        "company|company name|organization|organisation|organization name|organisation name|organization 1 - name|\
         account name|account|employer|business name|firma|firmenname|unternehmen|organisationsname|société|\
         entreprise|nom de l'entreprise|empresa|nombre de la empresa|compañía|azienda|società|ragione sociale|bedrijf|\
         bedrijfsnaam|organisatie|företag|institution|einrichtung",
    ),
    (
        OurColumn::JobTitle,
        "job title|jobtitle|title|position|organization title|organization 1 - title|role in company|job role|\
         job function|occupation|stelle|berufsbezeichnung|funktion|tätigkeit|fonction|poste|intitulé du poste|titre|\
         cargo|puesto|qualifica|ruolo|mansione|functie|functietitel|stanowisko",
    ),
    (
        OurColumn::Phone,
        "phone|phone number|telephone|telephone number|business phone|work phone|phone 1 - value|mobile|\
         mobile phone|mobile phone number|mobile number|cell phone|cell|tel|telefon|telefonnummer|telefon geschäftlich|\
         handy|mobiltelefon|rufnummer|téléphone|numéro de téléphone|portable|teléfono|número de teléfono|móvil|\
         telefono|numero di telefono|cellulare|telefoon|telefoonnummer|telefone",
    ),
    (
        OurColumn::Country,
        "country|country/region|country/region name|country code|country name|business country/region|\
         mailing country|address 1 - country|land|staat|land/region|pays|pays/région|país|país o región|paese|nazione|\
         kraj",
    ),
    (
        OurColumn::Tags,
        "tags|tag|labels|label|schlagwörter|étiquettes|etiquetas|etichette",
    ),
    (
        OurColumn::Note,
        "notes|note|comment|comments|remarks|description|notiz|notizen|bemerkung|bemerkungen|kommentar|remarque|\
         remarques|commentaire|nota|notas|comentarios|opmerking|opmerkingen",
    ),
    (
        OurColumn::RegisteredAt,
        "registered at|registration time|registration date/time|registration date|registered on|date registered|\
         registered|sign-up date|signup date|create time|registriert am|anmeldedatum|angemeldet am|date d'inscription|\
         fecha de registro|data di registrazione|registratiedatum",
    ),
    (
        OurColumn::JoinUrl,
        "join url|join link|unique join link|unique join url|joinurl|joining link|personal link|webinar link|\
         attendee link|zoom link|meeting link|teilnahmelink|beitrittslink",
    ),
    (
        OurColumn::UtmSource,
        "utm_source|utm source|source name|campaign source",
    ),
    (OurColumn::UtmMedium, "utm_medium|utm medium|campaign medium"),
    (
        OurColumn::UtmCampaign,
        "utm_campaign|utm campaign|campaign name|campaign",
    ),
    (OurColumn::UtmTerm, "utm_term|utm term|campaign term"),
    (OurColumn::UtmContent, "utm_content|utm content|campaign content"),
    (OurColumn::Referrer, "referrer|referer|referring site|referrer url"),
    (
        OurColumn::Consent,
        "consent_marketing|marketing consent|consent|opt-in|opted in|email opt-in|marketing opt-in|\
         marketing permission|subscribed|einwilligung|werbeeinwilligung|consentement|consentimiento|consenso|\
         toestemming",
    ),
    (
        OurColumn::ConsentAt,
        "consent_at|consent at|consent date|consent time|opt-in date|opt-in time|optin_time|confirm_time|\
         einwilligung am|date de consentement",
    ),
    (
        OurColumn::ConsentSource,
        "consent_source|consent source|opt-in source|source of consent|einwilligungsquelle|consent origin",
    ),
];

/// Whose zone our own files name in a heading.
const IN_UTC: &str = "(UTC)";

/// By the squashed heading: which column, and how good a sign of it.
static BY_HEADING: LazyLock<HashMap<String, (OurColumn, usize)>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for (column, headings) in HEADINGS {
        for (rank, heading) in headings.split('|').enumerate() {
            known.entry(squashed(heading)).or_insert((column.clone(), rank));
        }
    }
    known
});

/// Words for a name that mean a part of it where another part stands beside them.
const PARTS: [(&str, &[&str], OurColumn); 5] = [
    ("name", &["vorname"], OurColumn::LastName),
    ("nom", &["prenom"], OurColumn::LastName),
    ("naam", &["voornaam"], OurColumn::LastName),
    ("nombre", &["apellido", "apellidos"], OurColumn::FirstName),
    ("nome", &["cognome", "sobrenome", "apelido"], OurColumn::FirstName),
];

/// Whether the dates below a heading are in UTC by its own words.
pub(super) fn is_in_utc(heading: &str) -> bool {
    heading.trim_end().ends_with(IN_UTC)
}

/// What each heading means; each of ours at most once, the best of several.
#[must_use]
pub fn guess(header: &StringRecord) -> Vec<Option<OurColumn>> {
    let names: Vec<String> = header.iter().map(name_of).collect();
    let meant: Vec<Option<(OurColumn, usize)>> = header
        .iter()
        .zip(&names)
        .map(|(heading, name)| meaning(heading, name, &names))
        .collect();
    let is_best = |index: usize, column: &OurColumn, rank: usize| {
        let better = meant.iter().enumerate().any(|(other_index, other)| {
            other
                .as_ref()
                .is_some_and(|(other, other_rank)| other == column && (*other_rank, other_index) < (rank, index))
        });
        !better
    };
    let kept = meant.iter().enumerate().map(|(index, meant)| {
        let (column, rank) = meant.as_ref()?;
        is_best(index, column, *rank).then(|| column.clone())
    });
    kept.collect()
}

/// The squashed heading, without what it says of the zone.
fn name_of(heading: &str) -> String {
    squashed(heading.trim_end().trim_end_matches(IN_UTC))
}

fn meaning(heading: &str, name: &str, all: &[String]) -> Option<(OurColumn, usize)> {
    if let Some(OurColumn::Question(key)) = OurColumn::parse(heading.trim()) {
        return Some((OurColumn::Question(key), 0));
    }
    let is_there = |others: &[&str]| all.iter().any(|other| others.contains(&other.as_str()));
    if let Some((_, _, part)) = PARTS.iter().find(|(word, others, _)| *word == name && is_there(others)) {
        return Some((part.clone(), usize::MAX));
    }
    BY_HEADING.get(name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(header: &[&str]) -> String {
        let header = StringRecord::from(header.to_vec());
        let keys = guess(&header).into_iter();
        keys.map(|column| column.map_or("-".to_owned(), |column| column.key()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn no_heading_means_two_things() {
        let mut seen = HashMap::new();
        for (column, headings) in HEADINGS {
            for heading in headings.split('|') {
                let before = seen.insert(squashed(heading), column.clone());
                assert!(before.is_none_or(|before| before == column), "{heading}");
            }
        }
    }

    #[test]
    fn our_own_files_are_read_without_help() {
        for column in OurColumn::FIXED {
            assert_eq!(keys(&[&column.key()]), column.key());
            assert_eq!(keys(&[&column.label()]), column.key());
        }
        assert_eq!(
            keys(&[
                "First name",
                "Last name",
                "Full name",
                "Email",
                "Company",
                "Job title",
                "Phone",
                "Country",
                "First seen at (UTC)",
                "Marketing consent",
                "Consent at (UTC)",
                "Consent text version",
                "Tags",
                "q_diet",
            ]),
            "first_name last_name full_name email company job_title phone country - consent_marketing consent_at - tags q_diet"
        );
        assert!(is_in_utc("Consent at (UTC)") && !is_in_utc("Consent at"));
    }

    #[test]
    fn the_headings_of_others_are_known() {
        for (header, expected) in [
            (
                &[
                    "Email",
                    "First Name",
                    "Last Name",
                    "Company name",
                    "Job Title",
                    "Phone Number",
                    "Country/Region",
                ][..],
                "email first_name last_name company job_title phone country",
            ),
            (
                &[
                    "First Name",
                    "Last Name",
                    "Account Name",
                    "Title",
                    "Email",
                    "Mailing Country",
                ],
                "first_name last_name company job_title email country",
            ),
            (
                &[
                    "First Name",
                    "E-mail Address",
                    "E-mail 2 Address",
                    "Business Phone",
                    "Mobile Phone",
                    "Company",
                ],
                "first_name email - phone - company",
            ),
            (
                &[
                    "Given Name",
                    "Family Name",
                    "E-mail 1 - Value",
                    "Organization Name",
                    "Organization Title",
                    "Phone 1 - Value",
                    "Labels",
                ],
                "first_name last_name email company job_title phone tags",
            ),
            (
                &["Email Address", "First Name", "Last Name", "OPTIN_TIME"],
                "email first_name last_name consent_at",
            ),
            (
                &[
                    "Vorname",
                    "Name",
                    "E-Mail-Adresse",
                    "Firma",
                    "Funktion",
                    "Telefon",
                    "Land",
                ],
                "first_name last_name email company job_title phone country",
            ),
            (
                &["Prénom", "Nom", "Adresse e-mail", "Société", "Téléphone", "Pays"],
                "first_name last_name email company phone country",
            ),
            (
                &["Nombre", "Apellidos", "Correo electrónico", "Empresa", "País"],
                "first_name last_name email company country",
            ),
            (
                &["Nome", "Cognome", "Indirizzo e-mail", "Azienda", "Paese"],
                "first_name last_name email company country",
            ),
            (
                &["Voornaam", "Achternaam", "E-mailadres", "Bedrijf", "Land"],
                "first_name last_name email company country",
            ),
            (&["Name", "Mail"], "full_name email"),
            (&["Nom", "Courriel"], "full_name email"),
            (
                &[
                    "Attended",
                    "User Name (Original Name)",
                    "First Name",
                    "Last Name",
                    "Email",
                    "Registration Time",
                    "Approval Status",
                    "Join URL",
                    "Source Name",
                ],
                "- full_name first_name last_name email registered_at - join_url utm_source",
            ),
            (&["Work email", "Email", "Email"], "- email -"),
            (&["", "shoe size"], "- -"),
        ] {
            assert_eq!(keys(header), expected, "{header:?}");
        }
    }
}
