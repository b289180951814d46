//! `completions` and `man`: for a shell and for `man`, made from the command line itself.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, CommandOutcome, note, settings};

/// Print completions for a shell
#[derive(Args)]
#[command(
    after_help = "Example:\n  commonground completions bash > /etc/bash_completion.d/commonground\n  commonground completions fish > ~/.config/fish/completions/commonground.fish"
)]
pub(super) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> CommandOutcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut settings::command::<Cli>(), "commonground", &mut script);
        Ok(io::stdout().write_all(&script)?)
    }
}

/// Write a man page for each command into DIR
#[derive(Args)]
#[command(after_help = "Example:\n  commonground man /usr/local/share/man/man1")]
pub(super) struct Man {
    /// A directory; made where there is none
    directory: PathBuf,
}

impl Man {
    pub(super) fn run(&self) -> CommandOutcome {
        let shown = self.directory.display();
        std::fs::create_dir_all(&self.directory).with_context(|| format!("{shown} cannot be made"))?;
        let written = write_pages(&self.directory);
        written.with_context(|| format!("{shown} cannot be written to"))?;
        note!("The man pages are in {shown}")?;
        Ok(())
    }
}

/// The settings stand on the first page alone.
fn write_pages(directory: &Path) -> io::Result<()> {
    clap_mangen::generate_to(Cli::command(), directory)?;
    let whole = settings::command::<Cli>().mut_args(|argument| argument.hide_short_help(false));
    let mut page = Vec::new();
    clap_mangen::Man::new(whole).render(&mut page)?;
    std::fs::write(directory.join("commonground.1"), page)
}
