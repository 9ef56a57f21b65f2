//! What tells the process to stop, or to look at its files again.

use std::{fmt, io};

use tokio::signal::unix::{self, SignalKind};

/// The signals that mean "stop", from the moment of [`Signals::listen`] on.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Terminate,
    Interrupt,
}

impl Signals {
    /// From now on the process no longer dies of them.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
        })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
        }
    }
}

/// Every SIGHUP, from the moment of [`HangUps::listen`] on.
#[derive(Debug)]
pub(crate) struct HangUps(unix::Signal);

impl HangUps {
    /// From now on the process no longer dies of them.
    pub(crate) fn listen() -> io::Result<Self> {
        unix::signal(SignalKind::hangup()).map(Self)
    }

    /// The next one.
    pub(crate) async fn next(&mut self) {
        self.0.recv().await;
    }
}

impl Signal {
    fn kind(self) -> SignalKind {
        match self {
            Self::Terminate => SignalKind::terminate(),
            Self::Interrupt => SignalKind::interrupt(),
        }
    }

    /// The exit status that shells give a process that died of it.
    pub(crate) fn exit_code(self) -> i32 {
        128 + self.kind().as_raw_value()
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        })
    }
}
