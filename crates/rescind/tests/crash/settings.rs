//! What the environment asks for.

use std::fmt::Display;
use std::str::FromStr;

const DEFAULT_ROUNDS: u32 = 24;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// `RESCIND_CRASH_ROUNDS`: how many crashes.
    pub(crate) rounds: u32,
    /// `RESCIND_CRASH_SEED`: what is random follows from it, as far as two processes and a disk can
    /// be made to repeat themselves.
    pub(crate) seed: u64,
    /// `RESCIND_SKIP_POWER_CUT=1`: for machines where nobody may mount.
    pub(crate) skip_power_cut: bool,
    /// `RESCIND_SKIP_STRACE=1`: for machines where nobody may trace a process.
    pub(crate) skip_strace: bool,
}

impl Settings {
    pub(crate) fn from_env() -> Self {
        Self {
            rounds: number("RESCIND_CRASH_ROUNDS").unwrap_or(DEFAULT_ROUNDS),
            seed: number("RESCIND_CRASH_SEED").unwrap_or_else(|| fastrand::u64(..)),
            skip_power_cut: is_set("RESCIND_SKIP_POWER_CUT"),
            skip_strace: is_set("RESCIND_SKIP_STRACE"),
        }
    }
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| value == "1")
}

fn number<N: FromStr<Err: Display>>(name: &str) -> Option<N> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|error| panic!("{name}={value}: {error}")))
}
