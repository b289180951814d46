//! The filters of a list: what can be chosen, and what is.

use crate::console::{list, words};
use crate::contacts::roster::MailStanding;
use crate::contacts::store::tags;
use crate::db::{Conn, DbError, instant};
use crate::lists::{ANSWER, ListPlace, ListQuery, store};
use crate::questions::store::{ExportedQuestion, exported_questions};
use crate::values::{Slug, Zone};
use crate::web::time;
use crate::webcasts::RegistrationState;
use crate::webcasts::attendance::Attended;
use crate::webcasts::roster::{SessionOption, choices};
use crate::{webcasts, whitepapers};

/// Sessions, tags and sources to choose from.
const MOST: i64 = 200;

/// A filter, ready to print.
pub(super) struct ListFilter {
    /// Its name in the address.
    pub name: String,
    pub label: String,
    /// What can be chosen, each with its words.
    pub choices: Vec<FilterValue>,
    /// What is chosen; empty for none.
    pub chosen: String,
}

/// One value of a filter.
pub(super) struct FilterValue {
    pub value: String,
    pub words: String,
}

/// A filter that is set, and the list without it.
pub(super) struct FilterChip {
    /// The filter's name in the address.
    pub name: String,
    pub words: String,
    pub without: String,
}

impl ListFilter {
    fn new(query: &ListQuery, name: &str, label: impl Into<String>, choices: Vec<(String, String)>) -> Self {
        Self {
            name: name.to_owned(),
            label: label.into(),
            choices: choices
                .into_iter()
                .map(|(value, words)| FilterValue { value, words })
                .collect(),
            chosen: query.value(name).to_owned(),
        }
    }

    /// What is chosen, in words.
    fn chosen_in_words(&self) -> Option<&str> {
        if self.chosen.is_empty() {
            return None;
        }
        let choice = self.choices.iter().find(|choice| self.is_chosen(choice));
        Some(choice.map_or(&self.chosen, |choice| &choice.words))
    }

    /// Whether what is chosen is not among what can be chosen.
    pub(super) fn is_unlisted(&self) -> bool {
        !self.chosen.is_empty() && !self.choices.iter().any(|choice| self.is_chosen(choice))
    }

    /// Whether it is this one; tags are written as one likes.
    pub(super) fn is_chosen(&self, choice: &FilterValue) -> bool {
        choice.value.to_lowercase() == self.chosen.to_lowercase()
    }

    /// Whether there is anything to choose; one that is chosen stays to be let go.
    fn is_of_use(&self) -> bool {
        !self.choices.is_empty() || !self.chosen.is_empty()
    }
}

fn pairs<const N: usize>(choices: [(&str, &str); N]) -> Vec<(String, String)> {
    choices
        .map(|(value, words)| (value.to_owned(), words.to_owned()))
        .into()
}

/// All filters of a list that are of use.
pub(super) async fn filters(conn: &mut Conn, query: &ListQuery) -> Result<Vec<ListFilter>, DbError> {
    let filter = |name: &str, label: &str, choices| ListFilter::new(query, name, label, choices);
    let mut filters = match &query.place {
        ListPlace::Requests(paper) => {
            let state = [("requested", "Asked for"), ("held", "Held")];
            let mut filters = vec![filter("state", "Request", pairs(state))];
            if paper.is_none() {
                filters.insert(0, filter("whitepaper", "Paper", papers(conn).await?));
            }
            filters
        }
        _ => of_seats(conn, query).await?,
    };
    let webcast = query.seats.webcast.as_ref().map(Slug::as_str);
    let sources = store::sources(conn, webcast, MOST).await?;
    let known = tags::known(conn, MOST).await?;
    let same = |values: Vec<String>| values.into_iter().map(|value| (value.clone(), value)).collect();
    filters.push(filter("source", "Source", same(sources)));
    filters.push(filter(
        "confirmed",
        "Address is",
        pairs([("yes", "Confirmed"), ("no", "Not confirmed")]),
    ));
    filters.push(filter(
        "consent",
        "More mail",
        pairs([("yes", "They agreed"), ("no", "They did not agree")]),
    ));
    let mail = MailStanding::ALL.map(|standing| (standing.as_str().to_owned(), mail_in_words(standing).to_owned()));
    filters.push(filter("mail", "Mail to them", mail.into()));
    filters.push(filter("tag", "Tag", same(known)));
    if !matches!(query.place, ListPlace::Requests(_)) {
        filters.push(filter("whitepaper", "Asked for", papers(conn).await?));
    }
    filters.push(filter(
        "talk",
        "Assessment",
        pairs([("yes", "They want to talk about it")]),
    ));
    filters.extend(questions(conn, query).await?.iter().map(|question| {
        let answers = question.answers_to_choose().into_iter();
        let choices = answers.map(|answer| (answer.key, answer.label)).collect();
        ListFilter::new(
            query,
            &format!("{ANSWER}{}", question.key),
            question.label.clone(),
            choices,
        )
    }));
    Ok(filters.into_iter().filter(ListFilter::is_of_use).collect())
}

