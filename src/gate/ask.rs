//! Asks a gate once.

use jiff::Timestamp;

use std::sync::Arc;

use super::{GateAnswer, certificate, entry, http, images, parity, service, workflow};
use crate::{
    cluster::{
        Failure, FailureKind, Reader,
        watch::{around, is_simulated},
    },
    diff::Problem,
    forge::Desk,
    object::Object,
    plan::{Entry, Gate, Parity, Plan, Scheme, ServiceRequest, Target},
    readiness::{Readiness, Related, assess, condition_status, readings},
    registry::Images,
    render::file_text,
};

/// Asks gates about one environment.
#[derive(Clone)]
pub struct GateKeeper {
    reader: Reader,
    namespace: String,
    simulated: bool,
    plan: Option<Arc<Plan>>,
    forge: Option<Arc<Desk>>,
    images: Option<Arc<Images>>,
}

impl GateKeeper {
    /// Asks about the objects of a namespace. Finds out whether pods are simulated there; where that
    /// cannot be told, they are taken for real.
    pub async fn new(reader: Reader, namespace: impl Into<String>) -> Self {
        let namespace = namespace.into();
        let simulated = is_simulated(&reader, &namespace).await.unwrap_or(false);
        Self { reader, namespace, simulated, plan: None, forge: None, images: None }
    }

    /// The plan whose files a gate may name.
    #[must_use]
    pub fn of_plan(self, plan: Arc<Plan>) -> Self {
        Self { forge: Some(Arc::new(Desk::of_plan(&plan))), plan: Some(plan), ..self }
    }

    /// Who asks registries.
    #[must_use]
    pub fn of_images(self, images: Arc<Images>) -> Self {
        Self { images: Some(images), ..self }
    }

    /// Asks one gate, once.
    pub async fn ask(&self, gate: &Gate) -> GateAnswer {
        let own = |api_version: &str, kind: &str, name: &str| Target {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: None,
        };
        let subject = gate.to_string();
        match gate {
            Gate::Rollout(target) => match self.get(target, &subject).await {
                Ok(object) => self.rollout(&object, &subject).await,
                Err(answer) => answer,
            },
            Gate::Autoscaler { name } => {
                let target = own("autoscaling/v2", "HorizontalPodAutoscaler", name);
                match self.get(&target, &subject).await {
                    Ok(object) => self.judged(&object, &subject, autoscaler_detail(&object)),
                    Err(answer) => answer,
                }
            }
            Gate::IngressAddress { name } => {
                let target = own("networking.k8s.io/v1", "Ingress", name);
                match self.get(&target, &subject).await {
                    Ok(object) => self.judged(&object, &subject, ingress_detail(&object)),
                    Err(answer) => answer,
                }
            }
            Gate::Condition { target, condition, status } => match self.get(target, &subject).await {
                Ok(object) => self.condition(&object, condition, status),
                Err(answer) => answer,
            },
            // What is outside is not part of a rehearsal.
            Gate::Http { url, .. } if self.simulated && http::is_outside(url) => {
                GateAnswer::outside_rehearsal()
            }
            Gate::Parity(_) | Gate::Dns { .. } | Gate::Workflow(_) if self.simulated => {
                GateAnswer::outside_rehearsal()
            }
            Gate::Images { path } => match &self.images {
                Some(images) => images::ask(&self.reader, images, path, &subject, Timestamp::now()).await,
                None => GateAnswer::not_yet("registries are not asked here"),
            },
            Gate::Parity(parity) => match self.parity(parity, &subject).await {
                Ok(answer) | Err(answer) => answer,
            },
            Gate::Dns { host, to } => match self.addresses(to, 443, &subject).await {
                Ok(wanted) => entry::dns(host, &wanted).await,
                Err(answer) => answer,
            },
            Gate::Http { url, status, contains } => http::ask(url, *status, contains.as_deref()).await,
            Gate::Certificate(wanted) => {
                let name = &wanted.name;
                let found = self.reader.get("cert-manager.io/v1", "Certificate", Some(&self.namespace), name);
                match found.await {
                    Ok(Some(found)) => {
                        let now = Timestamp::now();
                        match certificate::another(&found, wanted, &subject) {
                            Some(problem) => GateAnswer::Failed { problem },
                            None => {
                                certificate::ask(&self.reader, &found, &subject, self.simulated, now).await
                            }
                        }
                    }
                    Ok(None) => certificate::absent(&self.reader, name).await,
                    Err(failure) => refused(&failure, &subject),
                }
            }
            Gate::Workflow(gate) => match &self.forge {
                Some(desk) => workflow::ask(desk, gate, &subject).await,
                None => GateAnswer::not_yet("there is no plan here that names a workflow"),
            },
            Gate::Service(request) => self.service(request, &subject).await,
        }
    }

    async fn addresses(
        &self,
        entry: &Entry,
        port: u16,
        subject: &str,
    ) -> Result<Vec<std::net::SocketAddr>, GateAnswer> {
        entry::addresses(&self.reader, &self.namespace, entry, port, subject).await
    }

