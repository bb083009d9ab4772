//! A place on loopback that an HTTP gate asks: closed (503) until it is opened (200).

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

pub struct Door {
    address: SocketAddr,
    is_open: watch::Sender<bool>,
    knocks: watch::Receiver<u32>,
    accepting: AbortHandle,
}

impl Door {
    pub async fn closed() -> Self {
        Self::open_for(0).await
    }

    /// Open for that many visitors, and closed then.
    pub async fn open_for(visitors: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (is_open, state) = watch::channel(false);
        let (knocked, knocks) = watch::channel(0);
        let accepting = tokio::spawn(async move {
            while let Ok((visitor, _)) = listener.accept().await {
                knocked.send_modify(|count| *count += 1);
                let is_open = *state.borrow() || *knocked.borrow() <= visitors;
                tokio::spawn(answer(visitor, is_open));
            }
        });
        Self { address, is_open, knocks, accepting: accepting.abort_handle() }
    }

    /// The gate, as a step has it.
    pub fn gate(&self) -> String {
        format!("gates: [{{http: {{url: \"http://{}/\", status: 200}}}}]", self.address)
    }

    /// The same as what a step requires.
    pub fn requirement(&self) -> String {
        self.gate().replace("gates:", "requires:")
    }

    /// Waits until a gate has asked.
    pub async fn knocked(&self) {
        self.knocks.clone().wait_for(|count| *count > 0).await.unwrap();
    }

    pub fn open(&self) {
        self.is_open.send_replace(true);
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer(mut visitor: TcpStream, is_open: bool) {
    let mut request = vec![0; 8 * 1024];
    let status = if is_open { "200 OK" } else { "503 Service Unavailable" };
    // A visitor who goes away has nothing to be told.
    if visitor.read(&mut request).await.is_ok() {
        let text = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let _ = visitor.write_all(text.as_bytes()).await;
    }
}
