//! plan.yaml: the four weeks of this stack.

use super::{
    charts,
    desk::Desk,
    draft::Draft,
    entries::{self, Entries, HOST},
    overlay::{self, ENVIRONMENTS},
    plan_needs, plan_traffic, plan_watch, plan_weeks,
    scaling::Scale,
    shape::Kind,
    yaml::{self, Map, text},
};

/// Questions that are asked one by one in the plan; more are looked up in MIGRATION.md.
const MOST_QUESTIONS: usize = 30;

/// The whole file. `not_mapped`: how many keys nothing stands for.
pub(super) fn file(desk: &Desk<'_>, drafts: &[Draft<'_>], entries: &Entries, not_mapped: usize) -> String {
    let name = super::names::fit(&desk.project.name);
    let environment = |environment: &&str| {
        let main = entries::in_environment(&entries.domain(desk), environment);
        let mut variables =
            Map::new().with(HOST, text(&main)).with("old_host", text(format!("legacy.{main}")));
        for variable in entries.hosts.keys().filter(|variable| *variable != HOST) {
            variables.put(variable, text(entries.host(variable, environment)));
        }
        Map::new()
            .with("name", *environment)
            .with("namespace", overlay::namespace_of(desk, environment))
            .with("confirm", if *environment == "prod" { "type-name" } else { "button" })
            .with("variables", variables)
    };
    let stages = vec![
        stage(
            "week-1",
            "Week 1 Manifests",
            "The stack runs in ${namespace} beside the old one, without traffic.",
            week_1(desk, drafts, not_mapped),
        ),
        plan_weeks::pipeline(desk, drafts),
        plan_watch::observability(drafts),
        plan_traffic::traffic(desk, drafts, entries),
    ];
    let map = Map::new()
        .with("name", name.as_str())
        .with("title", text(format!("{name}, from docker-compose to Kubernetes")))
        .note(if entries.is_named() { "Hosts of production as the compose files name them; the others, and the old stack's, are placeholders." } else { "The hosts are placeholders." })
        .with("environments", ENVIRONMENTS.iter().map(environment).collect::<Vec<_>>())
        .with("stages", stages);
    yaml::document("", &map)
}

pub(super) fn stage(id: &str, title: &str, summary: &str, steps: Vec<Map>) -> Map {
    Map::new().with("id", id).with("title", title).with("summary", summary).with("steps", steps)
}

/// A step that a person does.
pub(super) fn manual(
    id: &str,
    title: &str,
    description: &str,
    instructions: Vec<String>,
    wants_evidence: bool,
) -> Map {
    let instructions: Vec<yaml::Yaml> = instructions.into_iter().map(text).collect();
    let mut manual = Map::new().with("instructions", instructions);
    if wants_evidence {
        manual = manual.with("evidence", "required");
    }
    head(id, title, description).with("manual", manual)
}

pub(super) fn head(id: &str, title: &str, description: &str) -> Map {
    Map::new()
        .with("id", id)
        .with("title", title)
        .with_some("description", (!description.is_empty()).then_some(description))
}

/// A text of the input in the plan, where `${` names a variable.
pub(super) fn plain(input: &str) -> String {
    crate::words::clean(input).replace("${", "$${")
}

/// The gates that say that every workload runs.
pub(super) fn rollouts(drafts: &[Draft<'_>]) -> Vec<Map> {
    let gate = |draft: &&Draft<'_>| match draft.kind {
        Kind::Job => charts::condition(("batch/v1", "Job"), &draft.name, "Complete"),
        kind => Map::new().with("rollout", text(format!("{}/{}", kind.word(), draft.name))),
    };
    drafts.iter().filter(|draft| draft.kind != Kind::Init).map(|draft| gate(&draft)).collect()
}

fn week_1(desk: &Desk<'_>, drafts: &[Draft<'_>], not_mapped: usize) -> Vec<Map> {
    let mut steps = vec![report(not_mapped)];
    if !desk.questions.is_empty() {
        steps.push(questions(desk));
    }
    if !desk.data.is_empty() {
        steps.push(data(desk));
    }
    steps.push(manual(
        "jobs",
        "List what must not run twice",
        "While both stacks run, each of these runs in exactly one of them.",
        vec![
            "List cron jobs, queue consumers, schedulers, mail senders and webhooks of the old stack."
                .to_owned(),
            "Note for each how it is switched off there and on here; until week 4 it stays off here."
                .to_owned(),
        ],
        false,
    ));
    steps.push(cluster(desk, drafts));
    steps.push(
        head(
            "namespace",
            "Create the namespace",
            "A step of its own, because nothing can be tried out in a namespace that is not there.",
        )
        .with("kustomize", Map::new().with("path", text("kubernetes/overlays/${environment}/namespace")))
        .with("deadline", "1m"),
    );
    steps.extend(plan_needs::images(drafts));
    if drafts.iter().any(|draft| draft.is_private) {
        steps.push(plan_needs::pull_secret(drafts));
    }
    if !desk.by_hand.is_empty() {
        steps.push(plan_needs::secrets(desk));
    }
    steps.push(apply(drafts));
    steps.push(smoke(drafts));
    steps
}

