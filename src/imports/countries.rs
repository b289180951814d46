//! Countries as files name them: by either ISO code, by their English name, and the larger ones in the languages around.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::headings::squashed;
use crate::values::Country;

/// ISO 3166-1 alpha-3 codes, each after its alpha-2 code.
const LONG_CODES: &str = "AF AFG AX ALA AL ALB DZ DZA AS ASM AD AND AO AGO AI AIA AQ ATA AG ATG AR ARG AM ARM AW ABW AU AUS \
    AT AUT AZ AZE BS BHS BH BHR BD BGD BB BRB BY BLR BE BEL BZ BLZ BJ BEN BM BMU BT BTN BO BOL BA BIH BW BWA BV BVT BR BRA \
    IO IOT BN BRN BG BGR BF BFA BI BDI KH KHM CM CMR CA CAN CV CPV BQ BES KY CYM CF CAF TD TCD CL CHL CN CHN CX CXR CC CCK \
    CO COL KM COM CD COD CG COG CK COK CR CRI CI CIV HR HRV CU CUB CW CUW CY CYP CZ CZE DK DNK DJ DJI DM DMA DO DOM EC ECU \
    EG EGY SV SLV GQ GNQ ER ERI EE EST SZ SWZ ET ETH FK FLK FO FRO FJ FJI FI FIN FR FRA GF GUF PF PYF TF ATF GA GAB GM GMB \
    GE GEO DE DEU GH GHA GI GIB GR GRC GL GRL GD GRD GP GLP GU GUM GT GTM GG GGY GN GIN GW GNB GY GUY HT HTI HM HMD HN HND \
    HK HKG HU HUN IS ISL IN IND ID IDN IR IRN IQ IRQ IE IRL IM IMN IL ISR IT ITA JM JAM JP JPN JE JEY JO JOR KZ KAZ KE KEN \
    KI KIR KW KWT KG KGZ LA LAO LV LVA LB LBN LS LSO LR LBR LY LBY LI LIE LT LTU LU LUX MO MAC MG MDG MW MWI MY MYS MV MDV \
    ML MLI MT MLT MH MHL MQ MTQ MR MRT MU MUS YT MYT MX MEX FM FSM MD MDA MC MCO MN MNG ME MNE MS MSR MA MAR MZ MOZ MM MMR \
    NA NAM NR NRU NP NPL NL NLD NC NCL NZ NZL NI NIC NE NER NG NGA NU NIU NF NFK KP PRK MK MKD MP MNP NO NOR OM OMN PK PAK \
    PW PLW PS PSE PA PAN PG PNG PY PRY PE PER PH PHL PN PCN PL POL PT PRT PR PRI QA QAT RE REU RO ROU RU RUS RW RWA BL BLM \
    SH SHN KN KNA LC LCA MF MAF PM SPM VC VCT WS WSM SM SMR ST STP SA SAU SN SEN RS SRB SC SYC SL SLE SG SGP SX SXM SK SVK \
    SI SVN SB SLB SO SOM ZA ZAF GS SGS KR KOR SS SSD ES ESP LK LKA SD SDN SR SUR SJ SJM SE SWE CH CHE SY SYR TW TWN TJ TJK \
    TZ TZA TH THA TL TLS TG TGO TK TKL TO TON TT TTO TN TUN TR TUR TM TKM TC TCA TV TUV UM UMI UG UGA UA UKR AE ARE GB GBR \
    US USA UY URY UZ UZB VU VUT VA VAT VE VEN VN VNM VG VGB VI VIR WF WLF EH ESH YE YEM ZM ZMB ZW ZWE";

