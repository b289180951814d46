//! The fonts of the machine: found at the first letter that ours lack, read when one of them is needed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::font::Font;
use super::font_file::FontFile;
use super::style::Face;

/// Where Debian and its kin keep fonts.
const USUAL: [&str; 2] = ["/usr/local/share/fonts", "/usr/share/fonts"];
/// Folders are gone down so far.
const DEPTH: usize = 6;
/// More fonts are not looked at.
const MOST_FILES: usize = 4_000;
/// What is kept in memory; beyond it the oldest go.
const KEPT_BYTES: usize = 48 << 20;

/// Folders, and what was found in them.
pub(super) struct Machine {
    /// The first is the first choice.
    folders: Vec<PathBuf>,
    found: OnceLock<Vec<FontFile>>,
    /// The latest comes last. `None` where a file turned out to be no good.
    kept: Mutex<Vec<(PathBuf, Option<Arc<Font>>)>>,
}

impl Machine {
    /// No fonts at all.
    pub(super) fn none() -> Self {
        Self::of(Vec::new())
    }

    /// The usual folders, and before them one that was set.
    pub(super) fn usual(folder: Option<&Path>) -> Self {
        let set = folder.into_iter().map(Path::to_owned);
        Self::of(set.chain(USUAL.map(PathBuf::from)).collect())
    }

    /// One folder alone.
    pub(super) fn folder(folder: &Path) -> Self {
        Self::of(vec![folder.to_owned()])
    }

    fn of(folders: Vec<PathBuf>) -> Self {
        Self {
            folders,
            found: OnceLock::new(),
            kept: Mutex::default(),
        }
    }

    /// The font that has all of these letters and comes nearest to a cut.
    pub(super) fn font_for(&self, face: Face, letters: &[char]) -> Option<Arc<Font>> {
        let found = self.found.get_or_init(|| find(&self.folders));
        let folder = |file: &FontFile| self.folders.iter().position(|folder| file.path.starts_with(folder));
        let mut fitting: Vec<&FontFile> = found.iter().filter(|file| file.covers(letters)).collect();
        fitting.sort_by_cached_key(|file| (folder(file), file.distance(face), file.path.clone()));
        let mut fonts = fitting.into_iter().filter_map(|file| self.read(&file.path));
        fonts.find(|font| font.covers(letters).into_iter().all(|has| has))
    }

    fn read(&self, path: &Path) -> Option<Arc<Font>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, font)) = kept.iter().find(|(known, _)| known == path) {
            return font.clone();
        }
        let font = std::fs::read(path)
            .ok()
            .and_then(|bytes| Font::read(bytes.into(), 0))
            .map(Arc::new);
        kept.push((path.to_owned(), font.clone()));
        let size = |(_, font): &(PathBuf, Option<Arc<Font>>)| font.as_ref().map_or(0, |font| font.file().0.len());
        while kept.len() > 1 && kept.iter().map(size).sum::<usize>() > KEPT_BYTES {
            kept.remove(0);
        }
        font
    }
}

fn find(folders: &[PathBuf]) -> Vec<FontFile> {
    let mut paths = Vec::new();
    for folder in folders {
        collect(folder, DEPTH, &mut paths);
    }
    paths.dedup();
    let files = paths
        .iter()
        .filter_map(|path| FontFile::look_at(path))
        .collect::<Vec<_>>();
    tracing::info!(
        fonts = files.len(),
        "looked for fonts with letters that the built-in ones lack"
    );
    files
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, found);
            }
        } else if is_font(&path) && found.len() < MOST_FILES {
            found.push(path);
        }
    }
}

fn is_font(path: &Path) -> bool {
    let ending = path.extension().map(OsStr::to_ascii_lowercase);
    ending.is_some_and(|ending| ["ttf", "otf", "ttc", "otc"].iter().any(|known| ending == *known))
}
