//! The house: what stands where, and what may know of what. Each rule is one of the map in `src/lib.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use commonground::contacts::TraceOf;

/// From left to right; features beside each other do not know each other.
const ORDER: [&[&str]; 21] = [
    &["clock", "values"],
    &["typesetting"],
    &["cards", "config", "uploads"],
    &["db"],
    &["audit"],
    &["mail", "export"],
    &["schedule"],
    &["web"],
    &["organizers"],
    &["tallies", "undo"],
    &["console", "contacts"],
    &["questions"],
    &["assessment", "webcasts", "whitepapers"],
    &["imports", "lists"],
    &["privacy"],
    &["doctor"],
    &["site"],
    &["app"],
    &["cli"],
    &["main"],
    &["lib"],
];
/// Where statements stand. `store` is a file or a folder of any feature.
const WITH_SQL: [&str; 3] = ["db", "mail/outbox", "mail/suppressions.rs"];
/// Where HTTP stands.
const WITH_HTTP: [&str; 5] = ["web", "app", "site", "console", "organizers"];
/// Lines of a file before its tests.
const LONGEST: usize = 400;

/// A file of the program, without its tests.
struct Source {
    /// Below `src`, such as "webcasts/store/seats.rs".
    path: PathBuf,
    /// Without comments and test modules.
    code: String,
    /// Lines before the tests, with comments.
    lines: usize,
}

impl Source {
    fn read(root: &Path, file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code: Vec<&str> = before_tests
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        Self {
            path: file.strip_prefix(root).unwrap().to_owned(),
            code: code.join("\n"),
            lines: before_tests.lines().count(),
        }
    }

    fn module(&self) -> &str {
        self.path
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
    }

    fn is_test(&self) -> bool {
        self.path.file_name().is_some_and(|name| name == "tests.rs")
    }

    fn is_under(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// Whether a folder or the file itself carries one of these names.
    fn is_layer(&self, names: &[&str]) -> bool {
        self.path
            .iter()
            .any(|part| names.contains(&part.to_str().unwrap().trim_end_matches(".rs")))
    }

    /// The modules named after `crate::`, one by one or in braces.
    fn uses(&self) -> Vec<String> {
        let mut modules = Vec::new();
        for rest in self.code.split("crate::").skip(1) {
            let list = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
            let most = if list.is_some() { usize::MAX } else { 1 };
            for item in list.unwrap_or(rest).split(',').take(most) {
                modules.push(
                    item.trim()
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect(),
                );
            }
        }
        modules
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let source = root().join("src");
    let mut files = Vec::new();
    collect(&source, &mut files);
    let read = files.iter().map(|file| Source::read(&source, file));
    read.filter(|source| !source.is_test()).collect()
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Fails with the paths of those that break a rule.
fn none(rule: &str, breaks: impl Fn(&Source) -> bool) {
    let sources = sources();
    assert!(sources.len() > 100, "the sources were not found");
    let wrong: Vec<&PathBuf> = sources
        .iter()
        .filter(|source| breaks(source))
        .map(|source| &source.path)
        .collect();
    assert!(wrong.is_empty(), "{rule}: {wrong:#?}");
}

#[test]
fn a_module_uses_only_what_stands_to_its_left() {
    let place = |module: &str| ORDER.iter().position(|group| group.contains(&module));
    let mut wrong = Vec::new();
    for source in sources() {
        let own = source.module();
        let own_place = place(own).unwrap_or_else(|| panic!("{own} has no place in the order"));
        for module in source.uses() {
            if place(&module).is_some_and(|other| module != own && other >= own_place) {
                wrong.push(format!("{} uses {module}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn statements_stand_in_stores() {
    none("SQL outside a store", |source| {
        let may = source.is_under(&WITH_SQL) || source.is_layer(&["store", "roster"]) || source.module() == "audit";
        !may && source.code.contains("sqlx::query")
    });
}

#[test]
fn http_stands_in_pages() {
    none("HTTP outside pages", |source| {
        let may = source.is_under(&WITH_HTTP) || source.is_layer(&["pages", "console", "api"]);
        !may && source.code.contains("actix_web")
    });
}

#[test]
fn no_page_holds_a_job() {
    none("a job in a page", |source| {
        let is_page = source.is_under(&["site", "console"]) || source.is_layer(&["pages", "console"]);
        let squeezed: String = source.code.split_whitespace().collect();
        is_page && squeezed.contains("mutTx")
    });
}

#[test]
fn a_file_is_about_one_thing() {
    none("longer than 400 lines before its tests", |source| {
        source.lines > LONGEST
    });
}

/// A name in two modules is two ideas, and a reader takes one for the other.
#[test]
fn a_type_name_means_one_thing() {
    let mut places: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for source in sources() {
        for line in source.code.lines().filter(|line| !line.starts_with(' ')) {
            let words: Vec<&str> = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
            let keyword = words
                .iter()
                .position(|word| ["struct", "enum", "trait", "type"].contains(word));
            if let Some(name) = keyword.and_then(|keyword| words.get(keyword + 1)) {
                places.entry((*name).to_owned()).or_default().push(source.path.clone());
            }
        }
    }
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn whoever_refers_to_a_contact_says_so() {
    let told: BTreeSet<String> = commonground::app::traces()
        .iter()
        .filter(|trace| matches!(trace.of, TraceOf::Contact | TraceOf::Derived))
        .map(|trace| trace.table.to_owned())
        .collect();
    for database in ["sqlite", "postgres"] {
        let mut referring = BTreeSet::new();
        for (name, text) in migrations(database) {
            for statement in text
                .split(';')
                .filter(|statement| statement.contains("REFERENCES contacts"))
            {
                let words: Vec<&str> = statement.split_whitespace().collect();
                let table = words.iter().position(|word| word.eq_ignore_ascii_case("TABLE"));
                let table = table
                    .and_then(|table| words.get(table + 1))
                    .unwrap_or_else(|| panic!("{name}: {statement}"));
                referring.insert((*table).to_owned());
            }
        }
        assert_eq!(
            referring, told,
            "{database}: foreign keys to a contact, and what `app::traces` names"
        );
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database| migrations(database).into_keys().collect::<Vec<_>>();
    assert_eq!(names("sqlite"), names("postgres"));
}

fn migrations(database: &str) -> BTreeMap<String, String> {
    let directory = root().join("migrations").join(database);
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let read = entries.map(|entry| {
        let text = fs::read_to_string(entry.path()).unwrap();
        let code: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"))
            .collect();
        (entry.file_name().into_string().unwrap(), code.join("\n"))
    });
    read.collect()
}
