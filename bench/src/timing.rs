//! Whether the time of a refusal tells why it was refused: requests of several kinds, in random
//! order on one connection. `docs/benchmarks.md`, "Timing", says how to read it.

mod report;
mod stage;
mod statistics;

use std::hint;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rescind_core::api_key::PublicKey;
use rescind_core::id::ClientId;
use rescind_core::random::SystemRandom;
use rescind_core::secret::ClientSecret;
use serde::Serialize;

use self::stage::{Stage, set};
use self::statistics::{Comparison, quantile};
use crate::client::Client;
use crate::connection::Connection;
use crate::cores::Cores;
use crate::error::Error;
use crate::load::{Target, nanoseconds};
use crate::machine::Machine;
use crate::populate::populate;
use crate::progress;
use crate::readiness::Readiness;
use crate::slice::float;
use crate::subject::Subject;
use crate::workload::FormRequest;

/// Requests of each kind before the first that counts.
const WARM_UP: u32 = 500;
/// How much later the last kind of each endpoint is sent, to prove that it would be seen.
const LATER: Duration = Duration::from_micros(1);

/// Look whether the time of a refusal tells why
///
/// Each kind of refusal is asked for equally often, in random order on one connection. Exit status:
/// 0 no two kinds differ, and a difference of a microsecond would have been seen; 1 else.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many requests of each kind
    #[arg(long, value_name = "COUNT", default_value = "100000")]
    tries: NonZeroU32,

    /// The server to measure, built with --release
    #[arg(long, value_name = "FILE", default_value = "target/release/rescind")]
    binary: PathBuf,

    /// Where the server keeps its data meanwhile; on a disk
    #[arg(long, value_name = "DIR", default_value = "target/bench-data")]
    data_dir: PathBuf,

    /// Write the figures to this file, too
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

/// A kind of request, each of which is refused with the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    UnknownClient,
    WrongSecret,
    ExpiredSecret,
    UnknownKey,
    WrongResponse,
}

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct Timing {
    machine: Machine,
    cores: String,
    tries: u32,
    endpoints: Vec<Endpoint>,
}

/// One endpoint.
#[derive(Debug, Serialize)]
struct Endpoint {
    request: &'static str,
    rows: Vec<Row>,
    comparisons: Vec<Comparison>,
    /// The same kind twice: no difference may be seen.
    same: Comparison,
    /// The same kind twice, one [`LATER`]: a difference must be seen.
    later: Comparison,
}

/// How long requests of a kind took, in microseconds.
#[derive(Debug, Serialize)]
struct Row {
    kind: &'static str,
    mean: f64,
    p10: f64,
    median: f64,
    p90: f64,
    p99: f64,
}

/// Runs it.
pub(crate) fn run(options: &Options) -> Result<Timing, Error> {
    let (machine, cores) = (Machine::describe(), Cores::choose()?);
    let (data_dir, stage) = populate(&options.binary, &options.data_dir, set)?;
    let subject = Subject::start(&options.binary, data_dir, cores, &[])?;
    let tries = options.tries.get();
    let endpoints = [
        (
            "POST /api/oauth/token",
            &[Kind::UnknownClient, Kind::WrongSecret, Kind::ExpiredSecret][..],
            Kind::WrongSecret,
        ),
        (
            "GET /api/public/v1.0/orgs, Digest",
            &[Kind::UnknownKey, Kind::WrongResponse][..],
            Kind::WrongResponse,
        ),
    ];
    let endpoints = endpoints.into_iter().map(|(request, kinds, control)| {
        progress(format_args!("{request}: {tries} tries of each kind"));
        measure(&subject, &stage, tries, kinds, control)
            .map(|measured| Endpoint::of(request, kinds, &measured))
    });
    let endpoints = endpoints.collect::<Result<_, _>>()?;
    subject.stop()?;
    Ok(Timing { machine, cores: cores.to_string(), tries, endpoints })
}

