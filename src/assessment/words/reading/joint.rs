//! Two views in words and whole numbers: the one source of the joint page and its PDF.

use crate::assessment::Parties;
use crate::assessment::model::factor::Factor;
use crate::assessment::scoring::paired::{Comparison, FactorComparison, Flag, Opening, Viewer, agreement_in_words};
use crate::assessment::scoring::{Band, shown};
use crate::assessment::words::bank::{Bank, fill};
use crate::assessment::words::reading::{Reading, read};

/// What two sides see, side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct JointReading {
    /// Who invited, as it calls itself.
    pub a: String,
    /// Who was invited.
    pub b: String,
    /// The lower of the two indexes.
    pub index: Option<i64>,
    /// Its band.
    pub band: Option<String>,
    /// "Contoso sees it lower."; empty where both see the same.
    pub seen_by: String,
    /// A's own index.
    pub index_a: Option<i64>,
    /// B's own index.
    pub index_b: Option<i64>,
    /// How far they agree, from 0 to 100.
    pub agreement: Option<i64>,
    /// "You see it much the same"
    pub agreement_words: Option<&'static str>,
    /// Something good that is true, to begin with.
    pub opening: Option<String>,
    pub factors: Vec<JointFactor>,
    /// Said where no factor has anything that stands out.
    pub nothing_stands_out: Option<&'static str>,
    /// A's own result.
    pub reading_a: Reading,
    /// B's own result, B's side as "us".
    pub reading_b: Reading,
}

/// One factor as two sides see it.
#[derive(Clone, Debug, PartialEq)]
pub struct JointFactor {
    pub factor: Factor,
    /// "Shared Risk"
    pub name: String,
    pub short: String,
    /// How A rates A.
    pub aa: Option<i64>,
    /// How B rates A.
    pub ba: Option<i64>,
    /// How A rates B.
    pub ab: Option<i64>,
    /// How B rates B.
    pub bb: Option<i64>,
    /// The balance as A sees it, A minus B.
    pub gap_a: Option<i64>,
    /// The balance as B sees it, A minus B.
    pub gap_b: Option<i64>,
    /// The lower factor score.
    pub score: Option<i64>,
    pub band: Option<String>,
    /// Who sees it lower; `None` where both see the same.
    pub seen_by: Option<String>,
    pub agreement: Option<i64>,
    pub flags: Vec<FlagReading>,
}

/// Something that stands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagReading {
    /// "Unseen effort"
    pub name: &'static str,
    pub sentence: String,
}

/// Reads a comparison; `parties` as A calls them.
#[must_use]
pub fn read_joint(bank: &Bank, parties: &Parties, comparison: &Comparison) -> JointReading {
    let names = Names {
        a: &parties.us,
        b: &parties.partner,
    };
    let name_of_band = |figure: f64| bank.band(Band::of(figure)).map(|text| text.name.clone());
    let index_of = |whole: Option<crate::assessment::scoring::Whole>| whole.map(|whole| shown(whole.index));
    let (index_a, index_b) = (index_of(comparison.a.whole), index_of(comparison.b.whole));
    let stands_out = comparison
        .factors
        .iter()
        .any(|(_, compared)| !compared.flags.is_empty());
    let is_compared = comparison.factors.iter().any(|(_, compared)| compared.joint.is_some());
    JointReading {
        a: names.a.to_owned(),
        b: names.b.to_owned(),
        index: comparison.joint.map(|(index, _)| shown(index)),
        band: comparison.joint.and_then(|(index, _)| name_of_band(index)),
        seen_by: match comparison.joint {
            Some((_, viewer)) if index_a != index_b => format!("{} sees it lower.", names.of(viewer)),
            _ => String::new(),
        },
        index_a,
        index_b,
        agreement: comparison.agreement.map(shown),
        agreement_words: comparison.agreement.map(agreement_in_words),
        opening: comparison
            .opening
            .map(|opening| opening_sentence(bank, &names, opening)),
        factors: comparison
            .factors
            .iter()
            .map(|(factor, compared)| joint_factor(bank, &names, factor, compared))
            .collect(),
        nothing_stands_out: match (stands_out, is_compared) {
            (true, _) => None,
            (false, true) => Some("Nothing: on no factor do your views lie far apart."),
            (false, false) => Some("There are too few answers of both of you to say."),
        },
        reading_a: own(read(bank, parties, &comparison.a)),
        reading_b: own(read(bank, &parties.mirrored(), &comparison.b)),
    }
}

