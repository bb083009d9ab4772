//! The rehearsal cluster itself: what it simulates, who may do what, how it fails on request.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::{Node, PersistentVolumeClaim, Pod, Secret, Service};
use k8s_openapi::api::networking::v1::Ingress;
use kube::api::{Api, ListParams, Patch, PatchParams};
use libtest_mimic::Trial;
use migrate_tui::rehearsal::Identity;
use serde_json::{Value, json};

use crate::support::{Cluster, Namespace, kubectl, trial, wait_until};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("rehearsal::three_nodes_are_ready", three_nodes_are_ready),
        trial("rehearsal::a_deployment_becomes_available", a_deployment_becomes_available),
        trial("rehearsal::an_autoscaler_reports_percentages", an_autoscaler_reports_percentages),
        trial("rehearsal::ingress_and_service_get_addresses", ingress_and_service_get_addresses),
        trial("rehearsal::a_claim_gets_a_volume", a_claim_gets_a_volume),
        trial("rehearsal::a_viewer_reads_and_does_not_write", a_viewer_reads_and_does_not_write),
        trial("rehearsal::a_developer_has_only_what_is_bound", a_developer_has_only_what_is_bound),
        trial("rehearsal::the_audit_log_names_who_wrote", the_audit_log_names_who_wrote),
        trial("rehearsal::pods_fail_as_annotated", pods_fail_as_annotated),
        trial("rehearsal::a_mistyped_image_is_not_pulled", a_mistyped_image_is_not_pulled),
        trial("rehearsal::kubectl_attaches", kubectl_attaches),
    ]
}

async fn three_nodes_are_ready(cluster: &Cluster) {
    let nodes = Api::<Node>::all(cluster.client()).list(&ListParams::default()).await.unwrap();
    let ready = nodes.items.iter().filter(|node| {
        let mut conditions = node.status.iter().flat_map(|status| status.conditions.iter().flatten());
        conditions.any(|one| one.type_ == "Ready" && one.status == "True")
    });
    assert_eq!(ready.count(), 3);
}

async fn a_deployment_becomes_available(cluster: &Cluster) {
    let namespace = cluster.namespace("available").await;
    namespace.deployment("web", 3, json!({})).await;
    let deployments = namespace.api::<Deployment>();
    wait_until("three available replicas", || async {
        let status = deployments.get("web").await.unwrap().status.unwrap_or_default();
        if status.available_replicas == Some(3) { Ok(()) } else { Err(format!("{status:?}")) }
    })
    .await;
}

