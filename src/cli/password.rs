//! Asking for a password: from a pipe, or at the terminal without showing it.

use std::io::{self, BufRead, IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::Failure;

/// Reads a new password: one line of stdin where it was asked for, else twice at the terminal.
pub(super) fn read(from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        return read_line();
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "no terminal to ask for a password at. Give --password-stdin and the password on stdin".to_owned(),
        ));
    }
    let first = ask("Password: ")?;
    if ask("Once more: ")? != first {
        return Err(Failure::Usage("the two passwords differ. Try again".to_owned()));
    }
    Ok(first)
}

fn ask(prompt: &str) -> Result<String, Failure> {
    let mut terminal = io::stderr();
    write!(terminal, "{prompt}")?;
    terminal.flush()?;
    let line = {
        let _hidden = Hidden::start()?;
        read_line()
    };
    writeln!(terminal)?;
    line
}

fn read_line() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The terminal shows nothing of what is typed while this lives.
struct Hidden {
    before: Termios,
}

impl Hidden {
    fn start() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self { before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Err(error) = tcsetattr(io::stdin(), OptionalActions::Now, &self.before) {
            tracing::warn!(%error, "the terminal was left without echo; `stty echo` brings it back");
        }
    }
}
