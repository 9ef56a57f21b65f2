//! Clients nobody here wrote, each against a running server of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rescind_harness::{CertificateAuthority, Installation, Server, Validity};

use crate::process::{cargo, command, run};

/// The folders of what is written in Python; each has its packages in `.venv`.
pub(crate) const PYTHON: [&str; 3] = ["interop/authlib", "interop/digest", "interop/schemathesis"];

/// Where the Rust client is built; its dependencies are not the server's.
pub(crate) const OAUTH2_RS_TARGET: &str = "target/interop";

/// All of them.
pub(crate) const CLIENTS: &[Client] = &[
    Client {
        name: "interop/curl",
        what: "curl, with the command lines that MongoDB documents",
        transport: Transport::Plain,
        program: || Ok(command("interop/curl/documented.sh", &[])),
    },
    Client {
        name: "interop/curl-digest",
        what: "curl --digest with an API key, with the management examples that MongoDB documents",
        transport: Transport::Plain,
        program: || Ok(command("interop/curl/digest.sh", &[])),
    },
    Client {
        name: "interop/authlib",
        what: "Authlib, the OAuth library for Python",
        transport: Transport::Plain,
        program: || Ok(python("interop/authlib")),
    },
    Client {
        name: "interop/digest",
        what: "requests and httpx, by HTTP Digest with API keys",
        transport: Transport::Plain,
        program: || Ok(python("interop/digest")),
    },
    Client {
        name: "interop/mcp-atlas-api-client",
        what: "the client inside MongoDB's own MCP server",
        transport: Transport::Tls,
        program: || Ok(command("node", &["interop/mcp-atlas-api-client/main.js"])),
    },
    Client {
        name: "interop/openid-client",
        what: "openid-client, the OAuth library for Node.js",
        transport: Transport::Tls,
        program: || Ok(command("node", &["interop/openid-client/main.js"])),
    },
    Client {
        name: "interop/status-list",
        what: "@sd-jwt/jwt-status-list and jose, which read our status lists, and we theirs",
        transport: Transport::Plain,
        program: status_list,
    },
    Client {
        name: "interop/oauth2-rs",
        what: "oauth2, the OAuth library for Rust",
        transport: Transport::Tls,
        program: oauth2_rs,
    },
];

/// A client and the program that drives it.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    transport: Transport,
    program: fn() -> Result<Command>,
}

enum Transport {
    Plain,
    /// Where a client refuses anything else.
    Tls,
}

impl Client {
    /// Starts a server on a new data directory and runs the client against it.
    pub(crate) fn run(&self) -> Result<()> {
        let binary = server_binary()?;
        let program = (self.program)()?;
        let folder = tempfile::tempdir().context("cannot make a temporary directory")?;
        let data_dir = folder.path().join("data");
        let installation = Installation::init(&binary, &data_dir)?;
        let server = Server::builder(&binary, &data_dir).unlimited();
        match self.transport {
            Transport::Plain => {
                let server = server.start()?;
                let client = configured(&program, server.url(), &installation, PATIENCE);
                judge(client, server)
            }
            Transport::Tls => {
                let authority = CertificateAuthority::new()?;
                let trusted = folder.path().join("authority.pem");
                fs::write(&trusted, authority.pem()).context("cannot write a certificate")?;
                let files = authority.issue(Validity::Current)?.write_to(folder.path())?;
                let server = server.tls(&files).start()?;
                let mut client = configured(&program, server.url(), &installation, PATIENCE);
                client.env("NODE_EXTRA_CA_CERTS", &trusted);
                client.env("SSL_CERT_FILE", &trusted);
                judge(client, server)
            }
        }
    }
}

/// How long a client may take, in seconds.
const PATIENCE: u32 = 60;

/// The client's program, told where the server is, and with an end to its patience.
pub(super) fn configured(
    program: &Command,
    url: &str,
    installation: &Installation,
    patience: u32,
) -> Command {
    let mut client = command("timeout", &["--kill-after=5", &patience.to_string()]);
    client.arg(program.get_program()).args(program.get_args());
    client.env("RESCIND_URL", url);
    client.env("RESCIND_CLIENT_ID", &installation.client_id);
    client.env("RESCIND_CLIENT_SECRET", &installation.client_secret);
    client.env("RESCIND_ORG_ID", &installation.org_id);
    client.env("RESCIND_PROJECT_ID", &installation.project_id);
    client
}

/// Runs the client, and wants the server to end well when it is done.
pub(super) fn judge(mut client: Command, server: Server) -> Result<()> {
    let outcome = run(&mut client);
    if outcome.is_err() {
        println!("the server wrote:\n{}", server.output());
    }
    let exit = server.terminate()?;
    outcome?;
    ensure!(exit.status.success(), "the server did its work, then ended with {}", exit.status);
    Ok(())
}

/// The server, built from what is here.
pub(super) fn server_binary() -> Result<PathBuf> {
    run(&mut cargo(&["build", "--package", "rescind"]))?;
    built("rescind")
}

/// Where a program is that was built.
fn built(program: &str) -> Result<PathBuf> {
    let metadata = super::metadata()?;
    let target =
        metadata["target_directory"].as_str().context("cargo names no target directory")?;
    Ok(Path::new(target).join("debug").join(program))
}

fn python(folder: &str) -> Command {
    command(format!("{folder}/.venv/bin/python"), &[&*format!("{folder}/main.py")])
}

/// The verifier reads their lists by one of its own examples.
fn status_list() -> Result<Command> {
    run(&mut cargo(&["build", "--package", "rescind-verifier", "--example", "check"]))?;
    let check = built("examples/check")?;
    Ok(command("node", &["interop/status-list/main.js", &check.to_string_lossy()]))
}

fn oauth2_rs() -> Result<Command> {
    let target = ["--target-dir", OAUTH2_RS_TARGET];
    run(cargo(&["build", "--locked", super::OAUTH2_RS]).args(target))?;
    Ok(command(format!("{OAUTH2_RS_TARGET}/debug/interop-oauth2"), &[]))
}
