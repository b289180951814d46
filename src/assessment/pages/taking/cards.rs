//! One page of questions: four statements of one factor, each rated for the partner and then for us. What the
//! template shows; nothing here is stored.

use crate::assessment::model::answers::{FactorAnswers, ItemAnswer, Side};
use crate::assessment::model::factor::Factor;
use crate::assessment::words::bank::{Bank, Item};
use crate::assessment::{Parties, Relationship};

/// The six answers as they are posted and read, in their order.
pub(crate) const CHOICES: [(&str, &str); 6] = [
    ("0", "Not at all"),
    ("1", "A little"),
    ("2", "Partly"),
    ("3", "Mostly"),
    ("4", "Fully"),
    ("dk", "Don’t know"),
];

/// One page of questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatementCard {
    pub factor: Factor,
    /// "Shared Risk"
    pub name: String,
    pub progress: Progress,
    /// Who is rated first.
    pub partner: String,
    pub us: String,
    pub statements: Vec<Statement>,
    /// The answers as this page shows them, to be posted back: see [`FactorAnswers::merged`].
    pub seen: String,
}

/// One statement, to be rated for both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// "RI1"
    pub id: String,
    /// From 1 to 20, in the order they are asked.
    pub number: usize,
    /// Reads on after a side's name: "stands to lose ..."
    pub text: String,
    /// The partner's first.
    pub rows: [RatingRow; 2],
}

/// One question: how far the statement is true of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RatingRow {
    /// Name and id of the field: `p_RI1`
    pub field: String,
    /// `us` or `partner`: which mark stands beside the name.
    pub side: &'static str,
    /// The side's name.
    pub name: String,
    /// "", "0" to "4", or "dk"
    pub chosen: &'static str,
    pub error: Option<String>,
}

/// An entry of the list of mistakes above the form; leads to its question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CardMistake {
    pub field: String,
    pub message: String,
}

/// Which page of how many: one for each factor, and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub page: usize,
    pub pages: usize,
}

impl Progress {
    /// All pages.
    pub(crate) const PAGES: usize = Factor::ASKED.len() + 1;

    /// On a factor's page.
    #[must_use]
    pub(crate) fn at(factor: Factor) -> Self {
        Self {
            page: factor.page(),
            pages: Self::PAGES,
        }
    }

    /// On the last page.
    #[must_use]
    pub(crate) fn last() -> Self {
        Self {
            page: Self::PAGES,
            pages: Self::PAGES,
        }
    }
}

impl StatementCard {
    /// A factor's page, with what was answered so far.
    #[must_use]
    pub(crate) fn new(bank: &Bank, parties: &Parties, factor: Factor, answers: &FactorAnswers) -> Self {
        let items = bank.items(factor);
        let before = (factor.page() - 1) * items.len();
        let statement = |(position, item): (usize, &Item)| Statement {
            id: item.id.clone(),
            number: before + position + 1,
            text: reading_on(item, parties.relationship),
            rows: Side::ASKED
                .map(|side| RatingRow::new(parties, item, side, answers.side(side).get(position).copied())),
        };
        Self {
            factor,
            name: bank.factors.get(factor).name.clone(),
            progress: Progress::at(factor),
            partner: parties.partner.clone(),
            us: parties.us.clone(),
            statements: items.iter().enumerate().map(statement).collect(),
            seen: answers.letters(),
        }
    }

    /// Says what is wrong with a field of this page.
    pub(crate) fn refuse(&mut self, field: &str, message: &str) {
        let rows = self.statements.iter_mut().flat_map(|statement| &mut statement.rows);
        for row in rows.filter(|row| row.field == field) {
            row.error = Some(message.to_owned());
        }
    }

    /// What is wrong on this page, in the order of its questions.
    #[must_use]
    pub(crate) fn mistakes(&self) -> Vec<CardMistake> {
        let rows = self.statements.iter().flat_map(|statement| {
            let number = statement.number;
            statement.rows.iter().map(move |row| (number, row))
        });
        rows.filter_map(|(number, row)| {
            let message = row.error.as_ref()?;
            Some(CardMistake {
                field: row.field.clone(),
                message: format!("Statement {number}, {}: {message}", row.name),
            })
        })
        .collect()
    }

    /// True on the first page, which says how it goes.
    #[must_use]
    pub(crate) fn is_first(&self) -> bool {
        self.progress.page == 1
    }
}

impl RatingRow {
    fn new(parties: &Parties, item: &Item, side: Side, answer: Option<ItemAnswer>) -> Self {
        let name = match side {
            Side::Us => &parties.us,
            Side::Partner => &parties.partner,
        };
        Self {
            field: format!("{}_{}", side.letter(), item.id),
            side: side.key(),
            name: name.clone(),
            chosen: answer.unwrap_or_default().value(),
            error: None,
        }
    }
}

/// The statement as it reads on after a name: with a small first letter.
fn reading_on(item: &Item, relationship: Relationship) -> String {
    let mut letters = item.text(relationship).chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(factor: Factor, letters: &str) -> StatementCard {
        let parties = Parties {
            relationship: Relationship::Partner,
            side: None,
            us: "Contoso".to_owned(),
            partner: "Northwind".to_owned(),
        };
        let answers = FactorAnswers::parse(letters).unwrap();
        StatementCard::new(&Bank::load().unwrap(), &parties, factor, &answers)
    }

    #[test]
    fn the_partner_is_asked_first_and_what_was_chosen_is_there() {
        let card = card(Factor::Risk, "0123d4--");
        assert_eq!((card.progress.page, card.progress.pages), (2, 6));
        assert_eq!(card.seen, "0123d4--");
        let first = &card.statements[0];
        assert_eq!((first.id.as_str(), first.number), ("RI1", 5));
        assert!(first.text.starts_with("stands to lose"));
        let rows = first
            .rows
            .each_ref()
            .map(|row| (row.field.as_str(), row.name.as_str(), row.chosen));
        assert_eq!(rows, [("p_RI1", "Northwind", "dk"), ("u_RI1", "Contoso", "0")]);
        let numbers: Vec<_> = card.statements.iter().map(|statement| statement.number).collect();
        assert_eq!(numbers, [5, 6, 7, 8]);
    }

    #[test]
    fn a_mistake_is_told_at_its_question_and_above() {
        let mut card = card(Factor::Vision, "--------");
        assert!(card.is_first());
        assert!(card.mistakes().is_empty());
        card.refuse("u_VI2", "Choose one of the answers.");
        let mistakes = card.mistakes();
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].field, "u_VI2");
        assert_eq!(mistakes[0].message, "Statement 2, Contoso: Choose one of the answers.");
    }

    #[test]
    fn every_answer_has_its_choice() {
        for value in CHOICES.map(|(value, _)| value) {
            assert_eq!(ItemAnswer::parse(value).unwrap().value(), value);
        }
    }
}
