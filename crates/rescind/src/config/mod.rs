//! What an operator can set: by an option, else in the environment, else in a file, else the
//! default. `docs/config.md` is written for operators; a test keeps the two in step.

mod access_lists;
mod agent;
mod database;
mod file;
mod key_age;
mod limit;
mod options;
mod proxies;
mod public_url;
mod switch;
mod tls;

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::{NonZeroU16, NonZeroU32, NonZeroUsize},
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use rescind_core::{rate::Rate, signing::Algorithm};
use rescind_http::TrustedProxies;
use rescind_store::DatabaseUrl;

pub(crate) use self::{
    access_lists::AccessLists,
    agent::{AgentConfig, AgentListen, AgentSource},
    database::DatabaseText,
    key_age::KeyAge,
    proxies::{ClientHeader, Networks},
    public_url::PublicUrl,
    switch::Switch,
    tls::TlsFiles,
};
use self::{limit::Limit, options::Options};
use crate::logging::LogFormat;

/// Ten thousand take some hundred megabytes while all of them send.
const CONNECTIONS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// More than hosts behind one address usually need, and few enough that it takes ten of them to
/// take all.
const CONNECTIONS_PER_ADDRESS: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

/// Where the settings of a command come from.
#[derive(Debug, clap::Args)]
pub(crate) struct Source {
    /// A TOML file with settings that neither an option nor the environment names
    #[arg(long, env = "RESCIND_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

impl Source {
    /// The settings that count.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not understood to its last key; or a setting is of no use
    /// without another one.
    pub(crate) fn load(self) -> anyhow::Result<Config> {
        let file = self.config.as_deref().map(file::read).transpose()?.unwrap_or_default();
        self.options.or(file).try_into()
    }
}

/// The settings of one run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Holds the store, and the installation key unless that is kept elsewhere.
    pub(crate) data_dir: PathBuf,
    /// Holds the store; `None`: the data directory does.
    pub(crate) database: Option<DatabaseUrl>,
    /// Where requests are accepted.
    pub(crate) listen: SocketAddr,
    /// The certificate of the listeners; `None`: no TLS.
    pub(crate) tls: Option<TlsFiles>,
    /// Where clients that speak plain HTTP are told the URL to use; `None`: nowhere.
    pub(crate) http_redirect_listen: Option<SocketAddr>,
    /// Those who may speak for others.
    pub(crate) proxies: Arc<TrustedProxies>,
    /// Where operators ask; `None`: nowhere.
    pub(crate) operator_listen: Option<SocketAddr>,
    /// Holds the certificates that sign those of operators; `None`: they ask in the clear.
    pub(crate) operator_client_ca: Option<PathBuf>,
    /// What clients call this server; `None`: what it listens on.
    pub(crate) public_url: Option<PublicUrl>,
    /// How the log is written.
    pub(crate) log_format: LogFormat,
    /// Holds the installation key; `None`: the data directory does.
    pub(crate) installation_key_file: Option<PathBuf>,
    /// What new tokens are signed with.
    pub(crate) signing_algorithm: Algorithm,
    /// The age at which a signing key is replaced.
    pub(crate) signing_key_max_age: Option<KeyAge>,
    /// Where access lists hold.
    pub(crate) access_lists: AccessLists,
    /// The most service accounts of one organization.
    pub(crate) service_account_limit: usize,
    /// Attempts to get a token, and to take one back, from one address for one client.
    pub(crate) oauth_rate_limit: Option<Rate>,
    /// Requests to the management API of one project or organization.
    pub(crate) api_rate_limit: Option<Rate>,
    /// Live tokens of one service account.
    pub(crate) live_token_limit: Option<NonZeroU32>,
    /// Whether API keys are taken.
    pub(crate) api_keys: bool,
    /// The most connections of clients at once.
    pub(crate) connection_limit: NonZeroUsize,
    /// The same from one address.
    pub(crate) connection_limit_per_address: NonZeroUsize,
}

/// conventions.md 6: ten in one minute.
const OAUTH_RATE: Rate =
    Rate { requests: NonZeroU32::new(10).unwrap(), minutes: NonZeroU16::new(1).unwrap() };

/// conventions.md 6.
const LIVE_TOKENS: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// The defaults.
impl TryFrom<Options> for Config {
    type Error = anyhow::Error;

    fn try_from(options: Options) -> anyhow::Result<Self> {
        let config = Self {
            data_dir: options.data_dir.unwrap_or_else(|| "./rescind-data".into()),
            database: options
                .database_url
                .map(|text| text.parse())
                .transpose()
                .context("cannot use --database-url")?,
            listen: options.listen.unwrap_or((Ipv4Addr::LOCALHOST, 8080).into()),
            tls: TlsFiles::both(options.tls_cert, options.tls_key)?,
            http_redirect_listen: options.http_redirect_listen,
            proxies: Arc::new(TrustedProxies {
                networks: options.trusted_proxies.unwrap_or_default().0,
                header: options.client_header.unwrap_or_default().into(),
                proxy_protocol: options.proxy_protocol == Some(Switch::On),
            }),
            operator_listen: options.operator_listen,
            operator_client_ca: options.operator_client_ca,
            public_url: options.public_url,
            log_format: options.log_format.unwrap_or_default(),
            installation_key_file: options.installation_key_file,
            signing_algorithm: options.signing_algorithm.unwrap_or_default(),
            signing_key_max_age: options
                .signing_key_max_age
                .unwrap_or(Limit::At(KeyAge::default()))
                .into_option(),
            access_lists: options.access_lists.unwrap_or_default(),
            // conventions.md 6
            service_account_limit: options.service_account_limit.map_or(200, NonZeroUsize::get),
            oauth_rate_limit: options
                .oauth_rate_limit
                .unwrap_or(Limit::At(OAUTH_RATE))
                .into_option(),
            api_rate_limit: options.api_rate_limit.and_then(Limit::into_option),
            live_token_limit: options
                .live_token_limit
                .unwrap_or(Limit::At(LIVE_TOKENS))
                .into_option(),
            api_keys: options.api_keys != Some(Switch::Off),
            connection_limit: options.connection_limit.unwrap_or(CONNECTIONS),
            connection_limit_per_address: options
                .connection_limit_per_address
                .unwrap_or(CONNECTIONS_PER_ADDRESS),
        };
        config.check()?;
        Ok(config)
    }
}

