//! Every verb that a step needs, asked beforehand.

use std::collections::BTreeSet;

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::{Api, api::PostParams};

use super::together;
use crate::{cluster::Planner, diff::Problem, object::Object};

/// `delete` is asked as well: without it there is no way back from a create.
const VERBS: [&str; 4] = ["get", "create", "patch", "delete"];

/// How long one question may take.
const TIME_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

/// The rights that are missing. A review that cannot be made counts as nothing: the dry runs will tell.
pub(super) async fn check(planner: &Planner, objects: impl Iterator<Item = &Object>) -> Vec<Problem> {
    let mut wanted: BTreeSet<(String, String, Option<String>, &'static str)> = BTreeSet::new();
    for object in objects {
        let Ok(Some(resource)) = planner.reader().resource(object.api_version(), object.kind()).await else {
            continue;
        };
        let namespace = object.namespace().filter(|_| resource.namespaced).map(str::to_owned);
        for verb in VERBS {
            wanted.insert((resource.api.group.clone(), resource.api.plural.clone(), namespace.clone(), verb));
        }
    }
    let reviews: Api<SelfSubjectAccessReview> = Api::all(planner.reader().connection().client());
    let asked = wanted.into_iter().map(|right| ask(reviews.clone(), right)).collect();
    together(asked).await.into_iter().flatten().collect()
}

/// The missing right as a problem; `None` when it is there, or cannot be asked for.
async fn ask(
    reviews: Api<SelfSubjectAccessReview>,
    (group, resource, namespace, verb): (String, String, Option<String>, &'static str),
) -> Option<Problem> {
    let attributes = ResourceAttributes {
        group: Some(group),
        resource: Some(resource.clone()),
        namespace: namespace.clone(),
        verb: Some(verb.to_owned()),
        ..ResourceAttributes::default()
    };
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    };
    let parameters = PostParams::default();
    let answer = tokio::time::timeout(TIME_LIMIT, reviews.create(&parameters, &review));
    let status = answer.await.ok()?.ok()?.status?;
    if status.allowed {
        return None;
    }
    let within = namespace.as_ref().map(|name| format!(" -n {name}")).unwrap_or_default();
    let place = namespace.map_or_else(|| "the cluster".to_owned(), |name| format!("namespace {name}"));
    let reason = status.reason.filter(|reason| !reason.is_empty());
    Some(Problem::new(
        format!("the right to {verb} {resource} in {place}"),
        reason.unwrap_or_else(|| "it is not granted".to_owned()),
        format!(
            "ask for it (kubectl auth can-i {verb} {resource}{within}), or use an identity that has it (--context, --as)"
        ),
    ))
}
