//! A migration as it might be: phase-2 on its way to staging, with what a cluster would have answered.

use std::{collections::BTreeMap, time::Duration};

use migrate_tui::{
    app::{Setting, StageHead},
    diff::{
        Adoption, Change, ClusterIdentity, FieldChange, FieldConflict, IdentitySource, Kind, Proposal, Risk,
        RiskKind, Row, Wave,
    },
    object::{Digest, Key},
    observed::{AutoscalerRow, Freshness, IngressRow, MetricReading, Name, Observed, Pane, PodRow},
    plan::{Action, Confirmation, EnvironmentName, Evidence, Gate, Manual, StageId, Step, StepPath, Target},
    readiness::Readiness,
};
use serde_json::{Value, json};

pub(crate) fn path(text: &str) -> StepPath {
    text.parse().unwrap()
}

pub(crate) fn setting() -> Setting {
    let head = |id: &str, title: &str, summary: &str| StageHead {
        id: StageId(id.into()),
        title: title.into(),
        summary: summary.into(),
    };
    Setting {
        plan: "phase-2".into(),
        environment: EnvironmentName("staging".into()),
        namespace: "staging".into(),
        context: "staging-eu".into(),
        confirmation: Confirmation::Button,
        stages: vec![
            head(
                "week-1",
                "Week 1 Manifests",
                "Every component as Kubernetes manifests, applied by Kustomize.",
            ),
            head("week-2", "Week 2 CI/CD", "The pipeline builds, pushes and applies."),
            head("week-3", "Week 3 Observability", "Prometheus, Grafana, Loki and Jaeger move in."),
            head(
                "week-4",
                "Week 4 Ingress and TLS",
                "An ingress controller and cert-manager replace the gateway.",
            ),
        ],
        driver: "you@laptop".into(),
        is_driven_elsewhere: false,
        ends_cluster: false,
        tells_runs: false,
    }
}

pub(crate) fn cluster() -> ClusterIdentity {
    ClusterIdentity {
        uid: "3f2a9c41-7be0-4f57-9d0a-5c1f0d6f2a11".into(),
        source: IdentitySource::KubeSystem,
        server: "https://staging-eu.k8s.acme.example:6443".into(),
        certificate_authority: Some("9c".repeat(32)),
    }
}

fn manual(stage: &str, id: &str, title: &str, instructions: &[&str], evidence: Evidence) -> Step {
    let action = Action::Manual(Manual {
        instructions: instructions.iter().map(|line| (*line).to_owned()).collect(),
        evidence,
    });
    step(stage, id, title, action)
}

fn step(stage: &str, id: &str, title: &str, action: Action) -> Step {
    Step {
        path: StepPath { stage: StageId(stage.into()), step: id.into() },
        title: title.into(),
        description: String::new(),
        action,
        gates: Vec::new(),
        deadline: Duration::from_mins(5),
        inventory: "phase-2".into(),
        allow_replace: false,
        acknowledged: Vec::new(),
        only_in: None,
        later: None,
        requires: Vec::new(),
    }
}

pub(crate) fn steps() -> Vec<Step> {
    let mut namespace = step(
        "week-1",
        "namespace",
        "The namespace",
        Action::Manifests { paths: vec!["kubernetes/base/namespace.yml".into()] },
    );
    namespace.description = "Pods in it must meet the pod security level `restricted`.".into();
    let mut overlay = step(
        "week-1",
        "overlay",
        "Apply the overlay",
        Action::Kustomize { path: "kubernetes/overlays/staging".into() },
    );
    overlay.description =
        "Gateway, mime-server and public-app with their services, autoscalers and budgets.".into();
    overlay.gates = vec![
        Gate::Rollout(Target {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            name: "gateway".into(),
            namespace: None,
        }),
        Gate::Autoscaler { name: "gateway".into() },
        Gate::IngressAddress { name: "public".into() },
    ];
    let mut charts =
        manual("week-3", "prometheus", "kube-prometheus-stack", &["Install the chart."], Evidence::Optional);
    charts.later = Some("a Helm release applied by migrate-tui".into());
    vec![
        manual(
            "week-1",
            "pull-secret",
            "Pull secret for ghcr.io",
            &["Create the token with read:packages only.", "Store it as Secret ghcr in the namespace."],
            Evidence::Required,
        ),
        namespace,
        overlay,
        manual(
            "week-1",
            "smoke",
            "Look at the app once",
            &["Open https://app.staging.example.com."],
            Evidence::Optional,
        ),
        manual(
            "week-2",
            "deploy-yml",
            "deploy.yml written",
            &["Use azure/setup-kubectl."],
            Evidence::Optional,
        ),
        manual(
            "week-2",
            "images",
            "Images in the registry",
            &["Check that all three are there."],
            Evidence::Required,
        ),
        manual(
            "week-2",
            "cron",
            "Cron jobs run once only",
            &["Stop them on the old host."],
            Evidence::Required,
        ),
        charts,
        manual("week-3", "loki", "Loki", &["Install the chart."], Evidence::Optional),
        manual(
            "week-4",
            "issuer",
            "ClusterIssuer ready",
            &["Use the staging issuer first."],
            Evidence::Optional,
        ),
        manual(
            "week-4",
            "cut-over",
            "DNS to the new address",
            &["Freeze writes.", "Move the record."],
            Evidence::Required,
        ),
    ]
}

