//! From the first signal to the end of the process.

use std::{process, time::Duration};

use tokio::{sync::watch, time::sleep};

use crate::signals::Signals;

/// A client that never sends the rest of its request cannot keep the process alive. `docker stop`
/// waits ten seconds before it kills.
const LONGEST: Duration = Duration::from_secs(8);

/// Tells when it is time to stop. Clones are one.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Returns when it is.
    pub(crate) async fn told(mut self) {
        // It is told to stop, or nobody is left to tell it.
        let _ = self.0.wait_for(|told| *told).await;
    }
}

/// Serves until a signal comes, and finishes what is in flight then, unless that takes too long or
/// another signal comes.
pub(crate) async fn serve_until_told(mut signals: Signals, serving: impl AsyncFnOnce(Stop)) {
    let (tell, told) = watch::channel(false);
    let at_the_latest = async {
        let signal = signals.next().await;
        tracing::info!("{signal}: finishing what is in flight");
        let _ = tell.send(true);
        tokio::select! {
            signal = signals.next() => {
                tracing::warn!("{signal} again: what was in flight is cut off");
                process::exit(signal.exit_code());
            }
            () = sleep(LONGEST) => {
                tracing::warn!("what is still in flight after {LONGEST:?} is cut off");
            }
        }
    };
    tokio::select! {
        () = serving(Stop(told)) => {}
        () = at_the_latest => {}
    }
}
