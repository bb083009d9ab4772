//! Who else keeps an object as it is.

use crate::object::{Object, managers};

/// The tool that steers a live object, from what it leaves on it: `Argo CD (web)`.
#[must_use]
pub fn steered_by(live: &Object) -> Option<String> {
    let label = |name: &str| live.text(&["metadata", "labels", name]);
    let note = |name: &str| live.text(&["metadata", "annotations", name]);
    let named = |tool: &str, instance: Option<&str>| {
        instance.map(|instance| format!("{tool} ({})", instance.split(':').next().unwrap_or(instance)))
    };
    named("Argo CD", note("argocd.argoproj.io/tracking-id"))
        .or_else(|| named("Argo CD", label("argocd.argoproj.io/instance")))
        .or_else(|| named("Flux", label("kustomize.toolkit.fluxcd.io/name")))
        .or_else(|| named("Flux", label("helm.toolkit.fluxcd.io/name")))
        .or_else(|| named("Helm", note("meta.helm.sh/release-name")))
        .or_else(|| {
            managers(live).iter().find_map(|manager| match manager.name.as_str() {
                "argocd-controller" | "argocd-application-controller" => Some("Argo CD".to_owned()),
                "kustomize-controller" | "helm-controller" => Some("Flux".to_owned()),
                "helm" => Some("Helm".to_owned()),
                _ => None,
            })
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::steered_by;
    use crate::object::Object;

    #[test]
    fn a_tool_is_known_by_its_marks_and_by_its_field_manager() {
        let marked = Object(
            json!({"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:a/b"}}}),
        );
        assert_eq!(steered_by(&marked).as_deref(), Some("Argo CD (web)"));
        let managed = Object(
            json!({"metadata": {"managedFields": [{"manager": "kustomize-controller", "operation": "Apply"}]}}),
        );
        assert_eq!(steered_by(&managed).as_deref(), Some("Flux"));
        assert_eq!(steered_by(&Object(json!({"metadata": {"name": "a"}}))), None);
    }
}
