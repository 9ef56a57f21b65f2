//! Which core runs what. On a core each, the server and the load do not take time from one
//! another, and the scheduler moves neither.

use std::fmt;
use std::fs;
use std::io;

use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

use crate::error::Error;
use crate::readiness::Wait;

/// The cores of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cores {
    /// A core for each.
    Pinned { server: usize, generator: usize },
    /// Both for whoever needs them: for a server that nothing is asked yet.
    Together { server: usize, generator: usize },
    /// There is only one.
    Shared,
}

impl Cores {
    /// The first two cores that this process may use.
    pub(crate) fn choose() -> Result<Self, Error> {
        let allowed = sched_getaffinity(None).map_err(Error::io("read the allowed cores"))?;
        let mut allowed = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        Ok(match (allowed.next(), allowed.next()) {
            (Some(generator), Some(server)) => Self::Pinned { server, generator },
            _ => Self::Shared,
        })
    }

    /// Whoever has a core for itself need not give it up while it waits.
    pub(crate) fn wait(self) -> Wait {
        match self {
            Self::Pinned { .. } => Wait::Polling,
            Self::Together { .. } | Self::Shared => Wait::Sleeping,
        }
    }

    /// The same cores, for a server that has none to itself.
    pub(crate) fn together(self) -> Self {
        match self {
            Self::Pinned { server, generator } | Self::Together { server, generator } => {
                Self::Together { server, generator }
            }
            Self::Shared => Self::Shared,
        }
    }

    /// Starts a server: on its core, if it has one, and leaves this process, every thread of it, on the other one.
    ///
    /// A process inherits the cores of the thread that starts it, so that the server sees one core
    /// from its first instruction and makes as many threads as it would on such a machine.
    pub(crate) fn start<T>(
        self,
        server: impl FnOnce() -> Result<T, rescind_harness::Error>,
    ) -> Result<T, Error> {
        let to_cores = Error::io("choose the cores of the server");
        match self {
            Self::Pinned { server: its_core, generator } => {
                pin(None, &[its_core]).map_err(to_cores)?;
                let started = server();
                pin_all_threads(generator)
                    .map_err(Error::io("pin the load generator to a core"))?;
                Ok(started?)
            }
            Self::Together { server: one, generator: other } => {
                pin(None, &[one, other]).map_err(to_cores)?;
                Ok(server()?)
            }
            Self::Shared => Ok(server()?),
        }
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pinned { server, generator } => {
                write!(f, "server on core {server}, load generator on core {generator}")
            }
            Self::Together { server, generator } => {
                write!(f, "server and load generator on cores {generator} and {server}")
            }
            Self::Shared => f.write_str("server and load generator share the only core"),
        }
    }
}

/// The threads that read what the server writes were made while this thread was on its core.
fn pin_all_threads(core: usize) -> io::Result<()> {
    for thread in fs::read_dir("/proc/self/task")? {
        let id = thread?.file_name().to_string_lossy().parse().ok().and_then(Pid::from_raw);
        match pin(id, &[core]) {
            // It has ended since.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => {}
            result => result?,
        }
    }
    Ok(())
}

fn pin(thread: Option<Pid>, cores: &[usize]) -> io::Result<()> {
    let mut only = CpuSet::new();
    for core in cores {
        only.set(*core);
    }
    Ok(sched_setaffinity(thread, &only)?)
}