async fn of_seats(conn: &mut Conn, query: &ListQuery) -> Result<Vec<ListFilter>, DbError> {
    let options = choices(conn, MOST).await?;
    let filter = |name: &str, label: &str, choices| ListFilter::new(query, name, label, choices);
    let mut filters = Vec::new();
    if query.place == ListPlace::People {
        filters.push(filter("webcast", "Webcast", webcast_choices(&options)));
    }
    filters.push(filter("session", "Session", session_choices(&options, query)?));
    let states = RegistrationState::ALL
        .into_iter()
        .map(|state| (state.as_str().to_owned(), words::seat_state(state.as_str()).word));
    filters.push(filter("state", "Registration", states.collect()));
    let attendance = Attended::ALL.map(|attended| {
        let word = super::cells::attendance(attended.as_str()).word;
        (attended.as_str().to_owned(), word)
    });
    filters.push(filter("attendance", "Attendance", attendance.into()));
    Ok(filters)
}

/// Questions whose answers can be chosen from, where the list is of one form.
async fn questions(conn: &mut Conn, query: &ListQuery) -> Result<Vec<ExportedQuestion>, DbError> {
    let owner = match (&query.requests.paper, &query.seats.webcast) {
        (Some(paper), _) => whitepapers::roster::owner(conn, paper).await?,
        (None, Some(webcast)) => webcasts::roster::owner(conn, webcast).await?,
        (None, None) => None,
    };
    match owner {
        Some(owner) => exported_questions(conn, owner).await,
        None => Ok(Vec::new()),
    }
}

fn webcast_choices(options: &[SessionOption]) -> Vec<(String, String)> {
    let mut webcasts: Vec<(String, String)> = Vec::new();
    for option in options {
        if !webcasts.iter().any(|(slug, _)| *slug == option.slug) {
            webcasts.push((option.slug.clone(), option.title.clone()));
        }
    }
    webcasts
}

/// Those of the webcast that is chosen, or all.
fn session_choices(options: &[SessionOption], query: &ListQuery) -> Result<Vec<(String, String)>, DbError> {
    let webcast = query.seats.webcast.as_ref().map(Slug::as_str);
    let of_it = options
        .iter()
        .filter(|option| webcast.is_none_or(|slug| slug == option.slug));
    let choice = |option: &SessionOption| {
        let start = instant(option.starts_at)?;
        let when = time::in_table(start, &Zone::stored(&option.time_zone)).text;
        let words = match webcast {
            Some(_) => when,
            None => format!("{when}, {}", option.title),
        };
        Ok((list::shown_id(&option.public_id)?, words))
    };
    of_it.map(choice).collect()
}

async fn papers(conn: &mut Conn) -> Result<Vec<(String, String)>, DbError> {
    let papers = whitepapers::store::list_whitepapers(conn).await?;
    Ok(papers
        .into_iter()
        .map(|paper| (paper.slug.to_string(), paper.title))
        .collect())
}

fn mail_in_words(standing: MailStanding) -> &'static str {
    match standing {
        MailStanding::Fine => "Arrives, as far as is known",
        MailStanding::Trouble => "Does not arrive, or is not wanted",
        MailStanding::Bounced => "Came back",
        MailStanding::Complained => "Called spam",
        MailStanding::Unsubscribed => "Not wanted any more",
    }
}

/// What is set, each with the address of the list without it.
pub(super) fn chips(query: &ListQuery, filters: &[ListFilter]) -> Vec<FilterChip> {
    let without = |name: &str| {
        let address = query.address_without(name);
        if address.is_empty() {
            query.place.path()
        } else {
            format!("{}?{address}", query.place.path())
        }
    };
    let typed = query.value("q");
    let search = (!typed.is_empty()).then(|| FilterChip {
        name: "q".to_owned(),
        words: format!("“{typed}”"),
        without: without("q"),
    });
    let chosen = filters.iter().filter_map(|filter| {
        let words = filter.chosen_in_words()?;
        Some(FilterChip {
            name: filter.name.clone(),
            words: format!("{}: {words}", filter.label),
            without: without(&filter.name),
        })
    });
    search.into_iter().chain(chosen).collect()
}
