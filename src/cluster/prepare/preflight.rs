//! What an apply stands on: the namespace, the kinds, what the rendering needs, who else steers.

use std::collections::{BTreeMap, BTreeSet};

use super::PrepareRequest;
use crate::{
    catalogue,
    cluster::{Failure, FailureKind, Planner, Reader},
    diff::{Problem, Risk, RiskKind, Row},
    object::Object,
    rollback::Image,
};

/// What was found before any object was looked at.
#[derive(Debug, Default)]
pub(super) struct Ground {
    pub(super) problems: Vec<Problem>,
    pub(super) risks: Vec<Risk>,
    /// Kind and name of what live autoscalers scale, with the autoscaler's name.
    pub(super) scaled: BTreeSet<(String, String, String)>,
    /// PodDisruptionBudgets that are live.
    pub(super) budgets: Vec<Object>,
    /// Each `ResourceQuota` that is live.
    pub(super) quotas: Vec<Object>,
    /// A `LimitRange` fills in what containers do not name.
    pub(super) has_limit_ranges: bool,
    pub(super) namespace: String,
    /// Namespaces that objects go to and that are not there.
    missing: BTreeSet<String>,
    going: bool,
    /// Kinds that a CRD in this rendering, or of a step before it, brings: group and kind, with the CRD's name and scope.
    brought: BTreeMap<(String, String), (String, bool)>,
    /// Kinds that the cluster does not serve.
    unserved: BTreeSet<(String, String)>,
}

/// Looks at the ground.
pub(super) async fn survey(reader: &Reader, request: &PrepareRequest<'_>) -> Result<Ground, Vec<Problem>> {
    let namespace = &request.environment.namespace;
    let about = |failure: &Failure| {
        vec![Problem::new(
            format!("the cluster (context {})", request.context),
            failure.to_string(),
            failure.kind.remedy(),
        )]
    };
    let mut ground = Ground { namespace: namespace.clone(), ..Ground::default() };
    let mut places: BTreeSet<String> = BTreeSet::from([namespace.clone()]);
    places.extend(request.rendered.iter().filter_map(Object::namespace).map(str::to_owned));
    for place in places {
        if place != *namespace {
            ground.risks.push(warning(format!(
                "objects of this step go to the namespace {place}, which is not the environment's ({namespace})"
            )));
        }
        ground.stand_on(reader, place).await.map_err(|failure| about(&failure))?;
    }
    for object in request.promised.objects().iter().chain(&request.rendered) {
        if let Some((group, kind, scope)) = brought_by(object) {
            ground.brought.insert((group, kind), (object.name().to_owned(), scope));
        }
    }
    let kinds: BTreeSet<(String, String)> = request
        .rendered
        .iter()
        .map(|object| (object.api_version().to_owned(), object.kind().to_owned()))
        .collect();
    for (api_version, kind) in kinds {
        let served = reader.resource(&api_version, &kind).await.map_err(|failure| about(&failure))?;
        if served.is_some() {
            continue;
        }
        let group = api_version.split_once('/').map_or("", |(group, _)| group).to_owned();
        if !ground.brought.contains_key(&(group.clone(), kind.clone())) {
            ground.problems.push(Problem::new(
                format!("{kind} ({api_version})"),
                "the cluster does not serve this kind, and nothing in this step brings it",
                catalogue::bringer(&group).map_or_else(
                    || FailureKind::KindNotServed.remedy().to_owned(),
                    |bringer| format!("{} usually brings it: {}", bringer.name, bringer.first),
                ),
            ));
        }
        ground.unserved.insert((group, kind));
    }
    ground.namespaces_are_brought(reader, request).await;
    ground.autoscalers(reader).await;
    ground.limits(reader).await;
    ground.needs(reader, request).await;
    Ok(ground)
}

impl Ground {
    /// A namespace that objects go to: there, not there yet, or going.
    async fn stand_on(&mut self, reader: &Reader, namespace: String) -> Result<(), Failure> {
        match reader.get("v1", "Namespace", None, &namespace).await {
            Ok(Some(live)) if live.at(&["metadata", "deletionTimestamp"]).is_some() => {
                self.going = true;
                self.problems.push(Problem::new(
                    format!("Namespace/{namespace}"),
                    "it is being deleted: whatever is applied to it now vanishes with it",
                    FailureKind::NamespaceTerminating.remedy(),
                ));
            }
            Ok(Some(_)) => {}
            Ok(None) => {
                self.missing.insert(namespace);
            }
            // Who may not read the namespace may still work in it.
            Err(failure) if failure.kind == FailureKind::Forbidden => {}
            Err(failure) => return Err(failure),
        }
        Ok(())
    }

    /// A namespace that is not there must be brought by this step, or by one before it.
    async fn namespaces_are_brought(&mut self, reader: &Reader, request: &PrepareRequest<'_>) {
        let is_brought = |namespace: &String| {
            let rendered = request.rendered.iter();
            rendered
                .chain(request.promised.objects())
                .any(|object| object.kind() == "Namespace" && object.name() == namespace)
        };
        let mut nowhere: BTreeSet<String> =
            self.missing.iter().filter(|namespace| !is_brought(namespace)).cloned().collect();
        for object in &request.rendered {
            let place = object.namespace().unwrap_or(&self.namespace).to_owned();
            if nowhere.contains(&place) && self.is_namespaced(reader, object).await {
                nowhere.remove(&place);
                self.problems.push(Problem::new(
                    format!("Namespace/{place}"),
                    "objects of this step go there, it is not there, and nothing in this step brings it",
                    "apply the step that makes it first, or the whole stage at one go",
                ));
            }
        }
    }