fn report(not_mapped: usize) -> Map {
    let told = match not_mapped {
        0 => "MIGRATION.md beside this plan says what became of each key; every one is mapped, some of them approximated.".to_owned(),
        1 => "MIGRATION.md beside this plan says what became of each key; one is not mapped. Decide what becomes of it.".to_owned(),
        many => format!("MIGRATION.md beside this plan says what became of each key; {many} are not mapped. Decide for each what becomes of it."),
    };
    let compare =
        "On the old host, `docker compose ps` (or `podman ps`) shows nothing that is not in kubernetes/base."
            .to_owned();
    manual(
        "gap-report",
        "Read the gap report",
        "Nothing that was left out will be there after the move.",
        vec![told, compare],
        not_mapped > 0,
    )
}

fn questions(desk: &Desk<'_>) -> Map {
    let asked = |question: &super::desk::Question| {
        let place = question.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
        plain(&format!(
            "{}{place}: {}. Until then: {}.",
            question.subject,
            question.question.trim_end_matches('.'),
            question.meanwhile
        ))
    };
    let mut list: Vec<String> = desk.questions.iter().take(MOST_QUESTIONS).map(asked).collect();
    if desk.questions.len() > MOST_QUESTIONS {
        list.push(format!("MIGRATION.md has {} more.", desk.questions.len() - MOST_QUESTIONS));
    }
    manual(
        "questions",
        "Answer what the files do not say",
        "Write each answer into kubernetes/base.",
        list,
        true,
    )
}

fn data(desk: &Desk<'_>) -> Map {
    let mut list: Vec<String> = desk
        .data
        .iter()
        .map(|(claim, told)| plain(&format!("{told} becomes the claim {claim}: note its size, its growth and how long a copy takes, and write the size into the claim.")))
        .collect();
    list.push(
        "Restore a backup of each once, on another machine. A backup that was never restored is none."
            .to_owned(),
    );
    manual("data", "List the data to move", "", list, true)
}

fn cluster(desk: &Desk<'_>, drafts: &[Draft<'_>]) -> Map {
    let mut list = Vec::new();
    if drafts.iter().any(|draft| matches!(draft.scale, Scale::From(_))) {
        list.push(
            "`kubectl top nodes` answers: without a metrics API no HorizontalPodAutoscaler scales."
                .to_owned(),
        );
    }
    list.push("A NetworkPolicy is enforced (ask which network plugin runs); otherwise network-policy.yml protects nothing.".to_owned());
    list.push(
        "Free capacity on the nodes is more than the overlay's requests at its largest number of replicas."
            .to_owned(),
    );
    list.push("`kubectl version` shows a server of 1.30 or newer: the preStop sleep needs it.".to_owned());
    if !desk.data.is_empty() {
        list.push("`kubectl get storageclass` shows a default one, and its volumes stay when a claim is deleted (reclaim policy Retain) or are backed up.".to_owned());
    }
    if desk.shared_claims.values().any(|is_many| *is_many) {
        list.push("A StorageClass offers ReadWriteMany, for kubernetes/base/claims.yml.".to_owned());
    }
    manual("cluster", "See that the cluster is ready for it", "", list, false)
}

fn apply(drafts: &[Draft<'_>]) -> Map {
    let mut gates = rollouts(drafts);
    for draft in drafts.iter().filter(|draft| matches!(draft.scale, Scale::From(_))) {
        gates.push(Map::new().with("autoscaler", &draft.name));
    }
    head("overlay", "Apply the overlay", "Every service with what belongs to it, and the network policies.")
        .with("kustomize", Map::new().with("path", text("kubernetes/overlays/${environment}")))
        .with("deadline", "15m")
        .with_some("gates", Some(gates))
}

fn smoke(drafts: &[Draft<'_>]) -> Map {
    let mut list: Vec<String> = Vec::new();
    for draft in drafts {
        for outside in draft.ports.outside.iter().filter(|outside| outside.is_http) {
            let (name, number) = (&draft.name, outside.number);
            list.push(format!("`kubectl -n ${{namespace}} port-forward service/{name} 8080:{number}`, then `curl -sS http://127.0.0.1:8080/` answers as the old one does."));
        }
    }
    list.push("`kubectl -n ${namespace} logs` of each workload shows no error about a host, a variable or a file that is missing.".to_owned());
    if drafts.iter().any(|draft| matches!(draft.scale, Scale::From(_))) {
        list.push("`kubectl -n ${namespace} get hpa` shows percentages, not <unknown>.".to_owned());
    }
    manual("smoke", "Try it from inside", "", list, false)
}
