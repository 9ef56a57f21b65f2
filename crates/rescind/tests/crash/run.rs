//! Crash, start, judge; and again.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use rescind_harness::{Installation, Server};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::judge::{Doubts, issue_afterwards, judge};
use crate::ledger::{Issued, Ledger};
use crate::load::{Target, Worker, revoke_until_first_answer};
use crate::machine::Machine;
use crate::report;
use crate::settings::Settings;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_rescind");
/// Tokens name their issuer, which has to stay the same while the port changes.
pub(crate) const PUBLIC_URL: &str = "http://rescind.test";
const WORKERS: usize = 8;
/// Tokens of earlier rounds that a worker may revoke.
const DRAWN_PER_WORKER: usize = 20;
/// Tokens of earlier rounds that are asked about after each crash; all are after the last.
const EARLIER_ASKED: usize = 500;
/// Status bits are taken in blocks of as many neighbours, and each block is recorded once.
const BLOCK: usize = 64;

/// When it crashes.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// While many clients issue and revoke.
    InAStream,
    /// Right after the 200 to a revocation, with nothing else going on that could save it.
    AfterARevocation,
    /// Right after the first token of a new process, or of a new block of status bits.
    AfterAToken,
}

const MOMENTS: [Moment; 3] = [Moment::InAStream, Moment::AfterARevocation, Moment::AfterAToken];

/// Crashes `machine` as often as `settings` say, always with the same store. Panics when a promise
/// is broken.
pub(crate) fn crash_again_and_again(machine: impl Machine, settings: Settings) -> Summary {
    let started = Instant::now();
    let mut run = Run::new(machine, settings);
    for _ in 0..settings.rounds {
        run.crash_once();
    }
    Summary {
        settings,
        issued: run.ledger.issued(),
        answered: run.answered,
        doubts: run.doubts,
        duration: started.elapsed(),
    }
}

struct Run<M> {
    settings: Settings,
    rng: fastrand::Rng,
    runtime: Runtime,
    installation: Installation,
    ledger: Ledger,
    answered: u64,
    doubts: Doubts,
    round: u32,
    moment: Moment,
    // In this order: the server goes before what it runs on.
    server: Option<Server>,
    machine: M,
}

impl<M: Machine> Run<M> {
    fn new(mut machine: M, settings: Settings) -> Self {
        let installation = Installation::init(BINARY, machine.data_dir()).unwrap();
        // What `init` has said is a promise too.
        machine.crash(None);
        let mut run = Self {
            settings,
            rng: fastrand::Rng::with_seed(settings.seed),
            runtime: Runtime::new().unwrap(),
            installation,
            ledger: Ledger::default(),
            answered: 0,
            doubts: Doubts::default(),
            round: 0,
            moment: MOMENTS[0],
            server: None,
            machine,
        };
        run.start();
        run
    }

    fn crash_once(&mut self) {
        self.round += 1;
        self.moment = MOMENTS[self.round as usize % MOMENTS.len()];
        let target = self.target();
        match self.moment {
            Moment::InAStream => self.crash_in_a_stream(&target),
            Moment::AfterARevocation => self.crash_after_a_revocation(&target),
            Moment::AfterAToken if self.rng.bool() => self.crash_after_a_first_token(&target),
            Moment::AfterAToken => self.crash_after_a_block_was_taken(&target),
        }
        self.start();
        self.judge();
    }

    fn crash_in_a_stream(&mut self, target: &Target) {
        let mut workers = JoinSet::new();
        for _ in 0..WORKERS {
            let drawn = self.ledger.draw_alive(DRAWN_PER_WORKER, &mut self.rng);
            let worker = Worker::new(target.clone(), drawn, self.rng.fork());
            workers.spawn_on(worker.work_until_gone(), self.runtime.handle());
        }
        std::thread::sleep(Duration::from_millis(self.rng.u64(5..250)));
        self.crash(target);
        for hand in self.runtime.block_on(workers.join_all()) {
            self.ledger.enter(hand.issued);
            self.ledger.put_back(hand.drawn);
            self.answered += hand.answered;
        }
    }

