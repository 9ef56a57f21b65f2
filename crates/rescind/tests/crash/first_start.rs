//! A store whose very making was cut short.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rescind_harness::{Client, Installation, Server};
use tokio::runtime::Runtime;

use crate::run::BINARY;
use crate::settings::Settings;

/// Kills `rescind init` at random moments: on what it leaves a server has to start, and the
/// credentials that it has printed have to be good.
pub(crate) fn kill_init_again_and_again(settings: Settings) -> Summary {
    let runtime = Runtime::new().unwrap();
    let mut rng = fastrand::Rng::with_seed(settings.seed);
    let mut summary = Summary { settings, printed: 0 };
    let whole = time_of_a_whole_init();
    for round in 1..=settings.rounds {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let printed = init_and_kill(&data_dir, whole.mul_f64(1.5 * rng.f64()));
        let server = Server::start(BINARY, &data_dir)
            .unwrap_or_else(|error| panic!("round {round}, seed {}: {error}", settings.seed));
        if let Some(installation) = printed {
            let mut client = Client::new(server.url()).with_credentials(&installation);
            runtime.block_on(client.issue()).unwrap();
            summary.printed += 1;
        }
    }
    summary
}

fn time_of_a_whole_init() -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    Installation::init(BINARY, folder.path().join("data")).unwrap();
    started.elapsed()
}

/// What it printed, if it came so far.
fn init_and_kill(data_dir: &Path, after: Duration) -> Option<Installation> {
    let mut init = Command::new(BINARY)
        .env_clear()
        .args(["init", "--format", "json", "--data-dir"])
        .arg(data_dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    init.kill().unwrap();
    serde_json::from_slice(&init.wait_with_output().unwrap().stdout).ok()
}

/// What a run has found, which is nothing wrong.
#[derive(Debug)]
pub(crate) struct Summary {
    settings: Settings,
    printed: u32,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { settings: Settings { rounds, seed, .. }, printed } = self;
        write!(f, "{rounds} rounds, {printed} had printed credentials, 0 wrong, seed {seed}")
    }
}
