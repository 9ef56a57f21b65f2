//! What is looked at every few seconds.

use std::fs;
use std::path::Path;

use serde::Serialize;

use super::paced::Window;
use crate::error::Error;
use crate::memory::mib;
use crate::process::{Memory, handles, threads};

/// The server at a time, and the answers since the time before.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sample {
    /// Since the load began.
    pub(crate) seconds: f64,
    pub(crate) resident_mib: f64,
    pub(crate) anonymous_mib: f64,
    pub(crate) handles: u32,
    pub(crate) threads: u32,
    /// The store and its write-ahead log.
    pub(crate) store_mib: f64,
    pub(crate) requests_per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

impl Sample {
    /// Looks at the process `pid`, whose data is in `data_dir`.
    pub(crate) fn take(
        seconds: f64,
        pid: u32,
        data_dir: &Path,
        window: &Window,
    ) -> Result<Self, Error> {
        let memory = Memory::of(pid)?;
        let size = |file| fs::metadata(data_dir.join(file)).map_or(0, |file| file.len());
        Ok(Self {
            seconds,
            resident_mib: mib(memory.resident),
            anonymous_mib: mib(memory.anonymous),
            handles: handles(pid)?,
            threads: threads(pid)?,
            store_mib: mib((size("rescind.db") + size("rescind.db-wal")) / 1024),
            requests_per_second: window.requests_per_second(),
            p50_ms: window.quantile_ms(0.5),
            p99_ms: window.quantile_ms(0.99),
        })
    }
}
