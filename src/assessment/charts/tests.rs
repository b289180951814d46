//! Marks stand where the figures say, widths add up, and pages are whole.

use askama::Template;
use serde_json::Value;

use super::*;
use crate::assessment::model::answers::{Answers, FactorAnswers};
use crate::assessment::words::bank::Bank;

use crate::assessment::model::factor::Factor;
use crate::assessment::scoring::paired::compare;
use crate::assessment::scoring::score;
use crate::assessment::scoring::tests::read_answers;
use crate::assessment::words::reading::{JointReading, read, read_joint};
use crate::assessment::{Parties, Relationship};
use crate::web::layout::Layout;

pub(super) fn parties(us: &str, partner: &str) -> Parties {
    Parties {
        relationship: Relationship::Partner,
        side: None,
        us: us.to_owned(),
        partner: partner.to_owned(),
    }
}

/// The answers of a worked example, by the beginning of its name.
pub(super) fn vector(name: &str, key: &str) -> Answers {
    let vectors: Value = serde_json::from_str(include_str!("../scoring/vectors.json")).unwrap();
    let vectors = vectors.as_object().unwrap();
    let found = vectors.iter().find(|(full, _)| full.split(' ').next() == Some(name));
    read_answers(&found.unwrap().1[key])
}

pub(super) fn reading(parties: &Parties, answers: &Answers) -> Reading {
    read(&Bank::load().unwrap(), parties, &score(answers))
}

fn charts(name: &str) -> ResultCharts {
    ResultCharts::new(&reading(&parties("Contoso", "Northwind"), &vector(name, "answers")))
}

pub(super) fn joint(parties: &Parties) -> JointReading {
    let comparison = compare(&vector("P1", "A"), &vector("P1", "B"));
    read_joint(&Bank::load().unwrap(), parties, &comparison)
}

fn swapped(answers: &Answers) -> Answers {
    answers.map(|_, factor| FactorAnswers {
        us: factor.partner,
        partner: factor.us,
    })
}

#[track_caller]
fn close_to(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
}

#[test]
fn the_strip_is_a_hundred_wide_without_gaps() {
    for name in ["V1", "V4", "V5", "V6", "V7", "V10"] {
        let strip = charts(name).strip.unwrap();
        let mut end = 0.0;
        for segment in &strip.segments {
            close_to(segment.bar.from, end);
            close_to(segment.bar.width(), place(segment.points));
            end = segment.bar.to;
        }
        close_to(end, 100.0);
    }
    let points: Vec<_> = charts("V7")
        .strip
        .unwrap()
        .segments
        .iter()
        .map(|part| part.points)
        .collect();
    assert_eq!(points, [57, 11, 6, 26]);
}

#[test]
fn marks_stand_where_the_figures_say() {
    let charts = charts("V7");
    let risk = &charts.rows[0];
    assert_eq!((risk.pair.circle, risk.pair.diamond), (Some(88), Some(38)));
    assert_eq!(risk.pair.bar, Some(Bar { from: 38.0, to: 88.0 }));
    assert_eq!(risk.verdict, "Lopsided: Contoso carries more of the risk");
    assert_eq!(
        risk.pair.desc,
        "From 0 to 100: Contoso stands at 88, Northwind stands at 38. Lopsided: Contoso carries more of the risk."
    );
    let order: Vec<_> = charts.rows.iter().map(|row| row.reading.factor).collect();
    assert_eq!(order, Factor::ALL);
}

#[test]
fn swapped_sides_change_places() {
    let answers = vector("V7", "answers");
    let ours = ResultCharts::new(&reading(&parties("Contoso", "Northwind"), &answers));
    let theirs = ResultCharts::new(&reading(&parties("Northwind", "Contoso"), &swapped(&answers)));
    for (one, other) in ours.rows.iter().zip(&theirs.rows) {
        assert_eq!(
            (one.pair.circle, one.pair.diamond),
            (other.pair.diamond, other.pair.circle)
        );
        assert_eq!(one.pair.bar, other.pair.bar);
        assert_eq!(one.verdict, other.verdict);
    }
    assert_eq!(ours.strip, theirs.strip);
    assert_eq!(ours.overlap, theirs.overlap);
}

#[test]
fn equal_sides_have_no_bar_and_one_mark_around_the_other() {
    for row in charts("V1").rows {
        assert_eq!(row.pair.bar, None);
        assert!(row.pair.close);
        assert_eq!(row.verdict, "Even");
    }
}

#[test]
fn without_a_factor_there_is_a_range_and_what_could_be_scored() {
    let mut answers = vector("V7", "answers");
    answers.vision = FactorAnswers::parse("33334ddd").unwrap();
    let charts = ResultCharts::new(&reading(&parties("Contoso", "Northwind"), &answers));
    assert_eq!((charts.overlap, charts.strip), (None, None));
    let range = charts.range.unwrap();
    close_to(range.bar.from, place(range.low));
    close_to(range.bar.to, place(range.high));
    assert!(range.low < range.high);
    let vision = &charts.rows[3];
    assert_eq!(
        (vision.pair.circle, vision.pair.diamond, vision.pair.bar),
        (Some(75), None, None)
    );
    assert_eq!(vision.verdict, "Too few answers about Northwind");
}