    /// Is a namespace that objects go to being deleted?
    pub(super) fn is_going(&self) -> bool {
        self.going
    }

    /// What an object waits for before it can be dry-run.
    pub(super) fn waits_for(&self, object: &Object) -> Option<String> {
        let kind = (object.group().to_owned(), object.kind().to_owned());
        if self.unserved.contains(&kind) {
            let crd = self.brought.get(&kind).map(|(name, _)| format!("CustomResourceDefinition/{name}"));
            return Some(crd.unwrap_or_else(|| format!("the kind {} is served", kind.1)));
        }
        let namespace = object.namespace().filter(|namespace| self.missing.contains(*namespace))?;
        Some(format!("Namespace/{namespace}"))
    }

    pub(super) async fn is_namespaced(&self, reader: &Reader, object: &Object) -> bool {
        let kind = (object.group().to_owned(), object.kind().to_owned());
        if self.unserved.contains(&kind) {
            return self.brought.get(&kind).is_some_and(|(_, namespaced)| *namespaced);
        }
        match reader.resource(object.api_version(), object.kind()).await {
            Ok(Some(resource)) => resource.namespaced,
            _ => false,
        }
    }

    /// The schema of an object whose namespace is not there yet, by a dry run in `default`: a dry run in
    /// a namespace that does not exist answers 404. Only schema errors count; quota, admission and rights
    /// of that other namespace say nothing about ours.
    pub(super) async fn check_schema(&self, planner: &Planner, object: &Object) -> Result<(), Failure> {
        if self.unserved.contains(&(object.group().to_owned(), object.kind().to_owned())) {
            return Ok(());
        }
        let mut elsewhere = object.clone();
        elsewhere.metadata_mut().insert("namespace".to_owned(), "default".into());
        match planner.dry_run(&elsewhere).await {
            Err(failure) if failure.kind == FailureKind::Invalid && failure.code != Some(422) => Err(failure),
            Err(failure)
                if failure.kind == FailureKind::Invalid && !failure.message.contains("immutable") =>
            {
                Err(failure)
            }
            _ => Ok(()),
        }
    }

    async fn autoscalers(&mut self, reader: &Reader) {
        match reader.list("autoscaling/v2", "HorizontalPodAutoscaler", Some(&self.namespace), None).await {
            Ok(autoscalers) => self.scaled.extend(autoscalers.iter().filter_map(scale_target)),
            Err(failure) => self.risks.push(unknown("whether autoscalers hold replicas here", &failure)),
        }
    }

    /// Not known is no risk of its own: without budgets those in the rendering count, without quotas none.
    async fn limits(&mut self, reader: &Reader) {
        let namespace = Some(self.namespace.as_str());
        let (budgets, quotas, ranges) = tokio::join!(
            reader.list("policy/v1", "PodDisruptionBudget", namespace, None),
            reader.list("v1", "ResourceQuota", namespace, None),
            reader.list("v1", "LimitRange", namespace, None),
        );
        self.budgets = budgets.unwrap_or_default();
        self.quotas = quotas.unwrap_or_default();
        self.has_limit_ranges = ranges.is_ok_and(|ranges| !ranges.is_empty());
    }
}

/// Pods that the namespace's pod security level would refuse. The API server only warns of them: the
/// Deployment is taken, and not one pod of it starts.
pub(super) fn refused_pods(rows: &[(Row, Image)]) -> Vec<Problem> {
    rows.iter()
        .flat_map(|(row, _)| {
            row.warnings.iter().filter(|warning| warning.contains("would violate PodSecurity")).map(|warning| {
                Problem::new(
                    row.key.to_string(),
                    format!("its pods would not start: {warning}"),
                    "mend the security context, or the namespace's pod-security.kubernetes.io/enforce label",
                )
            })
        })
        .collect()
}

/// What an autoscaler scales: kind and name, and its own name.
pub(super) fn scale_target(object: &Object) -> Option<(String, String, String)> {
    if (object.group(), object.kind()) != ("autoscaling", "HorizontalPodAutoscaler") {
        return None;
    }
    Some((
        object.text(&["spec", "scaleTargetRef", "kind"])?.to_owned(),
        object.text(&["spec", "scaleTargetRef", "name"])?.to_owned(),
        object.key().to_string(),
    ))
}

/// Group, kind and scope that a CRD brings.
fn brought_by(object: &Object) -> Option<(String, String, bool)> {
    if object.kind() != "CustomResourceDefinition" {
        return None;
    }
    Some((
        object.text(&["spec", "group"])?.to_owned(),
        object.text(&["spec", "names", "kind"])?.to_owned(),
        object.text(&["spec", "scope"]) == Some("Namespaced"),
    ))
}

pub(super) fn unknown(what: &str, failure: &Failure) -> Risk {
    warning(format!("it is not known {what}: {failure}"))
}

pub(super) fn warning(message: String) -> Risk {
    Risk { kind: RiskKind::Warning, key: None, message }
}