pub(crate) fn key(group: &str, kind: &str, name: &str) -> Key {
    let namespace = (kind != "Namespace").then(|| "staging".to_owned());
    Key { group: group.into(), kind: kind.into(), namespace, name: name.into() }
}

fn row(key: Key, change: Change, wave: Wave) -> Row {
    let digest = Digest(format!("{:064x}", key.to_string().len()));
    let api_version = if key.group.is_empty() { "v1".into() } else { format!("{}/v1", key.group) };
    Row { digest, ..Row::new(key, api_version, change, wave) }
}

fn field(path: &str, before: Option<Value>, after: Option<Value>) -> FieldChange {
    FieldChange { path: path.into(), before, after }
}

/// What a step would change.
pub(crate) fn proposal(step: &StepPath, kind: Kind) -> Proposal {
    let (rows, risks) = match (step.step.as_str(), kind) {
        ("namespace", Kind::Rollback) => (
            vec![row(key("", "Namespace", "staging"), Change::Delete, Wave::DeleteFoundations)],
            vec![Risk {
                kind: RiskKind::Deletion,
                key: Some(key("", "Namespace", "staging")),
                message: "everything in it goes with it".into(),
            }],
        ),
        ("namespace", _) => {
            let mut namespace = row(key("", "Namespace", "staging"), Change::Create, Wave::Foundations);
            namespace.fields = vec![field(
                "metadata.labels[pod-security.kubernetes.io/enforce]",
                None,
                Some(json!("restricted")),
            )];
            (vec![namespace], Vec::new())
        }
        (_, Kind::Rollback) => overlay_rollback(),
        _ => overlay_apply(),
    };
    Proposal {
        step: step.clone(),
        kind,
        environment: EnvironmentName("staging".into()),
        namespace: "staging".into(),
        context: "staging-eu".into(),
        cluster: cluster(),
        rows,
        problems: Vec::new(),
        risks,
        requires: Vec::new(),
        renderer: (kind == Kind::Apply).then(|| "kustomize v5.8.1".into()),
        leaves: Vec::new(),
        release: None,
        file: None,
        validated: true,
        digest: Digest(format!("b19c40e2{:056x}", step.to_string().len() * 16 + kind as usize)),
    }
}

