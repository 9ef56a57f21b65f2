//! Where the installation key may lie, and when it is refused.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rescind_harness::{Client, Installation, Server, ServerBuilder};

use crate::BINARY;
use crate::refusal::refusal;

const VARIABLE: &str = "RESCIND_INSTALLATION_KEY";

/// An installation whose key is where it was created.
struct Installed {
    root: tempfile::TempDir,
    account: Installation,
}

impl Installed {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let account = Installation::init(BINARY, root.path().join("data")).unwrap();
        Self { root, account }
    }

    fn data_dir(&self) -> PathBuf {
        self.root.path().join("data")
    }

    fn key_file(&self) -> PathBuf {
        self.data_dir().join("installation.key")
    }

    /// Moves the key out of the data directory.
    fn moved_key(&self) -> PathBuf {
        let elsewhere = self.root.path().join("key");
        fs::rename(self.key_file(), &elsewhere).unwrap();
        elsewhere
    }

    fn serve(&self) -> ServerBuilder {
        Server::builder(BINARY, self.data_dir())
    }

    /// Starts, and the secret that was hashed under the key is the account's.
    async fn works(&self, builder: ServerBuilder) {
        let server = builder.start().unwrap();
        Client::new(server.url()).with_credentials(&self.account).issue().await.unwrap();
    }
}

fn naming(file: &Path) -> impl Fn(ServerBuilder) -> ServerBuilder {
    let file = file.to_owned();
    move |builder| builder.arg("--installation-key-file").arg(&file)
}

#[tokio::test]
async fn the_key_may_lie_elsewhere() {
    let installed = Installed::new();
    let elsewhere = installed.moved_key();
    let digits = fs::read_to_string(&elsewhere).unwrap();
    installed.works(naming(&elsewhere)(installed.serve())).await;
    installed.works(installed.serve().env("RESCIND_INSTALLATION_KEY_FILE", &elsewhere)).await;
    installed.works(installed.serve().env(VARIABLE, digits.trim())).await;
    assert!(!installed.key_file().exists());
}

#[tokio::test]
async fn a_lost_key_is_not_replaced() {
    let installed = Installed::new();
    let elsewhere = installed.moved_key();
    let sentence = refusal(installed.serve());
    let expected = format!("{} is missing, ", installed.key_file().display());
    assert!(sentence.starts_with(&expected), "{sentence}");
    assert!(!installed.key_file().exists());
    fs::rename(elsewhere, installed.key_file()).unwrap();
    installed.works(installed.serve()).await;
}

#[tokio::test]
async fn the_wrong_key_does_no_harm() {
    let installed = Installed::new();
    let sentence = refusal(installed.serve().env(VARIABLE, "0".repeat(64)));
    let expected = "the installation key is not the one that this store is locked with: ";
    assert!(sentence.starts_with(expected), "{sentence}");
    installed.works(installed.serve()).await;
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let installed = Installed::new();
    for mode in [0o640, 0o604] {
        fs::set_permissions(installed.key_file(), Permissions::from_mode(mode)).unwrap();
        let sentence = refusal(installed.serve());
        let expected = format!(
            "cannot use {} as the installation key: others than its owner can read or change it, \
             so run chmod 600 on it",
            installed.key_file().display()
        );
        assert_eq!(sentence, expected, "{mode:o}");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let installed = Installed::new();
    let nowhere = installed.root.path().join("nowhere");
    let text = installed.root.path().join("text");
    fs::write(&text, "not a key").unwrap();
    fs::set_permissions(&text, Permissions::from_mode(0o600)).unwrap();
    #[rustfmt::skip]
    let rows = [
        (naming(&nowhere)(installed.serve()),               "nowhere as the installation key: No such file"),
        (naming(&text)(installed.serve()),                  "text as the installation key: an installation key is 64 "),
        (installed.serve().env(VARIABLE, "not a key"),      "cannot use RESCIND_INSTALLATION_KEY: an installation key is 64 "),
        (naming(&text)(installed.serve()).env(VARIABLE, "0".repeat(64)), "the installation key is given twice: "),
    ];
    for (builder, complaint) in rows {
        let sentence = refusal(builder);
        assert!(sentence.contains(complaint), "{sentence}");
    }
}

/// On a new store too: a file that the operator names is theirs to make.
#[test]
fn a_named_file_is_not_created() {
    let root = tempfile::tempdir().unwrap();
    let (data_dir, file) = (root.path().join("data"), root.path().join("key"));
    let sentence = refusal(naming(&file)(Server::builder(BINARY, data_dir)));
    assert!(sentence.contains("No such file"), "{sentence}");
    assert!(!file.exists());
}

#[test]
fn a_given_key_is_not_written_down() {
    let root = tempfile::tempdir().unwrap();
    let key = "1".repeat(64);
    Server::builder(BINARY, root.path()).env(VARIABLE, &key).start().unwrap().terminate().unwrap();
    assert!(!root.path().join("installation.key").exists());
    Server::builder(BINARY, root.path()).env(VARIABLE, &key).start().unwrap();
}
