//! What a crash must not take back: `docs/crash-tests.md`.
//!
//! A real `rescind serve` is put under load and loses, again and again on the same store, its
//! process (`kill`) or its power (`power_cut`). Then it is started, and asked about every token.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code: what fails here fails the test")]

mod first_start;
mod judge;
mod key_rotation;
mod ledger;
mod load;
mod machine;
mod power_cut;
mod run;
mod settings;

use std::fs::{self, File};
use std::io::Write;

use machine::{KilledProcess, Machine};
use power_cut::Disk;
use rescind_harness::{Installation, Server};
use settings::Settings;

#[test]
fn kill_takes_nothing_back_that_was_answered() {
    let settings = Settings::from_env();
    let summary = run::crash_again_and_again(KilledProcess::new(), settings);
    report(&format!("kill: {summary}"));
}

#[test]
fn kill_in_the_middle_of_init_leaves_a_store_that_starts() {
    let summary = first_start::kill_init_again_and_again(Settings::from_env());
    report(&format!("kill of init: {summary}"));
}

#[test]
fn kill_at_any_step_of_a_rotation_leaves_one_installation_key_that_opens() {
    if Settings::from_env().skip_strace {
        report("kill of a rotation: SKIPPED, because RESCIND_SKIP_STRACE=1");
        return;
    }
    let summary = key_rotation::kill_at_every_step();
    report(&format!("kill of a rotation: {summary}"));
}

#[test]
fn power_cut_leaves_the_installation_key_that_a_rotation_has_made() {
    let Some(mut disk) = disk(Settings::from_env()) else { return };
    Installation::init(run::BINARY, disk.data_dir()).unwrap();
    let old = key_rotation::key_in(&disk.data_dir());
    key_rotation::rotate(&disk.data_dir());
    let new = key_rotation::key_in(&disk.data_dir());
    disk.crash(None);
    assert_eq!(key_rotation::key_in(&disk.data_dir()), new);
    assert_ne!(new, old);
    Server::start(run::BINARY, disk.data_dir()).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn power_cut_takes_nothing_back_that_was_answered() {
    let settings = Settings::from_env();
    if let Some(disk) = disk(settings) {
        let summary = run::crash_again_and_again(disk, settings);
        report(&format!("power cut: {summary}"));
    }
}

/// The test of the test: on a disk that remembers everything, every store is durable.
#[test]
fn power_cut_loses_what_was_never_synced() {
    let Some(mut disk) = disk(Settings::from_env()) else { return };
    fs::create_dir(disk.data_dir()).unwrap();
    let synced = disk.data_dir().join("synced");
    let mut file = File::create(&synced).unwrap();
    file.write_all(b"before").unwrap();
    file.sync_all().unwrap();
    file.write_all(b" and after").unwrap();
    fs::write(disk.data_dir().join("never synced"), "x").unwrap();
    drop(file);

    disk.crash(None);

    assert_eq!(fs::read_to_string(&synced).unwrap(), "before");
    assert!(!disk.data_dir().join("never synced").exists());
}

/// A disk whose power can be cut; `None` where the environment says to do without.
fn disk(settings: Settings) -> Option<Disk> {
    if settings.skip_power_cut {
        report("power cut: SKIPPED, because RESCIND_SKIP_POWER_CUT=1");
        return None;
    }
    Some(Disk::new(settings.rounds).unwrap_or_else(|error| {
        panic!(
            "{error}. Cutting the power needs root, loop devices, mkfs.ext4 and mount; \
             RESCIND_SKIP_POWER_CUT=1 does without this test"
        )
    }))
}

/// Straight to standard error: cargo hides what a passing test prints, and this line is the result.
fn report(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}
