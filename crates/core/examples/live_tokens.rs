//! What counting live tokens costs, in time and memory, with a million accounts.
//!
//! `cargo run --release -p rescind-core --example live_tokens`

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it prints what it measures")]

use std::{fs, hint::black_box, num::NonZeroU32, time::Duration};

use rescind_core::{
    id::ClientId,
    live_tokens::LiveTokens,
    status_list::{BlockRef, LIST_BLOCKS, ListId},
};

const ACCOUNTS: u32 = 1_000_000;
const TOKENS: u32 = 10_000_000;

fn main() {
    let counted = LiveTokens::new(NonZeroU32::new(100).unwrap());
    let none_set = |_: BlockRef| Some(0);
    let before = resident();
    let issue = |tokens: u32| {
        let started = cpu_time();
        for n in 0..tokens {
            if n % 100_000 == 0 {
                drop(counted.take_unwritten()); // as every ten seconds
            }
            let account = account(n % ACCOUNTS);
            counted.room_for(account, none_set).unwrap();
            counted.count(account, block(n % ACCOUNTS), none_set).unwrap();
        }
        spent_since(started) / tokens
    };
    let first = issue(ACCOUNTS);
    println!("the first token of {ACCOUNTS} accounts: {first:?} each");
    println!("nine more: {:?} each", issue(TOKENS - ACCOUNTS));
    drop(counted.take_unwritten());
    println!(
        "memory: {} bytes for an account with live tokens",
        (resident() - before) / u64::from(ACCOUNTS)
    );

    let full = account(0);
    for n in 0..90 {
        counted.count(full, block(n / 8), none_set).unwrap();
    }
    let started = cpu_time();
    for _ in 0..TOKENS {
        black_box(counted.room_for(black_box(full), none_set)).unwrap_err();
    }
    println!("refused at the limit: {:?} each", spent_since(started) / TOKENS);
}

fn account(n: u32) -> ClientId {
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&n.to_le_bytes());
    ClientId::from_bytes(bytes)
}

/// A block of the account's own.
fn block(n: u32) -> BlockRef {
    BlockRef { list: ListId::from_number((n / LIST_BLOCKS).into()), number: n % LIST_BLOCKS }
}

/// Memory that the process has, in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn spent_since(started: Duration) -> Duration {
    cpu_time().saturating_sub(started)
}

/// Time that the process has spent on a processor: others' work does not count.
fn cpu_time() -> Duration {
    let schedstat = fs::read_to_string("/proc/self/schedstat").unwrap();
    Duration::from_nanos(schedstat.split(' ').next().unwrap().parse().unwrap())
}
