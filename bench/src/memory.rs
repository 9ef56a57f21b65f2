//! What a token costs in memory once it has been issued.

use serde::Serialize;

use crate::client::Crowd;
use crate::error::Error;
use crate::load::Stop;
use crate::process::Memory;
use crate::progress;
use crate::subject::Subject;

const CONNECTIONS: usize = 64;
/// Tokens are checked and forgotten in batches, so that this process stays small.
const BATCH: u64 = 50_000;

/// The memory of a server before and after, in MiB.
#[derive(Debug, Serialize)]
pub(crate) struct Growth {
    pub(crate) tokens: u64,
    /// `VmRSS` after a few hundred requests of every kind.
    pub(crate) idle_mib: f64,
    /// `VmRSS` after the tokens.
    pub(crate) loaded_mib: f64,
    /// `RssAnon` after a few hundred requests of every kind.
    pub(crate) idle_anonymous_mib: f64,
    /// `RssAnon` after the tokens.
    pub(crate) loaded_anonymous_mib: f64,
}

impl Growth {
    pub(crate) fn mib(&self) -> f64 {
        self.loaded_mib - self.idle_mib
    }

    pub(crate) fn anonymous_mib(&self) -> f64 {
        self.loaded_anonymous_mib - self.idle_anonymous_mib
    }
}

/// Warms a freshly started server up, then has it issue `tokens` tokens.
pub(crate) fn measure(
    subject: &mut Subject,
    mut crowd: Crowd,
    tokens: u64,
) -> Result<Growth, Error> {
    warm_up(subject, &mut crowd)?;
    let idle = Memory::of(subject.pid())?;
    let mut issued = 0;
    while issued < tokens {
        progress(format_args!("{issued} of {tokens} tokens issued"));
        let batch = BATCH.min(tokens - issued);
        subject.issue(&mut crowd, CONNECTIONS, Stop::AfterRequests(batch))?;
        issued += batch;
    }
    let loaded = Memory::of(subject.pid())?;
    Ok(Growth {
        tokens,
        idle_mib: mib(idle.resident),
        loaded_mib: mib(loaded.resident),
        idle_anonymous_mib: mib(idle.anonymous),
        loaded_anonymous_mib: mib(loaded.anonymous),
    })
}

/// What every server allocates with its first requests is not the cost of a token.
fn warm_up(subject: &mut Subject, crowd: &mut Crowd) -> Result<(), Error> {
    const REQUESTS: u64 = 256;
    let few = Stop::AfterRequests(REQUESTS);
    subject.healthz(CONNECTIONS, few)?;
    let (_, tokens) = subject.issue(crowd, CONNECTIONS, few)?;
    let questions = subject.questions_about(&tokens)?;
    subject.introspect(CONNECTIONS, few, &questions)?;
    subject.revoke(CONNECTIONS, few, tokens)?;
    Ok(())
}

pub(crate) fn mib(kib: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no process has 2^53 KiB")]
    let kib = kib as f64;
    kib / 1024.0
}