async fn an_autoscaler_reports_percentages(cluster: &Cluster) {
    let namespace = cluster.namespace("autoscaler").await;
    namespace.deployment("usual", 2, json!({})).await;
    namespace.deployment("busy", 2, json!({"rehearsal.migrate-tui/cpu-percent": "66"})).await;
    let expected = [("usual", 43), ("busy", 66)];
    for (name, _) in expected {
        namespace
            .apply(json!({
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": name},
                "spec": {
                    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
                    "minReplicas": 2,
                    "maxReplicas": 5,
                    "metrics": [{"type": "Resource", "resource": {
                        "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
                },
            }))
            .await;
    }
    let autoscalers = namespace.api::<HorizontalPodAutoscaler>();
    for (name, expected) in expected {
        wait_until("the autoscaler's percentage", || async {
            let status = autoscalers.get(name).await.unwrap().status.unwrap_or_default();
            let percentage = status.current_metrics.iter().flatten().find_map(|metric| {
                metric.resource.as_ref().and_then(|resource| resource.current.average_utilization)
            });
            match percentage {
                // The usage is measured over an interval, which is never exact.
                Some(percentage) if (percentage - expected).abs() <= 6 => Ok(()),
                other => Err(format!("{other:?}, {:?}", status.conditions)),
            }
        })
        .await;
    }
}

async fn ingress_and_service_get_addresses(cluster: &Cluster) {
    let namespace = cluster.namespace("addresses").await;
    let fail = json!({"rehearsal.migrate-tui/fail": "no-address"});
    for (name, annotations) in [("web", json!({})), ("never", fail)] {
        namespace
            .apply(json!({
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": name, "annotations": annotations},
                "spec": {"ingressClassName": "nginx", "rules": [{"host": "shop.example", "http": {"paths": [
                    {"path": "/", "pathType": "Prefix",
                     "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]},
            }))
            .await;
    }
    namespace
        .apply(json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]},
        }))
        .await;
    let (ingresses, services) = (namespace.api::<Ingress>(), namespace.api::<Service>());
    wait_until("the ingress's address", || async {
        let ingress = ingresses.get("web").await.unwrap();
        address(&json!(ingress)).ok_or_else(|| format!("{:?}", ingress.status))
    })
    .await;
    wait_until("the service's address", || async {
        let service = services.get("web").await.unwrap();
        address(&json!(service)).ok_or_else(|| format!("{:?}", service.status))
    })
    .await;
    assert_eq!(address(&json!(ingresses.get("never").await.unwrap())), None);
}

fn address(object: &Value) -> Option<String> {
    Some(object.pointer("/status/loadBalancer/ingress/0/ip")?.as_str()?.to_owned())
}

async fn a_claim_gets_a_volume(cluster: &Cluster) {
    let namespace = cluster.namespace("volumes").await;
    namespace
        .apply(json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }))
        .await;
    let claims = namespace.api::<PersistentVolumeClaim>();
    wait_until("the claim's volume", || async {
        let status = claims.get("data").await.unwrap().status.unwrap_or_default();
        if status.phase.as_deref() == Some("Bound") { Ok(()) } else { Err(format!("{status:?}")) }
    })
    .await;
}

async fn a_viewer_reads_and_does_not_write(cluster: &Cluster) {
    let namespace = cluster.namespace("viewer").await;
    namespace.deployment("web", 1, json!({})).await;
    let client = cluster.client_for(Identity::Viewer);
    let deployments = Api::<Deployment>::namespaced(client.clone(), namespace.name());
    wait_until("the deployment, seen by the viewer", || async {
        deployments.get("web").await.map_err(|error| error.to_string())
    })
    .await;
    Api::<Node>::all(client.clone()).list(&ListParams::default()).await.unwrap();
    let patch = Patch::Merge(json!({"spec": {"replicas": 2}}));
    assert_forbidden(deployments.patch("web", &PatchParams::default(), &patch).await);
    let dry_run = PatchParams { dry_run: true, ..PatchParams::default() };
    assert_forbidden(deployments.patch("web", &dry_run, &patch).await);
    let secrets = Api::<Secret>::namespaced(client, namespace.name());
    assert_forbidden(secrets.list(&ListParams::default()).await);
}

async fn a_developer_has_only_what_is_bound(cluster: &Cluster) {
    let namespace = cluster.namespace("developer").await;
    let pods = Api::<Pod>::namespaced(cluster.client_for(Identity::Developer), namespace.name());
    assert_forbidden(pods.list(&ListParams::default()).await);
    namespace
        .apply(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "view"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "developer"}],
        }))
        .await;
    wait_until("the binding's effect", || async {
        pods.list(&ListParams::default()).await.map_err(|error| error.to_string())
    })
    .await;
    let elsewhere = Api::<Pod>::namespaced(cluster.client_for(Identity::Developer), "kube-system");
    assert_forbidden(elsewhere.list(&ListParams::default()).await);
}

fn assert_forbidden<T: std::fmt::Debug>(result: kube::Result<T>) {
    match result {
        Err(kube::Error::Api(status)) if status.code == 403 => {}
        other => panic!("expected 403, got {other:?}"),
    }
}

