//! Clusters that are served, kept, killed and stopped: nothing of them must be left behind.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use libtest_mimic::Trial;
use rustix::process::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::support::{Cluster, Home, Terminal, kubectl, trial, wait_until};

const SERVE: &[&str] = &["--serve"];
const KEEP: &[&str] = &["--serve", "--keep"];
const STOP: &[&str] = &["--stop"];

/// A boot beside seven other trials.
const BOOT_LIMIT: Duration = Duration::from_secs(100);

pub fn trials() -> Vec<Trial> {
    vec![
        trial("kept::a_killed_server_leaves_no_process", a_killed_server_leaves_no_process),
        trial("kept::a_kept_cluster_goes_on_until_stopped", a_kept_cluster_goes_on_until_stopped),
        trial("kept::without_go_the_other_way_is_named", without_go_the_other_way_is_named),
        trial("kept::a_failed_build_is_told_in_go_s_words", a_failed_build_is_told_in_go_s_words),
    ]
}

async fn a_killed_server_leaves_no_process(cluster: &Cluster) {
    let home = home_with_binary(cluster);
    let mut server = rehearse(&home, SERVE).stdout(Stdio::piped()).spawn().unwrap();
    let kubeconfig = announced(&mut server).await;
    let run = kubeconfig.parent().unwrap().to_owned();
    assert_eq!(processes_of(&run).await.len(), 9);

    server.kill().await.unwrap();
    wait_until("the end of every part", || none_of(&run)).await;
    assert!(run.exists(), "nobody was left to remove it");

    let mut next = rehearse(&home, SERVE).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let kubeconfig = announced(&mut next).await;
    assert!(!run.exists(), "the next boot removes it");

    let run = kubeconfig.parent().unwrap();
    let processes = processes_of(run).await;
    let scheduler = processes.iter().find(|(_, line)| line.contains("kube-scheduler")).unwrap();
    rustix::process::kill_process(scheduler.0, rustix::process::Signal::KILL).unwrap();
    let output = next.wait_with_output().await.unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && words.contains("kube-scheduler ended"), "{words}");
    none_of(run).await.unwrap();
}

async fn a_kept_cluster_goes_on_until_stopped(cluster: &Cluster) {
    let home = home_with_binary(cluster);
    let keep = || async { rehearse(&home, KEEP).output().await.unwrap() };
    let output = timeout(BOOT_LIMIT, keep()).await.unwrap();
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && words.contains("migrate-tui rehearse --stop"), "{words}");
    let kubeconfig = kubeconfig_in(words.lines().next().unwrap());

    let nodes = kubectl(&kubeconfig, ["get", "nodes", "-o", "name"]).await.expect_success();
    assert_eq!(nodes.lines().count(), 3);
    let again = timeout(BOOT_LIMIT, keep()).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&again.stdout), words, "the same one");

    // Who leaves a cockpit on it is told the same.
    let mut terminal = Terminal::open(
        &home,
        ["--plan", concat!(env!("CARGO_MANIFEST_DIR"), "/plans/phase-2/plan.yaml"), "rehearse", "--keep"],
    );
    terminal.wait_for("● live");
    terminal.press("q");
    terminal.wait_for("the rehearsal cluster goes on:");
    for told in ["export KUBECONFIG=", "export MIGRATE_TUI_STAND_INS=", "migrate-tui rehearse --stop"] {
        terminal.wait_for(told);
    }

    let run = kubeconfig.parent().unwrap();
    for expected in ["stopped\n", "no rehearsal cluster is kept\n"] {
        let output = rehearse(&home, STOP).output().await.unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
        assert!(!run.exists());
        none_of(run).await.unwrap();
    }
}

async fn without_go_the_other_way_is_named(cluster: &Cluster) {
    let home = Home::new(cluster.kubeconfig());
    let words = failure(rehearse(&home, SERVE).env("PATH", "/nonexistent")).await;
    assert!(words.contains("no `go` was found") && words.contains("--kubeconfig"), "{words}");
}

async fn a_failed_build_is_told_in_go_s_words(cluster: &Cluster) {
    let home = Home::new(cluster.kubeconfig());
    let mut server = rehearse(&home, SERVE);
    server.env("GOPROXY", "off").env("GOMODCACHE", home.path().join("modules")).env("GOTOOLCHAIN", "local");
    let words = failure(&mut server).await;
    assert!(words.contains("GOPROXY=off") && words.contains("--kubeconfig"), "{words}");
}

async fn failure(command: &mut Command) -> String {
    let output = command.stderr(Stdio::piped()).output().await.unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
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

fn rehearse(home: &Home, arguments: &[&str]) -> Command {
    let mut command = home.command([&["rehearse"], arguments].concat());
    command.stderr(Stdio::null());
    command
}

/// The kubeconfig that a served cluster announces once it is ready.
async fn announced(server: &mut Child) -> PathBuf {
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = timeout(BOOT_LIMIT, lines.next_line()).await.unwrap().unwrap();
    kubeconfig_in(&line.unwrap())
}

fn kubeconfig_in(line: &str) -> PathBuf {
    line.strip_prefix("export KUBECONFIG=").unwrap().into()
}

async fn none_of(run: &Path) -> Result<(), String> {
    let left = processes_of(run).await;
    if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
}

/// The processes that work in a run's folder, with their command lines.
async fn processes_of(run: &Path) -> Vec<(Pid, String)> {
    let output = Command::new("ps").args(["-A", "-ww", "-o", "pid=,args="]).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let ours = text.lines().filter(|line| line.contains(&*run.to_string_lossy()));
    ours.map(|line| {
        let (id, line) = line.trim_start().split_once(' ').unwrap();
        (Pid::from_raw(id.parse().unwrap()).unwrap(), line.to_owned())
    })
    .collect()
}
