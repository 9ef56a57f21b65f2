//! `rescind agent` beside the real authority, as proxies and operators meet it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code: what fails here fails the test")]

mod answers;
mod modes;
mod nginx;
mod operators;
mod proxies;
mod refusal;
mod sockets;

use std::time::{Duration, Instant};

use rescind_harness::{Answer, Authority, Client, Server};

const BINARY: &str = env!("CARGO_BIN_EXE_rescind");

/// Longer than anything takes that is not broken.
const PATIENCE: Duration = Duration::from_secs(30);

fn authority() -> Authority {
    Authority::start(BINARY).unwrap()
}

/// What the agent at `url` says of a token that comes from `address`.
async fn ask(url: &str, token: &str, address: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let lines = [("authorization", &*bearer), ("x-real-ip", address)];
    Client::new(url).get_lines("/any/path", &lines).await.unwrap()
}

/// Asks until the answer is this one, and says how long that took.
async fn until(url: &str, token: &str, status: u16) -> Duration {
    let started = Instant::now();
    loop {
        let answer = ask(url, token, "127.0.0.1").await;
        if answer.status == status {
            return started.elapsed();
        }
        assert!(started.elapsed() < PATIENCE, "it is still {}", answer.status);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// An agent that hears the authority.
async fn agent(authority: &Authority) -> Server {
    let agent = authority.agent().start().unwrap();
    let token = authority.client().issue().await.unwrap();
    until(agent.url(), &token, 200).await;
    agent
}
