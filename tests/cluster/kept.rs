//! Clusters that are served, kept, killed and stopped: nothing of them must be left behind.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use libtest_mimic::Trial;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::stand_in::SERVE;
use crate::support::{Cluster, Home, trial, wait_until};

/// A boot beside seven other trials.
const BOOT_LIMIT: Duration = Duration::from_secs(100);

pub fn trials() -> Vec<Trial> {
    vec![trial("kept::a_killed_server_leaves_no_process", a_killed_server_leaves_no_process)]
}

async fn a_killed_server_leaves_no_process(cluster: &Cluster) {
    let home = home_with_binary(cluster);
    let mut server = this_binary(&home, SERVE).stdout(Stdio::piped()).spawn().unwrap();
    let kubeconfig = announced(&mut server).await;
    let run = kubeconfig.parent().unwrap().to_owned();
    assert_eq!(processes_of(&run).await.len(), 6);

    server.kill().await.unwrap();
    wait_until("the end of every part", || async {
        let left = processes_of(&run).await;
        if left.is_empty() { Ok(()) } else { Err(left.join("\n")) }
    })
    .await;
    assert!(run.exists(), "nobody was left to remove it");

    let mut next = this_binary(&home, SERVE).stdout(Stdio::piped()).spawn().unwrap();
    let kubeconfig = announced(&mut next).await;
    assert!(!run.exists(), "the next boot removes it");

    let id = rustix::process::Pid::from_raw(next.id().unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert!(next.wait().await.unwrap().success());
    assert!(!kubeconfig.parent().unwrap().exists(), "told to stop, it removes its own");
}

/// A home whose cache has the binary already, so that its runs are its own.
fn home_with_binary(cluster: &Cluster) -> Home {
    let home = Home::new(cluster.kubeconfig());
    let cache = home.path().join("cache/migrate-tui/rehearsal");
    std::fs::create_dir_all(&cache).unwrap();
    let built = cluster.binary.parent().unwrap();
    std::os::unix::fs::symlink(built, cache.join(built.file_name().unwrap())).unwrap();
    home
}

fn this_binary(home: &Home, argument: &str) -> Command {
    let mut command = home.command_of(&std::env::current_exe().unwrap(), [argument]);
    command.stderr(Stdio::null());
    command
}

/// The kubeconfig that a served cluster announces once it is ready.
async fn announced(server: &mut Child) -> PathBuf {
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(BOOT_LIMIT, lines.next_line()).await.unwrap().unwrap();
    line.unwrap().strip_prefix("export KUBECONFIG=").unwrap().into()
}

/// The command lines of the processes that work in a run's folder.
async fn processes_of(run: &Path) -> Vec<String> {
    let output = Command::new("ps").args(["-A", "-ww", "-o", "args="]).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter(|line| line.contains(&*run.to_string_lossy())).map(str::to_owned).collect()
}
