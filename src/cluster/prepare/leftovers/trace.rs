//! What others have made because of what goes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{LeftoversRequest, Traced, going::Going};
use crate::{
    cluster::{Failure, FailureKind, Reader, prepare::release_marks as marks},
    diff::Change,
    object::{Key, Object, managers},
    plan::StepPath,
    rollback::{
        Evidence, Image, Leftover, UndoneAttempt, account_evidence, account_secret, can_be_left,
        claim_evidence, issued_evidence, issued_secret,
    },
};

/// cert-manager's controller, wherever it is.
const CONTROLLER: &str = "app.kubernetes.io/name=cert-manager,app.kubernetes.io/component=controller";

/// Where it keeps the Secrets of issuers without a namespace.
const RESOURCES: &str = "--cluster-resource-namespace=";

impl Traced {
    fn judge(&mut self, step: &StepPath, object: &Object, cause: Key, evidence: Evidence) {
        match (evidence, object.uid()) {
            (Evidence::Holds, Some(uid)) => self.found.push((
                step.clone(),
                Leftover {
                    key: object.key(),
                    api_version: object.api_version().to_owned(),
                    uid: uid.to_owned(),
                    cause,
                },
            )),
            (Evidence::Holds, None) => {}
            (Evidence::Lacks(why), _) => self.doubtful.push((step.clone(), object.key(), why)),
        }
    }
}

/// Claims of StatefulSets, the step's own and those that operators have made for it.
pub(super) async fn claims(reader: &Reader, going: &Going, traced: &mut Traced) -> Result<(), Failure> {
    for namespace in going.namespaces() {
        let sets = list(reader, ("apps/v1", "StatefulSet"), Some(namespace)).await?;
        let mut rooted = Vec::new();
        for set in sets.iter().filter(|set| set.at(&["spec", "volumeClaimTemplates"]).is_some()) {
            if let Some((step, root)) = going.root(reader, set).await? {
                rooted.push((set, step, root));
            }
        }
        if rooted.is_empty() {
            continue;
        }
        for claim in list(reader, ("v1", "PersistentVolumeClaim"), Some(namespace)).await? {
            for (set, step, root) in &rooted {
                if let Some(evidence) = claim_evidence(&claim, set, root) {
                    traced.judge(step, &claim, set.key(), evidence);
                }
            }
        }
    }
    Ok(())
}

/// Secrets that cert-manager has made: of issuers' accounts and of certificates.
pub(super) async fn secrets(reader: &Reader, going: &Going, traced: &mut Traced) -> Result<(), Failure> {
    let mut homes: Option<BTreeSet<String>> = None;
    for (step, issuer) in going.objects() {
        let Some(name) = account_secret(issuer) else { continue };
        let places = match issuer.namespace() {
            Some(namespace) => BTreeSet::from([namespace.to_owned()]),
            None => match &homes {
                Some(homes) => homes.clone(),
                None => homes.insert(cluster_resources(reader).await?).clone(),
            },
        };
        for place in places {
            if let Some(secret) = readable(reader.bare_secret(Some(&place), name).await)? {
                traced.judge(step, &secret, issuer.key(), account_evidence(&secret, issuer));
            }
        }
    }
    for namespace in going.namespaces() {
        for certificate in list(reader, ("cert-manager.io/v1", "Certificate"), Some(namespace)).await? {
            let Some(name) = issued_secret(&certificate) else { continue };
            let Some((step, root)) = going.root(reader, &certificate).await? else { continue };
            if let Some(secret) = readable(reader.bare_secret(Some(namespace), name).await)? {
                traced.judge(step, &secret, certificate.key(), issued_evidence(&secret, &certificate, root));
            }
        }
    }
    Ok(())
}

/// Secrets with a certificate, of the names that the attempts' Certificates and Ingresses gave them, that cannot
/// be traced: someone has made the Certificate anew, or has deleted it.
pub(super) async fn untraced(
    reader: &Reader,
    attempts: &[&UndoneAttempt],
    traced: &mut Traced,
) -> Result<(), Failure> {
    for attempt in attempts {
        let made = attempt.record.images.iter().filter(|image| image.change == Change::Create);
        for object in made.filter_map(|image| image.applied.as_ref()) {
            for name in certified(object) {
                let Some(secret) = readable(reader.bare_secret(object.namespace(), name).await)? else {
                    continue;
                };
                let key = secret.key();
                let is_known = traced.found.iter().any(|(_, leftover)| leftover.key == key)
                    || traced.doubtful.iter().any(|(_, doubtful, _)| *doubtful == key);
                let issued = ["metadata", "annotations", "cert-manager.io/certificate-name"];
                if secret.text(&issued).is_some() && !is_known {
                    let why = "its Certificate is not the one that was made for the step";
                    traced.judge(&attempt.record.step, &secret, object.key(), Evidence::Lacks(why));
                }
            }
        }
    }
    Ok(())
}

/// The Secrets that a Certificate is issued into, or that an Ingress is served from.
fn certified(object: &Object) -> Vec<&str> {
    let tls = object.at(&["spec", "tls"]).and_then(Value::as_array).filter(|_| object.kind() == "Ingress");
    let served = tls.into_iter().flatten().filter_map(|tls| tls.get("secretName")?.as_str());
    issued_secret(object).into_iter().chain(served).collect()
}

