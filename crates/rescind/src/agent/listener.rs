//! Where proxies ask.

use std::{
    fs::{self, Permissions},
    io,
    net::SocketAddr,
    os::unix::{
        fs::{FileTypeExt as _, PermissionsExt as _},
        net::UnixStream,
    },
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use axum::Router;
use rescind_http::{Admission, Transport};
use tokio::net::UnixListener;

use crate::{config::AgentListen, listeners};

/// A port or a socket, open.
pub(crate) enum Listener {
    Port(rescind_http::Listener),
    Socket { listener: UnixListener, path: Socket },
}

/// The path of a socket, which is removed when this is dropped.
pub(crate) struct Socket(PathBuf);

impl Listener {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// One sentence says why it cannot be opened.
    pub(crate) async fn open(listen: &AgentListen) -> anyhow::Result<Self> {
        match listen {
            AgentListen::Port(address) => Self::port(*address).await,
            AgentListen::Socket(path) => {
                let listener = bind(path).with_context(|| {
                    format!("cannot listen on unix:{}: name a path with --listen whose directory is there and ours", path.display())
                })?;
                Ok(Self::Socket { listener, path: Socket(path.clone()) })
            }
        }
    }

    async fn port(address: SocketAddr) -> anyhow::Result<Self> {
        listeners::listen(address, "--listen", Transport::default()).await.map(Self::Port)
    }

    /// What to write into the configuration of the proxy: `http://HOST:PORT` or `unix:PATH`.
    pub(crate) fn url(&self) -> io::Result<String> {
        match self {
            Self::Port(listener) => listener.url(),
            Self::Socket { path, .. } => Ok(format!("unix:{}", path.0.display())),
        }
    }

    /// Answers until `stop` resolves.
    pub(crate) async fn serve(
        self,
        router: Router,
        admission: Admission,
        stop: impl Future<Output = ()> + Send,
    ) {
        match self {
            Self::Port(listener) => rescind_http::serve(listener, router, admission, stop).await,
            Self::Socket { listener, path } => {
                rescind_http::serve_local(listener, router, admission, stop).await;
                drop(path);
            }
        }
    }
}

/// Opens the socket, in the place of one that was left behind. Who may ask is decided by its
/// directory: the proxy runs as another user.
fn bind(path: &Path) -> anyhow::Result<UnixListener> {
    let listener = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            ensure!(fs::symlink_metadata(path)?.file_type().is_socket(), "there is another file");
            ensure!(UnixStream::connect(path).is_err(), "another process answers there");
            fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        bound => bound,
    }?;
    fs::set_permissions(path, Permissions::from_mode(0o666))?;
    Ok(listener)
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _stale_ones_are_replaced_at_the_next_start = fs::remove_file(&self.0);
    }
}