/// How long each request of each kind took, in nanoseconds; then of `control` once more, and of
/// `control` when it is sent later.
fn measure(
    subject: &Subject,
    stage: &Stage,
    tries: u32,
    kinds: &[Kind],
    control: Kind,
) -> Result<Vec<Vec<u32>>, Error> {
    let later = kinds.len() + 1;
    let all: Vec<Kind> = kinds.iter().copied().chain([control, control]).collect();
    let mut line = Line::open(subject.target())?;
    let mut order: Vec<usize> =
        (0..all.len()).flat_map(|kind| (0..tries).map(move |_| kind)).collect();
    let mut measured = vec![Vec::with_capacity(tries as usize); all.len()];
    for kind in (0..WARM_UP).flat_map(|_| &all) {
        line.ask(&kind.request(subject.host(), stage), Duration::ZERO)?;
    }
    fastrand::shuffle(&mut order);
    for kind in order {
        let request = all[kind].request(subject.host(), stage);
        let wait = if kind == later { LATER } else { Duration::ZERO };
        let took = line.ask(&request, wait)?;
        measured[kind].push(u32::try_from(nanoseconds(took)).unwrap_or(u32::MAX));
    }
    Ok(measured)
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::UnknownClient => "unknown client",
            Self::WrongSecret => "wrong secret",
            Self::ExpiredSecret => "expired secret",
            Self::UnknownKey => "unknown API key",
            Self::WrongResponse => "wrong response",
        }
    }

    /// The bytes of a request: as many for each kind of an endpoint, and nothing that is made up is
    /// made up twice.
    fn request(self, host: &str, stage: &Stage) -> Vec<u8> {
        let made_up = || ClientSecret::generate(&SystemRandom);
        let token = |id: &ClientId, secret: &ClientSecret| {
            let mut request = Vec::new();
            let client = Client::new(id.to_string(), secret.expose());
            FormRequest::new("/api/oauth/token", host).write(
                &mut request,
                &client,
                "grant_type",
                "client_credentials",
            );
            request
        };
        match self {
            Self::UnknownClient => token(&stage.unknown, &made_up()),
            Self::WrongSecret => token(&stage.known, &made_up()),
            Self::ExpiredSecret => token(&stage.expired, &stage.expired_secret),
            Self::UnknownKey => digest(host, stage.unknown_key),
            Self::WrongResponse => digest(host, stage.known_key),
        }
    }
}

/// A login with a made-up response.
fn digest(host: &str, key: PublicKey) -> Vec<u8> {
    let (uri, response) = ("/api/public/v1.0/orgs", fastrand::u128(..));
    format!(
        "GET {uri} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Digest username=\"{}\", \
         realm=\"MMS Public API\", nonce=\"{:032x}\", uri=\"{uri}\", algorithm=MD5, \
         response=\"{response:032x}\", qop=auth, nc=00000001, cnonce=\"0123456789abcdef\"\r\n\r\n",
        key.as_str(),
        fastrand::u128(..),
    )
    .into_bytes()
}

/// One connection, watched without sleeping.
struct Line {
    connection: Connection,
    readiness: Readiness,
    /// The answer to the first request: all are to be the same.
    refusal: Option<Vec<u8>>,
}

impl Line {
    fn open(target: Target) -> Result<Self, Error> {
        let connection = Connection::open(target.address).map_err(Error::io("connect"))?;
        let readiness = Readiness::watch([&connection].into_iter(), target.wait)
            .map_err(Error::io("watch the connection"))?;
        Ok(Self { connection, readiness, refusal: None })
    }

    /// How long a request takes that is sent after `wait`.
    fn ask(&mut self, request: &[u8], wait: Duration) -> Result<Duration, Error> {
        let begin = Instant::now();
        while begin.elapsed() < wait {
            hint::spin_loop();
        }
        self.connection.send(request).map_err(Error::io("send a request"))?;
        loop {
            for _ in self.readiness.next().map_err(Error::io("get an answer"))? {}
            let received = self.connection.receive().map_err(Error::io("get an answer"))?;
            let Some(answer) = received else { continue };
            let took = begin.elapsed();
            let refusal = self.refusal.get_or_insert_with(|| answer.body.to_vec());
            if answer.status == 401 && answer.body == refusal {
                return Ok(took);
            }
            return Err(crate::workload::wrong("a request to be refused", answer));
        }
    }
}

impl Endpoint {
    fn of(request: &'static str, kinds: &[Kind], measured: &[Vec<u32>]) -> Self {
        let named: Vec<_> =
            kinds.iter().zip(measured).map(|(kind, times)| (kind.name(), &times[..])).collect();
        let pairs = named.iter().enumerate().flat_map(|(at, one)| {
            named[at + 1..].iter().map(move |other| Comparison::of(*one, *other))
        });
        let again = &measured[kinds.len()][..];
        let later = &measured[kinds.len() + 1][..];
        Self {
            request,
            comparisons: pairs.collect(),
            same: Comparison::of(("a kind", &measured[1]), ("again", again)),
            later: Comparison::of(("a kind", again), ("1 µs later", later)),
            rows: named.iter().map(|(name, times)| Row::of(name, times)).collect(),
        }
    }

    fn holds(&self) -> bool {
        let differs = self.comparisons.iter().any(Comparison::differs) || self.same.differs();
        !differs && self.later.differs()
    }
}

impl Row {
    fn of(kind: &'static str, times: &[u32]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let at = |share| f64::from(quantile(&sorted, share)) / 1e3;
        let sum: f64 = sorted.iter().map(|time| f64::from(*time)).sum();
        let mean = sum / float(sorted.len() as u64) / 1e3;
        Self { kind, mean, p10: at(0.1), median: at(0.5), p90: at(0.9), p99: at(0.99) }
    }
}

impl Timing {
    /// Whether no two kinds differ, and a difference would have been seen.
    pub(crate) fn holds(&self) -> bool {
        self.endpoints.iter().all(Endpoint::holds)
    }
}
