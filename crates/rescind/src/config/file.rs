//! The file of `--config`.

use std::{fs, path::Path};

use anyhow::{Context as _, anyhow};

use serde::de::DeserializeOwned;

/// What the file at `path` sets.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration file {}", path.display()))?;
    toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        anyhow!("{}, line {line}: {}", path.display(), error.message())
    })
}
