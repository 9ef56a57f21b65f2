//! `rescind init`: what the first `rescind serve` creates, without serving.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use rescind_authority::{FirstAccount, found};
use rescind_core::{
    clock::SystemClock,
    id::{ClientId, GroupId, OrgId},
    random::SystemRandom,
};
use serde::Serialize;

use super::Format;
use crate::{config::Source, installation::Installation, logging};

/// Create an installation without serving it
///
/// Creates the store, the installation key, a signing key, an organization and a project named
/// "default", and a service account that owns the organization, and shows the account's id and
/// secret, once.
///
/// Exit status: 0 all of it was created; 1 something went wrong, or the store is not empty, and
/// then nothing in it has changed; 2 it was called wrongly.
#[derive(Debug, clap::Args)]
#[command(mut_args(super::hide_settings_of_serve))]
pub(crate) struct Init {
    /// How to print what was created; JSON is one object: `orgId`, `projectId`, `clientId`,
    /// `clientSecret`
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    settings: Source,
}

impl Init {
    /// Creates the installation and prints it.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.settings.load()?;
        logging::start(config.log_format)?;
        let Installation { store, key } = Installation::open(&config).await?;
        let algorithm = config.signing_algorithm;
        let created = found(&*store, &key, algorithm, &SystemClock, &SystemRandom).await?;
        let Some(account) = created else {
            bail!(
                "the store in {} is not empty, and nothing in it was changed: \
                 name another {}, or start `rescind serve` on this one",
                config.place_of_store(),
                match &config.database {
                    Some(_) => "database with --database-url",
                    None => "directory with --data-dir",
                }
            );
        };
        let mut text = printed(self.format, &account)?;
        text.push('\n');
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).with_context(|| {
            format!(
                "the secret that was created could not be shown: remove {} and run this again",
                config.place_of_store()
            )
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What `--format json` prints; the names are a promise to scripts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created<'a> {
    org_id: OrgId,
    project_id: GroupId,
    client_id: ClientId,
    client_secret: &'a str,
}

fn printed(format: Format, account: &FirstAccount) -> serde_json::Result<String> {
    let created = Created {
        org_id: account.org_id,
        project_id: account.group_id,
        client_id: account.client_id,
        client_secret: account.secret.expose(),
    };
    match format {
        Format::Json => serde_json::to_string(&created),
        Format::Text => Ok(format!(
            "organization   {}\n\
                 project        {}\n\
                 client id      {}\n\
                 client secret  {}\n\
                 \n\
                 The secret is shown only now; it expires on {}.",
            created.org_id,
            created.project_id,
            created.client_id,
            created.client_secret,
            account.secret_expires_at,
        )),
    }
}
