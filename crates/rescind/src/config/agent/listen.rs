//! Where an agent is asked.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

/// A port, or a socket of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AgentListen {
    /// An IP address and a port.
    Port(SocketAddr),
    /// A socket in the file system.
    Socket(PathBuf),
}

/// A text that is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it takes an IP address and a port, like 127.0.0.1:9180, or a socket, like unix:/run/rescind/agent.sock"
)]
pub(crate) struct ParseAgentListenError;

impl AgentListen {
    /// Whether nobody else than this machine can ask there.
    pub(crate) fn is_local(&self) -> bool {
        match self {
            Self::Port(address) => address.ip().to_canonical().is_loopback(),
            Self::Socket(_) => true,
        }
    }
}

impl Default for AgentListen {
    fn default() -> Self {
        Self::Port((Ipv4Addr::LOCALHOST, 9180).into())
    }
}

impl FromStr for AgentListen {
    type Err = ParseAgentListenError;

    fn from_str(text: &str) -> Result<Self, ParseAgentListenError> {
        match text.strip_prefix("unix:") {
            Some("") => Err(ParseAgentListenError),
            Some(path) => Ok(Self::Socket(path.into())),
            None => text.parse().map(Self::Port).map_err(|_| ParseAgentListenError),
        }
    }
}

impl fmt::Display for AgentListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(address) => address.fmt(f),
            Self::Socket(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
