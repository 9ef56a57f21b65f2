//! What Linux knows about a process: `/proc/PID/stat` and `/proc/PID/status` (proc(5)).

use std::fs;
use std::io;
use std::time::Duration;

use crate::error::Error;

/// The CPU time of a process, user and system, counted from the making of this.
pub(crate) struct CpuClock {
    pid: u32,
    start: Duration,
}

impl CpuClock {
    pub(crate) fn of(pid: u32) -> Result<Self, Error> {
        Ok(Self { pid, start: cpu_time(pid)? })
    }

    pub(crate) fn elapsed(&self) -> Result<Duration, Error> {
        Ok(cpu_time(self.pid)?.saturating_sub(self.start))
    }
}

/// The CPU time of a process since its start, user and system.
pub(crate) fn cpu_time(pid: u32) -> Result<Duration, Error> {
    let stat = read(pid, "stat")?;
    let ticks = ticks(&stat).ok_or_else(unreadable)?;
    Ok(Duration::from_secs(ticks) / tick_rate())
}

fn tick_rate() -> u32 {
    u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100)
}

/// `pid (name) state …`: the name may contain anything, `utime` and `stime` are fields 14 and 15.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11).map(str::parse::<u64>);
    Some(fields.next()?.ok()? + fields.next()?.ok()?)
}

/// The memory of a process, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// All pages that are in memory, those of files included.
    pub(crate) resident: u64,
    /// Those that belong to no file: heap and stacks.
    pub(crate) anonymous: u64,
}

impl Memory {
    pub(crate) fn of(pid: u32) -> Result<Self, Error> {
        Self::parse(&read(pid, "status")?).ok_or_else(unreadable)
    }

    fn parse(status: &str) -> Option<Self> {
        let field = |name: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(name))?;
            value.trim().strip_suffix(" kB")?.parse().ok()
        };
        Some(Self { resident: field("VmRSS:")?, anonymous: field("RssAnon:")? })
    }
}

/// How many files, connections among them, a process has open.
pub(crate) fn handles(pid: u32) -> Result<u32, Error> {
    let handles = fs::read_dir(format!("/proc/{pid}/fd")).map_err(Error::io("read /proc"))?;
    u32::try_from(handles.count()).map_err(|_| unreadable())
}

/// How many threads a process has.
pub(crate) fn threads(pid: u32) -> Result<u32, Error> {
    let status = read(pid, "status")?;
    let threads =
        status.lines().find_map(|line| line.strip_prefix("Threads:")?.trim().parse().ok());
    threads.ok_or_else(unreadable)
}

fn read(pid: u32, file: &str) -> Result<String, Error> {
    fs::read_to_string(format!("/proc/{pid}/{file}")).map_err(Error::io("read /proc"))
}

fn unreadable() -> Error {
    Error::io("read /proc")(io::Error::from(io::ErrorKind::InvalidData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_behind_any_name() {
        let stat = "7 (a) b) 9 (c) S 1 7 7 0 -1 4194304 9 0 0 0 250 31 0 0 20 0 3 0 99";
        assert_eq!(ticks(stat), Some(281));
    }

    #[test]
    fn the_clock_of_this_process_runs() {
        let clock = CpuClock::of(std::process::id()).unwrap();
        while clock.elapsed().unwrap().is_zero() {}
    }

    #[test]
    fn handles_and_threads_are_counted() {
        let this = std::process::id();
        let (before, threads_before) = (handles(this).unwrap(), threads(this).unwrap());
        let files: Vec<_> = (0..500).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        assert!(handles(this).unwrap() >= before + 400, "other tests have but a few");
        drop(files);
        assert!(threads_before >= 1);
    }

    #[test]
    fn memory_is_read_in_kib() {
        let status = "Name:\trescind\nVmRSS:\t   20480 kB\nRssAnon:\t    8192 kB\nThreads:\t3\n";
        assert_eq!(Memory::parse(status), Some(Memory { resident: 20_480, anonymous: 8_192 }));
    }
}