/// The namespaces in which a cert-manager keeps what issuers without one need.
async fn cluster_resources(reader: &Reader) -> Result<BTreeSet<String>, Failure> {
    let controllers = reader.list("apps/v1", "Deployment", None, Some(CONTROLLER)).await;
    let home = |controller: Object| {
        let containers = controller.at(&["spec", "template", "spec", "containers"])?.as_array()?;
        let arguments = containers.iter().filter_map(|one| one.get("args")?.as_array()).flatten();
        let mut said = arguments.filter_map(|argument| argument.as_str()?.strip_prefix(RESOURCES));
        let own = controller.namespace();
        said.next().filter(|name| !name.starts_with("$(")).or(own).map(str::to_owned)
    };
    Ok(readable(controllers.map(Some))?.unwrap_or_default().into_iter().filter_map(home).collect())
}

/// What helm leaves of what a release has brought: the CRDs of the chart's `crds/`, and what the chart tells
/// it to keep; as far as the release has made them.
pub(super) async fn of_releases(
    reader: &Reader,
    request: &LeftoversRequest<'_>,
    attempts: &[&UndoneAttempt],
    traced: &mut Traced,
) -> Result<(), Failure> {
    for attempt in attempts {
        let Some(order) = &attempt.record.release else { continue };
        let step = &attempt.record.step;
        for image in attempt.record.images.iter().filter(|image| is_left(image)) {
            let live = if image.key.is("", "Secret") {
                reader.bare_secret(image.key.namespace.as_deref(), &image.key.name).await
            } else {
                reader.by_key(&image.api_version, &image.key).await
            };
            if let Some(live) = readable(live)? {
                traced.judge(step, &live, order.key(), made_with_it(request, &live));
            }
        }
    }
    Ok(())
}

/// Was it made with the release, and does helm leave it?
fn is_left(image: &Image) -> bool {
    let Some(applied) = image.applied.as_ref().filter(|_| image.carried && image.change == Change::Create)
    else {
        return false;
    };
    let is_definition = image.key.is("apiextensions.k8s.io", "CustomResourceDefinition");
    can_be_left(&image.key) && marks::is_kept(applied) || is_definition && !marks::is_stamped(applied)
}

/// By the inventory; where that does not know its uid, by who has written it.
fn made_with_it(request: &LeftoversRequest<'_>, live: &Object) -> Evidence {
    let key = live.key();
    let item = request.inventories.iter().find_map(|inventory| inventory.get(&key));
    let by_helm = || {
        let writers = managers(live);
        writers.iter().filter(|entry| entry.subresource.is_none()).all(|entry| entry.name == "helm")
    };
    match item.and_then(|item| item.uid.as_deref()) {
        Some(uid) if live.uid() != Some(uid) => Evidence::Lacks("someone made it again"),
        None if !by_helm() => Evidence::Lacks("someone else has written it"),
        _ => Evidence::Holds,
    }
}

/// What may not be read, or is not served, is not there to be judged.
async fn list(
    reader: &Reader,
    (api_version, kind): (&str, &str),
    namespace: Option<&str>,
) -> Result<Vec<Object>, Failure> {
    let listed = reader.list(api_version, kind, namespace, None).await;
    Ok(readable(listed.map(Some))?.unwrap_or_default())
}

fn readable<T>(answer: Result<Option<T>, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Err(failure)
            if matches!(
                failure.kind,
                FailureKind::Forbidden
                    | FailureKind::NotFound
                    | FailureKind::NamespaceNotFound
                    | FailureKind::KindNotServed
            ) =>
        {
            tracing::debug!(%failure, "leftovers are not looked for");
            Ok(None)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{certified, is_left};
    use crate::{
        diff::{Change, Row, Wave},
        object::Object,
        rollback::Image,
    };

    #[test]
    fn a_certificate_and_an_ingress_name_the_secrets_that_are_issued_for_them() {
        let certificate = Object(json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate",
            "spec": {"secretName": "web-tls"}}));
        let ingress = Object(json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "spec": {"tls": [{"hosts": ["a"], "secretName": "a-tls"}, {"hosts": ["b"]}]}}));
        let other = Object(json!({"apiVersion": "v1", "kind": "Pod", "spec": {"secretName": "x"}}));
        assert_eq!(certified(&certificate), ["web-tls"]);
        assert_eq!(certified(&ingress), ["a-tls"]);
        assert_eq!(certified(&other), [""; 0]);
    }

    #[test]
    fn only_what_is_known_to_be_missed_by_nobody_is_taken_for_left() {
        let of_release = json!({"meta.helm.sh/release-name": "web"});
        let kept = json!({"meta.helm.sh/release-name": "web", "helm.sh/resource-policy": "keep"});
        let is_left = |version: &str, kind: &str, annotations: &Value, change: Change| {
            let object = Object(json!({"apiVersion": version, "kind": kind,
                "metadata": {"name": "a", "annotations": annotations}}));
            let row = Row::new(object.key(), version, change, Wave::Foundations);
            is_left(&Image { applied: Some(object), carried: true, ..Image::of(&row) })
        };
        let definition = ("apiextensions.k8s.io/v1", "CustomResourceDefinition");
        assert!(is_left(definition.0, definition.1, &json!({}), Change::Create), "of the chart's crds/");
        assert!(!is_left(definition.0, definition.1, &json!({}), Change::Same), "it was there before");
        assert!(!is_left(definition.0, definition.1, &of_release, Change::Create), "helm takes it away");
        assert!(is_left(definition.0, definition.1, &kept, Change::Create));
        assert!(is_left("v1", "PersistentVolumeClaim", &kept, Change::Create));
        assert!(!is_left("networking.k8s.io/v1", "IngressClass", &kept, Change::Create));
    }
}
