//! Every setting, once: its option, its variable, its key in the file, its type and its meaning.

use std::{
    fmt::Display,
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    str::FromStr,
};

use rescind_core::{rate::Rate, signing::Algorithm};
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{AccessLists, ClientHeader, DatabaseText, KeyAge, Limit, Networks, PublicUrl, Switch};
use crate::logging::LogFormat;

/// What one place sets; what it does not mention is `None`.
#[derive(Debug, Default, PartialEq, Eq, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    /// The directory that holds the store and the installation key; it is created if need be
    /// [default: ./rescind-data]
    #[arg(long, env = "RESCIND_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// The URL of a PostgreSQL database that holds the store instead,
    /// `postgres://USER:PASSWORD@HOST/NAME`; the variable keeps the password out of the list of
    /// processes
    #[arg(long, env = "RESCIND_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<DatabaseText>,

    /// The IP address and port to accept requests on; port 0 takes a free one
    /// [default: 127.0.0.1:8080]
    #[arg(long, env = "RESCIND_LISTEN", value_name = "ADDR", value_parser = listen_address)]
    #[serde(deserialize_with = "listen_address_in_file")]
    pub(crate) listen: Option<SocketAddr>,

    /// The file with the certificate of the server, in PEM, and behind it those that lead to one
    /// that clients know; requests are accepted over TLS only then
    #[arg(long, env = "RESCIND_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The file with the private key of the certificate, in PEM and not encrypted
    #[arg(long, env = "RESCIND_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,

    /// The IP address and port where whoever speaks plain HTTP is sent to the public URL, which is
    /// an https one; no request is served there
    #[arg(
        long,
        env = "RESCIND_HTTP_REDIRECT_LISTEN",
        value_name = "ADDR",
        value_parser = listen_address
    )]
    #[serde(deserialize_with = "listen_address_in_file")]
    pub(crate) http_redirect_listen: Option<SocketAddr>,

    /// The proxies in front of the server that are believed when they say whom they speak for, IP
    /// addresses and networks with commas between
    #[arg(long, env = "RESCIND_TRUSTED_PROXIES", value_name = "CIDR,CIDR…")]
    #[serde(deserialize_with = "parsed")]
    pub(crate) trusted_proxies: Option<Networks>,

    /// The header in which the trusted proxies name the client, `x-forwarded-for` or `forwarded`;
    /// no other is looked at
    /// [default: x-forwarded-for]
    #[arg(long, env = "RESCIND_CLIENT_HEADER", value_name = "HEADER", hide_possible_values = true)]
    pub(crate) client_header: Option<ClientHeader>,

    /// Whether each connection begins with a header of the PROXY protocol, version 1 or 2, from a
    /// trusted proxy, `on` or `off`; all others are closed then
    /// [default: off]
    #[arg(
        long,
        env = "RESCIND_PROXY_PROTOCOL",
        value_name = "SWITCH",
        hide_possible_values = true
    )]
    pub(crate) proxy_protocol: Option<Switch>,

    /// The IP address and port that operators ask, for `/metrics`, `/readyz` and `/healthz`; keep
    /// it from the public
    #[arg(long, env = "RESCIND_OPERATOR_LISTEN", value_name = "ADDR", value_parser = listen_address)]
    #[serde(deserialize_with = "listen_address_in_file")]
    pub(crate) operator_listen: Option<SocketAddr>,

    /// The file with the certificates, in PEM, that sign those of operators: their listener speaks
    /// TLS then, with the certificate of the server, and answers nobody without one
    #[arg(long, env = "RESCIND_OPERATOR_CLIENT_CA", value_name = "FILE")]
    pub(crate) operator_client_ca: Option<PathBuf>,

    /// The URL that clients reach this server by, the issuer in its tokens
    /// [default: http:// or https:// and the address listened on]
    #[arg(long, env = "RESCIND_PUBLIC_URL", value_name = "URL")]
    #[serde(deserialize_with = "parsed")]
    pub(crate) public_url: Option<PublicUrl>,

    /// How to write the log, `text` or `json`
    /// [default: text]
    #[arg(long, env = "RESCIND_LOG_FORMAT", value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) log_format: Option<LogFormat>,

    /// The file that holds the installation key, 64 hexadecimal digits; nobody but its owner may
    /// be able to read it
    /// [default: installation.key in the data directory]
    #[arg(long, env = "RESCIND_INSTALLATION_KEY_FILE", value_name = "FILE")]
    pub(crate) installation_key_file: Option<PathBuf>,

    /// What to sign new tokens with, `ES256`, `ES384`, `ES512` or `EdDSA`; tokens signed otherwise
    /// stay valid
    /// [default: ES256]
    #[arg(long, env = "RESCIND_SIGNING_ALGORITHM", value_name = "ALG")]
    #[serde(deserialize_with = "parsed")]
    pub(crate) signing_algorithm: Option<Algorithm>,

    /// The age at which a new signing key takes over, in days or hours, a day at least, or `off`;
    /// tokens of the old one stay valid
    /// [default: 90d]
    #[arg(long, env = "RESCIND_SIGNING_KEY_MAX_AGE", value_name = "AGE")]
    #[serde(deserialize_with = "parsed")]
    pub(crate) signing_key_max_age: Option<Limit<KeyAge>>,

    /// Where the IP access lists of service accounts hold, `everywhere` or for the `api` alone, so
    /// that tokens can be had from any address
    /// [default: everywhere]
    #[arg(long, env = "RESCIND_ACCESS_LISTS", value_name = "WHERE", hide_possible_values = true)]
    pub(crate) access_lists: Option<AccessLists>,

    /// The most service accounts that one organization can have
    /// [default: 200]
    #[arg(long, env = "RESCIND_SERVICE_ACCOUNT_LIMIT", value_name = "N")]
    pub(crate) service_account_limit: Option<NonZeroUsize>,

    /// How many attempts to get a token one client may make from one address, such as `10/1m`, ten
    /// in one minute; as many to take tokens back; `off`: any number
    /// [default: 10/1m]
    #[arg(long, env = "RESCIND_OAUTH_RATE_LIMIT", value_name = "RATE")]
    #[serde(deserialize_with = "parsed")]
    pub(crate) oauth_rate_limit: Option<Limit<Rate>>,

    /// How many requests to the management API one project may make, or one organization outside
    /// of its projects, such as `100/1m`; `off`: any number
    /// [default: off]
    #[arg(long, env = "RESCIND_API_RATE_LIMIT", value_name = "RATE")]
    #[serde(deserialize_with = "parsed")]
    pub(crate) api_rate_limit: Option<Limit<Rate>>,

    /// The most live tokens that one service account can have; `off`: any number
    /// [default: 100]
    #[arg(long, env = "RESCIND_LIVE_TOKEN_LIMIT", value_name = "N", value_parser = token_limit)]
    #[serde(deserialize_with = "token_limit_in_file")]
    pub(crate) live_token_limit: Option<Limit<NonZeroU32>>,

    /// Whether API keys are taken, by HTTP Digest, and can be made, `on` or `off`
    /// [default: on]
    #[arg(long, env = "RESCIND_API_KEYS", value_name = "SWITCH", hide_possible_values = true)]
    pub(crate) api_keys: Option<Switch>,

    /// The most connections of clients at once, and the most requests in flight; no more than
    /// there are file handles for
    /// [default: 10000]
    #[arg(long, env = "RESCIND_CONNECTION_LIMIT", value_name = "N")]
    pub(crate) connection_limit: Option<NonZeroUsize>,

    /// The same for one address, or one /64 network of IPv6; trusted proxies are not counted
    /// [default: 1000]
    #[arg(long, env = "RESCIND_CONNECTION_LIMIT_PER_ADDRESS", value_name = "N")]
    pub(crate) connection_limit_per_address: Option<NonZeroUsize>,
}

