//! The first start creates everything and shows a secret, once; its three commands work as pasted.

use std::process::Command;
use std::time::{Duration, Instant};

use rescind_harness::{CertificateAuthority, Client, Server, Validity};

use crate::{BINARY, PUBLIC_URL};

#[test]
fn the_commands_that_it_prints_get_a_token_use_it_and_take_it_back() {
    let root = tempfile::tempdir().unwrap();
    let plain = Server::start(BINARY, root.path().join("not/yet/there")).unwrap();
    try_commands(&plain, ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized"]);
    // An authority that curl knows nothing of.
    let authority = CertificateAuthority::new().unwrap();
    let files = authority.issue(Validity::Current).unwrap().write_to(root.path()).unwrap();
    let tls = Server::builder(BINARY, root.path().join("there")).tls(&files).start().unwrap();
    try_commands(&tls, ["HTTP/2 200 ", "HTTP/2 200 ", "HTTP/2 401 "]);
}

/// Pastes them, and the second one once more.
fn try_commands(server: &Server, used_revoked_refused: [&str; 3]) {
    let commands = commands(server);
    let [get, using, revoke] = commands.each_ref().map(String::as_str);
    let script =
        ["set -eu -o pipefail", get, "echo \"$TOKEN\"", using, "echo", revoke, using].join("\n");
    let output = Command::new("bash")
        .args(["-c", &script])
        .env_clear() // no proxy stands between
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let token = text.lines().next().unwrap();
    assert_eq!(token.split('.').count(), 3, "not a token: {token}");
    let statuses: Vec<_> = text.lines().filter(|line| line.starts_with("HTTP/")).collect();
    assert_eq!(statuses, used_revoked_refused, "{text}");
    assert!(text.contains(r#""name":"default""#), "{text}");
}

#[tokio::test]
async fn the_second_start_shows_no_secret_and_knows_the_first_one() {
    let root = tempfile::tempdir().unwrap();
    let builder = || Server::builder(BINARY, root.path()).env("RESCIND_LOG", "trace");
    let start = || builder().public_url(PUBLIC_URL).start().unwrap();

    let server = start();
    let url = server.url().to_owned();
    commands(&server);
    let first = server.terminate().unwrap();
    assert_eq!(first.stdout.lines().next(), Some(&*format!("listening on {url}")));
    let word_after = |label: &str| {
        let line = first.stdout.lines().find_map(|line| line.trim_start().strip_prefix(label));
        line.unwrap_or_else(|| panic!("no {label}: {}", first.stdout)).trim().to_owned()
    };
    let (id, secret) = (word_after("client id"), word_after("client secret"));

    let server = start();
    let mut client = Client::new(server.url()).with_basic(&id, &secret);
    let token = client.issue().await.unwrap();
    assert!(client.is_active(&token).await.unwrap());
    drop(client);
    let url = server.url().to_owned();
    let second = server.terminate().unwrap();
    assert_eq!(second.stdout, format!("listening on {url}"));
    assert!(!first.stderr.contains(&secret), "{}", first.stderr);
    assert!(!second.stderr.contains(&secret), "{}", second.stderr);
}

/// The three commands, once all of them have been printed.
fn commands(server: &Server) -> [String; 3] {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let output = server.output();
        let indented = output.lines().filter_map(|line| line.strip_prefix("  "));
        let commands: Vec<_> =
            indented.filter(|line| line.contains("curl ")).map(str::to_owned).collect();
        if let Ok(commands) = commands.try_into() {
            return commands;
        }
        assert!(Instant::now() < deadline, "no three commands: {output}");
        std::thread::sleep(Duration::from_millis(1)); // it is printed right after the first line
    }
}
