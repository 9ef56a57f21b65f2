//! `rescind installation-key`: the one secret that lies outside the store.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::bail;
use rescind_authority::rotate_installation_key;
use rescind_core::{clock::SystemClock, random::SystemRandom};

use crate::{
    config::{Config, Source},
    installation::Installation,
    installation_key::{self, Place},
    logging,
};

/// Rotate the key that locks the store
#[derive(Debug, clap::Args)]
pub(crate) struct InstallationKeyCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Rotate(Rotate),
}

/// Lock the store with a new installation key
///
/// The server must be stopped. All that the store holds stays as it is: no token and no secret dies
/// of it. The old key opens nothing any more but copies of the store that were made before.
///
/// A key in a file is replaced by one that is made for it. For a key in the environment, or in a
/// file that only others can write, make the new one and name its file: it must be in its place at
/// the next start.
///
/// Exit status: 0 the store is locked with the new key; 1 something went wrong, and one of the two
/// keys opens the store; 2 it was called wrongly.
#[derive(Debug, clap::Args)]
#[command(mut_args(super::hide_settings_of_serve))]
struct Rotate {
    /// A file that holds the new key, 64 hexadecimal digits; it stays where it is
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<PathBuf>,
    #[command(flatten)]
    settings: Source,
}

impl InstallationKeyCommand {
    /// Does it, and says what the operator has to know then.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let Command::Rotate(Rotate { new_key_file, settings }) = self.command;
        let config = settings.load()?;
        logging::start(config.log_format)?;
        let sentence = match new_key_file {
            Some(file) => rotate_to(&config, &file).await?,
            None => rotate_in_place(&config).await?,
        };
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{sentence}").and_then(|()| stdout.flush())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes a new key, and puts it where the old one is.
async fn rotate_in_place(config: &Config) -> anyhow::Result<String> {
    let file = match installation_key::place(config)? {
        Place::Environment(_) => bail!(
            "the installation key is in the environment, which this command cannot change: \
             name a file that holds a new one with --new-key-file"
        ),
        Place::Named(file) | Place::DataDir(file) => file,
    };
    let Installation { store, key } = Installation::existing(config).await?;
    let new = installation_key::create_beside(&file)?;
    rotate_installation_key(&*store, &key, &new, &SystemClock, &SystemRandom).await?;
    installation_key::finish(&file)?;
    Ok(format!(
        "the store is locked with a new installation key, in {}: back it up, apart from the store",
        file.display()
    ))
}

/// Takes the key that the operator has made.
async fn rotate_to(config: &Config, file: &Path) -> anyhow::Result<String> {
    let new = installation_key::from_file(file)?;
    let Installation { store, key } = Installation::existing(config).await?;
    rotate_installation_key(&*store, &key, &new, &SystemClock, &SystemRandom).await?;
    Ok(format!(
        "the store is locked with the installation key in {}: start the server with that one",
        file.display()
    ))
}
