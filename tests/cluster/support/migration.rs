//! A person with a plan, on their way through it with our program.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use super::{Cluster, Home, Output, Running};

/// What one run of the program came to, with its JSON report read.
#[derive(Debug)]
pub struct Told {
    pub report: Value,
    pub output: Output,
}

impl Told {
    pub fn read(output: Output) -> Self {
        let report = serde_json::from_str(&output.stdout).unwrap_or(Value::Null);
        Self { report, output }
    }

    /// Fails with everything that was printed unless it exited like this.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.output.code, code, "{}\n{}", self.output.stdout, self.output.stderr);
        self
    }

    #[track_caller]
    pub fn expect_one_of(self, codes: &[i32]) -> Self {
        assert!(codes.contains(&self.output.code), "{}\n{}", self.output.stdout, self.output.stderr);
        self
    }

    /// The rows of all proposals, in order.
    pub fn rows(&self) -> Vec<Value> {
        let proposals = self.report["proposals"].as_array().into_iter().flatten();
        proposals.flat_map(|proposal| proposal["rows"].as_array().cloned().unwrap_or_default()).collect()
    }

    /// `change Kind/name` of every row.
    pub fn changes(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.rows()
            .iter()
            .map(|row| {
                format!(
                    "{} {}/{}",
                    text(&row["change"]),
                    text(&row["key"]["kind"]),
                    text(&row["key"]["name"])
                )
            })
            .collect()
    }

    /// The row of an object, by kind and name.
    #[track_caller]
    pub fn row(&self, kind: &str, name: &str) -> Value {
        let found =
            self.rows().into_iter().find(|row| row["key"]["kind"] == kind && row["key"]["name"] == name);
        found.unwrap_or_else(|| panic!("no row of {kind}/{name}: {:?}", self.changes()))
    }

    /// The fields that rows of a rollback leave to others, as `Kind/name path`, sorted.
    pub fn conflicts(&self) -> Vec<String> {
        let mut found = Vec::new();
        for row in self.rows() {
            for conflict in row["conflicts"].as_array().into_iter().flatten() {
                let (kind, name) = (row["key"]["kind"].as_str(), row["key"]["name"].as_str());
                let path = conflict["path"].as_str().unwrap_or_default();
                found.push(format!("{}/{} {path}", kind.unwrap_or_default(), name.unwrap_or_default()));
            }
        }
        found.sort();
        found
    }

    /// What `--approve` takes.
    #[track_caller]
    pub fn digest(&self) -> String {
        let digest = self.report["digest"].as_str();
        digest
            .unwrap_or_else(|| panic!("no digest\n{}\n{}", self.output.stdout, self.output.stderr))
            .to_owned()
    }

    /// All problems: of proposals and of steps, as text.
    pub fn problems(&self) -> String {
        let mut text = String::new();
        let attempts = self.report["steps"].as_array().into_iter().flatten().map(|step| &step["attempt"]);
        for part in self.report["proposals"].as_array().into_iter().flatten().chain(attempts) {
            for problem in part["problems"].as_array().into_iter().flatten() {
                text.push_str(&problem.to_string());
                text.push('\n');
            }
        }
        text
    }
}

/// A plan in a folder of its own, or the shipped one, and the home of who runs it.
pub struct Migration {
    pub home: Home,
    folder: Arc<TempDir>,
    plan: PathBuf,
    environment: String,
}

impl Migration {
    /// A plan of one stage, `week-1`, in one environment, `trial`; each step applies `ID.yml`. A step is
    /// its id and whatever else of the plan's form it has (`gates: …`), as a YAML flow or block.
    pub fn new(cluster: &Cluster, namespace: &str, steps: &[(&str, &str)]) -> Self {
        Self::of(cluster.kubeconfig(), namespace, steps)
    }

    /// The same with another kubeconfig.
    pub fn of(kubeconfig: PathBuf, namespace: &str, steps: &[(&str, &str)]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut text = format!(
            "name: trial\ntitle: A trial\nenvironments:\n  - {{name: trial, namespace: {namespace}, confirm: button}}\n\
             stages:\n  - id: week-1\n    title: Week 1\n    steps:\n"
        );
        for (id, more) in steps {
            writeln!(text, "      - id: {id}\n        title: Apply {id}").unwrap();
            if !["manual:", "kustomize:", "helm:", "pin:"].iter().any(|kind| more.contains(kind)) {
                writeln!(text, "        manifests: {{paths: [{id}.yml]}}").unwrap();
            }
            for line in more.lines() {
                writeln!(text, "        {line}").unwrap();
            }
        }
        let plan = folder.path().join("plan.yaml");
        std::fs::write(&plan, text).unwrap();
        Self { home: Home::new(kubeconfig), folder, plan, environment: "trial".to_owned() }
    }

