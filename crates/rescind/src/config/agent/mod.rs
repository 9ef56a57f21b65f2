//! The settings of `rescind agent`, which runs beside a proxy and has a file and an environment of
//! its own.

mod listen;
mod options;
mod out_of_touch;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context as _, ensure};
use http::HeaderName;
use rescind_core::id::ClientId;
use rescind_verifier::LostTouch;

pub(crate) use self::listen::AgentListen;
use self::{options::AgentOptions, out_of_touch::OutOfTouch};
use super::{PublicUrl, Switch, file};
use crate::logging::LogFormat;

/// Where the settings of an agent come from.
#[derive(Debug, clap::Args)]
pub(crate) struct AgentSource {
    /// A TOML file with settings that neither an option nor the environment names
    #[arg(long, env = "RESCIND_AGENT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: AgentOptions,
}

impl AgentSource {
    /// The settings that count.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not understood to its last key; or a setting is missing, or
    /// of no use without another one.
    pub(crate) fn load(self) -> anyhow::Result<AgentConfig> {
        let file = self.config.as_deref().map(file::read).transpose()?.unwrap_or_default();
        self.options.or(file).try_into()
    }
}

/// The settings of one run of an agent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AgentConfig {
    /// The authority whose tokens are let through, by the name that stands in them.
    pub(crate) issuer: PublicUrl,
    /// Where it is reached; `None`: by that name.
    pub(crate) url: Option<PublicUrl>,
    /// Holds certificates that sign that of the authority.
    pub(crate) ca_file: Option<PathBuf>,
    /// The service account that the agent is.
    pub(crate) client_id: ClientId,
    /// Holds its secret; `None`: the environment does.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Where proxies ask.
    pub(crate) listen: AgentListen,
    /// Where operators ask; `None`: nowhere.
    pub(crate) operator_listen: Option<SocketAddr>,
    /// The header in which the proxy names the client.
    pub(crate) client_address_header: HeaderName,
    /// What is done while the authority cannot be heard.
    pub(crate) when_out_of_touch: LostTouch,
    /// The `aud` that tokens must have; `None`: that of the contract.
    pub(crate) audience: Option<String>,
    /// By how much the clocks may differ.
    pub(crate) leeway: Duration,
    /// How the log is written.
    pub(crate) log_format: LogFormat,
}

/// What has to be said, and the defaults.
impl TryFrom<AgentOptions> for AgentConfig {
    type Error = anyhow::Error;

    fn try_from(options: AgentOptions) -> anyhow::Result<Self> {
        let listen = options.listen.unwrap_or_default();
        ensure!(
            listen.is_local() || options.remote_proxies == Some(Switch::On),
            "other machines can ask at {listen}, and whoever asks says where a client is: listen \
             on 127.0.0.1 or on a socket, or keep strangers away from there and say \
             --remote-proxies on"
        );
        Ok(Self {
            issuer: options
                .issuer
                .context("name the authority by the URL in its tokens, with --issuer")?,
            url: options.url,
            ca_file: options.ca_file,
            client_id: options.client_id.context(
                "name a service account that the agent is, with --client-id; any role will do",
            )?,
            client_secret_file: options.client_secret_file,
            listen,
            operator_listen: options.operator_listen,
            client_address_header: options.client_address_header.context(
                "name the header in which the proxy says where a client is, with \
                 --client-address-header; docs/agent.md has it for each proxy",
            )?,
            when_out_of_touch: options.when_out_of_touch.unwrap_or_default().0,
            audience: options.audience,
            leeway: Duration::from_secs(options.leeway.unwrap_or(0).into()),
            log_format: options.log_format.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;
    use crate::config::tests::table;

    /// Fails with the table to paste when a setting has come, gone or changed.
    #[test]
    fn the_table_for_operators_is_complete() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/config.md");
        let table = table(&AgentSource::augment_args(clap::Command::new("agent")));
        assert!(
            std::fs::read_to_string(path).unwrap().contains(&table),
            "docs/config.md should contain\n\n{table}"
        );
    }

    fn with(keys: &str) -> anyhow::Result<AgentConfig> {
        const NEEDED: [&str; 3] = [
            "issuer = 'https://tokens.example.com'",
            "client_id = 'mdb_sa_id_6b1f0c2d9a4e57833c0d9e11'",
            "client_address_header = 'x-real-ip'",
        ];
        let text = NEEDED.map(|line| if keys == line { "" } else { line }).join("\n");
        let keys = if NEEDED.contains(&keys) { "" } else { keys };
        toml::from_str::<AgentOptions>(&format!("{text}\n{keys}"))?.try_into()
    }

    #[test]
    fn what_has_no_default_has_to_be_said() {
        with("").unwrap();
        #[rustfmt::skip]
        let rows = [
            ("issuer = 'https://tokens.example.com'",            "with --issuer"),
            ("client_id = 'mdb_sa_id_6b1f0c2d9a4e57833c0d9e11'", "with --client-id"),
            ("client_address_header = 'x-real-ip'",              "with --client-address-header"),
        ];
        for (missing, sentence) in rows {
            let error = with(missing).unwrap_err().to_string();
            assert!(error.contains(sentence), "row: {missing}: {error}");
        }
    }

    #[test]
    fn other_machines_may_ask_only_where_that_is_said() {
        for (listen, local) in [
            ("127.0.0.1:1", true),
            ("127.9.9.9:1", true),
            ("[::1]:1", true),
            ("unix:/run/agent.sock", true),
            ("0.0.0.0:1", false),
            ("[::]:1", false),
            ("192.0.2.1:1", false),
        ] {
            let key = format!("listen = '{listen}'");
            assert_eq!(with(&key).is_ok(), local, "row: {listen}");
            with(&format!("{key}\nremote_proxies = 'on'")).unwrap();
        }
    }
}
