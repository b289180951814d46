//! Whether somebody's clock counts twelve hours twice or twenty-four once.

/// How hours are written for a reader; the order of the date follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HourCycle {
    /// "December 4, 11:00 pm". Our pages are in English: what nobody says is this.
    #[default]
    H12,
    /// "4 December, 23:00"
    H23,
}

/// Countries where the clock counts to twelve (Unicode CLDR 45, `timeData`, preferred `h`).
const REGIONS_12: &str = "AE AG AL AR AS AU BB BD BH BM BN BO BS BT CA CL CO CR CT CU CY DJ DM DO DZ EC EG EH ER ET FJ FM \
     GD GH GM GR GT GU GY HK HN IN IQ JM JO JT KH KI KN KP KR KW KY LB LC LR LS LY MH MI MO MP MR MW MX MY NA NH NI NT NZ \
     OM PA PC PE PG PH PK PR PS PU PW PY PZ QA SA SB SD SG SL SO SS SV SY SZ TC TD TN TO TT TW UM US UY VC VE VG VI VU WK \
     WS YD YE ZM";
/// The same for languages that come without a country.
const LANGUAGES_12: &str =
    "aa ak am ar as bn dz ee el en fil gu hi km kn ko ks mi ml mr ms om or pa sa sd so sq ta te ti to ur";

impl HourCycle {
    /// Of a language tag such as `de-CH` (BCP 47).
    #[must_use]
    pub fn of(locale: Option<&str>) -> Self {
        let Some(tag) = locale else { return Self::default() };
        let mut parts = tag.split(['-', '_']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let region = parts
            .find(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic()))
            .map(str::to_ascii_uppercase);
        let counts_to_12 = match region.as_deref() {
            // One country, two habits.
            Some("CA") => language != "fr",
            Some(region) => has(REGIONS_12, region),
            None => has(LANGUAGES_12, &language),
        };
        if counts_to_12 { Self::H12 } else { Self::H23 }
    }
}

fn has(list: &str, wanted: &str) -> bool {
    list.split(' ').any(|entry| entry == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_decides_and_without_one_the_language() {
        for twelve in ["en-US", "en", "en-AU", "es-MX", "ar", "hi-IN", "zh-Hant-TW", "ko"] {
            assert_eq!(HourCycle::of(Some(twelve)), HourCycle::H12, "{twelve}");
        }
        for all in [
            "de",
            "de-CH",
            "en-GB",
            "fr-CA",
            "pt-BR",
            "es",
            "ja-JP",
            "zh-Hans-CN",
            "sr-Latn-RS",
            "*",
            "",
        ] {
            assert_eq!(HourCycle::of(Some(all)), HourCycle::H23, "{all}");
        }
        assert_eq!(HourCycle::of(None), HourCycle::H12);
    }
}