async fn the_audit_log_names_who_wrote(cluster: &Cluster) {
    let namespace = cluster.namespace("audit").await;
    namespace.deployment("web", 1, json!({})).await;
    let wrote = |user: &str, verb: &str, resource: &str| {
        cluster.audit_events().iter().any(|event| {
            event["objectRef"]["namespace"] == namespace.name()
                && event["objectRef"]["resource"] == resource
                && event["user"]["username"] == user
                && event["verb"] == verb
        })
    };
    wait_until("our write in the audit log", || async {
        if wrote("admin", "patch", "deployments") { Ok(()) } else { Err("none".to_owned()) }
    })
    .await;
    wait_until("the simulator's write in the audit log, under its own name", || async {
        if wrote("rehearsal:kwok", "patch", "pods") { Ok(()) } else { Err("none".to_owned()) }
    })
    .await;
    assert!(!wrote("admin", "patch", "pods"));
}

async fn pods_fail_as_annotated(cluster: &Cluster) {
    let namespace = cluster.namespace("failures").await;
    for failure in ["image-pull", "crash-loop", "not-ready"] {
        namespace.deployment(failure, 1, json!({"rehearsal.migrate-tui/fail": failure})).await;
    }
    waiting_reason(&namespace, "image-pull", "ImagePullBackOff").await;
    waiting_reason(&namespace, "crash-loop", "CrashLoopBackOff").await;
    wait_until("a pod that runs and is not ready", || async {
        let pod = pod_of(&namespace, "not-ready").await?;
        let status = &pod["status"]["containerStatuses"][0];
        let unready = status["state"]["running"].is_object() && status["ready"] == false;
        if unready { Ok(()) } else { Err(pod["status"].to_string()) }
    })
    .await;
    let available = namespace.api::<Deployment>().list(&ListParams::default()).await.unwrap();
    assert!(
        available.items.iter().all(|one| {
            one.status.as_ref().is_none_or(|status| status.available_replicas.unwrap_or(0) == 0)
        })
    );
}

async fn a_mistyped_image_is_not_pulled(cluster: &Cluster) {
    let namespace = cluster.namespace("image").await;
    namespace.deployment("web", 1, json!({})).await;
    let deployments = namespace.api::<Deployment>();
    wait_until("the first rollout", || async {
        let status = deployments.get("web").await.unwrap().status.unwrap_or_default();
        if status.available_replicas == Some(1) { Ok(()) } else { Err(format!("{status:?}")) }
    })
    .await;
    let image = json!({"spec": {"template": {"spec": {"containers": [
        {"name": "main", "image": "registry.example/main:does-not-exist"}]}}}});
    deployments.patch("web", &PatchParams::default(), &Patch::Strategic(image)).await.unwrap();
    waiting_reason(&namespace, "web", "ImagePullBackOff").await;
}

async fn waiting_reason(namespace: &Namespace, app: &str, reason: &str) {
    let pods = namespace.api::<Pod>();
    let selected = ListParams::default().labels(&format!("app={app}"));
    wait_until(reason, || async {
        let list = json!(pods.list(&selected).await.unwrap().items);
        let found = list.as_array().into_iter().flatten().any(|pod| {
            pod.pointer("/status/containerStatuses/0/state/waiting/reason").is_some_and(|one| one == reason)
        });
        if found { Ok(()) } else { Err(list.to_string()) }
    })
    .await;
}

async fn pod_of(namespace: &Namespace, app: &str) -> Result<Value, String> {
    let selected = ListParams::default().labels(&format!("app={app}"));
    let list = namespace.api::<Pod>().list(&selected).await.unwrap();
    list.items.into_iter().next().map(|pod| json!(pod)).ok_or_else(|| "no pod yet".to_owned())
}

async fn kubectl_attaches(cluster: &Cluster) {
    let names = kubectl(&cluster.kubeconfig(), ["get", "nodes", "-o", "name"]).await.expect_success();
    assert_eq!(names.lines().collect::<Vec<_>>(), ["node/node-1", "node/node-2", "node/node-3"]);
    let viewer = cluster.kubeconfig_for(Identity::Viewer);
    let answer = kubectl(&viewer, ["auth", "can-i", "delete", "deployments", "-A"]).await;
    assert_eq!((answer.stdout.trim(), answer.code), ("no", 1), "{}", answer.stderr);
}
