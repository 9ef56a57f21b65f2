//! Where the server under test keeps its data: on a real disk, or revoking would cost nothing.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::error::Error;

const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

/// An empty directory, removed when this is dropped.
pub(crate) struct DataDir {
    directory: TempDir,
    filesystem: String,
}

impl DataDir {
    pub(crate) fn create_in(parent: &Path) -> Result<Self, Error> {
        fs::create_dir_all(parent).map_err(Error::io("create the data directory"))?;
        let directory = tempfile::Builder::new()
            .prefix("run-")
            .tempdir_in(parent)
            .map_err(Error::io("create the data directory"))?;
        let filesystem = filesystem_of(directory.path())?;
        if IN_MEMORY.contains(&filesystem.as_str()) {
            return Err(Error::NotOnDisk { directory: parent.to_owned(), filesystem });
        }
        Ok(Self { directory, filesystem })
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Its type, for example `ext4`.
    pub(crate) fn filesystem(&self) -> &str {
        &self.filesystem
    }
}

fn filesystem_of(path: &Path) -> Result<String, Error> {
    let unknown = Error::io("find the filesystem of the data directory");
    let path = path.canonicalize().map_err(&unknown)?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").map_err(&unknown)?;
    Ok(type_of(&mounts, &path).unwrap_or("an unknown filesystem").to_owned())
}

/// `id parent major:minor root mount-point options tags… - type source options` (proc(5)). The
/// longest mount point wins, and of two equal ones the later, which hides the other.
fn type_of<'a>(mountinfo: &'a str, path: &Path) -> Option<&'a str> {
    let mounts = mountinfo.lines().filter_map(|line| {
        let (mount, filesystem) = line.split_once(" - ")?;
        let mount_point = mount.split(' ').nth(4)?;
        let filesystem = filesystem.split(' ').next()?;
        path.starts_with(mount_point).then_some((mount_point.len(), filesystem))
    });
    mounts.max_by_key(|(length, _)| *length).map(|(_, filesystem)| filesystem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_says_the_type() {
        let mounts = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
                      31 22 0:27 / /tmp rw,nosuid - tmpfs tmpfs rw,size=1g\n\
                      40 22 254:1 / /srv rw - ext4 /dev/vdb rw\n\
                      41 40 254:2 / /srv rw - xfs /dev/vdc rw\n";
        assert_eq!(type_of(mounts, Path::new("/tmp/a")), Some("tmpfs"));
        assert_eq!(type_of(mounts, Path::new("/tmpfile")), Some("ext4"));
        assert_eq!(type_of(mounts, Path::new("/srv/a/b")), Some("xfs"));
    }
}
