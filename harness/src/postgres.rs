//! A PostgreSQL server of a test's own, and databases on it.

use std::env;
use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::certificate::CertificateFiles;

/// Names the server that tests use instead of starting one; its user must be allowed to create
/// databases.
const VARIABLE: &str = "RESCIND_TEST_DATABASE_URL";

/// What a keeper is told that is not to remove the databases.
const KEEP: &[u8] = b"keep\n";

/// The administrator of a server that is started here, and its password.
const ADMINISTRATOR: &str = "postgres";
const PASSWORD: &str = "not a secret";

const PATIENCE: Duration = Duration::from_mins(1);

/// A running server with databases of its own on a free port of the loopback interface. It is
/// stopped, and its databases are removed, when this is dropped, or when the process ends.
#[derive(Debug)]
pub struct Postgres {
    /// Ends the server when its standard input is closed.
    keeper: Child,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
}

/// An empty database, which nobody else uses. It is removed when this is dropped, or goes with its
/// server.
#[derive(Debug)]
pub struct Database {
    url: String,
    name: String,
    /// The server, if it outlives this process.
    lasting: Option<String>,
}

impl Database {
    /// A new one on the server that `RESCIND_TEST_DATABASE_URL` names, or else on one that all tests
    /// of this process share.
    ///
    /// # Errors
    ///
    /// There is no such server, and none can be started.
    pub fn new() -> io::Result<Self> {
        static SHARED: OnceLock<Result<Postgres, String>> = OnceLock::new();
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let lasting = env::var(VARIABLE).ok();
        let server = match &lasting {
            Some(url) => url.clone(),
            None => SHARED
                .get_or_init(|| Postgres::start(&[]).map_err(|error| error.to_string()))
                .as_ref()
                .map(|server| server.url("postgres"))
                .map_err(|error| io::Error::other(error.clone()))?,
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("rescind_test_{}_{number}", std::process::id());
        sql(&server, &format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))?;
        Ok(Self { url: with_database(&server, &name), name, lasting })
    }

