//! The commands.

mod agent;
mod format;
mod init;
mod installation_key;
mod keys;
mod serve;

use std::{
    fmt::Display,
    io::{self, Write as _},
    process::ExitCode,
};

use self::format::Format;

/// Access tokens for service accounts that can really be taken back
#[derive(Debug, clap::Parser)]
#[command(name = "rescind", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Serve(serve::Serve),
    Agent(agent::AgentCommand),
    Init(init::Init),
    Keys(keys::Keys),
    InstallationKey(installation_key::InstallationKeyCommand),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    ///
    /// What kept it from being done, as one sentence for the operator.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve(serve) => serve.run().await,
            Command::Agent(agent) => agent.run().await,
            Command::Init(init) => init.run().await,
            Command::Keys(keys) => keys.run().await,
            Command::InstallationKey(command) => command.run().await,
        }
    }
}

/// Writes to standard output, all of it at once.
fn write_out(text: impl Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    write!(stdout, "{text}")?;
    stdout.flush()
}

/// Keeps out of the help what a command has no use for. It is allowed all the same, so that one
/// environment and one file serve all commands.
fn hide_settings_of_serve(arg: clap::Arg) -> clap::Arg {
    #[rustfmt::skip]
    let shown = [
        "config", "data_dir", "database_url", "format", "installation_key_file", "log_format",
        "new_key_file", "now", "signing_algorithm",
    ];
    let hidden = !shown.contains(&arg.get_id().as_str());
    arg.hide(hidden)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }
}
