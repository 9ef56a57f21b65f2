//! What keeps it from starting: one sentence each, exit status 1, and nothing is lost.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rescind_harness::{Client, Installation, Server, ServerBuilder};

use crate::disk::Tmpfs;
use crate::{BINARY, PUBLIC_URL};

/// The one sentence with which it refuses to start.
pub(crate) fn refusal(builder: ServerBuilder) -> String {
    builder.refusal().unwrap()
}

fn refusal_on(data_dir: &Path) -> String {
    refusal(Server::builder(BINARY, data_dir))
}

#[tokio::test]
async fn a_port_in_use_costs_no_secret() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let root = tempfile::tempdir().unwrap();
    let sentence = refusal(Server::builder(BINARY, root.path()).listen(&address));
    let expected = format!("cannot listen on {address}: name a free address with --listen: ");
    assert!(sentence.starts_with(&expected), "{sentence}");
    // Nothing was founded whose secret would now be unknown.
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let server = Server::start(BINARY, root.path()).unwrap();
    Client::new(server.url()).with_credentials(&installation).issue().await.unwrap();
}

#[tokio::test]
async fn a_second_server_on_the_same_directory_leaves_the_first_alone() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let server = Server::start(BINARY, root.path()).unwrap();
    let sentence = refusal_on(root.path());
    let expected = format!(
        "another rescind is running on {}: stop it, or name another directory with --data-dir",
        root.path().display()
    );
    assert_eq!(sentence, expected);
    Client::new(server.url()).with_credentials(&installation).issue().await.unwrap();
}

#[test]
fn a_data_directory_that_is_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let sentence = refusal_on(file.path());
    assert!(sentence.starts_with("cannot create the data directory "), "{sentence}");
}

#[test]
fn a_read_only_directory() {
    let Some(mut disk) = Tmpfs::mount("4m") else { return };
    let (used, unused) = (disk.path().join("used"), disk.path().join("unused"));
    Installation::init(BINARY, &used).unwrap();
    fs::create_dir(&unused).unwrap();
    disk.make_read_only();
    for data_dir in [used, unused] {
        let sentence = refusal_on(&data_dir);
        let expected = format!("cannot write to {}", data_dir.display());
        assert!(sentence.starts_with(&expected), "{sentence}");
    }
}

/// Where SQLite keeps its `user_version`, which is ours to number migrations with.
const USER_VERSION: u64 = 60;
/// Where it keeps the `application_id`.
const APPLICATION_ID: u64 = 68;

#[tokio::test]
async fn a_store_of_a_newer_version_is_left_to_that() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let database = database(root.path());
    let mut version = [0; 4];
    database.read_exact_at(&mut version, USER_VERSION).unwrap();

    database.write_all_at(&9_999_u32.to_be_bytes(), USER_VERSION).unwrap();
    let sentence = refusal_on(root.path());
    assert!(sentence.contains(" was written by a newer version of rescind: run "), "{sentence}");

    database.write_all_at(&version, USER_VERSION).unwrap();
    let server = Server::start(BINARY, root.path()).unwrap();
    Client::new(server.url()).with_credentials(&installation).issue().await.unwrap();
}

#[test]
fn a_database_of_another_program() {
    let root = tempfile::tempdir().unwrap();
    Installation::init(BINARY, root.path()).unwrap();
    database(root.path()).write_all_at(b"else", APPLICATION_ID).unwrap();
    let sentence = refusal_on(root.path());
    assert!(sentence.contains(" is not a store of rescind: name another "), "{sentence}");
}

#[test]
fn a_damaged_store() {
    type Inflict = fn(&fs::File, u64);
    let damages: [(&str, Inflict); 3] = [
        ("header", |file, _| file.write_all_at(&[0xA5; 100], 0).unwrap()),
        ("every page but the first", |file, length| {
            file.write_all_at(&vec![0xA5; usize::try_from(length).unwrap() - 4096], 4096).unwrap();
        }),
        ("second half lost", |file, length| file.set_len(length / 2).unwrap()),
    ];
    for (damage, inflict) in damages {
        let root = tempfile::tempdir().unwrap();
        Installation::init(BINARY, root.path()).unwrap();
        let database = database(root.path());
        inflict(&database, database.metadata().unwrap().len());
        let sentence = refusal_on(root.path());
        let expected = format!(
            "{} is damaged: restore the data directory from a backup",
            root.path().join("rescind.db").display()
        );
        assert!(sentence.starts_with(&expected), "{damage}: {sentence}");
    }
}

fn database(data_dir: &Path) -> fs::File {
    fs::File::options().read(true).write(true).open(data_dir.join("rescind.db")).unwrap()
}

/// A usage error: status 2, and the option is named.
#[test]
fn a_value_that_is_not_understood() {
    #[rustfmt::skip]
    let rows = [
        (["--listen", "localhost"],         "an IP address and a port, like 127.0.0.1:8080"),
        (["--public-url", "rescind.test"],  "a public URL looks like https://"),
        (["--signing-algorithm", "RS256"],  "one of ES256, ES384, ES512, EdDSA"),
        (["--log-format", "xml"],           "text, json"),
    ];
    for ([option, value], hint) in rows {
        let root = tempfile::tempdir().unwrap();
        let output = std::process::Command::new(BINARY)
            .args(["serve", "--data-dir"])
            .arg(root.path().join("data"))
            .args([option, value])
            .env_clear()
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{option}");
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(complaint.contains(option) && complaint.contains(hint), "{complaint}");
        assert!(!root.path().join("data").exists(), "{option}");
    }
}

/// The default names the port, and with it tokens would not outlive a restart.
#[tokio::test]
async fn an_address_that_is_no_address_is_warned_of() {
    let root = tempfile::tempdir().unwrap();
    Installation::init(BINARY, root.path()).unwrap();
    let start = || Server::builder(BINARY, root.path()).listen("0.0.0.0:0");
    let warning = "set --public-url to the URL that clients use";
    let exit = start().start().unwrap().terminate().unwrap();
    assert!(exit.stderr.contains(warning), "{}", exit.stderr);
    let exit = start().public_url(PUBLIC_URL).start().unwrap().terminate().unwrap();
    assert!(!exit.stderr.contains(warning), "{}", exit.stderr);
}