#[test]
fn a_teams_spread_is_a_band_that_stays_on_the_scale() {
    let reading = reading(&parties("Contoso", "Northwind"), &vector("V7", "answers"));
    let deviations = PerFactor {
        risk: Sides {
            us: Some(20.0),
            partner: Some(10.0),
        },
        ..PerFactor::default()
    };
    let charts = ResultCharts::with_spread(&reading, &deviations);
    let risk = &charts.rows[0].pair;
    assert_eq!(risk.circle_spread, Some(Bar { from: 68.0, to: 100.0 }));
    assert_eq!(risk.diamond_spread, Some(Bar { from: 28.0, to: 48.0 }));
    assert!(
        risk.desc
            .ends_with("Scores of Contoso spread by 20 to both sides. Scores of Northwind spread by 10 to both sides.")
    );
    assert_eq!(charts.rows[1].pair.circle_spread, None);
}

#[test]
fn two_views_stand_beside_each_other_and_lean_to_their_sides() {
    let joint = joint(&parties("Contoso", "Northwind"));
    let charts = JointCharts::new(&joint);
    let risk = &charts.factors[0];
    assert_eq!((risk.about_a.circle, risk.about_a.diamond), (Some(88), Some(75)));
    assert_eq!((risk.about_b.circle, risk.about_b.diamond), (Some(38), Some(81)));
    let (by_a, by_b) = (risk.balance.by_a.as_ref().unwrap(), risk.balance.by_b.as_ref().unwrap());
    // A's side is on the left: fifty points higher is a quarter of the width.
    close_to(by_a.at, 25.0);
    assert_eq!(by_a.toward.as_deref(), Some("Contoso"));
    close_to(by_b.at, 53.0);
    assert_eq!((by_b.toward.as_deref(), by_b.even), (Some("Northwind"), true));
    assert_eq!(
        risk.balance.desc,
        "Contoso sees Contoso higher by 50. Northwind sees both about even (Northwind higher by 6)."
    );
    assert_eq!(charts.indexes.unwrap().bar, Some(Bar { from: 57.0, to: 64.0 }));
}

#[test]
fn a_benchmark_stays_on_the_scale() {
    let chart = BenchmarkChart::new(31, 58, 79, 57);
    assert_eq!(chart.bar, Bar { from: 31.0, to: 79.0 });
    assert!(chart.desc.contains("the middle one at 58"));
}

// Pages ------------------------------------------------------------------

#[derive(Template)]
#[template(
    source = "{% extends \"base.html\" %}{% block content %}<h1>Result</h1>{% include \"assessment/_result.html\" %}{% endblock %}",
    ext = "html"
)]
pub(super) struct ResultPage {
    pub(super) layout: Layout,
    pub(super) reading: Reading,
    pub(super) charts: ResultCharts,
}

#[derive(Template)]
#[template(
    source = "{% extends \"base.html\" %}{% block content %}<h1>Joint report</h1>{% include \"assessment/_joint.html\" %}{% endblock %}",
    ext = "html"
)]
pub(super) struct DrawnJointPage {
    pub(super) layout: Layout,
    pub(super) joint: JointReading,
    pub(super) charts: JointCharts,
    pub(super) purposes: Option<(String, String)>,
}

#[derive(Template)]
#[template(
    source = "{% extends \"base.html\" %}{% import \"assessment/_charts.html\" as c %}{% block content %}<h1>Others</h1>{% call c::benchmark(chart) %}{% endcall %}{% endblock %}",
    ext = "html"
)]
pub(super) struct BenchmarkPage {
    pub(super) layout: Layout,
    pub(super) chart: BenchmarkChart,
}

/// Every id is there once, everything that is referred to by id is there, and nothing is styled in place.
#[track_caller]
fn is_whole(html: &str) {
    let values = |attribute: &str| -> Vec<String> {
        let start = format!(" {attribute}=\"");
        let found = html.split(start.as_str()).skip(1);
        found
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect()
    };
    let ids = values("id");
    for id in &ids {
        assert_eq!(
            ids.iter().filter(|other| *other == id).count(),
            1,
            "{id} is there twice"
        );
    }
    for attribute in ["aria-labelledby", "aria-describedby", "for"] {
        for id in values(attribute).iter().flat_map(|list| list.split(' ')) {
            assert!(ids.iter().any(|known| known == id), "{attribute} leads to no {id}");
        }
    }
    for part in html.split("url(#").skip(1) {
        let id = part.split(')').next().unwrap();
        assert!(ids.iter().any(|known| known == id), "a fill leads to no {id}");
    }
    assert!(!html.contains("style="), "styled in place");
}

#[test]
fn result_pages_are_whole_whatever_the_names() {
    for name in ["V1", "V5", "V7", "V10"] {
        let reading = reading(&parties("<b>Öl & Söhne</b>", "شركة الشمال"), &vector(name, "answers"));
        let page = ResultPage {
            layout: Layout::default(),
            charts: ResultCharts::new(&reading),
            reading,
        };
        let html = page.render().unwrap();
        is_whole(&html);
        assert!(!html.contains("<b>"), "a name is escaped");
    }
}

#[test]
fn joint_pages_are_whole() {
    let joint = joint(&parties("Contoso", "Northwind"));
    let page = DrawnJointPage {
        layout: Layout::default(),
        charts: JointCharts::new(&joint),
        joint,
        purposes: Some(("To sell <more>.".to_owned(), "To learn.".to_owned())),
    };
    let html = page.render().unwrap();
    is_whole(&html);
    assert!(html.contains("To sell &#60;more&#62;."));
}
