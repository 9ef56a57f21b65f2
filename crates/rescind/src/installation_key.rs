//! Where the installation key lies: in the environment, in a file that the operator names, or in
//! the data directory.

use std::{
    env,
    ffi::OsString,
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use rescind_core::{installation_key::InstallationKey, random::SystemRandom};
use zeroize::Zeroizing;

use crate::{
    config::Config,
    private_file::{self, PrivateFileError},
};

/// Holds the key itself. Not an option: options stand in the process list.
const VARIABLE: &str = "RESCIND_INSTALLATION_KEY";

/// The file in the data directory.
pub(crate) fn path_in(data_dir: &Path) -> PathBuf {
    data_dir.join("installation.key")
}

/// Where the operator keeps the key.
pub(crate) enum Place {
    /// In the environment, which holds this key.
    Environment(InstallationKey),
    /// In a file that the operator has made.
    Named(PathBuf),
    /// In the data directory.
    DataDir(PathBuf),
}

/// Where `config` and the environment say that the key is.
///
/// # Errors
///
/// It is said twice, or the environment holds what is no key.
pub(crate) fn place(config: &Config) -> anyhow::Result<Place> {
    match (env::var_os(VARIABLE), &config.installation_key_file) {
        (Some(_), Some(file)) => bail!(
            "the installation key is given twice: unset {VARIABLE}, or do not name {} with \
             --installation-key-file",
            file.display()
        ),
        (Some(text), None) => Ok(Place::Environment(parse(text)?)),
        (None, Some(file)) => Ok(Place::Named(file.clone())),
        (None, None) => Ok(Place::DataDir(path_in(&config.data_dir))),
    }
}

/// The key that the operator gives, or else the one in the data directory; `None` when there is
/// neither. `locked_with` is the fingerprint of the key that the store is locked with.
///
/// # Errors
///
/// A key is given twice, or cannot be read, or could have been read by others.
pub(crate) fn find(
    config: &Config,
    locked_with: Option<[u8; 8]>,
) -> anyhow::Result<Option<InstallationKey>> {
    match place(config)? {
        Place::Environment(key) => Ok(Some(key)),
        Place::Named(file) => in_file(&file, locked_with).with_context(|| no_use(&file)).map(Some),
        Place::DataDir(file) => match in_file(&file, locked_with) {
            Err(ReadKeyError::File(PrivateFileError::Io(error)))
                if error.kind() == io::ErrorKind::NotFound =>
            {
                Ok(None)
            }
            read => read.with_context(|| no_use(&file)).map(Some),
        },
    }
}

/// The key that lies in `file`. If the store is not locked with it, but with the one that a
/// rotation has put beside it, that takes its place: the rotation was cut short.
fn in_file(file: &Path, locked_with: Option<[u8; 8]>) -> Result<InstallationKey, ReadKeyError> {
    let key = read(file);
    let is_right = |key: &InstallationKey| Some(key.fingerprint()) == locked_with;
    if locked_with.is_none() || key.as_ref().is_ok_and(is_right) {
        return key;
    }
    let file = real(file);
    match read(&beside(&file)) {
        Ok(next) if is_right(&next) => {
            put_in_place(&file).map_err(PrivateFileError::from)?;
            tracing::info!("the rotation of the installation key was cut short, and is finished");
            Ok(next)
        }
        _ => key,
    }
}

/// Where the next key lies until the store is locked with it.
fn beside(file: &Path) -> PathBuf {
    append(file, ".new")
}

fn append(file: &Path, end: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// The file that a link leads to: a rename would put the key in the place of the link.
fn real(file: &Path) -> PathBuf {
    fs::canonicalize(file).unwrap_or_else(|_| file.to_owned())
}

/// Puts a new key beside the one in `file`, durably.
///
/// # Errors
///
/// There is no whole key beside it.
pub(crate) fn create_beside(file: &Path) -> anyhow::Result<InstallationKey> {
    let next = beside(&real(file));
    create(&next).context("name a file that holds a new key with --new-key-file")
}

/// Puts the key beside the one in `file` in its place, durably.
///
/// # Errors
///
/// It may still be beside it; the next start finds it there.
pub(crate) fn finish(file: &Path) -> anyhow::Result<()> {
    let file = real(file);
    put_in_place(&file).with_context(|| {
        format!(
            "the store is locked with the key in {}, which could not take the place of {}",
            beside(&file).display(),
            file.display()
        )
    })
}

fn put_in_place(file: &Path) -> io::Result<()> {
    fs::rename(beside(file), file)?;
    sync_folder_of(file)
}

/// The key in a file that the operator names.
///
/// # Errors
///
/// It cannot be read, or could have been read by others.
pub(crate) fn from_file(file: &Path) -> anyhow::Result<InstallationKey> {
    read(file).with_context(|| no_use(file))
}

fn no_use(file: &Path) -> String {
    format!("cannot use {} as the installation key", file.display())
}

fn parse(text: OsString) -> anyhow::Result<InstallationKey> {
    let text = Zeroizing::new(text.into_string().unwrap_or_default());
    text.parse().with_context(|| format!("cannot use {VARIABLE}"))
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
enum ReadKeyError {
    #[error(transparent)]
    File(#[from] PrivateFileError),
    #[error(transparent)]
    NotAKey(#[from] rescind_core::installation_key::ParseInstallationKeyError),
}

fn read(path: &Path) -> Result<InstallationKey, ReadKeyError> {
    Ok(private_file::read(path)?.parse()?)
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
    let text = key.expose_hex();
    let unfinished = append(path, ".unfinished");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.set_permissions(Permissions::from_mode(0o600))?; // whatever the umask
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder_of(path)
}

/// Without it, a power cut may take back what a rename has done.
fn sync_folder_of(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if folder.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private_file::tests::file_with;

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
    fn a_rotation_that_was_cut_short_is_finished_when_the_store_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = path_in(dir.path());
        let old = create(&path).unwrap();
        let new = create_beside(&path).unwrap();
        // Before the store was locked with it: the old one counts, and the new one is left alone.
        let found = in_file(&path, Some(old.fingerprint())).unwrap();
        assert_eq!(found.fingerprint(), old.fingerprint());
        assert!(beside(&path).exists());
        // Neither fits, or nothing was founded: nothing is done.
        for lock in [Some([7; 8]), None] {
            assert_eq!(in_file(&path, lock).unwrap().fingerprint(), old.fingerprint());
            assert!(beside(&path).exists());
        }
        // After: it takes its place, for good.
        for _ in 0..2 {
            let found = in_file(&path, Some(new.fingerprint())).unwrap();
            assert_eq!(found.fingerprint(), new.fingerprint());
            assert_eq!(read(&path).unwrap().fingerprint(), new.fingerprint());
            assert!(!beside(&path).exists());
        }
    }

    #[test]
    fn a_rotation_leaves_a_link_to_the_key_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("key"), dir.path().join("link"));
        create(&file).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let new = create_beside(&link).unwrap();
        finish(&link).unwrap();
        assert!(link.is_symlink());
        assert_eq!(read(&file).unwrap().fingerprint(), new.fingerprint());
    }

    #[test]
    fn what_is_not_64_digits_is_no_key() {
        for text in ["", "a", &"g".repeat(64), &"a".repeat(65), &"a".repeat(4096)] {
            let file = file_with(text.as_bytes(), 0o600);
            assert!(matches!(read(file.path()), Err(ReadKeyError::NotAKey(_))), "row: {text}");
        }
    }
}
