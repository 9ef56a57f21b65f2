//! `rescind init` as a script or an operator meets it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code: what fails here fails the test")]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use rescind_harness::{Client, Installation, Server};

const BINARY: &str = env!("CARGO_BIN_EXE_rescind");

fn init(data_dir: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.args(["init", "--data-dir"]).arg(data_dir).env_clear();
    command
}

fn stdout(output: Output) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{complaint}");
    assert_eq!(complaint, "");
    String::from_utf8(output.stdout).unwrap()
}

/// The one sentence of a command that could not do what was asked.
fn refusal(output: &Output) -> String {
    let complaint = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert_eq!(output.stdout, b"");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    complaint.trim_end().strip_prefix("rescind: ").unwrap().to_owned()
}

#[test]
fn json_is_exactly_one_object_of_four_texts() {
    let root = tempfile::tempdir().unwrap();
    let text = stdout(init(root.path()).args(["--format", "json"]).output().unwrap());
    let quoted: Vec<_> = text.split('"').collect();
    let [
        _,
        "orgId",
        _,
        org,
        _,
        "projectId",
        _,
        project,
        _,
        "clientId",
        _,
        id,
        _,
        "clientSecret",
        _,
        secret,
        _,
    ] = quoted[..]
    else {
        panic!("{text}")
    };
    assert_eq!(
        text,
        format!(
            r#"{{"orgId":"{org}","projectId":"{project}","clientId":"{id}","clientSecret":"{secret}"}}"#
        ) + "\n"
    );
    let is_hex =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    for digits in [org, project, id.strip_prefix("mdb_sa_id_").unwrap()] {
        assert!(digits.len() == 24 && is_hex(digits), "{digits}");
    }
    let secret = secret.strip_prefix("mdb_sa_sk_").unwrap();
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    assert!(secret.len() == 40 && secret.bytes().all(is_plain));
}

#[tokio::test]
async fn what_it_prints_for_people_is_what_serves() {
    let root = tempfile::tempdir().unwrap();
    let text = stdout(init(root.path()).output().unwrap());
    let word = |label: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(label));
        line.unwrap_or_else(|| panic!("no {label}: {text}")).trim().to_owned()
    };
    let server = Server::start(BINARY, root.path()).unwrap();
    let mut client =
        Client::new(server.url()).with_basic(&word("client id"), &word("client secret"));
    let token = client.issue().await.unwrap();
    let answer = client.get_with("/api/public/v1.0/groups", &token).await.unwrap().json();
    assert_eq!(answer["results"][0]["id"], word("project"));
    assert_eq!(answer["results"][0]["orgId"], word("organization"));
}

#[test]
fn a_store_that_is_not_empty_is_left_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    Installation::init(BINARY, root.path()).unwrap();
    let before = files(root.path());
    for format in ["text", "json"] {
        let sentence = refusal(&init(root.path()).args(["--format", format]).output().unwrap());
        let expected = format!(
            "the store in {} is not empty, and nothing in it was changed: ",
            root.path().display()
        );
        assert!(sentence.starts_with(&expected), "{sentence}");
        assert_eq!(files(root.path()), before);
    }
}

#[test]
fn a_store_that_is_served_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let _server = Server::start(BINARY, root.path()).unwrap();
    let sentence = refusal(&init(root.path()).output().unwrap());
    assert!(sentence.starts_with("another rescind is running on "), "{sentence}");
}

/// Directory and files, down to the key, are for their owner alone, whatever the umask.
#[test]
fn nobody_else_can_read_what_it_creates() {
    let root = tempfile::tempdir().unwrap();
    let data_dir = root.path().join("data");
    let script = "umask 000; exec \"$0\" init --data-dir \"$1\"";
    let output = Command::new("sh").args(["-c", script, BINARY]).arg(&data_dir).output().unwrap();
    stdout(output);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data_dir), 0o700);
    assert!(data_dir.join("installation.key").exists());
    for file in fs::read_dir(&data_dir).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

/// The secret exists nowhere else.
#[test]
fn a_secret_that_nobody_could_read_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let (_, closed) = io::pipe().unwrap();
    let output = init(root.path()).stdout(closed).output().unwrap();
    let sentence = refusal(&output);
    assert!(sentence.starts_with("the secret that was created could not be shown: "), "{sentence}");
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap());
    files.map(|f| (f.file_name().into_string().unwrap(), fs::read(f.path()).unwrap())).collect()
}
