//! The secret of the service account that an agent is.

use std::{env, path::Path};

use anyhow::{Context as _, bail, ensure};
use zeroize::Zeroizing;

use crate::private_file;

/// Holds the secret itself. Not an option: options stand in the process list.
const VARIABLE: &str = "RESCIND_AGENT_CLIENT_SECRET";

/// The secret in the file, or in the environment where there is none.
///
/// # Errors
///
/// It is given nowhere or twice, or the file could have been read by others.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Zeroizing<String>> {
    let text = match (env::var(VARIABLE).map(Zeroizing::new), file) {
        (Ok(_), Some(file)) => bail!(
            "the client secret is given twice: unset {VARIABLE}, or do not name {} with \
             --client-secret-file",
            file.display()
        ),
        (Ok(text), None) => text,
        (Err(env::VarError::NotUnicode(_)), _) => bail!("{VARIABLE} holds no client secret"),
        (Err(env::VarError::NotPresent), Some(file)) => private_file::read(file)
            .with_context(|| format!("cannot use {} as the client secret", file.display()))?,
        (Err(env::VarError::NotPresent), None) => bail!(
            "name the file with the secret of the service account with --client-secret-file, or \
             set {VARIABLE}"
        ),
    };
    let secret = Zeroizing::new(text.trim().to_owned());
    let whole = !secret.is_empty() && secret.bytes().all(|b| b.is_ascii_graphic());
    ensure!(whole, "the client secret is not one line of the form mdb_sa_sk_…");
    Ok(secret)
}
