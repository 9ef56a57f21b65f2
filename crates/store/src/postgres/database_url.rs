//! Which database, as an operator names it: `postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=…`.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;
use tokio_postgres::config::{Config, Host, SslMode};

/// How long the server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// After this time without an answer a connection is given up as lost.
const SILENCE: Duration = Duration::from_secs(15);

/// The port of a server that names none.
const PORT: u16 = 5432;

/// Where a database is, and how it is reached. Never shows its password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    pub(super) config: Config,
    pub(super) tls: Tls,
    /// What errors call the database.
    pub(super) name: String,
}

/// Whether connections are encrypted. TLS that nobody verifies protects from nobody, so there is
/// none of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    Off,
    /// The certificate must be one for the host, signed by one in this file; `None`: by one that
    /// the system trusts.
    Verified {
        roots: Option<PathBuf>,
    },
}

/// Why a text names no database. It repeats nothing of the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum ParseDatabaseUrlError {
    #[error("it looks like postgres://user:password@host:5432/name")]
    NotAUrl,
    #[error("it names no host: it looks like postgres://user:password@host:5432/name")]
    NoHost,
    #[error("sslmode is disable, require or verify-full; the last two mean the same")]
    SslMode,
    #[error("sslrootcert needs a connection over TLS: add sslmode=verify-full")]
    RootsWithoutTls,
    #[error("{0}")]
    Parameter(String),
}

impl FromStr for DatabaseUrl {
    type Err = ParseDatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (before, query) = text.split_once('?').unwrap_or((text, ""));
        if !before.starts_with("postgres://") && !before.starts_with("postgresql://") {
            return Err(ParseDatabaseUrlError::NotAUrl);
        }
        // What stands in the query is no secret, unless somebody puts it there; so it is looked
        // at apart from the rest.
        let mut config: Config = before.parse().map_err(|_| ParseDatabaseUrlError::NotAUrl)?;
        let (mut mode, mut roots, mut others) = (None, None, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", file)) => roots = Some(PathBuf::from(decoded(file)?)),
                _ => others.push(parameter),
            }
        }
        if !others.is_empty() {
            config = format!("{before}?{}", others.join("&")).parse().map_err(parameter_error)?;
        }
        if config.get_hosts().is_empty() {
            return Err(ParseDatabaseUrlError::NoHost);
        }
        let tls = match mode {
            Some("disable") => Tls::Off,
            Some("require" | "verify-full") => Tls::Verified { roots },
            Some(_) => return Err(ParseDatabaseUrlError::SslMode),
            None if roots.is_none() && config.get_hosts().iter().all(is_local) => Tls::Off,
            None => Tls::Verified { roots },
        };
        if mode == Some("disable") && query.contains("sslrootcert=") {
            return Err(ParseDatabaseUrlError::RootsWithoutTls);
        }
        config
            .ssl_mode(if tls == Tls::Off { SslMode::Disable } else { SslMode::Require })
            .keepalives_idle(SILENCE / 3)
            .keepalives_interval(SILENCE / 3)
            .keepalives_retries(2);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("rescind");
        }
        let name = name(&config);
        Ok(Self { config, tls, name })
    }
}

/// What the library says of a parameter: it names the parameter, not its value.
fn parameter_error(error: tokio_postgres::Error) -> ParseDatabaseUrlError {
    let cause = error.into_source().map_or_else(String::new, |source| source.to_string());
    ParseDatabaseUrlError::Parameter(cause)
}

fn decoded(value: &str) -> Result<String, ParseDatabaseUrlError> {
    let decoded = percent_decode_str(value).decode_utf8();
    decoded.map(Into::into).map_err(|_| ParseDatabaseUrlError::NotAUrl)
}

/// Whether what is sent to a host stays on this machine.
fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            let address = name.parse::<std::net::IpAddr>();
            name == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

