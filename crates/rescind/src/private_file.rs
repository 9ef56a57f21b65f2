//! Files with secrets in them: read only where nobody else could have read them.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use rustix::process::geteuid;
use zeroize::Zeroizing;

/// A file that is longer than this holds no secret of ours.
const LONGEST: usize = 1024;

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivateFileError {
    #[error("others than its owner can read or change it, so run chmod 600 on it")]
    NotPrivate,
    #[error("it belongs to another user: make the user that runs rescind, or root, its owner")]
    NotOurs,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The text of the file.
///
/// # Errors
///
/// It cannot be read, or could have been read by others.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, PrivateFileError> {
    let file = File::open(path)?;
    // Of the open file: what a link leads to, and nothing that has taken its place since.
    let about = file.metadata()?;
    check(about.mode(), about.uid(), geteuid().as_raw())?;
    // With room for all of it: a text that grows leaves copies of itself behind.
    let mut text = Zeroizing::new(String::with_capacity(2 * LONGEST));
    file.take(LONGEST as u64).read_to_string(&mut text)?;
    Ok(text)
}

/// Whether a file with this mode and owner can hold a secret of the user `us`.
///
/// A file of root's may be read by its group: that is how an orchestrator hands a secret to a user
/// who is not root. It is the rule of PostgreSQL for the keys of its certificates.
fn check(mode: u32, owner: u32, us: u32) -> Result<(), PrivateFileError> {
    let may_have = match owner {
        owner if owner == us => 0o700,
        0 => 0o740,
        _ => return Err(PrivateFileError::NotOurs),
    };
    if mode & 0o777 & !may_have == 0 { Ok(()) } else { Err(PrivateFileError::NotPrivate) }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{fs::Permissions, io::Write as _, os::unix::fs::PermissionsExt as _};

    use super::*;

    /// A file of our own.
    pub(crate) fn file_with(text: &[u8], mode: u32) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        file.as_file().set_permissions(Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        for (mode, private) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            let file = file_with(b"secret", mode);
            let refused = matches!(read(file.path()), Err(PrivateFileError::NotPrivate));
            assert_eq!(refused, !private, "row: {mode:o}");
        }
    }

    /// What counts of a link is what it leads to: its own mode is always 0777.
    #[test]
    fn a_link_is_as_private_as_what_it_leads_to() {
        let dir = tempfile::tempdir().unwrap();
        for (mode, private) in [(0o600, true), (0o644, false)] {
            let file = file_with(b"secret", mode);
            let link = dir.path().join(format!("{mode:o}"));
            std::os::unix::fs::symlink(file.path(), &link).unwrap();
            assert_eq!(read(&link).is_ok(), private, "row: {mode:o}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let file = file_with(&[0xff; 64], 0o600);
        assert!(matches!(read(file.path()), Err(PrivateFileError::Io(_))));
    }

    #[test]
    fn every_owner_and_mode() {
        const ROOT: u32 = 0;
        const US: u32 = 1000;
        const OTHER: u32 = 1001;
        #[rustfmt::skip]
        let rows = [
            // owner, us, modes that are taken, modes that are refused
            (US,    US,   vec![0o600, 0o400, 0o700], vec![0o640, 0o440, 0o620, 0o604, 0o602, 0o601, 0o610]),
            // A secret that Kubernetes mounts for a group (`fsGroup`, `defaultMode: 0400`).
            (ROOT,  US,   vec![0o640, 0o440, 0o600], vec![0o660, 0o644, 0o444, 0o650, 0o641]),
            (ROOT,  ROOT, vec![0o600, 0o400],        vec![0o640, 0o440, 0o644]),
            (OTHER, US,   vec![],                    vec![0o600, 0o640, 0o644]),
            (OTHER, ROOT, vec![],                    vec![0o600, 0o644]),
        ];
        for (owner, us, taken, refused) in rows {
            for mode in taken {
                // The kind of the file stands in the mode as well.
                assert!(check(0o100_000 | mode, owner, us).is_ok(), "{owner} {us} {mode:o}");
            }
            for mode in refused {
                assert!(check(0o100_000 | mode, owner, us).is_err(), "{owner} {us} {mode:o}");
            }
        }
    }
}
