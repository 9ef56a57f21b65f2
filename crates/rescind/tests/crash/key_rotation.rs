//! The rotation of the installation key, cut short at every step that it takes.

use std::fmt;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rescind_harness::{Client, Installation, Server};
use tokio::runtime::Runtime;

use crate::run::{BINARY, PUBLIC_URL};

/// Everything that changes what is on disk.
const STEPS: [&str; 8] =
    ["write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "ftruncate", "fchmod"];

/// More calls of one kind than a rotation makes.
const MOST: u32 = 500;

/// Kills `rescind installation-key rotate` as it is about to make its first system call of a kind,
/// its second, and so on until it comes to its end, for each kind: on what it leaves a server has to
/// start, and all that was good before has to be good.
pub(crate) fn kill_at_every_step() -> Summary {
    let runtime = Runtime::new().unwrap();
    let root = tempfile::tempdir().unwrap();
    let original = root.path().join("original");
    let installation = Installation::init(BINARY, &original).unwrap();
    let server = serve(&original);
    let mut client = Client::new(server.url()).with_credentials(&installation);
    let token = runtime.block_on(client.issue()).unwrap();
    server.terminate().unwrap();

    let mut summary = Summary::default();
    for step in STEPS {
        for number in 1..=MOST {
            let data_dir = root.path().join(format!("{step}-{number}"));
            copy(&original, &data_dir);
            let killed = rotate_until(step, number, &data_dir);
            let server = serve(&data_dir);
            let mut client = Client::new(server.url()).with_credentials(&installation);
            runtime.block_on(async {
                client.issue().await.unwrap();
                let lives = client.is_active(&token).await.unwrap();
                assert!(lives, "{step} {number}: a token died of the rotation");
            });
            server.terminate().unwrap();
            let same_key = key_in(&data_dir) == key_in(&original);
            fs::remove_dir_all(&data_dir).unwrap();
            if !killed {
                assert!(!same_key, "it said that it was done");
                break;
            }
            summary.count(same_key);
            assert!(number < MOST, "{step}: it never came to its end");
        }
    }
    assert!(summary.old > 0 && summary.new > 0, "kills came before and after: {summary}");
    summary
}

/// A rotation that has said that it is done is on disk.
pub(crate) fn rotate(data_dir: &Path) {
    let status = command(Command::new(BINARY), data_dir).status().unwrap();
    assert!(status.success());
}

pub(crate) fn key_in(data_dir: &Path) -> String {
    fs::read_to_string(data_dir.join("installation.key")).unwrap()
}

/// Whether it was killed; else it came to its end.
fn rotate_until(step: &str, number: u32, data_dir: &Path) -> bool {
    let mut strace = Command::new("strace");
    strace
        .args(["--follow-forks", "--output=/dev/null", &format!("--trace={step}")])
        .arg(format!("--inject={step}:signal=KILL:when={number}"))
        .arg(BINARY);
    let status = command(strace, data_dir).status().unwrap_or_else(|error| {
        panic!("strace: {error}; RESCIND_SKIP_STRACE=1 does without this test")
    });
    // strace ends as what it follows has ended.
    match (status.signal(), status.code()) {
        (Some(9), _) | (_, Some(137)) => true,
        (_, Some(0)) => false,
        _ => panic!("{step} {number}: {status}; RESCIND_SKIP_STRACE=1 does without this test"),
    }
}

fn command(mut program: Command, data_dir: &Path) -> Command {
    program
        .args(["installation-key", "rotate", "--data-dir"])
        .arg(data_dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("RESCIND_LOG", "off")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    program
}

fn serve(data_dir: &Path) -> Server {
    Server::builder(BINARY, data_dir)
        .public_url(PUBLIC_URL)
        .start()
        .unwrap_or_else(|error| panic!("{}: {error}", data_dir.display()))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// What a run has found, which is nothing wrong.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    old: u32,
    new: u32,
}

impl Summary {
    fn count(&mut self, same_key: bool) {
        if same_key {
            self.old += 1;
        } else {
            self.new += 1;
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { old, new } = self;
        let kills = old + new;
        write!(f, "{kills} kills, {old} left the old key, {new} the new one, 0 wrong")
    }
}