    async fn parity(&self, parity: &Parity, subject: &str) -> Result<GateAnswer, GateAnswer> {
        let port = if parity.scheme == Scheme::Https { 443 } else { 80 };
        let old = self.addresses(&parity.old, port, subject).await?;
        let new = self.addresses(&parity.new, port, subject).await?;
        let ca = match (&parity.ca, &self.plan) {
            (Some(path), Some(plan)) => {
                Some(file_text(plan, path).map_err(|problem| GateAnswer::Failed { problem })?)
            }
            _ => None,
        };
        Ok(parity::ask(parity, &parity::Sides { old, new }, ca.as_deref(), subject).await)
    }

    async fn service(&self, request: &ServiceRequest, subject: &str) -> GateAnswer {
        let namespace = request.namespace.as_deref().unwrap_or(&self.namespace);
        if !self.simulated {
            return service::ask(&self.reader, namespace, request, subject).await;
        }
        let target = Target {
            api_version: "v1".to_owned(),
            kind: "Service".to_owned(),
            name: request.service.clone(),
            namespace: Some(namespace.to_owned()),
        };
        match self.get(&target, subject).await {
            Ok(found) => service::unasked(request, &found),
            Err(answer) => answer,
        }
    }

    async fn get(&self, target: &Target, subject: &str) -> Result<Object, GateAnswer> {
        let namespace = target.namespace.as_deref().unwrap_or(&self.namespace);
        match self.reader.get(&target.api_version, &target.kind, Some(namespace), &target.name).await {
            Ok(Some(object)) => Ok(object),
            Ok(None) => Err(GateAnswer::not_yet(format!("{}/{} is not there", target.kind, target.name))),
            Err(failure) => Err(refused(&failure, subject)),
        }
    }

    async fn rollout(&self, object: &Object, subject: &str) -> GateAnswer {
        if assess(object, &Related::default()).is_ready() {
            let replicas = object.at(&["status", "replicas"]).and_then(serde_json::Value::as_u64);
            let nodes = object.at(&["status", "numberAvailable"]).and_then(serde_json::Value::as_u64);
            let count = replicas.or(nodes).unwrap_or_default();
            return self.judged(object, subject, format!("{count} of {count} updated and available"));
        }
        let around = around(&self.reader, object).await;
        self.verdict(&assess(object, &around.related()), subject, String::new())
    }

    fn judged(&self, object: &Object, subject: &str, detail: String) -> GateAnswer {
        self.verdict(&assess(object, &Related::default()), subject, detail)
    }

    fn verdict(&self, readiness: &Readiness, subject: &str, detail: String) -> GateAnswer {
        match readiness {
            Readiness::Ready => GateAnswer::Passed { detail, simulated: self.simulated },
            Readiness::ReadyWithWarning { warning } => {
                GateAnswer::Passed { detail: format!("{detail}; {warning}"), simulated: self.simulated }
            }
            Readiness::Failed { reason } => GateAnswer::Failed {
                problem: Problem::new(
                    subject,
                    reason.clone(),
                    "mend the cause and apply again, or roll back; waiting does not help",
                ),
            },
            Readiness::Progressing { .. } | Readiness::Gone => {
                GateAnswer::not_yet(readiness.reason().unwrap_or_default())
            }
        }
    }

    fn condition(&self, object: &Object, condition: &str, wanted: &str) -> GateAnswer {
        match condition_status(object, condition) {
            Some((status, words)) if status == wanted => GateAnswer::Passed {
                detail: format!("{condition}={status} ({words})"),
                simulated: self.simulated,
            },
            Some((status, words)) => GateAnswer::not_yet(format!("{condition}={status} ({words})")),
            None => GateAnswer::not_yet(format!("no condition {condition} for this generation yet")),
        }
    }
}

/// A refusal is for good; silence and overload are not.
fn refused(failure: &Failure, subject: &str) -> GateAnswer {
    match failure.kind {
        FailureKind::Forbidden | FailureKind::Unauthorized | FailureKind::Invalid => GateAnswer::Failed {
            problem: Problem::new(subject, failure.message.clone(), failure.kind.remedy()),
        },
        _ => GateAnswer::not_yet(failure.message.clone()),
    }
}

fn autoscaler_detail(object: &Object) -> String {
    let said: Vec<String> = readings(object)
        .into_iter()
        .map(|one| format!("{} {}/{}", one.name, one.current.unwrap_or_else(|| "?".to_owned()), one.target))
        .collect();
    said.join(", ")
}

fn ingress_detail(object: &Object) -> String {
    let points = object.at(&["status", "loadBalancer", "ingress"]).and_then(serde_json::Value::as_array);
    let text = |point: &serde_json::Value, field: &str| {
        point.get(field).and_then(serde_json::Value::as_str).map(str::to_owned)
    };
    let addresses: Vec<String> = points
        .into_iter()
        .flatten()
        .filter_map(|point| text(point, "ip").or_else(|| text(point, "hostname")))
        .collect();
    format!("address {}", addresses.join(", "))
}
