//! `rescind serve`: the main job.

use std::{mem, path::Path, process::ExitCode, sync::Arc, time::Duration};

use rescind_authority::{
    Authority, FirstAccount, Limits, Settings, StartError, UnlockError, found, start,
};
use rescind_core::{clock::SystemClock, random::SystemRandom};
use rescind_http::{
    Admission, ConnectionLimits, Listener, Metrics, operations_router, redirect_router, router,
};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

use super::write_out;
use crate::{
    config::{AccessLists, Config, KeyAge, Source},
    control::Control,
    file_handles,
    first_steps::FirstSteps,
    installation::Installation,
    listeners::{Listeners, OPERATORS},
    logging,
    signals::{HangUps, Signals},
    stop::{self, Stop},
    tls,
};

/// How long it may take to write down what was counted, at the end: together with what is in flight
/// it must be over before a service manager kills, after ten seconds.
const LAST_UPKEEP: Duration = Duration::from_secs(1);

/// Issue tokens, answer for them, and take them back
///
/// On an empty data directory it first creates all that is needed, and shows the id and the secret
/// of a first service account, once. The first line on standard output is `listening on
/// http://HOST:PORT`, with `https` where there is a certificate; the next, if there is a listener for
/// operators, `operators: http://HOST:PORT`; the log goes to standard error.
///
/// SIGTERM or SIGINT: what is in flight is finished, for at most 8 seconds, and the exit status is
/// 0. A second signal ends the process at once with 128 and its number. SIGHUP: a changed certificate
/// is used at once, which it otherwise is within two seconds. Exit status 1: it could not start; 2:
/// it was called wrongly.
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
        let hang_ups = config.tls.as_ref().map(|_| HangUps::listen()).transpose()?;

        // Before anything is founded: a secret must not be lost to a port that is in use.
        let mut listeners = Listeners::open(&config).await?;
        let installation = Installation::open(&config).await?;
        let url = listeners.clients.url()?;
        let settings = settings(&config, &url);
        let (authority, first_account) = authority(&installation, settings).await?;
        drop(installation);

        // Before anybody can know that it runs.
        let commands = answer_commands(&config.data_dir, authority.clone());
        let operators_url = listeners.operators.as_ref().map(Listener::url).transpose()?;
        let first_steps = first_account.as_ref().map(|account| FirstSteps {
            account,
            // A certificate names a host, and seldom an address.
            url: if config.tls.is_some() { authority.issuer() } else { &url },
            certificate: config.tls.as_ref().map(|files| &*files.certificate),
        });
        announce(&url, operators_url.as_deref(), first_steps);
        if let Some(hang_ups) = hang_ups {
            tokio::spawn(tls::follow(mem::take(&mut listeners.certificates), hang_ups));
        }
        let serve = async |stop| serve_all(listeners, &authority, limits, stop).await;
        stop::serve_until_told(signals, serve).await;
        // Also when somebody was cut off: what was counted is written down.
        if timeout(LAST_UPKEEP, authority.upkeep()).await.is_err() {
            tracing::warn!("what was counted in the last seconds was not written down in time");
        }
        commands.abort();
        tracing::info!("stopped");
        Ok(ExitCode::SUCCESS)
    }
}

/// Serves all listeners until it is told to stop, and finishes what is in flight then.
async fn serve_all(
    listeners: Listeners,
    authority: &Authority,
    limits: ConnectionLimits,
    stop: Stop,
) {
    let metrics = Metrics::new(authority);
    let admission = Admission::new(limits).watched_by(&metrics);
    let listening =
        [("clients", Some(&listeners.clients)), ("operators", listeners.operators.as_ref())];
    for (name, listener) in listening {
        if let Some(tls) = listener.and_then(|listener| listener.transport.tls.as_ref()) {
            metrics.watch_certificate(name, Arc::clone(tls));
        }
    }
    let public = router(authority.clone(), metrics.clone());
    let told = stop.clone();
    let told_clients = async {
        told.told().await;
        authority.announce_stop();
    };
    let (end, ended) = oneshot::channel();
    let clients = async {
        rescind_http::serve(listeners.clients, public, admission.clone(), told_clients).await;
        let _ = end.send(());
    };
    let redirect = async {
        if let Some(listener) = listeners.redirect {
            let router = redirect_router(authority.issuer());
            rescind_http::serve(listener, router, admission.clone(), stop.told()).await;
        }
    };
    // Operators can watch until the last client has its answer.
    let ended = async { ended.await.unwrap_or_default() };
    let operators = async {
        if let Some(listener) = listeners.operators {
            let router = operations_router(authority.clone(), metrics);
            rescind_http::serve(listener, router, Admission::new(OPERATORS), ended).await;
        }
    };
    tokio::join!(clients, redirect, operators);
}

/// Answers operators' commands until it is aborted. A server is of use without.
fn answer_commands(data_dir: &Path, authority: Authority) -> JoinHandle<()> {
    let control = Control::open(data_dir);
    tokio::spawn(async move {
        match control {
            Ok(control) => control.serve(&authority).await,
            Err(error) => tracing::warn!(
                "operators' commands need the server to be stopped, \
                 since rescind.sock in the data directory cannot be opened: {error}"
            ),
        }
    })
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
        store = config.place_of_store(),
        issuer,
        signing_algorithm = %config.signing_algorithm,
        "starting"
    );
    Settings {
        issuer,
        algorithm: config.signing_algorithm,
        access_lists_on_oauth: config.access_lists == AccessLists::Everywhere,
        max_accounts: config.service_account_limit,
        signing_key_max_age: config.signing_key_max_age.map(KeyAge::as_seconds),
        limits: Limits {
            oauth: config.oauth_rate_limit,
            api: config.api_rate_limit,
            live_tokens: config.live_token_limit,
        },
        api_keys: config.api_keys,
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
        Err(StartError::Unlock(UnlockError::Empty)) => {
            let algorithm = settings.algorithm;
            let first = found(&**store, key, algorithm, &SystemClock, &SystemRandom).await?;
            Ok((start(settings).await?, first))
        }
        started => Ok((started?, None)),
    }
}

/// Says on standard output that requests are accepted, and what the first of them may be.
fn announce(url: &str, operators: Option<&str>, first_steps: Option<FirstSteps<'_>>) {
    let mut listening = write_out(format_args!("listening on {url}\n"));
    if let Some(operators) = operators {
        listening = listening.and_then(|()| write_out(format_args!("operators: {operators}\n")));
    }
    let Some(first_steps) = first_steps else { return };
    // A pipe that nobody reads any more is no reason to stop, but this is said only once.
    if let Err(error) = listening.and_then(|()| write_out(first_steps)) {
        tracing::error!(
            "the secret of the first service account could not be shown: {error}; \
             to get another one, stop, remove the data directory, and start again"
        );
    }
}
