//! The server under test, and the four things that are asked of it.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use rescind_harness::{Claims, Installation, Server, ServerBuilder, StatusBit};

use crate::cores::Cores;
use crate::data_dir::DataDir;
use crate::error::Error;
use crate::load::{Load, Stop, Target, drive};
use crate::workload::{FirstIntrospect, FormRequest, Healthz, Introspect, Issue, Question, Revoke};

/// A running server on an empty store, with one service account.
pub(crate) struct Subject {
    // Dropped in this order: the process, then its files.
    server: Server,
    data_dir: DataDir,
    installation: Installation,
    target: Target,
    host: String,
    /// The status bit of every token so far.
    bits: HashSet<StatusBit>,
}

impl Subject {
    /// Runs `rescind init` and `rescind serve`.
    pub(crate) fn start(
        binary: &Path,
        data_dir: DataDir,
        cores: Cores,
        serve_args: &[String],
    ) -> Result<Self, Error> {
        let installation = Installation::init(binary, data_dir.path())?;
        let server = cores.start(|| {
            let server = Server::builder(binary, data_dir.path()).unlimited();
            serve_args.iter().fold(server, ServerBuilder::arg).start()
        })?;
        let host = server.url().trim_start_matches("http://").to_owned();
        let address = host
            .parse()
            .map_err(io::Error::other)
            .map_err(Error::io("read the address that the server listens on"))?;
        let target = Target { address, pid: server.pid(), wait: cores.wait() };
        Ok(Self { server, data_dir, installation, target, host, bits: HashSet::new() })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.target.pid
    }

    /// The type of the filesystem that its data lies on.
    pub(crate) fn filesystem(&self) -> &str {
        self.data_dir.filesystem()
    }

    /// Ends the server as an operator would, and removes its data.
    pub(crate) fn stop(self) -> Result<(), Error> {
        let exit = self.server.terminate()?;
        if exit.status.success() {
            Ok(())
        } else {
            let cause = format!("{}\n{}", exit.status, exit.stderr);
            Err(Error::io("stop the server in order")(io::Error::other(cause)))
        }
    }

    pub(crate) fn healthz(&self, connections: usize, stop: Stop) -> Result<Load, Error> {
        drive(self.target, connections, stop, &mut Healthz::new(&self.host))
    }

    /// Issues tokens, each of which must have claims, and a status bit of its own.
    pub(crate) fn issue(
        &mut self,
        connections: usize,
        stop: Stop,
    ) -> Result<(Load, Vec<String>), Error> {
        let mut workload = Issue::new(&self.form("/api/oauth/token"));
        let load = drive(self.target, connections, stop, &mut workload)?;
        let tokens = workload.into_tokens();
        for token in &tokens {
            let claims = Claims::of(token).ok_or_else(|| Error::NoToken(token.clone()))?;
            if !self.bits.insert(claims.status) {
                return Err(Error::SharedBit);
            }
        }
        Ok((load, tokens))
    }

    /// Revokes `tokens` until `stop`, and asks about a sample of the revoked ones. Returns those
    /// that are still alive.
    pub(crate) fn revoke(
        &self,
        connections: usize,
        stop: Stop,
        tokens: Vec<String>,
    ) -> Result<(Load, Vec<String>), Error> {
        const SAMPLE: usize = 256;
        let mut workload = Revoke::new(self.form("/api/oauth/revoke"), tokens);
        let load = drive(self.target, connections, stop, &mut workload)?;
        let (revoked, live) = workload.into_revoked_and_live();

        let form = self.form("/api/oauth/introspect");
        let sample: Vec<_> = revoked
            .iter()
            .rev()
            .step_by(revoked.len().div_ceil(SAMPLE).max(1))
            .map(|token| Question::about_revoked(&form, token))
            .collect();
        let each_once = Stop::AfterRequests(sample.len() as u64);
        self.introspect(1, each_once, &sample)?;
        Ok((load, live))
    }

    /// Makes the server see `tokens`, and returns what it has to answer about them from now on.
    pub(crate) fn questions_about(&self, tokens: &[String]) -> Result<Vec<Question>, Error> {
        let form = self.form("/api/oauth/introspect");
        let mut workload = FirstIntrospect::new(form, &self.installation, tokens);
        let each_once = Stop::AfterRequests(tokens.len() as u64);
        drive(self.target, 1, each_once, &mut workload)?;
        Ok(workload.into_questions())
    }

    pub(crate) fn introspect(
        &self,
        connections: usize,
        stop: Stop,
        questions: &[Question],
    ) -> Result<Load, Error> {
        drive(self.target, connections, stop, &mut Introspect::new(questions))
    }

    fn form(&self, path: &str) -> FormRequest {
        FormRequest::new(path, &self.host, &self.installation)
    }
}
