//! Where it listens, and how it ends.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rescind_harness::Authority;

use crate::{authority, refusal::refusal};

/// The status line of an answer on the socket.
fn ask_on(socket: &Path, token: &str) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    let request = format!(
        "GET / HTTP/1.1\r\nHost: agent\r\nAuthorization: Bearer {token}\r\nX-Real-IP: 127.0.0.1\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

async fn until_allowed(authority: &Authority, socket: &Path) {
    let token = authority.client().issue().await.unwrap();
    let deadline = std::time::Instant::now() + crate::PATIENCE;
    while ask_on(socket, &token) != "HTTP/1.1 200 OK" {
        assert!(std::time::Instant::now() < deadline);
    }
}

#[tokio::test]
async fn a_socket_is_answered_on_until_the_end_and_is_gone_then() {
    let authority = authority();
    let root = tempfile::tempdir().unwrap();
    let socket = root.path().join("agent.sock");
    let listen = format!("unix:{}", socket.display());
    let agent = authority.agent().listen(&listen).start().unwrap();
    assert_eq!(agent.url(), listen);
    // nginx runs as another user; the directory decides who may ask.
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o666);
    until_allowed(&authority, &socket).await;
    // It is taken, and stays with who has it.
    let sentence = refusal(authority.agent().listen(&listen));
    assert!(sentence.ends_with("another process answers there"), "{sentence}");
    until_allowed(&authority, &socket).await;
    let exit = agent.terminate().unwrap();
    assert!(exit.status.success(), "{exit:?}");
    assert!(!socket.exists());
    // One that was left behind is replaced.
    authority.agent().listen(&listen).start().unwrap().kill().unwrap();
    assert!(socket.exists());
    let _agent = authority.agent().listen(&listen).start().unwrap();
    until_allowed(&authority, &socket).await;
}

#[tokio::test]
async fn no_other_file_is_replaced_by_a_socket() {
    let authority = authority();
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("notes");
    fs::write(&file, "mine").unwrap();
    let sentence = refusal(authority.agent().listen(&format!("unix:{}", file.display())));
    assert!(sentence.ends_with("there is another file"), "{sentence}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let nowhere = root.path().join("none/agent.sock");
    let sentence = refusal(authority.agent().listen(&format!("unix:{}", nowhere.display())));
    assert!(sentence.contains("name a path with --listen"), "{sentence}");
}

#[tokio::test]
async fn a_port_that_others_can_reach_is_opened_only_when_asked_for() {
    let authority = authority();
    let sentence = refusal(authority.agent().listen("0.0.0.0:0"));
    assert!(sentence.contains("--remote-proxies on"), "{sentence}");
    let agent = authority.agent().listen("0.0.0.0:0").arg("--remote-proxies=on").start().unwrap();
    assert!(agent.url().starts_with("http://0.0.0.0:"));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let sentence = refusal(authority.agent().listen(&address));
    assert!(sentence.starts_with(&format!("cannot listen on {address}")), "{sentence}");
}
