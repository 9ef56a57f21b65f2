//! `rescind serve` as an operator meets it: the real process, its output, its signals, its disk.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code: what fails here fails the test")]

mod attack;
mod command;
mod database;
mod disk;
mod file_handles;
mod first_start;
mod full_disk;
mod installation_key;
mod installation_key_rotation;
mod limits;
mod operators;
mod output;
mod proxies;
mod refusal;
mod signing_algorithm;
mod signing_keys;
mod stop;
mod tls;

const BINARY: &str = env!("CARGO_BIN_EXE_rescind");
/// Tokens name their issuer, which has to stay the same where the port changes.
const PUBLIC_URL: &str = "http://rescind.test";
