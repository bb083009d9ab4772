//! Waits for what the next wave needs of the one that was written. Reads only.

use std::time::Duration;

use futures::FutureExt;
use serde_json::Value;
use tokio::time::Instant;

use super::{Reader, execute::wait_until_gone, together::together};
use crate::{
    diff::{Change, Kind, Problem, Wave},
    object::{Key, Object},
    readiness::{NOT_GONE, Readiness},
    rollback::Image,
};

const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Waits until the wave holds: namespaces Active, CRDs Established and served; in a rollback what went
/// back rolled out, and what was deleted really gone. `progress` hears where each object stands.
///
/// # Errors
/// [`Problem`]s at the deadline, one per object that does not come through, with the reason.
pub async fn settle(
    reader: &Reader,
    kind: Kind,
    wave: Wave,
    images: &[&Image],
    deadline: Instant,
    progress: &(dyn Fn(&Key, Readiness) + Sync),
) -> Result<(), Vec<Problem>> {
    let undoing = matches!(kind, Kind::Rollback | Kind::Prune);
    let is_meant = |image: &&&Image| image.wave == wave || (image.carried && wave == Wave::Release);
    let waits = images.iter().filter(|image| image.change != Change::Same && !image.is_release());
    let waits = waits.filter(is_meant);
    let waits = waits.map(|image| one(reader, undoing, image, deadline, progress).boxed()).collect();
    let problems: Vec<Problem> = together(waits).await.into_iter().filter_map(Result::err).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

async fn one(
    reader: &Reader,
    undoing: bool,
    image: &Image,
    deadline: Instant,
    progress: &(dyn Fn(&Key, Readiness) + Sync),
) -> Result<(), Problem> {
    match image.change {
        Change::Delete => gone(reader, image, deadline, progress).await?,
        _ if undoing || image.wave == Wave::Foundations => {
            standing(reader, image, deadline, progress).await?;
        }
        _ => {}
    }
    progress(&image.key, Readiness::Ready);
    Ok(())
}

async fn gone(
    reader: &Reader,
    image: &Image,
    deadline: Instant,
    progress: &(dyn Fn(&Key, Readiness) + Sync),
) -> Result<(), Problem> {
    let Some(uid) = image.before.as_ref().and_then(Object::uid) else { return Ok(()) };
    let held = |held: &str| {
        progress(&image.key, Readiness::Progressing { reason: format!("{NOT_GONE}: {held}") });
    };
    wait_until_gone(reader, &image.key, &image.api_version, (uid, &held), deadline).await
}

async fn standing(
    reader: &Reader,
    image: &Image,
    deadline: Instant,
    progress: &(dyn Fn(&Key, Readiness) + Sync),
) -> Result<(), Problem> {
    let key = &image.key;
    let mut said = String::new();
    loop {
        let live = reader.by_key(&image.api_version, key).await;
        let reason = match live {
            Ok(Some(live)) => match lacks(&live) {
                None if is_served(reader, &live).await => return Ok(()),
                None => "the API server does not serve its kind yet".to_owned(),
                Some(reason) => reason,
            },
            Ok(None) => "it is not there".to_owned(),
            Err(failure) if failure.leaves_outcome_unknown() || failure.is_retryable() => failure.message,
            Err(failure) => return Err(failure.problem(key)),
        };
        if reason != said {
            progress(key, Readiness::Progressing { reason: reason.clone() });
            said.clone_from(&reason);
        }
        if Instant::now() + LOOK_EVERY > deadline {
            return Err(unsettled(key, &reason));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn unsettled(key: &Key, reason: &str) -> Problem {
    Problem::new(
        key.to_string(),
        format!("it did not come through in time: {reason}"),
        "see why (kubectl describe), then resume: what is written stays written",
    )
}

/// What an object still lacks; `None` when it holds.
fn lacks(live: &Object) -> Option<String> {
    match (live.group(), live.kind()) {
        ("", "Namespace") => {
            let phase = live.text(&["status", "phase"]).unwrap_or("unknown");
            (phase != "Active").then(|| format!("the namespace is {phase}"))
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            (!has_condition(live, "Established")).then(|| "it is not Established yet".to_owned())
        }
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet") => rollout(live),
        _ => None,
    }
}

/// As `kubectl rollout status` judges.
fn rollout(live: &Object) -> Option<String> {
    let count = |path: &[&str]| live.at(path).and_then(Value::as_i64).unwrap_or(0);
    if count(&["status", "observedGeneration"]) < count(&["metadata", "generation"]) {
        return Some("the controller has not seen it yet".to_owned());
    }
    let (wanted, updated, ready) = if live.kind() == "DaemonSet" {
        (
            count(&["status", "desiredNumberScheduled"]),
            count(&["status", "updatedNumberScheduled"]),
            count(&["status", "numberAvailable"]),
        )
    } else {
        let wanted = live.at(&["spec", "replicas"]).and_then(Value::as_i64).unwrap_or(1);
        (wanted, count(&["status", "updatedReplicas"]), count(&["status", "availableReplicas"]))
    };
    let old = count(&["status", "replicas"]) > updated && live.kind() == "Deployment";
    if updated < wanted {
        Some(format!("{updated} of {wanted} pods are of the new version"))
    } else if old {
        Some("pods of the old version are still there".to_owned())
    } else if ready < wanted {
        Some(format!("{ready} of {wanted} pods are available"))
    } else {
        None
    }
}

fn has_condition(live: &Object, wanted: &str) -> bool {
    let conditions = live.at(&["status", "conditions"]).and_then(Value::as_array);
    conditions.into_iter().flatten().any(|condition| {
        condition.get("type").and_then(Value::as_str) == Some(wanted)
            && condition.get("status").and_then(Value::as_str) == Some("True")
    })
}

/// A CRD's first served version is in discovery.
async fn is_served(reader: &Reader, live: &Object) -> bool {
    if live.kind() != "CustomResourceDefinition" {
        return true;
    }
    let (Some(group), Some(kind)) = (live.text(&["spec", "group"]), live.text(&["spec", "names", "kind"]))
    else {
        return true;
    };
    let versions = live.at(&["spec", "versions"]).and_then(Value::as_array);
    let served = versions.into_iter().flatten().find(|version| version.get("served") == Some(&true.into()));
    let Some(version) = served.and_then(|version| version.get("name")).and_then(Value::as_str) else {
        return true;
    };
    matches!(reader.resource(&format!("{group}/{version}"), kind).await, Ok(Some(_)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::lacks;
    use crate::object::Object;

    #[test]
    fn a_rollout_waits_for_old_pods_to_go() {
        let deployment = |status| {
            Object(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"generation": 2},
                "spec": {"replicas": 2}, "status": status}))
        };
        let lacks = |status| lacks(&deployment(status)).unwrap_or_default();
        assert_eq!(lacks(json!({"observedGeneration": 1})), "the controller has not seen it yet");
        let partly =
            json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 2, "availableReplicas": 3});
        assert_eq!(lacks(partly), "pods of the old version are still there");
        let whole =
            json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2});
        assert_eq!(lacks(whole), "");
    }
}
