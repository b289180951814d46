//! A small disk of its own, where the machine allows one: it can be filled and made read-only.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A mounted tmpfs. It is unmounted when it is dropped.
pub struct SmallDisk {
    directory: TempDir,
}

impl SmallDisk {
    /// `None` where this user may not mount.
    pub fn mount(megabytes: usize) -> Option<Self> {
        let directory = TempDir::new().unwrap();
        let size = format!("size={megabytes}m");
        mount(&["-t", "tmpfs", "-o", &size, "tmpfs"], directory.path()).then_some(Self { directory })
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes until nothing more fits; removing the file it gives frees the disk.
    pub fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut file = File::create(&path).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            let block = vec![0; size];
            while file.write_all(&block).is_ok() {}
        }
        path
    }

    pub fn make_read_only(&self) -> bool {
        mount(&["-o", "remount,ro"], self.path())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the program that used it may still be ending.
        if !quietly(Command::new("umount").arg("-l").arg(self.path())) {
            eprintln!("{} is still mounted", self.path().display());
        }
    }
}

fn mount(arguments: &[&str], at: &Path) -> bool {
    quietly(Command::new("mount").args(arguments).arg(at))
}

fn quietly(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
