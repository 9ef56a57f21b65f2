//! Every setting of an agent, once: its option, its variable, its key in the file, its type and its
//! meaning.

use std::{net::SocketAddr, path::PathBuf};

use http::HeaderName;
use rescind_core::id::ClientId;
use serde::Deserialize;

use super::{AgentListen, OutOfTouch};
use crate::{
    config::{
        PublicUrl, Switch,
        options::{listen_address, listen_address_in_file, parsed},
    },
    logging::LogFormat,
};

/// What one place sets; what it does not mention is `None`.
#[derive(Debug, Default, PartialEq, Eq, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AgentOptions {
    /// The public URL of the authority, as its tokens name it; it has to be said
    #[arg(long, env = "RESCIND_AGENT_ISSUER", value_name = "URL")]
    #[serde(deserialize_with = "parsed")]
    pub(super) issuer: Option<PublicUrl>,

    /// The URL that the authority is reached by from here
    /// [default: the issuer]
    #[arg(long, env = "RESCIND_AGENT_URL", value_name = "URL")]
    #[serde(deserialize_with = "parsed")]
    pub(super) url: Option<PublicUrl>,

    /// The file with the certificates, in PEM, that sign that of the authority, besides those that
    /// the system knows
    #[arg(long, env = "RESCIND_AGENT_CA_FILE", value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,

    /// The service account that the agent is, of the organization whose tokens it lets through; any
    /// role will do; it has to be said
    #[arg(long, env = "RESCIND_AGENT_CLIENT_ID", value_name = "ID")]
    #[serde(deserialize_with = "parsed")]
    pub(super) client_id: Option<ClientId>,

    /// The file that holds its secret, which nobody but its owner may be able to read; without it,
    /// the environment holds it in `RESCIND_AGENT_CLIENT_SECRET`
    #[arg(long, env = "RESCIND_AGENT_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub(super) client_secret_file: Option<PathBuf>,

    /// Where proxies ask: an IP address and a port, of which port 0 takes a free one, or `unix:`
    /// and the path of a socket
    /// [default: 127.0.0.1:9180]
    #[arg(long, env = "RESCIND_AGENT_LISTEN", value_name = "ADDR")]
    #[serde(deserialize_with = "parsed")]
    pub(super) listen: Option<AgentListen>,

    /// Whether proxies on other machines may ask, `on` or `off`; whoever asks is believed where a
    /// client is
    /// [default: off]
    #[arg(
        long,
        env = "RESCIND_AGENT_REMOTE_PROXIES",
        value_name = "SWITCH",
        hide_possible_values = true
    )]
    pub(super) remote_proxies: Option<Switch>,

    /// The IP address and port that operators ask, for `/metrics`, `/readyz` and `/healthz`
    #[arg(
        long,
        env = "RESCIND_AGENT_OPERATOR_LISTEN",
        value_name = "ADDR",
        value_parser = listen_address
    )]
    #[serde(deserialize_with = "listen_address_in_file")]
    pub(super) operator_listen: Option<SocketAddr>,

    /// The header whose last address is the client's, which the proxy has to write on every
    /// request, such as `x-real-ip`; it has to be said
    #[arg(long, env = "RESCIND_AGENT_CLIENT_ADDRESS_HEADER", value_name = "HEADER")]
    #[serde(deserialize_with = "parsed")]
    pub(super) client_address_header: Option<HeaderName>,

    /// What to do while the authority cannot be heard: `closed`, refuse all; `open=N`, go by what
    /// is known until nothing was heard for N seconds; `introspect`, ask it about each token
    /// [default: closed]
    #[arg(long, env = "RESCIND_AGENT_WHEN_OUT_OF_TOUCH", value_name = "MODE")]
    #[serde(deserialize_with = "parsed")]
    pub(super) when_out_of_touch: Option<OutOfTouch>,

    /// The audience that tokens must name; without it, that of the contract, `api://admin`
    #[arg(long, env = "RESCIND_AGENT_AUDIENCE", value_name = "AUD")]
    pub(super) audience: Option<String>,

    /// By how many seconds the clocks here and at the authority may differ
    /// [default: 0]
    #[arg(long, env = "RESCIND_AGENT_LEEWAY", value_name = "SECONDS")]
    pub(super) leeway: Option<u32>,

    /// How to write the log, `text` or `json`
    /// [default: text]
    #[arg(
        long,
        env = "RESCIND_AGENT_LOG_FORMAT",
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub(super) log_format: Option<LogFormat>,
}

