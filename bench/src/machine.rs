//! What the figures were measured on.

use std::fs;

use serde::Serialize;

/// Figures of two machines, or of a machine at rest and a busy one, are not to be compared.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    cpu: String,
    cores: usize,
    kernel: String,
    /// Of the minute before the run: 0 is a machine at rest.
    load_average: String,
}

impl Machine {
    pub(crate) fn describe() -> Self {
        let cpu = read("/proc/cpuinfo")
            .lines()
            .find_map(|line| Some(line.strip_prefix("model name")?.split_once(": ")?.1.to_owned()));
        let load_average = read("/proc/loadavg").split(' ').next().map(str::to_owned);
        Self {
            cpu: cpu.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
            load_average: load_average.unwrap_or_default(),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cpu, cores, kernel, load_average } = self;
        write!(
            f,
            "{cpu}, {cores} cores, Linux {kernel}, load average before the run {load_average}"
        )
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
