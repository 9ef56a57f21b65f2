//! Where the installation key lies: in the environment, in a file that the operator names, or in
//! the data directory.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use rescind_core::{installation_key::InstallationKey, random::SystemRandom};
use zeroize::Zeroizing;

use crate::config::Config;

/// Holds the key itself. Not an option: options stand in the process list.
const VARIABLE: &str = "RESCIND_INSTALLATION_KEY";

/// A file that is longer than this is not a key.
const LONGEST: u64 = 1024;

/// The file in the data directory.
pub(crate) fn path_in(data_dir: &Path) -> PathBuf {
    data_dir.join("installation.key")
}

/// The key that the operator gives, or else the one in the data directory; `None` when there is
/// neither.
///
/// # Errors
///
/// A key is given twice, or cannot be read, or could have been read by others.
pub(crate) fn find(config: &Config) -> anyhow::Result<Option<InstallationKey>> {
    match (env::var_os(VARIABLE), &config.installation_key_file) {
        (Some(_), Some(file)) => bail!(
            "the installation key is given twice: unset {VARIABLE}, or do not name {} with \
             --installation-key-file",
            file.display()
        ),
        (Some(text), None) => Ok(Some(parse(&text)?)),
        (None, Some(file)) => read(file).with_context(|| no_use(file)).map(Some),
        (None, None) => {
            let file = path_in(&config.data_dir);
            match read(&file) {
                Err(ReadKeyError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                read => read.with_context(|| no_use(&file)).map(Some),
            }
        }
    }
}

fn no_use(file: &Path) -> String {
    format!("cannot use {} as the installation key", file.display())
}

fn parse(text: &OsStr) -> anyhow::Result<InstallationKey> {
    text.to_str().unwrap_or_default().parse().with_context(|| format!("cannot use {VARIABLE}"))
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
enum ReadKeyError {
    #[error("others than its owner can read or change it, so run chmod 600 on it")]
    NotPrivate,
    #[error(transparent)]
    NotAKey(#[from] rescind_core::installation_key::ParseInstallationKeyError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn read(path: &Path) -> Result<InstallationKey, ReadKeyError> {
    let file = File::open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        return Err(ReadKeyError::NotPrivate);
    }
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST).read_to_string(&mut text)?;
    Ok(text.parse()?)
}

/// Creates the key at `path`. When this returns, it outlives a power cut, so that what is closed
/// with it can be opened again.
///
/// # Errors
///
/// There is no whole key at `path`.
pub(crate) fn create(path: &Path) -> anyhow::Result<InstallationKey> {
    let key = InstallationKey::generate(&SystemRandom);
    write(&key, path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(key)
}

fn write(key: &InstallationKey, path: &Path) -> io::Result<()> {
    let text = Zeroizing::new(format!("{}\n", &*key.expose_hex()));
    let unfinished = path.with_extension("key.unfinished");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.set_permissions(Permissions::from_mode(0o600))?; // whatever the umask
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_with(text: &[u8], mode: u32) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        file.as_file().set_permissions(Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn a_created_key_is_private_and_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = path_in(dir.path());
        let key = create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap().expose_hex(), key.expose_hex());
        let names: Vec<_> = fs::read_dir(&dir).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(names, ["installation.key"]);
    }

    #[test]
    fn what_a_crash_left_behind_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = path_in(dir.path());
        let unfinished = dir.path().join("installation.key.unfinished");
        fs::write(&unfinished, "0".repeat(200)).unwrap();
        fs::set_permissions(&unfinished, Permissions::from_mode(0o644)).unwrap();
        let key = create(&path).unwrap();
        assert_eq!(read(&path).unwrap().expose_hex(), key.expose_hex());
    }

    #[test]
    fn only_a_private_file_is_read() {
        let digits = "a".repeat(64);
        for (mode, private) in
            [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o620, false)]
        {
            let file = file_with(digits.as_bytes(), mode);
            let refused = matches!(read(file.path()), Err(ReadKeyError::NotPrivate));
            assert_eq!(refused, !private, "row: {mode:o}");
        }
    }

    #[test]
    fn what_is_not_64_digits_is_no_key() {
        for text in ["", "a", &"g".repeat(64), &"a".repeat(65), &"a".repeat(4096)] {
            let file = file_with(text.as_bytes(), 0o600);
            assert!(matches!(read(file.path()), Err(ReadKeyError::NotAKey(_))), "row: {text}");
        }
        let file = file_with(&[0xff; 64], 0o600);
        assert!(matches!(read(file.path()), Err(ReadKeyError::Io(_))));
    }
}
