//! `rescind`: access tokens for service accounts that can really be taken back.
//!
//! | module | what |
//! |---|---|
//! | `cli` | the commands, one file each |
//! | `agent` | what `rescind agent` answers to proxies |
//! | `config` | what an operator can set, and which of several settings counts |
//! | `installation` | a data directory, opened |
//! | `control`, `key_row` | commands that a running server answers, and what it says |
//! | `installation_key` | the one secret that lies outside the store |
//! | `private_file` | files with secrets in them |
//! | `first_steps` | what the first start shows |
//! | `listeners`, `tls` | the ports, and the certificates that some of them speak TLS with |
//! | `logging`, `signals`, `stop` | standard error, SIGTERM and SIGINT, and what they lead to |

mod agent;
mod cli;
mod config;
mod control;
mod file_handles;
mod first_steps;
mod installation;
mod installation_key;
mod key_row;
mod listeners;
mod logging;
mod private_file;
mod signals;
mod stop;
mod tls;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;

/// One worker thread per core that this process may use.
#[tokio::main]
async fn main() -> ExitCode {
    match cli::Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            // Where nobody reads standard error, the exit status still tells.
            let _ = writeln!(io::stderr(), "rescind: {error:#}");
            ExitCode::FAILURE
        }
    }
}