fn overlay_apply() -> (Vec<Row>, Vec<Risk>) {
    let mut config = row(key("", "ConfigMap", "app-config"), Change::Change, Wave::Configuration);
    config.fields = vec![field(
        "data[nginx.conf]",
        Some(json!("worker_processes auto;\nevents {}\nkeepalive_timeout 65;\ngzip off;\n")),
        Some(json!("worker_processes auto;\nevents {}\nkeepalive_timeout 65;\ngzip on;\n")),
    )];
    let mut gateway = row(key("apps", "Deployment", "gateway"), Change::Change, Wave::Workloads);
    gateway.fields = vec![
        field(
            "spec.template.spec.containers[nginx].image",
            Some(json!("ghcr.io/acme/gateway:1.4.1")),
            Some(json!("ghcr.io/acme/gateway:1.4.2")),
        ),
        field(
            "spec.template.spec.containers[nginx].resources.limits.memory",
            Some(json!("128Mi")),
            Some(json!("256Mi")),
        ),
    ];
    gateway.replicas_left_to = Some("HorizontalPodAutoscaler/gateway".into());
    let mut mime = row(key("apps", "Deployment", "mime-server"), Change::Create, Wave::Workloads);
    mime.fields = vec![
        field(
            "spec.template.spec.containers[mime-server].image",
            None,
            Some(json!("ghcr.io/acme/mime-server:2.0.3")),
        ),
        field("spec.strategy.rollingUpdate", None, Some(json!({"maxSurge": 1, "maxUnavailable": 0}))),
    ];
    mime.known_after = Some("Namespace/staging".into());
    let mut app = row(key("apps", "Deployment", "public-app"), Change::Adopt, Wave::Workloads);
    app.fields = vec![field(
        "spec.template.spec.containers[public-app].image",
        Some(json!("ghcr.io/acme/public-app:0.9.0")),
        Some(json!("ghcr.io/acme/public-app:0.9.1")),
    )];
    app.adoptions = vec![Adoption {
        manager: "kubectl-client-side-apply".into(),
        operation: "Update".into(),
        fields: vec!["spec.template.spec.containers[public-app].image".into(), "metadata.labels[app]".into()],
    }];
    let mut ingress = row(key("networking.k8s.io", "Ingress", "public"), Change::Create, Wave::Ingress);
    ingress.warnings = vec!["annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead".into()];
    let create =
        |group: &str, kind: &str, name: &str, wave| row(key(group, kind, name), Change::Create, wave);
    let rows = vec![
        config,
        create("networking.k8s.io", "NetworkPolicy", "allow-gateway", Wave::AllowPolicies),
        create("networking.k8s.io", "NetworkPolicy", "default-deny", Wave::DenyPolicies),
        row(key("", "Service", "gateway"), Change::Same, Wave::Services),
        create("", "Service", "mime-server", Wave::Services),
        row(key("", "Service", "public-app"), Change::Same, Wave::Services),
        gateway,
        mime,
        app,
        create("autoscaling", "HorizontalPodAutoscaler", "gateway", Wave::Scaling),
        create("autoscaling", "HorizontalPodAutoscaler", "mime-server", Wave::Scaling),
        create("policy", "PodDisruptionBudget", "gateway", Wave::Scaling),
        row(key("policy", "PodDisruptionBudget", "public-app"), Change::Same, Wave::Scaling),
        ingress,
    ];
    let risks = vec![
        Risk {
            kind: RiskKind::NoDisruptionBudget,
            key: Some(key("apps", "Deployment", "mime-server")),
            message: "3 replicas without a PodDisruptionBudget: a drained node may take all of them".into(),
        },
        Risk {
            kind: RiskKind::Adoption,
            key: Some(key("apps", "Deployment", "public-app")),
            message: "2 fields are taken over from kubectl-client-side-apply".into(),
        },
    ];
    (rows, risks)
}

fn overlay_rollback() -> (Vec<Row>, Vec<Risk>) {
    let mut gateway = row(key("apps", "Deployment", "gateway"), Change::Revert, Wave::UndoChanges);
    gateway.fields = vec![field(
        "spec.template.spec.containers[nginx].resources.limits.memory",
        Some(json!("256Mi")),
        Some(json!("128Mi")),
    )];
    gateway.conflicts = vec![FieldConflict {
        path: "spec.template.spec.containers[nginx].image".into(),
        before: Some(json!("ghcr.io/acme/gateway:1.4.1")),
        after: Some(json!("ghcr.io/acme/gateway:1.4.2")),
        live: Some(json!("ghcr.io/acme/gateway:1.4.3-hotfix")),
        manager: Some("kubectl-set".into()),
    }];
    gateway.replicas_left_to = Some("HorizontalPodAutoscaler/gateway".into());
    let mut config = row(key("", "ConfigMap", "app-config"), Change::Revert, Wave::UndoChanges);
    config.fields = vec![field("data[GZIP]", Some(json!("on")), Some(json!("off")))];
    let mut job = row(key("batch", "Job", "seed"), Change::Delete, Wave::UndoCreates);
    job.cannot_undo = Some("it has run; what it wrote stays".into());
    let delete =
        |group: &str, kind: &str, name: &str, wave| row(key(group, kind, name), Change::Delete, wave);
    let rows = vec![
        delete("autoscaling", "HorizontalPodAutoscaler", "mime-server", Wave::UndoScaling),
        config,
        gateway,
        delete("apps", "Deployment", "mime-server", Wave::UndoCreates),
        delete("", "Service", "mime-server", Wave::UndoCreates),
        job,
    ];
    let risks = vec![
        Risk {
            kind: RiskKind::Conflict,
            key: Some(key("apps", "Deployment", "gateway")),
            message: "1 field was changed by kubectl-set since and is left as it is".into(),
        },
        Risk {
            kind: RiskKind::CannotUndo,
            key: Some(key("batch", "Job", "seed")),
            message: "it has run; what it wrote stays".into(),
        },
    ];
    (rows, risks)
}

