//! What both reports end with: the questions of a talk, the method, how to delete, the closing line.

use super::About;
use super::canvas::Canvas;
use super::style::{BODY, CLOSING, DARK_HAIR, SMALL, TEXT};
use crate::assessment::CLEAR_CHANGE;
use crate::assessment::scoring::{SCORING_VERSION, shown};
use crate::assessment::words::bank::ITEM_BANK_VERSION;
use crate::assessment::words::reading::Certainty;

/// All answers of one person.
const ANSWERS: usize = 40;

/// Why the sides are not called by their names.
pub(super) fn nameless(canvas: &mut Canvas<'_>, about: &About) {
    if about.nameless {
        canvas.y += 4.0;
        canvas.paragraph(TEXT, "The names use letters that this server has no font for.");
    }
}

/// What stands in the place of a sentence that cannot be shown.
pub(super) const UNSHOWN: &str = "This sentence uses letters that this server has no font for.";

/// A hairline and the white around it.
pub(super) fn divide(canvas: &mut Canvas<'_>) {
    canvas.gap(11.0);
    canvas.hairline();
    canvas.gap(11.0);
}

/// The questions of a talk.
pub(super) fn talk(canvas: &mut Canvas<'_>, about: &About) {
    let due = about.due_in_words();
    let questions = [
        "Where do we see this differently?".to_owned(),
        "What does each of us not see the other doing?".to_owned(),
        format!("What is one thing each of us will do by {due}?"),
    ];
    canvas.part("A talk of thirty minutes", |canvas| canvas.list(BODY, &questions));
}

/// How many answers there are, what is missing, and what follows from it.
pub(super) fn answered(certainty: &Certainty) -> String {
    let mut words = format!(
        "{} of {ANSWERS} questions were answered with a rating.",
        certainty.rated
    );
    let (us, partner) = (certainty.dont_know_us, certainty.dont_know_partner);
    if us + partner > 0 {
        let said = format!(
            " “Don’t know” was said {} about the own side and {} about the partner.",
            times(us),
            times(partner)
        );
        words.push_str(&said);
    }
    let open = ANSWERS.saturating_sub(certainty.rated + us + partner);
    if open > 0 {
        let left = format!(" {open} stayed open.");
        words.push_str(&left);
    }
    if let Some((low, high)) = certainty.range {
        words.push(' ');
        words.push_str(&range_in_words(low, high));
    }
    words
}

/// What the missing answers could make of the index.
pub(super) fn range_in_words(low: i64, high: i64) -> String {
    if low == high {
        format!("Whatever the missing answers are, the index is {low}.")
    } else {
        format!("With the missing answers the index would lie between {low} and {high}.")
    }
}

fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

/// What a figure is worth, in both reports.
pub(super) fn worth() -> String {
    let clear = shown(CLEAR_CHANGE);
    format!(
        "A change of less than {clear} points is no clear change. This starts a conversation and is no test: it shows \
         what people see, and is not for rewarding or punishing anyone."
    )
}

/// The method in a few lines, and the versions it is of.
pub(super) fn method(canvas: &mut Canvas<'_>, lines: &[String]) {
    canvas.part("How the score works", |canvas| {
        canvas.list(SMALL, lines);
        canvas.gap(2.0);
        let versions = format!("Statements version {ITEM_BANK_VERSION}, scoring version {SCORING_VERSION}.");
        canvas.paragraph(SMALL, &versions);
    });
}

/// The closing line, and how to change or delete what this is made of.
pub(super) fn end(canvas: &mut Canvas<'_>, about: &About, whose: &str, also: &str) {
    canvas.gap(12.0);
    canvas.rule(DARK_HAIR);
    canvas.gap(10.0);
    let date = about.date_in_words();
    let line = format!(
        "This shows how {whose} sees the partnership on {date}. It is a start for a conversation, not a verdict."
    );
    canvas.paragraph(CLOSING, &line);
    canvas.gap(6.0);
    let kept = &about.kept_until;
    let delete = format!(
        "To change or delete these answers, open the private page you got when you answered.{also} They are kept until \
         {kept}."
    );
    canvas.paragraph(SMALL, &delete);
    canvas.link(SMALL, &about.home_url);
}
