//! What a rendering needs of the cluster besides itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    PrepareRequest,
    preflight::{Ground, unknown, warning},
};
use crate::cluster::Reader;

impl Ground {
    /// `StorageClasses`, `IngressClasses`, the metrics API, pull secrets.
    pub(super) async fn needs(&mut self, reader: &Reader, request: &PrepareRequest<'_>) {
        let mut wanted: BTreeSet<(&str, &str, Option<&str>, String)> = BTreeSet::new();
        for object in &request.rendered {
            if let Some(class) = object.text(&["spec", "storageClassName"]).filter(|class| !class.is_empty())
            {
                wanted.insert(("storage.k8s.io/v1", "StorageClass", None, class.to_owned()));
            }
            if object.kind() == "Ingress"
                && let Some(class) = object.text(&["spec", "ingressClassName"])
            {
                wanted.insert(("networking.k8s.io/v1", "IngressClass", None, class.to_owned()));
            }
        }
        for (api_version, kind, namespace, name) in wanted {
            let rendered = will_be(request, kind, &name);
            match reader.get(api_version, kind, namespace, &name).await {
                Ok(None) if !rendered => self
                    .risks
                    .push(warning(format!("{kind}/{name} is not there: what names it will wait for it"))),
                Ok(_) => {}
                Err(failure) => {
                    self.risks.push(unknown(&format!("whether {kind}/{name} is there"), &failure));
                }
            }
        }
        let scales = request.rendered.iter().any(|object| object.kind() == "HorizontalPodAutoscaler");
        if scales && matches!(reader.resource("metrics.k8s.io/v1beta1", "PodMetrics").await, Ok(None)) {
            self.risks.push(warning(
                "the cluster serves no metrics API (metrics.k8s.io): the autoscalers will not scale; \
                          install metrics-server"
                    .to_owned(),
            ));
        }
        self.pull_secrets(reader, request).await;
    }

    async fn pull_secrets(&mut self, reader: &Reader, request: &PrepareRequest<'_>) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for object in &request.rendered {
            for path in [&["imagePullSecrets"][..], &["spec", "template", "spec", "imagePullSecrets"][..]] {
                let listed = object.at(path).and_then(Value::as_array).into_iter().flatten();
                names.extend(listed.filter_map(|item| item.get("name")?.as_str()).map(str::to_owned));
            }
        }
        for name in names {
            if !will_be(request, "Secret", &name)
                && matches!(reader.get("v1", "Secret", Some(&self.namespace), &name).await, Ok(None))
            {
                self.risks.push(warning(format!(
                    "the pull secret {name} is not in {}: private images will not be pulled",
                    self.namespace
                )));
            }
        }
    }
}

/// Does the rendering bring it, or a step before it?
fn will_be(request: &PrepareRequest<'_>, kind: &str, name: &str) -> bool {
    request.rendered.iter().any(|object| object.kind() == kind && object.name() == name)
        || request.promised.has(kind, name)
}