pub(crate) fn name(name: &str) -> Name {
    Name { namespace: "staging".into(), name: name.into() }
}

fn pane<R>(rows: Vec<(&str, R)>) -> Pane<R> {
    let rows: BTreeMap<Name, R> = rows.into_iter().map(|(of, row)| (name(of), row)).collect();
    Pane { rows, freshness: Freshness::Live }
}

pub(crate) fn pod(status: &str, ready: u32, restarts: u32, problem: Option<&str>) -> PodRow {
    PodRow {
        status: status.into(),
        ready_containers: ready,
        containers: 1,
        restarts,
        node: Some("node-2".into()),
        owner: Some("gateway-7d9c5".into()),
        created: Some("2026-11-24T13:51:00Z".parse().unwrap()),
        problem: problem.map(str::to_owned),
        is_ready: ready == 1,
        is_terminating: false,
    }
}

pub(crate) fn observed() -> Observed {
    let autoscaler =
        |cpu: Option<&str>, memory: Option<&str>, current, desired, problem: Option<&str>| AutoscalerRow {
            target: "Deployment/gateway".into(),
            metrics: vec![
                MetricReading { name: "cpu".into(), current: cpu.map(str::to_owned), target: "70%".into() },
                MetricReading {
                    name: "memory".into(),
                    current: memory.map(str::to_owned),
                    target: "80%".into(),
                },
            ],
            minimum: 2,
            maximum: 9,
            current,
            desired,
            problem: problem.map(str::to_owned),
        };
    Observed {
        pods: pane(vec![
            ("gateway-7d9c5f6b8-4xk2p", pod("Running", 1, 0, None)),
            (
                "gateway-7d9c5f6b8-q8zvn",
                pod("ImagePullBackOff", 0, 0, Some("nginx: ghcr.io/acme/gateway:1.4.2 not found")),
            ),
            ("gateway-7d9c5f6b8-w6jtr", pod("Running", 1, 0, None)),
            ("mime-server-5c6f7d8b9c-2lmbd", pod("Running", 1, 1, None)),
            ("mime-server-5c6f7d8b9c-9hqxs", pod("Pending", 0, 0, None)),
            ("public-app-84b7c9d5f-fk3wd", pod("Running", 1, 0, None)),
            ("public-app-84b7c9d5f-t7n5z", pod("Running", 1, 0, None)),
        ]),
        workloads: Pane { freshness: Freshness::Live, ..Pane::default() },
        workload_freshness: BTreeMap::new(),
        autoscalers: pane(vec![
            ("gateway", autoscaler(Some("43%"), Some("61%"), 3, 3, None)),
            ("mime-server", autoscaler(None, None, 1, 1, Some("no metrics yet"))),
        ]),
        ingresses: pane(vec![(
            "public",
            IngressRow {
                hosts: vec!["app.staging.example.com".into()],
                class: Some("nginx".into()),
                addresses: vec!["10.20.0.14".into()],
                tls_hosts: vec!["app.staging.example.com".into()],
                tls_secrets: vec!["app-tls".into()],
            },
        )]),
        ..Observed::default()
    }
}

/// Why each object is not ready yet, while the overlay is waited for.
pub(crate) fn progress() -> BTreeMap<Key, Readiness> {
    let progressing = |reason: &str| Readiness::Progressing { reason: reason.into() };
    BTreeMap::from([
        (
            key("apps", "Deployment", "gateway"),
            progressing(
                "2 of 3 ready; gateway-7d9c5f6b8-q8zvn: ImagePullBackOff: ghcr.io/acme/gateway:1.4.2 not found",
            ),
        ),
        (
            key("apps", "Deployment", "mime-server"),
            progressing("1 of 2 ready; 0/3 nodes are available: insufficient memory"),
        ),
        (key("apps", "Deployment", "public-app"), Readiness::Ready),
        (key("autoscaling", "HorizontalPodAutoscaler", "gateway"), Readiness::Ready),
        (
            key("autoscaling", "HorizontalPodAutoscaler", "mime-server"),
            Readiness::Failed {
                reason: "FailedGetResourceMetric: no metrics returned from resource metrics API".into(),
            },
        ),
        (
            key("networking.k8s.io", "Ingress", "public"),
            Readiness::ReadyWithWarning { warning: "address is private".into() },
        ),
        (key("", "ConfigMap", "app-config"), Readiness::Ready),
    ])
}
