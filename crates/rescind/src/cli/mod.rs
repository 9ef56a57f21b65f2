//! The commands.

mod init;
mod serve;

use std::process::ExitCode;

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
    Init(init::Init),
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
            Command::Init(init) => init.run().await,
        }
    }
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