impl Options {
    /// What `self` sets, and what only `other` sets.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(other.data_dir),
            database_url: self.database_url.or(other.database_url),
            listen: self.listen.or(other.listen),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            http_redirect_listen: self.http_redirect_listen.or(other.http_redirect_listen),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            client_header: self.client_header.or(other.client_header),
            proxy_protocol: self.proxy_protocol.or(other.proxy_protocol),
            operator_listen: self.operator_listen.or(other.operator_listen),
            operator_client_ca: self.operator_client_ca.or(other.operator_client_ca),
            public_url: self.public_url.or(other.public_url),
            log_format: self.log_format.or(other.log_format),
            installation_key_file: self.installation_key_file.or(other.installation_key_file),
            signing_algorithm: self.signing_algorithm.or(other.signing_algorithm),
            signing_key_max_age: self.signing_key_max_age.or(other.signing_key_max_age),
            access_lists: self.access_lists.or(other.access_lists),
            service_account_limit: self.service_account_limit.or(other.service_account_limit),
            oauth_rate_limit: self.oauth_rate_limit.or(other.oauth_rate_limit),
            api_rate_limit: self.api_rate_limit.or(other.api_rate_limit),
            live_token_limit: self.live_token_limit.or(other.live_token_limit),
            api_keys: self.api_keys.or(other.api_keys),
            connection_limit: self.connection_limit.or(other.connection_limit),
            connection_limit_per_address: self
                .connection_limit_per_address
                .or(other.connection_limit_per_address),
        }
    }
}

