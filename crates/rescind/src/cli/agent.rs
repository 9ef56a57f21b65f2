//! `rescind agent`: beside a proxy, in front of an application in any language.

use std::{num::NonZeroUsize, process::ExitCode};

use rescind_http::{Admission, ConnectionLimits, Transport};

use super::write_out;
use crate::{
    agent::{self, Agent, Listener},
    config::{AgentConfig, AgentSource},
    file_handles,
    listeners::{self, OPERATORS},
    logging,
    signals::Signals,
    stop::{self, Stop},
};

/// Proxies keep some connections each, and there are few of them.
const CONNECTIONS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Answer for a proxy whether a request may pass
///
/// Follows an authority, and answers any request by the token in it: 200 with `X-Rescind-Client-Id`,
/// `X-Rescind-Organization`, `X-Rescind-Roles` and more, 401 or 403 with `WWW-Authenticate`, or 503
/// where nobody can tell. For nginx (`auth_request`), Traefik (`forwardAuth`), Envoy (`ext_authz`):
/// docs/agent.md. It starts while the authority is down, and answers 503 until it has heard it.
///
/// The first line on standard output is `listening on http://HOST:PORT` or `listening on unix:PATH`;
/// the next, if there is a listener for operators, `operators: http://HOST:PORT`.
///
/// SIGTERM or SIGINT: what is in flight is finished, for at most 8 seconds, and the exit status is
/// 0. Exit status 1: it could not start; 2: it was called wrongly.
#[derive(Debug, clap::Args)]
pub(crate) struct AgentCommand {
    #[command(flatten)]
    settings: AgentSource,
}

impl AgentCommand {
    /// Answers until it is told to stop.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.settings.load()?;
        logging::start(config.log_format)?;
        // Before anybody can know that it runs, so that no signal finds it unprepared.
        let signals = Signals::listen()?;
        let agent = Agent::start(&config)?;
        let listener = Listener::open(&config.listen).await?;
        let operators = match config.operator_listen {
            Some(address) => {
                Some(listeners::listen(address, "--operator-listen", Transport::default()).await?)
            }
            None => None,
        };
        // A pipe that nobody reads is no reason to stop.
        let _ = write_out(format_args!("listening on {}\n", listener.url()?));
        if let Some(operators) = &operators {
            let _ = write_out(format_args!("operators: {}\n", operators.url()?));
        }
        let serve = async |stop| serve(&agent, &config, listener, operators, stop).await;
        stop::serve_until_told(signals, serve).await;
        tracing::info!("stopped");
        Ok(ExitCode::SUCCESS)
    }
}

async fn serve(
    agent: &Agent,
    config: &AgentConfig,
    listener: Listener,
    operators: Option<rescind_http::Listener>,
    stop: Stop,
) {
    let connections = file_handles::connections(CONNECTIONS);
    let admission =
        Admission::new(ConnectionLimits { connections, connections_per_address: connections });
    let proxies = listener.serve(agent.router(config), admission, stop.clone().told());
    let operators = async {
        if let Some(listener) = operators {
            let router = agent::operations_router(agent.clone());
            rescind_http::serve(listener, router, Admission::new(OPERATORS), stop.told()).await;
        }
    };
    tokio::join!(proxies, operators);
}