/// One side's reading as the other may see it: without an index there is no range of it either.
fn own(mut reading: Reading) -> Reading {
    if reading.whole.is_none() {
        reading.certainty.range = None;
    }
    reading
}

struct Names<'n> {
    a: &'n str,
    b: &'n str,
}

impl Names<'_> {
    fn of(&self, viewer: Viewer) -> &str {
        match viewer {
            Viewer::A => self.a,
            Viewer::B => self.b,
        }
    }

    /// A sentence about one side and the other one.
    fn about(&self, text: &str, viewer: Viewer) -> String {
        fill(text, &[("A", self.of(viewer)), ("B", self.of(viewer.other()))])
    }
}

fn joint_factor(bank: &Bank, names: &Names<'_>, factor: Factor, compared: &FactorComparison) -> JointFactor {
    let texts = bank.factors.get(factor);
    let score = compared.joint.map(|(score, _)| score);
    let of = |viewer: Viewer| compared.score_of(viewer).map(shown);
    let differs = of(Viewer::A) != of(Viewer::B);
    JointFactor {
        factor,
        name: texts.name.clone(),
        short: texts.short.clone(),
        aa: compared.aa.map(shown),
        ba: compared.ba.map(shown),
        ab: compared.ab.map(shown),
        bb: compared.bb.map(shown),
        gap_a: compared.gap_a.map(signed),
        gap_b: compared.gap_b.map(signed),
        score: score.map(shown),
        band: score
            .and_then(|score| bank.band(Band::of(score)))
            .map(|text| text.name.clone()),
        seen_by: compared
            .joint
            .filter(|_| differs)
            .map(|(_, viewer)| names.of(viewer).to_owned()),
        agreement: compared.agreement.map(shown),
        flags: compared
            .flags
            .iter()
            .map(|flag| read_flag(bank, names, factor, *flag))
            .collect(),
    }
}

/// Rounded away from nought at halves, so that swapping the sides only turns the sign.
fn signed(gap: f64) -> i64 {
    if gap < 0.0 { -shown(-gap) } else { shown(gap) }
}

fn read_flag(bank: &Bank, names: &Names<'_>, factor: Factor, flag: Flag) -> FlagReading {
    let texts = &bank.paired;
    let (name, sentence) = match flag {
        Flag::BothCarryMore => ("Both feel they carry more", texts.both_carry_more.clone()),
        Flag::EachThinksOtherGains => (
            "Each thinks the other gains more",
            texts.each_thinks_other_gains.clone(),
        ),
        Flag::UnseenEffort(side) if factor == Factor::Rewards => ("Unseen gain", names.about(&texts.unseen_gain, side)),
        Flag::HiddenCredit(side) if factor == Factor::Rewards => {
            ("Gain as the other sees it", names.about(&texts.larger_gain, side))
        }
        Flag::UnseenEffort(side) => ("Unseen effort", names.about(&texts.unseen_effort, side)),
        Flag::HiddenCredit(side) => ("Hidden credit", names.about(&texts.hidden_credit, side)),
        Flag::SameWorry => ("Same view, same worry", texts.same_worry.clone()),
        Flag::DifferentBalance => ("Balance seen differently", texts.different_balance.clone()),
        Flag::DifferentAnswers => ("Different answers", texts.different_answers.clone()),
    };
    FlagReading { name, sentence }
}

fn opening_sentence(bank: &Bank, names: &Names<'_>, opening: Opening) -> String {
    match opening {
        Opening::HiddenCredit(factor, side) => {
            let name = &bank.factors.get(factor).name;
            format!("{name}: {}", names.about(&bank.paired.hidden_credit, side))
        }
        Opening::AgreedStrength(factor, score) => {
            let name = &bank.factors.get(factor).name;
            if Band::of(score).number() <= 2 {
                return format!("{name} is where you both see most so far. Begin there.");
            }
            format!("{name} is where you both see most: at least {} of 100.", shown(score))
        }
        Opening::HighestOfLower(factor, score) => {
            let name = &bank.factors.get(factor).name;
            format!(
                "{name} is where even the lower of your two views is highest: {} of 100.",
                shown(score)
            )
        }
    }
}
