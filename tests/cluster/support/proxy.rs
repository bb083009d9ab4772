//! A line to the API server that can be cut or fall silent.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// What the line does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It carries what it is given.
    Open,
    /// Connections are closed, new ones at once.
    Cut,
    /// Nothing is carried and nothing is closed, as when a VPN goes away.
    Silent,
}

/// A proxy on loopback.
pub struct Proxy {
    pub address: SocketAddr,
    line: watch::Sender<Line>,
    accepting: AbortHandle,
}

impl Proxy {
    /// Listens, and carries to `target`.
    pub async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (line, state) = watch::channel(Line::Open);
        let target = Arc::new(target);
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, target.clone(), state.clone()));
            }
        });
        Self { address, line, accepting: accepting.abort_handle() }
    }

    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(near: TcpStream, target: Arc<String>, mut state: watch::Receiver<Line>) {
    let Ok(far) = TcpStream::connect(target.as_str()).await else { return };
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    let one_way = copy(near_read, far_write, state.clone());
    let other_way = copy(far_read, near_write, state.clone());
    tokio::select! {
        () = one_way => {}
        () = other_way => {}
        _ = state.wait_for(|line| *line == Line::Cut) => {}
    }
}

async fn copy(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut state: watch::Receiver<Line>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length) = from.read(&mut buffer).await {
        if length == 0 {
            return;
        }
        // What is given while silent is held until the line is open again.
        if state.wait_for(|line| *line != Line::Silent).await.is_err() {
            return;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
