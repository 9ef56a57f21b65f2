//! Which setting counts when several places name it: `docs/config.md`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code: what fails here fails the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use rescind_harness::{Client, Installation, Server};

const BINARY: &str = env!("CARGO_BIN_EXE_rescind");

/// Every way to name a setting in three places, and the one that counts.
#[rustfmt::skip]
const PRECEDENCE: [(bool, bool, bool, &str); 8] = [
    // option, variable, file
    (true,  true,  true,  "option"),
    (true,  true,  false, "option"),
    (true,  false, true,  "option"),
    (true,  false, false, "option"),
    (false, true,  true,  "variable"),
    (false, true,  false, "variable"),
    (false, false, true,  "file"),
    (false, false, false, "default"),
];

#[test]
fn the_data_directory_follows_the_precedence() {
    for row @ (option, variable, file, counts) in PRECEDENCE {
        let root = tempfile::tempdir().unwrap();
        let mut command = Command::new(BINARY);
        command.arg("init").current_dir(root.path()).env_clear();
        if option {
            command.args(["--data-dir", "option"]);
        }
        if variable {
            command.env("RESCIND_DATA_DIR", "variable");
        }
        if file {
            fs::write(root.path().join("rescind.toml"), "data_dir = 'file'").unwrap();
            command.args(["--config", "rescind.toml"]);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{row:?}: {output:?}");
        let directory = if counts == "default" { "rescind-data" } else { counts };
        assert_eq!(directories(root.path()), [directory], "{row:?}");
    }
}

fn directories(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).unwrap().map(|entry| entry.unwrap());
    let directories = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    directories.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn the_public_url_follows_the_precedence() {
    let root = tempfile::tempdir().unwrap();
    let data_dir = root.path().join("data");
    Installation::init(BINARY, &data_dir).unwrap();
    let toml = root.path().join("rescind.toml");
    fs::write(&toml, "public_url = 'https://file/with/path/'").unwrap();
    for row @ (option, variable, file, counts) in PRECEDENCE {
        let mut builder = Server::builder(BINARY, &data_dir);
        if option {
            builder = builder.public_url("http://option");
        }
        if variable {
            builder = builder.env("RESCIND_PUBLIC_URL", "http://variable:80");
        }
        if file {
            builder = builder.env("RESCIND_CONFIG", &toml);
        }
        let server = builder.start().unwrap();
        let metadata = "/.well-known/oauth-authorization-server";
        let metadata = Client::new(server.url()).get(metadata).await.unwrap().json();
        let url = match counts {
            "option" => "http://option",
            "variable" => "http://variable:80",
            "file" => "https://file/with/path",
            _ => server.url(),
        };
        assert_eq!(metadata["issuer"], url, "{row:?}");
    }
}

#[test]
fn a_file_that_is_not_understood_stops_the_start() {
    #[rustfmt::skip]
    let rows = [
        ("# one\nlisen = '127.0.0.1:1'",                "rescind.toml, line 2: unknown field `lisen`, expected one of `data_dir`, `database_url`, "),
        ("[limits]\nper_minute = 1",                    "rescind.toml, line 1: unknown field `limits`"),
        ("listen = '127.0.0.1:1'\nlisten = ''",         "rescind.toml, line 2: duplicate key"),
        ("data_dir = 'a'\n\nlisten = 'localhost:80'",   "rescind.toml, line 3: it takes an IP address and a port"),
        ("public_url = 'rescind.test'",                 "rescind.toml, line 1: a public URL looks like https://"),
        ("data_dir = ",                                 "rescind.toml, line 1: "),
    ];
    for (text, complaint) in rows {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("rescind.toml"), text).unwrap();
        for command in ["serve", "init"] {
            let sentence = refusal(&with_config(command, root.path()));
            assert!(sentence.starts_with(complaint), "{sentence}");
            assert_eq!(directories(root.path()), [""; 0]);
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_stops_the_start() {
    let root = tempfile::tempdir().unwrap();
    let sentence = refusal(&with_config("init", root.path()));
    let expected = "cannot read the configuration file rescind.toml: No such file or directory";
    assert!(sentence.starts_with(expected), "{sentence}");
    fs::write(root.path().join("rescind.toml"), b"data_dir = '\xff'").unwrap();
    let sentence = refusal(&with_config("init", root.path()));
    assert!(sentence.contains("valid UTF-8"), "{sentence}");
}

#[test]
fn a_filter_for_the_log_is_understood_or_refused_by_name() {
    for (name, value) in [("RESCIND_LOG", "a=b=c"), ("RUST_LOG", "loud=very")] {
        let root = tempfile::tempdir().unwrap();
        let init = |extra: Option<(&str, &str)>| {
            let mut command = Command::new(BINARY);
            command.arg("init").current_dir(root.path()).env_clear().env(name, value);
            command.envs(extra).output().unwrap()
        };
        let sentence = refusal(&init(None));
        assert!(
            sentence.starts_with(&format!("{name} is not a filter for the log: ")),
            "{sentence}"
        );
        if name == "RUST_LOG" {
            assert!(init(Some(("RESCIND_LOG", "warn"))).status.success());
        }
    }
}

fn with_config(command: &str, root: &Path) -> Output {
    let mut process = Command::new(BINARY);
    process.args([command, "--config", "rescind.toml"]).current_dir(root).env_clear();
    process.output().unwrap()
}

/// The one sentence of a command that could not do what was asked.
fn refusal(output: &Output) -> String {
    let complaint = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    complaint.trim_end().strip_prefix("rescind: ").unwrap().to_owned()
}
