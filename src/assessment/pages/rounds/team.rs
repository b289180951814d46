//! What a closed round says: each side's view as far as it may be shown, and the two side by side.

use crate::assessment::charts::{JointCharts, ResultCharts};
use crate::assessment::model::answers::{Answers, Side};
use crate::assessment::model::assessment::Assessment;
use crate::assessment::model::factor::{Factor, PerFactor};
use crate::assessment::model::round::{Place, Round};
use crate::assessment::scoring::paired::compare_scores;
use crate::assessment::scoring::team::{Spread, TeamView, agreement_word, is_clear, view};
use crate::assessment::scoring::{shown, with_hundredths, with_tenths};
use crate::assessment::words::bank::Bank;
use crate::assessment::words::reading::{JointReading, Reading, in_a_row, read, read_joint};

/// A closed round, ready to show.
pub(crate) struct TeamReport {
    pub(crate) sides: Vec<SideReport>,
    /// Both sides may be shown: their views side by side.
    pub(crate) joint: Option<(JointReading, JointCharts)>,
    /// "Shared Risk and Shared Values": where the two sides differ by more than their spread explains; may be empty.
    pub(crate) clear: String,
}

/// One side's view.
pub(crate) struct SideReport {
    pub(crate) name: String,
    pub(crate) answered: usize,
    /// So many of them deleted their answers since.
    pub(crate) deleted: usize,
    /// Why nothing is shown, in a sentence; empty where something is.
    pub(crate) withheld: String,
    /// Names of few who agreed to be named.
    pub(crate) named: Vec<String>,
    pub(crate) shown: Option<(Reading, ResultCharts)>,
    /// Spread and agreement of each factor, where enough answered.
    pub(crate) spread: Vec<SpreadRow>,
}

/// One factor's spread within a side.
pub(crate) struct SpreadRow {
    pub(crate) factor: String,
    /// "±8"
    pub(crate) gap: String,
    pub(crate) level: String,
    /// "0.71, strong"
    pub(crate) agreement: String,
    /// Means of the four statements, own side then partner: "3.2".
    pub(crate) items: Vec<ItemMean>,
}

/// The mean of one statement.
pub(crate) struct ItemMean {
    pub(crate) text: String,
    pub(crate) us: String,
    pub(crate) partner: String,
}

/// What may be shown of a closed round.
pub(crate) fn team_report(bank: &Bank, round: &Round, places: &[Place], counted: &[(Place, Assessment)]) -> TeamReport {
    let views = [Side::Us, Side::Partner].map(|side| (side, side_view(side, places, counted)));
    let clear = match &views {
        [(_, Ok(us)), (_, Ok(partner))] => clear_differences(bank, us, partner),
        _ => Vec::new(),
    };
    let clear = in_a_row(&clear);
    let joint = match &views {
        [(_, Ok(us)), (_, Ok(partner))] => {
            let compared = compare_scores(us.score.clone(), partner.score.clone());
            let reading = read_joint(bank, &round.parties_for_all(), &compared);
            let charts = JointCharts::new(&reading);
            Some((reading, charts))
        }
        _ => None,
    };
    TeamReport {
        sides: views
            .into_iter()
            .map(|(side, view)| side_report(bank, round, side, (places, counted), view))
            .collect(),
        joint,
        clear,
    }
}

/// The view of a side, or why it is not shown.
fn side_view(side: Side, places: &[Place], counted: &[(Place, Assessment)]) -> Result<TeamView, &'static str> {
    if places.iter().any(|place| place.side == side && place.withdrawn) {
        return Err("Somebody deleted their answers since, so the result of this side is gone. Open another round.");
    }
    let of_side = || counted.iter().filter(move |(place, _)| place.side == side);
    let answers: Vec<Answers> = of_side().map(|(_, assessment)| assessment.answers).collect();
    let all_named = of_side().all(|(place, _)| place.name.is_some());
    view(&answers, all_named).ok_or(match answers.len() {
        0 => "Nobody on this side answered in time.",
        _ => {
            "Fewer than three answered, and not all of them agreed to be named. Nothing is shown, so that nobody can \
             be told from the others."
        }
    })
}