fn name(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(index, host)| match host {
        Host::Tcp(name) => {
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(PORT);
            format!("{name}:{port}")
        }
        Host::Unix(path) => path.display().to_string(),
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    match config.get_dbname().or(config.get_user()) {
        Some(name) => format!("{name} on {hosts}"),
        None => format!("on {hosts}"),
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> DatabaseUrl {
        text.parse().unwrap()
    }

    #[test]
    fn a_url_says_where_the_database_is() {
        let rows = [
            ("postgres://u:p@db.example.com/rescind", "rescind on db.example.com:5432"),
            ("postgresql://u@db.example.com:6432/r", "r on db.example.com:6432"),
            ("postgres://u:p@one:1,two:2/r", "r on one:1,two:2"),
            ("postgres://u@%2Frun%2Fpostgresql/r", "r on /run/postgresql"),
            ("postgres://u:p@db", "u on db:5432"),
        ];
        for (text, name) in rows {
            assert_eq!(parse(text).to_string(), name, "row: {text}");
        }
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted_unless_it_is_said_not_to_be() {
        let verified = |roots: Option<&str>| Tls::Verified { roots: roots.map(PathBuf::from) };
        let rows = [
            ("postgres://u@db/r", verified(None)),
            ("postgres://u@db/r?sslmode=require", verified(None)),
            (
                "postgres://u@db/r?sslmode=verify-full&sslrootcert=/ca%20x.pem",
                verified(Some("/ca x.pem")),
            ),
            ("postgres://u@db/r?sslrootcert=/ca.pem", verified(Some("/ca.pem"))),
            ("postgres://u@db/r?sslmode=disable", Tls::Off),
            ("postgres://u@localhost,db/r", verified(None)),
            ("postgres://u@localhost/r", Tls::Off),
            ("postgres://u@127.0.0.1/r", Tls::Off),
            ("postgres://u@%2Frun%2Fpostgresql/r", Tls::Off),
            ("postgres://u@localhost/r?sslmode=verify-full", verified(None)),
            ("postgres://u@localhost/r?sslrootcert=/ca.pem", verified(Some("/ca.pem"))),
        ];
        for (text, tls) in rows {
            let url = parse(text);
            let mode = if tls == Tls::Off { SslMode::Disable } else { SslMode::Require };
            assert_eq!((url.tls, url.config.get_ssl_mode()), (tls, mode), "row: {text}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_repeated() {
        use ParseDatabaseUrlError::{NoHost, NotAUrl, RootsWithoutTls, SslMode};
        let rows = [
            ("", NotAUrl),
            ("hunter2", NotAUrl),
            ("host=db password=hunter2", NotAUrl),
            ("mysql://u:hunter2@db/r", NotAUrl),
            ("postgres://u:hunter2@db:port/r", NotAUrl),
            ("postgres://u%ff:hunter2@db/r", NotAUrl),
            ("postgres:///r", NoHost),
            ("postgres://u:hunter2@db/r?sslmode=prefer", SslMode),
            ("postgres://u:hunter2@db/r?sslmode=verify-ca", SslMode),
            ("postgres://u:hunter2@db/r?sslmode=disable&sslrootcert=/ca.pem", RootsWithoutTls),
        ];
        for (text, error) in rows {
            assert_eq!(text.parse::<DatabaseUrl>(), Err(error), "row: {text}");
        }
        for parameter in ["colour=hunter2", "connect_timeout=hunter2", "hunter2"] {
            let error = format!("postgres://u:hunter2@db/r?{parameter}").parse::<DatabaseUrl>();
            let error = error.unwrap_err();
            assert!(!error.to_string().contains("=hunter2"), "row: {parameter}: {error}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let url = parse("postgres://u:hunter2@db/r?options=-csearch_path%3Done");
        assert_eq!(url.config.get_password(), Some(&b"hunter2"[..]));
        assert!(!format!("{url:?} {url}").contains("hunter2"));
        assert_eq!(url.config.get_options(), Some("-csearch_path=one"));
    }
}
