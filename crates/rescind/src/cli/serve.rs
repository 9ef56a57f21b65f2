//! `rescind serve`: the main job.

use std::{
    fmt::Display,
    io::{self, Write as _},
    net::SocketAddr,
    num::NonZeroUsize,
    process::{self, ExitCode},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use rescind_authority::{Authority, FirstAccount, Limits, Settings, StartError, found, start};
use rescind_core::{clock::SystemClock, random::SystemRandom};
use rescind_http::{Admission, ConnectionLimits, Metrics, operations_router, router};
use tokio::{net::TcpListener, sync::oneshot, time::sleep};

use crate::{
    config::{AccessLists, ApiKeys, Config, Source},
    file_handles,
    first_steps::FirstSteps,
    installation::Installation,
    logging,
    signals::Signals,
};

/// A client that never sends the rest of its request cannot keep the process alive. `docker stop`
/// waits ten seconds before it kills.
const LONGEST_STOP: Duration = Duration::from_secs(8);

/// Operators are few, and their connections are not counted among those of clients.
const OPERATORS: ConnectionLimits = {
    let few = NonZeroUsize::new(64).unwrap();
    ConnectionLimits { connections: few, connections_per_address: few }
};

/// Issue tokens, answer for them, and take them back
///
/// On an empty data directory it first creates all that is needed, and shows the id and the secret
/// of a first service account, once. The first line on standard output is `listening on
/// http://HOST:PORT`, the second, if there is a listener for operators, `operators: http://HOST:PORT`;
/// the log goes to standard error.
///
/// SIGTERM or SIGINT: what is in flight is finished, for at most 8 seconds, and the exit status is
/// 0. A second signal ends the process at once with 128 and its number. Exit status 1: it could not
/// start; 2: it was called wrongly.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    settings: Source,
}

impl Serve {
    /// Serves until it is told to stop.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.settings.load()?;
        logging::start(config.log_format)?;
        // Before anybody can know that it runs, so that no signal finds it unprepared.
        let signals = Signals::listen()?;
        let limits = file_handles::limits(&config);

        let installation = Installation::open(&config).await?;
        // Before anything is founded: a secret must not be lost to a port that is in use.
        let listener = listen(config.listen, "--listen").await?;
        let operators = match config.operator_listen {
            Some(address) => Some(listen(address, "--operator-listen").await?),
            None => None,
        };
        let url = url(&listener)?;
        let settings = settings(&config, &url);
        let (authority, first_account) = authority(&installation, settings).await?;
        drop(installation);

        let operators_url = operators.as_ref().map(self::url).transpose()?;
        announce(&url, operators_url.as_deref(), first_account.as_ref());
        serve_until_told(listener, operators, authority, limits, signals).await;
        tracing::info!("stopped");
        Ok(ExitCode::SUCCESS)
    }
}

/// Serves until a signal comes, and finishes what is in flight then, unless that takes too long or
/// another signal comes.
async fn serve_until_told(
    listener: TcpListener,
    operators: Option<TcpListener>,
    authority: Authority,
    limits: ConnectionLimits,
    mut signals: Signals,
) {
    let (tell, told) = oneshot::channel();
    let metrics = Metrics::new(&authority);
    let admission = Admission::new(limits);
    let orderly = async {
        let told = async {
            let () = told.await.unwrap_or_default();
            authority.announce_stop();
        };
        let public = router(authority.clone(), metrics.clone());
        let (end, ended) = oneshot::channel();
        let clients = async {
            rescind_http::serve(listener, public, admission, told).await;
            let _ = end.send(());
        };
        // Operators can watch until the last client has its answer.
        let ended = async { ended.await.unwrap_or_default() };
        match operators {
            Some(operators) => {
                let router = operations_router(authority.clone(), metrics);
                tokio::join!(
                    clients,
                    rescind_http::serve(operators, router, Admission::new(OPERATORS), ended)
                );
            }
            None => clients.await,
        }
        authority.upkeep().await;
    };
    let at_the_latest = async {
        let signal = signals.next().await;
        tracing::info!("{signal}: finishing what is in flight");
        let _ = tell.send(());
        tokio::select! {
            signal = signals.next() => {
                tracing::warn!("{signal} again: what was in flight is cut off");
                process::exit(signal.exit_code());
            }
            () = sleep(LONGEST_STOP) => {
                tracing::warn!("what is still in flight after {LONGEST_STOP:?} is cut off");
            }
        }
    };
    tokio::select! {
        () = orderly => {}
        () = at_the_latest => {}
    }
}

async fn listen(address: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}: name a free address with {option}"))
}

fn url(listener: &TcpListener) -> io::Result<String> {
    listener.local_addr().map(|address| format!("http://{address}"))
}

fn settings(config: &Config, url: &str) -> Settings {
    let issuer = config.public_url.as_ref().map_or(url, |url| url.as_str()).to_owned();
    if config.public_url.is_none() && config.listen.ip().is_unspecified() {
        tracing::warn!(
            "tokens will name {issuer} as their issuer, which nobody can reach: \
             set --public-url to the URL that clients use"
        );
    }
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        data_dir = %config.data_dir.display(),
        issuer,
        signing_algorithm = %config.signing_algorithm,
        "starting"
    );
    Settings {
        issuer,
        algorithm: config.signing_algorithm,
        access_lists_on_oauth: config.access_lists == AccessLists::Everywhere,
        max_accounts: config.service_account_limit,
        limits: Limits { oauth: config.oauth_rate_limit, api: config.api_rate_limit },
        api_keys: config.api_keys == ApiKeys::On,
    }
}

/// The authority over `installation`, and the first account if there was none before.
async fn authority(
    installation: &Installation,
    settings: Settings,
) -> anyhow::Result<(Authority, Option<FirstAccount>)> {
    let Installation { store, key } = installation;
    let start = |settings| {
        start(store.clone(), key, settings, Arc::new(SystemClock), Arc::new(SystemRandom))
    };
    match start(settings.clone()).await {
        Err(StartError::Empty) => {
            let algorithm = settings.algorithm;
            let first = found(&**store, key, algorithm, &SystemClock, &SystemRandom).await?;
            Ok((start(settings).await?, first))
        }
        started => Ok((started?, None)),
    }
}

/// Says on standard output that requests are accepted, and what the first of them may be.
fn announce(url: &str, operators: Option<&str>, first_account: Option<&FirstAccount>) {
    let mut listening = write_out(format_args!("listening on {url}\n"));
    if let Some(operators) = operators {
        listening = listening.and_then(|()| write_out(format_args!("operators: {operators}\n")));
    }
    let Some(account) = first_account else { return };
    // A pipe that nobody reads any more is no reason to stop, but this is said only once.
    if let Err(error) = listening.and_then(|()| write_out(FirstSteps { url, account })) {
        tracing::error!(
            "the secret of the first service account could not be shown: {error}; \
             to get another one, stop, remove the data directory, and start again"
        );
    }
}

fn write_out(text: impl Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    write!(stdout, "{text}")?;
    stdout.flush()
}