fn side_report(
    bank: &Bank,
    round: &Round,
    side: Side,
    (places, counted): (&[Place], &[(Place, Assessment)]),
    view: Result<TeamView, &'static str>,
) -> SideReport {
    let parties = round.parties_for_all().seen_from(side);
    let of_side = counted.iter().filter(|(place, _)| place.side == side);
    let few = view
        .as_ref()
        .is_ok_and(|view| view.answered < crate::assessment::scoring::team::NEEDED);
    let named = of_side
        .clone()
        .filter_map(|(place, _)| place.name.clone())
        .filter(|_| few);
    let shown = view.as_ref().ok().map(|view| {
        let reading = read(bank, &parties, &view.score);
        let charts = match &view.spread {
            Some(spread) => ResultCharts::with_spread(&reading, &spread.map(|_, spread| spread.sides)),
            None => ResultCharts::new(&reading),
        };
        (reading, charts.prefixed(side.key()))
    });
    let deleted = places
        .iter()
        .filter(|place| place.side == side && place.withdrawn)
        .count();
    SideReport {
        name: parties.us.clone(),
        answered: of_side.clone().count() + deleted,
        deleted,
        withheld: view.as_ref().err().map(|why| (*why).to_owned()).unwrap_or_default(),
        named: named.collect(),
        shown,
        spread: view
            .ok()
            .and_then(|view| view.spread)
            .map(|spread| spread_rows(bank, round, &spread))
            .unwrap_or_default(),
    }
}

fn spread_rows(bank: &Bank, round: &Round, spread: &PerFactor<Spread>) -> Vec<SpreadRow> {
    let row = |(factor, spread): (Factor, &Spread)| SpreadRow {
        factor: bank.factors.get(factor).short.clone(),
        gap: plus_minus(spread.gap),
        level: plus_minus(spread.level),
        agreement: spread.agreement.map_or("–".to_owned(), |agreement| {
            format!("{}, {}", with_hundredths(agreement), agreement_word(agreement))
        }),
        items: bank
            .items(factor)
            .iter()
            .zip(spread.items_us.iter().zip(&spread.items_partner))
            .map(|(item, (us, partner))| ItemMean {
                text: item.text(round.parties.relationship).to_owned(),
                us: decimal(*us),
                partner: decimal(*partner),
            })
            .collect(),
    };
    spread.iter().map(row).collect()
}

fn plus_minus(deviation: Option<f64>) -> String {
    deviation.map_or("–".to_owned(), |deviation| format!("±{}", shown(deviation)))
}

fn decimal(mean: Option<f64>) -> String {
    mean.map_or("–".to_owned(), with_tenths)
}

/// Factors whose balance the two sides see differently beyond two standard errors. Only where both show a spread.
fn clear_differences(bank: &Bank, us: &TeamView, partner: &TeamView) -> Vec<String> {
    let (Some(spread_us), Some(spread_partner)) = (&us.spread, &partner.spread) else {
        return Vec::new();
    };
    let differs = |factor: &Factor| {
        let (a, b) = (
            us.score.factors.get(*factor).both?,
            partner.score.factors.get(*factor).both?,
        );
        // Both gaps from our side's point of view.
        let clear = is_clear(
            (a.gap, spread_us.get(*factor).gap?, spread_us.get(*factor).answered),
            (
                -b.gap,
                spread_partner.get(*factor).gap?,
                spread_partner.get(*factor).answered,
            ),
        );
        clear.then_some(())
    };
    Factor::ALL
        .into_iter()
        .filter(|factor| differs(factor).is_some())
        .map(|factor| bank.factors.get(factor).name.clone())
        .collect()
}
