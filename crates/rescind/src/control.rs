//! How an operator's command reaches the server that has the store: a socket in the data directory,
//! which only whoever may read the store can open.
//!
//! One JSON text each way, then the connection ends. Both ends are this program.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use rescind_authority::{Actor, Authority, Takeover};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixSocket, UnixStream},
    time::timeout,
};

use crate::key_row::{KeyRow, rows};

/// Nobody keeps the next one waiting for longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request or an answer that is longer is none, in bytes.
const LONGEST: u64 = 64 * 1024;

/// What a server can be asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Request {
    /// All signing keys.
    ListKeys,
    /// A new signing key; all of them then.
    RotateKeys { at_once: bool },
}

impl Request {
    /// When the new key begins to sign.
    pub(crate) fn takeover(at_once: bool) -> Takeover {
        if at_once { Takeover::AtOnce } else { Takeover::Orderly }
    }
}

type Answer = Result<Vec<KeyRow>, String>;

/// The socket of a running server; it is removed when this is dropped.
pub(crate) struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Opens the socket in `data_dir`, which nobody else serves.
    pub(crate) fn open(data_dir: &Path) -> io::Result<Self> {
        let path = path_in(data_dir);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {} // that of a server that was killed
        }
        let socket = UnixSocket::new_stream()?;
        socket.bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?; // before anybody can connect
        Ok(Self { listener: socket.listen(16)?, path })
    }

    /// Answers one request after the other, for ever.
    pub(crate) async fn serve(&self, authority: &Authority) {
        loop {
            let served = match self.listener.accept().await {
                Ok((stream, _)) => timeout(PATIENCE, serve_one(stream, authority)).await,
                Err(error) => Ok(Err(error.into())),
            };
            if let Err(error) = served.map_err(anyhow::Error::from).flatten() {
                tracing::warn!("an operator's command could not be answered: {error:#}");
                // When there are no file handles left, this must not become a busy loop.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _stale_ones_are_removed_at_the_next_start = fs::remove_file(&self.path);
    }
}

async fn serve_one(mut stream: UnixStream, authority: &Authority) -> anyhow::Result<()> {
    let mut request = Vec::new();
    (&mut stream).take(LONGEST).read_to_end(&mut request).await?;
    let answer: Answer = match serde_json::from_slice(&request) {
        Ok(request) => answer(request, authority).await,
        Err(_) => Err("the server is of another version and knows no such command".to_owned()),
    };
    stream.write_all(&serde_json::to_vec(&answer)?).await?;
    Ok(())
}

async fn answer(request: Request, authority: &Authority) -> Answer {
    match request {
        Request::ListKeys => {}
        Request::RotateKeys { at_once } => {
            let takeover = Request::takeover(at_once);
            let rotated = authority.rotate_signing_key(Actor::Operator, takeover).await;
            rotated.map_err(|error| error.to_string())?;
        }
    }
    Ok(rows(&authority.signing_keys()))
}

/// Asks the server that runs on `data_dir`.
///
/// # Errors
///
/// Nobody answers there, or what was asked for could not be done.
pub(crate) async fn ask(data_dir: &Path, request: Request) -> anyhow::Result<Vec<KeyRow>> {
    let path = path_in(data_dir);
    let exchange = async {
        let mut stream = UnixStream::connect(&path).await?;
        stream.write_all(&serde_json::to_vec(&request)?).await?;
        stream.shutdown().await?;
        let mut answer = Vec::new();
        stream.take(LONGEST).read_to_end(&mut answer).await?;
        anyhow::Ok(serde_json::from_slice::<Answer>(&answer)?)
    };
    // The server may be busy with another command.
    let answer = timeout(3 * PATIENCE, exchange).await.map_err(anyhow::Error::from).flatten();
    let answer = answer.with_context(|| {
        format!(
            "another rescind is running on {} and does not answer at {}: wait until it serves, or \
             stop it",
            data_dir.display(),
            path.display()
        )
    })?;
    answer.map_err(|sentence| anyhow!(sentence))
}

fn path_in(data_dir: &Path) -> PathBuf {
    data_dir.join("rescind.sock")
}
