//! The installation key is exchanged for another one, and no token and no secret dies of it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rescind_harness::{Client, Installation, Server, ServerBuilder};

use crate::command::{failure, rescind, success};
use crate::refusal::refusal;
use crate::{BINARY, PUBLIC_URL};

const ROTATE: &[&str] = &["installation-key", "rotate"];
const VARIABLE: &str = "RESCIND_INSTALLATION_KEY";

/// An installation with two tokens from before whatever comes.
struct Installed {
    root: tempfile::TempDir,
    account: Installation,
    tokens: [String; 2],
}

impl Installed {
    async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let data_dir = root.path().join("data");
        let account = Installation::init(BINARY, &data_dir).unwrap();
        let server = Server::builder(BINARY, &data_dir).public_url(PUBLIC_URL).start().unwrap();
        let mut client = Client::new(server.url()).with_credentials(&account);
        let tokens = [client.issue().await.unwrap(), client.issue().await.unwrap()];
        server.terminate().unwrap();
        Self { root, account, tokens }
    }

    fn data_dir(&self) -> PathBuf {
        self.root.path().join("data")
    }

    fn key_file(&self) -> PathBuf {
        self.data_dir().join("installation.key")
    }

    fn key(&self) -> String {
        fs::read_to_string(self.key_file()).unwrap().trim().to_owned()
    }

    /// A private file beside the data directory.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.root.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        file
    }

    fn serve(&self) -> ServerBuilder {
        Server::builder(BINARY, self.data_dir()).public_url(PUBLIC_URL)
    }

    /// The secret authenticates, and tokens from before pass and can be revoked.
    async fn works(&self, builder: ServerBuilder) {
        let server = builder.start().unwrap();
        let mut client = Client::new(server.url()).with_credentials(&self.account);
        for token in &self.tokens {
            assert!(client.is_active(token).await.unwrap());
            let answer = client.get_with("/api/public/v1.0/groups", token).await.unwrap();
            assert_eq!(answer.status, 200);
        }
        let token = client.issue().await.unwrap();
        assert_eq!(client.revoke(&token).await.unwrap().status, 200);
        assert!(!client.is_active(&token).await.unwrap());
        server.terminate().unwrap();
    }

    async fn revokes_what_was_issued_before(&self, builder: ServerBuilder) {
        let server = builder.start().unwrap();
        let mut client = Client::new(server.url()).with_credentials(&self.account);
        assert_eq!(client.revoke(&self.tokens[0]).await.unwrap().status, 200);
        assert!(!client.is_active(&self.tokens[0]).await.unwrap());
        assert!(client.is_active(&self.tokens[1]).await.unwrap());
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_key_in_the_data_directory_is_replaced() {
    let installed = Installed::new().await;
    let old = installed.key();
    let said = success(&mut rescind(ROTATE, &installed.data_dir()));
    assert!(said.starts_with("the store is locked with a new installation key, in "), "{said}");
    let new = installed.key();
    assert_ne!(old, new);
    assert!(!said.contains(&new) && !said.contains(&old));
    let mode = fs::metadata(installed.key_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(names_in(&installed.data_dir()), ["installation.key", "rescind.db", "rescind.lock"]);

    let sentence = refusal(installed.serve().env(VARIABLE, &old));
    assert!(sentence.starts_with("the installation key is not the one that "), "{sentence}");
    installed.works(installed.serve()).await;
    // And once more, with a new signing key between.
    success(&mut rescind(&["keys", "rotate", "--now"], &installed.data_dir()));
    success(&mut rescind(ROTATE, &installed.data_dir()));
    installed.works(installed.serve()).await;
    installed.revokes_what_was_issued_before(installed.serve()).await;
}

#[tokio::test]
async fn a_key_in_a_named_file_is_replaced_there() {
    let installed = Installed::new().await;
    let file = installed.file("key", &installed.key());
    fs::remove_file(installed.key_file()).unwrap();
    let named = |mut command: std::process::Command| {
        command.arg("--installation-key-file").arg(&file);
        command
    };
    success(&mut named(rescind(ROTATE, &installed.data_dir())));
    assert!(!installed.key_file().exists());
    assert_eq!(names_in(installed.root.path()), ["data", "key"]);
    installed.works(installed.serve().arg("--installation-key-file").arg(&file)).await;
}

#[tokio::test]
async fn a_key_in_the_environment_is_replaced_by_one_that_the_operator_has_made() {
    let installed = Installed::new().await;
    let old = installed.key();
    fs::remove_file(installed.key_file()).unwrap();
    let new = "5".repeat(64);
    let file = installed.file("new", &new);

    let sentence = failure(rescind(ROTATE, &installed.data_dir()).env(VARIABLE, &old));
    assert!(sentence.starts_with("the installation key is in the environment, "), "{sentence}");
    let rotate = || {
        let mut command = rescind(ROTATE, &installed.data_dir());
        command.arg("--new-key-file").arg(&file).env(VARIABLE, &old);
        command
    };
    success(&mut rotate());
    success(&mut rotate()); // a script that was cut short asks again
    assert!(!installed.key_file().exists());
    installed.works(installed.serve().env(VARIABLE, &new)).await;
    refusal(installed.serve().env(VARIABLE, &old));
}

#[tokio::test]
async fn what_cannot_be_done_changes_nothing() {
    let installed = Installed::new().await;
    let server = installed.serve().start().unwrap();
    let sentence = failure(&mut rescind(ROTATE, &installed.data_dir()));
    assert!(sentence.starts_with("another rescind is running on "), "{sentence}");
    server.terminate().unwrap();

    let before = (installed.key(), names_in(&installed.data_dir()));
    let open = installed.file("open", &"5".repeat(64));
    fs::set_permissions(&open, Permissions::from_mode(0o644)).unwrap();
    let text = installed.file("text", "no key");
    for file in [open, text, installed.root.path().join("nowhere")] {
        let mut command = rescind(ROTATE, &installed.data_dir());
        let sentence = failure(command.arg("--new-key-file").arg(&file));
        assert!(sentence.starts_with(&format!("cannot use {}", file.display())), "{sentence}");
    }
    let mut wrong = rescind(ROTATE, &installed.data_dir());
    let file = installed.file("other", &"6".repeat(64));
    let sentence = failure(wrong.arg("--new-key-file").arg(&file).env(VARIABLE, "0".repeat(64)));
    assert!(sentence.starts_with("the installation key is not the one that "), "{sentence}");
    assert_eq!((installed.key(), names_in(&installed.data_dir())), before);
    installed.works(installed.serve()).await;
}
