//! Services and Ingresses.

use super::{
    Readiness,
    fields::{list, text},
};
use crate::object::Object;

/// kstatus `serviceConditions` wants only a cluster IP. A `LoadBalancer` without an address is ready
/// with a warning: on bare metal nobody may ever give it one, and inside the cluster it works.
pub(super) fn service(object: &Object) -> Readiness {
    let kind = object.text(&["spec", "type"]).unwrap_or("ClusterIP");
    if kind != "ExternalName" && object.text(&["spec", "clusterIP"]).is_none_or(str::is_empty) {
        return Readiness::progressing("it has no cluster IP yet");
    }
    if kind == "LoadBalancer" && addresses(object).is_empty() {
        return Readiness::warning("its load balancer has no address (yet); inside the cluster it works");
    }
    Readiness::Ready
}

/// An address in `status.loadBalancer.ingress` (networking/v1): a controller serves it. kstatus has
/// no rule for Ingresses and takes them for ready.
pub(super) fn ingress(object: &Object) -> Readiness {
    if !addresses(object).is_empty() {
        return Readiness::Ready;
    }
    match object.text(&["spec", "ingressClassName"]) {
        Some(class) => Readiness::progressing(format!("no address yet from the controller of class {class}")),
        None => Readiness::progressing("no address yet, and it names no IngressClass"),
    }
}

/// What an object that is not ready may be left with after a while, as a warning: an Ingress that nobody
/// gives an address. On bare metal that may be for ever, and the rest of the step need not wait for it.
pub(crate) fn bearable(object: &Object) -> Option<String> {
    let is_ingress = object.group() == "networking.k8s.io" && object.kind() == "Ingress";
    let waiting = ingress(object);
    let reason = waiting.reason().filter(|_| is_ingress)?;
    Some(format!("{reason}; on bare metal nobody may ever give it one"))
}

/// IPs or host names of `status.loadBalancer.ingress`.
fn addresses(object: &Object) -> Vec<&str> {
    list(object, &["status", "loadBalancer", "ingress"])
        .iter()
        .map(|point| if text(point, "ip").is_empty() { text(point, "hostname") } else { text(point, "ip") })
        .filter(|address| !address.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{bearable, ingress, service};
    use crate::{object::Object, readiness::Readiness};

    fn object(spec: &Value, status: &Value) -> Object {
        Object(json!({"metadata": {"name": "a"}, "spec": spec, "status": status}))
    }

    #[test]
    fn a_load_balancer_without_an_address_is_a_warning_never_a_failure() {
        let spec = json!({"type": "LoadBalancer", "clusterIP": "10.96.0.7"});
        let waiting = service(&object(&spec, &json!({"loadBalancer": {}})));
        assert!(matches!(waiting, Readiness::ReadyWithWarning { .. }), "{waiting:?}");
        let given = json!({"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}});
        assert_eq!(service(&object(&spec, &given)), Readiness::Ready);
    }

    #[test]
    fn a_service_needs_its_cluster_ip_unless_it_is_only_a_name() {
        let status = json!({"loadBalancer": {}});
        assert!(!service(&object(&json!({"type": "ClusterIP"}), &status)).is_ready());
        assert_eq!(service(&object(&json!({"clusterIP": "None"}), &status)), Readiness::Ready);
        assert_eq!(service(&object(&json!({"type": "ExternalName"}), &status)), Readiness::Ready);
    }

    #[test]
    fn an_ingress_wants_an_address_and_names_the_class_that_owes_it() {
        let spec = json!({"ingressClassName": "nginx"});
        let waiting = ingress(&object(&spec, &json!({"loadBalancer": {}})));
        assert!(matches!(waiting, Readiness::Progressing { reason } if reason.contains("nginx")));
        let named = json!({"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}});
        assert_eq!(ingress(&object(&spec, &named)), Readiness::Ready);
    }

    #[test]
    fn only_an_ingress_without_an_address_can_be_borne() {
        let mut waiting = object(&json!({"ingressClassName": "nginx"}), &json!({}));
        assert_eq!(bearable(&waiting), None);
        waiting.0["apiVersion"] = json!("networking.k8s.io/v1");
        waiting.0["kind"] = json!("Ingress");
        assert!(bearable(&waiting).is_some_and(|warning| warning.contains("bare metal")));
        waiting.0["status"] = json!({"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}});
        assert_eq!(bearable(&waiting), None);
    }
}
