//! A plan of one step with 200 objects, such as forty services come to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use color_eyre::eyre::Result;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Services in the stack.
const SERVICES: usize = 40;

/// Objects that they come to.
pub const OBJECTS: usize = 200;

/// The step, as on the command line.
pub const STEP: &str = "stack/services";

/// A plan and its manifests, in a folder that is removed in the end.
pub struct Stack {
    folder: TempDir,
    name: String,
}

impl Stack {
    /// A plan whose one environment is a namespace.
    pub fn new(namespace: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("manifests"))?;
        // JSON is YAML.
        let plan = json!({
            "name": namespace, "title": "Two hundred objects",
            "environments": [{"name": "bench", "namespace": namespace, "confirm": "button"}],
            "stages": [{"id": "stack", "title": "The stack", "steps": [
                {"id": "services", "title": "The services", "manifests": {"paths": ["manifests"]}},
            ]}],
        });
        fs::write(folder.path().join("plan.yaml"), serde_json::to_vec_pretty(&plan)?)?;
        Ok(Self { folder, name: namespace.to_owned() })
    }

    /// The plan file.
    pub fn plan(&self) -> PathBuf {
        self.folder.path().join("plan.yaml")
    }

    /// The folder of manifests, for kubectl.
    pub fn manifests(&self) -> PathBuf {
        self.folder.path().join("manifests")
    }

    /// The journal of its run under a state folder.
    pub fn run_folder(&self, state: &Path) -> migrate_tui::journal::RunFolder {
        migrate_tui::journal::RunFolder::new(state, &self.name, "bench")
    }

    /// All of them in one file: kubectl opens each file anew, and with two hundred that is most of its time.
    pub fn one_file(&self) -> PathBuf {
        self.folder.path().join("all.json")
    }

    /// Writes the manifests, a file an object. From one version to another every object changes. Without
    /// replicas they are ready at once, and no pod that starts takes the processor from what is measured.
    pub fn write(&self, version: u32, replicas: u32) -> Result<()> {
        let objects: Vec<Value> =
            (0..SERVICES).flat_map(|service| objects(service, version, replicas)).collect();
        for (index, object) in objects.iter().enumerate() {
            let file = self.manifests().join(format!("object-{index:03}.json"));
            fs::write(file, serde_json::to_vec_pretty(object)?)?;
        }
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        Ok(fs::write(self.one_file(), serde_json::to_vec_pretty(&list)?)?)
    }
}

/// Four objects a service, and one more by turns: five.
fn objects(service: usize, version: u32, replicas: u32) -> Vec<Value> {
    let name = format!("service-{service:02}");
    let labels = json!({
        "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "bench",
        "app.kubernetes.io/version": version.to_string(),
    });
    let selector = json!({"app.kubernetes.io/name": name});
    let metadata = json!({"name": name, "labels": labels});
    let last = match service % 4 {
        0 => json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata,
            "spec": {"podSelector": {"matchLabels": selector}, "policyTypes": ["Ingress"],
                "ingress": [{"ports": [{"port": 8080 + version, "protocol": "TCP"}]}]}}),
        1 => json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata,
            "stringData": {"token": format!("not-a-secret-{version}")}}),
        _ => json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata,
            "spec": {"maxUnavailable": version, "selector": {"matchLabels": selector}}}),
    };
    vec![
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata,
            "automountServiceAccountToken": false}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {
            "LOG_LEVEL": "info", "RELEASE": version.to_string(), "UPSTREAM": format!("http://{name}:8080"),
            "nginx.conf": "server {\n  listen 8080;\n  location / { proxy_pass http://public-app:8080; }\n}\n"}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": selector,
            "ports": [{"name": "http", "port": 8080 + version, "targetPort": "http", "protocol": "TCP"}]}}),
        deployment(&name, &metadata, version, replicas),
        last,
    ]
}

fn deployment(name: &str, metadata: &Value, version: u32, replicas: u32) -> Value {
    let selector = json!({"app.kubernetes.io/name": name});
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {
        "replicas": replicas,
        "selector": {"matchLabels": selector},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {"metadata": {"labels": metadata["labels"]}, "spec": pod(name, version)},
    }})
}

/// The spec of a service's pod.
pub fn pod(name: &str, version: u32) -> Value {
    let probe = |path: &str| json!({"httpGet": {"path": path, "port": "http"}, "periodSeconds": 10});
    json!({
        "serviceAccountName": "default",
        "securityContext": {"runAsNonRoot": true, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "main", "image": format!("registry.example/{name}:{version}"),
            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
            "env": [{"name": "RELEASE", "value": version.to_string()},
                {"name": "NODE", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}}],
            "envFrom": [{"configMapRef": {"name": name, "optional": true}}],
            "readinessProbe": probe("/ready"), "livenessProbe": probe("/live"),
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
            "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        }],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    })
}
