//! A new installation, with what a run needs written into its store before a server starts on it.

use std::fs;
use std::io;
use std::path::Path;

use rescind_core::clock::{Clock, SystemClock, UnixTime};
use rescind_core::data_keys::DataKeys;
use rescind_core::installation_key::InstallationKey;
use rescind_harness::Installation;
use rescind_store::{SqliteStore, Store};

use crate::data_dir::DataDir;
use crate::error::Error;

/// Makes an installation in a directory below `parent`; `write` is given its store, its data keys
/// and the time.
pub(crate) fn populate<T>(
    binary: &Path,
    parent: &Path,
    write: impl AsyncFnOnce(&SqliteStore, &DataKeys, UnixTime) -> Result<T, Error>,
) -> Result<(DataDir, T), Error> {
    let data_dir = DataDir::create_in(parent)?;
    Installation::init(binary, data_dir.path())?;
    let key = fs::read_to_string(data_dir.path().join("installation.key"))
        .and_then(|text| text.trim().parse::<InstallationKey>().map_err(io::Error::other))
        .map_err(Error::io("read the installation key"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(Error::io("start what the store runs on"))?;
    let store = SqliteStore::open(data_dir.path())?;
    let written = runtime.block_on(async {
        let data_keys = data_keys(&store, &key).await?;
        write(&store, &data_keys, SystemClock.now()).await
    })?;
    Ok((data_dir, written))
}

/// The data keys of the installation whose key this is.
pub(crate) async fn data_keys(store: &dyn Store, key: &InstallationKey) -> Result<DataKeys, Error> {
    let wrapped = store.installation().await?.and_then(|lock| lock.data_keys);
    let data_keys = wrapped.ok_or("there are none".to_owned()).and_then(|wrapped| {
        DataKeys::unwrap_with(key, &wrapped).map_err(|error| error.to_string())
    });
    data_keys.map_err(io::Error::other).map_err(Error::io("open the data keys"))
}
