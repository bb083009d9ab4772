//! The cluster that is measured on, and the programs that are run against it.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant, SystemTime},
};

use color_eyre::eyre::{Result, bail};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::{
    Api, Client, Config,
    api::{DeleteParams, ObjectMeta, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use migrate_tui::rehearsal::{self, BootOptions, Rehearsal};
use tempfile::TempDir;
use tokio::process::Command;

/// A cluster, and a home for the programs.
pub struct Place {
    pub kubeconfig: PathBuf,
    pub client: Client,
    rehearsal: Option<Rehearsal>,
    home: TempDir,
}

/// What a program did.
pub struct Ran {
    pub took: Duration,
    pub began: SystemTime,
    pub stdout: String,
}

/// How long a namespace's service account may take.
const LIMIT: Duration = Duration::from_secs(30);

impl Place {
    /// The cluster of a kubeconfig, or a rehearsal cluster of our own.
    pub async fn open(kubeconfig: Option<PathBuf>) -> Result<Self> {
        let say = |progress: rehearsal::Progress| eprintln!("{progress}");
        let (kubeconfig, rehearsal) = if let Some(kubeconfig) = kubeconfig {
            (kubeconfig, None)
        } else {
            let binary = rehearsal::ensure_built(say).await?;
            let rehearsal = rehearsal::boot(&binary, &BootOptions::default(), say).await?;
            (rehearsal.kubeconfig_path(), Some(rehearsal))
        };
        let client = client(&kubeconfig).await?;
        Ok(Self { kubeconfig, client, rehearsal, home: tempfile::tempdir()? })
    }

    /// Stops what was booted.
    pub async fn close(self) {
        if let Some(rehearsal) = self.rehearsal {
            rehearsal.shut_down().await;
        }
    }

    /// A namespace with its service account, without which it takes no pods.
    pub async fn namespace(&self, name: &str) -> Result<()> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let namespace = Namespace {
            metadata: ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() },
            ..Namespace::default()
        };
        namespaces.create(&PostParams::default(), &namespace).await?;
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), name);
        let deadline = Instant::now() + LIMIT;
        while accounts.get_opt("default").await?.is_none() {
            if Instant::now() > deadline {
                bail!("namespace {name} got no service account in {} s", LIMIT.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Begins to delete a namespace.
    pub async fn remove(&self, name: &str) -> Result<()> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        namespaces.delete(name, &DeleteParams::background()).await?;
        Ok(())
    }

    /// Where migrate-tui keeps its runs.
    pub fn state(&self) -> PathBuf {
        self.home.path().join("state/migrate-tui")
    }

    /// Runs migrate-tui on a plan.
    pub async fn migrate_tui(&self, plan: &Path, arguments: &[&str], codes: &[i32]) -> Result<Ran> {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_migrate-tui")));
        command.args(arguments).arg("--plan").arg(plan).arg("--kubeconfig").arg(&self.kubeconfig);
        run(command, codes).await
    }

    /// Runs the kubectl in `PATH`.
    pub async fn kubectl(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        codes: &[i32],
    ) -> Result<Ran> {
        let mut command = self.command(Path::new("kubectl"));
        command.arg("--kubeconfig").arg(&self.kubeconfig).args(arguments);
        run(command, codes).await
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("HOME", self.home.path());
        for (name, folder) in environment(self.home.path()) {
            command.env(name, folder);
        }
        command
    }

    /// The environment's variables that keep a program out of the user's own folders.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        environment(self.home.path())
    }
}

/// The same in another home.
pub fn environment(home: &Path) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("HOME", home.to_owned()),
        ("XDG_CONFIG_HOME", home.join("config")),
        ("XDG_STATE_HOME", home.join("state")),
        ("XDG_CACHE_HOME", home.join("cache")),
    ]
}

/// A client without limits of its own.
pub async fn client(kubeconfig: &Path) -> Result<Client> {
    let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    Ok(Client::try_from(config)?)
}

/// Runs a program to its end; the time is that of the whole process.
pub async fn run(mut command: Command, codes: &[i32]) -> Result<Ran> {
    let (began, started) = (SystemTime::now(), Instant::now());
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    let took = started.elapsed();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.code().is_some_and(|code| codes.contains(&code)) {
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        bail!("{program}: {}\n{stdout}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(Ran { took, began, stdout })
}

/// For a table.
pub fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}
