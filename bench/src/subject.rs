//! The server under test, and the four things that are asked of it.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rescind_harness::{Claims, Server, ServerBuilder, StatusBit};

use crate::client::{Crowd, Token};
use crate::cores::Cores;
use crate::data_dir::DataDir;
use crate::error::Error;
use crate::load::{Load, Stop, Target, drive};
use crate::process::cpu_time;
use crate::workload::{
    FirstIntrospect, FormRequest, Healthz, Introspect, Issue, Page, Pages, Question, Revoke,
};

/// What it took from the start of the process to the line that says that it listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    pub(crate) elapsed: Duration,
    /// CPU time, user and system: it hardly depends on what else the machine does.
    pub(crate) cpu: Duration,
}

/// A running server.
pub(crate) struct Subject {
    // Dropped in this order: the process, then its files.
    server: Server,
    data_dir: DataDir,
    target: Target,
    host: String,
    start: Start,
    /// The status bit of every token so far.
    bits: HashSet<StatusBit>,
}

impl Subject {
    /// Runs `rescind serve`.
    pub(crate) fn start(
        binary: &Path,
        data_dir: DataDir,
        cores: Cores,
        serve_args: &[String],
    ) -> Result<Self, Error> {
        let (server, elapsed) = cores.start(|| {
            let server = Server::builder(binary, data_dir.path()).unlimited();
            let server = serve_args.iter().fold(server, ServerBuilder::arg);
            let begin = Instant::now();
            Ok((server.start()?, begin.elapsed()))
        })?;
        let start = Start { elapsed, cpu: cpu_time(server.pid())? };
        let host = server.url().trim_start_matches("http://").to_owned();
        let address = host
            .parse()
            .map_err(io::Error::other)
            .map_err(Error::io("read the address that the server listens on"))?;
        let target = Target { address, pid: server.pid(), wait: cores.wait() };
        Ok(Self { server, data_dir, target, host, start, bits: HashSet::new() })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.target.pid
    }

    pub(crate) fn target(&self) -> Target {
        self.target
    }

    pub(crate) fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// The address that it listens on, as clients name it.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn start_taken(&self) -> Start {
        self.start
    }

    /// Ends the server as an operator would. Its data is removed when what is returned is dropped.
    pub(crate) fn stop(self) -> Result<DataDir, Error> {
        let exit = self.server.terminate()?;
        if exit.status.success() {
            Ok(self.data_dir)
        } else {
            let cause = format!("{}\n{}", exit.status, exit.stderr);
            Err(Error::io("stop the server in order")(io::Error::other(cause)))
        }
    }

    pub(crate) fn healthz(&self, connections: usize, stop: Stop) -> Result<Load, Error> {
        drive(self.target, connections, stop, &mut Healthz::new(&self.host))
    }

    /// Issues tokens to `crowd`, each of which must have claims, and a status bit of its own.
    pub(crate) fn issue(
        &mut self,
        crowd: &mut Crowd,
        connections: usize,
        stop: Stop,
    ) -> Result<(Load, Vec<Token>), Error> {
        let mut workload = Issue::new(self.form("/api/oauth/token"), crowd);
        let load = drive(self.target, connections, stop, &mut workload)?;
        let tokens = workload.into_tokens();
        for token in &tokens {
            let text = &token.text;
            let claims = Claims::of(text).ok_or_else(|| Error::NoToken(text.clone()))?;
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
        tokens: Vec<Token>,
    ) -> Result<(Load, Vec<Token>), Error> {
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
    pub(crate) fn questions_about(&self, tokens: &[Token]) -> Result<Vec<Question>, Error> {
        let form = self.form("/api/oauth/introspect");
        let mut workload = FirstIntrospect::new(form, tokens);
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

    /// Gets `pages` in turn, over one connection.
    pub(crate) fn pages(&self, requests: u64, pages: &[Page]) -> Result<Load, Error> {
        drive(self.target, 1, Stop::AfterRequests(requests), &mut Pages::new(pages))
    }

    fn form(&self, path: &str) -> FormRequest {
        FormRequest::new(path, &self.host)
    }
}