    /// What it is reached by, with user and password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs SQL in it; what it answers, without headings.
    ///
    /// # Errors
    ///
    /// What the server says of it.
    pub fn sql(&self, sql: &str) -> io::Result<String> {
        self::sql(&self.url, sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(server) = &self.lasting {
            // What is left over is in nobody's way.
            let _ = sql(server, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}

impl Postgres {
    /// Starts a server with these settings, of the newest version that is installed.
    ///
    /// # Errors
    ///
    /// None is installed, or it does not start; with what it wrote.
    pub fn start(settings: &[&str]) -> io::Result<Self> {
        let programs = programs()?;
        let folder = folder()?;
        let data = folder.join("data");
        let password = folder.join("password");
        fs::write(&password, PASSWORD)?;
        let mut initdb = as_server(programs.join("initdb"), &folder)?;
        initdb.args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        initdb.arg(format!("--username={ADMINISTRATOR}"));
        initdb.arg("--pwfile").arg(&password).arg("--pgdata").arg(&data);
        answer(initdb)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let settings: Vec<_> = settings.iter().map(|&setting| setting.to_owned()).collect();
        let keeper = keep(&folder, port, &settings)?;
        let server = Self { keeper, folder, port, settings };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Ends all its processes at once, as a crash would, and starts it again.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn crash(&mut self) -> io::Result<()> {
        if let Some(mut stdin) = self.keeper.stdin.take() {
            stdin.write_all(KEEP)?;
        }
        self.keeper.wait()?;
        self.keeper = keep(&self.folder, self.port, &self.settings)?;
        self.wait_until_ready()
    }

    /// Offers TLS from now on.
    ///
    /// # Errors
    ///
    /// The server cannot use it.
    pub fn use_certificate(&self, files: &CertificateFiles) -> io::Result<()> {
        for (from, name) in [(&files.certificate, "cert.pem"), (&files.key, "key.pem")] {
            let to = self.folder.join(name);
            fs::copy(from, &to)?;
            fs::set_permissions(&to, Permissions::from_mode(0o600))?;
            if let Some((user, group)) = server_user()? {
                chown(&to, Some(user), Some(group))?;
            }
            let setting = if name == "key.pem" { "ssl_key_file" } else { "ssl_cert_file" };
            self.sql("postgres", &format!("ALTER SYSTEM SET {setting} = '{}'", to.display()))?;
        }
        self.sql("postgres", "ALTER SYSTEM SET ssl = on")?;
        self.sql("postgres", "SELECT pg_reload_conf()")?;
        let deadline = Instant::now() + PATIENCE;
        while sql(&(self.url("postgres") + "?sslmode=require"), "SELECT").is_err() {
            if Instant::now() > deadline {
                return Err(io::Error::other("PostgreSQL does not use its certificate"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn wait_until_ready(&self) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match sql(&self.url("postgres"), "SELECT") {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                    return Err(io::Error::other(format!("PostgreSQL: {error}\n{log}")));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// What a database on it is reached by.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let password = PASSWORD.replace(' ', "%20");
        let port = self.port;
        format!("postgres://{ADMINISTRATOR}:{password}@127.0.0.1:{port}/{database}")
    }

    /// The port that it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL in one of its databases; what it answers, without headings.
    ///
    /// # Errors
    ///
    /// What the server says of it.
    pub fn sql(&self, database: &str, sql: &str) -> io::Result<String> {
        self::sql(&self.url(database), sql)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Starts the server that has its databases in `folder`.
///
/// A shell lives until nobody holds its standard input any more, and takes the server with it: so
/// none outlives the tests, however they end.
fn keep(folder: &Path, port: u16, settings: &[String]) -> io::Result<Child> {
    let script = r#"
        "$@" & server=$!
        read what
        kill -QUIT $server
        wait $server
        test "$what" = keep || rm -rf "$0"
    "#;
    let mut shell = as_server("sh".into(), folder)?;
    shell.args(["-c", script]).arg(folder);
    shell.arg(programs()?.join("postgres")).arg("-D").arg(folder.join("data"));
    let own = ["listen_addresses=127.0.0.1", &format!("port={port}"), "unix_socket_directories="];
    for setting in own.into_iter().chain(settings.iter().map(String::as_str)) {
        shell.args(["-c", setting]);
    }
    let log = fs::File::options().append(true).create(true).open(folder.join("log"))?;
    let keeper = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn();
    keeper.map_err(|error| io::Error::other(format!("cannot run sh: {error}")))
}

/// Where the newest version that is installed has its programs: Debian keeps those of the server
/// off the PATH.
fn programs() -> io::Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs.join("initdb").is_file().then_some((version, programs))
        })
        .max();
    newest.map(|(_, programs)| programs).ok_or_else(|| {
        io::Error::other(format!(
            "there is no PostgreSQL to test with: install the package `postgresql`, or name a \
             server with {VARIABLE}"
        ))
    })
}

/// A new folder of the server's.
fn folder() -> io::Result<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("rescind-postgres-{}-{number}", std::process::id());
    let folder = env::temp_dir().join(name);
    fs::create_dir(&folder)?;
    fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
    if let Some((user, group)) = server_user()? {
        chown(&folder, Some(user), Some(group))?;
    }
    Ok(folder)
}

/// The user that the server runs as, if that is another one: PostgreSQL refuses to be root.
fn server_user() -> io::Result<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let id = |which| -> io::Result<u32> {
        let mut id = Command::new("id");
        id.args([which, ADMINISTRATOR]);
        answer(id)?.trim().parse().map_err(io::Error::other)
    };
    Ok(Some((id("-u")?, id("-g")?)))
}

/// A program that runs as the server's user.
fn as_server(program: PathBuf, folder: &Path) -> io::Result<Command> {
    let mut command = match server_user()? {
        Some((user, group)) => {
            let mut command = Command::new("setpriv");
            command.arg(format!("--reuid={user}")).arg(format!("--regid={group}"));
            command.arg("--clear-groups").arg(program);
            command
        }
        None => Command::new(program),
    };
    command.current_dir(folder);
    Ok(command)
}

fn with_database(server: &str, name: &str) -> String {
    let (before, query) = server.split_once('?').unwrap_or((server, ""));
    let host = before.find("://").map_or(0, |at| at + 3);
    let end = before[host..].find('/').map_or(before.len(), |at| host + at);
    let question = if query.is_empty() { "" } else { "?" };
    format!("{}/{name}{question}{query}", &before[..end])
}

fn sql(url: &str, sql: &str) -> io::Result<String> {
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
    psql.arg("--dbname").arg(url).arg("--command").arg(sql);
    answer(psql)
}

/// What a program writes, if it succeeds.
fn answer(mut command: Command) -> io::Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| io::Error::other(format!("{program}: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{program}: {}", complaint.trim())))
}