/// Other names, each list after its alpha-2 code.
const OTHER_NAMES: [(&str, &str); 52] = [
    (
        "US",
        "United States of America|U.S.|U.S.A.|America|Vereinigte Staaten|États-Unis|Estados Unidos|Stati Uniti|Verenigde Staten",
    ),
    (
        "GB",
        "UK|U.K.|Great Britain|England|Scotland|Wales|Northern Ireland|Großbritannien|Vereinigtes Königreich|Royaume-Uni|Reino Unido|Regno Unito|Verenigd Koninkrijk",
    ),
    (
        "DE",
        "Deutschland|Allemagne|Alemania|Germania|Duitsland|Alemanha|Federal Republic of Germany|BRD",
    ),
    ("FR", "Frankreich|Francia|Frankrijk|França"),
    ("AT", "Österreich|Autriche|Oostenrijk"),
    ("CH", "Schweiz|Suisse|Suiza|Svizzera|Zwitserland|Suíça"),
    ("IT", "Italien|Italie|Italia|Italië|Itália"),
    ("ES", "Spanien|Espagne|España|Spagna|Spanje|Espanha"),
    ("PT", "Portogallo"),
    (
        "NL",
        "Holland|The Netherlands|Niederlande|Pays-Bas|Países Bajos|Paesi Bassi|Nederland|Países Baixos",
    ),
    ("BE", "Belgien|Belgique|Bélgica|Belgio|België"),
    ("LU", "Luxemburg|Luxemburgo|Lussemburgo"),
    ("IE", "Republic of Ireland|Éire|Irland|Irlande|Irlanda|Ierland"),
    ("DK", "Dänemark|Danemark|Dinamarca|Danimarca|Denemarken|Danmark"),
    ("SE", "Schweden|Suède|Suecia|Svezia|Zweden|Sverige"),
    ("NO", "Norwegen|Norvège|Noruega|Norvegia|Noorwegen|Norge"),
    ("FI", "Finnland|Finlande|Finlandia|Suomi"),
    ("PL", "Polen|Pologne|Polonia|Polska"),
    (
        "CZ",
        "Czech Republic|Tschechien|Tschechische Republik|Tchéquie|République tchèque|Chequia|Cechia|Repubblica Ceca|Tsjechië|Česko",
    ),
    (
        "SK",
        "Slovak Republic|Slowakei|Slovaquie|Eslovaquia|Slovacchia|Slowakije|Slovensko",
    ),
    ("HU", "Ungarn|Hongrie|Hungría|Ungheria|Hongarije|Magyarország"),
    ("RO", "Rumänien|Roumanie|Rumania|Roemenië|România"),
    ("BG", "Bulgarien|Bulgarie|Bulgarije"),
    ("GR", "Griechenland|Grèce|Grecia|Griekenland|Hellas"),
    ("HR", "Kroatien|Croatie|Croacia|Croazia|Kroatië|Hrvatska"),
    ("SI", "Slowenien|Slovénie|Eslovenia|Slovenië|Slovenija"),
    ("TR", "Turkey|Türkei|Turquie|Turquía|Turchia|Turkije|Turkiye"),
    ("RU", "Russian Federation|Russland|Russie|Rusia|Rusland"),
    ("UA", "Ukraine|Ucrania|Ucraina|Oekraïne"),
    ("CA", "Kanada|Canadá"),
    ("MX", "México|Mexiko|Mexique|Messico"),
    ("BR", "Brasil|Brasilien|Brésil|Brasile|Brazilië"),
    ("AR", "Argentinien|Argentine"),
    ("CL", "Chili"),
    ("CO", "Kolumbien|Colombie"),
    (
        "CN",
        "People's Republic of China|PR China|Chine|Cina|Volksrepublik China",
    ),
    ("JP", "Japon|Japón|Giappone"),
    (
        "KR",
        "Korea|Republic of Korea|Korea, Republic of|Südkorea|Corée du Sud|Corea del Sur|Corea del Sud|Zuid-Korea",
    ),
    ("IN", "Indien|Inde|India"),
    ("AU", "Australien|Australie|Australië"),
    (
        "NZ",
        "Neuseeland|Nouvelle-Zélande|Nueva Zelanda|Nuova Zelanda|Nieuw-Zeeland",
    ),
    ("ZA", "Südafrika|Afrique du Sud|Sudáfrica|Sudafrica|Zuid-Afrika"),
    ("AE", "UAE|U.A.E.|Vereinigte Arabische Emirate|Émirats arabes unis"),
    ("SA", "Saudi-Arabien|KSA|Arabie saoudite"),
    ("VN", "Viet Nam"),
    ("HK", "Hong Kong SAR|Hongkong"),
    ("TW", "Taiwan, Province of China|Taiwan R.O.C."),
    ("MD", "Republic of Moldova|Moldova, Republic of"),
    ("IR", "Iran, Islamic Republic of"),
    ("CI", "Ivory Coast|Elfenbeinküste"),
    ("MK", "Macedonia"),
    ("EG", "Ägypten|Égypte|Egipto|Egitto|Egypte"),
];

/// By the squashed name or long code.
static BY_NAME: LazyLock<HashMap<String, &'static Country>> = LazyLock::new(|| {
    let mut known: HashMap<String, &'static Country> = HashMap::new();
    for country in Country::list() {
        known.insert(squashed(country.name), country);
    }
    let mut codes = LONG_CODES.split(' ').filter(|code| !code.is_empty());
    while let (Some(short), Some(long)) = (codes.next(), codes.next()) {
        if let Ok(country) = Country::parse(short) {
            known.entry(squashed(long)).or_insert(country);
        }
    }
    for (code, names) in OTHER_NAMES {
        if let Ok(country) = Country::parse(code) {
            for name in names.split('|') {
                known.entry(squashed(name)).or_insert(country);
            }
        }
    }
    known
});

/// The country of a cell.
pub(super) fn country(cell: &str) -> Option<&'static Country> {
    Country::parse(cell)
        .ok()
        .or_else(|| BY_NAME.get(&squashed(cell)).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_are_read() {
        for (cell, code) in [
            ("DE", "DE"),
            ("de", "DE"),
            ("DEU", "DE"),
            ("Germany", "DE"),
            ("DEUTSCHLAND", "DE"),
            ("Österreich", "AT"),
            ("Etats-Unis", "US"),
            ("U.S.A.", "US"),
            ("UK", "GB"),
            ("Cote d'Ivoire", "CI"),
            ("The Netherlands", "NL"),
        ] {
            assert_eq!(country(cell).map(|country| country.code), Some(code), "{cell}");
        }
        for cell in ["", "Atlantis", "XX", "Europe"] {
            assert_eq!(country(cell), None, "{cell}");
        }
    }

    #[test]
    fn each_country_has_a_long_code() {
        let codes: Vec<&str> = LONG_CODES.split(' ').filter(|code| !code.is_empty()).collect();
        assert_eq!(codes.len(), 2 * Country::list().len());
        for pair in codes.chunks(2) {
            assert_eq!(country(pair[1]).map(|country| country.code), Some(pair[0]));
        }
    }
}
