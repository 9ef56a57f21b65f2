//! `rescind keys`: the keys that sign tokens.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use rescind_authority::{rotate_signing_key, signing_keys, unlock};
use rescind_core::{clock::SystemClock, random::SystemRandom};
use rescind_store::StoreError;

use super::Format;
use crate::{
    config::{Config, Source},
    control::{self, Request},
    installation::Installation,
    key_row::{HEADING, KeyRow, rows},
    logging,
};

/// See and rotate the keys that sign tokens
///
/// A running server is asked; without one, the store is opened.
#[derive(Debug, clap::Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(List),
    Rotate(Rotate),
}

/// List the signing keys, the oldest first
///
/// One key is current: it signs. Newer ones are published and will sign; older ones verify the
/// tokens that they have signed until the last of them has expired.
#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    common: Common,
}

/// Add a signing key, of the algorithm that the settings name
///
/// It is published at once, and signs two hours later, when everybody who verifies tokens has had
/// time to learn of it. The one before verifies until the last token that it has signed has
/// expired. No token dies of it. Shows all keys then.
#[derive(Debug, clap::Args)]
struct Rotate {
    /// Sign with the new key from now on; who verifies tokens and keeps the public keys without
    /// asking again refuses them for a while
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, clap::Args)]
#[command(mut_args(super::hide_settings_of_serve))]
struct Common {
    /// How to print the keys
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    settings: Source,
}

impl Keys {
    /// Does it, and prints the keys.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let (request, Common { format, settings }) = match self.command {
            Command::List(List { common }) => (Request::ListKeys, common),
            Command::Rotate(Rotate { now, common }) => {
                (Request::RotateKeys { at_once: now }, common)
            }
        };
        let config = settings.load()?;
        logging::start(config.log_format)?;
        let text = match format {
            Format::Json => serde_json::to_string(&done(&config, request).await?)? + "\n",
            Format::Text => {
                let lines = done(&config, request).await?;
                lines.iter().fold(format!("{HEADING}\n"), |text, row| format!("{text}{row}\n"))
            }
        };
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Does what is asked for, or has it done by the server that has the store.
async fn done(config: &Config, request: Request) -> anyhow::Result<Vec<KeyRow>> {
    let Installation { store, key } = match Installation::existing(config).await {
        Err(error) if error.downcast_ref().is_some_and(StoreError::is_in_use) => {
            let asked = control::ask(&config.data_dir, request).await;
            return match &config.database {
                // It may run elsewhere.
                Some(database) => asked.with_context(|| {
                    format!(
                        "another rescind is using the database {database}: run this where that \
                         one runs, with its --data-dir"
                    )
                }),
                None => asked,
            };
        }
        opened => opened?,
    };
    match request {
        Request::ListKeys => {}
        Request::RotateKeys { at_once } => {
            let data_keys = unlock(&*store, &key, &SystemClock, &SystemRandom).await?;
            let (algorithm, takeover) = (config.signing_algorithm, Request::takeover(at_once));
            let (clock, random) = (&SystemClock, &SystemRandom);
            rotate_signing_key(&*store, &data_keys, algorithm, takeover, clock, random).await?;
        }
    }
    Ok(rows(&signing_keys(&*store, &SystemClock).await?))
}
