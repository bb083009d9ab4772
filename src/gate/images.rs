//! Are the images of an overlay in their registries, for what the nodes are?

use std::{collections::BTreeSet, path::Path};

use jiff::Timestamp;

use super::GateAnswer;
use crate::{
    cluster::{Failure, FailureKind, Reader},
    diff::Problem,
    object::Object,
    registry::{Found, Images, Listed},
    words::count,
};

/// What nodes are, as in `linux` and `amd64`.
type Node = (String, String);

/// Asks once. What does not hold is for a person: a registry is not asked again and again.
pub(super) async fn ask(
    reader: &Reader,
    images: &Images,
    path: &Path,
    subject: &str,
    now: Timestamp,
) -> GateAnswer {
    let (listed, nodes) = tokio::join!(images.of(path), reader.list("v1", "Node", None, None));
    match listed {
        Ok(listed) => judge(&listed, &nodes, subject, now),
        Err(problems) => GateAnswer::Failed {
            problem: problems.into_iter().next().unwrap_or_else(|| {
                Problem::new(subject, "it cannot be rendered", "run `migrate-tui check` on the plan")
            }),
        },
    }
}

fn judge(
    listed: &[Listed],
    nodes: &Result<Vec<Object>, Failure>,
    subject: &str,
    now: Timestamp,
) -> GateAnswer {
    let kinds: BTreeSet<Node> = nodes.iter().flatten().filter_map(kind_of).collect();
    let mut missing: Vec<(String, String)> = Vec::new();
    for one in listed {
        let image = &one.used.image;
        match &one.asked {
            Err(refusal) => missing.push((format!("{image}: {}", refusal.reason), refusal.remedy.clone())),
            Ok(found) => missing.extend(lacking(found, &kinds).map(|(os, architecture)| {
                let reason = format!(
                    "{image} is there for {}, and not for nodes of {os}/{architecture}",
                    found.platforms()
                );
                (reason, format!("build it for {os}/{architecture} as well, and push it under the same tag"))
            })),
        }
    }
    if let Some((_, remedy)) = missing.first() {
        let reasons: Vec<&str> = missing.iter().map(|(reason, _)| reason.as_str()).collect();
        return GateAnswer::Failed {
            problem: Problem::new(subject, reasons.join("; "), format!("{remedy}; then ask again")),
        };
    }
    let found =
        |one: &Listed| one.asked.as_ref().ok().map(|found| format!("{} {}", one.used.image, found.told(now)));
    let mut told: Vec<String> = listed.iter().filter_map(found).collect();
    told.push(match nodes {
        Ok(_) if kinds.is_empty() => "no node tells what it is, so platforms were not compared".to_owned(),
        Ok(_) => {
            let kinds: Vec<String> =
                kinds.iter().map(|(os, architecture)| format!("{os}/{architecture}")).collect();
            format!("the nodes are {}", kinds.join(", "))
        }
        Err(failure) if failure.kind == FailureKind::Forbidden => {
            "you may not read nodes, so platforms were not compared".to_owned()
        }
        Err(failure) => {
            format!("nodes could not be read, so platforms were not compared: {}", failure.message)
        }
    });
    let is_stand_in = |one: &Listed| one.asked.as_ref().is_ok_and(|found| found.stand_in);
    GateAnswer::Passed {
        detail: format!("{}: {}", count(listed.len(), "image", "images"), told.join("; ")),
        simulated: listed.iter().any(is_stand_in),
    }
}

/// Kinds of node that an image does not run on; none where it does not tell what it runs on.
fn lacking<'n>(found: &Found, kinds: &'n BTreeSet<Node>) -> impl Iterator<Item = &'n Node> {
    let platforms = found.platforms.clone();
    kinds.iter().filter(move |(os, architecture)| {
        !platforms.is_empty() && !platforms.iter().any(|platform| platform.runs_on(os, architecture))
    })
}

/// As its labels say, else as its kubelet has told.
fn kind_of(node: &Object) -> Option<Node> {
    let told = |label: &str, field: &str| {
        let label = node.text(&["metadata", "labels", label]);
        label
            .or_else(|| node.text(&["status", "nodeInfo", field]))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    Some((told("kubernetes.io/os", "operatingSystem")?, told("kubernetes.io/arch", "architecture")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::judge;
    use crate::{
        cluster::{Failure, FailureKind},
        gate::GateAnswer,
        object::Object,
        pin::{ImageName, Used},
        registry::{Found, Listed, Platform, Refusal, RefusalSort},
    };

    fn listed(image: &str, architectures: &[&str]) -> Listed {
        let platform =
            |name: &&str| Platform { os: "linux".into(), architecture: (*name).into(), variant: None };
        Listed {
            used: Used { image: ImageName::parse(image), by: vec!["Deployment/app".into()] },
            asked: Ok(Found {
                digest: format!("sha256:{}", "ab".repeat(32)),
                platforms: architectures.iter().map(platform).collect(),
                created: None,
                size: None,
                stand_in: false,
            }),
        }
    }

    fn node(architecture: &str) -> Object {
        let labels = json!({"kubernetes.io/os": "linux", "kubernetes.io/arch": architecture});
        Object(
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": architecture, "labels": labels}}),
        )
    }

    fn told(listed: &[Listed], nodes: &Result<Vec<Object>, Failure>) -> Result<String, String> {
        match judge(listed, nodes, "images", jiff::Timestamp::UNIX_EPOCH) {
            GateAnswer::Passed { detail, .. } => Ok(detail),
            GateAnswer::Failed { problem } => Err(problem.reason),
            GateAnswer::NotYet { reason } => panic!("{reason}"),
        }
    }

    #[test]
    fn every_kind_of_node_must_be_built_for() {
        let images = [listed("a:1", &["amd64", "arm64"]), listed("b:1", &["amd64"])];
        let held = told(&images, &Ok(vec![node("amd64")])).unwrap();
        assert!(held.starts_with("2 images: a:1 abababababab · linux/amd64, linux/arm64"), "{held}");
        assert!(held.ends_with("the nodes are linux/amd64"), "{held}");
        let open = told(&images, &Ok(vec![node("amd64"), node("arm64")])).unwrap_err();
        assert_eq!(open, "b:1 is there for linux/amd64, and not for nodes of linux/arm64");
    }

    #[test]
    fn nodes_that_cannot_be_read_are_said_and_stop_nothing() {
        let refused = Failure::without_answer(FailureKind::Forbidden, "no");
        let held = told(&[listed("a:1", &["s390x"])], &Err(refused)).unwrap();
        assert!(held.contains("you may not read nodes"), "{held}");
        assert!(told(&[listed("a:1", &["s390x"])], &Ok(Vec::new())).unwrap().contains("no node tells"));
    }

    #[test]
    fn what_is_missing_is_listed_whole() {
        let refusal =
            Refusal { sort: RefusalSort::Absent, reason: "no such tag".into(), remedy: "push it".into() };
        let missing = Listed { asked: Err(refusal), ..listed("c:1", &[]) };
        let open = told(&[listed("a:1", &["arm64"]), missing], &Ok(vec![node("amd64")])).unwrap_err();
        assert!(open.contains("a:1 is there for linux/arm64") && open.contains("c:1: no such tag"), "{open}");
    }
}
