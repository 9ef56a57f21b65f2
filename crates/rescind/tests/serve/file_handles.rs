//! As many connections as there are file handles for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rescind_harness::{Client, Installation, Server};

use crate::BINARY;

/// The binary under a limit of the shell: `ulimit` with these options.
fn under(limits: &str, dir: &Path) -> PathBuf {
    let script = dir.join("limited");
    fs::write(&script, format!("#!/bin/sh\nulimit {limits} && exec {BINARY} \"$@\"\n")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    script
}

/// The most file handles that a process may have now.
fn soft_limit(server: &Server) -> String {
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid())).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    line.split_whitespace().next().unwrap().to_owned()
}

/// The usual soft limit, 1024, is for programs that cannot cope with more.
#[test]
fn it_takes_all_the_handles_that_the_system_allows() {
    let root = tempfile::tempdir().unwrap();
    let data_dir = root.path().join("data");
    let server =
        Server::start(under("-Sn 300 && ulimit -Hn 5000", root.path()), &data_dir).unwrap();
    assert_eq!(soft_limit(&server), "5000");
    let log = server.terminate().unwrap().stderr;
    assert!(log.contains("file handles for 4744 connections only, not for 10000"), "{log}");
}

/// A connection too many is not an error that the log is full of, and the store has handles left.
#[tokio::test]
async fn clients_cannot_use_up_the_handles() {
    let root = tempfile::tempdir().unwrap();
    let data_dir = root.path().join("data");
    let installation = Installation::init(BINARY, &data_dir).unwrap();
    let server = Server::start(under("-n 356", root.path()), &data_dir).unwrap();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    let token = client.issue().await.unwrap();
    let address = server.url().trim_start_matches("http://");
    // Room for 100; the others wait in the backlog of the system.
    let connections: Vec<_> =
        (0..180).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
    let handles = fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
    assert!(handles < 150, "{handles} handles for 100 connections");
    assert_eq!(client.revoke(&token).await.unwrap().status, 200);
    // Those who do nothing have to go, so that whoever asks is served.
    let mut other = Client::new(server.url()).with_credentials(&installation);
    other.issue().await.unwrap();
    drop(connections);
    let log = server.terminate().unwrap().stderr;
    assert!(!log.contains("cannot accept"), "{log}");
}
