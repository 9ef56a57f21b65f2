//! A running `rescind serve` or `rescind agent`, and the signals it gets.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::certificate::CertificateFiles;
use crate::installation::{command, on_data_dir};
use crate::transcript::Transcript;
use crate::{Error, Installation};

const PATIENCE: Duration = Duration::from_secs(30);
const LISTENING: &str = "listening on ";

/// A running `rescind serve` or `rescind agent`. Dropping it kills the process.
#[derive(Debug)]
pub struct Server {
    process: Child,
    url: String,
    stdout: Transcript,
    stderr: Transcript,
}

/// How it ended, and what it wrote (the last 1,000 lines of each).
#[derive(Debug)]
pub struct Exit {
    /// The exit status, or the signal that ended it.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its log.
    pub stderr: String,
}

/// A `rescind serve` or `rescind agent` about to be started.
#[derive(Debug)]
pub struct ServerBuilder {
    binary: PathBuf,
    subcommand: Subcommand,
    listen: String,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
}

#[derive(Debug)]
enum Subcommand {
    Serve { data_dir: PathBuf },
    Agent,
}

impl ServerBuilder {
    fn of(binary: &Path, subcommand: Subcommand) -> Self {
        Self {
            binary: binary.to_owned(),
            subcommand,
            listen: "127.0.0.1:0".to_owned(),
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    /// The one sentence with which it refuses to start.
    ///
    /// # Errors
    ///
    /// [`Error::NoRefusal`] when it starts, or ends with more or less than one sentence and exit
    /// status 1.
    pub fn refusal(self) -> Result<String, Error> {
        let output = match self.env("RESCIND_LOG", "off").start() {
            Ok(server) => return Err(Error::NoRefusal(server.output())),
            Err(Error::Ended { status, output }) if status.code() == Some(1) => output,
            Err(Error::Ended { output, .. }) => return Err(Error::NoRefusal(output)),
            Err(error) => return Err(error),
        };
        match output.strip_prefix("stdout: \nstderr: rescind: ") {
            Some(sentence) if sentence.lines().count() == 1 => Ok(sentence.to_owned()),
            _ => Err(Error::NoRefusal(output)),
        }
    }

    /// Listens on this address instead of a free port of the loopback interface.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.listen);
        self
    }

    /// Names itself by this URL. Tokens outlive a restart only where it stays the same, and the
    /// default one contains the port.
    #[must_use]
    pub fn public_url(self, url: &str) -> Self {
        self.arg("--public-url").arg(url)
    }

    /// Lets anybody ask as often as they like, and for any number of tokens: by default the server
    /// refuses the eleventh attempt of a client in a minute, and its 101st live token. An argument
    /// can still set a limit.
    #[must_use]
    pub fn unlimited(self) -> Self {
        self.env("RESCIND_OAUTH_RATE_LIMIT", "off").env("RESCIND_LIVE_TOKEN_LIMIT", "off")
    }

    /// Speaks TLS with this certificate.
    #[must_use]
    pub fn tls(self, files: &CertificateFiles) -> Self {
        self.arg("--tls-cert").arg(&files.certificate).arg("--tls-key").arg(&files.key)
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Starts it, and returns once it accepts requests.
    ///
    /// # Errors
    ///
    /// [`Error::Ended`] or [`Error::TooSlow`], with all that it wrote.
    pub fn start(self) -> Result<Server, Error> {
        let mut process = match &self.subcommand {
            Subcommand::Serve { data_dir } => on_data_dir(&self.binary, "serve", data_dir),
            Subcommand::Agent => command(&self.binary, "agent"),
        };
        let mut process = process
            .args(["--listen", &self.listen])
            .args(self.args)
            .envs(self.env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| Error::Run { binary: self.binary, source })?;
        let (Some(stdout), Some(stderr)) = (process.stdout.take(), process.stderr.take()) else {
            return Err(Error::Control(io::Error::other("the process came without its pipes")));
        };
        let (stdout, listening) = follow_until_listening(stdout);
        let stderr = Transcript::of(stderr, |_| {});
        let mut server = Server { process, url: String::new(), stdout, stderr };
        match listening.recv_timeout(PATIENCE) {
            Ok(url) => {
                server.url = url;
                Ok(server)
            }
            Err(RecvTimeoutError::Timeout) => Err(server.too_slow("listen")),
            Err(RecvTimeoutError::Disconnected) => {
                let status = server.wait()?;
                server.stdout.finish();
                server.stderr.finish();
                Err(Error::Ended { status, output: server.output() })
            }
        }
    }
}

/// The receiver gets the URL; it is disconnected when standard output ends without one.
fn follow_until_listening(stdout: ChildStdout) -> (Transcript, mpsc::Receiver<String>) {
    let (sender, receiver) = mpsc::channel();
    let mut sender = Some(sender);
    let transcript = Transcript::of(stdout, move |line| {
        if let (Some(url), Some(sender)) = (line.strip_prefix(LISTENING), sender.take()) {
            // The receiver is gone only when `start` has given up.
            let _ = sender.send(url.to_owned());
        }
    });
    (transcript, receiver)
}

impl Server {
    /// Starts `rescind serve` on a free port with no other option.
    ///
    /// # Errors
    ///
    /// As [`ServerBuilder::start`].
    pub fn start(binary: impl AsRef<Path>, data_dir: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder(binary, data_dir).start()
    }

    /// A `rescind serve` to be started with more options. `RESCIND_` variables of the caller do not
    /// reach it.
    pub fn builder(binary: impl AsRef<Path>, data_dir: impl AsRef<Path>) -> ServerBuilder {
        let data_dir = data_dir.as_ref().to_owned();
        ServerBuilder::of(binary.as_ref(), Subcommand::Serve { data_dir })
    }

    /// A `rescind agent` to be started, which is the first service account of `installation`.
    pub fn agent(binary: impl AsRef<Path>, installation: &Installation) -> ServerBuilder {
        ServerBuilder::of(binary.as_ref(), Subcommand::Agent)
            .arg("--client-id")
            .arg(&installation.client_id)
            .env("RESCIND_AGENT_CLIENT_SECRET", &installation.client_secret)
    }

    /// A `rescind agent` to be started with the settings in this file.
    pub fn agent_by_file(binary: impl AsRef<Path>, file: impl AsRef<Path>) -> ServerBuilder {
        ServerBuilder::of(binary.as_ref(), Subcommand::Agent).arg("--config").arg(file.as_ref())
    }

    /// Where it listens: `http://HOST:PORT`, or `https` with a certificate; `unix:PATH` of an agent
    /// on a socket.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same without its scheme: `HOST:PORT`.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.split_once("://").map_or("", |(_, address)| address)
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it has written so far, for a failure message.
    #[must_use]
    pub fn output(&self) -> String {
        format!("stdout: {}\nstderr: {}", self.stdout.text(), self.stderr.text())
    }

    /// SIGTERM: asks it to finish what is in flight, and waits until it has ended.
    ///
    /// # Errors
    ///
    /// [`Error::TooSlow`] when it has not ended after 30 seconds; it is killed then.
    pub fn terminate(self) -> Result<Exit, Error> {
        self.signal(Signal::TERM)?;
        self.exit()
    }

    /// SIGKILL: ends it between two instructions, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Control`] when the operating system refuses.
    pub fn kill(self) -> Result<Exit, Error> {
        self.signal(Signal::KILL)?;
        self.exit()
    }

    /// SIGSTOP: when this returns no thread of it runs, and none is inside a system call.
    ///
    /// # Errors
    ///
    /// [`Error::TooSlow`] when a thread does not stop.
    pub fn pause(&self) -> Result<(), Error> {
        self.signal(Signal::STOP)?;
        let deadline = Instant::now() + PATIENCE;
        while !self.is_paused()? {
            if Instant::now() > deadline {
                return Err(self.too_slow("stop"));
            }
            // A thread that waits for the disk stops when the disk has answered.
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    }

    /// SIGCONT: lets it run on after [`Server::pause`].
    ///
    /// # Errors
    ///
    /// [`Error::Control`] when the operating system refuses.
    pub fn resume(&self) -> Result<(), Error> {
        self.signal(Signal::CONT)
    }

    fn is_paused(&self) -> io::Result<bool> {
        for thread in fs::read_dir(format!("/proc/{}/task", self.pid()))? {
            let stat = fs::read_to_string(thread?.path().join("stat"))?;
            // `pid (name) state …`, and a name may contain anything, `)` included (proc(5)).
            let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
            if state != Some('T') {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sends any signal, and waits for nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Control`] when the operating system refuses.
    pub fn signal(&self, signal: Signal) -> Result<(), Error> {
        // The process is not reaped before `self` is gone, so that the number is still its own.
        kill_process(Pid::from_child(&self.process), signal)
            .map_err(|errno| Error::Control(errno.into()))
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    ///
    /// [`Error::TooSlow`] when it has not ended after 30 seconds; it is killed then.
    pub fn exit(mut self) -> Result<Exit, Error> {
        let status = self.wait()?;
        Ok(Exit { status, stdout: self.stdout.finish(), stderr: self.stderr.finish() })
    }

    fn wait(&mut self) -> Result<ExitStatus, Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                return Err(self.too_slow("end"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn too_slow(&self, what: &'static str) -> Error {
        Error::TooSlow { what, seconds: PATIENCE.as_secs(), output: self.output() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where the process has been waited for already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
