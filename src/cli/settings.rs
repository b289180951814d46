//! Every setting as a flag, from the one list of settings.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Command, CommandFactory};

use crate::config::KEYS;

/// The command line of `C` with a flag for every setting. `-h` leaves them out, `--help` shows them.
pub(super) fn command<C: CommandFactory>() -> Command {
    KEYS.iter().fold(C::command(), |command, key| {
        let default = if key.default.is_empty() || key.default.len() > 40 {
            String::new()
        } else {
            format!(" [default: {}]", key.default)
        };
        command.arg(
            Arg::new(key.name)
                .long(key.name.replace('_', "-"))
                .value_name("VALUE")
                .help(format!("{}{default}", key.help.replace('`', "")))
                .help_heading("Settings")
                .global(true)
                .hide_short_help(true)
                .allow_hyphen_values(true),
        )
    })
}

/// The settings that were given as flags.
pub(super) fn flags(matches: &ArgMatches) -> BTreeMap<&'static str, String> {
    KEYS.iter()
        .filter_map(|key| Some((key.name, matches.get_one::<String>(key.name)?.clone())))
        .collect()
}