    fn crash_after_a_revocation(&mut self, target: &Target) {
        // One that has survived crashes, or one that no disk has ever heard of.
        let earlier = self.ledger.draw_alive(usize::from(self.rng.bool()), &mut self.rng).pop();
        let mut last = earlier.unwrap_or_else(|| {
            let issued = self.runtime.block_on(issue(target));
            self.ledger.take_bit(&issued);
            issued
        });
        let connections = self.rng.u8(1..=3);
        self.runtime.block_on(revoke_until_first_answer(target, &mut last, connections));
        self.crash(target);
        self.answered += 1;
        self.ledger.put_back(vec![last]);
    }

    fn crash_after_a_first_token(&mut self, target: &Target) {
        self.crash(target);
        self.start();
        let target = self.target();
        let issued = self.runtime.block_on(issue(&target));
        self.crash(&target);
        self.ledger.enter(vec![issued]);
    }

    fn crash_after_a_block_was_taken(&mut self, target: &Target) {
        let issued = self.runtime.block_on(async {
            let mut issued = vec![issue(target).await];
            while block(&issued[0]) == block(&issued[issued.len() - 1]) {
                assert!(issued.len() <= BLOCK, "a block of {BLOCK} bits has {}", issued.len());
                issued.push(issue(target).await);
            }
            issued
        });
        self.crash(target);
        self.ledger.enter(issued);
    }

    fn crash(&mut self, target: &Target) {
        target.may_be_gone.store(true, Ordering::SeqCst);
        self.machine.crash(self.server.take());
    }

    fn start(&mut self) {
        let builder = Server::builder(BINARY, self.machine.data_dir()).unlimited();
        let builder = builder.public_url(PUBLIC_URL);
        self.server = Some(builder.start().unwrap_or_else(|error| panic!("{error}")));
    }

    fn judge(&mut self) {
        let last = self.round == self.settings.rounds;
        let count = if last { usize::MAX } else { EARLIER_ASKED };
        let tokens = self.ledger.sample(count, &mut self.rng);
        let target = self.target();
        self.runtime.block_on(async {
            let doubts = judge(&target, &mut self.ledger, tokens, now()).await;
            self.doubts.all += doubts.all;
            self.doubts.took_effect += doubts.took_effect;
            // What comes now has not seen a crash yet: it belongs to the next round.
            self.ledger.close_round(now(), &mut self.rng);
            issue_afterwards(&target, &mut self.ledger).await;
        });
        let broken = &self.ledger.broken;
        assert!(
            broken.is_empty(),
            "{} promises broken, such as {:?}",
            broken.len(),
            &broken[..broken.len().min(5)]
        );
    }

    fn target(&self) -> Target {
        Target {
            url: self.server.as_ref().unwrap().url().to_owned(),
            installation: self.installation.clone(),
            may_be_gone: Arc::new(AtomicBool::new(false)),
        }
    }
}

/// Whatever it is that fails, these are the facts to look into it with.
impl<M> Drop for Run<M> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            report(&format!(
                "in round {}, {:?}, RESCIND_CRASH_SEED={}\n{}",
                self.round,
                self.moment,
                self.settings.seed,
                self.server.as_ref().map(Server::output).unwrap_or_default()
            ));
        }
    }
}

async fn issue(target: &Target) -> Issued {
    Issued::new(target.client().issue().await.unwrap())
}

/// The block that the bit of a token belongs to.
fn block(issued: &Issued) -> (u64, u64) {
    (issued.claims.status.list, issued.claims.status.index / BLOCK as u64)
}

#[expect(clippy::disallowed_methods, reason = "the server under test has the real clock as well")]
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// What a run has found, which is nothing wrong.
#[derive(Debug)]
pub(crate) struct Summary {
    settings: Settings,
    issued: usize,
    answered: u64,
    doubts: Doubts,
    duration: Duration,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rounds, {} tokens issued, {} revocations answered, {} in doubt of which {} took \
             effect, 0 wrong, {:.1} s, seed {}",
            self.settings.rounds,
            self.issued,
            self.answered,
            self.doubts.all,
            self.doubts.took_effect,
            self.duration.as_secs_f64(),
            self.settings.seed
        )
    }
}
