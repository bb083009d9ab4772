//! The first frame, with a cluster that takes connections and never answers.

use std::net::TcpListener;

use color_eyre::eyre::Result;
use serde_json::json;

use crate::{
    place::{environment, millis},
    stack::Stack,
    table::{Line, Table, Target},
    terminal::Terminal,
};

/// From the start of the process to the first text in the terminal.
pub fn measure(table: &mut Table, rounds: usize) -> Result<()> {
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let home = tempfile::tempdir()?;
    let kubeconfig = home.path().join("kubeconfig");
    let server = format!("https://{}", silent.local_addr()?);
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "silent",
        "clusters": [{"name": "silent", "cluster": {"server": server, "insecure-skip-tls-verify": true}}],
        "users": [{"name": "silent", "user": {"token": "none"}}],
        "contexts": [{"name": "silent", "context": {"cluster": "silent", "user": "silent"}}],
    });
    std::fs::write(&kubeconfig, serde_json::to_vec(&text)?)?;
    let stack = Stack::new("bench-frame")?;
    stack.write(1, 0)?;
    let mut ours = Vec::new();
    for _ in 0..rounds * 4 {
        let cockpit = Terminal::cockpit(&stack.plan(), &kubeconfig, &environment(home.path()))?;
        ours.push(millis(cockpit.wait(|contents| !contents.trim().is_empty())?));
    }
    let target = Some(Target::Below(50.0));
    table.push(Line { what: "first frame, no cluster", unit: "ms", ours, theirs: Vec::new(), target });
    Ok(())
}