/// The standard library's own error does not say what an address looks like.
pub(super) fn listen_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "it takes an IP address and a port, like 127.0.0.1:8080 or [::]:8080")
}

pub(super) fn listen_address_in_file<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    listen_address(&text).map(Some).map_err(D::Error::custom)
}

/// The standard library's own error does not say what `off` does.
fn token_limit(text: &str) -> Result<Limit<NonZeroU32>, &'static str> {
    text.parse().map_err(|_| "it takes a number from 1 on, or `off`")
}

/// A number in the file, or `off`.
fn token_limit_in_file<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Limit<NonZeroU32>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum NumberOrText {
        Number(i64),
        Text(String),
    }
    let text = match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => number.to_string(),
        NumberOrText::Text(text) => text,
    };
    token_limit(&text).map(Some).map_err(D::Error::custom)
}

pub(super) fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{
        Config,
        tests::{assert_mean_the_same, assert_names, command, from_file, from_options},
    };

    /// Key and value of every setting, none of them a default.
    const SAMPLES: [(&str, &str); 24] = [
        ("data_dir", "/srv/rescind"),
        ("database_url", "postgres://rescind:hunter2@db.example.com/rescind"),
        ("listen", "[::1]:9000"),
        ("tls_cert", "/etc/rescind/cert.pem"),
        ("tls_key", "/etc/rescind/key.pem"),
        ("http_redirect_listen", "[::1]:80"),
        ("trusted_proxies", "10.1.0.0/16,fd00::7"),
        ("client_header", "forwarded"),
        ("proxy_protocol", "on"),
        ("operator_listen", "127.0.0.1:9090"),
        ("operator_client_ca", "/etc/rescind/operators.pem"),
        ("public_url", "https://tokens.example.com"),
        ("log_format", "json"),
        ("installation_key_file", "/etc/rescind/key"),
        ("signing_algorithm", "ES384"),
        ("signing_key_max_age", "30d"),
        ("access_lists", "api"),
        ("service_account_limit", "1000"),
        ("oauth_rate_limit", "50/1m"),
        ("api_rate_limit", "100/1m"),
        ("live_token_limit", "1000"),
        ("api_keys", "off"),
        ("connection_limit", "500"),
        ("connection_limit_per_address", "50"),
    ];

    #[test]
    fn option_variable_and_key_have_one_name() {
        assert_names::<Options>(&SAMPLES.map(|(key, _)| key), "RESCIND_");
    }

    #[test]
    fn a_setting_means_the_same_as_an_option_and_in_the_file() {
        assert_mean_the_same::<Options>(&SAMPLES);
    }

    #[test]
    fn every_option_wins_over_the_file() {
        let changed = SAMPLES.map(|(key, value)| match key {
            "data_dir" => (key, "/elsewhere"),
            "database_url" => (key, "postgres://elsewhere"),
            "listen" => (key, "127.0.0.1:1"),
            "tls_cert" => (key, "/elsewhere/cert"),
            "tls_key" => (key, "/elsewhere/tls-key"),
            "http_redirect_listen" => (key, "127.0.0.1:3"),
            "trusted_proxies" => (key, "127.0.0.1"),
            "client_header" => (key, "x-forwarded-for"),
            "proxy_protocol" => (key, "off"),
            "operator_listen" => (key, "127.0.0.1:2"),
            "operator_client_ca" => (key, "/elsewhere/ca"),
            "public_url" => (key, "http://elsewhere"),
            "log_format" => (key, "text"),
            "installation_key_file" => (key, "/elsewhere/key"),
            "signing_algorithm" => (key, "EdDSA"),
            "signing_key_max_age" => (key, "7d"),
            "access_lists" => (key, "everywhere"),
            "service_account_limit" => (key, "1"),
            "oauth_rate_limit" => (key, "1/1m"),
            "api_rate_limit" => (key, "1/60m"),
            "live_token_limit" => (key, "4"),
            "api_keys" => (key, "on"),
            "connection_limit" => (key, "2"),
            "connection_limit_per_address" => (key, "3"),
            _ => (key, value),
        });
        let (options, file): (Options, Options) = (from_options(changed), from_file(SAMPLES));
        assert_eq!(options.or(file), from_options(changed));
        assert_eq!(Options::default().or(from_file(SAMPLES)), from_file(SAMPLES));
    }

    #[test]
    fn the_help_tells_the_defaults() {
        let default = |key: &str| {
            let command = command::<Options>();
            let help = command.get_arguments().find(|arg| arg.get_id() == key).unwrap();
            let help = help.get_help().unwrap().to_string();
            help.split_once("[default: ").unwrap().1.trim_end_matches(']').to_owned()
        };
        let told = [
            "data_dir",
            "listen",
            "client_header",
            "proxy_protocol",
            "log_format",
            "signing_algorithm",
            "signing_key_max_age",
            "access_lists",
            "service_account_limit",
            "oauth_rate_limit",
            "api_rate_limit",
            "live_token_limit",
            "api_keys",
            "connection_limit",
            "connection_limit_per_address",
        ]
        .map(|key| (key, default(key)));
        let told = from_options(told.iter().map(|(key, value)| (*key, &**value)));
        let config = |options| Config::try_from(options).unwrap();
        assert_eq!(config(told), config(Options::default()));
    }

    #[test]
    fn a_misspelt_key_is_refused_by_name() {
        let error = toml::from_str::<Options>("lisen = \"127.0.0.1:1\"").unwrap_err();
        let message = error.message();
        assert!(message.starts_with("unknown field `lisen`, expected one of"), "{message}");
    }

    #[test]
    fn a_bad_value_says_what_a_good_one_is() {
        #[rustfmt::skip]
        let rows = [
            (r#"listen = "localhost""#,           "it takes an IP address and a port, like 127.0.0.1:8080"),
            (r"listen = 8080",                    "invalid type: integer `8080`, expected a string"),
            (r#"trusted_proxies = "proxy""#,      "trusted proxies are IP addresses and networks with commas between"),
            (r#"proxy_protocol = "yes""#,         "unknown variant `yes`, expected `on` or `off`"),
            (r#"client_header = "via""#,          "unknown variant `via`, expected `x-forwarded-for` or `forwarded`"),
            (r#"public_url = "example.com""#,     "a public URL looks like https://tokens.example.com"),
            (r#"log_format = "xml""#,             "unknown variant `xml`, expected `text` or `json`"),
            (r#"signing_algorithm = "RS256""#,    "a signing algorithm is one of ES256, ES384, ES512, EdDSA"),
            (r#"signing_key_max_age = "1h""#,     "an age of keys looks like 90d or 2160h, and is a day at least; or `off`"),
            (r#"oauth_rate_limit = "10/1s""#,     "a rate looks like 10/1m, ten requests in one minute; or `off`"),
            (r"api_rate_limit = 100",             "invalid type: integer `100`, expected a string"),
            (r"live_token_limit = 0",             "it takes a number from 1 on, or `off`"),
            (r#"live_token_limit = "none""#,      "it takes a number from 1 on, or `off`"),
        ];
        for (line, sentence) in rows {
            let error = toml::from_str::<Options>(line).unwrap_err();
            assert!(error.message().starts_with(sentence), "row: {line}: {}", error.message());
        }
    }
}