    /// The shipped plan.
    pub fn shipped(cluster: &Cluster, environment: &str) -> Self {
        Self::shipped_on(cluster.kubeconfig(), environment)
    }

    /// The shipped plan on another cluster than the one that the trials share.
    pub fn shipped_on(kubeconfig: PathBuf, environment: &str) -> Self {
        Self {
            home: Home::new(kubeconfig),
            folder: Arc::new(tempfile::tempdir().unwrap()),
            plan: Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/phase-2/plan.yaml"),
            environment: environment.to_owned(),
        }
    }

    /// From here on another plan of this repository, in the same environment on the same machine.
    pub fn take_plan(&mut self, file: &str) {
        self.plan = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    }

    /// The plan that is in a folder with everything it names.
    pub fn in_folder(kubeconfig: PathBuf, folder: TempDir, environment: &str) -> Self {
        let plan = folder.path().join("plan.yaml");
        Self {
            home: Home::new(kubeconfig),
            folder: Arc::new(folder),
            plan,
            environment: environment.to_owned(),
        }
    }

    /// The same plan on another machine, with a copy of this one's state.
    pub fn elsewhere(&self, kubeconfig: PathBuf) -> Self {
        let home = Home::new(kubeconfig);
        let copied =
            std::process::Command::new("cp").arg("-a").arg(self.home.state()).arg(home.path()).status();
        assert!(copied.unwrap().success());
        Self {
            home,
            folder: self.folder.clone(),
            plan: self.plan.clone(),
            environment: self.environment.clone(),
        }
    }

    /// The same plan on another machine, which was never told of this one.
    pub fn on_a_fresh_machine(&self, kubeconfig: PathBuf) -> Self {
        Self {
            home: Home::new(kubeconfig),
            folder: self.folder.clone(),
            plan: self.plan.clone(),
            environment: self.environment.clone(),
        }
    }

    /// The plan, as `--plan` takes it.
    pub fn plan_file(&self) -> &Path {
        &self.plan
    }

    /// The folder that the plan is in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the manifests of a step.
    pub fn write(&self, step: &str, objects: &[Value]) -> &Self {
        let text: Vec<String> = objects.iter().map(|object| format!("---\n{object}\n")).collect();
        std::fs::write(self.folder.path().join(format!("{step}.yml")), text.concat()).unwrap();
        self
    }

    /// The folder of its run.
    pub fn run_folder(&self) -> PathBuf {
        self.home.state().join("migrate-tui/runs/trial").join(&self.environment)
    }

    /// The events of its journal, in order.
    pub fn journal(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.run_folder().join("journal.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The arguments that say which plan and where.
    pub fn arguments<'a>(&'a self, arguments: &'a [&'a str]) -> Vec<&'a OsStr> {
        let place =
            [OsStr::new("--plan"), self.plan.as_os_str(), OsStr::new("-e"), OsStr::new(&self.environment)];
        place.into_iter().chain(arguments.iter().map(OsStr::new)).collect()
    }

    /// Starts the program, to be listened to.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.home.command(self.arguments(arguments)))
    }

    /// Runs the program as it is.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        self.home.run(self.arguments(arguments)).await
    }

    /// Runs the program for its JSON report.
    pub async fn told(&self, arguments: &[&str]) -> Told {
        Told::read(self.run(&[arguments, &["-o", "json"]].concat()).await)
    }

    pub async fn plan(&self, target: &str) -> Told {
        self.told(&["plan", target]).await
    }

    /// Looks, approves what it is shown and makes the change.
    pub async fn approved(&self, command: &str, target: &str) -> Told {
        self.approve(&[command, target]).await
    }

    async fn approve(&self, arguments: &[&str]) -> Told {
        let shown = self.told(arguments).await;
        if shown.report["digest"].is_null() {
            return shown;
        }
        self.told(&[arguments, &["--approve", &shown.digest()]].concat()).await
    }

    pub async fn apply(&self, target: &str) -> Told {
        self.approved("apply", target).await
    }

    pub async fn rollback(&self, target: &str) -> Told {
        self.approved("rollback", target).await
    }

    /// The same, with what others have made because of it.
    pub async fn rollback_with_leftovers(&self, target: &str) -> Told {
        self.approve(&["rollback", target, "--with-leftovers"]).await
    }
}
