//! Two views as charts: each side as both rate it, and the balance as each sees it. A mark says who is looking: the
//! filled circle is A's view, the hollow diamond B's.

use super::{Bar, Pair, Seen, place};
use crate::assessment::model::factor::Factor;
use crate::assessment::words::reading::{JointFactor, JointReading};

/// Below this a gap is even. It is rounded here; the words of the reading are decided before.
const NOTABLE: i64 = 19;

/// The charts of two views.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JointCharts {
    /// Both indexes on one scale; `None` where neither could be given.
    pub indexes: Option<Pair>,
    /// In the order of results, as in the reading.
    pub factors: Vec<JointChart>,
}

/// One factor as two sides see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JointChart {
    pub factor: Factor,
    /// How both rate A.
    pub about_a: Pair,
    /// How both rate B.
    pub about_b: Pair,
    pub balance: Balance,
}

/// To which side the factor leans, as each sees it, around a line in the middle that means "even". A is on the left.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Balance {
    pub id: String,
    pub title: String,
    pub desc: String,
    pub by_a: Option<Lean>,
    pub by_b: Option<Lean>,
}

/// How far one view leans.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lean {
    /// Where its mark stands, in percent of the width.
    pub at: f64,
    /// From the middle to the mark.
    pub bar: Bar,
    /// How far, without a sign.
    pub points: i64,
    /// The side that stands higher; `None` where neither does.
    pub toward: Option<String>,
    /// So little that it counts as even.
    pub even: bool,
}

impl JointCharts {
    /// Of two views.
    #[must_use]
    pub(crate) fn new(joint: &JointReading) -> Self {
        let known = joint.index_a.or(joint.index_b);
        Self {
            indexes: known.map(|_| indexes(joint)),
            factors: joint.factors.iter().map(|factor| chart(joint, factor)).collect(),
        }
    }
}

fn indexes(joint: &JointReading) -> Pair {
    let as_seen = |name: &str| format!("the index as {name} sees it");
    Pair::new(
        "joint-index".to_owned(),
        "Both indexes".to_owned(),
        Seen::new(&as_seen(&joint.a), joint.index_a),
        Seen::new(&as_seen(&joint.b), joint.index_b),
    )
}

fn chart(joint: &JointReading, factor: &JointFactor) -> JointChart {
    let about = |side: &str, name: &str, by_a: Option<i64>, by_b: Option<i64>| {
        Pair::new(
            format!("joint-{}-{side}", factor.factor.key()),
            format!("{}: {name}", factor.name),
            Seen::new(&format!("{name} as {} sees it", joint.a), by_a),
            Seen::new(&format!("{name} as {} sees it", joint.b), by_b),
        )
    };
    JointChart {
        factor: factor.factor,
        about_a: about("a", &joint.a, factor.aa, factor.ba),
        about_b: about("b", &joint.b, factor.ab, factor.bb),
        balance: balance(joint, factor),
    }
}

fn balance(joint: &JointReading, factor: &JointFactor) -> Balance {
    let lean = |gap: Option<i64>| gap.map(|gap| Lean::new(gap, &joint.a, &joint.b));
    let (by_a, by_b) = (lean(factor.gap_a), lean(factor.gap_b));
    let says = |viewer: &str, lean: &Option<Lean>| match lean {
        Some(lean) => format!("{viewer} sees {}", lean.in_words()),
        None => format!("{viewer}’s view is not scored"),
    };
    let desc = if by_a.is_none() && by_b.is_none() {
        // Whose answers are missing is nobody's business.
        "Not compared: both sides need to have rated it.".to_owned()
    } else {
        format!("{}. {}.", says(&joint.a, &by_a), says(&joint.b, &by_b))
    };
    Balance {
        id: format!("joint-{}-balance", factor.factor.key()),
        title: format!("{}: the balance", factor.name),
        desc,
        by_a,
        by_b,
    }
}

/// From -100 to 100 over the whole width; A's side is the left one.
pub(crate) fn place_of_gap(gap: i64) -> f64 {
    50.0 - (place(gap) - place(-gap)) / 2.0
}

impl Lean {
    fn new(gap: i64, a: &str, b: &str) -> Self {
        let at = place_of_gap(gap);
        let toward = match gap.signum() {
            1 => Some(a),
            -1 => Some(b),
            _ => None,
        };
        Self {
            at,
            bar: Bar::between(50.0, at),
            points: gap.abs(),
            toward: toward.map(str::to_owned),
            even: gap.abs() < NOTABLE,
        }
    }

    /// "Contoso higher by 50"
    fn in_words(&self) -> String {
        match &self.toward {
            Some(name) if self.even => format!("both about even ({name} higher by {})", self.points),
            Some(name) => format!("{name} higher by {}", self.points),
            None => "both even".to_owned(),
        }
    }
}
