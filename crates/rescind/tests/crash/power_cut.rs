//! A disk that loses its power.
//!
//! The store lies on an ext4 file system on a loop device. The file behind the device holds what
//! the file system has sent to the disk; what it only keeps in memory (a write that was never
//! synced, a file name whose folder was never synced) is not in it. A copy of that file is
//! therefore what a disk holds after a power cut, and mounting the copy replays the journal as
//! the next boot would.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rescind_harness::Server;
use tempfile::TempDir;

use crate::machine::Machine;

const MIB: u64 = 1 << 20;

/// A small disk with one file system, which outlives its power cuts as a copy of itself.
#[derive(Debug)]
pub(crate) struct Disk {
    // In this order: what is mounted inside the folder goes before the folder.
    mount: Option<Mount>,
    image: PathBuf,
    cuts: u32,
    folder: TempDir,
}

impl Disk {
    /// A disk with room for what `rounds` of load write.
    pub(crate) fn new(rounds: u32) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let image = folder.path().join("disk-0");
        fs::File::create(&image)?.set_len((64 + u64::from(rounds)) * MIB)?;
        // The tables are made now, or the kernel would write them during the first rounds.
        let eager = "lazy_itable_init=0,lazy_journal_init=0";
        run(
            "mkfs.ext4",
            ["-q", "-N", "1024", "-J", "size=8", "-E", eager].map(OsStr::new),
            &image,
        )?;
        let mount = Mount::new(&image, folder.path().join("mount"))?;
        Ok(Self { mount: Some(mount), image, cuts: 0, folder })
    }

    fn mount(&self) -> &Mount {
        self.mount.as_ref().unwrap()
    }

    /// Copies what is on the disk, at a moment when nothing is on its way to it: a copy made while
    /// the kernel writes could hold the later of two writes without the earlier one.
    fn copy_to(&self, copy: &Path) -> io::Result<()> {
        for _ in 0..1_000 {
            let before = self.mount().writes()?;
            if before.in_flight == 0 {
                run("cp", ["--sparse=always".as_ref(), self.image.as_os_str()], copy)?;
                if self.mount().writes()? == before {
                    return Ok(());
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(io::Error::other("the kernel does not cease to write to the disk"))
    }
}

impl Machine for Disk {
    fn data_dir(&self) -> PathBuf {
        self.mount().point.join("data")
    }

    fn crash(&mut self, server: Option<Server>) {
        if let Some(server) = &server {
            server.pause().unwrap();
        }
        self.cuts += 1;
        let copy = self.folder.path().join(format!("disk-{}", self.cuts));
        self.copy_to(&copy).unwrap();
        if let Some(server) = server {
            server.kill().unwrap();
        }
        let lost = self.mount.take().unwrap();
        let point = lost.point.clone();
        drop(lost);
        fs::remove_file(&self.image).unwrap();
        self.image = copy;
        self.mount = Some(Mount::new(&self.image, point).unwrap());
    }
}

/// A mounted image. The loop device goes with the mount.
#[derive(Debug)]
struct Mount {
    point: PathBuf,
    /// `/sys/block/loopN/stat`.
    statistics: PathBuf,
}

/// What the block layer has done for the device.
#[derive(Debug, PartialEq, Eq)]
struct Writes {
    completed: u64,
    flushed: u64,
    in_flight: u64,
}

impl Mount {
    fn new(image: &Path, point: PathBuf) -> io::Result<Self> {
        if !point.exists() {
            fs::create_dir(&point)?;
        }
        // Without `commit` the file system would sync itself every five seconds, and save a store
        // that does not.
        let options = ["-t", "ext4", "-o", "loop,commit=600"].map(OsStr::new);
        run("mount", options.into_iter().chain([image.as_os_str()]), &point)?;
        let mut mount = Self { point, statistics: PathBuf::new() };
        mount.statistics = statistics_of(&mount.point)?;
        Ok(mount)
    }

    fn writes(&self) -> io::Result<Writes> {
        let text = fs::read_to_string(&self.statistics)?;
        let fields: Vec<u64> = text.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        // Documentation/block/stat.rst: 5 write I/Os, 9 in flight, 16 flush I/Os.
        match fields[..] {
            [_, _, _, _, completed, _, _, _, in_flight, _, _, _, _, _, _, flushed, ..] => {
                Ok(Writes { completed, flushed, in_flight })
            }
            _ => Err(io::Error::other(format!("cannot read {}", self.statistics.display()))),
        }
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if let Err(error) = run("umount", [], &self.point) {
            // Not a panic: the test may be failing already, and that failure is the one to see.
            let _ = writeln!(io::stderr(), "{error}");
        }
    }
}

/// The statistics of the device that is mounted at `point` (proc(5), `mountinfo`).
fn statistics_of(point: &Path) -> io::Result<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    mounts
        .lines()
        .rev()
        .map(|line| line.split(' ').collect::<Vec<_>>())
        .find(|fields| fields.get(4).is_some_and(|at| Path::new(at) == point))
        .and_then(|fields| Some(Path::new("/sys/dev/block").join(fields.get(2)?).join("stat")))
        .ok_or_else(|| io::Error::other(format!("{} is not mounted", point.display())))
}

/// Runs a tool of the system, and reports what it complains about.
fn run<'a>(
    program: &str,
    options: impl IntoIterator<Item = &'a OsStr>,
    target: &Path,
) -> io::Result<()> {
    let output =
        Command::new(program).args(options).arg(target).output().map_err(|error| {
            io::Error::new(error.kind(), format!("cannot run {program}: {error}"))
        })?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!("{program} {}: {complaint}", target.display())))
}
