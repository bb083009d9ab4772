//! Charts of the trials' own, written as small files into a plan's folder.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::process::Command;

use crate::support::{Cluster, Migration, Output, Told, finish};

/// The helm that the trials use: the rehearsal's own, unless another one is to be tried.
pub fn helm_program(cluster: &Cluster) -> PathBuf {
    std::env::var_os("MIGRATE_TUI_TRIAL_HELM").map_or_else(|| cluster.services.helm(), PathBuf::from)
}

/// helm as an operator would run it, in the namespace.
pub async fn helm(cluster: &Cluster, namespace: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(helm_program(cluster));
    command.args(arguments).args(["--namespace", namespace]).env("KUBECONFIG", cluster.kubeconfig());
    command.kill_on_drop(true);
    finish(command).await
}

/// The release's revisions, as helm tells them.
pub async fn history(cluster: &Cluster, namespace: &str, release: &str) -> Vec<Value> {
    let told = helm(cluster, namespace, &["history", release, "-o", "json"]).await;
    serde_json::from_str(&told.stdout).unwrap_or_default()
}

/// `status chart` of each revision.
pub async fn standing(cluster: &Cluster, namespace: &str, release: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = history(cluster, namespace, release).await;
    all.iter().map(|one| format!("{} {}", text(&one["status"]), text(&one["chart"]))).collect()
}

/// Writes a chart's files: its version, and templates by name.
pub fn write_chart(folder: &Path, version: &str, values: &str, templates: &[(&str, &str)]) {
    std::fs::create_dir_all(folder.join("templates")).unwrap();
    let about = format!("apiVersion: v2\nname: small\nversion: {version}\nappVersion: \"{version}\"\n");
    std::fs::write(folder.join("Chart.yaml"), about).unwrap();
    std::fs::write(folder.join("values.yaml"), values).unwrap();
    for (name, text) in templates {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

pub const SETTINGS: (&str, &str) = (
    "templates/settings.yaml",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-settings}\n\
     data: {level: {{ .Values.level | quote }}}\n",
);

/// A hook that fails within seconds: a Job whose pod no node takes.
pub fn failing_hook(name: &str, events: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: {{{{ .Release.Name }}}}-{name}, \
         annotations: {{\"helm.sh/hook\": \"{events}\"}}}}\nspec:\n  backoffLimit: 0\n  \
         activeDeadlineSeconds: 1\n  template: {{spec: {{restartPolicy: Never, nodeSelector: {{no: such-node}}, \
         containers: [{{name: main, image: registry.example/job:1}}]}}}}\n"
    )
}

pub const WEB: (&str, &str) = (
    "templates/web.yaml",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}-web}\nspec:\n  replicas: 2\n  \
     selector: {matchLabels: {app: {{ .Release.Name }}}}\n  template:\n    \
     metadata: {labels: {app: {{ .Release.Name }}}}\n    \
     spec: {containers: [{name: web, image: {{ .Values.image }}}]}\n",
);

pub const VALUES: &str = "level: info\nimage: registry.example/web:1\n";

/// A plan with one step, `web`, whose chart is the folder `chart`; `more` goes below `helm`.
pub fn migration(cluster: &Cluster, namespace: &str, more: &str) -> Migration {
    let more = if more.is_empty() { String::new() } else { format!("\n  {}", more.replace('\n', "\n  ")) };
    migration_of(cluster, namespace, &format!("helm:\n  chart: chart{more}"))
}

/// A plan with one step, `web`.
pub fn migration_of(cluster: &Cluster, namespace: &str, step: &str) -> Migration {
    let mut migration = Migration::new(cluster, namespace, &[("web", step)]);
    migration.home.set("MIGRATE_TUI_HELM", helm_program(cluster).as_os_str());
    migration
}

/// The folder of the chart in the plan's folder.
pub fn chart_of(migration: &Migration) -> PathBuf {
    migration.folder().join("chart")
}

/// The release's row.
pub fn release_row(told: &Told) -> Value {
    told.row("Release", "web")
}
