//! A store, opened, with the key that goes with it.

use std::{
    fs::{DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, bail};
use rescind_core::installation_key::InstallationKey;
use rescind_store::{PostgresStore, SqliteStore, Store};

use crate::{config::Config, installation_key};

/// The store, which no other process has open, and the key that goes with it.
pub(crate) struct Installation {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) key: InstallationKey,
}

impl Installation {
    /// Opens what `config` names, which must be there.
    pub(crate) async fn existing(config: &Config) -> anyhow::Result<Self> {
        match &config.database {
            Some(database) if !PostgresStore::is_in(database).await? => bail!(
                "there is no store in the database {database}: name the database of one with \
                 --database-url"
            ),
            None if !SqliteStore::is_in(&config.data_dir) => bail!(
                "there is no store in {}: name the directory of one with --data-dir",
                config.data_dir.display()
            ),
            Some(_) | None => {}
        }
        Self::open(config).await
    }

    /// Opens what `config` names, and creates what is missing. A store that something was founded
    /// in gets no new key: it would not open what the lost one has closed.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        let data_dir = &config.data_dir;
        create_durably(data_dir)
            .with_context(|| format!("cannot create the data directory {}", data_dir.display()))?;
        let store: Arc<dyn Store> = match &config.database {
            Some(database) => Arc::new(PostgresStore::open(database).await?),
            None => Arc::new(SqliteStore::open(data_dir)?),
        };
        let lock = store.installation().await?;
        let fingerprint = lock.map(|lock| lock.fingerprint);
        if let Some(key) = installation_key::find(config, fingerprint)? {
            return Ok(Self { store, key });
        }
        let path = installation_key::path_in(data_dir);
        if fingerprint.is_some() {
            bail!(
                "{} is missing, and the store is of no use without it: restore it from a backup, \
                 or name another file with --installation-key-file",
                path.display()
            );
        }
        let key = installation_key::create(&path)?;
        Ok(Self { store, key })
    }
}

/// Creates a directory that only its owner may enter, and those above it, all to outlive a power
/// cut.
fn create_durably(dir: &Path) -> io::Result<()> {
    let parent = match dir.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Ok(()),
    };
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => File::open(parent)?.sync_all(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_durably(parent)?;
            create_durably(dir)
        }
        Err(_) if dir.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_directory_is_created_with_those_above_it_and_is_private() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("a/b/c");
        create_durably(&dir).unwrap();
        assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
        create_durably(&dir).unwrap();
        create_durably(Path::new("/")).unwrap();
        create_durably(Path::new(".")).unwrap();
    }

    #[test]
    fn a_file_is_no_directory() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(create_durably(&file).is_err());
        assert!(create_durably(&file.join("below")).is_err());
    }
}
