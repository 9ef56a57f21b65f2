//! The real nginx, with the configuration of `examples/nginx`.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Error;
use crate::transcript::Transcript;

const PATIENCE: Duration = Duration::from_secs(30);

/// Another process may take the port that was free.
const ATTEMPTS: u32 = 5;

/// A running nginx. Dropping it kills the process.
#[derive(Debug)]
pub struct Nginx {
    process: Child,
    stderr: Transcript,
    address: SocketAddr,
    _directory: TempDir,
}

impl Nginx {
    /// The configuration that is documented, before its application, with an agent that listens at
    /// `agent`: `http://HOST:PORT` or `unix:PATH`.
    ///
    /// # Errors
    ///
    /// As [`Nginx::start`].
    pub fn asking(agent: &str) -> Result<Self, Error> {
        const CONFIG: &str = include_str!("../../examples/nginx/nginx.conf");
        const APPLICATION: &str = include_str!("../../examples/nginx/application.conf");
        let agent = agent.strip_prefix("http://").unwrap_or(agent);
        Self::start(|directory| {
            let socket = format!("unix:{}/application.sock", directory.display());
            let application = APPLICATION.replace("127.0.0.1:3000", &socket);
            CONFIG
                .replace("unix:/run/rescind/agent.sock", agent)
                .replace("127.0.0.1:3000", &socket)
                .replacen("http {", &format!("http {{\n{application}"), 1)
        })
    }

    /// Any configuration, which is made for a directory that is nginx's own, and listens on port 80
    /// there: it gets a free port of the loopback interface instead.
    ///
    /// # Errors
    ///
    /// [`Error::Run`] where there is no nginx; [`Error::Ended`] with what it complains about.
    pub fn start(config: impl Fn(&Path) -> String) -> Result<Self, Error> {
        let mut attempt = 1;
        loop {
            let directory = tempfile::tempdir()?;
            let config = config(directory.path());
            match Self::start_in(directory, &config) {
                Err(Error::Ended { output, .. })
                    if attempt < ATTEMPTS && output.contains("Address already in use") =>
                {
                    attempt += 1;
                }
                started => return started,
            }
        }
    }

    fn start_in(directory: TempDir, config: &str) -> Result<Self, Error> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let path = directory.path().display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {path}/{kind};\n"));
        let config = config.replace("listen 80;", &format!("listen {address};")).replacen(
            "http {",
            &format!("http {{\naccess_log off;\n{}", temporary.concat()),
            1,
        );
        let file = directory.path().join("nginx.conf");
        fs::write(&file, config)?;
        // One process, which ends when it is killed, and no other.
        let main = format!("daemon off; master_process off; pid {path}/nginx.pid;");
        let mut process = Command::new(program())
            .args(["-e", "stderr", "-g", &main, "-p"])
            .arg(directory.path())
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| Error::Run {
                binary: "nginx (Debian has it as nginx-light)".into(),
                source,
            })?;
        let Some(stderr) = process.stderr.take() else {
            return Err(Error::Control(io::Error::other("the process came without its pipes")));
        };
        let stderr = Transcript::of(stderr, |_| {});
        Self { process, stderr, address, _directory: directory }.until_it_listens()
    }

    fn until_it_listens(mut self) -> Result<Self, Error> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.process.try_wait()? {
                self.stderr.finish();
                return Err(Error::Ended { status, output: self.output() });
            }
            if Instant::now() > deadline {
                let seconds = PATIENCE.as_secs();
                return Err(Error::TooSlow { what: "listen", seconds, output: self.output() });
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(self)
    }

    /// Where it listens: `http://HOST:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same without its scheme.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it has complained about so far, for a failure message.
    #[must_use]
    pub fn output(&self) -> String {
        self.stderr.text()
    }
}

/// Debian keeps it off the PATH of everybody but root.
fn program() -> &'static str {
    const DEBIAN: &str = "/usr/sbin/nginx";
    if Path::new(DEBIAN).is_file() { DEBIAN } else { "nginx" }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Both fail only where the process has been waited for already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
