//! kubernetes/README.md.

use std::fmt::Write as _;

use super::{base, desk::Desk, draft::Draft, overlay, scaling, scaling::Scale, security::Level, shape::Kind};

/// The whole file.
pub(super) fn file(desk: &Desk<'_>, drafts: &[Draft<'_>]) -> String {
    let level = base::level(drafts);
    let mut rules = String::new();
    if drafts.iter().any(|draft| matches!(draft.scale, Scale::From(_))) {
        rules.push_str("- No `replicas` in a Deployment that has a HorizontalPodAutoscaler: applying one would undo its scaling.\n");
    }
    if drafts.iter().any(|draft| draft.kind == Kind::Deployment && !draft.ports.own.is_empty()) {
        rules.push_str("- Rolling updates keep every old pod until a new one is ready, and a pod goes on answering for ten seconds after it is told\n  to stop. The preStop `sleep` needs Kubernetes 1.30.\n");
    }
    rules.push_str("- `network-policy.yml` denies everything, then allows by the label that each of compose's networks became. A new service is\n  unreachable until it has the label and a policy there.\n");
    if !desk.generated.is_empty() {
        rules.push_str("- `files/` are copies of files that compose mounted; they become ConfigMaps with a hash in the name, and a change rolls the pods.\n");
    }
    if drafts.iter().any(|draft| !draft.environment.config.is_empty()) {
        rules.push_str("- `*-config.yml` keep their names; after a change of one alone, `kubectl rollout restart` its workload.\n");
    }
    if !desk.by_hand.is_empty() {
        let names: Vec<String> = desk.by_hand.keys().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(rules, "- Secrets are not here. Week 1 makes by hand: {}.", names.join(", "));
    }
    let namespaces: Vec<String> =
        overlay::ENVIRONMENTS.iter().map(|environment| overlay::namespace_of(desk, environment)).collect();
    let why = if level == Level::Restricted {
        "It enforces the pod security level `restricted`, and every pod here complies.".to_owned()
    } else {
        format!(
            "It enforces the pod security level `{}`: `base/namespace.yml` says because of which services it is not `restricted`.",
            level.word()
        )
    };
    format!(
        "# Manifests of {project}

Written by `migrate-tui init` from the compose files; yours to change. `MIGRATION.md` beside `plan.yaml` says what became of each
of their keys.

```
base/               what is the same everywhere
overlays/dev/       {dev}
overlays/staging/   as the compose files have it
overlays/prod/      {prod}
overlays/*/namespace/   the Namespace alone
```

The namespaces are {namespaces}. `kubectl kustomize overlays/staging` shows what is applied; `migrate-tui check ../plan.yaml`
builds all of them.

## The Namespace is a step of its own

An object belongs to exactly one step of the plan, and nothing can be dry-run in a namespace that does not exist yet. So
`base/namespace.yml` is built twice, never into the same output: `overlays/*/namespace` leaves out everything but the Namespace
(whatever lacks the label `pod-security.kubernetes.io/enforce`), and `overlays/*` leaves out the Namespace and nothing else.

{why}

## Rules of the house

{rules}",
        project = super::names::fit(&desk.project.name),
        dev = "one to three replicas, half of the requests",
        prod = prod(drafts),
        namespaces = namespaces.join(", "),
    )
}

fn prod(drafts: &[Draft<'_>]) -> String {
    let least = drafts
        .iter()
        .filter_map(|draft| if let Scale::From(least) = draft.scale { Some(least) } else { None })
        .max();
    match least {
        Some(least) => {
            format!("three to {} replicas of what scales, spread over zones", scaling::most(least).max(12))
        }
        None => "as the compose files have it".to_owned(),
    }
}
