//! How many connections the system lets the process have: each is a file handle.

use std::num::NonZeroUsize;

use rescind_http::ConnectionLimits;
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::config::Config;

/// Handles that are no connections of clients: the store, the log, and operators.
const RESERVED: u64 = 256;

/// Fewer connections are no service; where not even these are allowed, some of them will fail.
const FEWEST: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// How many connections there may be: as many as are configured, and no more than there are file
/// handles for. Takes all the handles that the system allows.
pub(crate) fn limits(config: &Config) -> ConnectionLimits {
    let connections = connections(config.connection_limit);
    ConnectionLimits { connections, connections_per_address: config.connection_limit_per_address }
}

/// As many of these connections as there are file handles for. Takes all the handles that the
/// system allows.
pub(crate) fn connections(configured: NonZeroUsize) -> NonZeroUsize {
    let connections = raise().map_or(configured, |handles| {
        let possible = usize::try_from(handles.saturating_sub(RESERVED)).unwrap_or(usize::MAX);
        NonZeroUsize::new(possible).unwrap_or(FEWEST).max(FEWEST).min(configured)
    });
    if connections < configured {
        tracing::warn!(
            "there are file handles for {connections} connections only, not for {configured}: \
             raise what the system allows (`ulimit -Hn`, `LimitNOFILE=`)"
        );
    }
    connections
}

/// Raises the number of file handles as far as an ordinary process may, and returns it; `None`
/// when there is no limit.
fn raise() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let allowed = limit.current;
    limit.current = limit.maximum;
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the number of file handles cannot be raised"
            );
            allowed
        }
    }
}
