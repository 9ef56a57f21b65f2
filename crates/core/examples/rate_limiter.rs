//! What a check of a rate limit costs, and what a flood of keys makes of time and memory.
//!
//! `cargo run --release -p rescind-core --example rate_limiter`

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it prints what it measures")]

use std::{fs, hint::black_box, time::Duration};

use rescind_core::{clock::UnixTime, rate_limiter::RateLimiter};

const KEYS: u64 = 10_000_000;
const CHECKS: u32 = 10_000_000;

fn main() {
    let now = UnixTime::from_second(1_800_000_000);
    let limiter = RateLimiter::new("1000000000/1m".parse().unwrap());
    let started = cpu_time();
    for _ in 0..CHECKS {
        let _ = black_box(limiter.admit(black_box(&"mdb_sa_id_6b1f0c2d9a4e57833c0d9e11"), now));
    }
    println!("one key: {:?} a check", spent_since(started) / CHECKS);

    let limiter = RateLimiter::new("10/1m".parse().unwrap());
    let before = resident();
    for _ in 0..10 {
        limiter.admit(&"a guesser", now).unwrap();
    }
    let started = cpu_time();
    for key in 0..KEYS {
        assert!(limiter.admit(&key, now).is_ok(), "a newcomer is never refused");
    }
    println!(
        "{KEYS} keys: {:?} a check, {} KiB more memory",
        spent_since(started) / u32::try_from(KEYS).unwrap(),
        resident() - before
    );
    println!("who had used up its window: {:?}", limiter.admit(&"a guesser", now).unwrap_err());
}

/// Memory that the process has, in KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn spent_since(started: Duration) -> Duration {
    cpu_time().saturating_sub(started)
}

/// Time that the process has spent on a processor: others' work does not count.
fn cpu_time() -> Duration {
    let schedstat = fs::read_to_string("/proc/self/schedstat").unwrap();
    Duration::from_nanos(schedstat.split(' ').next().unwrap().parse().unwrap())
}
