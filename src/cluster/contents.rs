//! What is in a namespace, or of a CRD's kind, that deleting it would take along.

use std::collections::{BTreeMap, BTreeSet};

use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::{Failure, FailureKind, Reader, Resource};
use crate::{
    diff::Problem,
    object::{Key, Object},
    plan::StepPath,
    words::few,
};

/// Kinds that live and die with other objects, or with the namespace itself.
const DERIVED: [(&str, &str); 7] = [
    ("", "Event"),
    ("events.k8s.io", "Event"),
    ("", "Endpoints"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("metrics.k8s.io", "PodMetrics"),
    ("", "Binding"),
    ("cilium.io", "CiliumEndpoint"),
];

/// Made by the cluster in every namespace.
const DEFAULTS: [(&str, &str); 3] = [
    ("ConfigMap", "kube-root-ca.crt"),
    ("ConfigMap", "openshift-service-ca.crt"),
    ("ServiceAccount", "default"),
];

/// How the name of what stands for unlisted objects begins; no object's does.
const UNKNOWN: &str = "? ";

/// Kinds listed at the same time.
const PARALLEL: usize = 8;

/// Everything in a namespace that is not derived, not made by the cluster in every namespace, not our
/// own bookkeeping and not `ours`; a kind that may not be listed counts as something.
///
/// # Errors
/// [`Failure`] when the cluster cannot be asked.
pub(super) async fn of_namespace(
    reader: &Reader,
    namespace: &str,
    ours: &(dyn Fn(&Object) -> bool + Sync),
) -> Result<Vec<Object>, Failure> {
    let kinds = reader.listable_resources().await?;
    let asked: Vec<_> = kinds
        .iter()
        .filter(|kind| kind.namespaced && !is_derived(kind))
        .map(|kind| list(reader, kind, Some(namespace)).boxed())
        .collect();
    let lists: Vec<Vec<Object>> = stream::iter(asked).buffer_unordered(PARALLEL).try_collect().await?;
    let found: BTreeMap<String, Object> = lists
        .into_iter()
        .flatten()
        .filter(|object| !is_incidental(object) && !ours(object))
        .map(|object| (describe(&object), object))
        .collect();
    Ok(found.into_values().collect())
}

/// Every object of a CRD's kind that is not `ours`.
///
/// # Errors
/// [`Failure`] when the cluster cannot be asked.
pub(super) async fn of_definition(
    reader: &Reader,
    definition: &Object,
    ours: &(dyn Fn(&Object) -> bool + Sync),
) -> Result<Vec<Object>, Failure> {
    let mut objects = defined(reader, definition).await?;
    objects.retain(|object| !ours(object));
    Ok(objects)
}

/// Every object of a CRD's kind.
///
/// # Errors
/// [`Failure`] when the cluster cannot be asked.
pub(super) async fn defined(reader: &Reader, definition: &Object) -> Result<Vec<Object>, Failure> {
    let (Some(group), Some(kind)) =
        (definition.text(&["spec", "group"]), definition.text(&["spec", "names", "kind"]))
    else {
        return Ok(Vec::new());
    };
    let kinds = reader.listable_resources().await?;
    let mut found = Vec::new();
    for resource in kinds.iter().filter(|resource| resource.api.group == group && resource.api.kind == kind) {
        found.extend(list(reader, resource, None).await?);
    }
    Ok(found)
}

/// Where something comes from that a deletion would take along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin<'a> {
    /// Others have made it because of the step, and have left it.
    LeftBy(&'a StepPath),
    /// The step has made it.
    MadeBy(&'a StepPath),
    /// A hook will make it when the step's release is uninstalled.
    MadeAtTheEndOf(&'a StepPath),
    /// The checklist item asks for it to be made by hand.
    ByHand(&'a StepPath),
}

impl Origin<'_> {
    fn told(self) -> String {
        match self {
            Self::LeftBy(step) => format!("left by {step}"),
            Self::MadeBy(step) => format!("made by {step}"),
            Self::MadeAtTheEndOf(step) => format!("a hook will make it when {step} is uninstalled"),
            Self::ByHand(step) => format!("made by hand for {step}"),
        }
    }

    /// The command that takes the object away.
    fn command(self, object: &Object) -> String {
        match self {
            Self::LeftBy(step) => format!("`migrate-tui rollback {step} --with-leftovers`"),
            Self::MadeBy(step) => format!("`migrate-tui rollback {step}`"),
            Self::MadeAtTheEndOf(step) => {
                let deleting = Self::ByHand(step).command(object);
                format!("`migrate-tui rollback {step}` by itself and then {deleting}")
            }
            Self::ByHand(_) => {
                let place = object.namespace().map(|name| format!("-n {name} ")).unwrap_or_default();
                let kind = object.kind().to_lowercase();
                format!("`kubectl {place}delete {kind} {}`, if nobody else needs it", object.name())
            }
        }
    }
}

/// Why it cannot be deleted; `of` says where something in it comes from, as far as that is known.
pub(super) fn problem<'a>(
    key: &Key,
    inside: &[Object],
    of: impl Fn(&Object) -> Option<Origin<'a>>,
) -> Problem {
    const SHOWN: usize = 12;
    let (known, other): (Vec<&Object>, Vec<&Object>) = inside.iter().partition(|object| of(object).is_some());
    let name = |object: &&Object| match of(object) {
        Some(origin) => format!("{} ({})", describe(object), origin.told()),
        None => describe(object),
    };
    let names: Vec<String> = known.iter().chain(&other).map(name).collect();
    let commands: BTreeSet<String> =
        known.iter().filter_map(|object| of(object).map(|origin| origin.command(object))).collect();
    let mut remedies: Vec<String> = Vec::new();
    if !commands.is_empty() {
        let commands: Vec<String> = commands.into_iter().collect();
        remedies.push(format!("first {}", commands.join(" and ")));
    }
    if !other.is_empty() {
        remedies.push("move what is others' away or roll back the steps that made it first".to_owned());
    }
    remedies.push("or leave it and skip this step".to_owned());
    Problem::new(
        key.to_string(),
        format!("deleting it would delete what is not this step's: {}", few(&names, SHOWN)),
        remedies.join("; "),
    )
}

/// The objects of a kind; one that stands for them when they may not be listed.
pub(super) async fn list(
    reader: &Reader,
    kind: &Resource,
    namespace: Option<&str>,
) -> Result<Vec<Object>, Failure> {
    match reader.list(&kind.api.api_version, &kind.api.kind, namespace, None).await {
        Ok(objects) => Ok(objects),
        Err(failure) if matches!(failure.kind, FailureKind::NotFound | FailureKind::KindNotServed) => {
            Ok(Vec::new())
        }
        Err(failure) if matches!(failure.kind, FailureKind::Forbidden | FailureKind::Other) => {
            let place = serde_json::json!({"apiVersion": kind.api.api_version, "kind": kind.api.kind,
                "metadata": {"name": format!("{UNKNOWN}({})", failure.message)}});
            Ok(vec![Object(place)])
        }
        Err(failure) => Err(failure),
    }
}

/// Does it stand for objects that may not be listed?
pub(super) fn is_unknown(object: &Object) -> bool {
    object.name().starts_with(UNKNOWN)
}

pub(super) fn describe(object: &Object) -> String {
    object.key().placed()
}

fn is_derived(kind: &Resource) -> bool {
    DERIVED.contains(&(kind.api.group.as_str(), kind.api.kind.as_str()))
}

/// Owned by another object (which is listed itself), made by the cluster, going already, or our own
/// bookkeeping.
fn is_incidental(object: &Object) -> bool {
    let owned = object
        .at(&["metadata", "ownerReferences"])
        .and_then(Value::as_array)
        .is_some_and(|all| !all.is_empty());
    let going = object.at(&["metadata", "deletionTimestamp"]).is_some()
        && object.at(&["metadata", "finalizers"]).is_none();
    let made = object.group().is_empty() && DEFAULTS.contains(&(object.kind(), object.name()));
    owned || going || made || super::record::is_bookkeeping(object)
}
