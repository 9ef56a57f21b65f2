//! A server whose store is a PostgreSQL database.

use std::path::Path;
use std::process::Command;

use rescind_harness::{Client, Database, Installation, Postgres, Server, ServerBuilder};

use crate::command::{failure, rescind, success};
use crate::refusal::refusal;
use crate::{BINARY, PUBLIC_URL};

const VARIABLE: &str = "RESCIND_DATABASE_URL";
const KEY: (&str, &str) = (
    "RESCIND_INSTALLATION_KEY",
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
);

/// A server that has been told all that it needs to know of its store, with nothing on its disk.
fn builder(data_dir: &Path, url: &str) -> ServerBuilder {
    let server = Server::builder(BINARY, data_dir).public_url(PUBLIC_URL).unlimited();
    server.env(VARIABLE, url).env(KEY.0, KEY.1)
}

fn command(words: &[&str], data_dir: &Path, url: &str) -> Command {
    let mut command = rescind(words, data_dir);
    command.env(VARIABLE, url).env(KEY.0, KEY.1);
    command
}

fn init(data_dir: &Path, url: &str) -> Installation {
    let printed = success(&mut command(&["init", "--format", "json"], data_dir, url));
    serde_json::from_str(&printed).unwrap()
}

#[tokio::test]
async fn a_url_and_a_key_are_all_that_a_server_needs() {
    let database = Database::new().unwrap();
    let root = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| root.path().join(name));
    let installation = init(&first, database.url());
    let server = builder(&first, database.url()).start().unwrap();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    let [kept, revoked] = [client.issue().await.unwrap(), client.issue().await.unwrap()];
    assert_eq!(client.revoke(&revoked).await.unwrap().status, 200);
    server.kill().unwrap();

    // Another machine, with an empty disk.
    let server = builder(&second, database.url()).start().unwrap();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    assert!(client.is_active(&kept).await.unwrap());
    assert!(!client.is_active(&revoked).await.unwrap());
    let files: Vec<_> = second.read_dir().unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["rescind.sock"]);
    let exit = server.terminate().unwrap();
    assert!(exit.status.success() && !exit.stderr.contains(database.url()), "{}", exit.stderr);
}

#[tokio::test]
async fn the_first_start_creates_all_that_is_needed_once() {
    let database = Database::new().unwrap();
    let root = tempfile::tempdir().unwrap();
    let server = Server::builder(BINARY, root.path()).env(VARIABLE, database.url());
    let exit = server.start().unwrap().terminate().unwrap();
    assert!(exit.stdout.contains("client secret  mdb_sa_sk_"), "{}", exit.stdout);
    let files = root.path().read_dir().unwrap().map(|file| file.unwrap().file_name());
    assert_eq!(files.collect::<Vec<_>>(), ["installation.key"]);
    let server = Server::builder(BINARY, root.path()).env(VARIABLE, database.url());
    let exit = server.start().unwrap().terminate().unwrap();
    assert!(!exit.stdout.contains("client secret"), "{}", exit.stdout);
    let sentence = failure(rescind(&["init"], root.path()).env(VARIABLE, database.url()));
    assert!(sentence.starts_with("the store in the database rescind_test_"), "{sentence}");
    assert!(sentence.contains("name another database with --database-url"), "{sentence}");
}

#[tokio::test]
async fn a_second_server_on_the_same_database_is_refused() {
    let database = Database::new().unwrap();
    let root = tempfile::tempdir().unwrap();
    let installation = init(root.path(), database.url());
    let server = builder(root.path(), database.url()).start().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let sentence = refusal(builder(elsewhere.path(), database.url()));
    assert!(sentence.starts_with("another rescind is using the database "), "{sentence}");
    // Commands are answered by the one that runs.
    let rows = success(&mut command(&["keys", "rotate"], root.path(), database.url()));
    assert!(rows.contains("signs from"), "{rows}");
    let sentence = failure(&mut command(&["keys", "list"], elsewhere.path(), database.url()));
    assert!(sentence.contains("run this where that one runs"), "{sentence}");
    Client::new(server.url()).with_credentials(&installation).issue().await.unwrap();
}

#[test]
fn what_is_of_no_use_is_one_sentence_without_the_password() {
    let database = Database::new().unwrap();
    let (_, place) = database.url().split_once('@').unwrap();
    let rows = [
        ("hunter2".to_owned(), "cannot use --database-url: it looks like postgres://user:"),
        (
            "postgres://u:hunter2@db/r?sslmode=prefer".to_owned(),
            "cannot use --database-url: sslmode",
        ),
        (
            format!("postgres://postgres:hunter2@{place}"),
            "the server of the database rescind_test_",
        ),
        (format!("{}x", database.url()), "there is no database rescind_test_"),
        ("postgres://u:hunter2@127.0.0.1:1/r".to_owned(), "the server of the database r on 127"),
    ];
    for (url, sentence) in rows {
        for words in [&["serve"][..], &["init"], &["keys", "list"]] {
            let root = tempfile::tempdir().unwrap();
            let told = failure(&mut command(words, root.path(), &url));
            assert!(told.starts_with(sentence), "row: {words:?} {url}: {told}");
            assert!(!told.contains("hunter2"), "row: {words:?} {url}: {told}");
        }
    }
    let root = tempfile::tempdir().unwrap();
    let sentence = failure(&mut command(&["keys", "list"], root.path(), database.url()));
    assert!(sentence.starts_with("there is no store in the database rescind_test_"), "{sentence}");
    assert_eq!(
        database.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").unwrap(),
        "0\n"
    );
}

#[test]
fn the_help_does_not_show_the_url() {
    let root = tempfile::tempdir().unwrap();
    let mut help = command(&["serve", "--help"], root.path(), "postgres://u:hunter2@db/r");
    let help = success(&mut help);
    assert!(help.contains("--database-url <URL>") && !help.contains("hunter2"), "{help}");
}

/// What was answered 200 is dead, and the server goes on by itself.
#[tokio::test]
async fn a_revocation_outlives_a_crash_of_the_database() {
    let mut postgres = Postgres::start(&["synchronous_commit=off"]).unwrap();
    let root = tempfile::tempdir().unwrap();
    let url = postgres.url("postgres");
    let installation = init(root.path(), &url);
    let server = builder(root.path(), &url).start().unwrap();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let token = client.issue().await.unwrap();
        // The session that writes may be found dead by the first that needs it.
        let mut status = client.revoke(&token).await.unwrap().status;
        if status != 200 {
            status = client.revoke(&token).await.unwrap().status;
        }
        assert_eq!(status, 200);
        tokens.push(token);
        postgres.crash().unwrap();
    }
    server.kill().unwrap();
    let server = builder(root.path(), &url).start().unwrap();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    for token in &tokens {
        assert!(!client.is_active(token).await.unwrap());
    }
}