impl Config {
    /// What sentences call the place of the store.
    pub(crate) fn place_of_store(&self) -> String {
        match &self.database {
            Some(database) => format!("the database {database}"),
            None => self.data_dir.display().to_string(),
        }
    }

    /// The settings that are of no use without another one.
    fn check(&self) -> anyhow::Result<()> {
        let is_https = self.public_url.as_ref().map(PublicUrl::is_https);
        ensure!(
            self.tls.is_none() || is_https != Some(false),
            "--public-url begins with http://, but clients reach a server with --tls-cert by \
             https:// only"
        );
        ensure!(
            self.http_redirect_listen.is_none() || self.tls.is_some() || is_https == Some(true),
            "--http-redirect-listen sends clients to https://: name a certificate with --tls-cert \
             and --tls-key, or, where a proxy has it, the URL with --public-url https://…"
        );
        ensure!(
            !self.proxies.proxy_protocol || !self.proxies.networks.is_empty(),
            "--proxy-protocol on serves nobody but trusted proxies: name them with --trusted-proxies"
        );
        ensure!(
            self.operator_client_ca.is_none()
                || self.tls.is_some() && self.operator_listen.is_some(),
            "--operator-client-ca is for a listener for operators that speaks TLS: name its address \
             with --operator-listen, and its certificate with --tls-cert and --tls-key"
        );
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fmt::Debug;

    use clap::{Args, FromArgMatches};
    use serde::de::DeserializeOwned;

    use super::*;

    /// Fails with the table to paste when a setting has come, gone or changed.
    #[test]
    fn the_table_for_operators_is_complete() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/config.md");
        let table = table(&Source::augment_args(clap::Command::new("rescind")));
        assert!(
            std::fs::read_to_string(path).unwrap().contains(&table),
            "docs/config.md should contain\n\n{table}"
        );
    }

    /// The options of a command by themselves.
    pub(super) fn command<O: Args>() -> clap::Command {
        O::augment_args(clap::Command::new("rescind"))
    }

    /// What these options set.
    pub(super) fn from_options<'a, O: Args + FromArgMatches>(
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> O {
        let args =
            options.into_iter().map(|(key, value)| format!("--{}={value}", key.replace('_', "-")));
        let args = std::iter::once("rescind".to_owned()).chain(args);
        // The variables of whoever runs the tests are not looked at.
        let command = command::<O>().mut_args(|arg| arg.env(None::<&str>));
        O::from_arg_matches(&command.get_matches_from(args)).unwrap()
    }

    /// What these keys of a file set.
    pub(super) fn from_file<'a, O: DeserializeOwned>(
        keys: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> O {
        let lines = keys.into_iter().map(|(key, value)| match value.parse::<u64>() {
            Ok(number) => format!("{key} = {number}\n"),
            Err(_) => format!("{key} = {value:?}\n"),
        });
        toml::from_str(&lines.collect::<String>()).unwrap()
    }

    /// Option, variable and key of each setting are one name, and `keys` are all of them.
    pub(super) fn assert_names<O: Args>(keys: &[&str], prefix: &str) {
        let command = command::<O>();
        let known: Vec<_> = command.get_arguments().map(|arg| arg.get_id().as_str()).collect();
        assert_eq!(known, keys);
        for arg in command.get_arguments() {
            let key = arg.get_id().as_str();
            assert_eq!(arg.get_long(), Some(&*key.replace('_', "-")));
            assert_eq!(arg.get_env().unwrap(), &*format!("{prefix}{}", key.to_uppercase()));
        }
    }

    /// Each of these sets the same as an option and in the file, and sets something.
    pub(super) fn assert_mean_the_same<O>(samples: &[(&str, &str)])
    where
        O: Args + FromArgMatches + DeserializeOwned + Default + PartialEq + Debug,
    {
        for sample in samples {
            let options: O = from_options([*sample]);
            assert_eq!(from_file::<O>([*sample]), options, "row: {sample:?}");
            assert_ne!(options, O::default(), "row: {sample:?}");
        }
    }

    /// Every setting of a command.
    pub(super) fn table(command: &clap::Command) -> String {
        let header =
            "| option | variable | key in the file | default | meaning |\n|---|---|---|---|---|";
        let rows = std::iter::once(header.to_owned()).chain(command.get_arguments().map(row));
        rows.collect::<Vec<_>>().join("\n") + "\n"
    }

    fn row(arg: &clap::Arg) -> String {
        let option = arg.get_long().unwrap();
        let value = &arg.get_value_names().unwrap()[0];
        let variable = arg.get_env().unwrap().to_str().unwrap();
        let key = match arg.get_id().as_str() {
            "config" => "-".to_owned(), // the file does not name itself
            key => format!("`{key}`"),
        };
        let help = arg.get_help().unwrap().to_string();
        let (meaning, default) = match help.trim_end_matches(']').split_once(" [default: ") {
            Some((meaning, default)) => (meaning, format!("`{default}`")),
            None => (&*help, "none".to_owned()),
        };
        format!("| `--{option} {value}` | `{variable}` | {key} | {default} | {meaning} |")
    }
}
