//! The item bank: statements, factor texts, actions, headlines. Data, read once at the start from
//! `assets/assessment/bank-1.toml`.

use serde::Deserialize;

use crate::assessment::Relationship;
use crate::assessment::model::answers::ITEMS;
use crate::assessment::model::factor::{Factor, PerFactor};
use crate::assessment::scoring::Band;

/// Stored with every result. Other wordings are another version.
pub const ITEM_BANK_VERSION: i64 = 1;

const SOURCE: &str = include_str!("../../../assets/assessment/bank-1.toml");

/// Why the bank cannot be used: the program was built wrong.
#[derive(Debug, thiserror::Error)]
pub enum BadBank {
    /// It is no TOML of this form.
    #[error("the item bank cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// Something is missing or there twice.
    #[error("the item bank is not whole: {0}")]
    Content(String),
}

/// Everything the assessment says that is not a button.
#[derive(Clone, Debug)]
pub struct Bank {
    /// Texts of each factor.
    pub factors: PerFactor<FactorTexts>,
    /// What a fair exchange, or an unfair one, is called.
    pub fair_exchange: FairExchangeTexts,
    /// What stands out between two views.
    pub paired: PairedTexts,
    items: PerFactor<[Item; ITEMS]>,
    bands: Vec<BandText>,
}

/// One statement, as it reads in each kind of relationship. It goes on after a side's name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// `RI1` to `VA4`.
    pub id: String,
    factor: Factor,
    partner: String,
    internal: String,
    customer: String,
}

impl Item {
    /// The statement for a kind of relationship.
    #[must_use]
    pub fn text(&self, relationship: Relationship) -> &str {
        match relationship {
            Relationship::Partner => &self.partner,
            Relationship::Internal => &self.internal,
            Relationship::Customer => &self.customer,
        }
    }
}

/// What is said about a factor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactorTexts {
    /// "Shared Risk"
    pub name: String,
    /// "Risk"
    pub short: String,
    /// What it means.
    pub meaning: String,
    /// What it looks like when our side stands higher.
    pub leans_us: String,
    /// What it looks like when the partner stands higher.
    pub leans_partner: String,
    /// "{x} carries more of the risk"
    pub gap: String,
    /// How to keep it where it is good.
    pub keep: String,
    /// What to do where it is low and even.
    pub low: Vec<String>,
    /// What to do where our side stands higher.
    pub us: Vec<String>,
    /// What to do where the partner stands higher.
    pub partner: Vec<String>,
}

/// A band's name and what its index means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandText {
    number: u8,
    /// "Partly aligned"
    pub name: String,
    /// One or two sentences.
    headline: String,
    /// The same where some factor is uneven, if the other would be false there.
    headline_uneven: Option<String>,
}

/// What each side gains for what it carries, in words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FairExchangeTexts {
    pub us_clearly_less: String,
    pub us_a_little_less: String,
    pub in_line: String,
    pub uneven_load: String,
    /// The load is uneven on a factor, and the gain does not lean with it.
    pub uneven_part: String,
    pub partner_a_little_less: String,
    pub partner_clearly_less: String,
}

/// What stands out between two views, in words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedTexts {
    pub unseen_effort: String,
    pub hidden_credit: String,
    pub both_carry_more: String,
    pub each_thinks_other_gains: String,
    pub same_worry: String,
    /// Rewards are what a side gains, not what it gives.
    pub unseen_gain: String,
    pub larger_gain: String,
    pub different_balance: String,
    pub different_answers: String,
}

impl BandText {
    /// What the index means.
    #[must_use]
    pub fn headline(&self, all_even: bool) -> &str {
        match &self.headline_uneven {
            Some(uneven) if !all_even => uneven,
            _ => &self.headline,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: i64,
    factors: PerFactor<FactorTexts>,
    items: Vec<Item>,
    bands: Vec<BandText>,
    fair_exchange: FairExchangeTexts,
    paired: PairedTexts,
}

impl Bank {
    /// The bank of this version.
    ///
    /// # Errors
    /// When the file that was built in is not whole.
    pub fn load() -> Result<Self, BadBank> {
        let file: File = toml::from_str(SOURCE)?;
        if file.version != ITEM_BANK_VERSION {
            return Err(BadBank::Content(format!("it is version {}", file.version)));
        }
        let lists = [
            (&file.factors.risk, "risk"),
            (&file.factors.resources, "resources"),
            (&file.factors.rewards, "rewards"),
            (&file.factors.vision, "vision"),
            (&file.factors.values, "values"),
        ];
        for (texts, name) in lists {
            if [&texts.low, &texts.us, &texts.partner]
                .iter()
                .any(|list| list.len() != 3)
            {
                return Err(BadBank::Content(format!("{name} needs three actions for each case")));
            }
        }
        if !(1..=5).all(|number| file.bands.iter().filter(|band| band.number == number).count() == 1) {
            return Err(BadBank::Content("there are five bands".to_owned()));
        }
        Ok(Self {
            items: items_by_factor(&file.items)?,
            factors: file.factors,
            fair_exchange: file.fair_exchange,
            paired: file.paired,
            bands: file.bands,
        })
    }

    /// The four statements of a factor.
    #[must_use]
    pub fn items(&self, factor: Factor) -> &[Item; ITEMS] {
        self.items.get(factor)
    }

    /// A band's texts.
    #[must_use]
    pub fn band(&self, band: Band) -> Option<&BandText> {
        self.bands.iter().find(|text| text.number == band.number())
    }
}

fn items_by_factor(items: &[Item]) -> Result<PerFactor<[Item; ITEMS]>, BadBank> {
    let four = |factor: Factor| {
        let of_factor: Vec<Item> = items.iter().filter(|item| item.factor == factor).cloned().collect();
        let expected = (1..=ITEMS).map(|number| format!("{}{number}", factor.letters()));
        let is_whole = of_factor.iter().map(|item| item.id.clone()).eq(expected);
        <[Item; ITEMS]>::try_from(of_factor).ok().filter(|_| is_whole)
    };
    PerFactor::from_fn(four)
        .all()
        .ok_or_else(|| BadBank::Content("each factor has four statements, in order".to_owned()))
}

/// Puts names into a text: `{us}`, `{partner}`, `{x}`, `{A}`, `{B}`, each once and for all.
#[must_use]
pub fn fill(text: &str, names: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = names.iter().find(|(known, _)| *known == name);
        filled.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bank_is_whole() {
        let bank = Bank::load().unwrap();
        for factor in Factor::ALL {
            for item in bank.items(factor) {
                for relationship in Relationship::ALL {
                    assert!(item.text(relationship).ends_with('.'), "{}", item.id);
                }
            }
        }
        for figure in [0.0, 30.0, 50.0, 70.0, 90.0] {
            assert!(bank.band(Band::of(figure)).is_some());
        }
    }

    #[test]
    fn names_are_put_in_once() {
        let names = [("us", "{partner} & Co"), ("partner", "Northwind")];
        assert_eq!(fill("{us} and {partner}.", &names), "{partner} & Co and Northwind.");
        assert_eq!(fill("no names", &names), "no names");
    }
}
