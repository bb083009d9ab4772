//! The command lines of the cluster's parts. What is unusual in one says why.

use std::path::Path;

use super::ports::{Ports, ServicePorts};
use super::services::{ACME_NAMES, ACME_ROOT};

/// The kinds that kwok may read from the cluster. `Exec`, `Attach` and `PortForward` stay out: through kwok
/// they run commands on this host, so that whoever can create one could run anything here.
const KWOK_KINDS: &str = "Stage,Metric,Logs,ClusterLogs,ResourceUsage,ClusterResourceUsage";

/// What the command lines depend on.
pub(super) struct Flags<'a> {
    pub(super) run: &'a Path,
    pub(super) ports: &'a Ports,
}

impl Flags<'_> {
    pub(super) fn etcd(&self) -> Vec<String> {
        let (client, peer) = (self.ports.etcd, self.ports.etcd_peer);
        let client = format!("https://127.0.0.1:{client}");
        let peer = format!("https://127.0.0.1:{peer}");
        vec![
            "--name=rehearsal".into(),
            flag("data-dir", self.path("etcd")),
            // Nothing here outlives the process, so nothing has to outlive a power cut.
            "--unsafe-no-fsync".into(),
            "--quota-backend-bytes=4294967296".into(),
            "--log-level=warn".into(),
            flag("listen-client-urls", &client),
            flag("advertise-client-urls", &client),
            flag("listen-peer-urls", &peer),
            flag("initial-advertise-peer-urls", &peer),
            flag("initial-cluster", format!("rehearsal={peer}")),
            // Other users of this machine can reach loopback too.
            "--client-cert-auth".into(),
            flag("trusted-ca-file", self.path("pki/ca.crt")),
            flag("cert-file", self.path("pki/server.crt")),
            flag("key-file", self.path("pki/server.key")),
            "--peer-client-cert-auth".into(),
            flag("peer-trusted-ca-file", self.path("pki/ca.crt")),
            flag("peer-cert-file", self.path("pki/server.crt")),
            flag("peer-key-file", self.path("pki/server.key")),
        ]
    }

    pub(super) fn api_server(&self) -> Vec<String> {
        let mut flags = vec![
            flag("etcd-servers", format!("https://127.0.0.1:{}", self.ports.etcd)),
            flag("etcd-cafile", self.path("pki/ca.crt")),
            flag("etcd-certfile", self.path("pki/etcd-client.crt")),
            flag("etcd-keyfile", self.path("pki/etcd-client.key")),
            "--advertise-address=127.0.0.1".into(),
            // The service `kubernetes` would not accept loopback as its endpoint.
            "--endpoint-reconciler-type=none".into(),
            "--authorization-mode=Node,RBAC".into(),
            "--enable-admission-plugins=NodeRestriction".into(),
            "--allow-privileged=true".into(),
            flag("client-ca-file", self.path("pki/ca.crt")),
            flag("token-auth-file", self.path("pki/tokens.csv")),
            "--service-cluster-ip-range=10.96.0.0/16".into(),
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local".into(),
            flag("service-account-key-file", self.path("pki/service-accounts.pub")),
            flag("service-account-signing-key-file", self.path("pki/service-accounts.key")),
            flag("kubelet-client-certificate", self.path("pki/kubelet-client.crt")),
            flag("kubelet-client-key", self.path("pki/kubelet-client.key")),
            flag("kubelet-certificate-authority", self.path("pki/ca.crt")),
            "--kubelet-preferred-address-types=InternalIP,Hostname".into(),
            flag("requestheader-client-ca-file", self.path("pki/front-proxy-ca.crt")),
            "--requestheader-allowed-names=front-proxy-client".into(),
            "--requestheader-extra-headers-prefix=X-Remote-Extra-".into(),
            "--requestheader-group-headers=X-Remote-Group".into(),
            "--requestheader-username-headers=X-Remote-User".into(),
            flag("proxy-client-cert-file", self.path("pki/front-proxy-client.crt")),
            flag("proxy-client-key-file", self.path("pki/front-proxy-client.key")),
            flag("audit-policy-file", self.path("config/audit-policy.yaml")),
            flag("audit-log-path", self.path("audit.log")),
            // Never rotated: whoever reads it must find everything in one file.
            "--audit-log-maxsize=100000".into(),
        ];
        flags.extend(self.serving(self.ports.api_server));
        flags
    }

    pub(super) fn controller_manager(&self) -> Vec<String> {
        let mut flags = vec![
            "--leader-elect=false".into(),
            "--use-service-account-credentials=true".into(),
            flag("service-account-private-key-file", self.path("pki/service-accounts.key")),
            flag("root-ca-file", self.path("pki/ca.crt")),
            flag("cluster-signing-cert-file", self.path("pki/ca.crt")),
            flag("cluster-signing-key-file", self.path("pki/ca.key")),
            "--allocate-node-cidrs=true".into(),
            "--cluster-cidr=10.244.0.0/14".into(),
            "--node-cidr-mask-size=20".into(),
            "--service-cluster-ip-range=10.96.0.0/16".into(),
            "--kube-api-qps=2000".into(),
            "--kube-api-burst=4000".into(),
            "--concurrent-deployment-syncs=10".into(),
            "--concurrent-replicaset-syncs=10".into(),
            // An autoscaler shows its percentage in seconds here; real clusters take a minute or more.
            "--horizontal-pod-autoscaler-sync-period=5s".into(),
            "--horizontal-pod-autoscaler-initial-readiness-delay=1s".into(),
            "--horizontal-pod-autoscaler-cpu-initialization-period=1s".into(),
            "--horizontal-pod-autoscaler-downscale-stabilization=30s".into(),
        ];
        flags.extend(self.credentials("kube-controller-manager"));
        flags.extend(self.serving(self.ports.controller_manager));
        flags
    }

    pub(super) fn scheduler(&self) -> Vec<String> {
        let kubeconfig = self.path("config/kube-scheduler.kubeconfig");
        let mut flags = vec![
            flag("config", self.path("config/scheduler.yaml")),
            flag("authentication-kubeconfig", &kubeconfig),
            flag("authorization-kubeconfig", &kubeconfig),
        ];
        flags.extend(self.serving(self.ports.scheduler));
        flags
    }

    /// The scheduler's configuration file, written as JSON, which is YAML too.
    pub(super) fn scheduler_configuration(&self) -> String {
        serde_json::json!({
            "apiVersion": "kubescheduler.config.k8s.io/v1",
            "kind": "KubeSchedulerConfiguration",
            "leaderElection": {"leaderElect": false},
            "clientConnection": {
                "kubeconfig": self.path("config/kube-scheduler.kubeconfig"),
                "qps": 2000,
                "burst": 4000,
            },
        })
        .to_string()
    }

    pub(super) fn kwok(&self) -> Vec<String> {
        vec![
            flag("kubeconfig", self.path("config/kwok.kubeconfig")),
            "--manage-all-nodes=true".into(),
            "--node-ip=127.0.0.1".into(),
            "--node-name=localhost".into(),
            format!("--node-port={}", self.ports.kwok),
            format!("--server-address=127.0.0.1:{}", self.ports.kwok),
            "--cidr=10.248.0.0/16".into(),
            "--node-lease-duration-seconds=40".into(),
            format!("--enable-crds={KWOK_KINDS}"),
            flag("tls-cert-file", self.path("pki/server.crt")),
            flag("tls-private-key-file", self.path("pki/server.key")),
        ]
    }

    pub(super) fn metrics_server(&self) -> Vec<String> {
        let mut flags = vec![
            "--kubelet-preferred-address-types=InternalIP".into(),
            "--kubelet-use-node-status-port".into(),
            flag("kubelet-certificate-authority", self.path("pki/ca.crt")),
            flag("kubelet-client-certificate", self.path("pki/kubelet-client.crt")),
            flag("kubelet-client-key", self.path("pki/kubelet-client.key")),
            // It exits unless the timeout is shorter than the resolution, which it wants to be 10 s at least.
            "--metric-resolution=10s".into(),
            "--kubelet-request-timeout=5s".into(),
        ];
        flags.extend(self.credentials("metrics-server"));
        flags.extend(self.serving(self.ports.metrics_server));
        flags
    }

    pub(super) fn registry(&self, ports: ServicePorts) -> Vec<String> {
        vec![flag("listen", loopback(ports.registry)), flag("folder", self.path("registry"))]
    }

    pub(super) fn pebble(&self, ports: ServicePorts) -> Vec<String> {
        vec![
            flag("listen", loopback(ports.acme)),
            flag("tls-cert-file", self.path("pki/server.crt")),
            flag("tls-private-key-file", self.path("pki/server.key")),
            flag("names", loopback(ports.names)),
            flag("answers", loopback(ports.answers)),
            flag("in-place-of", ACME_NAMES.join(",")),
            flag("kubeconfig", self.path("config/pebble.kubeconfig")),
            flag("root-file", self.path(ACME_ROOT)),
        ]
    }

    pub(super) fn cert_manager(&self, ports: ServicePorts) -> Vec<String> {
        vec![
            flag("kubeconfig", self.path("config/cert-manager.kubeconfig")),
            flag("proxy", format!("http://{}", loopback(ports.answers))),
            flag("acme-ca-file", self.path("pki/ca.crt")),
        ]
    }

    fn credentials(&self, part: &str) -> [String; 3] {
        let kubeconfig = self.path(&format!("config/{part}.kubeconfig"));
        ["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"]
            .map(|name| flag(name, &kubeconfig))
    }

    fn serving(&self, port: u16) -> [String; 4] {
        [
            "--bind-address=127.0.0.1".into(),
            format!("--secure-port={port}"),
            flag("tls-cert-file", self.path("pki/server.crt")),
            flag("tls-private-key-file", self.path("pki/server.key")),
        ]
    }

    fn path(&self, name: &str) -> String {
        self.run.join(name).to_string_lossy().into_owned()
    }
}

pub(super) fn loopback(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn flag(name: &str, value: impl AsRef<str>) -> String {
    format!("--{name}={}", value.as_ref())
}