impl AgentOptions {
    /// What `self` sets, and what only `other` sets.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            issuer: self.issuer.or(other.issuer),
            url: self.url.or(other.url),
            ca_file: self.ca_file.or(other.ca_file),
            client_id: self.client_id.or(other.client_id),
            client_secret_file: self.client_secret_file.or(other.client_secret_file),
            listen: self.listen.or(other.listen),
            remote_proxies: self.remote_proxies.or(other.remote_proxies),
            operator_listen: self.operator_listen.or(other.operator_listen),
            client_address_header: self.client_address_header.or(other.client_address_header),
            when_out_of_touch: self.when_out_of_touch.or(other.when_out_of_touch),
            audience: self.audience.or(other.audience),
            leeway: self.leeway.or(other.leeway),
            log_format: self.log_format.or(other.log_format),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{assert_mean_the_same, assert_names, from_file, from_options};

    /// Key and two values of every setting, none of them a default.
    const SAMPLES: [(&str, &str, &str); 13] = [
        ("issuer", "https://tokens.example.com", "http://elsewhere"),
        ("url", "http://10.0.0.7:8080", "http://elsewhere"),
        ("ca_file", "/etc/rescind/ca.pem", "/elsewhere/ca.pem"),
        ("client_id", "mdb_sa_id_6b1f0c2d9a4e57833c0d9e11", "mdb_sa_id_6b1f0c2d9a4e57833c0d9e12"),
        ("client_secret_file", "/etc/rescind/secret", "/elsewhere/secret"),
        ("listen", "unix:/run/rescind/agent.sock", "127.0.0.1:9000"),
        ("remote_proxies", "on", "off"),
        ("operator_listen", "127.0.0.1:9090", "127.0.0.1:2"),
        ("client_address_header", "x-real-ip", "x-forwarded-for"),
        ("when_out_of_touch", "open=60", "introspect"),
        ("audience", "api://orders", "api://elsewhere"),
        ("leeway", "2", "3"),
        ("log_format", "json", "text"),
    ];

    #[test]
    fn option_variable_and_key_have_one_name() {
        assert_names::<AgentOptions>(&SAMPLES.map(|(key, ..)| key), "RESCIND_AGENT_");
    }

    #[test]
    fn a_setting_means_the_same_as_an_option_and_in_the_file() {
        assert_mean_the_same::<AgentOptions>(&SAMPLES.map(|(key, value, _)| (key, value)));
    }

    #[test]
    fn every_option_wins_over_the_file() {
        let one = SAMPLES.map(|(key, value, _)| (key, value));
        let other = SAMPLES.map(|(key, _, value)| (key, value));
        let (options, file): (AgentOptions, AgentOptions) = (from_options(other), from_file(one));
        assert_eq!(options.or(file), from_options(other));
        assert_eq!(AgentOptions::default().or(from_file(one)), from_file(one));
    }

    #[test]
    fn a_bad_value_says_what_a_good_one_is() {
        #[rustfmt::skip]
        let rows = [
            ("isuer = ''",                       "unknown field `isuer`, expected one of `issuer`"),
            ("listen = 'localhost'",             "it takes an IP address and a port, like 127.0.0.1:9180, or a socket"),
            ("listen = 'unix:'",                 "it takes an IP address and a port, like 127.0.0.1:9180, or a socket"),
            ("when_out_of_touch = 'open'",       "it takes closed, introspect, or open=N"),
            ("when_out_of_touch = 'open=1m'",    "it takes closed, introspect, or open=N"),
            ("when_out_of_touch = ''",           "it takes closed, introspect, or open=N"),
            ("client_address_header = 'a b'",    "invalid HTTP header name"),
            ("remote_proxies = 'yes'",           "unknown variant `yes`, expected `on` or `off`"),
        ];
        for (line, sentence) in rows {
            let error = toml::from_str::<AgentOptions>(line).unwrap_err();
            assert!(error.message().starts_with(sentence), "row: {line}: {}", error.message());
        }
    }
}
