//! A real server on loopback that answers as it is told to.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::GateAnswer;

/// What the server does with a connection once the request is read.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// This, to the byte.
    Answer(String),
    /// Nothing, for ever.
    Hang,
    /// Half of what was promised.
    Cut,
    /// A body that goes on for ever.
    Endless,
}

/// Serves every connection alike; its URL without a path. The server ends with the test's runtime.
pub(crate) async fn serve(behaviour: Behaviour) -> String {
    serve_by(move |_| behaviour.clone()).await
}

/// The same, by what is asked: the request as it came, head and body.
pub(crate) async fn serve_by(answers: impl Fn(&str) -> Behaviour + Send + Sync + 'static) -> String {
    let answers = Arc::new(answers);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, answers.clone()));
        }
    });
    format!("http://{address}")
}

async fn answer(mut stream: TcpStream, answers: Arc<dyn Fn(&str) -> Behaviour + Send + Sync>) {
    let request = request(&mut stream).await;
    match answers(&request) {
        Behaviour::Answer(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
        }
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Cut => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
        }
        Behaviour::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        }
    }
}

/// One request, to the end of its body.
async fn request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut part = [0_u8; 2048];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length:").and_then(|length| length.trim().parse::<usize>().ok())
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut part).await {
            Ok(read @ 1..) => request.extend_from_slice(&part[..read]),
            _ => return text,
        }
    }
}

pub(crate) fn response(status: &str, headers: &str, body: &str) -> Behaviour {
    let length = body.len();
    Behaviour::Answer(format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    ))
}

/// The reason to ask again.
pub(crate) fn not_yet(answer: &GateAnswer) -> &str {
    match answer {
        GateAnswer::NotYet { reason } => reason,
        other => panic!("expected to be told to ask again, not {other:?}"),
    }
}
