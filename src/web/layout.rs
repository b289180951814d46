//! What every page shows around its own content, and the small pieces that pages share.
//!
//! Plain owned data: a page is built from these by its feature and rendered by its template.

use std::fmt::Display;

use super::share::Share;
use super::trail::Trail;
use super::visitor::Visitor;
use crate::values::HourCycle;

/// Frame of a page: title, navigation, who is signed in.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Title of this page, without the name of the site.
    pub title: String,
    /// Who runs this site; stands in the page's title and at the foot.
    pub organization: String,
    /// Its colour, where it has one of its own.
    pub accent: Option<String>,
    /// One sentence for search engines and previews; empty for personal pages.
    pub description: String,
    /// Which entry of the navigation is marked as current.
    pub section: Section,
    /// `commonground demo`: a discreet link to the caught mails.
    pub demo: bool,
    /// Whether there is an imprint.
    pub has_imprint: bool,
    /// Who may keep the page. Headers follow from this.
    pub keeping: Keeping,
    /// How the reader's country writes hours; the page's script follows it.
    pub hours: HourCycle,
    /// Where the visitor came from; our links carry it on.
    pub trail: Trail,
    /// What the page says of itself where it is shared.
    pub share: Option<Share>,
    /// For an organizer who is signed in: the way back.
    pub console: Option<WayBack>,
}

/// The way from a visitor's page to the console.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WayBack {
    /// Where what the page shows is changed, and what that is called.
    pub edit: Option<(String, &'static str)>,
}

/// Who may keep a page, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// Belongs to nobody in particular: a browser keeps it and asks whether it is still true.
    #[default]
    Asked,
    /// The same, but it holds an id drawn for one visitor: no browser keeps it.
    Drawn,
    /// Belongs to one person, or to those who are signed in: neither browsers nor search engines keep it.
    Personal,
}

/// An entry of the navigation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// A page that belongs to no entry.
    #[default]
    None,
    Home,
    Webcasts,
    Whitepapers,
    Assessment,
    Privacy,
    Demo,
}

impl Layout {
    /// For whoever asked: their clock, and where they came from.
    #[must_use]
    pub fn seen_by(self, visitor: &Visitor) -> Self {
        Self {
            hours: visitor.hours,
            trail: visitor.trail.clone(),
            console: visitor.is_organizer.then(WayBack::default),
            ..self
        }
    }

    /// What the page shows is changed there, by an organizer who is signed in.
    #[must_use]
    pub fn changed_at(mut self, path: impl Into<String>, words: &'static str) -> Self {
        if let Some(console) = &mut self.console {
            console.edit = Some((path.into(), words));
        }
        self
    }

    /// For those who share the page.
    #[must_use]
    pub fn shared_as(self, share: Share) -> Self {
        Self {
            share: Some(share),
            ..self
        }
    }

    /// The address of a public page of ours, as links on this page say it.
    #[must_use]
    pub fn to(&self, path: impl Display) -> String {
        self.trail.link(&path.to_string())
    }

    /// True for a page of one person, or of those who are signed in.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.keeping == Keeping::Personal
    }

    /// How many hours the reader's clock counts, for the page's script.
    #[must_use]
    pub fn clock(&self) -> u8 {
        match self.hours {
            HourCycle::H12 => 12,
            HourCycle::H23 => 24,
        }
    }

    /// Templates ask this to mark the current entry of the navigation.
    pub fn at(&self, section: &str) -> bool {
        let name = match self.section {
            Section::None => "",
            Section::Home => "home",
            Section::Webcasts => "webcasts",
            Section::Whitepapers => "whitepapers",
            Section::Assessment => "assessment",
            Section::Privacy => "privacy",
            Section::Demo => "demo",
        };
        name == section
    }
}

/// A moment, ready to print as `<time datetime=iso title=full>text</time>`.
#[derive(Clone, Debug, Default)]
pub(crate) struct When {
    /// RFC 3339, for programs.
    pub iso: String,
    /// As it is read: long in sentences, short in tables.
    pub text: String,
    /// Long form with its zone, shown on hover.
    pub full: String,
}

/// When a session is aired: in the reader's zone first where that is known, then in its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionTime {
    /// `text` like "Friday, December 4, 2026, 11:00 am", in the session's zone.
    pub start: When,
    /// The end, for programs.
    pub end: String,
    /// IANA name of the session's zone; the page's script compares with the visitor's.
    pub zone: String,
    /// The session's zone as it is read: "Los Angeles time (UTC-8)".
    pub zone_text: String,
    /// The day in the zone that comes first: "Dec" and "4".
    pub month: String,
    /// See `month`.
    pub day: String,
    /// From start to end in the zone that comes first: "Friday, December 4, 2026, 8:00 to 9:00 pm".
    pub span: String,
    /// Where the reader's clock hangs, where it is known and reads differently: "Berlin".
    pub own: Option<String>,
    /// Then the start on that clock: "Friday, December 4, 2026, 8:00 pm".
    pub own_start: String,
    /// Then the session's own clock: "11:00 am in Los Angeles".
    pub there: Option<String>,
    /// "60 minutes".
    pub length: String,
}

impl SessionTime {
    /// The start, in one's own zone first: "Friday, December 4, 2026, 8:00 pm your time (11:00 am in Los Angeles)".
    pub(crate) fn sentence(&self) -> String {
        match &self.there {
            Some(there) => format!("{} your time ({there})", self.own_start),
            None => self.start.full.clone(),
        }
    }
}

/// One form field: what was typed, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Field {
    pub value: String,
    pub error: Option<String>,
    /// Buttons beside the mistake that correct it.
    pub choices: Vec<Choice>,
    /// What its owner has said to be right although it looks like a slip; carried along as the field `<id>_sure`.
    pub sure: Option<String>,
}

/// A button that sends the form with one more field.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub name: String,
    pub value: String,
    pub label: String,
}

impl Field {
    /// A field that holds a value and has no mistake. Control characters are not given back: pages cannot hold them.
    pub(crate) fn of(value: impl Into<String>) -> Self {
        let mut value = value.into();
        value.retain(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'));
        Self {
            value,
            ..Self::default()
        }
    }

    /// What its value means, white space around it left out; or the mistake is noted at the field.
    pub(crate) fn read<T, E: Display>(&mut self, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        parse(self.value.trim())
            .map_err(|problem| self.error = Some(problem.to_string()))
            .ok()
    }
}

/// An entry of the error summary; leads to its field.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    /// The field's id on the page.
    pub field: String,
    pub message: String,
}

/// Collects the mistakes of a form in the order of its fields.
pub(crate) fn mistakes(fields: &[(&'static str, &Field)]) -> Vec<Mistake> {
    fields
        .iter()
        .filter_map(|(id, field)| {
            field.error.as_ref().map(|message| Mistake {
                field: (*id).to_owned(),
                message: message.clone(),
            })
        })
        .collect()
}

/// A picture with its size, so that the page does not jump.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picture {
    pub url: String,
    pub alt: String,
    pub width: u32,
    pub height: u32,
}

/// How a state is coloured; its word always stands beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Warn,
    Wrong,
    #[default]
    Idle,
}

/// A state in words and tone: "open", "full", "handed over", "failed".
#[derive(Clone, Debug, Default)]
pub(crate) struct Badge {
    pub tone: Tone,
    pub word: String,
}

impl Badge {
    /// The CSS class of this tone.
    pub(crate) fn class(&self) -> &'static str {
        match self.tone {
            Tone::Good => "good",
            Tone::Warn => "warn",
            Tone::Wrong => "wrong",
            Tone::Idle => "idle",
        }
    }
}
