//! The house: a module uses only what stands to its left.

use std::fs;
use std::path::{Path, PathBuf};

/// From left to right; features beside each other do not know each other.
const ORDER: [&[&str]; 12] = [
    &["clock", "values"],
    &["config"],
    &["db"],
    &["mail"],
    &["web"],
    &["organizers"],
    &["contacts"],
    &["assessment", "webcasts", "whitepapers"],
    &["site"],
    &["app"],
    &["cli"],
    &["main"],
];

fn place(module: &str) -> Option<usize> {
    ORDER.iter().position(|group| group.contains(&module))
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The modules that a file names after `crate::`, one by one or in braces.
fn used(text: &str) -> Vec<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut modules = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let list = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
        for item in list
            .unwrap_or(rest)
            .split(',')
            .take(if list.is_some() { usize::MAX } else { 1 })
        {
            let name: String = item
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            modules.push(name);
        }
    }
    modules
}

#[test]
fn a_module_uses_only_what_stands_to_its_left() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let own = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        let Some(own_place) = place(own) else {
            assert_eq!(own, "lib", "{own} has no place in the order");
            continue;
        };
        for module in used(&fs::read_to_string(&file).unwrap()) {
            let Some(other) = place(&module) else { continue };
            if module != own && other >= own_place {
                wrong.push(format!("{} uses {module}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
